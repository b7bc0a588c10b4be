// Lua face of image/port.h: how the runtime reads, asks and tells. Documented
// in lua/meta/linewright/port.lua. Tags count from 1 here.
#include <math.h>   // isnan
#include <stddef.h> // offsetof
#include <stdio.h>  // snprintf
#include <string.h> // memset, strchr

#include "bind/bind.h" // lw_bind_type
#include "bind/face.h" // lw_line_box

#define PORT "linewright.port"
#define COMMAND_N 4096 // longest command of the host [bytes]

// A port and what it will tell next.
typedef struct face {
  lw_line_box *box;
  lw_status status;
} face;

static face *check_face(lua_State *L) {
  face *f = lw_bind_self(L, PORT);
  if (!f->box || !f->box->port)
    luaL_error(L, "port: its line is closed");
  return f;
}

static lw_port *check_port(lua_State *L) {
  return check_face(L)->box->port;
}

static uint32_t check_tag(lua_State *L, const lw_port *p, int arg) {
  return (uint32_t)lw_bind_index(L, arg, p->plan->tag_n, "tag");
}

static int port_gc(lua_State *L) {
  face *f = luaL_checkudata(L, 1, PORT);
  lw_line_box_unref(f->box);
  f->box = NULL;
  return 0;
}

static int port_now_ns(lua_State *L) {
  lua_pushnumber(L, (double)lw_now_ns(check_port(L)->clock));
  return 1;
}

static int port_wall_ns(lua_State *L) {
  lw_clock *c = check_port(L)->clock;
  lua_pushnumber(L, (double)c->wall_ns(c));
  lua_pushboolean(L, c->is_synced(c));
  return 2;
}

// Texts, and numbers that never were there.
static void push_no_number(lua_State *L, lw_port *p, uint32_t tag,
                           lw_reading *r) {
  lw_text t;
  if (!lw_port_text(p, tag, &t)) {
    lua_pushnil(L);
    return;
  }
  lw_bind_push_text(L, t.text);
  r->quality = t.quality;
  r->t_ns = t.t_ns;
}

// port:read(i) -> value or nil, quality, age_s; the words are upvalues because
// this is the one function that runs thousands of times a second.
static int port_read(lua_State *L) {
  lw_port *p = check_port(L);
  lw_reading r;
  uint32_t tag = check_tag(L, p, 2);
  lw_port_read(p, tag, &r);
  if (isnan(r.value))
    push_no_number(L, p, tag, &r);
  else
    lua_pushnumber(L, r.value);
  lua_pushvalue(L, lua_upvalueindex(1 + r.quality));
  lua_pushnumber(L, (double)(lw_now_ns(p->clock) - r.t_ns) * 1e-9);
  return 3;
}

// What the scan would say, in the channel's words and unit.
static int refuse_request(lua_State *L, lw_port *p, uint32_t tag, double v,
                          int rc) {
  const lw_plan_tag *t = &p->plan->tags[tag];
  const char *name = lw_plan_text(p->plan, t->name);
  const char *unit = lw_plan_text(p->plan, t->process_unit);
  lw_err e;
  if (rc == LW_E_DENIED)
    lw_err_set(&e, rc, "%s is a reading, it cannot be set", name);
  else if (!(v >= t->lo && v <= t->hi))
    lw_err_set(&e, rc, "%s: %.6g %s is outside %.6g..%.6g %s", name, v, unit,
               t->lo, t->hi, unit);
  else if (rc == LW_E_RANGE)
    lw_err_set(&e, rc, "%s: a step to %.6g %s is larger than %.6g %s", name, v,
               unit, t->step_max, unit);
  else
    lw_err_set(&e, rc, "%s: %s", name, lw_err_text(rc));
  return lw_bind_fail(L, &e);
}

static int port_request(lua_State *L) {
  lw_port *p = check_port(L);
  uint32_t tag = check_tag(L, p, 2);
  double v = luaL_checknumber(L, 3);
  int rc = lw_port_request(p, tag, v);
  if (rc < 0)
    return refuse_request(L, p, tag, v, rc);
  lua_pushboolean(L, 1);
  return 1;
}

static int port_level(lua_State *L) {
  lw_port *p = check_port(L);
  int level = lw_level_find(luaL_checkstring(L, 2));
  luaL_argcheck(L, level >= 0, 2, "not a level");
  lua_pushnumber(L, lw_port_level(p, level));
  return 1;
}

static int port_applied(lua_State *L) {
  lua_pushboolean(L, lw_port_applied(check_port(L)));
  return 1;
}

