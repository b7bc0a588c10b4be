#include "dsp/slew.h"

#include <math.h> // isfinite, NAN

#include "base/err.h" // LW_E_RANGE

int lw_slew_init(lw_slew *f, double up_per_s, double down_per_s, double dt_s) {
  if (!(up_per_s > 0) || !(down_per_s > 0) || !(dt_s > 0) || !isfinite(dt_s))
    return LW_E_RANGE;
  *f = (lw_slew){.up = up_per_s * dt_s,
                 .down = down_per_s * dt_s,
                 .dt_s = dt_s,
                 .last = NAN};
  return 0;
}

static double follow(double last, double x, double up, double down) {
  if (!isfinite(x))
    return last;
  if (x - last > up)
    return last + up;
  if (last - x > down)
    return last - down;
  return x; // also the first sample: compares with NaN are false
}

void lw_slew_run(lw_slew *f, const double *x, size_t n, double *y) {
  double last = f->last;
  for (size_t i = 0; i < n; i++)
    y[i] = last = follow(last, x[i], f->up, f->down);
  f->last = last;
}

double lw_slew_step_dt(lw_slew *f, double x, double dt_s) {
  double part = dt_s >= 0 ? dt_s / f->dt_s : 0;
  return f->last = follow(f->last, x, f->up * part, f->down * part);
}

void lw_slew_reset(lw_slew *f) {
  f->last = NAN;
}

void lw_slew_save(const lw_slew *f, double *state) {
  state[0] = f->last;
}

void lw_slew_load(lw_slew *f, const double *state) {
  f->last = state[0];
}
