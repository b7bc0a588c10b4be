// Inside of a VM; for vm*.c only.
#ifndef LW_BIND_VM_PRIV_H
#define LW_BIND_VM_PRIV_H

#include "bind/alloc.h"   // lw_alloc
#include "bind/datadir.h" // LW_DATADIR_N
#include "bind/vm.h"      // lw_vm

struct lw_vm {
  lua_State *L;
  int kind;
  lw_alloc alloc;
  lw_budget budget;
  int jit;       // LW_JIT_*
  int traceback; // registry index of the message handler
  char libdir[LW_DATADIR_N + 8];
  char message[4096];
};

// Each raises on failure, so runs protected.
void lw_vm_open_libraries(lua_State *L, int kind);
void lw_vm_open_package(lua_State *L, int kind, const char *datadir);
// PUC Lua: coroutine functions that tell the budget who runs. LuaJIT: nothing.
void lw_vm_open_coroutine(lua_State *L);
void lw_vm_preload(lua_State *L, const char *name, lua_CFunction open);

#endif
