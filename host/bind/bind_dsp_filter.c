// Lua face of dsp/filter.h: every row of the table as one streaming object.
// Documented in lua/meta/linewright/dsp.lua.
#include <math.h>   // isfinite, isnan, NAN
#include <stdio.h>  // snprintf
#include <stdlib.h> // strtod
#include <string.h> // memcpy, strlen

#include "bind/bind.h" // lw_bind_type
#include "bind/dsp_face.h"
#include "bind/samples.h" // lw_bind_samples
#include "dsp/filter.h"

#define FILTER "linewright.filter"

// Head of the userdata; the filter's own block lies behind it.
typedef struct filter {
  const lw_filter_kind *kind;
  double rate_hz;
} filter;

static filter *check_filter(lua_State *L) {
  return luaL_checkudata(L, 1, FILTER);
}

static void *block(filter *f) {
  return f + 1;
}

// Parameters from `arg` on, in the order of the row; nil takes the default.
static size_t check_params(lua_State *L, int arg,
                           double given[LW_FILTER_PARAM_MAX]) {
  int n = lua_gettop(L) - arg + 1;
  while (n > 0 && lua_isnil(L, arg + n - 1))
    n--;
  luaL_argcheck(L, n <= LW_FILTER_PARAM_MAX, arg, "too many parameters");
  for (int i = 0; i < n; i++)
    given[i] =
        lua_isnil(L, arg + i) ? (double)NAN : luaL_checknumber(L, arg + i);
  return n > 0 ? (size_t)n : 0;
}

// dsp.filter(kind, rate_hz, ...) -> filter
static int filter_new(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  double rate_hz = luaL_checknumber(L, 2), given[LW_FILTER_PARAM_MAX];
  double params[LW_FILTER_PARAM_MAX];
  size_t given_n = check_params(L, 3, given);
  const lw_filter_kind *kind = lw_filter_find(name);
  lw_err e = {0};
  if (!kind)
    return luaL_argerror(L, 1, lua_pushfstring(L, "no filter '%s'", name));
  if (lw_filter_resolve(kind, given, given_n, rate_hz, params, &e) < 0)
    return luaL_error(L, "%s", e.text);
  size_t bytes = lw_filter_size(kind, params, rate_hz);
  filter *f = lua_newuserdata(L, sizeof *f + bytes);
  *f = (filter){kind, rate_hz};
  if (lw_filter_init(kind, block(f), params, rate_hz, &e) < 0)
    return luaL_error(L, "%s", e.text);
  luaL_setmetatable(L, FILTER);
  return 1;
}

// f:step(x [, dt_s]) -> y, or nil while unprimed or x is nil
static int filter_step(lua_State *L) {
  filter *f = check_filter(L);
  if (lua_isnoneornil(L, 2))
    return 0;
  double x = luaL_checknumber(L, 2);
  if (f->kind->step_dt && !lua_isnoneornil(L, 3))
    x = f->kind->step_dt(block(f), x, luaL_checknumber(L, 3));
  else
    f->kind->run(block(f), &x, 1, &x);
  if (!isfinite(x) || !f->kind->primed(block(f)))
    return 0;
  lua_pushnumber(L, x);
  return 1;
}

// f:run(in [, out]) -> out; without out new samples, with in itself in place
static int filter_run(lua_State *L) {
  filter *f = check_filter(L);
  const lw_samples *in = lw_bind_samples(L, 2);
  lw_samples *out = lw_bind_output(L, 3, in);
  // Views of one array that overlap by a part would be read after writing.
  if (out->x != in->x && out->x < in->x + in->n && in->x < out->x + out->n)
    return luaL_argerror(L, 3, "overlaps the input");
  f->kind->run(block(f), in->x, in->n, out->x);
  return 1;
}

static int filter_reset(lua_State *L) {
  filter *f = check_filter(L);
  f->kind->reset(block(f));
  lua_settop(L, 1);
  return 1;
}

static int filter_primed(lua_State *L) {
  filter *f = check_filter(L);
  lua_pushboolean(L, f->kind->primed(block(f)));
  return 1;
}

// f:delay() -> samples, seconds
static int filter_delay(lua_State *L) {
  filter *f = check_filter(L);
  double delay_n = f->kind->delay(block(f));
  lua_pushnumber(L, delay_n);
  lua_pushnumber(L, delay_n / f->rate_hz);
  return 2;
}

static int filter_kind(lua_State *L) {
  lua_pushstring(L, check_filter(L)->kind->name);
  return 1;
}

// f:why() -> text, nil when no detector or never fired
static int filter_why(lua_State *L) {
  filter *f = check_filter(L);
  const char *why = f->kind->why ? f->kind->why(block(f)) : "";
  if (!*why)
    return 0;
  lua_pushstring(L, why);
  return 1;
}

// f:save() -> text: the kind, then the state's numbers in full
static int filter_save(lua_State *L) {
  filter *f = check_filter(L);
  size_t n = f->kind->state_n(block(f));
  double *state = lua_newuserdata(L, n * sizeof *state);
  f->kind->save(block(f), state);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, f->kind->name);
  for (size_t i = 0; i < n; i++) {
    char number[32];
    int length = snprintf(number, sizeof number, " %.17g", state[i]);
    luaL_addlstring(&b, number, (size_t)length);
  }
  luaL_pushresult(&b);
  return 1;
}

// The n numbers of a saved text, or 0 when it is not one of this filter.
static int parse_state(const filter *f, const char *text, size_t n,
                       double *state) {
  size_t name_n = strlen(f->kind->name);
  if (strncmp(text, f->kind->name, name_n) != 0)
    return 0;
  const char *p = text + name_n;
  for (size_t i = 0; i < n; i++) {
    char *end;
    if (*p != ' ')
      return 0;
    state[i] = strtod(p + 1, &end);
    if (end == p + 1)
      return 0;
    p = end;
  }
  return *p == 0;
}

// f:load(text) -> f | nil, message, code, and a reset filter
static int filter_load(lua_State *L) {
  filter *f = check_filter(L);
  const char *text = luaL_checkstring(L, 2);
  size_t n = f->kind->state_n(block(f));
  double *state = lua_newuserdata(L, n * sizeof *state);
  if (!parse_state(f, text, n, state) || f->kind->load(block(f), state) < 0) {
    lw_err e;
    f->kind->reset(block(f));
    lw_err_set(&e, LW_E_CORRUPT,
               "not the saved state of a filter '%s' of this size",
               f->kind->name);
    return lw_bind_fail(L, &e);
  }
  lua_settop(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {{"step", filter_step},
                                   {"run", filter_run},
                                   {"reset", filter_reset},
                                   {"primed", filter_primed},
                                   {"delay", filter_delay},
                                   {"kind", filter_kind},
                                   {"why", filter_why},
                                   {"save", filter_save},
                                   {"load", filter_load},
                                   {"__call", filter_step},
                                   {NULL, NULL}};

static const luaL_Reg functions[] = {{"filter", filter_new}, {NULL, NULL}};

void lw_open_dsp_filter(lua_State *L) {
  lw_bind_type(L, FILTER, methods, NULL);
  luaL_setfuncs(L, functions, 0);
}
