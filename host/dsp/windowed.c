#include "dsp/windowed.h"

#include <math.h>   // NAN
#include <string.h> // memcpy, memmove

#include "dsp/batch.h"
#include "dsp/finite.h"
#include "dsp/net.h"

// Shorter blocks go through the sorted window, which the block forms must
// rebuild.
#define NET_LEAST 16
#define NET_WINDOW_MAX 8
#define BATCH_LEAST 1024 // and twice the window

static int has_net(const lw_windowed *k, const lw_window *w) {
  return k->net && lw_net_has(w->size);
}

// A full window and a piece of at most LW_CHUNK finite samples.
static void run_net(const lw_windowed *k, void *f, lw_window *w,
                    const double *x, size_t n, double *y) {
  double buffer[LW_CHUNK + NET_WINDOW_MAX], held[NET_WINDOW_MAX];
  size_t past = w->size - 1;
  lw_window_copy(w, held);
  memcpy(buffer, held + 1, past * sizeof *x);
  memcpy(buffer + past, x, n * sizeof *x);
  k->net(f, w->size, buffer, n, y);
  lw_window_refill(w, buffer, past + n);
}

static int worth_batch(const lw_windowed *k, const lw_window *w, size_t n) {
  return k->batch && !has_net(k, w) && n >= BATCH_LEAST && n >= 2 * w->size &&
         w->size >= k->batch_least && 3 * w->size <= LW_BATCH_MAX;
}

// A long block of finite samples through a full window, while it is worth it.
// Returns how many samples it took.
static size_t run_batch(const lw_windowed *k, void *f, lw_window *w,
                        const double *x, size_t n, double *y) {
  double buffer[LW_BATCH_MAX + 1]; // the window's past, then the new samples
  size_t past = w->size - 1, most = LW_BATCH_MAX - past, done = 0;
  lw_window_copy(w, buffer);
  memmove(buffer, buffer + 1, past * sizeof *x); // the oldest one has left
  while (worth_batch(k, w, n - done)) {
    size_t m = n - done < most ? n - done : most;
    memcpy(buffer + past, x + done, m * sizeof *x);
    k->batch(f, w->size, buffer, m, y + done);
    done += m;
    if (!worth_batch(k, w, n - done))
      lw_window_refill(w, buffer, past + m);
    memmove(buffer, buffer + m, past * sizeof *x);
  }
  return done;
}

// The next n samples, all finite.
static void run_piece(const lw_windowed *k, void *f, lw_window *w,
                      const double *x, size_t n, double *y) {
  size_t i = 0;
  int net = n >= NET_LEAST && has_net(k, w);
  if (net || worth_batch(k, w, n))
    for (; i < n && w->count < w->size; i++)
      y[i] = k->step(f, w, x[i]);
  if (net && i < n) {
    run_net(k, f, w, x + i, n - i, y + i);
    return;
  }
  if (worth_batch(k, w, n - i))
    i += run_batch(k, f, w, x + i, n - i, y + i);
  for (; i < n; i++)
    y[i] = k->step(f, w, x[i]);
}

void lw_windowed_run(const lw_windowed *k, void *f, lw_window *w, int isa,
                     double *last, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n;) {
    size_t m = worth_batch(k, w, n - i) ? lw_finite_run(isa, x + i, n - i)
                                        : lw_finite_n(isa, x + i, n - i);
    run_piece(k, f, w, x + i, m, y + i);
    if (m)
      *last = y[i + m - 1];
    i = lw_finite_hold(x, i + m, n, *last, y);
  }
}

size_t lw_windowed_state_n(const lw_window *w) {
  return 1 + lw_window_state_n(w);
}

void lw_windowed_save(double last, const lw_window *w, double *state) {
  state[0] = last;
  lw_window_save(w, state + 1);
}

int lw_windowed_load(double *last, lw_window *w, const double *state) {
  int rc = lw_window_load(w, state + 1);
  *last = rc < 0 ? (double)NAN : state[0];
  return rc;
}
