// The parts of linewright.dsp, each adding its functions to the table on top,
// and what they share.
#ifndef LW_BIND_DSP_FACE_H
#define LW_BIND_DSP_FACE_H

#include "bind/compat.h" // lua_State
#include "bind/samples.h"
#include "dsp/biquad.h" // lw_biquad
#include "dsp/filter.h" // lw_filter_kind
#include "dsp/fir.h"    // lw_fir

void lw_open_dsp_filter(lua_State *L);
void lw_open_dsp_design(lua_State *L);
void lw_open_dsp_block(lua_State *L);
void lw_open_dsp_rotate(lua_State *L);
void lw_open_dsp_monitor(lua_State *L);
void lw_open_dsp_bank(lua_State *L);
void lw_open_dsp_kalman(lua_State *L);

// A streaming filter's userdata; the filter's own block lies behind this head.
#define LW_FILTER "linewright.filter"
typedef struct lw_filter_face {
  const lw_filter_kind *kind;
  double rate_hz;
  double seen_n;  // detectors: samples taken
  double fired_n; // which of them was the last alarm, from 1; 0 none
} lw_filter_face;

static inline void *lw_filter_block(lw_filter_face *f) {
  return f + 1;
}

lw_filter_face *lw_bind_filter(lua_State *L, int arg);

// Push a filter with `bytes` of its own, not initialised.
lw_filter_face *lw_bind_push_filter(lua_State *L, const lw_filter_kind *kind,
                                    double rate_hz, size_t bytes);

// Push the filter that the arguments kind, rate_hz, parameter, ... from `arg`
// on describe, or raise.
lw_filter_face *lw_bind_make_filter(lua_State *L, int arg);

// o:delay() -> 0, 0 of objects whose output tells of the newest sample.
int lw_bind_no_delay(lua_State *L);

// Its cascade of sections or its taps; NULL for filters that are neither.
lw_biquad *lw_bind_cascade(lw_filter_face *f);
lw_fir *lw_bind_fir(lw_filter_face *f);

// Arguments of block functions: samples without a missing one, at least `least`
// of them; that also have a time base; a whole number in low..high.
lw_samples *lw_bind_whole(lua_State *L, int arg, size_t least);
lw_samples *lw_bind_timed(lua_State *L, int arg, size_t least);
size_t lw_bind_size(lua_State *L, int arg, double low, double high);

// States as text, "name 1 2.5 nan ...": push the text of n numbers; read n
// numbers back (0: not such a text); push nil, message, code for a bad one.
void lw_bind_push_state(lua_State *L, const char *name, const double *state,
                        size_t n);
int lw_bind_read_state(const char *text, const char *name, size_t n,
                       double *state);
int lw_bind_bad_state(lua_State *L, const char *name);

#endif
