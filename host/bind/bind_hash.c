// Lua face of base/hash.h and of key files. Documented in
// lua/meta/linewright/hash.lua; trusted code only.
#include <stdio.h>  // sscanf
#include <string.h> // strlen

#include "base/hash.h"    // lw_hash_sha256_hex
#include "bind/modules.h" // lw_open_hash
#include "store/key.h"    // lw_key_load

static int hash_sha256(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  char hex[LW_HASH_HEX_N];
  lua_pushstring(L, lw_hash_sha256_hex(text, n, hex));
  return 1;
}

static int load_key(lua_State *L, uint8_t seed[LW_SIGN_SEED_N]) {
  lw_err e = {0};
  if (lw_key_load(luaL_checkstring(L, 1), seed, &e) == 0)
    return 0;
  return lw_bind_fail(L, &e);
}

// hash.public(key_file) -> hex | nil, message, code
static int hash_public(lua_State *L) {
  uint8_t seed[LW_SIGN_SEED_N], key[LW_SIGN_PUBLIC_N];
  char hex[2 * LW_SIGN_PUBLIC_N + 1];
  int n = load_key(L, seed);
  if (n)
    return n;
  lw_sign_public(seed, key);
  lua_pushstring(L, lw_hash_hex(key, sizeof key, hex));
  return 1;
}

// hash.sign(key_file, data) -> hex | nil, message, code
static int hash_sign(lua_State *L) {
  uint8_t seed[LW_SIGN_SEED_N], signature[LW_SIGN_N];
  char hex[2 * LW_SIGN_N + 1];
  size_t data_n;
  const char *data = luaL_checklstring(L, 2, &data_n);
  int n = load_key(L, seed);
  if (n)
    return n;
  lw_sign_run(seed, data, data_n, signature);
  lua_pushstring(L, lw_hash_hex(signature, sizeof signature, hex));
  return 1;
}

static int from_hex(const char *hex, uint8_t *out, size_t n) {
  if (strlen(hex) != 2 * n)
    return 0;
  for (size_t i = 0; i < n; i++) {
    unsigned byte;
    int used = 0;
    if (sscanf(hex + 2 * i, "%2x%n", &byte, &used) != 1 || used != 2)
      return 0;
    out[i] = (uint8_t)byte;
  }
  return 1;
}

// hash.verify(public_hex, data, signature_hex) -> boolean
static int hash_verify(lua_State *L) {
  uint8_t key[LW_SIGN_PUBLIC_N], signature[LW_SIGN_N];
  size_t n;
  const char *data = luaL_checklstring(L, 2, &n);
  lua_pushboolean(
      L, from_hex(luaL_checkstring(L, 1), key, sizeof key) &&
             from_hex(luaL_checkstring(L, 3), signature, sizeof signature) &&
             lw_sign_verify(key, data, n, signature));
  return 1;
}

// hash.key_path() -> where this host's key lies | nil, message, code
static int hash_key_path(lua_State *L) {
  char path[LW_KEY_PATH_N];
  lw_err e = {0};
  if (lw_key_path(path, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushstring(L, path);
  return 1;
}

static const luaL_Reg functions[] = {
    {"sha256", hash_sha256}, {"public", hash_public},     {"sign", hash_sign},
    {"verify", hash_verify}, {"key_path", hash_key_path}, {NULL, NULL}};

int lw_open_hash(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
