#include "bind/alloc.h"

static int refuses(lw_alloc *a, size_t old_n, size_t new_n) {
  if (!a->cap || !a->guarded || new_n <= old_n)
    return 0;
  size_t wanted = a->used - old_n + new_n;
  if (!a->over)
    return wanted > a->cap;
  if (wanted > a->cap / 5 * 4)
    a->over(a->over_arg);
  return 0;
}

static void *counted(void *ud, void *ptr, size_t old_n, size_t new_n) {
  lw_alloc *a = ud;
  // For a new block Lua 5.4 passes the kind of object as the old size.
  size_t held = ptr ? old_n : 0;
  if (refuses(a, held, new_n))
    return NULL;
  void *block = a->next(a->next_ud, ptr, old_n, new_n);
  if (block || new_n == 0)
    a->used += new_n - held;
  return block;
}

void lw_alloc_init(lw_alloc *a, lua_State *L, size_t cap_bytes) {
  *a = (lw_alloc){.cap = cap_bytes};
  a->next = lua_getallocf(L, &a->next_ud);
  a->used = (size_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 +
            (size_t)lua_gc(L, LUA_GCCOUNTB, 0);
  lua_setallocf(L, counted, a);
}

void lw_alloc_fini(lw_alloc *a, lua_State *L) {
  if (a->next)
    lua_setallocf(L, a->next, a->next_ud);
}
