#include "dsp/ewma.h"

#include <math.h> // expm1, isfinite, isnan, NAN

#include "base/err.h" // LW_E_RANGE
#include "dsp/finite.h"
#include "dsp/isa.h"

// Four samples at a time: u[j] is what the block's own samples add, found
// without waiting for the mean. The mean then moves by u - reach * mean, whose
// terms cancel exactly on a constant input, so the direct-current gain stays 1
// however small g is (a plain (1-g) y + g x would lose digits there).
LW_BODY void ewma_body(lw_ewma *f, const double *x, size_t n, double *y) {
  double g = f->gain, mean = f->mean;
  double r0 = f->reach[0], r1 = f->reach[1], r2 = f->reach[2], r3 = f->reach[3];
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    double u0 = g * x[i];
    double u1 = u0 + g * (x[i + 1] - u0);
    double u2 = u1 + g * (x[i + 2] - u1);
    double u3 = u2 + g * (x[i + 3] - u2);
    y[i] = mean + (u0 - r0 * mean);
    y[i + 1] = mean + (u1 - r1 * mean);
    y[i + 2] = mean + (u2 - r2 * mean);
    mean += u3 - r3 * mean;
    y[i + 3] = mean;
  }
  for (; i < n; i++)
    y[i] = mean += g * (x[i] - mean);
  f->mean = mean;
}
LW_CLONES(ewma, (lw_ewma * f, const double *x, size_t n, double *y),
          (f, x, n, y))

int lw_ewma_init(lw_ewma *f, double tau_s, double dt_s) {
  if (!isfinite(tau_s) || !isfinite(dt_s) || tau_s <= 0 || dt_s <= 0)
    return LW_E_RANGE;
  // expm1 keeps the gain exact when dt_s is far below tau_s.
  *f = (lw_ewma){.tau_s = tau_s,
                 .gain = -expm1(-dt_s / tau_s),
                 .mean = NAN,
                 .isa = lw_dsp_isa()};
  for (int k = 0; k < 4; k++)
    f->reach[k] = -expm1(-(k + 1) * dt_s / tau_s);
  return 0;
}

void lw_ewma_run(lw_ewma *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n;) {
    size_t k = lw_finite_n(f->isa, x + i, n - i);
    if (k && isnan(f->mean))
      f->mean = x[i];
    if (k == 1)
      y[i] = f->mean += f->gain * (x[i] - f->mean);
    else
      ewma_at(f->isa)(f, x + i, k, y + i);
    i = lw_finite_hold(x, i + k, n, f->mean, y);
  }
}

double lw_ewma_step_dt(lw_ewma *f, double x, double dt_s) {
  if (!isfinite(x) || !(dt_s >= 0))
    return f->mean;
  if (isnan(f->mean))
    return f->mean = x;
  return f->mean += -expm1(-dt_s / f->tau_s) * (x - f->mean);
}

void lw_ewma_reset(lw_ewma *f) {
  f->mean = NAN;
}

double lw_ewma_delay(const lw_ewma *f) {
  return 1 / f->gain - 1;
}

void lw_ewma_save(const lw_ewma *f, double *state) {
  state[0] = f->mean;
}

void lw_ewma_load(lw_ewma *f, const double *state) {
  f->mean = state[0];
}
