#include "base/rng.h"

#include <math.h> // log, sqrt

static uint64_t splitmix(uint64_t *x) {
  uint64_t z = *x += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

static uint64_t rotate(uint64_t x, int k) {
  return x << k | x >> (64 - k);
}

void lw_rng_init(lw_rng *r, uint64_t seed, uint64_t stream) {
  uint64_t a = seed, b = stream;
  // Hash both, so that stream 1 of seed 2 is not stream 2 of seed 1.
  uint64_t x = splitmix(&a) ^ rotate(splitmix(&b), 32);
  for (int i = 0; i < 4; i++)
    r->s[i] = splitmix(&x);
}

uint64_t lw_rng_next(lw_rng *r) {
  uint64_t *s = r->s;
  uint64_t result = rotate(s[0] + s[3], 23) + s[0];
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

double lw_rng_uniform(lw_rng *r) {
  return (double)(lw_rng_next(r) >> 11) * 0x1p-53;
}

// Marsaglia's polar method; the second value is dropped so that the state stays
// four words.
double lw_rng_normal(lw_rng *r) {
  double u, q;
  do {
    u = 2 * lw_rng_uniform(r) - 1;
    double v = 2 * lw_rng_uniform(r) - 1;
    q = u * u + v * v;
  } while (q >= 1 || q == 0);
  return u * sqrt(-2 * log(q) / q);
}

int64_t lw_rng_integer(lw_rng *r, int64_t lo, int64_t hi) {
  uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;
  if (span == 0) // the whole of int64
    return (int64_t)lw_rng_next(r);
  // Refuse the part of 2^64 that span does not divide.
  uint64_t limit = UINT64_MAX - (UINT64_MAX % span + 1) % span, x;
  do
    x = lw_rng_next(r);
  while (x > limit);
  return (int64_t)((uint64_t)lo + x % span);
}
