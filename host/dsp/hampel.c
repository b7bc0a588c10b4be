#include "dsp/hampel.h"

#include <float.h> // DBL_MAX
#include <math.h>  // fabs, fmin, isfinite, NAN

#include "base/err.h" // LW_E_RANGE
#include "dsp/batch.h"
#include "dsp/isa.h"
#include "dsp/net.h"
#include "dsp/windowed.h"

#define MAD_TO_SIGMA 1.482602218505602 // 1 / quantile of N(0,1) at 3/4

static lw_window *window_of(lw_hampel *f) {
  return (lw_window *)(f + 1);
}

static const lw_window *held(const lw_hampel *f) {
  return (const lw_window *)(f + 1);
}

size_t lw_hampel_size(size_t window) {
  return sizeof(lw_hampel) + lw_window_bytes(window);
}

int lw_hampel_init(lw_hampel *f, size_t window, double k, size_t lag) {
  if (window < 3 || window > LW_WINDOW_MAX || !isfinite(k) || k < 0 ||
      lag >= window)
    return LW_E_RANGE;
  *f = (lw_hampel){.reach = fmin(1 / (k * MAD_TO_SIGMA), DBL_MAX),
                   .last = NAN,
                   .lag = lag,
                   .isa = (size_t)lw_dsp_isa()};
  return lw_window_init(window_of(f), window);
}

// The sample `lag` before the newest, or the first one there is.
static double judged(const lw_hampel *f, const lw_window *w) {
  size_t age = f->lag < w->count ? f->lag : w->count - 1;
  if (w->count < w->size)
    return w->data[w->count - 1 - age];
  size_t newest = w->head + w->size - 1 - age;
  return w->data[newest < w->size ? newest : newest - w->size];
}

static double step(void *filter, lw_window *w, double x) {
  lw_hampel *f = filter;
  lw_window_push(w, x);
  const double *s = lw_window_sorted(w);
  double median = lw_sorted_median(s, w->count), centre = judged(f, w);
  double mad = lw_sorted_mad(s, w->count, median);
  if (!(mad < fabs(centre - median) * f->reach))
    return centre;
  f->replaced++;
  return median;
}

static void net(void *filter, size_t size, const double *x, size_t n,
                double *y) {
  lw_hampel *f = filter;
  lw_net_hampel((int)f->isa, size, x, n, size - 1 - f->lag, f->reach, y,
                &f->replaced);
}

static void batch(void *filter, size_t size, const double *x, size_t n,
                  double *y) {
  lw_hampel *f = filter;
  f->replaced +=
      lw_batch_hampel((int)f->isa, x, n, size, size - 1 - f->lag, f->reach, y);
}

void lw_hampel_run(lw_hampel *f, const double *x, size_t n, double *y) {
  static const lw_windowed kernel = {step, net, batch, 4};
  lw_windowed_run(&kernel, f, window_of(f), (int)f->isa, &f->last, x, n, y);
}

void lw_hampel_reset(lw_hampel *f) {
  f->last = NAN;
  f->replaced = 0;
  lw_window_reset(window_of(f));
}

int lw_hampel_primed(const lw_hampel *f) {
  return held(f)->count == held(f)->size;
}

double lw_hampel_delay(const lw_hampel *f) {
  return (double)f->lag;
}

size_t lw_hampel_state_n(const lw_hampel *f) {
  return 2 + lw_window_state_n(held(f));
}

void lw_hampel_save(const lw_hampel *f, double *state) {
  state[0] = f->last;
  state[1] = (double)f->replaced;
  lw_window_save(held(f), state + 2);
}

int lw_hampel_load(lw_hampel *f, const double *state) {
  int rc = lw_window_load(window_of(f), state + 2);
  if (rc == 0 && !(state[1] >= 0 && state[1] < 1e15))
    rc = LW_E_CORRUPT;
  lw_hampel_reset(f);
  if (rc < 0)
    return rc;
  f->last = state[0];
  f->replaced = (size_t)state[1];
  return lw_window_load(window_of(f), state + 2);
}
