// Lua face of base/packml.h. Documented in lua/meta/linewright/packml.lua.
#include "base/packml.h"  // lw_packml_command
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

static const luaL_Reg functions[] = {{"command", packml_command},
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
