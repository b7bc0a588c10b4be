// Detectors that predict the next sample and watch how far off it is.
//
// Both give a severity, |sample - prediction| over its limit, 1 and more an
// alarm; NaN while they learn. Samples that are not finite repeat the last
// severity. Blocks join bit for bit.
#ifndef LW_DSP_PREDICT_H
#define LW_DSP_PREDICT_H

#include <stddef.h> // size_t

// z-score: the prediction is the mean of the `window` samples before, the limit
// k of their standard deviations. An alarm's sample enters the window all the
// same: a new level is accepted after one window.
typedef struct lw_zscore {
  double k;
  double last; // severity; NaN until the window is full
  double why;  // 1 above, -1 below at the last alarm, 0 none
  size_t window;
} lw_zscore; // two lw_moving follow it in the same block

size_t lw_zscore_size(size_t window);

// window 2..LW_MOVING_MAX, k finite > 0, else LW_E_RANGE.
int lw_zscore_init(lw_zscore *f, size_t window, double k);
void lw_zscore_run(lw_zscore *f, const double *x, size_t n, double *y);
void lw_zscore_reset(lw_zscore *f);
size_t lw_zscore_state_n(const lw_zscore *f);
void lw_zscore_save(const lw_zscore *f, double *state);
int lw_zscore_load(lw_zscore *f, const double *state); // or LW_E_CORRUPT

// Autoregressive residual: the prediction is a weighted sum of the last `order`
// samples, learnt from the first `train_n`; the limit is k of the standard
// deviations of the residual there. Sees what breaks a rhythm that plain limits
// let pass. Source: J. Durbin, "The Fitting of Time-Series Models", Rev. Inst.
// Int. Stat. 28, 1960 (Levinson's recursion).
#define LW_AR_ORDER_MAX 16
#define LW_AR_TRAIN_MAX 65536
typedef struct lw_ar {
  size_t order, train_n;
  double k;
  // State from here on, numbers only, as saved.
  double last, why;
  double n; // samples taken, up to train_n
  double mean, sigma;
  double weight[LW_AR_ORDER_MAX]; // of the newest sample first
  double past[LW_AR_ORDER_MAX];   // newest first
  double data[];                  // training samples [train_n]
} lw_ar;

size_t lw_ar_size(size_t train_n);

// order 1..LW_AR_ORDER_MAX, train_n 4 order..LW_AR_TRAIN_MAX, k finite > 0,
// else LW_E_RANGE.
int lw_ar_init(lw_ar *f, size_t order, size_t train_n, double k);
void lw_ar_run(lw_ar *f, const double *x, size_t n, double *y);
void lw_ar_reset(lw_ar *f);
size_t lw_ar_state_n(const lw_ar *f);
void lw_ar_save(const lw_ar *f, double *state);
int lw_ar_load(lw_ar *f, const double *state); // or LW_E_CORRUPT

// "above the prediction", "below the prediction", or "" for why 1, -1, 0.
const char *lw_predict_why(double why);

#endif
