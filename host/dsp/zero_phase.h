// A filter forward, then backward: no delay, the square of its gain.
//
// Source: F. Gustafsson, "Determining the Initial States in Forward-Backward
// Filtering", IEEE Trans. Signal Process. 44(4), 1996, for the problem; the
// ends are those of SciPy's filtfilt with padtype "odd".
#ifndef LW_DSP_ZERO_PHASE_H
#define LW_DSP_ZERO_PHASE_H

#include <stddef.h> // size_t

// Filter x [n] in place, from the steady state of a constant input x[0].
typedef void (*lw_sweep)(void *f, double *x, size_t n);

// The ends are extended by an odd reflection of `pad` samples, pad < n.
//   x     [n], finite
//   work  [n + 2 pad] scratch
//   y     [n], may be x
// Returns 0, or LW_E_SHAPE when pad >= n, and y is untouched.
int lw_zero_phase(lw_sweep sweep, void *f, const double *x, size_t n,
                  size_t pad, double *work, double *y);

#endif
