#include "infer/convert.h"

#include <stdint.h> // uint32_t
#include <string.h> // memcpy

// The exponent of NaN and infinity is all ones. Compared as whole numbers,
// since a sum of floats has an order that no compiler may change.
#define FLOAT_ENDS UINT32_C(0x7f800000)
#define DOUBLE_ENDS UINT64_C(0x7ff0000000000000)

int lw_convert_f32(const double *x, size_t n, float *y) {
  uint32_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    union {
      float f;
      uint32_t u;
    } v = {(float)x[i]};
    y[i] = v.f;
    bad |= (v.u & FLOAT_ENDS) == FLOAT_ENDS;
  }
  return !bad;
}

int lw_convert_f64(const double *x, size_t n, double *y) {
  uint64_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t u;
    memcpy(&u, &x[i], sizeof u);
    bad |= (u & DOUBLE_ENDS) == DOUBLE_ENDS;
  }
  memcpy(y, x, n * sizeof *x);
  return !bad;
}
