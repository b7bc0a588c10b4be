// Moving order statistics of a long block at once.
//
// A stretch of the signal is sorted a single time; after that a window is a set
// of ranks, one bit each, and the wanted order statistic moves by at most one
// set bit per sample. Costs a few ns a sample whatever the window, where a
// sorted window pays for moving its samples.
#ifndef LW_DSP_BATCH_H
#define LW_DSP_BATCH_H

#include <stddef.h> // size_t

// Most samples, past ones included, of one call; about 60 kB of stack.
#define LW_BATCH_MAX 4096

// y[i] = the p-quantile of x[i .. i + window), i < n, by the same formula as
// lw_sorted_quantile (p = 0.5: the median).
//   x       [n + window - 1], finite; n + window - 1 <= LW_BATCH_MAX
//   window  >= 1
//   y       [n]; may not overlap x
void lw_batch_quantile(const double *x, size_t n, size_t window, double p,
                       double *y);

// y[i] = x[i + at], or where Hampel's filter finds it an outlier in its window
// x[i .. i + window) the median m of that: where the median of |x - m| lies
// below |x[i + at] - m| * reach. As lw_hampel does step by step.
//   x, n, window, y  as above
//   at               < window
//   isa              LW_ISA_*
// Returns how many samples were replaced.
size_t lw_batch_hampel(int isa, const double *x, size_t n, size_t window,
                       size_t at, double reach, double *y);

#endif
