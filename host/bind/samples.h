// The numeric array that crosses between kernels and Lua.
//
// Numbers lie in one of three layouts: f64 to compute with, f32 and i16 (a step
// of `scale` each) for records that must be small. The quality of samples is an
// array of its own beside them, so that a bad reading keeps its number.
#ifndef LW_BIND_SAMPLES_H
#define LW_BIND_SAMPLES_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

#include "bind/compat.h" // lua_State
#include "dsp/pack.h"    // LW_MASK_*

#define LW_SAMPLES "linewright.samples" // name of the Lua type

// Longest array: 2^27 samples, 1 GiB; the VM's memory cap is lower.
#define LW_SAMPLES_MAX ((size_t)1 << 27)

enum { LW_LAYOUT_F64, LW_LAYOUT_F32, LW_LAYOUT_I16, LW_LAYOUT_N };

typedef struct lw_samples {
  double *x; // the samples when layout is f64, else NULL
  size_t n;
  double rate_hz;          // 0 = no time base
  double t0_s;             // time of the first sample [s]
  char unit[24];           // "" = none
  struct lw_samples *root; // whose data and mask these are: itself, or in a
                           // slice the array that it was cut from
  size_t from;             // place of the first sample in the root
  int layout;              // LW_LAYOUT_*
  double scale;            // of one step of i16, > 0; 1 otherwise
  uint8_t *mask;           // LW_MASK_* [n] of a root; NULL: all good
  double *data;            // storage of a root, from a cache line's beginning
                           // on, so that no vector straddles two
} lw_samples;

// The samples at `arg` as float64, a bad one as NaN: themselves when they are
// so already, else a copy, which takes their place on the stack. To read only.
lw_samples *lw_bind_samples(lua_State *L, int arg);

// The samples at `arg` in whatever layout, or a Lua error.
lw_samples *lw_bind_samples_any(lua_State *L, int arg);

// Push new float64 samples of n places, not initialised, without time base and
// unit. Raises when n > LW_SAMPLES_MAX or memory is out.
lw_samples *lw_bind_push_samples(lua_State *L, size_t n);

// Push new samples of n places with time base and unit of `like`.
lw_samples *lw_bind_push_like(lua_State *L, const lw_samples *like, size_t n);

// The output of a block function: the float64 samples at `arg`, of the length
// of `in`, or when absent new ones like `in`. Left on top of the stack.
lw_samples *lw_bind_output(lua_State *L, int arg, const lw_samples *in);

// Push empty storage of n places in a layout, like `like` otherwise.
lw_samples *lw_bind_push_layout(lua_State *L, const lw_samples *like, size_t n,
                                int layout, double scale);

// Sample i of any layout, NaN when missing, and the reverse; the quality of
// sample i. i < s->n.
double lw_samples_get(const lw_samples *s, size_t i);
void lw_samples_set(lw_samples *s, size_t i, double x);
int lw_samples_quality(const lw_samples *s, size_t i);

// All samples of any layout as float64 to x [s->n].
void lw_samples_widen(const lw_samples *s, double *x);

// Give samples from..to (0-based, to not included) a quality. The samples lie
// at stack place `arg`, which then owns the mask.
void lw_samples_mark(lua_State *L, int arg, size_t from, size_t to,
                     int quality);

// First and one-past-last place of the optional 1-based bounds at `arg`,
// arg + 1; negative ones count from the end.
void lw_bind_bounds(lua_State *L, int arg, size_t n, size_t *from, size_t *to);

// 0-based place of the 1-based index at `arg`, which must lie in 1..n.
size_t lw_bind_place(lua_State *L, int arg, size_t n);

// Bytes of one sample, and sample i of raw memory in a layout.
size_t lw_layout_bytes(int layout);
double lw_layout_read(const char *p, size_t i, int layout, double scale);
void lw_layout_write(char *p, size_t i, double x, int layout, double scale);
int lw_bind_layout(lua_State *L, int arg); // "f32" as LW_LAYOUT_F32
double lw_bind_scale(lua_State *L, int arg, int layout); // > 0, default 1

// Set up the type and add its functions to the module table on top.
void lw_open_samples(lua_State *L);

// The parts of the type: each adds methods by lw_bind_methods, and functions to
// the table on top.
void lw_open_samples_math(lua_State *L);
void lw_open_samples_figures(lua_State *L);
void lw_open_samples_store(lua_State *L);
void lw_open_samples_text(lua_State *L);
void lw_open_samples_parts(lua_State *L);

#endif
