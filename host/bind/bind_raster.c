// Lua face of raster.h. Documented in lua/meta/linewright/raster.lua.
#include <string.h> // memcpy

#include "base/grow.h"    // lw_grow
#include "bind/bind.h"    // lw_bind_fail
#include "bind/face.h"    // lw_bind_push_block
#include "bind/modules.h" // lw_open_raster
#include "bind/raster.h"

// The picture while it grows, in a block that the collector owns.
typedef struct picture {
  void **block;
  size_t n, room;
} picture;

static int add(void *arg, const void *bytes, size_t n) {
  picture *p = arg;
  if (lw_grow(p->block, &p->room, p->n + n, 1) < 0)
    return 1;
  memcpy((char *)*p->block + p->n, bytes, n);
  p->n += n;
  return 0;
}

typedef int (*renderer)(const char *svg, size_t n, int width,
                        int (*fn)(void *arg, const void *bytes, size_t n),
                        void *arg, lw_err *e);

static int render(lua_State *L, renderer fn) {
  size_t n;
  const char *svg = luaL_checklstring(L, 1, &n);
  int width = (int)luaL_optinteger(L, 2, 1200);
  picture p = {.block = lw_bind_push_block(L)};
  lw_err e = {0};
  if (fn(svg, n, width, add, &p, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushlstring(L, *p.block, p.n);
  return 1;
}

// raster.png(svg, width_px) -> bytes | nil, message, code
static int raster_png(lua_State *L) {
  return render(L, lw_raster_png);
}

// raster.sixel(svg, width_px) -> escape sequence | nil, message, code
static int raster_sixel(lua_State *L) {
  return render(L, lw_raster_sixel);
}

static const luaL_Reg functions[] = {
    {"png", raster_png}, {"sixel", raster_sixel}, {NULL, NULL}};

int lw_open_raster(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
