// Cascade of second-order sections: the runner of all recursive linear filters.
//
// Each section is y = b0 x + s1, s1' = b1 x - a1 y + s2, s2' = b2 x - a2 y, the
// transposed direct form II of SciPy's sosfilt, whose coefficients, states and
// initial conditions it shares. Inside, y is substituted into the states, which
// shortens the chain of dependent operations from 8 to 5.5 cycles a sample.
//
// Source: A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing",
// 3rd ed., section 6.3.
#ifndef LW_DSP_BIQUAD_H
#define LW_DSP_BIQUAD_H

#include <stddef.h> // size_t

// Most sections of a cascade: order 24, or a band-pass of order 12.
#define LW_BIQUAD_MAX 12

// One section's coefficients; a0 = 1.
typedef struct lw_section {
  double b0, b1, b2, a1, a2;
} lw_section;

typedef struct lw_biquad {
  size_t section_n;
  lw_section section[LW_BIQUAD_MAX];
  double s[LW_BIQUAD_MAX][2]; // s1, s2 of each section
  double last;                // NaN until the first sample
  int settle; // 1: the first sample starts the cascade in its steady state
  int isa;    // LW_ISA_*
} lw_biquad;

// Set up a cascade at rest.
//   section  [section_n], 1..LW_BIQUAD_MAX; copied; poles inside the unit
//   circle settle   1: the first sample counts as having been there for ever,
//   so that
//            a low-pass starts on it; 0: start from zero, as sosfilt does
// Returns 0, or LW_E_RANGE when a coefficient is not finite or a pole is not
// stable, and leaves *f as it was.
int lw_biquad_init(lw_biquad *f, const lw_section *section, size_t section_n,
                   int settle);

// Filter one block; blocks of any length join bit for bit.
//   x  input  [n], borrowed; a sample that is not finite repeats the last
//   output y  output [n]; may be x itself, may not overlap it otherwise
void lw_biquad_run(lw_biquad *f, const double *x, size_t n, double *y);

// Put the cascade into the steady state of a constant input x0, times one of
// SciPy's sosfilt_zi.
void lw_biquad_settle(lw_biquad *f, double x0);

// Filter a block forward, then backward: no phase shift, twice the order; as
// lw_zero_phase, and SciPy's sosfiltfilt with pad = lw_biquad_pad(f). Leaves
// the state of *f at rest.
int lw_biquad_zero_phase(lw_biquad *f, const double *x, size_t n, size_t pad,
                         double *work, double *y);
size_t lw_biquad_pad(const lw_biquad *f);

void lw_biquad_reset(lw_biquad *f);

// Group delay [samples] at w [rad/sample], 0 <= w <= pi.
double lw_biquad_delay(const lw_biquad *f, double w);

// Complex gain at w [rad/sample]: out[0] real, out[1] imaginary part.
void lw_biquad_gain(const lw_biquad *f, double w, double out[2]);

// State as plain data, lw_biquad_state_n() numbers; load refuses a state that
// is not finite with LW_E_CORRUPT and resets.
size_t lw_biquad_state_n(const lw_biquad *f);
void lw_biquad_save(const lw_biquad *f, double *state);
int lw_biquad_load(lw_biquad *f, const double *state);

#endif
