#include "dsp/median.h"

#include <math.h> // NAN

#include "base/err.h" // LW_E_RANGE
#include "dsp/batch.h"
#include "dsp/isa.h"
#include "dsp/net.h"
#include "dsp/windowed.h"

static lw_window *window_of(lw_median *f) {
  return (lw_window *)(f + 1);
}

static const lw_window *held(const lw_median *f) {
  return (const lw_window *)(f + 1);
}

size_t lw_median_size(size_t window) {
  return sizeof(lw_median) + lw_window_bytes(window);
}

int lw_quantile_init(lw_median *f, size_t window, double p) {
  if (!(p >= 0 && p <= 1) || window < 1 || window > LW_WINDOW_MAX)
    return LW_E_RANGE;
  *f = (lw_median){.p = p, .last = NAN, .isa = (size_t)lw_dsp_isa()};
  return lw_window_init(window_of(f), window);
}

int lw_median_init(lw_median *f, size_t window) {
  return lw_quantile_init(f, window, 0.5);
}

static double step(void *filter, lw_window *w, double x) {
  const lw_median *f = filter;
  lw_window_push(w, x);
  const double *s = lw_window_sorted(w);
  return f->p == 0.5 ? lw_sorted_median(s, w->count)
                     : lw_sorted_quantile(s, w->count, f->p);
}

static void net(void *filter, size_t size, const double *x, size_t n,
                double *y) {
  const lw_median *f = filter;
  lw_net_median((int)f->isa, size, x, n, y);
}

static void batch(void *filter, size_t size, const double *x, size_t n,
                  double *y) {
  lw_batch_quantile(x, n, size, ((const lw_median *)filter)->p, y);
}

void lw_median_run(lw_median *f, const double *x, size_t n, double *y) {
  const lw_windowed kernel = {step, f->p == 0.5 ? net : NULL, batch, 8};
  lw_windowed_run(&kernel, f, window_of(f), (int)f->isa, &f->last, x, n, y);
}

void lw_median_reset(lw_median *f) {
  f->last = NAN;
  lw_window_reset(window_of(f));
}

int lw_median_primed(const lw_median *f) {
  return held(f)->count == held(f)->size;
}

double lw_median_delay(const lw_median *f) {
  return (double)(held(f)->size - 1) / 2;
}

size_t lw_median_state_n(const lw_median *f) {
  return lw_windowed_state_n(held(f));
}

void lw_median_save(const lw_median *f, double *state) {
  lw_windowed_save(f->last, held(f), state);
}

int lw_median_load(lw_median *f, const double *state) {
  return lw_windowed_load(&f->last, window_of(f), state);
}
