// Lua face of worker/glass.h: readings of a line that runs in another process.
// Documented in lua/meta/linewright/live.lua. Tags count from 1 here.
#include <math.h>   // isnan
#include <unistd.h> // close

#include "bind/bind.h"    // lw_bind_type
#include "bind/modules.h" // lw_open_live
#include "loop/local.h"   // lw_local_ask
#include "worker/glass.h" // lw_glass

#define LIVE "linewright.live"
#define PATIENCE_MS 3000

typedef struct live {
  lw_glass *glass; // NULL once closed
} live;

static lw_glass *check_glass(lua_State *L) {
  live *v = luaL_checkudata(L, 1, LIVE);
  if (!v->glass)
    luaL_error(L, "live: already closed");
  return v->glass;
}

static int live_close(lua_State *L) {
  live *v = luaL_checkudata(L, 1, LIVE);
  lw_glass_close(v->glass);
  v->glass = NULL;
  return 0;
}

static live *push_live(lua_State *L) {
  live *v = lua_newuserdata(L, sizeof *v);
  v->glass = NULL;
  luaL_setmetatable(L, LIVE);
  return v;
}

// live.open(image_fd, plan) -> live | nil, message, code; takes the descriptor
static int live_open(lua_State *L) {
  size_t n;
  int fd = (int)luaL_checkinteger(L, 1);
  const char *plan = luaL_checklstring(L, 2, &n);
  lw_err e = {0};
  live *v = push_live(L);
  if (lw_glass_open(&v->glass, fd, (const uint8_t *)plan, n, &e) < 0)
    return lw_bind_fail(L, &e);
  return 1;
}

// live.attach(socket) -> live | nil, message, code
static int live_attach(lua_State *L) {
  const char *socket = luaL_checkstring(L, 1);
  lw_err e = {0};
  live *v = push_live(L);
  if (lw_glass_attach(&v->glass, socket, &e) < 0)
    return lw_bind_fail(L, &e);
  return 1;
}

// live.ask(socket, request) -> answer | nil, message, code
static int live_ask(lua_State *L) {
  const char *socket = luaL_checkstring(L, 1);
  const char *request = luaL_checkstring(L, 2);
  char answer[LW_LOCAL_ANSWER_MAX];
  lw_err e = {0};
  if (lw_local_ask(socket, request, PATIENCE_MS, answer, sizeof answer, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushstring(L, answer);
  return 1;
}

// l:read(tag) -> value or nil, quality, age_s
static int live_read(lua_State *L) {
  static const char *const words[] = {"bad", "uncertain", "good"};
  lw_glass *g = check_glass(L);
  uint32_t n = lw_glass_plan(g)->tag_n;
  lw_reading r;
  lw_text t;
  uint32_t tag = (uint32_t)lw_bind_index(L, 2, n, "tag");
  lw_glass_read(g, tag, &r);
  if (isnan(r.value) && lw_glass_text(g, tag, &t)) {
    lw_bind_push_text(L, t.text);
    r.quality = t.quality;
    r.t_ns = t.t_ns;
  } else if (isnan(r.value))
    lua_pushnil(L);
  else
    lua_pushnumber(L, r.value);
  lua_pushstring(L, words[r.quality]);
  lua_pushnumber(L, (double)(lw_glass_now_ns(g) - r.t_ns) * 1e-9);
  return 3;
}

static void push_limit(lua_State *L, double x) {
  if (isnan(x))
    lua_pushnil(L);
  else
    lua_pushnumber(L, x);
}

// l:tag(i) -> name, unit, is_writable, lo, hi | nothing past the last
static int live_tag(lua_State *L) {
  const lw_plan *p = lw_glass_plan(check_glass(L));
  lua_Integer i = luaL_checkinteger(L, 2);
  if (i < 1 || i > (lua_Integer)p->tag_n)
    return 0;
  const lw_plan_tag *t = &p->tags[i - 1];
  lua_pushstring(L, lw_plan_text(p, t->name));
  lua_pushstring(L, lw_plan_text(p, t->process_unit));
  lua_pushboolean(L, (t->access & LW_WRITE) != 0);
  push_limit(L, t->lo);
  push_limit(L, t->hi);
  return 5;
}

static int live_find(lua_State *L) {
  const lw_plan *p = lw_glass_plan(check_glass(L));
  int i = lw_plan_find(p, luaL_checkstring(L, 2));
  if (i < 0)
    return 0;
  lua_pushinteger(L, i + 1);
  return 1;
}

// l:line() -> name, tags, scans, late scans, age of the newest scan [s]
static int live_line(lua_State *L) {
  lw_glass *g = check_glass(L);
  const lw_plan *p = lw_glass_plan(g);
  const lw_image *m = lw_glass_image(g);
  int64_t at_ns = atomic_load(&m->scan_at_ns);
  lua_pushstring(L, lw_plan_text(p, p->line));
  lua_pushnumber(L, p->tag_n);
  lua_pushnumber(L, (double)atomic_load(&m->scan_n));
  lua_pushnumber(L, (double)atomic_load(&m->scan_late_n));
  lua_pushnumber(L, (double)(lw_glass_now_ns(g) - at_ns) * 1e-9);
  return 5;
}

static const luaL_Reg methods[] = {{"read", live_read},   {"tag", live_tag},
                                   {"find", live_find},   {"line", live_line},
                                   {"close", live_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"open", live_open},
                                     {"attach", live_attach},
                                     {"ask", live_ask},
                                     {NULL, NULL}};

int lw_open_live(lua_State *L) {
  lw_bind_type(L, LIVE, methods, live_close);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
