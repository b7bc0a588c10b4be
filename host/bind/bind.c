#include "bind/bind.h"

#include <math.h> // isfinite

#include "image/text.h" // lw_text_clean

static int type_name(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

void lw_bind_methods(lua_State *L, const char *name, const luaL_Reg *methods) {
  luaL_getmetatable(L, name);
  lua_pushvalue(L, -1);
  luaL_setfuncs(L, methods, 1);
  lua_getfield(L, -1, "__index");
  for (const luaL_Reg *m = methods; m->name; m++) {
    if (m->name[0] == '_')
      continue;
    lua_getfield(L, -2, m->name);
    lua_setfield(L, -2, m->name);
  }
  lua_pop(L, 2);
}

void lw_bind_type(lua_State *L, const char *name, const luaL_Reg *methods,
                  lua_CFunction close) {
  if (!luaL_newmetatable(L, name)) {
    lua_pop(L, 1); // the module was opened before
    return;
  }
  lua_newtable(L);
  lua_setfield(L, -2, "__index");
  lw_bind_methods(L, name, methods);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  // Without this, tostring shows an address, which differs from run to run.
  lua_pushstring(L, name);
  lua_pushcclosure(L, type_name, 1);
  lua_setfield(L, -2, "__tostring");
  if (close) {
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__close");
  }
  lua_pop(L, 1);
}

void *lw_bind_self(lua_State *L, const char *name) {
  void *self = lua_touserdata(L, 1);
  if (self && lua_getmetatable(L, 1)) {
    int own = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (own)
      return self;
  }
  return luaL_checkudata(L, 1, name);
}

int lw_bind_fail(lua_State *L, const lw_err *e) {
  lua_pushnil(L);
  lua_pushstring(L, e->text[0] ? e->text : lw_err_text(e->code));
  lua_pushstring(L, lw_err_name(e->code));
  return 3;
}

int lw_bind_fail_code(lua_State *L, int code) {
  lw_err e = {.code = code};
  return lw_bind_fail(L, &e);
}

double lw_bind_number(lua_State *L, int arg, const char *what) {
  double x = luaL_checknumber(L, arg);
  if (!isfinite(x))
    luaL_argerror(L, arg, lua_pushfstring(L, "%s must be finite", what));
  return x;
}

void lw_bind_push_text(lua_State *L, const char *text) {
  char clean[LW_TEXT_CLEAN];
  lw_str s;
  lw_str_init(&s, clean, sizeof clean);
  lw_text_clean(&s, text);
  lua_pushlstring(L, s.text, s.n);
}

int lw_bind_index(lua_State *L, int arg, uint32_t n, const char *what) {
  double x = luaL_checknumber(L, arg);
  if (!(x >= 1 && x <= n && x == (double)(uint32_t)x))
    luaL_argerror(
        L, arg, lua_pushfstring(L, "no %s %f, there are %d", what, x, (int)n));
  return (int)x - 1;
}

int64_t lw_bind_ns(lua_State *L, int arg, const char *what) {
  double x = lw_bind_number(L, arg, what);
  // Beyond 2^63 the cast is undefined; 292 years are enough for a factory.
  if (!(x > -9.2e18 && x < 9.2e18))
    luaL_argerror(L, arg, lua_pushfstring(L, "%s is out of range", what));
  return (int64_t)x;
}
