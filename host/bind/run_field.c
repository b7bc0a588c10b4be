#include "bind/run_field.h"

#include <stddef.h> // offsetof
#include <string.h> // memcpy, strcmp

typedef struct field {
  const char *name;
  size_t offset;
  size_t size; // of a text; 0 = a 64-bit number
} field;

#define TEXT(name)                                                             \
  { #name, offsetof(lw_run_info, name), sizeof(((lw_run_info *)0)->name) }
#define NUMBER(name)                                                           \
  { #name, offsetof(lw_run_info, name), 0 }
static const field fields[] = {NUMBER(id),
                               TEXT(batch),
                               TEXT(recipe),
                               TEXT(version),
                               TEXT(line),
                               TEXT(formula),
                               TEXT(bundle),
                               TEXT(policy),
                               TEXT(state),
                               TEXT(recipe_path),
                               TEXT(line_path),
                               TEXT(formula_path),
                               TEXT(settings),
                               NUMBER(seed),
                               NUMBER(begun_wall_ns),
                               NUMBER(ended_wall_ns),
                               {NULL, 0, 0}};

static const field *check_field(lua_State *L, int arg) {
  const char *name = luaL_checkstring(L, arg);
  const field *f = fields;
  while (f->name && strcmp(f->name, name) != 0)
    f++;
  if (!f->name)
    luaL_argerror(L, arg, lua_pushfstring(L, "a run has no field '%s'", name));
  return f;
}

int lw_run_field_set(lua_State *L, lw_run_info *run) {
  const field *f = check_field(L, 2);
  char *at = (char *)run + f->offset;
  if (f->size == 0) {
    *(int64_t *)at = (int64_t)luaL_checknumber(L, 3);
    return 0;
  }
  size_t n;
  const char *text = luaL_checklstring(L, 3, &n);
  if (n >= f->size || strlen(text) != n)
    luaL_argerror(L, 3,
                  lua_pushfstring(L, "%s: at most %d bytes, no NUL", f->name,
                                  (int)f->size - 1));
  memcpy(at, text, n + 1);
  return 0;
}

int lw_run_field_push(lua_State *L, const lw_run_info *run, int arg) {
  const field *f = check_field(L, arg);
  const char *at = (const char *)run + f->offset;
  if (f->size == 0)
    lua_pushnumber(L, (double)*(const int64_t *)at);
  else
    lua_pushstring(L, at);
  return 1;
}
