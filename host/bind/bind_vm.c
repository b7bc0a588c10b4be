// Lua face of bind/vm.h: how trusted code runs script code. Documented in
// lua/meta/linewright/vm.lua.
#include <string.h> // strcmp

#include "bind/modules.h" // lw_open_vm
#include "bind/vm.h"      // lw_vm_enter, lw_vm_leave

static lw_vm *own_vm(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

// The error value is on top: put false before it and the kind after.
static int failed(lua_State *L, int status, int why) {
  const char *kind = "error";
  if (why == LW_BUDGET_STOP)
    kind = "stop";
  else if (why == LW_BUDGET_CPU)
    kind = "budget";
  else if (why == LW_BUDGET_MEMORY || status == LUA_ERRMEM)
    kind = "memory";
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  lua_pushstring(L, kind);
  return 3;
}

static int64_t check_budget(lua_State *L) {
  return lua_isnil(L, 2) ? 0 : lw_bind_ns(L, 2, "budget_ns");
}

static int start(lua_State *L, lw_vm *vm, lua_State *co, lw_slice *outer) {
  int rc = lw_vm_enter(vm, co, check_budget(L), outer);
  return rc < 0 ? luaL_error(L, "vm: no CPU timer: %s", lw_err_text(rc)) : 0;
}

static lua_State *check_resumable(lua_State *L, int arg_n) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  lua_State *co = lua_tothread(L, 1);
  int is_new = lua_status(co) == 0 && lua_gettop(co) > 0;
  if (co == L || (lua_status(co) != LUA_YIELD && !is_new))
    luaL_argerror(L, 1, "coroutine cannot be resumed");
  luaL_argcheck(L, lua_checkstack(co, arg_n), 1, "too many arguments");
  return co;
}

// vm.resume(co, budget_ns, ...) -> true, ... | false, error, kind
static int vm_resume(lua_State *L) {
  lw_vm *vm = own_vm(L);
  lw_slice outer;
  int result_n = 0, arg_n = lua_gettop(L) > 2 ? lua_gettop(L) - 2 : 0;
  lua_State *co = check_resumable(L, arg_n);
  start(L, vm, co, &outer);
  lua_xmove(L, co, arg_n);
  int status = lw_compat_resume(co, L, arg_n, &result_n);
  int why = lw_vm_leave(vm, &outer);
  if (status != 0 && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return failed(L, status, why);
  }
  luaL_checkstack(L, result_n + 1, "too many results");
  lua_pushboolean(L, 1);
  lua_xmove(co, L, result_n);
  return result_n + 1;
}

// vm.call(fn, budget_ns, ...) -> true, ... | false, error, kind
static int vm_call(lua_State *L) {
  lw_vm *vm = own_vm(L);
  lw_slice outer;
  luaL_checkany(L, 1);
  lua_settop(L, lua_gettop(L) < 2 ? 2 : lua_gettop(L));
  int arg_n = lua_gettop(L) - 2;
  luaL_checkstack(L, 4, "too many arguments");
  lua_pushvalue(L, 1);
  lua_insert(L, 3);
  start(L, vm, L, &outer);
  int status = lua_pcall(L, arg_n, LUA_MULTRET, 0);
  int why = lw_vm_leave(vm, &outer);
  if (status != 0)
    return failed(L, status, why);
  lua_pushboolean(L, 1);
  lua_replace(L, 2);
  return lua_gettop(L) - 1;
}

static int vm_traceback(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  luaL_traceback(L, lua_tothread(L, 1), luaL_optstring(L, 2, NULL), 0);
  return 1;
}

static int vm_memory(lua_State *L) {
  lua_pushnumber(L, (double)lw_vm_used_bytes(own_vm(L)));
  lua_pushnumber(L, (double)lw_vm_cap_bytes(own_vm(L)));
  return 2;
}

// vm.cap(bytes): what scripts may hold from now on; 0 = no limit
static int vm_cap(lua_State *L) {
  double bytes = lw_bind_number(L, 1, "bytes");
  luaL_argcheck(L, bytes >= 0 && bytes <= 0x1p53, 1, "out of range");
  lw_vm_cap(own_vm(L), (size_t)bytes);
  return 0;
}

// vm.tick(budget_ns): all slices from here to the next call have it together
static int vm_tick(lua_State *L) {
  int64_t budget_ns = lw_bind_ns(L, 1, "budget_ns");
  if (lw_budget_tick(lw_vm_budget(own_vm(L)), budget_ns) < 0)
    return luaL_error(L, "vm: no CPU timer");
  return 0;
}

// vm.nest(delta) -> how deep the script of this slice is nested now
static int vm_nest(lua_State *L) {
  lw_budget *b = lw_vm_budget(own_vm(L));
  b->nest += (int)luaL_checkinteger(L, 1);
  lua_pushinteger(L, b->nest);
  return 1;
}

// vm.jit(on) -> true | nil, reason, code; "force" skips the canary.
static int vm_jit(lua_State *L) {
  lw_err e = {0};
  int mode = lua_toboolean(L, 1) ? LW_JIT_ON : LW_JIT_OFF;
  if (lua_type(L, 1) == LUA_TSTRING && !strcmp(lua_tostring(L, 1), "force"))
    mode = LW_JIT_FORCE;
  if (lw_vm_jit(own_vm(L), mode, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {
    {"resume", vm_resume}, {"call", vm_call}, {"traceback", vm_traceback},
    {"memory", vm_memory}, {"jit", vm_jit},   {"cap", vm_cap},
    {"nest", vm_nest},     {"tick", vm_tick}, {NULL, NULL}};

int lw_open_vm(lua_State *L) {
  lua_newtable(L);
  lua_pushlightuserdata(L, lw_vm_of(L));
  luaL_setfuncs(L, functions, 1);
  lua_pushboolean(L, LW_LUAJIT);
  lua_setfield(L, -2, "is_luajit");
  return 1;
}
