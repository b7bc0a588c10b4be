// The Kalman filter of one smooth signal, lw_tracker of kalman.h. Its states
// count in samples: value, change a sample, change of that.
#include <math.h> // isfinite, isnan, NAN

#include "base/err.h" // LW_E_*
#include "dsp/kalman.h"

#define ORDER_MAX 3

int lw_tracker_init(lw_tracker *f, int order, double noise, double wander) {
  if (order < 1 || order > ORDER_MAX || !(noise > 0) || !(wander > 0))
    return LW_E_RANGE;
  // The model of a value thrown about by jolts: Taylor's series, and what one
  // jolt does to each state.
  static const double taylor[] = {1, 1, 0.5, 0, 1, 1, 0, 0, 1};
  static const double jolts[ORDER_MAX][ORDER_MAX] = {
      {1, 0, 0}, {0.5, 1, 0}, {0.5, 1, 1}};
  const double *jolt = jolts[order - 1];
  double a[9], h[3] = {1, 0, 0}, q[9], r = noise * noise, x[3] = {0};
  double p[9] = {0};
  size_t n = (size_t)order;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      a[i * n + j] = taylor[i * ORDER_MAX + j];
      q[i * n + j] = jolt[i] * jolt[j] * wander * wander;
    }
  // What one reading tells of the value, and nothing yet of its slope but that
  // two readings will.
  for (size_t i = 0; i < n; i++)
    p[i * n + i] = (i ? 2.0 * (double)i : 1) * r;
  lw_kalman_model model = {n, 1, a, h, q, &r, x, p};
  lw_tracker made = {.last = NAN};
  int rc = lw_kalman_init(&made.k, &model);
  if (rc == 0)
    *f = made;
  return rc;
}

void lw_tracker_run(lw_tracker *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]) && isnan(f->last))
      f->k.x[0] = x[i];
    else if (isfinite(x[i]))
      lw_kalman_step(&f->k, &x[i]);
    if (isfinite(x[i]))
      f->last = f->k.x[0];
    y[i] = f->last;
  }
}

void lw_tracker_reset(lw_tracker *f) {
  lw_kalman_reset(&f->k);
  f->last = NAN;
}

size_t lw_tracker_state_n(const lw_tracker *f) {
  return 1 + lw_kalman_state_n(&f->k);
}

void lw_tracker_save(const lw_tracker *f, double *state) {
  state[0] = f->last;
  lw_kalman_save(&f->k, state + 1);
}

int lw_tracker_load(lw_tracker *f, const double *state) {
  lw_tracker_reset(f);
  int rc = lw_kalman_load(&f->k, state + 1);
  if (rc == 0)
    f->last = state[0];
  return rc;
}
