// Lua face of base/packml.h. Documented in lua/meta/linewright/packml.lua.
#include "base/names_map.h" // lw_packml_map
#include "base/packml.h"    // lw_packml_command
#include "bind/modules.h" // lw_open_packml

static int check_state(lua_State *L, int arg) {
  const char *name = luaL_checkstring(L, arg);
  int state = lw_packml_state_find(name);
  if (state < 0)
    luaL_argerror(L, arg, lua_pushfstring(L, "no PackML state '%s'", name));
  return state;
}

// packml.command(state, command) -> state | nil when it is not legal
static int packml_command(lua_State *L) {
  int state = check_state(L, 1);
  const char *name = luaL_checkstring(L, 2);
  int command = lw_packml_command_find(name);
  if (command < 0)
    luaL_argerror(L, 2, lua_pushfstring(L, "no PackML command '%s'", name));
  int next = lw_packml_command(state, command);
  lua_pushstring(L, next < 0 ? NULL : lw_packml_state_name(next));
  return 1;
}

static int packml_done(lua_State *L) {
  int next = lw_packml_done(check_state(L, 1));
  lua_pushstring(L, lw_packml_state_name(next));
  return 1;
}

static int packml_legal(lua_State *L) {
  char words[160];
  lua_pushstring(L, lw_packml_legal(check_state(L, 1), words, sizeof words));
  return 1;
}

static int packml_number(lua_State *L) {
  lua_pushinteger(L, check_state(L, 1));
  return 1;
}

static int packml_name(lua_State *L) {
  lua_pushstring(L, lw_packml_state_name((int)luaL_checkinteger(L, 1)));
  return 1;
}

static int packml_is_command(lua_State *L) {
  lua_pushboolean(L, lw_packml_command_find(luaL_checkstring(L, 1)) > 0);
  return 1;
}

// packml.map(state, scheme) -> its name there, code | nil where unknown
static int packml_map(lua_State *L) {
  static const char *const schemes[] = {
#define SCHEME_NAME(name) #name,
      LW_SCHEMES(SCHEME_NAME)
#undef SCHEME_NAME
          NULL};
  int scheme = luaL_checkoption(L, 2, NULL, schemes);
  lw_state_name n = lw_packml_map(check_state(L, 1), 0, scheme);
  lua_pushstring(L, n.name);
  lua_pushnumber(L, n.code);
  return 2;
}

static const luaL_Reg functions[] = {{"command", packml_command},
                                     {"map", packml_map},
                                     {"done", packml_done},
                                     {"legal", packml_legal},
                                     {"number", packml_number},
                                     {"name", packml_name},
                                     {"is_command", packml_is_command},
                                     {NULL, NULL}};

int lw_open_packml(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
