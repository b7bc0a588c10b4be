// Lua face of image/plan.h: how a profile becomes a flat, checked plan.
// Documented in lua/meta/linewright/plan.lua. Indices count from 1 here.
#include <math.h> // NAN

#include "base/hash.h"       // lw_hash_sha256_hex
#include "bind/face.h"       // lw_bind_push_block
#include "bind/modules.h"    // lw_open_plan
#include "bind/plan_field.h" // lw_plan_field_set

#define PLAN "linewright.plan"

static lw_plan **push_plan(lua_State *L) {
  lw_plan **p = lua_newuserdata(L, sizeof *p);
  *p = NULL;
  luaL_setmetatable(L, PLAN);
  return p;
}

static lw_plan *check_plan(lua_State *L) {
  lw_plan *p = *(lw_plan **)luaL_checkudata(L, 1, PLAN);
  if (!p)
    luaL_error(L, "plan: already closed");
  return p;
}

static int plan_close(lua_State *L) {
  lw_plan **p = luaL_checkudata(L, 1, PLAN);
  lw_plan_free(*p);
  *p = NULL;
  return 0;
}

// Result of an lw_plan_add_*: its 1-based index, or a Lua error, since a plan
// only fails to grow by wrong use or want of memory.
static int added(lua_State *L, int index) {
  if (index < 0)
    return luaL_error(L, "plan: %s", lw_err_text(index));
  lua_pushinteger(L, index + 1);
  return 1;
}

// plan.new(line, profile_path) -> plan
static int plan_new(lua_State *L) {
  const char *line = luaL_checkstring(L, 1), *path = luaL_optstring(L, 2, "");
  lw_plan **p = push_plan(L);
  *p = lw_plan_new();
  int line_text = *p ? lw_plan_add_text(*p, line) : LW_E_NOMEM;
  int path_text = *p ? lw_plan_add_text(*p, path) : LW_E_NOMEM;
  if (line_text < 0 || path_text < 0)
    return luaL_error(L, "plan: %s", lw_err_text(LW_E_NOMEM));
  (*p)->line = (uint32_t)line_text;
  (*p)->profile = (uint32_t)path_text;
  return 1;
}

// plan.decode(text) -> plan | nil, message, code
static int plan_decode(lua_State *L) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  lw_err e = {0};
  lw_plan **p = push_plan(L);
  if (lw_plan_decode(p, (const uint8_t *)bytes, n, &e) < 0) {
    *p = NULL;
    return lw_bind_fail(L, &e);
  }
  return 1;
}

// p:set(field, value)
static int plan_set(lua_State *L) {
  return lw_plan_field_set(L, check_plan(L));
}

// p:tag_set(i, field, value)
static int plan_tag_set(lua_State *L) {
  lw_plan *p = check_plan(L);
  return lw_tag_field_set(L, p, lw_bind_index(L, 2, p->tag_n, "tag"));
}

static int plan_driver(lua_State *L) {
  lw_plan *p = check_plan(L);
  return added(
      L, lw_plan_add_driver(p, luaL_checkstring(L, 2), luaL_checkstring(L, 3)));
}

// p:option(driver, name, value): options lie side by side, so only the newest
// driver can get one.
static int plan_option(lua_State *L) {
  lw_plan *p = check_plan(L);
  uint32_t i = (uint32_t)lw_bind_index(L, 2, p->driver_n, "driver");
  luaL_argcheck(L, i + 1 == p->driver_n, 2, "not the newest driver");
  return added(
      L, lw_plan_add_option(p, luaL_checkstring(L, 3), luaL_checkstring(L, 4)));
}

static int plan_signal(lua_State *L) {
  lw_plan *p = check_plan(L);
  return added(
      L, lw_plan_add_signal(p, luaL_checkstring(L, 2), luaL_checkstring(L, 3)));
}

static int plan_tag(lua_State *L) {
  lw_plan *p = check_plan(L);
  return added(L, lw_plan_add_tag(p, luaL_checkstring(L, 2)));
}

// p:filter(tag, kind, p1, ...); nil takes the default
static int plan_filter(lua_State *L) {
  lw_plan *p = check_plan(L);
  uint32_t tag = (uint32_t)lw_bind_index(L, 2, p->tag_n, "tag");
  const char *kind = luaL_checkstring(L, 3);
  double param[LW_FILTER_PARAMS];
  int n = lua_gettop(L) - 3;
  luaL_argcheck(L, n <= LW_FILTER_PARAMS, n + 3, "too many parameters");
  for (int i = 0; i < n; i++)
    param[i] = lua_isnil(L, 4 + i) ? (double)NAN : luaL_checknumber(L, 4 + i);
  return added(L, lw_plan_add_filter(p, tag, kind, param, (size_t)n));
}

