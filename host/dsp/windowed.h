// How a filter over a sorted window works through a block: the shortest windows
// by sorting networks, long blocks by ranks, all else sample by sample. For
// median.c, hampel.c and mad.c.
#ifndef LW_DSP_WINDOWED_H
#define LW_DSP_WINDOWED_H

#include "dsp/window.h" // lw_window

// What is the filter's own. A block form gets the window's past before the new
// samples, x [n + size - 1], all finite, and may not touch x or the window.
typedef struct lw_windowed {
  double (*step)(void *f, lw_window *w, double x);
  // n <= LW_CHUNK, lw_net_has(size); NULL: has none for this filter
  void (*net)(void *f, size_t size, const double *x, size_t n, double *y);
  // n + size - 1 <= LW_BATCH_MAX; NULL: has none
  void (*batch)(void *f, size_t size, const double *x, size_t n, double *y);
  size_t batch_least; // shorter windows are as fast without batch
} lw_windowed;

// x [n] to y [n], y may be x; blocks join bit for bit. A sample that is not
// finite repeats *last, the newest output.
void lw_windowed_run(const lw_windowed *k, void *f, lw_window *w, int isa,
                     double *last, const double *x, size_t n, double *y);

// State of filters that keep no more than their last output and the window:
// lw_windowed_state_n() numbers; load returns 0, or LW_E_CORRUPT and leaves an
// empty window.
size_t lw_windowed_state_n(const lw_window *w);
void lw_windowed_save(double last, const lw_window *w, double *state);
int lw_windowed_load(double *last, lw_window *w, const double *state);

#endif
