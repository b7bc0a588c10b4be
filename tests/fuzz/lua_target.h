// Targets whose code is Lua: tests/fuzz/inputs.lua takes the bytes. A Lua error
// that it does not expect is a failure as much as a crash is.
#ifndef LW_FUZZ_LUA_TARGET_H
#define LW_FUZZ_LUA_TARGET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bind/compat.h"
#include "bind/vm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void fail(const lw_vm *vm, const lw_err *e) {
  fprintf(stderr, "%s\n%s\n", e->text, vm ? lw_vm_message(vm) : "");
  abort();
}

static lw_vm *open_inputs(void) {
  lw_vm *vm = NULL;
  const lw_vm_options o = {.kind = LW_VM_TRUSTED,
                           .cap_bytes = 256 * 1024 * 1024};
  lw_err e = {0};
  if (lw_vm_new(&vm, &o, &e) < 0)
    fail(NULL, &e);
  if (luaL_loadfile(lw_vm_lua(vm), "tests/fuzz/inputs.lua") != 0) {
    fprintf(stderr, "%s\n", lua_tostring(lw_vm_lua(vm), -1));
    abort();
  }
  if (lw_vm_call(vm, 0, 1, &e) < 0)
    fail(vm, &e);
  return vm; // the table of targets stays on the stack
}

static lw_vm **the_vm(void) {
  static lw_vm *vm;
  return &vm;
}

// A leak checker does not see what LuaJIT's own heap points to.
static void close_vm(void) {
  lw_vm_free(*the_vm());
}

// Give the bytes to inputs[name].
static int take(const char *name, const uint8_t *data, size_t n) {
  lw_err e = {0};
  if (!*the_vm()) {
    *the_vm() = open_inputs();
    atexit(close_vm);
  }
  lw_vm *vm = *the_vm();
  lua_State *L = lw_vm_lua(vm);
  lua_getfield(L, 1, name);
  lua_pushlstring(L, (const char *)data, n);
  if (lw_vm_call(vm, 1, 0, &e) < 0)
    fail(vm, &e);
  return 0;
}

#endif
