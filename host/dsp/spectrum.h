// Spectra of real blocks: Welch's density, one frequency, band power, envelope.
#ifndef LW_DSP_SPECTRUM_H
#define LW_DSP_SPECTRUM_H

#include <stddef.h> // size_t

#include "dsp/fft.h" // lw_fft

// Head of a caller's block of lw_welch_size() bytes.
typedef struct lw_welch {
  size_t n;     // samples of a segment
  double scale; // makes a density of a squared magnitude
  int isa;      // LW_ISA_*
  double data[];
} lw_welch;

// Bytes for segments of n samples; 0 when n is not a power of two in
// 4..LW_FFT_MAX.
size_t lw_welch_size(size_t n);

// Set up in lw_welch_size(n) bytes aligned for double: Hann window, segments
// that overlap by half, each freed from its mean, as SciPy's welch by default.
//   rate_hz  sample rate [Hz], finite, > 0
// Returns 0, or LW_E_RANGE. Source: P. D. Welch, "The Use of Fast Fourier
// Transform for the Estimation of Power Spectra", IEEE Trans. AU-15(2), 1967.
int lw_welch_init(lw_welch *f, size_t n, double rate_hz);

// Mean one-sided power density [unit^2/Hz] of x [n] in density [segment/2 + 1],
// at k * rate_hz / segment. Returns the number of segments (0: x is shorter
// than one and density is left alone), or LW_E_RANGE when a sample is not
// finite.
int lw_welch_run(lw_welch *f, const double *x, size_t n, double *density);

// Amplitude and phase of x [n] at w [rad/sample]: *re, *im of (2 / n) sum of
// x[i] exp(-j w i), a sine of amplitude a gives magnitude a. Source: G.
// Goertzel, "An Algorithm for the Evaluation of Finite Trigonometric Series",
// Am. Math. Monthly 65, 1958; in the stable form of C. Reinsch.
void lw_goertzel(const double *x, size_t n, double w, double *re, double *im);

// Integral of density [n] over low_hz..high_hz, bins of width bin_hz taken by
// the share that lies inside; [unit^2].
double lw_band_power(const double *density, size_t n, double bin_hz,
                     double low_hz, double high_hz);

// Envelope of the part of x between low and high [cycles/sample], 0 <= low <
// high <= 0.5: magnitude of the analytic signal, by Fourier transform.
//   f      set up for n, the length of x and y
//   work   [2 * n + 2]
//   y      [n]; may be x
// Source: R. B. Randall, J. Antoni, "Rolling element bearing diagnostics - A
// tutorial", Mech. Syst. Signal Process. 25(2), 2011, section 5.
void lw_envelope(lw_fft *f, const double *x, double low, double high,
                 double *work, double *y);

#endif
