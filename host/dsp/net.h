// Medians of short windows by sorting networks, many windows side by side.
//
// A network has no branches, so neighbouring windows fill the lanes of a
// vector. Source: D. E. Knuth, "The Art of Computer Programming" 3,
// section 5.3.4; the merge step is the k-th of two sorted runs, min over i + j
// = k of max(a[i], b[j]).
#ifndef LW_DSP_NET_H
#define LW_DSP_NET_H

#include <stddef.h> // size_t

// 1 when lw_net_median and lw_net_hampel take this window: 3, 5 or 7.
int lw_net_has(size_t window);

// y[i] = median of x[i .. i + window), i < n, n <= LW_CHUNK.
//   x  [n + window - 1], finite; may not overlap y
void lw_net_median(int isa, size_t window, const double *x, size_t n,
                   double *y);

// y[i] = the median m of x[i..i+window) if their median distance from it is
// below reach * |x[i + at] - m|, else x[i + at]; at < window, reach finite.
// Adds to *replaced how many samples changed.
void lw_net_hampel(int isa, size_t window, const double *x, size_t n, size_t at,
                   double reach, double *y, size_t *replaced);

#endif
