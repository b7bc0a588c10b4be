// Pointers into sample arrays for trusted code with LuaJIT's FFI. Not part of
// linewright.dsp: whoever has samples must not thereby have memory. Documented
// in lua/meta/linewright/sample_view.lua.
#include "bind/bind.h"    // lw_bind_fail
#include "bind/modules.h" // lw_open_sample_view
#include "bind/samples.h" // lw_bind_samples_any
#include "bind/vm.h"      // lw_vm_kind

#if LW_LUAJIT

// Upvalues of sample_view.of: ffi.cast, and the views' arrays by view, weak.
static int view_of(lua_State *L) {
  static const char *const types[] = {"double *", "float *", "int16_t *"};
  lw_samples *s = lw_bind_samples_any(L, 1);
  char *data = (char *)s->root->data + s->from * lw_layout_bytes(s->layout);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushstring(L, types[s->layout]);
  lua_pushlightuserdata(L, data);
  lua_call(L, 2, 1);
  lua_pushvalue(L, -1); // the array lives as long as its view
  lua_pushvalue(L, 1);
  lua_rawset(L, lua_upvalueindex(2));
  lua_pushnumber(L, (double)s->n);
  return 2;
}

// sample_view.library() -> the FFI itself, for an engineer's own prompt only.
static int library(lua_State *L) {
  lw_err e;
  if (lw_vm_kind(lw_vm_of(L)) == LW_VM_REPL) {
    lua_getfield(L, LUA_REGISTRYINDEX, "linewright.ffi");
    return 1;
  }
  lw_err_set(&e, LW_E_DENIED, "the FFI is for the prompt and native blocks");
  return lw_bind_fail(L, &e);
}

// The FFI library is opened here and nowhere named: `require "ffi"` finds
// nothing before or after.
int lw_open_sample_view(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, luaopen_ffi);
  lua_call(L, 0, 1);
  // The library holds tables that LuaJIT itself needs until it closes.
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "linewright.ffi");
  lua_getfield(L, -1, "cast");
  lua_remove(L, -2);
  lua_newtable(L);
  lua_newtable(L);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushcclosure(L, view_of, 2);
  lua_setfield(L, -2, "of");
  lua_pushcfunction(L, library);
  lua_setfield(L, -2, "library");
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  lua_pushnil(L);
  lua_setfield(L, -2, "ffi");
  lua_pop(L, 1);
  return 1;
}

#else

static int library(lua_State *L) {
  lw_err e;
  lw_err_set(&e, LW_E_UNSUPPORTED, "this Lua engine has no FFI");
  return lw_bind_fail(L, &e);
}

static int view_of(lua_State *L) {
  lw_bind_samples_any(L, 1);
  return library(L);
}

int lw_open_sample_view(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, view_of);
  lua_setfield(L, -2, "of");
  lua_pushcfunction(L, library);
  lua_setfield(L, -2, "library");
  return 1;
}

#endif
