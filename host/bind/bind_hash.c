// Lua face of base/hash.h. Documented in lua/meta/linewright/hash.lua.
#include "base/hash.h"    // lw_hash_sha256_hex
#include "bind/modules.h" // lw_open_hash

static int hash_sha256(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  char hex[LW_HASH_HEX_N];
  lua_pushstring(L, lw_hash_sha256_hex(text, n, hex));
  return 1;
}

static const luaL_Reg functions[] = {{"sha256", hash_sha256}, {NULL, NULL}};

int lw_open_hash(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
