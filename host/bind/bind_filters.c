// Lua face of dsp/filter.h for readers of profiles: which filters there are and
// what they take. Documented in lua/meta/linewright/filters.lua.
#include <math.h> // NAN

#include "bind/modules.h" // lw_open_filters
#include "dsp/filter.h"   // lw_filter_at

static const char *const measures[] = {
    [LW_PARAM_COUNT] = "count",  [LW_PARAM_NUMBER] = "number",
    [LW_PARAM_HZ] = "Hz",        [LW_PARAM_S] = "s",
    [LW_PARAM_DB] = "dB",        [LW_PARAM_VALUE] = "value",
    [LW_PARAM_LEVEL] = "level",  [LW_PARAM_RATE] = "rate",
    [LW_PARAM_CHOICE] = "choice"};

static int filters_kinds(lua_State *L) {
  int n = 0;
  for (const lw_filter_kind *k; (k = lw_filter_at((size_t)n)); n++) {
    luaL_checkstack(L, 1, "too many filters");
    lua_pushstring(L, k->name);
  }
  return n;
}

static const lw_filter_kind *check_kind(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const lw_filter_kind *k = lw_filter_find(name);
  if (!k)
    luaL_argerror(L, 1, lua_pushfstring(L, "no filter '%s'", name));
  return k;
}

static int filters_help(lua_State *L) {
  lua_pushstring(L, check_kind(L)->help);
  return 1;
}

// filters.param(kind, i) -> name, measure, low, high, default or nil, help,
// words or nil | nil past the end
static int filters_param(lua_State *L) {
  const lw_filter_kind *k = check_kind(L);
  int i = (int)luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1, 2, "counts from 1");
  if ((size_t)i > k->param_n)
    return 0;
  const lw_filter_param *p = &k->param[i - 1];
  lua_pushstring(L, p->name);
  lua_pushstring(L, measures[p->measure]);
  lua_pushnumber(L, p->low);
  lua_pushnumber(L, p->high);
  if (p->fallback == p->fallback)
    lua_pushnumber(L, p->fallback);
  else
    lua_pushnil(L);
  lua_pushstring(L, p->help);
  lua_pushstring(L, p->words);
  return 7;
}

// filters.check(kind, rate_hz, p1, ...) -> true | nil, message, code; nil takes
// the default
static int filters_check(lua_State *L) {
  const lw_filter_kind *k = check_kind(L);
  double given[LW_FILTER_PARAM_MAX], params[LW_FILTER_PARAM_MAX];
  double rate_hz = luaL_checknumber(L, 2);
  int n = lua_gettop(L) - 2;
  luaL_argcheck(L, n <= LW_FILTER_PARAM_MAX, n + 2, "too many parameters");
  for (int i = 0; i < n; i++)
    given[i] = lua_isnil(L, 3 + i) ? (double)NAN : luaL_checknumber(L, 3 + i);
  lw_err e = {0};
  if (lw_filter_resolve(k, given, (size_t)n, rate_hz, params, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {{"kinds", filters_kinds},
                                     {"help", filters_help},
                                     {"param", filters_param},
                                     {"check", filters_check},
                                     {NULL, NULL}};

int lw_open_filters(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
