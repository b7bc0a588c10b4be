// Lua face of worker/line.h in inline mode: a line in virtual time, stepped by
// Lua. Documented in lua/meta/linewright/engine.lua.
#include <math.h>   // isnan
#include <string.h> // memset

#include "bind/face.h"    // lw_line_box, lw_store_box
#include "bind/modules.h" // lw_open_engine
#include "worker/line.h"  // lw_line

#define ENGINE "linewright.engine"

typedef struct engine {
  lw_line *line; // NULL once closed
  lw_line_box *box;
  lw_store_box *store; // NULL without
} engine;

static engine *check_open(lua_State *L, engine *e) {
  if (!e->line)
    luaL_error(L, "engine: already closed");
  return e;
}

static engine *check_engine(lua_State *L) {
  return check_open(L, lw_bind_self(L, ENGINE));
}

static lw_line *check_line(lua_State *L) {
  return check_engine(L)->line;
}

static int engine_close(lua_State *L) {
  engine *e = luaL_checkudata(L, 1, ENGINE);
  if (e->box)
    e->box->port = NULL, e->box->sim = NULL;
  if (e->line)
    lw_line_free(e->line);
  lw_line_box_unref(e->box);
  lw_store_box_unref(e->store);
  *e = (engine){0};
  return 0;
}

static void read_config(lua_State *L, lw_line_config *c, lw_store_box **store) {
  c->plan = (const uint8_t *)luaL_checklstring(L, 1, &c->plan_n);
  c->seed = (uint64_t)(int64_t)lw_bind_number(L, 2, "seed");
  c->wall0_ns = (int64_t)(lw_bind_number(L, 3, "wall0_s") * 1e9);
  if (!lua_isnoneornil(L, 4)) {
    *store = lw_bind_check_store(L, 4);
    c->store = (*store)->store;
  }
  c->run = (int64_t)luaL_optnumber(L, 5, 0);
  if (!lua_isnoneornil(L, 6))
    c->previous = check_open(L, luaL_checkudata(L, 6, ENGINE))->line;
  c->inline_mode = 1;
}

// engine.new(plan, seed, wall0_s, store or nil, run or nil [, previous])
//   -> engine | nil, message, code
static int engine_new(lua_State *L) {
  lw_line_config c = {0};
  lw_store_box *store = NULL;
  lw_err err = {0};
  read_config(L, &c, &store);
  engine *e = lua_newuserdata(L, sizeof *e);
  memset(e, 0, sizeof *e);
  luaL_setmetatable(L, ENGINE);
  e->box = lw_line_box_new();
  int rc = e->box ? lw_line_new(&e->line, &c, &err) : LW_E_NOMEM;
  if (rc < 0) {
    e->line = NULL;
    err.code = rc;
    return lw_bind_fail(L, &err);
  }
  e->store = store;
  if (store)
    store->refs++;
  e->box->port = lw_line_port(e->line);
  e->box->sim = lw_line_sim(e->line);
  return 1;
}

static int engine_port(lua_State *L) {
  lw_bind_push_port(L, check_engine(L)->box);
  return 1;
}

// e:sim() -> sim | nil when the plan has no signals
static int engine_sim(lua_State *L) {
  engine *e = check_engine(L);
  if (!e->box->sim)
    return 0;
  lw_bind_push_sim(L, e->box);
  return 1;
}

// e:step(limit_ns) -> "twin" | "tick" | "timer", id | "moved" | nil at the
// limit
static int engine_step(lua_State *L) {
  lw_line *line = check_line(L);
  uint64_t id = 0;
  switch (lw_line_step(line, lw_bind_ns(L, 2, "limit_ns"), &id)) {
  case LW_STEP_TWIN:
    lua_pushliteral(L, "twin");
    return 1;
  case LW_STEP_TICK:
    lua_pushliteral(L, "tick");
    return 1;
  case LW_STEP_TIMER:
    lua_pushliteral(L, "timer");
    lua_pushnumber(L, (double)id);
    return 2;
  case LW_STEP_MOVED:
    lua_pushliteral(L, "moved");
    return 1;
  }
  return 0;
}

// e:watch(): from here on step() returns "moved", too
static int engine_watch(lua_State *L) {
  lw_line_watch(check_line(L));
  return 0;
}

// e:step_wall(by_s): somebody sets the wall clock
static int engine_step_wall(lua_State *L) {
  lw_line *line = check_line(L);
  lw_line_step_wall(line, (int64_t)(lw_bind_number(L, 2, "by_s") * 1e9));
  return 0;
}

static int engine_now_ns(lua_State *L) {
  lua_pushnumber(L, (double)lw_now_ns(lw_line_clock(check_line(L))));
  return 1;
}

// e:timer(due_ns, id)
static int engine_timer(lua_State *L) {
  lw_line *line = check_line(L);
  double id = luaL_checknumber(L, 3);
  luaL_argcheck(L, id >= 0 && id <= 0x1p53, 3, "id must be in 0..2^53");
  int rc = lw_line_timer(line, lw_bind_ns(L, 2, "due_ns"), (uint64_t)id);
  return rc < 0 ? luaL_error(L, "engine: %s", lw_err_text(rc)) : 0;
}

