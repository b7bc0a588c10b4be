// Lua face of bind/match.h. Documented in lua/meta/linewright/match.lua; the
// functions that recipes call are made of it in lua/linewright/patterns.lua.
#include <stdarg.h> // va_list
#include <string.h> // memcpy, memmem, strpbrk

#include "bind/match.h"   // lw_pattern
#include "bind/modules.h" // lw_open_match

// Steps of one search: some milliseconds, so that the CPU budget's hook gets
// its turn in time; more for long texts, which need a few steps a byte.
#define STEPS UINT64_C(1000000)
#define STEPS_PER_BYTE 16

typedef struct question {
  const char *text, *pattern;
  size_t text_n, pattern_n;
  size_t from; // 0-based; text_n + 1 = beyond the end
} question;

static question check_question(lua_State *L) {
  question q;
  q.text = luaL_checklstring(L, 1, &q.text_n);
  q.pattern = luaL_checklstring(L, 2, &q.pattern_n);
  double init = luaL_optnumber(L, 3, 1), n = (double)q.text_n;
  luaL_argcheck(L, init == init, 3, "number expected, got NaN");
  if (init < 0)
    init = init + n + 1;
  if (init < 1)
    init = 1;
  q.from = init > n + 1 ? q.text_n + 1 : (size_t)init - 1;
  return q;
}

// An error of the script that stands `level` calls above.
static int raise(lua_State *L, int level, const char *fmt, ...) {
  luaL_where(L, level);
  va_list ap;
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lua_concat(L, 2);
  return lua_error(L);
}

// The compiled pattern is upvalue 1: 40 kB that no two searches share in time,
// since nothing here calls back into Lua.
static int search(lua_State *L, const question *q, int has_anchor, int level,
                  lw_match *m) {
  lw_pattern *p = lua_touserdata(L, lua_upvalueindex(1));
  lw_err e;
  if (lw_pattern_init(p, q->pattern, q->pattern_n, has_anchor, &e) < 0)
    return raise(L, level, "%s", e.text);
  if (q->from > q->text_n)
    return 0;
  uint64_t steps = STEPS + STEPS_PER_BYTE * (uint64_t)q->text_n;
  int found = lw_pattern_run(p, q->text, q->text_n, q->from, &steps, m);
  if (found == LW_E_BUDGET)
    return raise(L, level,
                 "E-BUDGET pattern '%s' backtracks too much on a text of %d "
                 "bytes",
                 q->pattern, (int)q->text_n);
  return found;
}

static int push_captures(lua_State *L, const question *q, const lw_match *m) {
  const lw_pattern *p = lua_touserdata(L, lua_upvalueindex(1));
  luaL_checkstack(L, p->capture_n, "too many captures");
  for (int i = 0; i < p->capture_n; i++) {
    if (m->capture_n[i] == LW_MATCH_POSITION)
      lua_pushinteger(L, (lua_Integer)m->capture_start[i] + 1);
    else
      lua_pushlstring(L, q->text + m->capture_start[i], m->capture_n[i]);
  }
  return p->capture_n;
}

static int push_place(lua_State *L, size_t start, size_t end) {
  lua_pushinteger(L, (lua_Integer)start + 1);
  lua_pushinteger(L, (lua_Integer)end);
  return 2;
}

// One nil, as the engine's own functions give: none at all would be a missing
// argument in tonumber(s:match(...)).
static int push_none(lua_State *L) {
  lua_pushnil(L);
  return 1;
}

static int find_plain(lua_State *L, const question *q) {
  if (q->from > q->text_n)
    return push_none(L);
  const char *at =
      memmem(q->text + q->from, q->text_n - q->from, q->pattern, q->pattern_n);
  if (!at)
    return push_none(L);
  size_t start = (size_t)(at - q->text);
  return push_place(L, start, start + q->pattern_n);
}

// match.find(text, pattern [, init [, plain]]) -> first, last, captures... |
// nil
static int match_find(lua_State *L) {
  question q = check_question(L);
  lw_match m;
  if (lua_toboolean(L, 4))
    return find_plain(L, &q);
  if (!search(L, &q, 1, 1, &m))
    return push_none(L);
  return push_place(L, m.start, m.end) + push_captures(L, &q, &m);
}

// match.match(text, pattern [, init]) -> captures, or the whole match, | nil
static int match_match(lua_State *L) {
  question q = check_question(L);
  lw_match m;
  if (!search(L, &q, 1, 1, &m))
    return push_none(L);
  int n = push_captures(L, &q, &m);
  if (n == 0)
    lua_pushlstring(L, q.text + m.start, m.end - m.start);
  return n ? n : 1;
}

// match.next(text, pattern, init [, is_anchored]) -> first, last, captures... |
// nil: as find, but ^ is an ordinary character unless it is anchored, and an
// error is the caller's caller's
static int match_next(lua_State *L) {
  question q = check_question(L);
  lw_match m;
  if (!search(L, &q, lua_toboolean(L, 4), 2, &m))
    return push_none(L);
  return push_place(L, m.start, m.end) + push_captures(L, &q, &m);
}

static const luaL_Reg functions[] = {{"find", match_find},
                                     {"match", match_match},
                                     {"next", match_next},
                                     {NULL, NULL}};

int lw_open_match(lua_State *L) {
  lua_newtable(L);
  lua_newuserdata(L, sizeof(lw_pattern));
  luaL_setfuncs(L, functions, 1);
  return 1;
}