static const char *cause_name(int cause) {
  switch (cause) {
#define CAUSE_NAME(name, text)                                                 \
  case LW_CAUSE_##name:                                                        \
    return #name;
    LW_CAUSES(CAUSE_NAME)
#undef CAUSE_NAME
  }
  return "unknown";
}

static const char *cause_text(int cause) {
  switch (cause) {
#define CAUSE_TEXT(name, text)                                                 \
  case LW_CAUSE_##name:                                                        \
    return text;
    LW_CAUSES(CAUSE_TEXT)
#undef CAUSE_TEXT
  }
  return "";
}

// A rule says itself what the operator reads; other causes name their channel.
static void push_trip_text(lua_State *L, const lw_plan *plan,
                           const lw_trip *t) {
  int is_rule = t->cause == LW_CAUSE_interlock || t->cause == LW_CAUSE_permit;
  if (is_rule && t->index < plan->rule_n)
    lua_pushstring(L, lw_plan_text(plan, plan->rules[t->index].text));
  else if (!is_rule && t->index < plan->tag_n)
    lua_pushfstring(L, "%s: %s", lw_plan_text(plan, plan->tags[t->index].name),
                    cause_text(t->cause));
  else
    lua_pushstring(L, cause_text(t->cause));
}

// port:trip() -> nil | seq, level, cause, index or nil, text
static int port_trip(lua_State *L) {
  lw_port *p = check_port(L);
  lw_trip t;
  if (!lw_port_trip(p, &t))
    return 0;
  const char *level = lw_level_name(t.level);
  lua_pushnumber(L, t.seq);
  lua_pushstring(L, level ? level : "hold");
  lua_pushstring(L, cause_name(t.cause));
  if (t.index == UINT32_MAX)
    lua_pushnil(L);
  else
    lua_pushnumber(L, (double)t.index + 1);
  push_trip_text(L, p->plan, &t);
  return 5;
}

static int port_trip_ack(lua_State *L) {
  lw_port *p = check_port(L);
  double seq = luaL_checknumber(L, 2);
  luaL_argcheck(L, seq >= 0 && seq <= UINT32_MAX, 2, "not a trip's number");
  lw_port_trip_ack(p, (uint32_t)seq);
  return 0;
}

static int is_durable(int kind) {
  switch (kind) {
#define DURABLE(name, durable)                                                 \
  case LW_RECORD_##name:                                                       \
    return durable;
    LW_RECORD_KINDS(DURABLE)
#undef DURABLE
  }
  return 1;
}

// port:emit(kind, key, data [, durable]) -> seq | nil, message, code
static int port_emit(lua_State *L) {
  lw_port *p = check_port(L);
  lw_record r = {0};
  int kind = lw_record_kind_find(luaL_checkstring(L, 2));
  luaL_argcheck(L, kind >= 0, 2, "not a kind of record");
  r.kind = (uint8_t)kind;
  r.key = luaL_checklstring(L, 3, &r.key_n);
  r.data = luaL_optlstring(L, 4, "", &r.data_n);
  r.durable =
      (uint8_t)(lua_isnoneornil(L, 5) ? is_durable(kind) : lua_toboolean(L, 5));
  int64_t seq = lw_port_emit(p, &r);
  if (seq < 0)
    return lw_bind_fail_code(L, (int)seq);
  lua_pushnumber(L, (double)seq);
  return 1;
}

static int port_committed(lua_State *L) {
  lua_pushnumber(L, (double)lw_port_committed(check_port(L)));
  return 1;
}

static int port_store_ok(lua_State *L) {
  int code = (int)atomic_load(&check_port(L)->image->store_state);
  if (code != 0)
    return lw_bind_fail_code(L, code);
  lua_pushboolean(L, 1);
  return 1;
}

// port:command() -> nil | command, who, argument
static int port_command(lua_State *L) {
  char text[COMMAND_N];
  int n = lw_port_command(check_port(L), text, sizeof text);
  if (n == LW_E_AGAIN)
    return 0;
  if (n < 0)
    return luaL_error(L, "port: command of the host: %s", lw_err_text(n));
  char *who = strchr(text, '\t'), *argument = who ? strchr(who + 1, '\t') : 0;
  if (who)
    *who++ = 0;
  if (argument)
    *argument++ = 0;
  lua_pushstring(L, text);
  lua_pushstring(L, who ? who : "");
  lua_pushstring(L, argument ? argument : "");
  return 3;
}

