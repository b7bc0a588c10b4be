// Lua face of store/scopes.h: s:scopes(run). Documented in
// lua/meta/linewright/store.lua.
#include "bind/bind_scopes.h"

#include "bind/bind.h"    // lw_bind_type
#include "bind/face.h"    // lw_bind_check_store
#include "store/scopes.h" // lw_scopes

#define SCOPES "linewright.store.scopes"

typedef struct walk {
  lw_scopes scopes;
  size_t next;
} walk;

static int scopes_close(lua_State *L) {
  walk *w = luaL_checkudata(L, 1, SCOPES);
  lw_scopes_free(&w->scopes);
  return 0;
}

// path, from_ns, to_ns; no third while the scope is open
static int next_scope(lua_State *L) {
  walk *w = luaL_checkudata(L, lua_upvalueindex(1), SCOPES);
  if (w->next >= w->scopes.n)
    return 0;
  const lw_scope *s = &w->scopes.at[w->next++];
  lua_pushstring(L, s->path);
  lua_pushnumber(L, (double)s->from_ns);
  if (s->to_ns == INT64_MAX)
    lua_pushnil(L);
  else
    lua_pushnumber(L, (double)s->to_ns);
  return 3;
}

int lw_bind_store_scopes(lua_State *L) {
  lw_store *s = lw_bind_check_store(L, 1)->store;
  double run = luaL_checknumber(L, 2);
  lw_err e = {0};
  luaL_argcheck(L, run >= 0 && run <= 0x1p53, 2, "not a run's number");
  walk *w = lua_newuserdata(L, sizeof *w);
  *w = (walk){.next = 0};
  luaL_setmetatable(L, SCOPES);
  if (lw_scopes_read(&w->scopes, s, (int64_t)run, &e) < 0)
    return luaL_error(L, "store: %s", e.text);
  lua_pushcclosure(L, next_scope, 1);
  return 1;
}

void lw_bind_scopes_type(lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  lw_bind_type(L, SCOPES, none, scopes_close);
}
