// Lua face of dsp/rotate.h: three-phase currents. Documented in
// lua/meta/linewright/dsp.lua.
#include "bind/bind.h" // luaL_Reg
#include "bind/dsp_face.h"
#include "dsp/rotate.h"

// Samples at `arg`, as many as the first argument's; a missing one stays so.
static const double *check_same(lua_State *L, int arg) {
  const lw_samples *first = lw_bind_samples(L, 1), *s = lw_bind_samples(L, arg);
  luaL_argcheck(L, s->n == first->n, arg, "not as many samples as the first");
  return s->x;
}

static double *push_output(lua_State *L) {
  const lw_samples *first = lw_bind_samples(L, 1);
  return lw_bind_push_like(L, first, first->n)->x;
}

static size_t count(lua_State *L) {
  return lw_bind_samples(L, 1)->n;
}

// dsp.clarke(a, b, c) -> alpha, beta, zero
static int rotate_clarke(lua_State *L) {
  const double *a = check_same(L, 1), *b = check_same(L, 2),
               *c = check_same(L, 3);
  double *alpha = push_output(L), *beta = push_output(L),
         *zero = push_output(L);
  lw_rotate_clarke(a, b, c, count(L), alpha, beta, zero);
  return 3;
}

// dsp.phases(alpha, beta [, zero]) -> a, b, c
static int rotate_phases(lua_State *L) {
  const double *alpha = check_same(L, 1), *beta = check_same(L, 2);
  const double *zero = lua_isnoneornil(L, 3) ? NULL : check_same(L, 3);
  double *a = push_output(L), *b = push_output(L), *c = push_output(L);
  lw_rotate_phases(alpha, beta, zero, count(L), a, b, c);
  return 3;
}

// dsp.park(alpha, beta, theta) -> d, q
static int rotate_park(lua_State *L) {
  const double *alpha = check_same(L, 1), *beta = check_same(L, 2),
               *theta = check_same(L, 3);
  double *d = push_output(L), *q = push_output(L);
  lw_rotate_park(alpha, beta, theta, count(L), d, q);
  return 2;
}

// dsp.stator(d, q, theta) -> alpha, beta
static int rotate_stator(lua_State *L) {
  const double *d = check_same(L, 1), *q = check_same(L, 2),
               *theta = check_same(L, 3);
  double *alpha = push_output(L), *beta = push_output(L);
  lw_rotate_stator(d, q, theta, count(L), alpha, beta);
  return 2;
}

// dsp.dq(a, b, c, theta) -> d, q
static int rotate_dq(lua_State *L) {
  const double *a = check_same(L, 1), *b = check_same(L, 2),
               *c = check_same(L, 3), *theta = check_same(L, 4);
  double *d = push_output(L), *q = push_output(L);
  lw_rotate_dq(a, b, c, theta, count(L), d, q);
  return 2;
}

// dsp.polar(alpha, beta) -> angle, amplitude
static int rotate_polar(lua_State *L) {
  const double *alpha = check_same(L, 1), *beta = check_same(L, 2);
  double *angle = push_output(L), *amplitude = push_output(L);
  lw_rotate_polar(alpha, beta, count(L), angle, amplitude);
  return 2;
}

static const luaL_Reg functions[] = {{"clarke", rotate_clarke},
                                     {"phases", rotate_phases},
                                     {"park", rotate_park},
                                     {"stator", rotate_stator},
                                     {"dq", rotate_dq},
                                     {"polar", rotate_polar},
                                     {NULL, NULL}};

void lw_open_dsp_rotate(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
