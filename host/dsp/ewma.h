// Exponentially weighted moving average, y[k] = y[k-1] + g (x[k] - y[k-1]).
//
// Source: S. W. Roberts, "Control Chart Tests Based on Geometric Moving
// Averages", Technometrics 1(3), 1959. The gain follows from the time constant
// of the first-order lag sampled with a zero-order hold: g = 1 - exp(-dt/tau).
#ifndef LW_DSP_EWMA_H
#define LW_DSP_EWMA_H

#include <stddef.h> // size_t

typedef struct lw_ewma {
  double tau_s;
  double gain;     // g, in (0, 1]; 1 passes the input through
  double reach[4]; // 1 - (1-g)^k, k = 1..4: how far k equal samples pull
  double mean; // y[k-1], in the unit of the input; NaN until the first sample
  int isa;     // LW_ISA_*
} lw_ewma;

// Set up a filter in the caller's storage.
//   tau_s  time constant [s], finite, > 0
//   dt_s   sample interval [s], finite, > 0
// Returns 0, or LW_E_RANGE and leaves *f as it was.
int lw_ewma_init(lw_ewma *f, double tau_s, double dt_s);

// Filter one block; blocks of any length join (to 1e-15 relative).
//   x  input  [n], borrowed; a sample that is not finite repeats the last mean
//   y  output [n]; may be x itself, may not overlap it otherwise
// Cannot fail and allocates nothing. The first sample starts the mean.
void lw_ewma_run(lw_ewma *f, const double *x, size_t n, double *y);

// Filter one sample that came dt_s [s], >= 0, after the one before.
double lw_ewma_step_dt(lw_ewma *f, double x, double dt_s);

void lw_ewma_reset(lw_ewma *f);

// Group delay at direct current [samples]: (1-g)/g.
double lw_ewma_delay(const lw_ewma *f);

// State as plain data: LW_EWMA_STATE numbers.
#define LW_EWMA_STATE 1
void lw_ewma_save(const lw_ewma *f, double *state);
void lw_ewma_load(lw_ewma *f, const double *state);

#endif
