// The last `size` samples of a signal, in order of time and in order of value.
//
// Base of the moving median, quantile, minimum, maximum and of Hampel's filter.
// One step costs two binary searches and one move of memory: O(log w) compares,
// O(w) bytes, no allocation.
#ifndef LW_DSP_WINDOW_H
#define LW_DSP_WINDOW_H

#include <stddef.h> // size_t

// Longest window; beyond it one step would no longer fit a scan.
#define LW_WINDOW_MAX 65536

// Spare places above the sorted samples, which let a search read on.
#define LW_WINDOW_SPARE 64

// Head of a caller's block of lw_window_bytes(size); `data` holds the ring of
// samples [size], then the same samples sorted, then infinities up to
// [size + LW_WINDOW_SPARE].
typedef struct lw_window {
  size_t size;
  size_t count;  // samples held, <= size
  size_t head;   // ring index of the oldest sample once the window is full
  double data[]; // [2 * size + LW_WINDOW_SPARE]
} lw_window;

// Bytes of a window of `size` samples.
static inline size_t lw_window_bytes(size_t size) {
  return sizeof(lw_window) + (2 * size + LW_WINDOW_SPARE) * sizeof(double);
}

// Empty window. size in 1..LW_WINDOW_MAX, else LW_E_RANGE.
int lw_window_init(lw_window *w, size_t size);
void lw_window_reset(lw_window *w);

// Take one finite sample, dropping the oldest of a full window.
void lw_window_push(lw_window *w, double x);

// The held samples in ascending order, [count]; valid until the next push.
static inline const double *lw_window_sorted(const lw_window *w) {
  return w->data + w->size;
}

// Copy the held samples, oldest first, to out [count].
void lw_window_copy(const lw_window *w, double *out);

// Replace the whole window by the last min(n, size) samples of x [n].
void lw_window_refill(lw_window *w, const double *x, size_t n);

// The p-quantile of s, sorted [n], n >= 1, p in [0, 1], linear between order
// statistics. Source: Hyndman and Fan, "Sample Quantiles in Statistical
// Packages", The American Statistician 50(4), 1996, definition 7.
double lw_sorted_quantile(const double *s, size_t n, double p);

// Median of s, sorted [n], n >= 1; the mean of the middle two if n is even.
static inline double lw_sorted_median(const double *s, size_t n) {
  double upper = s[n / 2];
  return n % 2 ? upper : s[n / 2 - 1] + (upper - s[n / 2 - 1]) / 2;
}

// Median of |s[i] - median| for s sorted [n], n >= 1: O(log n).
double lw_sorted_mad(const double *s, size_t n, double median);

// State as plain data: lw_window_state_n() numbers (count, then the samples,
// oldest first, then padding).
size_t lw_window_state_n(const lw_window *w);
void lw_window_save(const lw_window *w, double *state);
// LW_E_CORRUPT, and an empty window, when the data cannot be a saved state.
int lw_window_load(lw_window *w, const double *state);

#endif
