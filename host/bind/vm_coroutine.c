// PUC Lua's hooks belong to one coroutine, so the budget must know which one
// runs: coroutine.resume and coroutine.wrap tell it.
#include "bind/vm_priv.h"

#if !LW_LUAJIT

// Move arg_n values to co, resume it, move what it gave back to L.
// Returns how many, or -1 with the error value on L.
static int run(lua_State *L, lua_State *co, int arg_n) {
  int result_n = 0;
  if (!lua_checkstack(co, arg_n)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, arg_n);
  lw_budget *b = lw_vm_budget(lw_vm_of(L));
  lua_State *outer = lw_budget_switch(b, co);
  int status = lua_resume(co, L, arg_n, &result_n);
  lw_budget_switch(b, outer);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, result_n + 1)) {
    lua_pop(co, result_n);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, result_n);
  return result_n;
}

static int co_resume(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  int n = run(L, lua_tothread(L, 1), lua_gettop(L) - 1);
  lua_pushboolean(L, n >= 0);
  n = n < 0 ? 1 : n;
  lua_insert(L, -(n + 1));
  return n + 1;
}

static int wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int n = run(L, co, lua_gettop(L));
  if (n >= 0)
    return n;
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD)
    lua_resetthread(co); // closes its pending variables
  return lua_error(L);
}

static int co_wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

static const luaL_Reg functions[] = {
    {"resume", co_resume}, {"wrap", co_wrap}, {NULL, NULL}};

void lw_vm_open_coroutine(lua_State *L) {
  lua_getglobal(L, "coroutine");
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}

#endif
