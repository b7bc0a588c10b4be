// Lua face of sample arrays: making, reading, slicing. Documented in
// lua/meta/linewright/dsp.lua.
#include "bind/samples.h"

#include <math.h>   // isfinite, NAN
#include <stdint.h> // uintptr_t
#include <string.h> // memcpy

#include "bind/bind.h" // lw_bind_type

#define UNPACK_MAX 200 // values that one call may put on the Lua stack

lw_samples *lw_bind_samples_any(lua_State *L, int arg) {
  return luaL_checkudata(L, arg, LW_SAMPLES);
}

lw_samples *lw_bind_samples(lua_State *L, int arg) {
  lw_samples *s = lw_bind_samples_any(L, arg);
  if (s->x && !s->root->mask)
    return s;
  lw_samples *copy = lw_bind_push_like(L, s, s->n);
  lw_samples_widen(s, copy->x);
  if (s->root->mask)
    lw_mask_apply(s->root->mask + s->from, copy->x, s->n, LW_MASK_UNCERTAIN,
                  copy->x);
  lua_replace(L, arg);
  return copy;
}

#define LINE 64 // bytes of a cache line

lw_samples *lw_bind_push_layout(lua_State *L, const lw_samples *like, size_t n,
                                int layout, double scale) {
  if (n > LW_SAMPLES_MAX)
    luaL_error(L, "samples: %f are too many, at most %f", (double)n,
               (double)LW_SAMPLES_MAX);
  size_t bytes = n * lw_layout_bytes(layout);
  lw_samples *s = lua_newuserdata(L, sizeof *s + bytes + LINE - 1);
  uintptr_t at = (uintptr_t)(s + 1);
  *s = (lw_samples){
      .n = n,
      .layout = layout,
      .scale = scale,
      .data = (double *)((char *)s + sizeof *s + (LINE - at % LINE) % LINE)};
  s->root = s;
  s->x = layout == LW_LAYOUT_F64 ? s->data : NULL;
  if (like) {
    s->rate_hz = like->rate_hz;
    s->t0_s = like->t0_s;
    memcpy(s->unit, like->unit, sizeof s->unit);
  }
  luaL_setmetatable(L, LW_SAMPLES);
  return s;
}

lw_samples *lw_bind_push_samples(lua_State *L, size_t n) {
  return lw_bind_push_layout(L, NULL, n, LW_LAYOUT_F64, 1);
}

lw_samples *lw_bind_push_like(lua_State *L, const lw_samples *like, size_t n) {
  return lw_bind_push_layout(L, like, n, LW_LAYOUT_F64, 1);
}

lw_samples *lw_bind_output(lua_State *L, int arg, const lw_samples *in) {
  if (lua_isnoneornil(L, arg))
    return lw_bind_push_like(L, in, in->n);
  lw_samples *out = lw_bind_samples_any(L, arg);
  luaL_argcheck(L, out->x, arg, "must be float64 to be written to");
  if (out->n != in->n)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "has %d samples, the input %d",
                                  (int)out->n, (int)in->n));
  lua_pushvalue(L, arg);
  return out;
}

// A count of samples, 0..LW_SAMPLES_MAX.
static size_t check_count(lua_State *L, int arg) {
  double n = luaL_checknumber(L, arg);
  if (!(n >= 0 && n <= (double)LW_SAMPLES_MAX && n == (double)(size_t)n))
    luaL_argerror(L, arg,
                  lua_pushfstring(L,
                                  "a whole number of samples, 0 to %d, "
                                  "expected, not %f",
                                  (int)LW_SAMPLES_MAX, n));
  return (size_t)n;
}

// dsp.samples(n [, value]) -> samples
static int samples_new(lua_State *L) {
  size_t n = check_count(L, 1);
  double value = luaL_optnumber(L, 2, 0);
  lw_samples *s = lw_bind_push_samples(L, n);
  for (size_t i = 0; i < n; i++)
    s->x[i] = value;
  return 1;
}

// dsp.of(x1, x2, ...) -> samples; nil is a missing sample
static int samples_of(lua_State *L) {
  int n = lua_gettop(L);
  lw_samples *s = lw_bind_push_samples(L, (size_t)n);
  for (int i = 0; i < n; i++)
    s->x[i] = lua_isnil(L, i + 1) ? (double)NAN : luaL_checknumber(L, i + 1);
  return 1;
}

// dsp.ramp(n, first, step) -> samples first, first + step, ...
static int samples_ramp(lua_State *L) {
  size_t n = check_count(L, 1);
  double first = luaL_checknumber(L, 2), step = luaL_checknumber(L, 3);
  lw_samples *s = lw_bind_push_samples(L, n);
  for (size_t i = 0; i < n; i++)
    s->x[i] = first + (double)i * step;
  return 1;
}

size_t lw_bind_place(lua_State *L, int arg, size_t n) {
  double i = luaL_checknumber(L, arg);
  if (!(i >= 1 && i <= (double)n && i == (double)(size_t)i))
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "no sample %f, there are %d", i, (int)n));
  return (size_t)i - 1;
}

static void push_sample(lua_State *L, const lw_samples *s, size_t i) {
  double x = lw_samples_get(s, i);
  if (isfinite(x))
    lua_pushnumber(L, x);
  else
    lua_pushnil(L);
}

