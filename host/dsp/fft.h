// Fourier transform of real blocks whose length is a power of two.
//
// A complex transform of half the length in Stockham's order (no bit reversal,
// contiguous inner loops), radix 4, then the untangling of even and odd
// samples.
//
// Source: C. Van Loan, "Computational Frameworks for the Fast Fourier
// Transform", 1992, sections 1.7 and 4.
#ifndef LW_DSP_FFT_H
#define LW_DSP_FFT_H

#include <stddef.h> // size_t

#define LW_FFT_MAX ((size_t)1 << 22) // longest block

// Head of a caller's block of lw_fft_size(n) bytes: tables and scratch.
typedef struct lw_fft {
  size_t n;
  int isa; // LW_ISA_*
  double data[];
} lw_fft;

// Bytes for blocks of n samples; 0 when n is not a power of two in
// 2..LW_FFT_MAX.
size_t lw_fft_size(size_t n);

// Set up in lw_fft_size(n) bytes aligned for double. 0, or LW_E_RANGE.
int lw_fft_init(lw_fft *f, size_t n);

// X[k] = sum of x[i] exp(-2 pi j i k / n) for k = 0..n/2.
//   x       [n]
//   re, im  [n/2 + 1] each; may not overlap x
void lw_fft_forward(lw_fft *f, const double *x, double *re, double *im);

// The inverse: x [n] from re, im [n/2 + 1]; im[0] and im[n/2] count as 0.
void lw_fft_inverse(lw_fft *f, const double *re, const double *im, double *x);

#endif
