// Figures of one block of samples, and arithmetic on whole blocks.
//
// A sample that is not finite is a missing one and is left out. Sums are
// pairwise, so their error grows with the logarithm of n.
#ifndef LW_DSP_STAT_H
#define LW_DSP_STAT_H

#include <stddef.h> // size_t

typedef struct lw_stat {
  size_t n;        // samples that count
  double mean;     // NaN without samples, as all below
  double variance; // sum of squared deviations / n
  double skewness; // third standardised moment; NaN for a constant
  double kurtosis; // fourth standardised moment, 3 for a normal signal
  double rms;      // root of the mean square
  double low, high;
  double crest; // max |x| / rms; NaN when rms is 0
} lw_stat;

// All of them in two passes over x [n]. Source: moments as in scipy.stats with
// bias; crest factor ISO 7919-1, annex.
void lw_stat_of(const double *x, size_t n, lw_stat *out);

// Sum of the finite samples of x [n]; 0 without any.
double lw_stat_sum(const double *x, size_t n);

// Median and p-quantile (linear) of the finite samples of x [n], using work
// [n]. NaN without samples.
double lw_stat_quantile(const double *x, size_t n, double p, double *work);

// How often x [n] crosses `level`, with a dead band of +-band around it.
size_t lw_stat_crossings(const double *x, size_t n, double level, double band);

#endif