// p:rule(kind, tag, op, limit, level, lasting_ns, text
//        [, need_tag, need_op, need_limit])
static int plan_rule(lua_State *L) {
  static const char *const kinds[] = {"interlock", "permit", NULL};
  static const char *const ops[] = {"above", "below", "is", "is_not", NULL};
  static const char *const levels[] = {
#define LEVEL_WORD(name) #name,
      LW_LEVELS(LEVEL_WORD) NULL
#undef LEVEL_WORD
  };
  lw_plan *p = check_plan(L);
  lw_plan_rule r = {.kind = luaL_checkoption(L, 2, NULL, kinds),
                    .tag = (uint32_t)lw_bind_index(L, 3, p->tag_n, "tag"),
                    .op = luaL_checkoption(L, 4, NULL, ops),
                    .limit = lw_bind_number(L, 5, "limit"),
                    .level = luaL_checkoption(L, 6, NULL, levels),
                    .lasting_ns = lw_bind_ns(L, 7, "lasting_ns"),
                    .need_tag = LW_NONE};
  const char *text = luaL_checkstring(L, 8);
  if (!lua_isnoneornil(L, 9)) {
    r.need_tag = (uint32_t)lw_bind_index(L, 9, p->tag_n, "tag");
    r.need_op = luaL_checkoption(L, 10, NULL, ops);
    r.need_limit = lw_bind_number(L, 11, "need_limit");
  }
  int offset = lw_plan_add_text(p, text);
  if (offset < 0)
    return added(L, offset);
  r.text = (uint32_t)offset;
  return added(L, lw_plan_add_rule(p, &r));
}

static int plan_check(lua_State *L) {
  lw_err e = {0};
  int rc = lw_plan_check(check_plan(L), &e);
  if (rc < 0) {
    e.code = rc;
    return lw_bind_fail(L, &e);
  }
  lua_pushboolean(L, 1);
  return 1;
}

static const uint8_t *encode(lua_State *L, size_t *n) {
  lw_plan *p = check_plan(L);
  uint8_t *bytes = NULL;
  void **block = lw_bind_push_block(L);
  int rc = lw_plan_encode(p, &bytes, n);
  if (rc < 0)
    luaL_error(L, "plan: %s", lw_err_text(rc));
  return *block = bytes;
}

static int plan_encode(lua_State *L) {
  size_t n;
  const uint8_t *bytes = encode(L, &n);
  lua_pushlstring(L, (const char *)bytes, n);
  return 1;
}

static int plan_digest(lua_State *L) {
  size_t n;
  const uint8_t *bytes = encode(L, &n);
  char hex[LW_HASH_HEX_N];
  lua_pushstring(L, lw_hash_sha256_hex(bytes, n, hex));
  return 1;
}

static int plan_tag_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_plan(L)->tag_n);
  return 1;
}

static int plan_find(lua_State *L) {
  int i = lw_plan_find(check_plan(L), luaL_checkstring(L, 2));
  if (i < 0)
    lua_pushnil(L);
  else
    lua_pushinteger(L, i + 1);
  return 1;
}

static int plan_name(lua_State *L) {
  lw_plan *p = check_plan(L);
  int i = lw_bind_index(L, 2, p->tag_n, "tag");
  lua_pushstring(L, lw_plan_text(p, p->tags[i].name));
  return 1;
}

static const luaL_Reg methods[] = {
    {"set", plan_set},       {"driver", plan_driver},
    {"option", plan_option}, {"signal", plan_signal},
    {"tag", plan_tag},       {"tag_set", plan_tag_set},
    {"filter", plan_filter}, {"rule", plan_rule},
    {"check", plan_check},   {"digest", plan_digest},
    {"encode", plan_encode}, {"tag_count", plan_tag_count},
    {"find", plan_find},     {"name", plan_name},
    {"close", plan_close},   {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"new", plan_new}, {"decode", plan_decode}, {NULL, NULL}};

int lw_open_plan(lua_State *L) {
  lw_bind_type(L, PLAN, methods, plan_close);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
