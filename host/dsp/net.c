#include "dsp/net.h"

#include <math.h> // fabs

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

// Hampel's test without the median of the distances itself: it lies below
// reach * distance exactly when more than half of the samples lie closer than
// that to the median. The judged sample need not be asked: it is as far as it
// is, closer only if reach > 1.
LW_BODY double hampel(const double *x, size_t window, size_t at, double reach,
                      double median) {
  double near = fabs(x[at] - median) * reach, closer = reach > 1 ? 1.0 : 0.0;
  for (size_t j = 0; j < at; j++)
    closer += fabs(x[j] - median) < near ? 1.0 : 0.0;
  for (size_t j = at + 1; j < window; j++)
    closer += fabs(x[j] - median) < near ? 1.0 : 0.0;
  return closer > (double)(window / 2) ? median : x[at];
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

// With `at` known when compiled, the loops over the window unroll.
#define HAMPEL_OF(window, at)                                                  \
  for (size_t i = 0; i < n; i++) {                                             \
    double result = hampel(x + i, window, at, reach, median##window(x + i));   \
    changed += result != x[i + (at)];                                          \
    y[i] = result;                                                             \
  }

LW_BODY void hampel_body(size_t window, const double *restrict x, size_t n,
                         size_t at, double reach, double *restrict y,
                         size_t *replaced) {
  size_t changed = 0;
  if (window == 3 && at == 2)
    HAMPEL_OF(3, 2)
  else if (window == 3)
    HAMPEL_OF(3, at)
  else if (window == 5 && at == 4)
    HAMPEL_OF(5, 4)
  else if (window == 5)
    HAMPEL_OF(5, at)
  else if (at == 6)
    HAMPEL_OF(7, 6)
  else if (at == 3)
    HAMPEL_OF(7, 3)
  else
    HAMPEL_OF(7, at)
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
