#include "dsp/batch.h"

#include <math.h>   // fabs, INFINITY, isfinite, isnormal
#include <stdint.h> // uint16_t, uint64_t
#include <string.h> // memcpy, memset

#include "dsp/isa.h"

#define WORDS (LW_BATCH_MAX / 64)

// Unsigned number in the order of the double.
static uint64_t key_of(double x) {
  uint64_t bits;
  x += 0.0; // -0 and 0 are equal
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

// One stable pass over BITS bits of the keys; returns 0, and leaves `to` alone,
// when all keys agree in them.
#define BITS 11
static int sort_pass(const uint64_t *key, int shift, const uint16_t *from,
                     size_t n, uint16_t *to) {
  uint16_t place[1 << BITS] = {0};
  const uint64_t mask = (1 << BITS) - 1;
  for (size_t i = 0; i < n; i++)
    place[key[i] >> shift & mask]++;
  if (place[key[0] >> shift & mask] == n)
    return 0;
  for (unsigned d = 0, sum = 0; d <= mask; d++) {
    unsigned here = place[d];
    place[d] = (uint16_t)sum;
    sum += here;
  }
  for (size_t i = 0; i < n; i++)
    to[place[key[from[i]] >> shift & mask]++] = from[i];
  return 1;
}

// Sort order [n], 0..n-1 at first, by the low `bits` bits of the keys.
static void sort_by(const uint64_t *key, int bits, size_t n, uint16_t *order) {
  uint16_t other[LW_BATCH_MAX], *from = order, *to = other;
  for (size_t i = 0; i < n; i++)
    order[i] = (uint16_t)i;
  for (int shift = 0; shift < bits; shift += BITS)
    if (sort_pass(key, shift, from, n, to)) {
      uint16_t *t = from;
      from = to;
      to = t;
    }
  if (from != order)
    memcpy(order, from, n * sizeof *order);
}

// Finish a nearly sorted order. Gives up, returning 0, when it is not.
static int tidy(const double *x, size_t n, uint16_t *order) {
  size_t moves = 0;
  for (size_t i = 1; i < n; i++) {
    uint16_t index = order[i];
    size_t j = i;
    for (; j > 0 && x[order[j - 1]] > x[index]; j--)
      order[j] = order[j - 1];
    order[j] = index;
    moves += i - j;
    if (moves > 2 * n)
      return 0;
  }
  return 1;
}

// order[r] = index of the sample of rank r. Two passes over a linear scale do
// for most signals; one whose extremes dwarf the rest is sorted by all its
// bits.
static void sort_indices(const double *x, size_t n, uint16_t *order) {
  uint64_t key[LW_BATCH_MAX];
  double low = x[0], high = x[0];
  for (size_t i = 1; i < n; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  double scale = ((1 << 2 * BITS) - 1) / (high - low);
  if (isnormal(scale) && isfinite(high - low)) {
    for (size_t i = 0; i < n; i++)
      key[i] = (uint64_t)(uint32_t)((x[i] - low) * scale);
    sort_by(key, 2 * BITS, n, order);
    if (tidy(x, n, order))
      return;
  }
  for (size_t i = 0; i < n; i++)
    key[i] = key_of(x[i]);
  sort_by(key, 64, n, order);
}

// Next set bit above r; there is one.
static size_t above(const uint64_t *set, size_t r) {
  size_t w = r / 64;
  uint64_t word = set[w] & ~(uint64_t)0 << r % 64 << 1;
  if (r % 64 == 63)
    word = 0;
  while (!word)
    word = set[++w];
  return 64 * w + (size_t)__builtin_ctzll(word);
}

// Next set bit below r; there is one.
static size_t below(const uint64_t *set, size_t r) {
  size_t w = r / 64;
  uint64_t word = set[w] & (((uint64_t)1 << r % 64) - 1);
  while (!word)
    word = set[--w];
  return 64 * w + 63 - (size_t)__builtin_clzll(word);
}

typedef struct {
  uint16_t order[LW_BATCH_MAX]; // rank -> index
  uint16_t rank[LW_BATCH_MAX];  // index -> rank
  uint64_t set[WORDS];          // ranks in the window
} batch;

static void put(batch *b, size_t r) {
  b->set[r / 64] |= (uint64_t)1 << r % 64;
}

static void drop(batch *b, size_t r) {
  b->set[r / 64] &= ~((uint64_t)1 << r % 64);
}

// The k-th set rank, from 0.
static size_t nth(const batch *b, size_t k) {
  size_t w = 0;
  for (; k >= (size_t)__builtin_popcountll(b->set[w]); w++)
    k -= (size_t)__builtin_popcountll(b->set[w]);
  uint64_t word = b->set[w];
  while (k--)
    word &= word - 1;
  return 64 * w + (size_t)__builtin_ctzll(word);
}

// Sort x [n + window - 1] and put the first window into the set.
static void open_batch(batch *b, const double *x, size_t n, size_t window) {
  size_t total = n + window - 1;
  sort_indices(x, total, b->order);
  for (size_t r = 0; r < total; r++)
    b->rank[b->order[r]] = (uint16_t)r;
  memset(b->set, 0, sizeof b->set);
  for (size_t i = 0; i < window; i++)
    put(b, b->rank[i]);
}

// Slide from x[i ..] to x[i + 1 ..]; the place of the followed rank afterwards.
static size_t slide(batch *b, size_t i, size_t window, size_t at) {
  size_t old = b->rank[i], new = b->rank[i + window];
  put(b, new);
  drop(b, old);
  if (new < at && old >= at)
    return below(b->set, at);
  if (new > at && old <= at)
    return above(b->set, at);
  return at;
}

void lw_batch_quantile(const double *x, size_t n, size_t window, double p,
                       double *y) {
  batch b;
  double place = p * (double)(window - 1);
  size_t k = (size_t)place;
  double part = k + 1 < window ? place - (double)k : 0;
  open_batch(&b, x, n, window);
  size_t at = nth(&b, k);
  for (size_t i = 0;; i++) {
    double low = x[b.order[at]];
    y[i] = part > 0 ? low + part * (x[b.order[above(b.set, at)]] - low) : low;
    if (i + 1 == n)
      return;
    at = slide(&b, i, window, at);
  }
}

// -------------------------------------------------------- Hampel's filter ---

// How many of x [n] lie closer than `near` to the median.
LW_BODY void count_body(const double *x, size_t n, double median, double near,
                        double *out) {
  double sum[8] = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t j = 0; j < 8; j++)
      sum[j] += fabs(x[i + j] - median) < near ? 1.0 : 0.0;
  for (; i < n; i++)
    sum[0] += fabs(x[i] - median) < near ? 1.0 : 0.0;
  *out = ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
         ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}
LW_CLONES(count,
          (const double *x, size_t n, double median, double near, double *out),
          (x, n, median, near, out))

// The median distance of x [n] lies below near. With an even n it is the middle
// of the two that may lie on either side.
static int is_outlier(int isa, const double *x, size_t n, double median,
                      double near) {
  double closer, half = (double)(n / 2), largest = 0, smallest = INFINITY;
  count_at(isa)(x, n, median, near, &closer);
  if (n % 2 || closer != half)
    return closer > half;
  for (size_t i = 0; i < n; i++) {
    double d = fabs(x[i] - median);
    largest = d < near && d > largest ? d : largest;
    smallest = !(d < near) && d < smallest ? d : smallest;
  }
  return largest + (smallest - largest) / 2 < near;
}

// Two fences around the bulk of the window and how many samples lie on them or
// beyond. While more than half do, a sample for which both are at least `near`
// from the median is no outlier: no need to look at the others. Counting on is
// cheap; the fences are put up anew once in a while.
#define FENCED 48 // shorter windows are looked through as fast
typedef struct {
  double low, high;
  size_t beyond;
} fences;

static fences put_up(const batch *b, const double *x, size_t i, size_t window) {
  size_t k = window * 3 / 10;
  fences f = {x[b->order[nth(b, k)]], x[b->order[nth(b, window - 1 - k)]], 0};
  for (size_t j = 0; j < window; j++)
    f.beyond += (size_t)((x[i + j] <= f.low) + (x[i + j] >= f.high));
  return f;
}

static int beyond(const fences *f, double x) {
  return (x <= f->low) + (x >= f->high);
}

size_t lw_batch_hampel(int isa, const double *x, size_t n, size_t window,
                       size_t at, double reach, double *y) {
  batch b;
  size_t replaced = 0, half = window / 2;
  open_batch(&b, x, n, window);
  size_t k = nth(&b, (window - 1) / 2);
  fences f = {0};
  for (size_t i = 0;; i++) {
    if (window >= FENCED && i % window == 0)
      f = put_up(&b, x, i, window);
    double median = x[b.order[k]], centre = x[i + at];
    if (window % 2 == 0)
      median += (x[b.order[above(b.set, k)]] - median) / 2;
    double near = fabs(centre - median) * reach;
    int plain =
        f.beyond > half && median - f.low >= near && f.high - median >= near;
    int out = !plain && is_outlier(isa, x + i, window, median, near);
    y[i] = out ? median : centre;
    replaced += (size_t)out;
    if (i + 1 == n)
      return replaced;
    if (window >= FENCED) {
      f.beyond += (size_t)beyond(&f, x[i + window]);
      f.beyond -= (size_t)beyond(&f, x[i]);
    }
    k = slide(&b, i, window, k);
  }
}
