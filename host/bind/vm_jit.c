// LuaJIT's compiler: off unless asked for and proved right.
#include <signal.h> // sigaction
#include <stdio.h>  // snprintf

#include "bind/vm_priv.h"

#if LW_LUAJIT

// Programs that some LuaJIT releases compile wrongly; each returns true when
// compiled and interpreted code agree. Debian 12's release fails the first
// (varargs in a hot loop, LuaJIT commit 6bda30d8) and the third, Debian 13's
// the second (LuaJIT commit eee16efa).
static const char canary[] =
    "local function last(...) local r for i = 1, 300 do r = ... end return r "
    "end\n"
    "local function sum(...)\n"
    "  local s = 0\n"
    "  for i = 1, 300 do local a, b = ... s = s + a + b + select('#', ...) "
    "end\n"
    "  return s\n"
    "end\n"
    "local v = setmetatable({}, {__concat = function(_, b) return b end})\n"
    "local function chain()\n"
    "  local r\n"
    "  for _ = 1, 300 do r = v .. '' .. '' .. '' .. '' .. 'canary' end\n"
    "  return r\n"
    "end\n"
    "local function ceil() local x = -0.9\n"
    "  for i = 1, 200 do if 1 / math.ceil(x) ~= -math.huge then return end "
    "end\n"
    "  return true\n"
    "end\n"
    "if last(42, 0) ~= 42 then return 'varargs in loops' end\n"
    "if sum(1, 2, 3) ~= 1800 then return 'varargs in sums' end\n"
    "local ok, r = pcall(chain)\n"
    "if not ok or r ~= 'canary' then return 'chains of ..' end\n"
    "if not ceil() then return 'math.ceil' end\n";

static void no_samples(void *data, lua_State *L, int samples, int state) {
  (void)data, (void)L, (void)samples, (void)state;
}

// Open the compiler without leaving its library where a script could find it.
static int start(lua_State *L) {
  lua_pushcfunction(L, luaopen_jit);
  lua_pushliteral(L, "jit");
  lua_call(L, 1, 0);
  lua_pushnil(L);
  lua_setglobal(L, "jit");
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  lua_pushnil(L);
  lua_setfield(L, -2, "jit");
  lua_pushnil(L);
  lua_setfield(L, -2, "jit.opt");
  lua_getfield(L, LUA_REGISTRYINDEX, "_PRELOAD");
  lua_pushnil(L);
  lua_setfield(L, -2, "jit.util");
  lua_pushnil(L);
  lua_setfield(L, -2, "jit.profile");
  return 0;
}

// In mode "l" every trace polls for the profiler at each source line. Its own
// samples never come (interval 1000 s); we call its handler when a slice is
// over budget, which makes traces leave for the interpreter and its hooks.
static void make_traces_stop(lw_vm *vm) {
  struct sigaction profiler;
  luaJIT_profile_start(vm->L, "li1000000", no_samples, NULL);
  if (sigaction(SIGPROF, NULL, &profiler) == 0)
    vm->budget.poke = profiler.sa_handler;
  vm->alloc.is_soft = 1;
}

static void switch_off(lw_vm *vm) {
  if (vm->jit == LW_JIT_OFF)
    return;
  // Two calls: asked to flush, the engine does nothing else.
  luaJIT_setmode(vm->L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
  luaJIT_setmode(vm->L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_FLUSH);
  luaJIT_profile_stop(vm->L);
  vm->budget.poke = NULL;
  vm->alloc.is_soft = 0;
  vm->jit = LW_JIT_OFF;
}

static int sings(lw_vm *vm, lw_err *e) {
  int rc = LW_E_SCRIPT;
  if (luaL_loadbuffer(vm->L, canary, sizeof canary - 1, "=canary") == 0)
    rc = lw_vm_call(vm, 0, 1, e);
  if (rc == 0 && !lua_isnil(vm->L, -1))
    rc = lw_err_set(e, LW_E_UNSUPPORTED,
                    "this LuaJIT compiles %s wrongly; the compiler stays off",
                    lua_tostring(vm->L, -1));
  lua_pop(vm->L, 1);
  return rc;
}

int lw_vm_jit(lw_vm *vm, int mode, lw_err *e) {
  if (mode == LW_JIT_OFF || vm->jit != LW_JIT_OFF) {
    if (mode == LW_JIT_OFF)
      switch_off(vm);
    return 0;
  }
  lua_pushcfunction(vm->L, start);
  int rc = lw_vm_call(vm, 0, 0, e);
  if (rc < 0)
    return rc;
  make_traces_stop(vm);
  luaJIT_setmode(vm->L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_ON);
  vm->jit = mode;
  if (mode == LW_JIT_ON)
    rc = sings(vm, e);
  if (rc < 0)
    switch_off(vm);
  return rc;
}

const char *lw_vm_engine(void) {
  return LUAJIT_VERSION;
}

char *lw_vm_jit_state(char *buf, size_t n) {
  const lw_vm_options o = {.kind = LW_VM_TRUSTED};
  lw_vm *vm = NULL;
  lw_err e;
  int rc = lw_vm_new(&vm, &o, &e);
  if (rc == 0)
    rc = lw_vm_jit(vm, LW_JIT_ON, &e);
  snprintf(buf, n, "off%s%s", rc < 0 ? ": " : " (may be switched on)",
           rc < 0 ? e.text : "");
  lw_vm_free(vm);
  return buf;
}

void lw_vm_open_coroutine(lua_State *L) {
  (void)L;
}

#else

const char *lw_vm_engine(void) {
  return LUA_RELEASE;
}

char *lw_vm_jit_state(char *buf, size_t n) {
  snprintf(buf, n, "none");
  return buf;
}

int lw_vm_jit(lw_vm *vm, int mode, lw_err *e) {
  (void)vm;
  if (mode == LW_JIT_OFF)
    return 0;
  return lw_err_set(e, LW_E_UNSUPPORTED, "PUC Lua has no compiler");
}

#endif
