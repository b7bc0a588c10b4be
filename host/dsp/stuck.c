#include "dsp/stuck.h"

#include <math.h>   // ceil, fmax, fmin, isfinite, NAN
#include <stdint.h> // SIZE_MAX

#include "base/err.h" // LW_E_*

#define COUNT_MAX 1e9

int lw_stuck_init(lw_stuck *f, double band, double within_s, double dt_s) {
  if (!isfinite(band) || band < 0 || !(within_s > 0) || !(dt_s > 0) ||
      !isfinite(dt_s) || !(within_s / dt_s < COUNT_MAX))
    return LW_E_RANGE;
  size_t within_n = (size_t)ceil(within_s / dt_s * (1 - 1e-9));
  *f = (lw_stuck){.band = band, .within_n = within_n ? within_n : 1};
  lw_stuck_reset(f);
  return 0;
}

static void take(lw_stuck *f, double x) {
  double low = fmin(f->low, x), high = fmax(f->high, x); // fmin drops a NaN
  int moved = !(high - low <= f->band);
  if (moved || isnan(f->last)) {
    low = high = x;
    f->still_n = 0;
  } else if (f->still_n < SIZE_MAX) {
    f->still_n++;
  }
  f->low = low;
  f->high = high;
  f->last = x;
}

void lw_stuck_run(lw_stuck *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]))
      take(f, x[i]);
    y[i] = lw_stuck_is(f) ? NAN : f->last;
  }
}

void lw_stuck_flag(lw_stuck *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]))
      take(f, x[i]);
    y[i] = lw_stuck_is(f);
  }
}

int lw_stuck_is(const lw_stuck *f) {
  return f->still_n >= f->within_n;
}

double lw_stuck_still_n(const lw_stuck *f) {
  return (double)f->still_n;
}

void lw_stuck_reset(lw_stuck *f) {
  f->still_n = 0;
  f->low = f->high = f->last = NAN;
}

void lw_stuck_save(const lw_stuck *f, double *state) {
  state[0] = f->last;
  state[1] = f->low;
  state[2] = f->high;
  state[3] = (double)f->still_n;
}

int lw_stuck_load(lw_stuck *f, const double *state) {
  lw_stuck_reset(f);
  if (!(state[3] >= 0 && state[3] < 1e15))
    return LW_E_CORRUPT;
  f->last = state[0];
  f->low = state[1];
  f->high = state[2];
  f->still_n = (size_t)state[3];
  return 0;
}
