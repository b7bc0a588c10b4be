#include "dsp/slew.h"

#include <math.h> // isfinite, isnan, NAN

#include "base/err.h" // LW_E_RANGE

int lw_slew_init(lw_slew *f, double up_per_s, double down_per_s, double dt_s) {
  if (!(up_per_s > 0) || !(down_per_s > 0) || !(dt_s > 0) || !isfinite(dt_s))
    return LW_E_RANGE;
  *f = (lw_slew){.up = up_per_s * dt_s, .down = down_per_s * dt_s, .last = NAN};
  return 0;
}

void lw_slew_run(lw_slew *f, const double *x, size_t n, double *y) {
  double last = f->last;
  for (size_t i = 0; i < n; i++) {
    if (isnan(last) && isfinite(x[i]))
      last = x[i];
    else if (isfinite(x[i]) && x[i] - last > f->up)
      last += f->up;
    else if (isfinite(x[i]) && last - x[i] > f->down)
      last -= f->down;
    else if (isfinite(x[i]))
      last = x[i];
    y[i] = last;
  }
  f->last = last;
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