static int port_beat(lua_State *L) {
  lw_port_beat(check_port(L));
  return 0;
}

static int port_state(lua_State *L) {
  lw_port *p = check_port(L);
  int state = lw_packml_state_find(luaL_checkstring(L, 2));
  luaL_argcheck(L, state >= 0, 2, "not a PackML state");
  lw_port_state(p, state);
  return 0;
}

static int port_flags(lua_State *L) {
  lw_port_flags(check_port(L), lua_toboolean(L, 2), lua_toboolean(L, 3));
  return 0;
}

static int port_tag_count(lua_State *L) {
  lua_pushnumber(L, check_port(L)->plan->tag_n);
  return 1;
}

// Keep what fits of a text, not cutting a UTF-8 character in two.
static void fit_text(char *at, const char *text, size_t n) {
  if (n >= LW_STATUS_TEXT) {
    n = LW_STATUS_TEXT - 1;
    while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
      n--;
  }
  memset(at, 0, LW_STATUS_TEXT);
  memcpy(at, text, n);
}

// port:status(field, text)
static int port_status(lua_State *L) {
#define STATUS_NAME(name) #name,
#define STATUS_AT(name) offsetof(lw_status, name),
#define STATUS_TEXTS(X)                                                        \
  X(operation)                                                                 \
  X(step)                                                                      \
  X(waits)                                                                     \
  X(reason)                                                                    \
  X(readings) X(prompt) X(where) X(can) X(proves) X(doubt) X(verdict) X(budgets)
  static const char *const names[] = {STATUS_TEXTS(STATUS_NAME) NULL};
  static const size_t at[] = {STATUS_TEXTS(STATUS_AT)};
  face *f = check_face(L);
  size_t n, i = (size_t)luaL_checkoption(L, 2, NULL, names);
  const char *text = luaL_optlstring(L, 3, "", &n);
  fit_text((char *)&f->status + at[i], text, n);
  return 0;
}

// port:status_flush(until_ns, verdict_n, refused)
static int port_status_flush(lua_State *L) {
  face *f = check_face(L);
  f->status.until_ns = lua_isnoneornil(L, 2) ? 0 : lw_bind_ns(L, 2, "until_ns");
  f->status.verdict_n = (uint32_t)luaL_optnumber(L, 3, 0);
  f->status.refused = (uint64_t)luaL_optnumber(L, 4, 0);
  f->status.state = (int32_t)atomic_load(&f->box->port->desk->state);
  lw_status_write(f->box->port->desk, &f->status);
  return 0;
}

// port:fired(i) -> why its detector fired last, age_s; nothing when it never
// did
static int port_fired(lua_State *L) {
  lw_port *p = check_port(L);
  lw_text t;
  if (!lw_port_fired(p, check_tag(L, p, 2), &t))
    return 0;
  lua_pushstring(L, t.text);
  lua_pushnumber(L, (double)(lw_now_ns(p->clock) - t.t_ns) * 1e-9);
  return 2;
}

static const luaL_Reg methods[] = {{"now_ns", port_now_ns},
                                   {"wall_ns", port_wall_ns},
                                   {"fired", port_fired},
                                   {"request", port_request},
                                   {"level", port_level},
                                   {"applied", port_applied},
                                   {"trip", port_trip},
                                   {"trip_ack", port_trip_ack},
                                   {"emit", port_emit},
                                   {"committed", port_committed},
                                   {"store_ok", port_store_ok},
                                   {"command", port_command},
                                   {"beat", port_beat},
                                   {"state", port_state},
                                   {"flags", port_flags},
                                   {"tag_count", port_tag_count},
                                   {"status", port_status},
                                   {"status_flush", port_status_flush},
                                   {NULL, NULL}};

static void add_read(lua_State *L) {
  luaL_getmetatable(L, PORT);
  lua_getfield(L, -1, "__index");
  lua_pushliteral(L, "bad"); // in the order of LW_BAD, LW_UNCERTAIN, LW_GOOD
  lua_pushliteral(L, "uncertain");
  lua_pushliteral(L, "good");
  lua_pushcclosure(L, port_read, 3);
  lua_setfield(L, -2, "read");
  lua_pop(L, 2);
}

void lw_bind_push_port(lua_State *L, lw_line_box *box) {
  lw_bind_type(L, PORT, methods, port_gc);
  add_read(L);
  face *f = lua_newuserdata(L, sizeof *f);
  memset(f, 0, sizeof *f);
  luaL_setmetatable(L, PORT);
  f->box = box;
  box->refs++;
}
