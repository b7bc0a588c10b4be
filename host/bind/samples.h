// The numeric array that crosses between kernels and Lua.
#ifndef LW_BIND_SAMPLES_H
#define LW_BIND_SAMPLES_H

#include <stddef.h> // size_t

#include "bind/compat.h" // lua_State

// Longest array: 2^27 samples, 1 GiB; the VM's memory cap is lower.
#define LW_SAMPLES_MAX ((size_t)1 << 27)

typedef struct lw_samples {
  double *x; // own data behind this head, or inside another's
  size_t n;
  double rate_hz; // 0 = no time base
  double t0_s;    // time of the first sample [s]
  char unit[24];  // "" = none
  double data[];  // [n], absent in a slice
} lw_samples;

// The samples at `arg`, or a Lua error.
lw_samples *lw_bind_samples(lua_State *L, int arg);

// Push new samples of n places, not initialised, without time base and unit.
// Raises when n > LW_SAMPLES_MAX or memory is out.
lw_samples *lw_bind_push_samples(lua_State *L, size_t n);

// Push new samples of n places with time base and unit of `like`.
lw_samples *lw_bind_push_like(lua_State *L, const lw_samples *like, size_t n);

// The output of a block function: the samples at `arg`, of the length of `in`,
// or when absent new ones like `in`. Left on top of the stack.
lw_samples *lw_bind_output(lua_State *L, int arg, const lw_samples *in);

// Set up the type and add its functions to the module table on top.
void lw_open_samples(lua_State *L);

// Add methods to the metatable on top, functions to the table below it.
void lw_open_samples_math(lua_State *L);
void lw_open_samples_text(lua_State *L);

#endif
