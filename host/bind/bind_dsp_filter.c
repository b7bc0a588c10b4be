// Lua face of dsp/filter.h: every row of the table as one streaming object.
// Documented in lua/meta/linewright/dsp.lua.
#include <math.h> // isfinite, NAN

#include "bind/bind.h" // lw_bind_type
#include "bind/dsp_face.h"
#include "bind/samples.h" // lw_bind_samples
#include "dsp/filter.h"

typedef lw_filter_face filter;

lw_filter_face *lw_bind_filter(lua_State *L, int arg) {
  return luaL_checkudata(L, arg, LW_FILTER);
}

static filter *check_filter(lua_State *L) {
  return lw_bind_self(L, LW_FILTER);
}

static void *block(filter *f) {
  return lw_filter_block(f);
}

lw_filter_face *lw_bind_push_filter(lua_State *L, const lw_filter_kind *kind,
                                    double rate_hz, size_t bytes) {
  filter *f = lua_newuserdata(L, sizeof *f + bytes);
  *f = (filter){.kind = kind, .rate_hz = rate_hz};
  luaL_setmetatable(L, LW_FILTER);
  return f;
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

lw_filter_face *lw_bind_make_filter(lua_State *L, int arg) {
  const char *name = luaL_checkstring(L, arg);
  double rate_hz = luaL_checknumber(L, arg + 1), given[LW_FILTER_PARAM_MAX];
  double params[LW_FILTER_PARAM_MAX];
  size_t given_n = check_params(L, arg + 2, given);
  const lw_filter_kind *kind = lw_filter_find(name);
  lw_err e = {0};
  if (!kind)
    luaL_argerror(L, arg, lua_pushfstring(L, "no filter '%s'", name));
  if (lw_filter_resolve(kind, given, given_n, rate_hz, params, &e) < 0)
    luaL_error(L, "%s", e.text);
  size_t bytes = lw_filter_size(kind, params, rate_hz);
  filter *f = lw_bind_push_filter(L, kind, rate_hz, bytes);
  if (lw_filter_init(kind, block(f), params, rate_hz, &e) < 0)
    luaL_error(L, "%s", e.text);
  return f;
}

// dsp.filter(kind, rate_hz, ...) -> filter
static int filter_new(lua_State *L) {
  lw_bind_make_filter(L, 1);
  return 1;
}

// A detector's severity 1 or more is an alarm: remember which sample it was.
static void note_alarms(filter *f, const double *y, size_t n) {
  for (size_t i = n; i-- > 0;)
    if (y[i] >= 1) {
      f->fired_n = f->seen_n + (double)i + 1;
      break;
    }
  f->seen_n += (double)n;
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
  if (f->kind->why)
    note_alarms(f, &x, 1);
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
  if (f->kind->why)
    note_alarms(f, out->x, out->n);
  return 1;
}

static int filter_reset(lua_State *L) {
  filter *f = check_filter(L);
  f->kind->reset(block(f));
  f->seen_n = f->fired_n = 0;
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

// f:why() -> text, which sample, its time [s] since the first; nil when no
// detector or never fired
static int filter_why(lua_State *L) {
  filter *f = check_filter(L);
  const char *why = f->kind->why ? f->kind->why(block(f)) : "";
  if (!*why || f->fired_n == 0)
    return 0;
  lua_pushstring(L, why);
  lua_pushnumber(L, f->fired_n);
  lua_pushnumber(L, (f->fired_n - 1) / f->rate_hz);
  return 3;
}

// f:save() -> text: the kind, then the state's numbers in full; a detector's
// with the place of its last alarm
static int filter_save(lua_State *L) {
  filter *f = check_filter(L);
  size_t n = f->kind->state_n(block(f));
  double *state = lua_newuserdata(L, (n + 2) * sizeof *state);
  f->kind->save(block(f), state);
  if (f->kind->why) {
    state[n++] = f->seen_n;
    state[n++] = f->fired_n;
  }
  lw_bind_push_state(L, f->kind->name, state, n);
  return 1;
}

// f:load(text) -> f | nil, message, code, and a reset filter
static int filter_load(lua_State *L) {
  filter *f = check_filter(L);
  const char *text = luaL_checkstring(L, 2);
  size_t n = f->kind->state_n(block(f)), more = f->kind->why ? 2 : 0;
  double *state = lua_newuserdata(L, (n + 2) * sizeof *state);
  if (!lw_bind_read_state(text, f->kind->name, n + more, state) ||
      f->kind->load(block(f), state) < 0) {
    f->kind->reset(block(f));
    f->seen_n = f->fired_n = 0;
    return lw_bind_bad_state(L, f->kind->name);
  }
  if (more) {
    f->seen_n = state[n];
    f->fired_n = state[n + 1];
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
  lw_bind_type(L, LW_FILTER, methods, NULL);
  luaL_setfuncs(L, functions, 0);
}
