#include "dsp/gate.h"

#include <math.h> // ceil, fabs, isfinite, isnan, NAN

#include "base/err.h" // LW_E_*

#define COUNT_MAX 1e9 // longest wait [samples]: 115 days at 100 Hz

// A saved count of samples, or -1.
static double count_of(double saved) {
  return saved >= 0 && saved <= COUNT_MAX && saved == floor(saved) ? saved : -1;
}

// ------------------------------------------------------------ dead band ---

int lw_deadband_init(lw_deadband *f, double band) {
  if (!isfinite(band) || band < 0)
    return LW_E_RANGE;
  *f = (lw_deadband){.band = band, .last = NAN};
  return 0;
}

void lw_deadband_run(lw_deadband *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]) && !(fabs(x[i] - f->last) <= f->band))
      f->last = x[i];
    y[i] = f->last;
  }
}

void lw_deadband_reset(lw_deadband *f) {
  f->last = NAN;
}

void lw_deadband_save(const lw_deadband *f, double *state) {
  state[0] = f->last;
}

void lw_deadband_load(lw_deadband *f, const double *state) {
  f->last = state[0];
}

// ----------------------------------------------------------- hysteresis ---

int lw_hysteresis_init(lw_hysteresis *f, double on, double off) {
  if (!isfinite(on) || !isfinite(off) || on == off)
    return LW_E_RANGE;
  *f = (lw_hysteresis){.on = on, .off = off, .last = NAN};
  return 0;
}

void lw_hysteresis_run(lw_hysteresis *f, const double *x, size_t n, double *y) {
  double side = f->on > f->off ? 1 : -1;
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      if (side * x[i] >= side * f->on)
        f->last = 1;
      else if (side * x[i] <= side * f->off || isnan(f->last))
        f->last = 0;
    }
    y[i] = f->last;
  }
}

void lw_hysteresis_reset(lw_hysteresis *f) {
  f->last = NAN;
}

void lw_hysteresis_save(const lw_hysteresis *f, double *state) {
  state[0] = f->last;
}

void lw_hysteresis_load(lw_hysteresis *f, const double *state) {
  f->last = state[0];
}

// ------------------------------------------------------------- debounce ---

int lw_debounce_init(lw_debounce *f, double hold_s, double dt_s) {
  if (!(hold_s >= 0) || !(dt_s > 0) || !isfinite(dt_s) ||
      !(hold_s / dt_s < COUNT_MAX))
    return LW_E_RANGE;
  // A hair less, so that 0.3 s of 0.1 s samples are three and not four.
  size_t hold_n = (size_t)ceil(hold_s / dt_s * (1 - 1e-9));
  *f = (lw_debounce){.hold_n = hold_n, .candidate = NAN, .last = NAN};
  return 0;
}

static void debounce_one(lw_debounce *f, double x) {
  if (isnan(f->last) || x == f->last) {
    f->last = x;
    f->standing_n = 0;
    f->candidate = NAN;
    return;
  }
  f->standing_n = x == f->candidate ? f->standing_n + 1 : 0;
  f->candidate = x;
  if (f->standing_n >= f->hold_n) {
    f->last = x;
    f->standing_n = 0;
    f->candidate = NAN;
  }
}

void lw_debounce_run(lw_debounce *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]))
      debounce_one(f, x[i]);
    y[i] = f->last;
  }
}

void lw_debounce_reset(lw_debounce *f) {
  f->last = f->candidate = NAN;
  f->standing_n = 0;
}

void lw_debounce_save(const lw_debounce *f, double *state) {
  state[0] = f->last;
  state[1] = f->candidate;
  state[2] = (double)f->standing_n;
}

int lw_debounce_load(lw_debounce *f, const double *state) {
  lw_debounce_reset(f);
  double standing_n = count_of(state[2]);
  if (standing_n < 0)
    return LW_E_CORRUPT;
  f->last = state[0];
  f->candidate = state[1];
  f->standing_n = (size_t)standing_n;
  return 0;
}

// -------------------------------------------------------------- despike ---

int lw_despike_init(lw_despike *f, double step, size_t most) {
  if (!isfinite(step) || step < 0 || most < 1 || (double)most > COUNT_MAX)
    return LW_E_RANGE;
  *f = (lw_despike){.step = step, .most = most, .last = NAN};
  return 0;
}

static void despike_one(lw_despike *f, double x) {
  int jumps = fabs(x - f->last) > f->step; // false for the first sample
  if (jumps && f->held_n < f->most) {
    f->held_n++;
    return;
  }
  f->held_n = 0;
  f->last = x;
}

void lw_despike_run(lw_despike *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]))
      despike_one(f, x[i]);
    y[i] = f->last;
  }
}

void lw_despike_reset(lw_despike *f) {
  f->last = NAN;
  f->held_n = 0;
}

void lw_despike_save(const lw_despike *f, double *state) {
  state[0] = f->last;
  state[1] = (double)f->held_n;
}

int lw_despike_load(lw_despike *f, const double *state) {
  lw_despike_reset(f);
  double held_n = count_of(state[1]);
  if (held_n < 0)
    return LW_E_CORRUPT;
  f->last = state[0];
  f->held_n = (size_t)held_n;
  return 0;
}
