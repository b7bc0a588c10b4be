#include "dsp/resample.h"

#include <math.h>   // isfinite, NAN
#include <string.h> // memcpy, memset

#include "base/err.h" // LW_E_*
#include "dsp/fir.h"
#include "dsp/isa.h"
#include "dsp/taps.h"

// Index of the next finite reading from i on, or n.
static size_t next_good(const double *x, size_t i, size_t n) {
  while (i < n && !isfinite(x[i]))
    i++;
  return i;
}

int lw_resample_grid(const double *t, const double *x, size_t n, double from,
                     double step, double gap, size_t m, double *y) {
  if (!(step > 0) || !isfinite(step) || !(gap > 0) || !isfinite(from))
    return LW_E_RANGE;
  for (size_t i = 1; i < n; i++)
    if (!(t[i] >= t[i - 1]))
      return LW_E_SHAPE;
  size_t a = next_good(x, 0, n), b = next_good(x, a + 1, n);
  for (size_t k = 0; k < m; k++) {
    double at = from + (double)k * step;
    while (b < n && t[b] <= at) {
      a = b;
      b = next_good(x, b + 1, n);
    }
    y[k] = NAN;
    if (a < n && t[a] == at)
      y[k] = x[a];
    else if (b < n && t[a] < at && t[b] - t[a] <= gap)
      y[k] = x[a] + (x[b] - x[a]) * ((at - t[a]) / (t[b] - t[a]));
  }
  return 0;
}

void lw_resample_travel(const double *speed, size_t n, double dt_s, double *t) {
  double place = 0;
  for (size_t i = 0; i < n; i++) {
    if (i)
      place += (speed[i - 1] + speed[i]) / 2 * dt_s;
    t[i] = place;
  }
}

int lw_resample_decimate(const double *x, size_t n, size_t factor, double *work,
                         double *y) {
  if (factor < 1 || factor > LW_DECIMATE_MAX || n < 1)
    return LW_E_RANGE;
  if (factor == 1) {
    memcpy(y, x, n * sizeof *y);
    return 0;
  }
  size_t half = 10 * factor, tap_n = 2 * half + 1;
  size_t padded = (tap_n + LW_FIR_PAD - 1) / LW_FIR_PAD * LW_FIR_PAD;
  double *tap = work, *wide = work + padded, *smooth = wide + n + 2 * half + 64;
  memset(work, 0, (padded + n + 2 * half + 64) * sizeof *work);
  int rc = lw_taps_ideal(0, 0.45 / (double)factor, LW_KAISER, 8, tap_n, tap);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < half; i++) {
    wide[i] = x[0];
    wide[half + n + i] = x[n - 1];
  }
  memcpy(wide + half, x, n * sizeof *x);
  lw_fir_correlate(lw_dsp_isa(), tap, tap_n, wide, n, smooth);
  for (size_t i = 0; i * factor < n; i++)
    y[i] = smooth[i * factor];
  return 0;
}
