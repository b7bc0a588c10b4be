// Counts what a VM allocates and refuses more than its share.
#ifndef LW_BIND_ALLOC_H
#define LW_BIND_ALLOC_H

#include <stddef.h> // size_t

#include "bind/compat.h" // lua_Alloc, lua_State

// Refusing memory is the last resort: LuaJIT before 2023 writes to the wrong
// place when memory runs out while a Lua stack grows or inside string.sub and
// its like. So beyond the cap `over` has a Lua error raised at the next
// instruction, and only what would pass twice the cap is refused.

// Wraps the allocator that the VM was created with, so that LuaJIT keeps its
// own fast one.
typedef struct lw_alloc {
  lua_Alloc next; // the engine's own
  void *next_ud;
  size_t used; // bytes in the VM's heap
  size_t cap;  // bytes that scripts may hold, 0 = no limit
  // More than 0 while script code runs. The host's own code is never refused:
  // it needs room to say what went wrong.
  int guarded;
  size_t mark; // `over` is called once `used` passes this while guarded
  void (*over)(void *arg);
  void *over_arg;
  // 1: refuse nothing, since compiled code does not survive it; what `over`
  // does has to be enough.
  int is_soft;
} lw_alloc;

// Put the counter between L and its allocator; a must outlive L.
void lw_alloc_init(lw_alloc *a, lua_State *L, size_t cap_bytes);
// Change the cap; 0 = no limit.
void lw_alloc_cap(lw_alloc *a, size_t cap_bytes);
// Script code begins and ends; may be nested.
void lw_alloc_enter(lw_alloc *a);
void lw_alloc_leave(lw_alloc *a);
// Garbage was collected: set the mark for the next time.
void lw_alloc_collected(lw_alloc *a);
// Take it out again, which must happen before lua_close: LuaJIT returns its
// memory to the system only through its own allocator.
void lw_alloc_fini(lw_alloc *a, lua_State *L);

#endif
