// Lua face of dsp/monitor.h. Documented in lua/meta/linewright/dsp.lua.
#include <math.h> // isfinite, NAN, sqrt

#include "bind/bind.h" // lw_bind_type
#include "bind/dsp_face.h"
#include "dsp/monitor.h"

#define MONITOR "linewright.monitor"

static lw_monitor *check_monitor(lua_State *L) {
  return lw_bind_self(L, MONITOR);
}

// dsp.monitor(channels, train [, factor [, ridge]]) -> monitor
static int monitor_new(lua_State *L) {
  double channels = luaL_checknumber(L, 1), train = luaL_checknumber(L, 2);
  double factor = luaL_optnumber(L, 3, 1), ridge = luaL_optnumber(L, 4, 0.01);
  luaL_argcheck(L, channels >= 1 && channels <= LW_MONITOR_CHANNELS_MAX, 1,
                "1..32 channels");
  luaL_argcheck(L, train > channels && train <= LW_MONITOR_TRAIN_MAX, 2,
                "more rows than channels, at most 100000");
  size_t channel_n = (size_t)channels, train_n = (size_t)train;
  lw_monitor *f = lua_newuserdata(L, lw_monitor_size(channel_n, train_n));
  if (lw_monitor_init(f, channel_n, train_n, factor, ridge) < 0)
    return luaL_error(L, "monitor(channels, train, factor, ridge): factor and "
                         "ridge must be above 0");
  luaL_setmetatable(L, MONITOR);
  return 1;
}

// One value a channel, nil for a missing one.
static void check_row(lua_State *L, const lw_monitor *f, double *x) {
  if (lua_gettop(L) != 1 + (int)f->channel_n)
    luaL_error(L, "monitor of %d channels: %d values given", (int)f->channel_n,
               lua_gettop(L) - 1);
  for (size_t k = 0; k < f->channel_n; k++)
    x[k] = lua_isnil(L, (int)k + 2) ? (double)NAN
                                    : luaL_checknumber(L, (int)k + 2);
}

// m:step(x1, ..., xn) -> severity, or nil while training
static int monitor_step(lua_State *L) {
  lw_monitor *f = check_monitor(L);
  double x[LW_MONITOR_CHANNELS_MAX];
  check_row(L, f, x);
  double severity = lw_monitor_step(f, x);
  if (!isfinite(severity))
    return 0;
  lua_pushnumber(L, severity);
  return 1;
}

// m:why() -> channel furthest off in the last row, by how many sigma; nil while
// training
static int monitor_why(lua_State *L) {
  lw_monitor *f = check_monitor(L);
  if (!isfinite(f->limit) || !isfinite(f->last))
    return 0;
  lua_pushnumber(L, (double)f->blame + 1);
  lua_pushnumber(L, f->blame_sigma);
  return 2;
}

static int monitor_primed(lua_State *L) {
  lua_pushboolean(L, isfinite(check_monitor(L)->limit));
  return 1;
}

// m:distance(x1, ..., xn) -> Mahalanobis distance from what was learnt; nil
// while training or with a missing value
static int monitor_distance(lua_State *L) {
  lw_monitor *f = check_monitor(L);
  double x[LW_MONITOR_CHANNELS_MAX];
  check_row(L, f, x);
  double squared = lw_monitor_distance(f, x);
  if (!isfinite(squared))
    return 0;
  lua_pushnumber(L, sqrt(squared));
  return 1;
}

static int monitor_save(lua_State *L) {
  const lw_monitor *f = check_monitor(L);
  size_t n = lw_monitor_state_n(f);
  double *state = lua_newuserdata(L, n * sizeof *state);
  lw_monitor_save(f, state);
  lw_bind_push_state(L, "monitor", state, n);
  return 1;
}

static int monitor_load(lua_State *L) {
  lw_monitor *f = check_monitor(L);
  size_t n = lw_monitor_state_n(f);
  double *state = lua_newuserdata(L, n * sizeof *state);
  if (!lw_bind_read_state(luaL_checkstring(L, 2), "monitor", n, state) ||
      lw_monitor_load(f, state) < 0) {
    lw_monitor_reset(f);
    return lw_bind_bad_state(L, "monitor");
  }
  lua_settop(L, 1);
  return 1;
}

static int monitor_reset(lua_State *L) {
  lw_monitor_reset(check_monitor(L));
  lua_settop(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {{"step", monitor_step},
                                   {"why", monitor_why},
                                   {"primed", monitor_primed},
                                   {"distance", monitor_distance},
                                   {"delay", lw_bind_no_delay},
                                   {"reset", monitor_reset},
                                   {"save", monitor_save},
                                   {"load", monitor_load},
                                   {"__call", monitor_step},
                                   {NULL, NULL}};

static const luaL_Reg functions[] = {{"monitor", monitor_new}, {NULL, NULL}};

void lw_open_dsp_monitor(lua_State *L) {
  lw_bind_type(L, MONITOR, methods, NULL);
  luaL_setfuncs(L, functions, 0);
}
