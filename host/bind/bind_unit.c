// Lua face of image/unit.h. Documented in lua/meta/linewright/unit.lua.
#include "bind/modules.h" // lw_open_unit
#include "image/unit.h"   // lw_units

#define UNITS "linewright.units"

// The unit system is upvalue 1; reading its database takes milliseconds, so it
// is opened by the first question.
static int open_units(lua_State *L, lw_units **units, lw_err *e) {
  lw_units **held = lua_touserdata(L, lua_upvalueindex(1));
  int rc = *held ? 0 : lw_units_open(held, e);
  *units = *held;
  return rc;
}

static int units_close(lua_State *L) {
  lw_units **held = luaL_checkudata(L, 1, UNITS);
  if (*held)
    lw_units_close(*held);
  *held = NULL;
  return 0;
}

// unit.convert(from, to) -> gain, bias | nil, message, code
static int unit_convert(lua_State *L) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  lw_units *units;
  lw_err e = {0};
  double gain, bias;
  if (open_units(L, &units, &e) < 0 ||
      lw_units_convert(units, from, to, &gain, &bias, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushnumber(L, gain);
  lua_pushnumber(L, bias);
  return 2;
}

// unit.dimension(unit) -> "temperature" | nil, message, code
static int unit_dimension(lua_State *L) {
  const char *unit = luaL_checkstring(L, 1);
  lw_units *units;
  lw_err e = {0};
  char words[96];
  if (open_units(L, &units, &e) < 0 ||
      lw_units_dimension(units, unit, words, sizeof words, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushstring(L, words);
  return 1;
}

static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg functions[] = {
    {"convert", unit_convert}, {"dimension", unit_dimension}, {NULL, NULL}};

int lw_open_unit(lua_State *L) {
  lw_bind_type(L, UNITS, no_methods, units_close);
  lua_newtable(L);
  lw_units **held = lua_newuserdata(L, sizeof *held);
  *held = NULL;
  luaL_setmetatable(L, UNITS);
  luaL_setfuncs(L, functions, 1);
  return 1;
}
