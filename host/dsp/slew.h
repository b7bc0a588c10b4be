// Rate limiter: the output follows the input, but no faster than its limits.
//
// y[k] = y[k-1] + clip(x[k] - y[k-1], -down dt, up dt). Samples that are not
// finite repeat the last output (finite.h).
#ifndef LW_DSP_SLEW_H
#define LW_DSP_SLEW_H

#include <stddef.h> // size_t

typedef struct lw_slew {
  double up, down; // largest change in one sample, in the signal's unit
  double dt_s;
  double last; // NaN until the first sample, which passes
} lw_slew;

// Set up a limiter in the caller's storage.
//   up_per_s    fastest rise [unit/s], > 0; INFINITY: unlimited
//   down_per_s  fastest fall [unit/s], > 0; INFINITY: unlimited
//   dt_s        sample interval [s], finite, > 0
// Returns 0, or LW_E_RANGE and leaves *f as it was.
int lw_slew_init(lw_slew *f, double up_per_s, double down_per_s, double dt_s);

// Filter one block x [n] to y [n], in place allowed; blocks join bit for bit.
void lw_slew_run(lw_slew *f, const double *x, size_t n, double *y);

// Filter one sample that came dt_s [s], >= 0, after the one before.
double lw_slew_step_dt(lw_slew *f, double x, double dt_s);

void lw_slew_reset(lw_slew *f);

#define LW_SLEW_STATE 1
void lw_slew_save(const lw_slew *f, double *state);
void lw_slew_load(lw_slew *f, const double *state);

#endif
