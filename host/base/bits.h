// The bits of a double as a number, and back: how values travel through
// atomics, files and protocols without a change, NaN and -0.0 included.
#ifndef LW_BASE_BITS_H
#define LW_BASE_BITS_H

#include <stdint.h> // uint64_t
#include <string.h> // memcpy

static inline uint64_t lw_bits_of_double(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double lw_double_of_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

#endif
