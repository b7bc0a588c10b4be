// Hampel's filter: replaces a sample that lies far from the median of its
// neighbours, measured by their median absolute deviation (MAD), and leaves all
// others exactly as they came.
//
//   y = x           while |x - median| <= k * 1.4826 * MAD
//   y = median      otherwise
//
// 1.4826 makes the MAD of a normal signal its standard deviation. A window of
// equal samples has MAD 0: any other value is then an outlier.
//
// Source: F. R. Hampel, "The Influence Curve and Its Role in Robust
// Estimation", J. Am. Stat. Assoc. 69, 1974; R. K. Pearson, "Outliers in
// process modeling and identification", IEEE Trans. Control Syst. Tech. 10(1),
// 2002.
#ifndef LW_DSP_HAMPEL_H
#define LW_DSP_HAMPEL_H

#include "dsp/window.h" // lw_window

typedef struct lw_hampel {
  double reach;    // 1 / (k * 1.4826), finite: also for k = 0
  double last;     // NaN until the first sample
  size_t lag;      // which sample of the window is judged, 0 = the newest
  size_t replaced; // samples replaced since the last reset
  size_t isa;      // LW_ISA_*
} lw_hampel;       // the lw_window follows it in the same block

// Bytes of a filter over `window` samples, for the caller to provide.
size_t lw_hampel_size(size_t window);

// Set up in lw_hampel_size(window) bytes aligned for double.
//   window  length [samples], 3..LW_WINDOW_MAX
//   k       limit [standard deviations], finite, >= 0; 3 is customary, 0 makes
//           it a moving median
//   lag     0 judges the newest sample against the past (no delay), window / 2
//           the middle one; < window
// Returns 0, or LW_E_RANGE.
int lw_hampel_init(lw_hampel *f, size_t window, double k, size_t lag);

// Filter one block; blocks of any length join bit for bit. Until the window is
// full the samples that there are judge; with lag > 0 the first `lag` outputs
// are the first sample.
//   x  input  [n], borrowed; a sample that is not finite repeats the last
//   output y  output [n]; may be x itself, may not overlap it otherwise
void lw_hampel_run(lw_hampel *f, const double *x, size_t n, double *y);

void lw_hampel_reset(lw_hampel *f);
int lw_hampel_primed(const lw_hampel *f);   // 1 once the window is full
double lw_hampel_delay(const lw_hampel *f); // lag [samples]

// State as plain data, lw_hampel_state_n() numbers; load refuses nonsense with
// LW_E_CORRUPT and leaves an empty filter.
size_t lw_hampel_state_n(const lw_hampel *f);
void lw_hampel_save(const lw_hampel *f, double *state);
int lw_hampel_load(lw_hampel *f, const double *state);

#endif
