// Which libraries a VM opens, and where `require` looks.
#include "bind/vm_priv.h"

typedef struct library {
  const char *name;
  lua_CFunction open;
  int kind; // the least LW_VM_* that has it
} library;

static const library libraries[] = {
#if LW_LUAJIT
    {"", luaopen_base, LW_VM_TRUSTED},
    {"ffi", luaopen_ffi, LW_VM_NATIVE},
#else
    {LUA_GNAME, luaopen_base, LW_VM_TRUSTED},
    {LUA_COLIBNAME, luaopen_coroutine, LW_VM_TRUSTED},
    {LUA_UTF8LIBNAME, luaopen_utf8, LW_VM_TEST},
#endif
    {LUA_LOADLIBNAME, luaopen_package, LW_VM_TRUSTED},
    {LUA_TABLIBNAME, luaopen_table, LW_VM_TRUSTED},
    {LUA_STRLIBNAME, luaopen_string, LW_VM_TRUSTED},
    {LUA_MATHLIBNAME, luaopen_math, LW_VM_TRUSTED},
    {LUA_DBLIBNAME, luaopen_debug, LW_VM_TRUSTED},
    {LUA_IOLIBNAME, luaopen_io, LW_VM_REPL},
    {LUA_OSLIBNAME, luaopen_os, LW_VM_REPL},
    {NULL, NULL, 0}};

void lw_vm_open_libraries(lua_State *L, int kind) {
  for (const library *l = libraries; l->name; l++) {
    if (l->kind > kind)
      continue;
#if LW_LUAJIT
    lua_pushcfunction(L, l->open);
    lua_pushstring(L, l->name);
    lua_call(L, 1, 0);
#else
    luaL_requiref(L, l->name, l->open, 1);
    lua_pop(L, 1);
#endif
  }
}

// LuaJIT announces string.buffer, table.new and the like by itself; code that
// used them would not run on PUC Lua.
static void clear_preload(lua_State *L) {
  lua_getglobal(L, "package");
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "preload");
  // The searcher looks into the registry's table, not into package.preload.
  lua_setfield(L, LUA_REGISTRYINDEX, "_PRELOAD");
  lua_pop(L, 1);
}

void lw_vm_open_package(lua_State *L, int kind, const char *datadir) {
  clear_preload(L);
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s/lua/?.lua;%s/stdlib/?.lua", datadir, datadir);
  if (kind == LW_VM_TEST) {
    lua_pushliteral(L, ";./?.lua;");
    lua_getfield(L, -3, "path"); // the system's own, where busted lies
    lua_concat(L, 3);
  } else {
    lua_pushliteral(L, "");
    lua_setfield(L, -3, "cpath");
    lua_pushnil(L);
    lua_setfield(L, -3, "loadlib");
  }
  lua_setfield(L, -2, "path");
  lua_pop(L, 1);
}

void lw_vm_preload(lua_State *L, const char *name, lua_CFunction open) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 2);
}
