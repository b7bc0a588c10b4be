// Taps for lw_fir: windowed sinc, Parks-McClellan, Savitzky-Golay.
#ifndef LW_DSP_TAPS_H
#define LW_DSP_TAPS_H

#include <stddef.h> // size_t

// Windows, symmetric as SciPy's with sym=True.
enum { LW_RECTANGLE, LW_HANN, LW_HAMMING, LW_BLACKMAN, LW_KAISER, LW_WINDOW_N };

// Fill w [n], n >= 1. `beta` is Kaiser's, >= 0, ignored by the others.
// periodic: 1 leaves out the last point, for spectra.
// Source: F. J. Harris, "On the Use of Windows for Harmonic Analysis with the
// Discrete Fourier Transform", Proc. IEEE 66(1), 1978.
void lw_taps_window(int window, double beta, int periodic, size_t n, double *w);

// Windowed ideal filter passing low..high [cycles/sample], 0 <= low < high <=
// 0.5, scaled to gain 1 in its pass band: at 0 when low = 0, at 0.5 when high =
// 0.5, else in the middle. As SciPy's firwin.
//   tap  [n]; n odd when high = 0.5
// Returns 0, or LW_E_RANGE.
int lw_taps_ideal(double low, double high, int window, double beta, size_t n,
                  double *tap);

// Savitzky-Golay: the derivative of the given order, at the sample `lag` before
// the newest, of the polynomial of `order` that fits the last n samples best.
// Scaled to one sample as the unit of time.
//   order  0..10, < n;  derivative  0..order;  lag  < n, (n - 1) / 2 the centre
//   tap    [n], newest sample first
// Returns 0, or LW_E_RANGE. Source: P. A. Gorry, "General Least-Squares
// Smoothing and Differentiation by the Convolution (Savitzky-Golay) Method",
// Anal. Chem. 62, 1990.
int lw_taps_savgol(size_t n, int order, int derivative, size_t lag,
                   double *tap);

#endif
