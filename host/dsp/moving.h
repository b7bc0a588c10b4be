// Moving mean and standard deviation of the last `window` samples, without
// drift: nothing that was added is ever subtracted.
//
// The signal is cut into blocks of one window. A window that ends inside a
// block is the rest of the block before, whose figures for each starting point
// were laid down when it was complete, and the beginning of this one. The
// deviation uses Welford's updates and Chan's merge, so it keeps its digits
// however far the signal lies from zero. Long blocks are left to slide.h, which
// does the same with vectors; the results agree to 1e-12.
//
// Source: B. P. Welford, "Note on a Method for Calculating Corrected Sums of
// Squares and Products", Technometrics 4(3), 1962; T. F. Chan, G. H. Golub,
// R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
// Sample Variances", 1979.
#ifndef LW_DSP_MOVING_H
#define LW_DSP_MOVING_H

#include <stddef.h> // size_t

#define LW_MOVING_MAX 65536 // longest window [samples]

enum { LW_MOVING_MEAN, LW_MOVING_STD };

// Head of a caller's block of lw_moving_size() bytes.
typedef struct lw_moving {
  size_t window;
  int figure;  // LW_MOVING_*
  int isa;     // LW_ISA_*
  size_t at;   // samples of this block so far, < window
  size_t full; // 1: there is a block before this one
  double last; // NaN until the first sample
  double data[];
} lw_moving;

// Bytes of a filter over `window` samples.
size_t lw_moving_size(size_t window);

// Set up in lw_moving_size(window) bytes aligned for double.
//   window  length [samples], 1..LW_MOVING_MAX
//   figure  LW_MOVING_MEAN or LW_MOVING_STD (the population's: divided by n)
// Returns 0, or LW_E_RANGE.
int lw_moving_init(lw_moving *f, size_t window, int figure);

// Filter one block; blocks of any length join (to 1e-12). Until `window`
// samples have come, the result is that of the samples so far.
//   x  input  [n], borrowed; a sample that is not finite repeats the last
//   output y  output [n]; may be x itself, may not overlap it otherwise
void lw_moving_run(lw_moving *f, const double *x, size_t n, double *y);

void lw_moving_reset(lw_moving *f);
int lw_moving_primed(const lw_moving *f);   // 1 once the window is full
double lw_moving_delay(const lw_moving *f); // (window - 1) / 2 [samples]

// State as plain data, lw_moving_state_n() numbers; load refuses nonsense with
// LW_E_CORRUPT and leaves an empty filter.
size_t lw_moving_state_n(const lw_moving *f);
void lw_moving_save(const lw_moving *f, double *state);
int lw_moving_load(lw_moving *f, const double *state);

#endif
