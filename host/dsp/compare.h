// Comparing two blocks: are they alike, and by how much is one late?
#ifndef LW_DSP_COMPARE_H
#define LW_DSP_COMPARE_H

#include <stddef.h> // size_t

// Two-sample Kolmogorov-Smirnov: *d the largest distance between the empirical
// distributions, *p the chance of so large a one if both came from one source
// (asymptotic: Kolmogorov's law of sqrt(na nb / (na + nb)) d).
//   a [na], b [nb]  sorted in place; finite, na, nb >= 1
// Source: N. Smirnov, Ann. Math. Stat. 19(2), 1948.
void lw_compare_ks(double *a, size_t na, double *b, size_t nb, double *d,
                   double *p);

// Population stability index of b against a over `bins` quantile bins of a:
// below 0.1 alike, above 0.25 changed (rule of thumb of credit scoring). Empty
// bins count as half a sample.
//   a [na]  sorted in place; b [nb]; finite, na >= bins >= 2, nb >= 1
double lw_compare_psi(double *a, size_t na, const double *b, size_t nb,
                      size_t bins);

// How many samples b lags behind a (b[i] looks like a[i - lag]), -most..most:
// the place of the largest correlation, means removed, refined between samples
// by a parabola. *correlation (may be NULL) gets its value, -1..1.
//   a, b [n], finite; most < n
// NaN when one of them is constant.
double lw_compare_lag(const double *a, const double *b, size_t n, size_t most,
                      double *correlation);

#endif
