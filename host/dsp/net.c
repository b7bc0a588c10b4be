#include "dsp/net.h"

#include <math.h>   // fabs
#include <stdint.h> // uint64_t
#include <string.h> // memcpy

#include "dsp/isa.h"

LW_BODY double lo(double a, double b) {
  return a < b ? a : b;
}
LW_BODY double hi(double a, double b) {
  return a > b ? a : b;
}

LW_BODY double median3(const double *x) {
  return hi(lo(x[0], x[1]), lo(hi(x[0], x[1]), x[2]));
}

// Ascending a <= b <= c of three samples.
#define SORT3(x, a, b, c)                                                      \
  double a = lo((x)[0], (x)[1]), c = hi((x)[0], (x)[1]), b = lo(c, (x)[2]);    \
  c = hi(c, (x)[2]);                                                           \
  {                                                                            \
    double least = lo(a, b);                                                   \
    b = hi(a, b);                                                              \
    a = least;                                                                 \
  }

LW_BODY double median5(const double *x) {
  SORT3(x, a, b, c)
  double d = lo(x[3], x[4]), e = hi(x[3], x[4]);
  return lo(lo(c, hi(b, d)), hi(a, e)); // third of {a,b,c} and {d,e}
}

LW_BODY double median7(const double *x) {
  SORT3(x, a, b, c)
  SORT3(x + 4, p, q, r)
  double t = hi(a, x[3]); // insert x[3] into a <= b <= c
  a = lo(a, x[3]);
  double u = hi(b, t);
  b = lo(b, t);
  double d = hi(c, u);
  c = lo(c, u);
  return lo(lo(d, hi(c, p)), lo(hi(b, q), hi(a, r)));
}

LW_BODY void median_body(size_t window, const double *restrict x, size_t n,
                         double *restrict y) {
  if (window == 3)
    for (size_t i = 0; i < n; i++)
      y[i] = median3(x + i);
  else if (window == 5)
    for (size_t i = 0; i < n; i++)
      y[i] = median5(x + i);
  else
    for (size_t i = 0; i < n; i++)
      y[i] = median7(x + i);
}
LW_CLONES(median,
          (size_t window, const double *restrict x, size_t n,
           double *restrict y),
          (window, x, n, y))

// -------------------------------------------------------- Hampel's filter ---

LW_BODY uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

// How many of x [n] lie closer to the median than `near`. Numbers that are not
// negative are in the order of their bits, whose difference has a sign that can
// be added up without a comparison.
LW_BODY size_t closer_n(const double *x, size_t n, double median, double near) {
  size_t sum = 0;
  for (size_t j = 0; j < n; j++)
    sum += (bits_of(fabs(x[j] - median)) - bits_of(near)) >> 63;
  return sum;
}

// Hampel's test without the median of the distances: it lies below `near`
// exactly when more than half of the samples are closer than that. The newest
// sample, when that is the judged one, need not be asked: it is closer only if
// reach > 1.
#define JUDGE(window, at, asked, most)                                         \
  for (size_t i = 0; i < n; i++) {                                             \
    double median = median##window(x + i), judged = x[i + (at)];               \
    double near = fabs(judged - median) * reach;                               \
    size_t out = closer_n(x + i, asked, median, near) > (most);                \
    y[i] = out ? median : judged;                                              \
    changed += out;                                                            \
  }
#define HAMPEL_OF(window)                                                      \
  if (at == (window)-1)                                                        \
    JUDGE(window, (window)-1, (window)-1, most)                                \
  else                                                                         \
    JUDGE(window, at, window, (window) / 2)

LW_BODY void hampel_body(size_t window, const double *restrict x, size_t n,
                         size_t at, double reach, double *restrict y,
                         size_t *replaced) {
  size_t changed = 0, most = window / 2 - (reach > 1);
  if (window == 3) {
    HAMPEL_OF(3)
  } else if (window == 5) {
    HAMPEL_OF(5)
  } else {
    HAMPEL_OF(7)
  }
  *replaced += changed;
}
LW_CLONES(hampel,
          (size_t window, const double *restrict x, size_t n, size_t at,
           double reach, double *restrict y, size_t *replaced),
          (window, x, n, at, reach, y, replaced))

int lw_net_has(size_t window) {
  return window == 3 || window == 5 || window == 7;
}

void lw_net_median(int isa, size_t window, const double *x, size_t n,
                   double *y) {
  median_at(isa)(window, x, n, y);
}

void lw_net_hampel(int isa, size_t window, const double *x, size_t n, size_t at,
                   double reach, double *y, size_t *replaced) {
  hampel_at(isa)(window, x, n, at, reach, y, replaced);
}
