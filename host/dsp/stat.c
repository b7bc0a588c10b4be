#include "dsp/stat.h"

#include <math.h>   // fabs, fmax, fmin, isfinite, NAN, sqrt
#include <stdlib.h> // qsort

#include "dsp/window.h" // lw_sorted_quantile

#define PIECE 128 // summed in one go, in eight interleaved sums

// Sum over a piece of (x - centre)^power, power 1..4, missing samples left out.
static double piece(const double *x, size_t n, double centre, int power) {
  double sum[8] = {0};
  for (size_t i = 0; i < n; i++) {
    double d = isfinite(x[i]) ? x[i] - centre : 0, d2 = d * d;
    sum[i % 8] += power == 1   ? d
                  : power == 2 ? d2
                  : power == 3 ? d2 * d
                               : d2 * d2;
  }
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
         ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

// Halving keeps the error at log2(n) roundings.
static double power_sum(const double *x, size_t n, double centre, int power) {
  if (n <= PIECE)
    return piece(x, n, centre, power);
  size_t half = n / 2 / PIECE * PIECE;
  if (half == 0)
    half = PIECE;
  return power_sum(x, half, centre, power) +
         power_sum(x + half, n - half, centre, power);
}

double lw_stat_sum(const double *x, size_t n) {
  return power_sum(x, n, 0, 1);
}

void lw_stat_of(const double *x, size_t n, lw_stat *out) {
  lw_stat s = {.low = INFINITY, .high = -INFINITY};
  for (size_t i = 0; i < n; i++)
    if (isfinite(x[i])) {
      s.n++;
      s.low = fmin(s.low, x[i]);
      s.high = fmax(s.high, x[i]);
    }
  if (s.n == 0) {
    *out = (lw_stat){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    return;
  }
  double count = (double)s.n;
  s.mean = power_sum(x, n, 0, 1) / count;
  s.variance = power_sum(x, n, s.mean, 2) / count;
  double sigma = sqrt(s.variance);
  s.skewness = power_sum(x, n, s.mean, 3) / count / (s.variance * sigma);
  s.kurtosis = power_sum(x, n, s.mean, 4) / count / (s.variance * s.variance);
  s.rms = sqrt(power_sum(x, n, 0, 2) / count);
  s.crest = fmax(fabs(s.low), fabs(s.high)) / s.rms;
  *out = s;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double lw_stat_quantile(const double *x, size_t n, double p, double *work) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(x[i]))
      work[count++] = x[i];
  if (count == 0)
    return NAN;
  qsort(work, count, sizeof *work, ascending);
  return lw_sorted_quantile(work, count, p);
}

size_t lw_stat_crossings(const double *x, size_t n, double level, double band) {
  size_t crossings = 0;
  int side = 0;
  for (size_t i = 0; i < n; i++) {
    int now = x[i] > level + band ? 1 : x[i] < level - band ? -1 : 0;
    if (now && side && now != side)
      crossings++;
    if (now)
      side = now;
  }
  return crossings;
}
