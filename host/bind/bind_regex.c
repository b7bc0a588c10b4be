// Lua face of bind/regex.h. Documented in lua/meta/linewright/regex.lua; the
// word that recipes use is made of it in stdlib/regex.lua.
#include <stdarg.h> // va_list
#include <string.h> // memcpy

#include "bind/modules.h" // lw_open_regex
#include "bind/regex.h"   // lw_regex_search

#define KEPT 32 // compiled patterns that a VM keeps

typedef struct kept {
  lw_regex *x;
  size_t n;
  char pattern[LW_REGEX_PATTERN];
} kept;

// Upvalue 1 of every function: freed with the VM.
typedef struct shelf {
  kept items[KEPT];
  int next; // whose place the next new one takes
} shelf;

static int shelf_gc(lua_State *L) {
  shelf *s = lua_touserdata(L, 1);
  for (int i = 0; i < KEPT; i++) {
    lw_regex_free(s->items[i].x);
    s->items[i].x = NULL;
  }
  return 0;
}

static lw_regex *look_up(shelf *s, const char *pattern, size_t n) {
  for (int i = 0; i < KEPT; i++)
    if (s->items[i].x && s->items[i].n == n &&
        memcmp(s->items[i].pattern, pattern, n) == 0)
      return s->items[i].x;
  return NULL;
}

// The library's own line says nothing to who wrote the recipe: name the line
// that called it.
static int raise(lua_State *L, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  luaL_where(L, 2);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lua_concat(L, 2);
  return lua_error(L);
}

static lw_regex *check_regex(lua_State *L, int arg) {
  shelf *s = lua_touserdata(L, lua_upvalueindex(1));
  size_t n;
  const char *pattern = luaL_checklstring(L, arg, &n);
  lw_regex *x = look_up(s, pattern, n);
  lw_err e;
  if (x)
    return x;
  if (lw_regex_new(&x, pattern, n, NULL, &e) < 0)
    raise(L, "E-REGEX '%s': %s", pattern, e.text);
  kept *place = &s->items[s->next];
  s->next = (s->next + 1) % KEPT;
  lw_regex_free(place->x);
  place->x = x;
  place->n = n;
  memcpy(place->pattern, pattern, n);
  return x;
}

static int refuse(lua_State *L, int rc, size_t n) {
  if (rc == LW_E_RANGE)
    return raise(L, "E-REGEX the text has %d bytes, at most %d are read",
                 (int)n, LW_REGEX_TEXT);
  if (rc == LW_E_NOMEM)
    return luaL_error(L, "not enough memory");
  return raise(L, "E-BUDGET regex '%s' backtracks too much on %d bytes",
               lua_tostring(L, 2), (int)n);
}

static void push_group(lua_State *L, const char *text,
                       const lw_regex_found *found, int i) {
  if (found->start[i] == LW_REGEX_UNSET)
    lua_pushboolean(L, 0);
  else
    lua_pushlstring(L, text + found->start[i], found->end[i] - found->start[i]);
}

static int check_search(lua_State *L, const char **text,
                        lw_regex_found *found) {
  size_t n;
  *text = luaL_checklstring(L, 1, &n);
  lw_regex *x = check_regex(L, 2);
  double init = luaL_optnumber(L, 3, 1);
  luaL_argcheck(L, init >= 1, 3, "a place from 1 on");
  size_t from = init > (double)n + 1 ? n + 1 : (size_t)init - 1;
  int rc = lw_regex_search(x, *text, n, from, found);
  return rc < 0 ? refuse(L, rc, n) : rc;
}

// regex.find(text, pattern [, init]) -> first, last, groups... | nil
static int regex_find(lua_State *L) {
  const char *text;
  lw_regex_found found;
  if (!check_search(L, &text, &found)) {
    lua_pushnil(L);
    return 1;
  }
  luaL_checkstack(L, found.n + 1, "too many groups");
  lua_pushinteger(L, (lua_Integer)found.start[0] + 1);
  lua_pushinteger(L, (lua_Integer)found.end[0]);
  for (int i = 1; i < found.n; i++)
    push_group(L, text, &found, i);
  return found.n + 1;
}

// regex.named(text, pattern) -> { name = text } | nil
static int regex_named(lua_State *L) {
  const char *text, *name;
  lw_regex_found found;
  lua_settop(L, 2);
  if (!check_search(L, &text, &found)) {
    lua_pushnil(L);
    return 1;
  }
  const lw_regex *x = check_regex(L, 2);
  lua_newtable(L);
  for (int i = 0, group; (group = lw_regex_name(x, i, &name)); i++) {
    push_group(L, text, &found, group);
    lua_setfield(L, -2, name);
  }
  return 1;
}

static const luaL_Reg functions[] = {
    {"find", regex_find}, {"named", regex_named}, {NULL, NULL}};

int lw_open_regex(lua_State *L) {
  lua_newtable(L);
  shelf *s = lua_newuserdata(L, sizeof *s);
  *s = (shelf){.next = 0};
  lua_newtable(L);
  lua_pushcfunction(L, shelf_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  luaL_setfuncs(L, functions, 1);
  return 1;
}
