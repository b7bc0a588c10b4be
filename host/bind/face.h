// Shared by the faces of things that other userdata lean on: a port and a
// terminal strip belong to an engine or a worker, an engine writes to a store.
// The collector may take them in any order, so each lies in a counted box.
#ifndef LW_BIND_FACE_H
#define LW_BIND_FACE_H

#include "bind/compat.h" // lua_State
#include "image/port.h"  // lw_port
#include "io/sim.h"      // lw_sim
#include "store/store.h" // lw_store

// What a line shows Lua. The owner sets the pointers to NULL when it closes.
typedef struct lw_line_box {
  int refs;
  lw_port *port; // NULL once closed, or for a twin
  lw_sim *sim;   // NULL once closed, or without a twin
} lw_line_box;

// NULL when out of memory; refs starts at 1, the owner's.
lw_line_box *lw_line_box_new(void);
void lw_line_box_unref(lw_line_box *box); // NULL is fine

// Push userdata that keep the box; raise when out of memory.
void lw_bind_push_port(lua_State *L, lw_line_box *box);
void lw_bind_push_sim(lua_State *L, lw_line_box *box);

typedef struct lw_disk_box {
  int refs;
  lw_disk disk;
} lw_disk_box;

// The disk at `arg`, NULL when there is none there. Add to refs to keep it.
lw_disk_box *lw_bind_opt_disk(lua_State *L, int arg);
void lw_disk_box_unref(lw_disk_box *box); // NULL is fine

typedef struct lw_store_box {
  int refs;
  lw_store *store;
  lw_disk_box *disk; // that it lies on, NULL = the system's
} lw_store_box;

// The open store at `arg`, or a Lua error. Add to refs to keep it.
lw_store_box *lw_bind_check_store(lua_State *L, int arg);
void lw_store_box_unref(lw_store_box *box); // NULL is fine

// A userdata for one block of malloc: freed with it, so that a Lua error before
// the block was copied leaks nothing. Set *result.
void **lw_bind_push_block(lua_State *L);

#endif
