// Lua face of store/disk.h: a disk for trials. Documented in
// lua/meta/linewright/disk.lua.
#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc

#include "bind/face.h"    // lw_disk_box
#include "bind/modules.h" // lw_open_disk

#define DISK "linewright.disk"

static lw_disk_box *check_box(lua_State *L, int arg) {
  lw_disk_box **box = luaL_checkudata(L, arg, DISK);
  return *box;
}

static lw_disk *check_disk(lua_State *L) {
  return &check_box(L, 1)->disk;
}

lw_disk_box *lw_bind_opt_disk(lua_State *L, int arg) {
  return lua_isnoneornil(L, arg) ? NULL : check_box(L, arg);
}

void lw_disk_box_unref(lw_disk_box *box) {
  if (!box || --box->refs > 0)
    return;
  lw_disk_fini(&box->disk);
  free(box);
}

static int disk_gc(lua_State *L) {
  lw_disk_box **box = luaL_checkudata(L, 1, DISK);
  lw_disk_box_unref(*box);
  *box = NULL;
  return 0;
}

// disk.new(seed [, is_lying]) -> disk | nil, message, code
static int disk_new(lua_State *L) {
  double seed = luaL_checknumber(L, 1);
  int is_lying = lua_toboolean(L, 2);
  char name[32];
  lw_disk_box **at = lua_newuserdata(L, sizeof *at);
  *at = NULL;
  luaL_setmetatable(L, DISK);
  lw_disk_box *box = calloc(1, sizeof *box);
  if (!box)
    return lw_bind_fail_code(L, LW_E_NOMEM);
  *at = box;
  box->refs = 1;
  box->disk.random = (uint64_t)(int64_t)seed;
  box->disk.is_lying = is_lying;
  // The one thing that no other disk of this process has: its place.
  snprintf(name, sizeof name, "trial-%llx", (unsigned long long)(uintptr_t)box);
  int rc = lw_disk_mount(&box->disk, name, 0);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

// disk:fail(kind, within, is_lasting): at one of the next operations
static int disk_fail(lua_State *L) {
  static const char *const kinds[] = {"none", "cut",   "eio",
                                      "full", "fsync", NULL};
  lw_disk *d = check_disk(L);
  int kind = luaL_checkoption(L, 2, NULL, kinds);
  double within = luaL_optnumber(L, 3, 1);
  luaL_argcheck(L, within >= 1 && within < 0x1p53, 3, "counts from 1");
  d->op = 0;
  d->fault = kind;
  d->fault_at = kind == LW_DISK_none
                    ? 0
                    : 1 + (int64_t)(lw_disk_random(d) % (uint64_t)within);
  d->is_lasting = lua_toboolean(L, 4);
  return 0;
}

static int disk_is_off(lua_State *L) {
  lua_pushboolean(L, check_disk(L)->is_off);
  return 1;
}

static int disk_faults(lua_State *L) {
  lua_pushnumber(L, (double)check_disk(L)->fault_n);
  return 1;
}

static int disk_restore(lua_State *L) {
  lw_disk_restore(check_disk(L));
  return 0;
}

static const luaL_Reg methods[] = {{"fail", disk_fail},
                                   {"is_off", disk_is_off},
                                   {"faults", disk_faults},
                                   {"restore", disk_restore},
                                   {NULL, NULL}};
static const luaL_Reg functions[] = {{"new", disk_new}, {NULL, NULL}};

int lw_open_disk(lua_State *L) {
  lw_bind_type(L, DISK, methods, disk_gc);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
