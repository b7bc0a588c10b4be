// Cepstrum pre-whitening: every frequency gets the same magnitude and keeps its
// phase.
//
// A machine's tones and resonances shout down the faint knocks of a damaged
// bearing. Set to one height, all tones become one line each, while knocks,
// which are spread over all frequencies in phase, stay knocks: the envelope of
// what is left shows them without any choice of a band.
//
// Source: P. Borghesani, P. Pennacchi, R. B. Randall, N. Sawalhi, R. Ricci,
// "Application of cepstrum pre-whitening for the diagnosis of bearing faults
// under variable speed conditions", Mech. Syst. Signal Process. 36(2), 2013.
#ifndef LW_DSP_WHITEN_H
#define LW_DSP_WHITEN_H

#include "dsp/fft.h" // lw_fft

// Whiten one block.
//   f     set up for n, the length of x and y
//   x     [n], finite
//   work  [n + 2]
//   y     [n]; may be x. A silent frequency stays silent.
void lw_whiten(lw_fft *f, const double *x, double *work, double *y);

#endif
