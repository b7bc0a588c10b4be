#include "bind/face.h"

#include <stdlib.h> // calloc, free

#define BLOCK "linewright.block"

lw_line_box *lw_line_box_new(void) {
  lw_line_box *box = calloc(1, sizeof *box);
  if (box)
    box->refs = 1;
  return box;
}

void lw_line_box_unref(lw_line_box *box) {
  if (box && --box->refs == 0)
    free(box);
}

void lw_store_box_unref(lw_store_box *box) {
  if (!box || --box->refs > 0)
    return;
  lw_store_close(box->store);
  lw_disk_box_unref(box->disk);
  free(box);
}

static int block_free(lua_State *L) {
  void **block = lua_touserdata(L, 1);
  free(*block);
  *block = NULL;
  return 0;
}

void **lw_bind_push_block(lua_State *L) {
  void **block = lua_newuserdata(L, sizeof *block);
  *block = NULL;
  if (luaL_newmetatable(L, BLOCK)) {
    lua_pushcfunction(L, block_free);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return block;
}
