#include "bind/vm.h"

#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc, free
#include <string.h> // strcspn

#include "bind/alloc.h"   // lw_alloc
#include "bind/bind.h"    // lw_bind_modules
#include "bind/datadir.h" // lw_datadir
#include "bind/vm_priv.h" // struct lw_vm, lw_vm_open_*

// Registry key: its address is unique, its value never read.
static const char vm_key = 0;

lw_vm *lw_vm_of(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&vm_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
  lw_vm *vm = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return vm;
}

static int with_traceback(lua_State *L) {
  // Only plain values are put into words: a script's own __tostring would run
  // here, outside of every budget.
  int type = lua_type(L, 1);
  if (type == LUA_TSTRING || type == LUA_TNUMBER)
    luaL_traceback(L, L, lua_tostring(L, 1), 1);
  else
    lua_pushfstring(L, "error value of type %s", luaL_typename(L, 1));
  return 1;
}

static int call_failed(lw_vm *vm, int status, lw_err *e) {
  const char *text = lua_tostring(vm->L, -1);
  snprintf(vm->message, sizeof vm->message, "%s", text ? text : "unknown");
  lua_pop(vm->L, 1);
  int code = status == LUA_ERRMEM ? LW_E_NOMEM : LW_E_SCRIPT;
  int first_line = (int)strcspn(vm->message, "\n");
  return lw_err_set(e, code, "%.*s", first_line, vm->message);
}

typedef struct setting {
  lw_vm *vm;
  const char *datadir;
} setting;

// Runs protected: everything that may raise while the VM is set up.
static int set_up(lua_State *L) {
  const setting *s = lua_touserdata(L, 1);
  lua_pushlightuserdata(L, (void *)&vm_key);
  lua_pushlightuserdata(L, s->vm);
  lua_rawset(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, with_traceback);
  s->vm->traceback = luaL_ref(L, LUA_REGISTRYINDEX);
  lw_vm_open_libraries(L, s->vm->kind);
  lw_vm_open_package(L, s->vm->kind, s->datadir);
  lw_vm_open_coroutine(L);
  for (const lw_bind_module *m = lw_bind_modules; m->name; m++)
    lw_vm_preload(L, m->name, m->open);
  return 0;
}

// LuaJIT lets the heap double before it collects it, which a heap over half of
// its cap cannot: collect when room gets scarce.
static void want_room(void *arg) {
  lw_vm *vm = arg;
  lw_budget_fire(&vm->budget, LW_BUDGET_COLLECT);
}

int lw_vm_new(lw_vm **out, const lw_vm_options *o, lw_err *e) {
  char datadir[LW_DATADIR_N];
  int rc = lw_datadir(datadir, sizeof datadir, e);
  if (rc < 0)
    return rc;
  lw_vm *vm = calloc(1, sizeof *vm);
  if (vm)
    vm->L = luaL_newstate();
  if (!vm || !vm->L) {
    free(vm);
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a Lua VM");
  }
  vm->kind = o->kind;
  snprintf(vm->libdir, sizeof vm->libdir, "%s/lua/", datadir);
  lw_alloc_init(&vm->alloc, vm->L, o->cap_bytes);
  vm->alloc.over = want_room;
  vm->alloc.over_arg = vm;
  lw_budget_init(&vm->budget, vm->L);
  int status = lw_compat_cpcall(vm->L, set_up, &(setting){vm, datadir});
  rc = status ? call_failed(vm, status, e) : 0;
  if (rc < 0)
    lw_vm_free(vm);
  else
    *out = vm;
  return rc;
}

void lw_vm_free(lw_vm *vm) {
  if (!vm)
    return;
  lw_vm_jit(vm, LW_JIT_OFF, NULL);
  lw_budget_fini(&vm->budget);
  lw_alloc_fini(&vm->alloc, vm->L);
  lua_close(vm->L);
  free(vm);
}

int lw_vm_kind(const lw_vm *vm) {
  return vm->kind;
}

lua_State *lw_vm_lua(lw_vm *vm) {
  return vm->L;
}

lw_budget *lw_vm_budget(lw_vm *vm) {
  return &vm->budget;
}

const char *lw_vm_libdir(const lw_vm *vm) {
  return vm->libdir;
}

size_t lw_vm_used_bytes(const lw_vm *vm) {
  return vm->alloc.used;
}

size_t lw_vm_cap_bytes(const lw_vm *vm) {
  return vm->alloc.cap;
}

void lw_vm_cap(lw_vm *vm, size_t cap_bytes) {
  lw_alloc_cap(&vm->alloc, cap_bytes);
}

const char *lw_vm_message(const lw_vm *vm) {
  return vm->message;
}

int lw_vm_call(lw_vm *vm, int arg_n, int result_n, lw_err *e) {
  int base = lua_gettop(vm->L) - arg_n;
  // Kept ready: to make it now could fail, outside of every protected call.
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->traceback);
  lua_insert(vm->L, base);
  int status = lua_pcall(vm->L, arg_n, result_n, base);
  lua_remove(vm->L, base);
  return status ? call_failed(vm, status, e) : 0;
}

int lw_vm_require(lw_vm *vm, const char *name, lw_err *e) {
  lua_getglobal(vm->L, "require");
  lua_pushstring(vm->L, name);
  return lw_vm_call(vm, 1, 1, e);
}

int lw_vm_make_room(lw_vm *vm) {
  lua_gc(vm->L, LUA_GCCOLLECT, 0);
  lw_alloc_collected(&vm->alloc);
  size_t most =
      vm->alloc.is_soft ? vm->alloc.cap / 5 * 4 : vm->alloc.cap / 16 * 15;
  return vm->alloc.used <= most;
}

int lw_vm_enter(lw_vm *vm, lua_State *L, int64_t budget_ns, lw_slice *outer) {
  int rc = lw_budget_enter(&vm->budget, L, budget_ns, outer);
  if (rc < 0)
    return rc;
  lw_alloc_enter(&vm->alloc);
  return 0;
}

int lw_vm_leave(lw_vm *vm, const lw_slice *outer) {
  lw_alloc_leave(&vm->alloc);
  return lw_budget_leave(&vm->budget, outer);
}
