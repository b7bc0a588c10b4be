// Lua face of primitive.h: one function per primitive of the embedding program.
#include <math.h> // isfinite

#include "bind/modules.h"   // lw_open_host
#include "bind/primitive.h" // lw_primitive_at

#define ARGUMENTS_MAX 16

static int call_primitive(lua_State *L) {
  const lw_primitive_row *row = lua_touserdata(L, lua_upvalueindex(1));
  double in[ARGUMENTS_MAX], out[LW_PRIMITIVE_RESULTS];
  int in_n = lua_gettop(L);
  if (in_n > ARGUMENTS_MAX)
    return luaL_error(L, "host.%s: %d arguments, at most %d", row->name, in_n,
                      ARGUMENTS_MAX);
  for (int i = 0; i < in_n; i++) {
    in[i] = luaL_checknumber(L, i + 1);
    luaL_argcheck(L, isfinite(in[i]), i + 1, "not a finite number");
  }
  lw_err e = {0};
  int out_n = row->fn(row->arg, in, (size_t)in_n, out, &e);
  if (out_n < 0 || out_n > LW_PRIMITIVE_RESULTS)
    return luaL_error(L, "host.%s: %s", row->name,
                      *e.text ? e.text : lw_err_text(out_n));
  luaL_checkstack(L, out_n, "results");
  for (int i = 0; i < out_n; i++)
    lua_pushnumber(L, out[i]);
  return out_n;
}

int lw_open_host(lua_State *L) {
  const lw_primitive_row *row;
  lua_newtable(L);
  for (size_t i = 0; (row = lw_primitive_at(i)); i++) {
    lua_pushlightuserdata(L, (void *)row);
    lua_pushcclosure(L, call_primitive, 1);
    lua_setfield(L, -2, row->name);
  }
  return 1;
}
