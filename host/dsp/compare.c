#include "dsp/compare.h"

#include <math.h>   // exp, fabs, fmax, isfinite, log, NAN, pow, sqrt
#include <stdlib.h> // qsort

#include "dsp/window.h" // lw_sorted_quantile

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Kolmogorov's survival function. The two series meet where both converge.
static double survival(double z) {
  const double pi = 3.14159265358979323846;
  double sum = 0;
  if (z <= 0)
    return 1;
  if (z < 1) {
    for (int k = 1; k < 40; k += 2)
      sum += exp(-k * k * pi * pi / (8 * z * z));
    return 1 - sqrt(2 * pi) / z * sum;
  }
  for (int k = 1; k < 40; k++)
    sum += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * z * z);
  return sum;
}

void lw_compare_ks(double *a, size_t na, double *b, size_t nb, double *d,
                   double *p) {
  qsort(a, na, sizeof *a, ascending);
  qsort(b, nb, sizeof *b, ascending);
  size_t i = 0, j = 0;
  *d = 0;
  while (i < na && j < nb) {
    double x = a[i] < b[j] ? a[i] : b[j]; // ties move both
    while (i < na && a[i] <= x)
      i++;
    while (j < nb && b[j] <= x)
      j++;
    *d = fmax(*d, fabs((double)i / (double)na - (double)j / (double)nb));
  }
  double n = (double)na * (double)nb / (double)(na + nb);
  *p = survival(sqrt(n) * *d);
}

// Samples of s [n] below or on `edge`.
static size_t up_to(const double *s, size_t n, double edge) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += s[i] <= edge;
  return count;
}

double lw_compare_psi(double *a, size_t na, const double *b, size_t nb,
                      size_t bins) {
  qsort(a, na, sizeof *a, ascending);
  size_t a_before = 0, b_before = 0;
  double psi = 0;
  for (size_t k = 1; k <= bins; k++) {
    double edge = lw_sorted_quantile(a, na, (double)k / (double)bins);
    size_t a_now = k == bins ? na : up_to(a, na, edge);
    size_t b_now = k == bins ? nb : up_to(b, nb, edge);
    double p = fmax((double)(a_now - a_before), 0.5) / (double)na;
    double q = fmax((double)(b_now - b_before), 0.5) / (double)nb;
    psi += (q - p) * log(q / p);
    a_before = a_now;
    b_before = b_now;
  }
  return psi;
}

// More than the rounding of a constant?
static int varies(double squares, double mean, size_t n) {
  return squares > (double)n * pow(1e-12 * mean, 2);
}

// Pearson's correlation of a[i] with b[i + lag] over the samples that both
// have; its means and scales are those of the overlap, else the ends would
// pull.
static double correlation_at(const double *a, const double *b, size_t n,
                             long lag) {
  size_t from = lag < 0 ? (size_t)-lag : 0;
  size_t count = n - (size_t)(lag < 0 ? -lag : lag);
  const double *u = a + from, *v = b + (size_t)((long)from + lag);
  double mu = 0, mv = 0, uu = 0, vv = 0, uv = 0;
  for (size_t i = 0; i < count; i++) {
    mu += u[i];
    mv += v[i];
  }
  mu /= (double)count;
  mv /= (double)count;
  for (size_t i = 0; i < count; i++) {
    uu += (u[i] - mu) * (u[i] - mu);
    vv += (v[i] - mv) * (v[i] - mv);
    uv += (u[i] - mu) * (v[i] - mv);
  }
  return varies(uu, mu, count) && varies(vv, mv, count) ? uv / sqrt(uu * vv)
                                                        : NAN;
}

double lw_compare_lag(const double *a, const double *b, size_t n, size_t most,
                      double *correlation) {
  long best = 0, reach = (long)most;
  double largest = -INFINITY;
  for (long lag = -reach; lag <= reach; lag++) {
    double r = correlation_at(a, b, n, lag);
    if (r > largest) {
      largest = r;
      best = lag;
    }
  }
  int found = isfinite(largest);
  if (correlation)
    *correlation = found ? largest : NAN;
  if (!found || best == -reach || best == reach)
    return found ? (double)best : NAN;
  double before = correlation_at(a, b, n, best - 1);
  double after = correlation_at(a, b, n, best + 1);
  double bend = before - 2 * largest + after;
  return (double)best + (bend < 0 ? (before - after) / (2 * bend) : 0);
}
