// One Lua C API for both engines: LuaJIT (5.1 with extras) and PUC Lua 5.4.
// Everything else in bind/ uses the names of 5.4 where the two differ.
#ifndef LW_BIND_COMPAT_H
#define LW_BIND_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM < 502
#include <luajit.h>

#define LW_LUAJIT 1
#define LW_LUA_DIR "5.1" // Debian's folders of Lua modules
#define lua_rawlen(L, i) lua_objlen(L, i)
#define lua_pushglobaltable(L) lua_pushvalue(L, LUA_GLOBALSINDEX)

static inline int lw_compat_absindex(lua_State *L, int i) {
  return i > 0 || i <= LUA_REGISTRYINDEX ? i : lua_gettop(L) + i + 1;
}
#define lua_absindex(L, i) lw_compat_absindex(L, i)

// Call fn protected with one light userdata, allocating nothing outside.
static inline int lw_compat_cpcall(lua_State *L, lua_CFunction fn, void *arg) {
  return lua_cpcall(L, fn, arg);
}

// Keep the value on top alive as long as the userdata at index i; pops it.
static inline void lw_compat_keep(lua_State *L, int i) {
  i = lua_absindex(L, i);
  lua_createtable(L, 1, 0);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
  lua_setfenv(L, i);
}

// Push what the userdata at index i keeps; it must keep something.
static inline void lw_compat_kept(lua_State *L, int i) {
  lua_getfenv(L, i);
  lua_rawgeti(L, -1, 1);
  lua_remove(L, -2);
}

// Resume co with `arg_n` arguments; *result_n values are on co's stack after.
static inline int lw_compat_resume(lua_State *co, lua_State *from, int arg_n,
                                   int *result_n) {
  (void)from;
  int status = lua_resume(co, arg_n);
  *result_n = lua_gettop(co);
  return status;
}
#else
#define LW_LUAJIT 0
#define LW_LUA_DIR "5.4"

static inline int lw_compat_cpcall(lua_State *L, lua_CFunction fn, void *arg) {
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, arg);
  return lua_pcall(L, 1, 0, 0);
}

static inline void lw_compat_keep(lua_State *L, int i) {
  lua_setiuservalue(L, i, 1);
}

static inline void lw_compat_kept(lua_State *L, int i) {
  lua_getiuservalue(L, i, 1);
}

static inline int lw_compat_resume(lua_State *co, lua_State *from, int arg_n,
                                   int *result_n) {
  return lua_resume(co, from, arg_n, result_n);
}
#endif

#endif