static int samples_get(lua_State *L) {
  const lw_samples *s = lw_bind_samples_any(L, 1);
  push_sample(L, s, lw_bind_place(L, 2, s->n));
  return 1;
}

// s:set(i, x_i, x_i+1, ...) -> s; nil is a missing sample
static int samples_set(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  size_t i = lw_bind_place(L, 2, s->n);
  int n = lua_gettop(L) > 3 ? lua_gettop(L) - 2 : 1;
  luaL_argcheck(L, (size_t)n <= s->n - i, 3, "more values than places");
  for (int k = 0; k < n; k++)
    lw_samples_set(s, i + (size_t)k,
                   lua_isnoneornil(L, 3 + k) ? (double)NAN
                                             : luaL_checknumber(L, 3 + k));
  lua_settop(L, 1);
  return 1;
}

static int samples_len(lua_State *L) {
  lua_pushnumber(L, (double)lw_bind_samples_any(L, 1)->n);
  return 1;
}

static int samples_text(lua_State *L) {
  const lw_samples *s = lw_bind_samples_any(L, 1);
  lua_pushfstring(L, "samples [%d]%s%s", (int)s->n, s->unit[0] ? " " : "",
                  s->unit);
  return 1;
}

void lw_bind_bounds(lua_State *L, int arg, size_t n, size_t *from, size_t *to) {
  double first = luaL_optnumber(L, arg, 1);
  double last = luaL_optnumber(L, arg + 1, (double)n);
  first = first < 0 ? first + (double)n + 1 : first;
  last = last < 0 ? last + (double)n + 1 : last;
  if (!(first >= 1 && last >= first - 1 && last <= (double)n) ||
      first != (double)(size_t)first || last != (double)(size_t)last)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "no samples %f to %f, there are %d", first,
                                  last, (int)n));
  *from = (size_t)first - 1;
  *to = (size_t)last;
}

// s:slice(i, j) -> a view of samples i..j: it shares them with s
static int samples_slice(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  size_t from, to;
  lw_bind_bounds(L, 2, s->n, &from, &to);
  lw_samples *view = lua_newuserdata(L, sizeof *view);
  *view = *s;
  view->x = s->x ? s->x + from : NULL;
  view->n = to - from;
  view->from = s->from + from;
  view->mask = NULL; // looked up in the root
  if (s->rate_hz > 0)
    view->t0_s = s->t0_s + (double)from / s->rate_hz;
  luaL_setmetatable(L, LW_SAMPLES);
  if (s->root == s) // the owner lives as long as the view
    lua_pushvalue(L, 1);
  else
    lw_compat_kept(L, 1);
  lw_compat_keep(L, -2);
  return 1;
}

// s:unpack(i, j) -> x_i, ..., x_j; a missing sample is nil
static int samples_unpack(lua_State *L) {
  const lw_samples *s = lw_bind_samples_any(L, 1);
  size_t from, to;
  lw_bind_bounds(L, 2, s->n, &from, &to);
  luaL_argcheck(L, to - from <= UNPACK_MAX, 2, "at most 200 at a time");
  luaL_checkstack(L, UNPACK_MAX, "samples");
  for (size_t i = from; i < to; i++)
    push_sample(L, s, i);
  return (int)(to - from);
}

// s:rate([rate_hz [, t0_s]]) -> rate_hz, t0_s | s
static int samples_rate(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  if (lua_isnoneornil(L, 2)) {
    lua_pushnumber(L, s->rate_hz);
    lua_pushnumber(L, s->t0_s);
    return 2;
  }
  double rate_hz = lw_bind_number(L, 2, "rate_hz");
  double t0_s = lua_isnoneornil(L, 3) ? 0 : lw_bind_number(L, 3, "t0_s");
  luaL_argcheck(L, rate_hz >= 0, 2, "rate_hz must not be negative");
  s->rate_hz = rate_hz;
  s->t0_s = t0_s;
  lua_settop(L, 1);
  return 1;
}

// s:unit([text]) -> text | s
static int samples_unit(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  if (lua_isnoneornil(L, 2)) {
    lua_pushstring(L, s->unit);
    return 1;
  }
  size_t n;
  const char *unit = luaL_checklstring(L, 2, &n);
  luaL_argcheck(L, n < sizeof s->unit, 2, "at most 23 characters");
  memcpy(s->unit, unit, n + 1);
  lua_settop(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {{"get", samples_get},
                                   {"set", samples_set},
                                   {"slice", samples_slice},
                                   {"rate", samples_rate},
                                   {"unit", samples_unit},
                                   {"len", samples_len},
                                   {"unpack", samples_unpack},
                                   {"__len", samples_len},
                                   {NULL, NULL}};

static const luaL_Reg functions[] = {{"samples", samples_new},
                                     {"of", samples_of},
                                     {"ramp", samples_ramp},
                                     {NULL, NULL}};

void lw_open_samples(lua_State *L) {
  lw_bind_type(L, LW_SAMPLES, methods, NULL);
  luaL_getmetatable(L, LW_SAMPLES);
  lua_pushcfunction(L, samples_text);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
  lw_open_samples_math(L);
  lw_open_samples_parts(L);
  lw_open_samples_figures(L);
  lw_open_samples_store(L);
  lw_open_samples_text(L);
}
