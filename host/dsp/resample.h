// Bringing samples onto another grid: of time, or of travelled distance.
#ifndef LW_DSP_RESAMPLE_H
#define LW_DSP_RESAMPLE_H

#include <stddef.h> // size_t

// Straight lines between irregular readings, read off on a regular grid.
//   t     places of the readings [n], rising (time [s], distance [m], turns);
//         equal ones: the later reading counts
//   x     readings [n]; one that is not finite is skipped
//   from  first place of the grid, step > 0 between its places, finite
//   gap   longest stretch that may be bridged, in the unit of t, > 0
//   y     [m]; NaN before the first reading, after the last, and in longer gaps
// Returns 0, LW_E_RANGE when step or gap is not as above, or LW_E_SHAPE when t
// falls somewhere.
int lw_resample_grid(const double *t, const double *x, size_t n, double from,
                     double step, double gap, size_t m, double *y);

// Running integral of a speed [n] sampled every dt_s: places for
// lw_resample_grid, so that a signal can be resampled per metre of web (speed
// in m/s) or per turn of a shaft (speed in 1/s). Trapezoids, from 0.
void lw_resample_travel(const double *speed, size_t n, double dt_s, double *t);

// Keep every factor-th sample after a low-pass of constant delay (windowed
// sinc, Kaiser beta 8, 20 * factor + 1 taps, edge at 0.45 of the new rate; ends
// are extended by their own value). No delay: y[i] stands at x[i * factor].
//   x     [n], finite;  factor 1..LW_DECIMATE_MAX
//   work  [LW_DECIMATE_WORK(n, factor)] (taps, extended input, filtered)
//   y     [(n + factor - 1) / factor]
// Returns 0, or LW_E_RANGE.
#define LW_DECIMATE_MAX 200
#define LW_DECIMATE_WORK(n, factor) (2 * (n) + 40 * (factor) + 128)
int lw_resample_decimate(const double *x, size_t n, size_t factor, double *work,
                         double *y);

#endif
