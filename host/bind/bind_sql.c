// Lua face of store/sql.h: a method of the store. Documented in
// lua/meta/linewright/store.lua.
#include "bind/bind_sql.h"

#include "bind/bind.h" // lw_bind_fail
#include "bind/face.h" // lw_bind_check_store
#include "store/sql.h" // lw_sql

#define SQL "linewright.store.sql"

typedef struct face {
  lw_sql *q; // NULL at the end
  lw_store_box *box;
} face;

static int sql_close(lua_State *L) {
  face *f = luaL_checkudata(L, 1, SQL);
  lw_sql_close(f->q);
  lw_store_box_unref(f->box);
  *f = (face){0};
  return 0;
}

// 0, or the number of the parameter that the statement lacks.
static int bind_values(lua_State *L, lw_sql *q, int first) {
  for (int arg = first; arg <= lua_gettop(L); arg++) {
    int i = arg - first + 1, rc = 0;
    size_t n;
    if (lua_type(L, arg) == LUA_TNUMBER) {
      rc = lw_sql_bind_number(q, i, lua_tonumber(L, arg));
    } else if (lua_type(L, arg) == LUA_TSTRING) {
      const char *text = lua_tolstring(L, arg, &n);
      rc = lw_sql_bind_text(q, i, text, n);
    }
    if (rc < 0)
      return i;
  }
  return 0;
}

// s:sql(text, ...) -> query | nil, message, code
int lw_bind_store_sql(lua_State *L) {
  lw_store_box *box = lw_bind_check_store(L, 1);
  const char *text = luaL_checkstring(L, 2);
  int top = lua_gettop(L);
  lw_err e = {0};
  face *f = lua_newuserdata(L, sizeof *f);
  *f = (face){0};
  luaL_setmetatable(L, SQL);
  lua_insert(L, 1); // the arguments move up by one
  if (lw_sql_open(&f->q, box->store, text, &e) < 0)
    return lw_bind_fail(L, &e);
  f->box = box;
  box->refs++;
  int extra = top > 2 ? bind_values(L, f->q, 4) : 0;
  if (extra) {
    lua_settop(L, 1);
    sql_close(L);
    return luaL_error(L, "store: the statement has no parameter ?%d", extra);
  }
  lua_settop(L, 1);
  return 1;
}

static face *check_query(lua_State *L) {
  return luaL_checkudata(L, 1, SQL);
}

// q:row() -> true, values ... | nil at the end | nil, message, code
static int sql_row(lua_State *L) {
  face *f = check_query(L);
  lw_err e = {0};
  if (!f->q)
    return 0;
  int rc = lw_sql_step(f->q, &e);
  if (rc < 0)
    return lw_bind_fail(L, &e);
  if (rc == 0) {
    sql_close(L);
    return 0;
  }
  int n = lw_sql_columns(f->q);
  luaL_checkstack(L, n + 1, "too many columns");
  lua_pushboolean(L, 1);
  for (int i = 0; i < n; i++) {
    lw_sql_value v = lw_sql_column(f->q, i);
    if (v.kind == LW_SQL_NUMBER)
      lua_pushnumber(L, v.number);
    else if (v.kind == LW_SQL_TEXT)
      lua_pushlstring(L, v.text, v.n);
    else
      lua_pushnil(L);
  }
  return n + 1;
}

// q:columns() -> names ...
static int sql_columns(lua_State *L) {
  face *f = check_query(L);
  int n = f->q ? lw_sql_columns(f->q) : 0;
  luaL_checkstack(L, n, "too many columns");
  for (int i = 0; i < n; i++)
    lua_pushstring(L, lw_sql_name(f->q, i));
  return n;
}

static const luaL_Reg methods[] = {{"row", sql_row},
                                   {"columns", sql_columns},
                                   {"close", sql_close},
                                   {NULL, NULL}};

void lw_bind_sql_type(lua_State *L) {
  lw_bind_type(L, SQL, methods, sql_close);
}
