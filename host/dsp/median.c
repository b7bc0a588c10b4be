#include "dsp/median.h"

#include <math.h>   // isfinite, NAN
#include <string.h> // memcpy

#include "base/err.h" // LW_E_RANGE
#include "dsp/finite.h"
#include "dsp/isa.h"
#include "dsp/net.h"

// Shorter blocks go through the sorted window: a network must reload it.
#define NET_LEAST 16

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

static double step(lw_median *f, lw_window *w, double x) {
  lw_window_push(w, x);
  const double *s = lw_window_sorted(w);
  return f->p == 0.5 ? lw_sorted_median(s, w->count)
                     : lw_sorted_quantile(s, w->count, f->p);
}

// A full window and a piece of at most LW_CHUNK finite samples.
static void run_net(lw_median *f, lw_window *w, const double *x, size_t n,
                    double *y) {
  double buffer[LW_CHUNK + 8];
  size_t past = w->size - 1;
  double held_samples[8];
  lw_window_copy(w, held_samples);
  memcpy(buffer, held_samples + 1, past * sizeof *x);
  memcpy(buffer + past, x, n * sizeof *x);
  lw_net_median((int)f->isa, w->size, buffer, n, y);
  lw_window_refill(w, buffer, past + n);
}

void lw_median_run(lw_median *f, const double *x, size_t n, double *y) {
  lw_window *w = window_of(f);
  for (size_t i = 0; i < n;) {
    size_t k = lw_finite_n(x + i, n - i), end = i + k;
    if (k >= NET_LEAST && f->p == 0.5 && lw_net_has(w->size)) {
      for (; w->count < w->size; i++) // at most 7 samples: k holds them
        y[i] = step(f, w, x[i]);
      run_net(f, w, x + i, end - i, y + i);
    } else {
      for (; i < end; i++)
        y[i] = step(f, w, x[i]);
    }
    if (k)
      f->last = y[end - 1];
    i = lw_finite_hold(x, end, n, f->last, y);
  }
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
  return 1 + lw_window_state_n(held(f));
}

void lw_median_save(const lw_median *f, double *state) {
  state[0] = f->last;
  lw_window_save(held(f), state + 1);
}

int lw_median_load(lw_median *f, const double *state) {
  f->last = state[0];
  int rc = lw_window_load(window_of(f), state + 1);
  if (rc < 0)
    f->last = NAN;
  return rc;
}
