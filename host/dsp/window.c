#include "dsp/window.h"

#include <math.h>   // fabs, floor, isfinite, INFINITY
#include <stdlib.h> // qsort
#include <string.h> // memcpy, memmove

#include "base/err.h" // LW_E_*
#include "dsp/isa.h"  // LW_BODY

int lw_window_init(lw_window *w, size_t size) {
  if (size < 1 || size > LW_WINDOW_MAX)
    return LW_E_RANGE;
  w->size = size;
  lw_window_reset(w);
  return 0;
}

void lw_window_reset(lw_window *w) {
  w->count = w->head = 0;
  for (size_t i = 0; i < w->size + LW_WINDOW_SPARE; i++)
    w->data[w->size + i] = INFINITY;
}

// Index of the first of s[0..n) that is not below x. A search in eighths: the
// compares of a round do not wait for each other, nothing branches on the data,
// which on noise would be guessed wrong half of the time, and the number of
// rounds depends on n alone. Rounds may read up to LW_WINDOW_SPARE past s[n].
static size_t lower_bound(const double *s, size_t n, double x) {
  const double *base = s;
  for (; n > 16; n = (n + 7) / 8) {
    size_t step = (n + 7) / 8, below = 0;
    for (size_t j = 1; j < 8; j++)
      below += base[j * step - 1] < x;
    base += below * step;
  }
  size_t below = 0;
  for (size_t j = 0; j < 16; j++)
    below += base[j] < x;
  return (size_t)(base - s) + below;
}

// Few samples: the old one is left out and x put between its neighbours without
// a branch on the data. Above the samples lie infinities.
#define FEW 16
LW_BODY void swap_few(double *s, size_t n, double old, double x) {
  double rest[FEW + 1] = {-INFINITY};
  for (size_t i = 0; i < n; i++)
    rest[i + 1] = s[i] < old ? s[i] : s[i + 1];
  for (size_t i = 0; i < n; i++) {
    double least = x < rest[i + 1] ? x : rest[i + 1];
    s[i] = least > rest[i] ? least : rest[i];
  }
}

static void push_many(double *s, size_t from, size_t to, double x) {
  if (to >
      from) { // the old sample leaves below x: what lies between moves down
    to--;
    memmove(s + from, s + from + 1, (to - from) * sizeof *s);
  } else {
    memmove(s + to + 1, s + to, (from - to) * sizeof *s);
  }
  s[to] = x;
}

void lw_window_push(lw_window *w, double x) {
  double *ring = w->data, *s = w->data + w->size;
  int full = w->count == w->size;
  size_t slot = full ? w->head : w->count;
  double old = full ? ring[slot] : INFINITY;
  if (w->size <= FEW / 2)
    swap_few(s, FEW / 2, old, x);
  else if (w->size <= FEW)
    swap_few(s, FEW, old, x);
  else
    push_many(s, full ? lower_bound(s, w->size, old) : w->count,
              lower_bound(s, w->size, x), x);
  ring[slot] = x;
  w->count += !full;
  w->head = full ? (slot + 1 == w->size ? 0 : slot + 1) : 0;
}

void lw_window_copy(const lw_window *w, double *out) {
  size_t tail = w->count < w->size ? w->count : w->size - w->head;
  size_t first = w->count < w->size ? 0 : w->head;
  memcpy(out, w->data + first, tail * sizeof *out);
  memcpy(out + tail, w->data, (w->count - tail) * sizeof *out);
}

// Few samples, as after a network, are sorted quickest by insertion.
static void sort_few(double *s, size_t n) {
  for (size_t i = 1; i < n; i++) {
    double x = s[i];
    size_t j = i;
    for (; j > 0 && s[j - 1] > x; j--)
      s[j] = s[j - 1];
    s[j] = x;
  }
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void lw_window_refill(lw_window *w, const double *x, size_t n) {
  size_t count = n < w->size ? n : w->size;
  lw_window_reset(w);
  memmove(w->data, x + n - count, count * sizeof *x);
  memcpy(w->data + w->size, w->data, count * sizeof *x);
  if (count <= 32)
    sort_few(w->data + w->size, count);
  else
    qsort(w->data + w->size, count, sizeof *x, ascending);
  w->count = count;
}

double lw_sorted_quantile(const double *s, size_t n, double p) {
  double at = p * (double)(n - 1);
  size_t low = (size_t)at;
  if (low + 1 >= n)
    return s[n - 1];
  return s[low] + (at - (double)low) * (s[low + 1] - s[low]);
}

// The k-th smallest (from 1) of the distances to `median`: those of the
// `left_n` samples below index `left_n` and those from it on are two ascending
// runs.
static double nth_distance(const double *s, size_t n, double median,
                           size_t left_n, size_t k) {
  size_t right_n = n - left_n;
  size_t low = k > right_n ? k - right_n : 0, high = k < left_n ? k : left_n;
  while (low < high) { // how many of the k come from the left run
    size_t i = (low + high) / 2;
    if (median - s[left_n - 1 - i] < s[left_n + (k - i) - 1] - median)
      low = i + 1;
    else
      high = i;
  }
  double left = low ? median - s[left_n - low] : 0;
  double right = k - low ? s[left_n + (k - low) - 1] - median : 0;
  return left > right ? left : right;
}

double lw_sorted_mad(const double *s, size_t n, double median) {
  size_t left_n = n / 2; // all of them are <= median, the others >= median
  double upper = nth_distance(s, n, median, left_n, n / 2 + 1);
  if (n % 2)
    return upper;
  double lower = nth_distance(s, n, median, left_n, n / 2);
  return lower + (upper - lower) / 2;
}

size_t lw_window_state_n(const lw_window *w) {
  return w->size + 1;
}

void lw_window_save(const lw_window *w, double *state) {
  state[0] = (double)w->count;
  lw_window_copy(w, state + 1);
  for (size_t i = w->count; i < w->size; i++)
    state[1 + i] = 0;
}

int lw_window_load(lw_window *w, const double *state) {
  lw_window_reset(w);
  double count = state[0];
  if (!(count >= 0 && count <= (double)w->size) || count != floor(count))
    return LW_E_CORRUPT;
  for (size_t i = 0; i < (size_t)count; i++)
    if (!isfinite(state[1 + i]))
      return LW_E_CORRUPT;
  lw_window_refill(w, state + 1, (size_t)count);
  return 0;
}
