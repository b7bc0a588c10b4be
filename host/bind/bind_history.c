// Lua face of store/history.h. Documented in lua/meta/linewright/history.lua.
#include <stdlib.h> // free, malloc
#include <string.h> // memset

#include "base/grow.h"     // lw_grow
#include "bind/bind.h"     // lw_bind_type
#include "bind/modules.h"  // lw_open_history
#include "store/history.h" // lw_history

#define HISTORY "linewright.history"
#define WALK "linewright.history.walk"
#define SAMPLES "linewright.history.samples"
#define BUCKETS_MAX 100000
#define INSTANTS_MAX 1000000

typedef struct face {
  lw_history *history; // NULL once closed
} face;

static lw_history *check_history(lua_State *L) {
  face *f = luaL_checkudata(L, 1, HISTORY);
  if (!f->history)
    luaL_error(L, "history: already closed");
  return f->history;
}

// history.open(folder) -> history | nil, message, code
static int history_open(lua_State *L) {
  const char *folder = luaL_checkstring(L, 1);
  lw_err e = {0};
  face *f = lua_newuserdata(L, sizeof *f);
  f->history = NULL;
  luaL_setmetatable(L, HISTORY);
  if (lw_history_open(&f->history, folder, &e) < 0)
    return lw_bind_fail(L, &e);
  return 1;
}

static int history_close(lua_State *L) {
  face *f = luaL_checkudata(L, 1, HISTORY);
  lw_history_close(f->history);
  f->history = NULL;
  return 0;
}

// -------------------------------------------------------------------- tags --

// Names and units, one after the other with a NUL each, in memory that the
// collector owns once the walk is done.
typedef struct names {
  char *text;
  size_t n, room;
  int count, is_short;
} names;

static void add(names *w, const char *text) {
  size_t n = strlen(text) + 1;
  if (lw_grow(&w->text, &w->room, w->n + n, 1) < 0) {
    w->is_short = 1;
    return;
  }
  memcpy(w->text + w->n, text, n);
  w->n += n;
}

static int add_tag(void *arg, const char *name, const char *unit) {
  names *w = arg;
  add(w, name);
  add(w, unit);
  w->count++;
  return w->is_short;
}

static int walk_close(lua_State *L) {
  names *w = luaL_checkudata(L, 1, WALK);
  free(w->text);
  *w = (names){0};
  return 0;
}

// The text is read by n from here on; room counts what was given.
static int next_tag(lua_State *L) {
  names *w = luaL_checkudata(L, lua_upvalueindex(1), WALK);
  if (w->count == 0)
    return 0;
  w->count--;
  for (int i = 0; i < 2; i++) {
    const char *text = w->text + w->n;
    lua_pushstring(L, text);
    w->n += strlen(text) + 1;
  }
  return 2;
}

// h:tags(from_ns, to_ns) -> iterator: name, unit
static int history_tags(lua_State *L) {
  lw_history *h = check_history(L);
  int64_t from_ns = lw_bind_ns(L, 2, "from"), to_ns = lw_bind_ns(L, 3, "to");
  lw_err e = {0};
  names *w = lua_newuserdata(L, sizeof *w);
  memset(w, 0, sizeof *w);
  luaL_setmetatable(L, WALK);
  int rc = lw_history_tags(h, from_ns, to_ns, add_tag, w, &e);
  if (rc < 0)
    return luaL_error(L, "history: %s", e.text);
  if (w->is_short)
    return luaL_error(L, "history: out of memory");
  w->n = 0;
  lua_pushcclosure(L, next_tag, 1);
  return 1;
}

// ----------------------------------------------------------------- buckets --

typedef struct buckets {
  size_t n, at;
  lw_bucket bucket[];
} buckets;

static int next_bucket(lua_State *L) {
  buckets *b = lua_touserdata(L, lua_upvalueindex(1));
  if (b->at == b->n)
    return 0;
  const lw_bucket *x = &b->bucket[b->at++];
  const double numbers[] = {(double)x->t_ns, (double)x->n, x->min,  x->max,
                            x->mean,         x->first,     x->last, x->held};
  for (int i = 0; i < 8; i++)
    lua_pushnumber(L, numbers[i]);
  return 8;
}

// h:buckets(tag, from_ns, to_ns, n) -> iterator: t_ns, n, min, max, mean,
// first, last, held
static int history_buckets(lua_State *L) {
  lw_history *h = check_history(L);
  const char *tag = luaL_checkstring(L, 2);
  int64_t from_ns = lw_bind_ns(L, 3, "from"), to_ns = lw_bind_ns(L, 4, "to");
  double n = luaL_checknumber(L, 5);
  luaL_argcheck(L, n >= 1 && n <= BUCKETS_MAX, 5, "not 1 to 100000 buckets");
  lw_err e = {0};
  buckets *b = lua_newuserdata(L, sizeof *b + (size_t)n * sizeof *b->bucket);
  b->n = (size_t)n;
  b->at = 0;
  if (lw_history_buckets(h, tag, from_ns, to_ns, b->n, b->bucket, &e) < 0)
    return luaL_error(L, "history: %s", e.text);
  lua_pushcclosure(L, next_bucket, 1);
  return 1;
}

