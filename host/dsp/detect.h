// Change detectors that follow one signal and say when and why they fire.
//
// Each gives a severity: its statistic over its limit, so that 1 and more is an
// alarm, whatever the method. Deviations count in standard deviations of the
// good signal, which is told or learnt from the first samples.
#ifndef LW_DSP_DETECT_H
#define LW_DSP_DETECT_H

#include <stddef.h> // size_t

enum {
  LW_CUSUM,        // small lasting shifts of the mean
  LW_EWMA_CHART,   // the same, smoother
  LW_PAGE_HINKLEY, // shifts of a mean that is not known beforehand
  LW_SHEWHART,     // single points and the patterns of Nelson's rules
  LW_DETECT_N
};

// What fired, as lw_detect_why tells it.
enum {
  LW_WHY_NONE,
  LW_WHY_HIGH,  // above its limit: cumulated sum, average or drift
  LW_WHY_LOW,   // below
  LW_WHY_RULE1, // ... LW_WHY_RULE1 + 7: Nelson's rules 1 to 8
};

typedef struct lw_detect_options {
  int kind;
  // LW_CUSUM        a: slack k [sigma], b: limit h [sigma]
  // LW_EWMA_CHART   a: weight of the newest sample (0, 1], b: limit [sigma]
  // LW_PAGE_HINKLEY a: change that is no change, b: limit, in the signal's unit
  // LW_SHEWHART     a: rules, bit r - 1 for rule r, 1..255, b: unused
  double a, b;
  double train_n;     // samples to learn mean and sigma from, >= 2
  double mean, sigma; // sigma > 0: told, nothing is learnt
} lw_detect_options;

typedef struct lw_detect {
  lw_detect_options o;
  // State, numbers only, saved as they stand.
  double last; // severity; NaN while learning
  double why;  // LW_WHY_* of the last sample that fired
  double learnt_n, mean, m2, sigma;
  double s[16]; // by kind: sums, average, last deviations
} lw_detect;

// Set up in the caller's storage. Returns 0, or LW_E_RANGE when an option lies
// outside what is written above.
int lw_detect_init(lw_detect *f, const lw_detect_options *o);

// Severity of each sample of x [n] in y [n], in place allowed; blocks join bit
// for bit. A sample that is not finite repeats the last severity. After an
// alarm the sums start over, so that a lasting change fires again and again.
void lw_detect_run(lw_detect *f, const double *x, size_t n, double *y);

void lw_detect_reset(lw_detect *f); // and learns anew

// Why it last fired, in words; "" when it has not.
const char *lw_detect_why(const lw_detect *f);

#define LW_DETECT_STATE 22
void lw_detect_save(const lw_detect *f, double *state);
int lw_detect_load(lw_detect *f, const double *state); // or LW_E_CORRUPT

// Sources: E. S. Page, "Continuous Inspection Schemes", Biometrika 41, 1954
// (CUSUM and Page-Hinkley); S. W. Roberts, Technometrics 1(3), 1959; L. S.
// Nelson, "The Shewhart Control Chart - Tests for Special Causes", J. Quality
// Technology 16(4), 1984.

#endif
