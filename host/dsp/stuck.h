// Stuck-signal detection: a real sensor is never perfectly still.
//
// A spell begins with a sample and lasts as long as all samples since then lie
// within `band` of each other; once it has lasted `within_s` the signal is
// stuck. Samples that are not finite are not a movement: they neither end nor
// lengthen a spell.
#ifndef LW_DSP_STUCK_H
#define LW_DSP_STUCK_H

#include <stddef.h> // size_t

typedef struct lw_stuck {
  double band;      // in the signal's unit
  size_t within_n;  // samples after which a still signal is stuck
  size_t still_n;   // samples of this spell beyond its first
  double low, high; // extremes of this spell; NaN until the first sample
  double last;      // last sample; NaN until the first
} lw_stuck;

// Set up a detector in the caller's storage.
//   band      largest spread of a still signal, finite, >= 0; 0: exactly equal
//   within_s  time [s], finite, > 0
//   dt_s      sample interval [s], finite, > 0; within_s / dt_s < 1e9
// Returns 0, or LW_E_RANGE and leaves *f as it was.
int lw_stuck_init(lw_stuck *f, double band, double within_s, double dt_s);

// Pass x [n] on to y [n] (in place allowed) but NaN wherever the signal is
// stuck, so that readers see a bad value instead of an old one.
void lw_stuck_run(lw_stuck *f, const double *x, size_t n, double *y);

// Flags instead of values: y[i] = 1 where stuck, else 0.
void lw_stuck_flag(lw_stuck *f, const double *x, size_t n, double *y);

int lw_stuck_is(const lw_stuck *f);         // 1: stuck as of the last sample
double lw_stuck_still_n(const lw_stuck *f); // samples since it last moved

void lw_stuck_reset(lw_stuck *f);

#define LW_STUCK_STATE 4
void lw_stuck_save(const lw_stuck *f, double *state);
int lw_stuck_load(lw_stuck *f, const double *state); // or LW_E_CORRUPT

#endif