// h:at(tag, t_ns [, "held" | "linear"]) -> value, quality, t_ns | nil, ...
static int history_at(lua_State *L) {
  static const char *const hows[] = {"held", "linear", NULL};
  static const char *const words[] = {"bad", "uncertain", "good"};
  lw_history *h = check_history(L);
  const char *tag = luaL_checkstring(L, 2);
  int64_t t_ns = lw_bind_ns(L, 3, "time");
  int how = luaL_checkoption(L, 4, "held", hows) ? LW_HISTORY_LINEAR
                                                 : LW_HISTORY_HELD;
  lw_instant at;
  lw_err e = {0};
  if (lw_history_at(h, tag, t_ns, how, &at, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushnumber(L, at.value);
  lua_pushstring(L, words[at.quality >= 0 && at.quality < 3 ? at.quality : 0]);
  lua_pushnumber(L, (double)at.t_ns);
  return 3;
}

// ----------------------------------------------------------------- samples --

typedef struct sample {
  int64_t t_ns;
  double value;
  int quality;
} sample;

typedef struct samples {
  sample *at;
  size_t n, room, next;
} samples;

static int samples_close(lua_State *L) {
  samples *w = luaL_checkudata(L, 1, SAMPLES);
  free(w->at);
  *w = (samples){0};
  return 0;
}

static int add_samples(void *arg, const lw_chunk *c) {
  samples *w = arg;
  if (lw_grow(&w->at, &w->room, w->n + c->n, sizeof *w->at) < 0)
    return LW_E_NOMEM;
  for (size_t i = 0; i < c->n; i++)
    w->at[w->n++] = (sample){c->t_ns[i], c->value[i], c->quality[i]};
  return 0;
}

static const char *quality_word(int quality) {
  static const char *const words[] = {"bad", "uncertain", "good"};
  return words[quality >= 0 && quality < 3 ? quality : 0];
}

static int next_sample(lua_State *L) {
  samples *w = luaL_checkudata(L, lua_upvalueindex(1), SAMPLES);
  if (w->next >= w->n)
    return 0;
  const sample *x = &w->at[w->next++];
  lua_pushnumber(L, (double)x->t_ns);
  lua_pushnumber(L, x->value);
  lua_pushstring(L, quality_word(x->quality));
  return 3;
}

static samples *new_samples(lua_State *L) {
  samples *w = lua_newuserdata(L, sizeof *w);
  memset(w, 0, sizeof *w);
  luaL_setmetatable(L, SAMPLES);
  return w;
}

// h:read(tag, from_ns, to_ns) -> iterator: t_ns, value, quality
static int history_read(lua_State *L) {
  lw_history *h = check_history(L);
  const char *tag = luaL_checkstring(L, 2);
  int64_t from_ns = lw_bind_ns(L, 3, "from"), to_ns = lw_bind_ns(L, 4, "to");
  lw_err e = {0};
  samples *w = new_samples(L);
  int rc = lw_history_read(h, tag, from_ns, to_ns, add_samples, w, &e);
  if (rc < 0)
    return luaL_error(L, "history: %s", *e.text ? e.text : lw_err_text(rc));
  lua_pushcclosure(L, next_sample, 1);
  return 1;
}

// h:grid(tag, from_ns, step_ns, n [, "held" | "linear"]) -> iterator as read's
static int history_grid(lua_State *L) {
  static const char *const hows[] = {"held", "linear", NULL};
  lw_history *h = check_history(L);
  const char *tag = luaL_checkstring(L, 2);
  int64_t from_ns = lw_bind_ns(L, 3, "from"),
          step_ns = lw_bind_ns(L, 4, "step");
  double n = luaL_checknumber(L, 5);
  int how = luaL_checkoption(L, 6, "held", hows) ? LW_HISTORY_LINEAR
                                                 : LW_HISTORY_HELD;
  luaL_argcheck(L, n >= 1 && n <= INSTANTS_MAX, 5, "not 1 to 1000000 instants");
  lw_err e = {0};
  samples *w = new_samples(L);
  lw_instant *at = lua_newuserdata(L, (size_t)n * sizeof *at);
  w->at = malloc((size_t)n * sizeof *w->at);
  if (!w->at)
    return luaL_error(L, "history: out of memory");
  if (lw_history_grid(h, tag, from_ns, step_ns, (size_t)n, how, at, &e) < 0)
    return luaL_error(L, "history: %s", e.text);
  for (; w->n < (size_t)n; w->n++)
    w->at[w->n] = (sample){at[w->n].t_ns, at[w->n].value, at[w->n].quality};
  lua_pop(L, 1);
  lua_pushcclosure(L, next_sample, 1);
  return 1;
}

static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg methods[] = {{"tags", history_tags},
                                   {"buckets", history_buckets},
                                   {"at", history_at},
                                   {"read", history_read},
                                   {"grid", history_grid},
                                   {"close", history_close},
                                   {NULL, NULL}};
static const luaL_Reg functions[] = {{"open", history_open}, {NULL, NULL}};

int lw_open_history(lua_State *L) {
  lw_bind_type(L, WALK, no_methods, walk_close);
  lw_bind_type(L, SAMPLES, no_methods, samples_close);
  lw_bind_type(L, HISTORY, methods, history_close);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
