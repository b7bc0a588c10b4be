// Lua face of base/rng.h. Documented in lua/meta/linewright/rng.lua.
#include <inttypes.h> // PRIx64, SCNx64
#include <stdio.h>    // snprintf, sscanf

#include "base/rng.h"     // lw_rng
#include "bind/modules.h" // lw_open_rng

#define RNG "linewright.rng"
#define RNG_FORMAT "%016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64

static lw_rng *check_rng(lua_State *L) {
  return luaL_checkudata(L, 1, RNG);
}

// A whole number that a double holds exactly.
static int64_t check_whole(lua_State *L, int arg) {
  double x = luaL_checknumber(L, arg);
  luaL_argcheck(L, x >= -0x1p53 && x <= 0x1p53 && x == (double)(int64_t)x, arg,
                "whole number within 2^53 expected");
  return (int64_t)x;
}

static int rng_new(lua_State *L) {
  uint64_t seed = (uint64_t)check_whole(L, 1);
  uint64_t stream = lua_isnoneornil(L, 2) ? 0 : (uint64_t)check_whole(L, 2);
  lw_rng_init(lua_newuserdata(L, sizeof(lw_rng)), seed, stream);
  luaL_setmetatable(L, RNG);
  return 1;
}

static int rng_uniform(lua_State *L) {
  lua_pushnumber(L, lw_rng_uniform(check_rng(L)));
  return 1;
}

static int rng_normal(lua_State *L) {
  lua_pushnumber(L, lw_rng_normal(check_rng(L)));
  return 1;
}

static int rng_integer(lua_State *L) {
  lw_rng *r = check_rng(L);
  int64_t lo = check_whole(L, 2), hi = check_whole(L, 3);
  luaL_argcheck(L, lo <= hi, 3, "interval is empty");
  lua_pushnumber(L, (double)lw_rng_integer(r, lo, hi));
  return 1;
}

static int rng_save(lua_State *L) {
  const uint64_t *s = check_rng(L)->s;
  char text[4 * 17 + 1];
  snprintf(text, sizeof text, RNG_FORMAT, s[0], s[1], s[2], s[3]);
  lua_pushstring(L, text);
  return 1;
}

static int rng_load(lua_State *L) {
  lw_rng *r = check_rng(L), new;
  uint64_t *s = new.s;
  int n = sscanf(luaL_checkstring(L, 2),
                 "%" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64, &s[0], &s[1],
                 &s[2], &s[3]);
  luaL_argcheck(L, n == 4 && (s[0] | s[1] | s[2] | s[3]), 2,
                "not the text of rng:save()");
  *r = new;
  return 0;
}

static const luaL_Reg methods[] = {
    {"uniform", rng_uniform}, {"normal", rng_normal}, {"integer", rng_integer},
    {"save", rng_save},       {"load", rng_load},     {NULL, NULL}};
static const luaL_Reg functions[] = {{"new", rng_new}, {NULL, NULL}};

int lw_open_rng(lua_State *L) {
  lw_bind_type(L, RNG, methods, NULL);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
