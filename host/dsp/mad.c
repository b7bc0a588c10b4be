#include "dsp/mad.h"

#include <math.h> // isfinite, NAN

#include "base/err.h" // LW_E_*
#include "dsp/isa.h"
#include "dsp/windowed.h"

static lw_window *window_of(lw_mad *f) {
  return (lw_window *)(f + 1);
}

static const lw_window *held(const lw_mad *f) {
  return (const lw_window *)(f + 1);
}

size_t lw_mad_size(size_t window) {
  return sizeof(lw_mad) + lw_window_bytes(window);
}

int lw_mad_init(lw_mad *f, size_t window, double scale) {
  if (window < 1 || window > LW_WINDOW_MAX || !(scale > 0) || !isfinite(scale))
    return LW_E_RANGE;
  *f = (lw_mad){.scale = scale, .last = NAN};
  return lw_window_init(window_of(f), window);
}

static double step(void *filter, lw_window *w, double x) {
  const lw_mad *f = filter;
  lw_window_push(w, x);
  const double *s = lw_window_sorted(w);
  double median = lw_sorted_median(s, w->count);
  return f->scale * lw_sorted_mad(s, w->count, median);
}

void lw_mad_run(lw_mad *f, const double *x, size_t n, double *y) {
  static const lw_windowed kernel = {.step = step};
  lw_windowed_run(&kernel, f, window_of(f), LW_ISA_PORTABLE, &f->last, x, n, y);
}

void lw_mad_reset(lw_mad *f) {
  f->last = NAN;
  lw_window_reset(window_of(f));
}

int lw_mad_primed(const lw_mad *f) {
  return held(f)->count == held(f)->size;
}

double lw_mad_delay(const lw_mad *f) {
  return (double)(held(f)->size - 1) / 2;
}

size_t lw_mad_state_n(const lw_mad *f) {
  return lw_windowed_state_n(held(f));
}

void lw_mad_save(const lw_mad *f, double *state) {
  lw_windowed_save(f->last, held(f), state);
}

int lw_mad_load(lw_mad *f, const double *state) {
  return lw_windowed_load(&f->last, window_of(f), state);
}
