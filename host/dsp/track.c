#include "dsp/track.h"

#include <math.h> // expm1, fabs, isfinite, isnan, NAN

#include "base/err.h" // LW_E_*

// ----------------------------------------------------------- alpha-beta ---

int lw_alphabeta_init(lw_alphabeta *f, double alpha, double beta, double dt_s) {
  if (!(alpha > 0 && alpha <= 1) || !(beta > 0 && beta < 4 - 2 * alpha) ||
      !(dt_s > 0) || !isfinite(dt_s))
    return LW_E_RANGE;
  *f = (lw_alphabeta){.alpha = alpha, .beta = beta, .dt_s = dt_s, .last = NAN};
  return 0;
}

void lw_alphabeta_run(lw_alphabeta *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]) && isnan(f->last)) {
      f->last = x[i];
    } else if (isfinite(x[i])) {
      double ahead = f->last + f->slope * f->dt_s, miss = x[i] - ahead;
      f->last = ahead + f->alpha * miss;
      f->slope += f->beta * miss / f->dt_s;
    }
    y[i] = f->last;
  }
}

void lw_alphabeta_reset(lw_alphabeta *f) {
  f->last = NAN;
  f->slope = 0;
}

void lw_alphabeta_save(const lw_alphabeta *f, double *state) {
  state[0] = f->last;
  state[1] = f->slope;
}

int lw_alphabeta_load(lw_alphabeta *f, const double *state) {
  lw_alphabeta_reset(f);
  if (!isfinite(state[1]))
    return LW_E_CORRUPT;
  f->last = state[0];
  f->slope = state[1];
  return 0;
}

// ------------------------------------------------------------- integral ---

int lw_integral_init(lw_integral *f, double dt_s) {
  if (!(dt_s > 0) || !isfinite(dt_s))
    return LW_E_RANGE;
  *f = (lw_integral){.dt_s = dt_s, .last = NAN};
  return 0;
}

static void accumulate(lw_integral *f, double step) {
  double sum = f->last + step;
  f->rest += fabs(f->last) >= fabs(step) ? (f->last - sum) + step
                                         : (step - sum) + f->last;
  f->last = sum;
}

void lw_integral_run(lw_integral *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    f->gap_n++;
    if (isfinite(x[i])) {
      if (isnan(f->last))
        f->last = 0;
      else
        accumulate(f, (f->before + x[i]) / 2 * (f->gap_n * f->dt_s));
      f->before = x[i];
      f->gap_n = 0;
    }
    y[i] = f->last + f->rest;
  }
}

void lw_integral_reset(lw_integral *f) {
  f->last = NAN;
  f->rest = f->before = f->gap_n = 0;
}

void lw_integral_save(const lw_integral *f, double *state) {
  state[0] = f->last;
  state[1] = f->rest;
  state[2] = f->before;
  state[3] = f->gap_n;
}

int lw_integral_load(lw_integral *f, const double *state) {
  lw_integral_reset(f);
  if (!isfinite(state[1]) || !isfinite(state[2]) || !(state[3] >= 0))
    return LW_E_CORRUPT;
  f->last = state[0];
  f->rest = state[1];
  f->before = state[2];
  f->gap_n = state[3];
  return 0;
}

// ----------------------------------------------------------------- fill ---

int lw_fill_init(lw_fill *f, double most) {
  if (!(most >= 0 && most <= 1e9))
    return LW_E_RANGE;
  *f = (lw_fill){.most = most, .last = NAN};
  return 0;
}

void lw_fill_run(lw_fill *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    int good = isfinite(x[i]);
    f->held_n = good ? 0 : f->held_n + 1;
    if (good)
      f->last = x[i];
    y[i] = f->held_n > f->most ? NAN : f->last;
  }
}

void lw_fill_reset(lw_fill *f) {
  f->last = NAN;
  f->held_n = 0;
}

void lw_fill_save(const lw_fill *f, double *state) {
  state[0] = f->last;
  state[1] = f->held_n;
}

int lw_fill_load(lw_fill *f, const double *state) {
  lw_fill_reset(f);
  if (!(state[1] >= 0))
    return LW_E_CORRUPT;
  f->last = state[0];
  f->held_n = state[1];
  return 0;
}

// -------------------------------------------------------- complementary ---

int lw_complementary_init(lw_complementary *f, double tau_s, double dt_s) {
  if (!(tau_s > 0) || !isfinite(tau_s) || !(dt_s > 0) || !isfinite(dt_s))
    return LW_E_RANGE;
  *f = (lw_complementary){
      .gain = -expm1(-dt_s / tau_s), .dt_s = dt_s, .last = NAN};
  return 0;
}

void lw_complementary_run(lw_complementary *f, const double *level,
                          const double *rate, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    double at = level[i], turn = isfinite(rate[i]) ? rate[i] : 0;
    double ahead = f->last + turn * f->dt_s;
    if (!isfinite(at))
      f->last = ahead;
    else
      f->last = isnan(f->last) ? at : ahead + f->gain * (at - ahead);
    y[i] = f->last;
  }
}

void lw_complementary_reset(lw_complementary *f) {
  f->last = NAN;
}

void lw_complementary_save(const lw_complementary *f, double *state) {
  state[0] = f->last;
}

void lw_complementary_load(lw_complementary *f, const double *state) {
  f->last = state[0];
}

// ----------------------------------------------------------- derivative ---

int lw_derivative_init(lw_derivative *f, double tau_s, double dt_s) {
  if (!(tau_s >= 0) || !isfinite(tau_s) || !(dt_s > 0) || !isfinite(dt_s))
    return LW_E_RANGE;
  double gain = tau_s > 0 ? -expm1(-dt_s / tau_s) : 1;
  *f = (lw_derivative){.gain = gain, .dt_s = dt_s};
  lw_derivative_reset(f);
  return 0;
}

void lw_derivative_run(lw_derivative *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      double change = isnan(f->mean) ? 0 : f->gain * (x[i] - f->mean);
      f->mean = isnan(f->mean) ? x[i] : f->mean + change;
      f->last = change / f->dt_s;
    }
    y[i] = f->last;
  }
}

void lw_derivative_reset(lw_derivative *f) {
  f->mean = f->last = NAN;
}

double lw_derivative_delay(const lw_derivative *f) {
  return 1 / f->gain - 0.5; // the lag's, and half a sample of the difference
}

void lw_derivative_save(const lw_derivative *f, double *state) {
  state[0] = f->last;
  state[1] = f->mean;
}

int lw_derivative_load(lw_derivative *f, const double *state) {
  lw_derivative_reset(f);
  if (isnan(state[0]) != isnan(state[1]))
    return LW_E_CORRUPT;
  f->last = state[0];
  f->mean = state[1];
  return 0;
}
