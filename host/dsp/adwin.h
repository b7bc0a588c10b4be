// ADWIN: a window that grows while the signal's mean is steady and drops its
// older part once the mean has changed, without a length to choose.
//
// The window is kept as buckets of 1, 2, 4 ... samples, at most LW_ADWIN_ROW of
// each size, so that years of samples need a few kB. At each LW_ADWIN_CLOCK-th
// sample every cut between two buckets is asked whether the means on its two
// sides differ by more than chance explains.
//
// Source: A. Bifet, R. Gavalda, "Learning from Time-Changing Data with Adaptive
// Windowing", SIAM Int. Conf. Data Mining, 2007, sections 3.2 and 4 (the bound
// by the variance), scaled from 0..1 to the range of the signal.
#ifndef LW_DSP_ADWIN_H
#define LW_DSP_ADWIN_H

#include <stddef.h> // size_t

#define LW_ADWIN_LEVELS 32 // sizes of buckets: 2^32 samples are never dropped
#define LW_ADWIN_ROW 5     // most buckets of a size
#define LW_ADWIN_CLOCK 32  // samples between two looks
#define LW_ADWIN_LEAST 5   // samples on the shorter side of a cut

typedef struct lw_adwin_bucket {
  double mean, m2; // of its 2^level samples
} lw_adwin_bucket;

typedef struct lw_adwin {
  double delta, range;
  // State from here on, numbers only, as saved.
  double last;     // severity; NaN until the first look
  double why;      // 1 the mean rose, -1 it fell at the last alarm, 0 none
  double n;        // samples in the window
  double mean, m2; // of the window
  double clock;    // samples since the last look
  double row_n[LW_ADWIN_LEVELS]; // buckets of each level, the newest first
  lw_adwin_bucket row[LW_ADWIN_LEVELS][LW_ADWIN_ROW + 1];
} lw_adwin;

// Set up in the caller's storage.
//   delta  chance of a false alarm at one look, in (0, 1); 0.002
//   range  largest spread of the good signal, its highest less its lowest, in
//          its unit, finite, > 0
// Returns 0, or LW_E_RANGE.
int lw_adwin_init(lw_adwin *f, double delta, double range);

// Severity of each sample of x [n] in y [n], in place allowed; blocks join bit
// for bit: the largest difference of means over what chance explains, 1 and
// more an alarm. An alarm stands for one sample, at a look; it drops the older
// part of the window. A sample that is not finite repeats the last severity.
void lw_adwin_run(lw_adwin *f, const double *x, size_t n, double *y);

void lw_adwin_reset(lw_adwin *f);

// "the mean rose", "the mean fell", or "".
const char *lw_adwin_why(const lw_adwin *f);

#define LW_ADWIN_STATE                                                         \
  (6 + LW_ADWIN_LEVELS + 2 * LW_ADWIN_LEVELS * (LW_ADWIN_ROW + 1))
void lw_adwin_save(const lw_adwin *f, double *state);
int lw_adwin_load(lw_adwin *f, const double *state); // or LW_E_CORRUPT

#endif