// e:pump() -> true | nil, message, code: commit what was emitted
static int engine_pump(lua_State *L) {
  engine *e = check_engine(L);
  lw_err err = {0};
  int rc = lw_line_pump(e->line);
  if (rc == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  if (e->store)
    lw_store_check(e->store->store, &err);
  err.code = rc;
  return lw_bind_fail(L, &err);
}

// e:reopen_store() -> true | nil, message, code
static int engine_reopen_store(lua_State *L) {
  lw_err e = {0};
  if (lw_line_reopen_store(check_line(L), &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushboolean(L, 1);
  return 1;
}

// e:value(tag) -> number | text | nil: what the scan published last, whatever
// its age
static int engine_value(lua_State *L) {
  lw_line *line = check_line(L);
  uint32_t n = lw_line_plan(line)->tag_n;
  lw_reading r;
  int tag = lw_bind_index(L, 2, n, "tag");
  lw_slot_read(&lw_image_slots(lw_line_image(line))[tag], &r);
  const lw_text_slot *text = lw_image_text(lw_line_image(line), (uint32_t)tag);
  lw_text t;
  if (text) {
    lw_text_read(text, &t);
    lw_bind_push_text(L, t.text);
  } else if (isnan(r.value))
    lua_pushnil(L);
  else
    lua_pushnumber(L, r.value);
  return 1;
}

// e:command(command, who, argument) -> true | nil, message, code
static int engine_command(lua_State *L) {
  lw_line *line = check_line(L);
  int rc = lw_line_command(line, luaL_checkstring(L, 2),
                           luaL_optstring(L, 3, ""), luaL_optstring(L, 4, ""));
  if (rc < 0)
    return lw_bind_fail_code(L, rc);
  lua_pushboolean(L, 1);
  return 1;
}

// e:lose(): the power went: what was not committed is gone
static int engine_lose(lua_State *L) {
  lw_line_lose(check_line(L));
  return 0;
}

// e:wild(tag, value [, back]): put a request on the desk as a broken worker
// does, past every check of the port, so that only the scan's guard is left.
static int engine_wild(lua_State *L) {
  lw_line *line = check_line(L);
  lw_desk *desk = lw_line_desk(line);
  uint32_t n = lw_line_plan(line)->tag_n;
  int tag = lw_bind_index(L, 2, n, "tag");
  uint32_t epoch = (uint32_t)(atomic_load(&desk->level) >> 8);
  uint32_t back = (uint32_t)luaL_optnumber(L, 4, 0);
  lw_request_write(&lw_desk_requests(desk)[tag], luaL_checknumber(L, 3),
                   epoch - back);
  return 0;
}

static void fill_terminals(lua_State *L, lw_line *line, int arg) {
  const lw_sim *sim = lw_line_sim(line);
  luaL_checktype(L, arg, LUA_TTABLE);
  for (uint32_t i = 0; sim && i < lw_sim_signal_n(sim); i++) {
    lua_pushnumber(L, lw_sim_get(sim, i));
    lua_rawseti(L, arg, (int)i + 1);
  }
}

// Words of LW_BAD, LW_UNCERTAIN, LW_GOOD; returns where the first lies.
static int push_qualities(lua_State *L) {
  lua_pushliteral(L, "bad");
  lua_pushliteral(L, "uncertain");
  lua_pushliteral(L, "good");
  return lua_gettop(L) - 2;
}

static void fill_readings(lua_State *L, lw_port *port, int values,
                          int qualities) {
  luaL_checktype(L, values, LUA_TTABLE);
  luaL_checktype(L, qualities, LUA_TTABLE);
  int words = push_qualities(L);
  for (uint32_t i = 0; i < port->plan->tag_n; i++) {
    lw_reading r;
    lw_port_read(port, i, &r);
    lua_pushnumber(L, r.value);
    lua_rawseti(L, values, (int)i + 1);
    lua_pushvalue(L, words + r.quality);
    lua_rawseti(L, qualities, (int)i + 1);
  }
}

// e:look(terminals, values, qualities): one call for what sim:get and port:read
// say of all signals and tags, since a watch asks for them at each instant.
static int engine_look(lua_State *L) {
  lw_line *line = check_line(L);
  fill_terminals(L, line, 2);
  fill_readings(L, lw_line_port(line), 3, 4);
  return 0;
}

static const luaL_Reg methods[] = {
    {"port", engine_port},   {"sim", engine_sim},
    {"step", engine_step},   {"now_ns", engine_now_ns},
    {"timer", engine_timer}, {"pump", engine_pump},
    {"value", engine_value}, {"command", engine_command},
    {"wild", engine_wild},   {"lose", engine_lose},
    {"watch", engine_watch}, {"step_wall", engine_step_wall},
    {"look", engine_look},   {"reopen_store", engine_reopen_store},
    {"close", engine_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"new", engine_new}, {NULL, NULL}};

int lw_open_engine(lua_State *L) {
  lw_bind_type(L, ENGINE, methods, engine_close);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
