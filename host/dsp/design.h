// Recursive filters designed from their cutoff: analogue prototype, frequency
// transformation, bilinear transform, second-order sections.
//
// Poles and zeros equal those of SciPy's butter, cheby1, cheby2, ellip and
// bessel(norm="mag") to 1e-10.
//
// Source: A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing",
// 3rd ed., chapter 7; S. J. Orfanidis, "Lecture Notes on Elliptic Filter
// Design", 2006 (elliptic functions by Landen's transformation); W. E. Thomson,
// "Delay Networks Having Maximally Flat Frequency Characteristics", Proc. IEE
// 96, 1949.
#ifndef LW_DSP_DESIGN_H
#define LW_DSP_DESIGN_H

#include "dsp/biquad.h" // lw_section

#define LW_DESIGN_ORDER_MAX 12

// Families of prototypes and shapes of bands.
enum {
  LW_BUTTERWORTH, // flattest pass band, -3.01 dB at the cutoff
  LW_CHEBYSHEV1,  // ripple in the pass band, -ripple_db at the cutoff
  LW_CHEBYSHEV2,  // ripple in the stop band, -stop_db at the cutoff
  LW_ELLIPTIC,    // ripple in both, steepest, -ripple_db at the cutoff
  LW_BESSEL, // flattest delay, hardly any overshoot, -3.01 dB at the cutoff
  LW_FAMILY_N
};
enum { LW_LOWPASS, LW_HIGHPASS, LW_BANDPASS, LW_BANDSTOP, LW_BAND_N };

typedef struct lw_design {
  int family;       // LW_BUTTERWORTH ...
  int band;         // LW_LOWPASS ...
  int order;        // of the prototype, 1..LW_DESIGN_ORDER_MAX; bands double it
  double low;       // cutoff [cycles/sample], in (0, 0.5)
  double high;      // upper cutoff of a band, in (low, 0.5); else ignored
  double ripple_db; // Chebyshev I, elliptic: > 0
  double stop_db;   // Chebyshev II, elliptic: > ripple_db
} lw_design;

// Poles and zeros in the z-plane: real, imaginary pairs; conjugates both given.
typedef struct lw_zpk {
  size_t zero_n, pole_n;
  double zero[2 * LW_DESIGN_ORDER_MAX][2];
  double pole[2 * LW_DESIGN_ORDER_MAX][2];
  double gain;
} lw_zpk;

// Returns 0, or LW_E_RANGE when a field is outside what is written above.
int lw_design_zpk(const lw_design *d, lw_zpk *out);

// As sections, [LW_BIQUAD_MAX] provided by the caller, *section_n filled. The
// pair of poles nearest the unit circle comes last, each with its nearest
// zeros.
int lw_design_sections(const lw_design *d, lw_section *out, size_t *section_n);

// Notch at f0 [cycles/sample], in (0, 0.5), -3 dB width f0 / q, q > 0: one
// section, as SciPy's iirnotch. LW_E_RANGE otherwise.
int lw_design_notch(double f0, double q, lw_section *out);

#endif
