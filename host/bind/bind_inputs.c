// Lua face of store/inputs.h. Documented in lua/meta/linewright/infer.lua.
#include "store/inputs.h"

#include <string.h> // strspn

#include "bind/bind.h" // lw_bind_fail
#include "bind/model_face.h"
#include "bind/tensor.h" // lw_bind_tensor

#define INPUTS "linewright.inputs"

typedef struct face {
  lw_inputs *inputs; // NULL once closed
} face;

static lw_inputs *check_inputs(lua_State *L) {
  face *f = luaL_checkudata(L, 1, INPUTS);
  if (!f->inputs)
    luaL_error(L, "inputs: already closed");
  return f->inputs;
}

static const char *check_digest(lua_State *L, int arg) {
  size_t n;
  const char *digest = luaL_checklstring(L, arg, &n);
  luaL_argcheck(L, n == 64 && strspn(digest, "0123456789abcdef") == n, arg,
                "a SHA-256 digest in hex is expected");
  return digest;
}

// infer.inputs(folder, most_bytes, has_thread) -> inputs | nil, message, code
int lw_inputs_face(lua_State *L) {
  lw_inputs_config c = {.folder = luaL_checkstring(L, 1),
                        .most = (int64_t)lw_bind_number(L, 2, "most_bytes"),
                        .has_thread = lua_toboolean(L, 3)};
  face *f = lua_newuserdata(L, sizeof *f);
  f->inputs = NULL;
  luaL_setmetatable(L, INPUTS);
  lw_err e = {0};
  if (lw_inputs_open(&f->inputs, &c, &e) < 0)
    return lw_bind_fail(L, &e);
  return 1;
}

// i:close() writes what waits
static int inputs_close(lua_State *L) {
  face *f = luaL_checkudata(L, 1, INPUTS);
  lw_inputs_close(f->inputs);
  f->inputs = NULL;
  return 0;
}

// i:hold(digest, tensor)
static int inputs_hold(lua_State *L) {
  lw_inputs *k = check_inputs(L);
  const lw_tensor *t = lw_bind_tensor(L, 3);
  lw_inputs_hold(k, check_digest(L, 2), t->data, t->bytes);
  return 0;
}

// i:keep(digest) -> true | nil, message, code
static int inputs_keep(lua_State *L) {
  lw_err e = {0};
  if (lw_inputs_keep(check_inputs(L), check_digest(L, 2), &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushboolean(L, 1);
  return 1;
}

// i:failed() -> digest, message | nothing
static int inputs_failed(lua_State *L) {
  char digest[65];
  lw_err e;
  if (!lw_inputs_failed(check_inputs(L), digest, &e))
    return 0;
  lua_pushstring(L, digest);
  lua_pushstring(L, e.text);
  return 2;
}

// i:waiting() -> how many
static int inputs_waiting(lua_State *L) {
  lua_pushnumber(L, (double)lw_inputs_waiting(check_inputs(L)));
  return 1;
}

// infer.kept(folder, digest, tensor) -> tensor | nil, message, code
int lw_inputs_kept(lua_State *L) {
  const char *folder = luaL_checkstring(L, 1);
  lw_tensor *t = lw_bind_tensor(L, 3);
  lw_err e = {0};
  if (lw_inputs_read(folder, check_digest(L, 2), t->data, t->bytes, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_settop(L, 3);
  return 1;
}

static const luaL_Reg methods[] = {
    {"hold", inputs_hold},     {"keep", inputs_keep},
    {"failed", inputs_failed}, {"waiting", inputs_waiting},
    {"close", inputs_close},   {NULL, NULL}};

void lw_open_inputs(lua_State *L) {
  lw_bind_type(L, INPUTS, methods, inputs_close);
}
