#include "dsp/hampel.h"

#include <float.h>  // DBL_MAX
#include <math.h>   // fabs, fmin, isfinite, NAN
#include <string.h> // memcpy, memmove

#include "base/err.h" // LW_E_RANGE
#include "dsp/batch.h"
#include "dsp/finite.h"
#include "dsp/isa.h"
#include "dsp/net.h"

#define NET_LEAST 16
#define BATCH_LEAST 1024               // and twice the window
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

static double step(lw_hampel *f, lw_window *w, double x) {
  lw_window_push(w, x);
  const double *s = lw_window_sorted(w);
  double median = lw_sorted_median(s, w->count), centre = judged(f, w);
  double mad = lw_sorted_mad(s, w->count, median);
  if (!(mad < fabs(centre - median) * f->reach))
    return centre;
  f->replaced++;
  return median;
}

// A full window and a piece of at most LW_CHUNK finite samples.
static void run_net(lw_hampel *f, lw_window *w, const double *x, size_t n,
                    double *y) {
  double buffer[LW_CHUNK + 8], held_samples[8];
  size_t past = w->size - 1, at = past - f->lag;
  lw_window_copy(w, held_samples);
  memcpy(buffer, held_samples + 1, past * sizeof *x);
  memcpy(buffer + past, x, n * sizeof *x);
  lw_net_hampel((int)f->isa, w->size, buffer, n, at, f->reach, y, &f->replaced);
  lw_window_refill(w, buffer, past + n);
}

static int worth_batch(const lw_window *w, size_t n) {
  return n >= BATCH_LEAST && n >= 2 * w->size && 3 * w->size <= LW_BATCH_MAX &&
         !lw_net_has(w->size);
}

// A long block of finite samples through a full window, while it is worth it.
// Returns how many samples it took.
static size_t run_batch(lw_hampel *f, lw_window *w, const double *x, size_t n,
                        double *y) {
  double buffer[LW_BATCH_MAX + 1]; // the window's past, then the new samples
  size_t past = w->size - 1, most = LW_BATCH_MAX - past, done = 0;
  lw_window_copy(w, buffer);
  memmove(buffer, buffer + 1, past * sizeof *x); // the oldest one has left
  while (worth_batch(w, n - done)) {
    size_t k = n - done < most ? n - done : most;
    memcpy(buffer + past, x + done, k * sizeof *x);
    f->replaced += lw_batch_hampel((int)f->isa, buffer, k, w->size,
                                   past - f->lag, f->reach, y + done);
    done += k;
    if (!worth_batch(w, n - done))
      lw_window_refill(w, buffer, past + k);
    memmove(buffer, buffer + k, past * sizeof *x);
  }
  return done;
}

// The next k samples, all finite.
static void run_piece(lw_hampel *f, lw_window *w, const double *x, size_t k,
                      double *y) {
  size_t i = 0;
  int net = k >= NET_LEAST && lw_net_has(w->size), batch = worth_batch(w, k);
  for (; i < k && w->count < w->size && (net || batch); i++)
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

void lw_hampel_run(lw_hampel *f, const double *x, size_t n, double *y) {
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
