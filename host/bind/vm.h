// A Lua VM: its libraries, its memory cap, its CPU budgets, and the one door by
// which C enters Lua. A VM belongs to the thread that created it.
#ifndef LW_BIND_VM_H
#define LW_BIND_VM_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "base/err.h"    // lw_err
#include "bind/budget.h" // lw_budget
#include "bind/compat.h" // lua_State

typedef struct lw_vm lw_vm;

// What trusted Lua code finds as globals; recipes see only the environment that
// lua/linewright/sandbox.lua builds. Only NATIVE finds the FFI by its name.
enum {
  LW_VM_TRUSTED, // base, table, string, math, coroutine, package, debug
  LW_VM_REPL,    // io and os too, for an engineer's own experiments
  LW_VM_TEST,    // and the system's Lua modules too, for busted
  LW_VM_NATIVE   // io, os and the FFI, for a native block's own process
};

// LuaJIT's compiler; PUC Lua has none.
enum {
  LW_JIT_OFF,
  LW_JIT_ON,   // if it computes what the interpreter computes (see vm_jit.c)
  LW_JIT_FORCE // even if not: for tests of the kill hook
};

typedef struct lw_vm_options {
  int kind;         // LW_VM_*
  size_t cap_bytes; // of the Lua heap while script code runs; 0 = no limit
} lw_vm_options;

// Create a VM with every linewright.* C module preloaded and package.path at
// the data directory. LW_E_NOMEM, or LW_E_NOTFOUND when there are no Lua files.
int lw_vm_new(lw_vm **vm, const lw_vm_options *o, lw_err *e);
void lw_vm_free(lw_vm *vm); // NULL is fine

lua_State *lw_vm_lua(lw_vm *vm);
int lw_vm_kind(const lw_vm *vm); // LW_VM_*
lw_vm *lw_vm_of(lua_State *L);   // the VM that L is a coroutine of
lw_budget *lw_vm_budget(lw_vm *vm);
const char *lw_vm_libdir(const lw_vm *vm); // where our own Lua files lie
size_t lw_vm_used_bytes(const lw_vm *vm);
size_t lw_vm_cap_bytes(const lw_vm *vm);
void lw_vm_cap(lw_vm *vm, size_t cap_bytes); // 0 = no limit

// Call the function below arg_n arguments, as lua_pcall does. On failure the
// results are absent, *e has the first line, lw_vm_message the whole text with
// a traceback. Returns 0, LW_E_SCRIPT, LW_E_NOMEM.
int lw_vm_call(lw_vm *vm, int arg_n, int result_n, lw_err *e);
const char *lw_vm_message(const lw_vm *vm);

// Push what `require(name)` returns.
int lw_vm_require(lw_vm *vm, const char *name, lw_err *e);

// Script code starts and ends: budget and memory cap count between the two.
int lw_vm_enter(lw_vm *vm, lua_State *L, int64_t budget_ns, lw_slice *outer);
int lw_vm_leave(lw_vm *vm, const lw_slice *outer); // LW_BUDGET_*

// Collect garbage because room is scarce. Returns 0 when it stays scarce and
// the script must end, since nothing can be refused to compiled code.
int lw_vm_make_room(lw_vm *vm);

// Switch the compiler. Returns 0, or LW_E_UNSUPPORTED with the reason.
int lw_vm_jit(lw_vm *vm, int mode, lw_err *e);

// The script engine, "LuaJIT 2.1.1700008891" or "Lua 5.4.4".
const char *lw_vm_engine(void);
// What is with its compiler: "off; may be switched on", "off: REASON why not"
// or "none", into buf [n]; returns buf.
char *lw_vm_jit_state(char *buf, size_t n);

#endif
