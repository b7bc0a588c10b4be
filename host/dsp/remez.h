// Parks-McClellan: the FIR filter of given length whose largest error is least.
#ifndef LW_DSP_REMEZ_H
#define LW_DSP_REMEZ_H

#include <stddef.h> // size_t

#define LW_REMEZ_MAX 511 // most taps
#define LW_REMEZ_BANDS_MAX 8

typedef struct lw_remez_band {
  double low, high; // [cycles/sample], 0 <= low < high <= 0.5
  double gain;      // wanted
  double weight;    // of its error, > 0
} lw_remez_band;

// Fill tap [n], symmetric (linear phase), n odd or even.
//   band  [band_n], 1..LW_REMEZ_BANDS_MAX, rising and apart; an even n has gain
//         0 at 0.5 whatever is asked there
//   ripple  largest weighted error reached; may be NULL
// Returns 0; LW_E_RANGE for bands as above not kept or n outside
// 3..LW_REMEZ_MAX; LW_E_AGAIN when the exchange has not settled in 100 rounds.
// The error is held down on a grid of 32 points a ripple; between them it may
// be 0.2 per cent larger. Uses 400 kB of stack.
//
// Source: J. H. McClellan, T. W. Parks, L. R. Rabiner, "A Computer Program for
// Designing Optimum FIR Linear Phase Digital Filters", IEEE Trans. AU-21(6),
// 1973; barycentric interpolation after J.-P. Berrut, L. N. Trefethen, SIAM
// Review 46(3), 2004.
int lw_remez(const lw_remez_band *band, size_t band_n, size_t n, double *tap,
             double *ripple);

#endif
