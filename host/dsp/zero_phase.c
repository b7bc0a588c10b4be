#include "dsp/zero_phase.h"

#include <string.h> // memcpy

#include "base/err.h" // LW_E_SHAPE

static void reverse(double *x, size_t n) {
  for (size_t i = 0; i < n / 2; i++) {
    double t = x[i];
    x[i] = x[n - 1 - i];
    x[n - 1 - i] = t;
  }
}

int lw_zero_phase(lw_sweep sweep, void *f, const double *x, size_t n,
                  size_t pad, double *work, double *y) {
  if (pad >= n)
    return LW_E_SHAPE;
  for (size_t i = 0; i < pad; i++) {
    work[i] = 2 * x[0] - x[pad - i];
    work[pad + n + i] = 2 * x[n - 1] - x[n - 2 - i];
  }
  memcpy(work + pad, x, n * sizeof *x);
  for (int way = 0; way < 2; way++) {
    sweep(f, work, n + 2 * pad);
    reverse(work, n + 2 * pad);
  }
  memcpy(y, work + pad, n * sizeof *y);
  return 0;
}
