// Lua face of the driver registry. Documented in
// lua/meta/linewright/drivers.lua.
#include "bind/modules.h" // lw_open_drivers
#include "io/io.h"        // lw_io_find, lw_io_kind

// drivers.kinds() -> names, in order of registration
static int drivers_kinds(lua_State *L) {
  int n = 0;
  for (const lw_driver_ops *ops; (ops = lw_io_kind((uint32_t)n)); n++) {
    luaL_checkstack(L, 1, "too many drivers");
    lua_pushstring(L, ops->kind);
  }
  return n;
}

static const lw_driver_ops *check_kind(lua_State *L) {
  const char *kind = luaL_checkstring(L, 1);
  const lw_driver_ops *ops = lw_io_find(kind);
  if (!ops)
    luaL_argerror(L, 1, lua_pushfstring(L, "no driver '%s'", kind));
  return ops;
}

static int drivers_help(lua_State *L) {
  lua_pushstring(L, check_kind(L)->help);
  return 1;
}

// drivers.option(kind, i) -> name, kind letter, required, help | nil at the end
static int drivers_option(lua_State *L) {
  const lw_option_spec *spec = check_kind(L)->options;
  int i = (int)luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1, 2, "counts from 1");
  while (spec && spec->name && --i > 0)
    spec++;
  if (!spec || !spec->name)
    return 0;
  lua_pushstring(L, spec->name);
  lua_pushlstring(L, &spec->kind, 1);
  lua_pushboolean(L, spec->required);
  lua_pushstring(L, spec->help);
  return 4;
}

int lw_bind_type_word(lua_State *L, int arg) {
  static const char *const words[] = {
#define TYPE_WORD(name) #name,
      LW_TYPES(TYPE_WORD) NULL
#undef TYPE_WORD
  };
  return luaL_checkoption(L, arg, NULL, words);
}

int lw_bind_access_word(lua_State *L, int arg) {
  static const char *const words[] = {"r", "w", "rw", NULL};
  static const int access[] = {LW_READ, LW_WRITE, LW_READ | LW_WRITE};
  return access[luaL_checkoption(L, arg, NULL, words)];
}

// drivers.check_address(kind, address, type, access) -> true | nil, message
static int drivers_check_address(lua_State *L) {
  const lw_driver_ops *ops = check_kind(L);
  const char *address = luaL_checkstring(L, 2);
  int type = lw_bind_type_word(L, 3), access = lw_bind_access_word(L, 4);
  lw_err e = {0};
  int rc =
      ops->check_address ? ops->check_address(address, type, access, &e) : 0;
  if (rc < 0) {
    e.code = rc;
    return lw_bind_fail(L, &e);
  }
  lua_pushboolean(L, 1);
  return 1;
}

// The table at arg as options; the texts stay in the table. At most max.
static size_t take_options(lua_State *L, int arg, lw_option *out, size_t max) {
  size_t n = 0;
  luaL_checktype(L, arg, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
    if (n == max || lua_type(L, -2) != LUA_TSTRING ||
        lua_type(L, -1) != LUA_TSTRING)
      luaL_argerror(L, arg, "must be names and texts, not too many");
    out[n++] =
        (lw_option){.name = lua_tostring(L, -2), .value = lua_tostring(L, -1)};
  }
  return n;
}

// drivers.check_options(kind, options) -> true | nil, message, code
static int drivers_check_options(lua_State *L) {
  const lw_driver_ops *ops = check_kind(L);
  lw_option options[64];
  size_t n = take_options(L, 2, options, sizeof options / sizeof options[0]);
  lw_err e = {0};
  int rc = ops->check_options ? ops->check_options(options, n, &e) : 0;
  if (rc < 0) {
    e.code = rc;
    return lw_bind_fail(L, &e);
  }
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {{"kinds", drivers_kinds},
                                     {"help", drivers_help},
                                     {"option", drivers_option},
                                     {"check_address", drivers_check_address},
                                     {"check_options", drivers_check_options},
                                     {NULL, NULL}};

int lw_open_drivers(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
