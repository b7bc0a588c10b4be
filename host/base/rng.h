// Random numbers that are the same on every machine: xoshiro256++, seeded by
// splitmix64. Not for secrets.
//
// Source: D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number
// Generators", ACM TOMS 47(4), 2021; G. L. Steele et al., "Fast Splittable
// Pseudorandom Number Generators", OOPSLA 2014 (splitmix64).
#ifndef LW_BASE_RNG_H
#define LW_BASE_RNG_H

#include <stdint.h> // uint64_t

typedef struct lw_rng {
  uint64_t s[4]; // never all zero
} lw_rng;

// Different streams of one seed are independent.
void lw_rng_init(lw_rng *r, uint64_t seed, uint64_t stream);
uint64_t lw_rng_next(lw_rng *r);  // 64 random bits
double lw_rng_uniform(lw_rng *r); // in [0, 1), 53 bits
double lw_rng_normal(lw_rng *r);  // mean 0, standard deviation 1
// Uniform in [lo, hi], without bias; needs lo <= hi.
int64_t lw_rng_integer(lw_rng *r, int64_t lo, int64_t hi);

#endif
