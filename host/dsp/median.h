// Moving median and quantile of the last `window` samples.
//
// The median removes up to (window - 1) / 2 outliers in a row without smearing
// edges. Until `window` samples have come, the result is that of the samples so
// far and lw_median_primed() is 0.
//
// Source: J. W. Tukey, "Exploratory Data Analysis", 1977, chapter 7.
#ifndef LW_DSP_MEDIAN_H
#define LW_DSP_MEDIAN_H

#include "dsp/window.h" // lw_window

typedef struct lw_median {
  double p;    // which quantile; 0.5 is the median
  double last; // NaN until the first sample
  size_t isa;  // LW_ISA_*
} lw_median;   // the lw_window follows it in the same block

// Bytes of a filter over `window` samples, for the caller to provide.
size_t lw_median_size(size_t window);

// Set up in lw_median_size(window) bytes aligned for double.
//   window  length [samples], 1..LW_WINDOW_MAX; an even one gives the mean of
//           the middle two
//   p       quantile, in [0, 1]: 0 moving minimum, 0.5 median, 1 maximum
// Returns 0, or LW_E_RANGE.
int lw_median_init(lw_median *f, size_t window);
int lw_quantile_init(lw_median *f, size_t window, double p);

// Filter one block; blocks of any length join bit for bit.
//   x  input  [n], borrowed; a sample that is not finite repeats the last
//   output y  output [n]; may be x itself, may not overlap it otherwise
void lw_median_run(lw_median *f, const double *x, size_t n, double *y);

void lw_median_reset(lw_median *f);
int lw_median_primed(const lw_median *f); // 1 once the window is full

// Delay of an edge [samples]: (window - 1) / 2.
double lw_median_delay(const lw_median *f);

// State as plain data, lw_median_state_n() numbers; load refuses nonsense with
// LW_E_CORRUPT and leaves an empty filter.
size_t lw_median_state_n(const lw_median *f);
void lw_median_save(const lw_median *f, double *state);
int lw_median_load(lw_median *f, const double *state);

#endif
