#include "bind/alloc.h"

static int refuses(lw_alloc *a, size_t old_n, size_t new_n) {
  if (!a->cap || !a->guarded || new_n <= old_n)
    return 0;
  size_t wanted = a->used - old_n + new_n;
  if (wanted > a->mark && a->over)
    a->over(a->over_arg);
  return wanted / 2 > a->cap && !a->is_soft;
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
  *a = (lw_alloc){0};
  a->next = lua_getallocf(L, &a->next_ud);
  a->used = (size_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 +
            (size_t)lua_gc(L, LUA_GCCOUNTB, 0);
  lw_alloc_cap(a, cap_bytes);
  lua_setallocf(L, counted, a);
}

// Three quarters of the cap, or half way from what is used, or the cap itself
// when so little is left that collecting again would be all the work there is.
static size_t mark_for(const lw_alloc *a) {
  size_t low = a->cap / 4 * 3;
  size_t left = a->used < a->cap ? a->cap - a->used : 0;
  if (left < a->cap / 16)
    return a->cap;
  return a->used + left / 2 > low ? a->used + left / 2 : low;
}

void lw_alloc_collected(lw_alloc *a) {
  a->mark = mark_for(a);
}

void lw_alloc_enter(lw_alloc *a) {
  size_t mark = mark_for(a);
  // Never up: a heap that grows from slice to slice must reach it.
  if (mark < a->mark)
    a->mark = mark;
  a->guarded++;
}

void lw_alloc_leave(lw_alloc *a) {
  a->guarded--;
}

void lw_alloc_cap(lw_alloc *a, size_t cap_bytes) {
  a->cap = cap_bytes;
  a->mark = mark_for(a);
}

void lw_alloc_fini(lw_alloc *a, lua_State *L) {
  if (a->next)
    lua_setallocf(L, a->next, a->next_ud);
}
