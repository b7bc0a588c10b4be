// Moving mean and deviation of long blocks; the fast path of moving.h.
//
// Nothing is ever subtracted from a sum, so nothing drifts. Each lane of a
// vector first holds the sum of its last LANES samples (by doubling: 2, 4, 8).
// A window is an odd rest and a number of such sums, one vector apart. The
// signal is cut into blocks of that number of vectors: a window holds the tail
// of one block, summed backwards once the block is complete, and the beginning
// of the next, summed on the way.
//
// Deviations are sums of squares about a number near the mean; windows for
// which it is not near enough are computed anew, in two passes.
//
// Source: M. van Herk, "A fast algorithm for local minimum and maximum filters
// on rectangular and octagonal kernels", Pattern Recogn. Lett. 13, 1992, for
// tails and beginnings; T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for
// Computing the Sample Variance", Am. Stat. 37(3), 1983, for the shift.
#ifndef LW_DSP_SLIDE_H
#define LW_DSP_SLIDE_H

#include <stddef.h> // size_t

#define LW_SLIDE_LEAST 2 // shortest window
#define LW_SLIDE_LANES 8 // most

// Sum of squares about the shift over that about the mean above which a window
// is computed anew: 1.8 of 16 digits.
#define LW_SLIDE_LOSS 65

typedef struct lw_slide {
  size_t window, lanes, block_n;     // block_n: window less its odd rest
  int figure;                        // LW_MOVING_*
  double inverse;                    // 1 / window
  double shift;                      // what the deviation's sums count from
  double before[2 * LW_SLIDE_LANES]; // the 2 * lanes samples before a block
  double *tail, *tail2;              // [block_n] of the samples, their squares
  double *aside;                     // [block_n]
  // The samples before a block and it itself [history_n + block_n]; history_n
  // is block_n + lanes, at least the window.
  size_t history_n;
  double *flat;
} lw_slide;

// Doubles that lw_slide_run needs for a window.
size_t lw_slide_work_n(size_t window);

// y[i] = the figure of the window that ends with x[i], for as many x [n], y may
// be x, as come in whole blocks before one with a sample that is not finite.
//   isa     LW_ISA_*
//   figure  LW_MOVING_*
//   window  >= LW_SLIDE_LEAST
//   past    the `window` samples before x [window], finite; on return those
//           before the first sample that was not taken
//   work    [lw_slide_work_n(window)]
// Returns how many were taken.
size_t lw_slide_run(int isa, int figure, size_t window, double *past,
                    double *work, const double *x, size_t n, double *y);

#endif
