// Counts what a VM allocates and refuses more than its share.
#ifndef LW_BIND_ALLOC_H
#define LW_BIND_ALLOC_H

#include <stddef.h> // size_t

#include "bind/compat.h" // lua_Alloc, lua_State

// Wraps the allocator that the VM was created with, so that LuaJIT keeps its
// own fast one.
typedef struct lw_alloc {
  lua_Alloc next; // the engine's own
  void *next_ud;
  size_t used; // bytes in the VM's heap
  size_t cap;  // bytes, 0 = no limit
  // More than 0 while script code runs. The host's own code is never refused:
  // it needs room to say what went wrong.
  int guarded;
  // Called instead of refusing when `used` passes 4/5 of the cap; NULL:
  // refuse. Refusing is not safe while compiled code runs.
  void (*over)(void *arg);
  void *over_arg;
} lw_alloc;

// Put the counter between L and its allocator; a must outlive L.
void lw_alloc_init(lw_alloc *a, lua_State *L, size_t cap_bytes);
// Take it out again, which must happen before lua_close: LuaJIT returns its
// memory to the system only through its own allocator.
void lw_alloc_fini(lw_alloc *a, lua_State *L);

#endif
