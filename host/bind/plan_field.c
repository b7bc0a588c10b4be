#include "bind/plan_field.h"

#include <math.h>   // NAN, isnan
#include <stddef.h> // offsetof
#include <string.h> // strcmp

#include "bind/bind.h" // lw_bind_index, lw_bind_ns

enum {
  FIELD_DRIVER, // index of a driver, nil = none
  FIELD_SIGNAL, // index of a signal, nil = none
  FIELD_TEXT,   // text, interned
  FIELD_NUMBER, // finite
  FIELD_LIMIT,  // a number or nil = absent (NaN)
  FIELD_INT,    // int32_t
  FIELD_WHOLE,  // int64_t: nanoseconds, bytes
  FIELD_TYPE,   // "u16"
  FIELD_WORDS,  // "big", "little"
  FIELD_ACCESS, // "r", "w", "rw"
  FIELD_HISTORY // "change", "scan", "none"
};

typedef struct field {
  const char *name;
  int kind;
  size_t offset;
} field;

#define PLAN_FIELD(name, kind)                                                 \
  { #name, FIELD_##kind, offsetof(lw_plan, name) }
static const field plan_fields[] = {PLAN_FIELD(scan_ns, WHOLE),
                                    PLAN_FIELD(tick_ns, WHOLE),
                                    PLAN_FIELD(heartbeat_ns, WHOLE),
                                    PLAN_FIELD(tick_cpu_ns, WHOLE),
                                    PLAN_FIELD(memory_bytes, WHOLE),
                                    PLAN_FIELD(history_keep_ns, WHOLE),
                                    PLAN_FIELD(history_share, NUMBER),
                                    PLAN_FIELD(revision, INT),
                                    PLAN_FIELD(api, INT),
                                    {NULL, 0, 0}};

#define TAG_FIELD(name, kind)                                                  \
  { #name, FIELD_##kind, offsetof(lw_plan_tag, name) }
#define SAFE_FIELD(level)                                                      \
  { "safe_" #level, FIELD_LIMIT, offsetof(lw_plan_tag, safe[LW_LEVEL_##level]) }
static const field tag_fields[] = {TAG_FIELD(driver, DRIVER),
                                   TAG_FIELD(signal, SIGNAL),
                                   TAG_FIELD(address, TEXT),
                                   TAG_FIELD(feedback, TEXT),
                                   TAG_FIELD(unit, TEXT),
                                   TAG_FIELD(process_unit, TEXT),
                                   TAG_FIELD(type, TYPE),
                                   TAG_FIELD(word_order, WORDS),
                                   TAG_FIELD(access, ACCESS),
                                   TAG_FIELD(scale, NUMBER),
                                   TAG_FIELD(offset, NUMBER),
                                   TAG_FIELD(gain, NUMBER),
                                   TAG_FIELD(bias, NUMBER),
                                   TAG_FIELD(signal_gain, NUMBER),
                                   TAG_FIELD(signal_bias, NUMBER),
                                   TAG_FIELD(lo, LIMIT),
                                   TAG_FIELD(hi, LIMIT),
                                   TAG_FIELD(step_max, LIMIT),
                                   TAG_FIELD(rate_max, LIMIT),
                                   TAG_FIELD(deadband, LIMIT),
                                   SAFE_FIELD(suspend),
                                   SAFE_FIELD(hold),
                                   SAFE_FIELD(stop),
                                   SAFE_FIELD(abort),
                                   TAG_FIELD(max_age_ns, WHOLE),
                                   TAG_FIELD(poll_ns, WHOLE),
                                   TAG_FIELD(history, HISTORY),
                                   {NULL, 0, 0}};

static const field *check_field(lua_State *L, int arg, const field *f) {
  const char *name = luaL_checkstring(L, arg);
  while (f->name && strcmp(f->name, name) != 0)
    f++;
  if (!f->name)
    luaL_argerror(L, arg, lua_pushfstring(L, "no field '%s'", name));
  return f;
}

static uint32_t check_index(lua_State *L, int arg, uint32_t n,
                            const char *what) {
  if (lua_isnil(L, arg))
    return LW_NONE;
  return (uint32_t)lw_bind_index(L, arg, n, what);
}

static uint32_t check_text(lua_State *L, int arg, lw_plan *p) {
  int offset = lw_plan_add_text(p, luaL_checkstring(L, arg));
  if (offset < 0)
    luaL_error(L, "plan: %s", lw_err_text(offset));
  return (uint32_t)offset;
}

static double check_limit(lua_State *L, int arg, const char *name) {
  if (lua_isnil(L, arg))
    return NAN;
  double x = luaL_checknumber(L, arg);
  return isnan(x) ? x : lw_bind_number(L, arg, name);
}

static int32_t check_int(lua_State *L, int arg, const char *name) {
  double x = lw_bind_number(L, arg, name);
  luaL_argcheck(L, x >= INT32_MIN && x <= INT32_MAX, arg, "out of range");
  return (int32_t)x;
}

static int check_word_order(lua_State *L, int arg) {
  static const char *const words[] = {"big", "little", NULL};
  return luaL_checkoption(L, arg, NULL, words) ? LW_LITTLE_WORDS : LW_BIG_WORDS;
}

static int32_t check_history(lua_State *L, int arg) {
  static const char *const words[] = {"change", "scan", "none", NULL};
  static const int32_t numbers[] = {LW_TAG_ON_CHANGE, LW_TAG_EACH_SCAN,
                                    LW_TAG_UNRECORDED};
  return numbers[luaL_checkoption(L, arg, NULL, words)];
}

static void set(lua_State *L, lw_plan *p, const field *f, void *at, int arg) {
  luaL_checkany(L, arg);
  switch (f->kind) {
  case FIELD_DRIVER:
    *(uint32_t *)at = check_index(L, arg, p->driver_n, "driver");
    break;
  case FIELD_SIGNAL:
    *(uint32_t *)at = check_index(L, arg, p->signal_n, "signal");
    break;
  case FIELD_TEXT:
    *(uint32_t *)at = check_text(L, arg, p);
    break;
  case FIELD_NUMBER:
    *(double *)at = lw_bind_number(L, arg, f->name);
    break;
  case FIELD_LIMIT:
    *(double *)at = check_limit(L, arg, f->name);
    break;
  case FIELD_INT:
    *(int32_t *)at = check_int(L, arg, f->name);
    break;
  case FIELD_WHOLE:
    *(int64_t *)at = lw_bind_ns(L, arg, f->name);
    break;
  case FIELD_TYPE:
    *(int32_t *)at = lw_bind_type_word(L, arg);
    break;
  case FIELD_WORDS:
    *(int32_t *)at = check_word_order(L, arg);
    break;
  case FIELD_ACCESS:
    *(int32_t *)at = lw_bind_access_word(L, arg);
    break;
  case FIELD_HISTORY:
    *(int32_t *)at = check_history(L, arg);
    break;
  }
}

int lw_plan_field_set(lua_State *L, lw_plan *p) {
  const field *f = check_field(L, 2, plan_fields);
  set(L, p, f, (char *)p + f->offset, 3);
  return 0;
}

int lw_tag_field_set(lua_State *L, lw_plan *p, int tag) {
  const field *f = check_field(L, 3, tag_fields);
  set(L, p, f, (char *)&p->tags[tag] + f->offset, 4);
  return 0;
}
