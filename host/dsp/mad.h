// Moving median absolute deviation: the spread of a signal as the bulk of its
// samples see it, which outliers cannot inflate.
//
// Source: F. R. Hampel, "The Influence Curve and Its Role in Robust
// Estimation", J. Am. Stat. Assoc. 69, 1974.
#ifndef LW_DSP_MAD_H
#define LW_DSP_MAD_H

#include "dsp/window.h" // lw_window

typedef struct lw_mad {
  double scale;
  double last; // NaN until the first sample
} lw_mad;      // the lw_window follows it in the same block

// Bytes of a filter over `window` samples, for the caller to provide.
size_t lw_mad_size(size_t window);

// Set up in lw_mad_size(window) bytes aligned for double.
//   window  length [samples], 1..LW_WINDOW_MAX
//   scale   factor on the result, finite, > 0; 1.4826 makes it the standard
//           deviation of a normal signal
// Returns 0, or LW_E_RANGE.
int lw_mad_init(lw_mad *f, size_t window, double scale);

// Filter one block; blocks of any length join bit for bit. Until the window is
// full the samples that there are count.
//   x  input  [n], borrowed; a sample that is not finite repeats the last
//   output y  output [n]; may be x itself, may not overlap it otherwise
void lw_mad_run(lw_mad *f, const double *x, size_t n, double *y);

void lw_mad_reset(lw_mad *f);
int lw_mad_primed(const lw_mad *f);   // 1 once the window is full
double lw_mad_delay(const lw_mad *f); // (window - 1) / 2 [samples]

// State as plain data, lw_mad_state_n() numbers; load refuses nonsense with
// LW_E_CORRUPT and leaves an empty filter.
size_t lw_mad_state_n(const lw_mad *f);
void lw_mad_save(const lw_mad *f, double *state);
int lw_mad_load(lw_mad *f, const double *state);

#endif
