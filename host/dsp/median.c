#include "dsp/median.h"

#include <math.h>   // isfinite, NAN
#include <string.h> // memcpy

#include "base/err.h" // LW_E_RANGE
#include "dsp/batch.h"
#include "dsp/finite.h"
#include "dsp/isa.h"
#include "dsp/net.h"

// Shorter blocks go through the sorted window, which the block forms must
// rebuild.
#define NET_LEAST 16
#define BATCH_LEAST 1024 // and twice the window
#define BATCH_WINDOW 8   // shorter windows are as fast sample by sample

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

static int worth_batch(const lw_window *w, size_t n) {
  return n >= BATCH_LEAST && n >= 2 * w->size && w->size >= BATCH_WINDOW &&
         3 * w->size <= LW_BATCH_MAX;
}

// A long block of finite samples through a full window, while it is worth it.
// Returns how many samples it took.
static size_t run_batch(lw_median *f, lw_window *w, const double *x, size_t n,
                        double *y) {
  double buffer[LW_BATCH_MAX + 1]; // the window's past, then the new samples
  size_t past = w->size - 1, most = LW_BATCH_MAX - past, done = 0;
  lw_window_copy(w, buffer);
  memmove(buffer, buffer + 1, past * sizeof *x); // the oldest one has left
  while (worth_batch(w, n - done)) {
    size_t k = n - done < most ? n - done : most;
    memcpy(buffer + past, x + done, k * sizeof *x);
    lw_batch_quantile(buffer, k, w->size, f->p, y + done);
    done += k;
    if (!worth_batch(w, n - done))
      lw_window_refill(w, buffer, past + k);
    memmove(buffer, buffer + k, past * sizeof *x);
  }
  return done;
}

// The next k samples, all finite.
static void run_piece(lw_median *f, lw_window *w, const double *x, size_t k,
                      double *y) {
  size_t i = 0;
  int net = k >= NET_LEAST && f->p == 0.5 && lw_net_has(w->size);
  int batch = worth_batch(w, k);
  for (; i < k && (w->count < w->size || !(net || batch)); i++)
    y[i] = step(f, w, x[i]);
  if (net && i < k) {
    run_net(f, w, x + i, k - i, y + i);
    return;
  }
  if (worth_batch(w, k - i))
    i += run_batch(f, w, x + i, k - i, y + i);
  for (; i < k; i++)
    y[i] = step(f, w, x[i]);
}

void lw_median_run(lw_median *f, const double *x, size_t n, double *y) {
  lw_window *w = window_of(f);
  for (size_t i = 0; i < n;) {
    int isa = (int)f->isa;
    size_t k = worth_batch(w, n - i) ? lw_finite_run(isa, x + i, n - i)
                                     : lw_finite_n(isa, x + i, n - i);
    run_piece(f, w, x + i, k, y + i);
    if (k)
      f->last = y[i + k - 1];
    i = lw_finite_hold(x, i + k, n, f->last, y);
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
