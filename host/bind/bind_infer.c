// Lua face of infer/infer.h: the module linewright.infer. Documented in
// lua/meta/linewright/infer.lua.
#include <stdlib.h> // calloc, free
#include <string.h> // strlen

#include "bind/bind.h" // lw_bind_fail
#include "bind/model_face.h"
#include "bind/modules.h" // lw_open_infer
#include "bind/tensor.h"  // lw_open_tensor

#define MODEL "linewright.model"

typedef struct face {
  lw_model_box *box; // NULL once closed
} face;

lw_model_box *lw_bind_check_model(lua_State *L, int arg) {
  face *f = luaL_checkudata(L, arg, MODEL);
  if (!f->box)
    luaL_error(L, "model: already closed");
  return f->box;
}

void lw_model_box_unref(lw_model_box *box) {
  if (!box || --box->refs)
    return;
  lw_infer_model_close(&box->model);
  free(box);
}

static int model_close(lua_State *L) {
  face *f = luaL_checkudata(L, 1, MODEL);
  lw_model_box_unref(f->box);
  f->box = NULL;
  return 0;
}

// ---------------------------------------------------------------- opening ---

static int open_listed(lw_model_box *box, lw_infer_open *o, const char *list,
                       size_t list_n, lw_err *e) {
  lw_infer_allow allow;
  int rc = lw_infer_allow_init(&allow, list, list_n, e);
  if (rc < 0)
    return rc;
  o->allow = &allow;
  rc = lw_infer_model_open(&box->model, o, e);
  lw_infer_allow_fini(&allow);
  return rc;
}

static int32_t check_threads(lua_State *L, int arg) {
  double x = luaL_optnumber(L, arg, 1);
  luaL_argcheck(L, x >= 1 && x <= 64, arg, "1 to 64 threads are fine");
  return (int32_t)x;
}

// infer.open(path [, backend, providers, level, threads, allowed]) -> model |
// nil, message, code. `allowed` is the text of an allow-list.
static int infer_open(lua_State *L) {
  size_t list_n = 0;
  lw_infer_open o = {.path = luaL_checkstring(L, 1),
                     .backend = luaL_optstring(L, 2, NULL),
                     .options = {.size = sizeof o.options,
                                 .providers = luaL_optstring(L, 3, NULL),
                                 .level = luaL_optstring(L, 4, NULL),
                                 .threads = check_threads(L, 5)}};
  const char *list = luaL_optlstring(L, 6, NULL, &list_n);
  face *f = lua_newuserdata(L, sizeof *f);
  *f = (face){0};
  luaL_setmetatable(L, MODEL);
  lw_err e = {0};
  f->box = calloc(1, sizeof *f->box);
  if (!f->box)
    return lw_bind_fail_code(L, LW_E_NOMEM);
  f->box->refs = 1;
  int rc = list ? open_listed(f->box, &o, list, list_n, &e)
                : lw_infer_model_open(&f->box->model, &o, &e);
  if (rc == 0)
    return 1;
  lw_model_box_unref(f->box);
  f->box = NULL;
  return lw_bind_fail(L, &e);
}

// infer.kind(i) -> name, help, version or nil, why not | nothing past the end
static int infer_kind(lua_State *L) {
  double i = luaL_checknumber(L, 1);
  luaL_argcheck(L, i >= 1 && i < 1000, 1, "counts from 1");
  const lw_infer_backend *b = lw_infer_kind((size_t)i - 1);
  if (!b)
    return 0;
  const char *version = "built in";
  lw_err e = {0};
  int rc = b->available ? b->available(&version, &e) : 0;
  lua_pushstring(L, b->name);
  lua_pushstring(L, b->help);
  if (rc < 0)
    lua_pushnil(L);
  else
    lua_pushstring(L, version);
  lua_pushstring(L, e.text);
  return 4;
}

// infer.plugin(path) -> true | nil, message, code
static int infer_plugin(lua_State *L) {
  lw_err e = {0};
  if (lw_infer_plugin(luaL_checkstring(L, 1), &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushboolean(L, 1);
  return 1;
}

// ---------------------------------------------------------------- telling ---

// m:describe("in" | "out", i) -> name, type, d1, d2, ... | nothing past the
// end; a dimension of any size is -1
static int model_describe(lua_State *L) {
  const lw_infer_model *m = &lw_bind_check_model(L, 1)->model;
  const char *word = luaL_checkstring(L, 2);
  double i = luaL_checknumber(L, 3);
  lw_infer_io io;
  int direction = strcmp(word, "in") ? LW_INFER_OUT : LW_INFER_IN;
  if (!(i >= 1 && i <= LW_INFER_TENSORS) ||
      m->backend->describe(m->model, direction, (size_t)i - 1, &io) < 0)
    return 0;
  lua_pushstring(L, io.name);
  lua_pushstring(L, lw_infer_type_name(io.type));
  for (int32_t d = 0; d < io.dim_n; d++)
    lua_pushnumber(L, (double)io.dims[d]);
  return 2 + io.dim_n;
}

// m:used() -> backend, provider, level, cost, digest, bytes, is_inline,
// passed over: text or nil
static int model_used(lua_State *L) {
  const lw_infer_model *m = &lw_bind_check_model(L, 1)->model;
  lw_infer_used u = {0};
  m->backend->used(m->model, &u);
  lua_pushstring(L, m->backend->name);
  lua_pushstring(L, u.provider);
  lua_pushstring(L, u.level);
  lua_pushnumber(L, u.cost);
  lua_pushstring(L, m->digest);
  lua_pushnumber(L, (double)m->bytes);
  lua_pushboolean(L, (m->backend->traits & LW_INFER_INLINE) != 0);
  if (u.passed_over && *u.passed_over)
    lua_pushstring(L, u.passed_over);
  else
    lua_pushnil(L);
  return 8;
}

void lw_bind_push_result(lua_State *L, const lw_tensor *t) {
  size_t size = lw_infer_type_bytes(t->type);
  lw_samples *s = lw_bind_push_samples(L, size ? t->bytes / size : 0);
  if (lw_tensor_to_samples(t, s->x) < 0)
    luaL_error(L, "model: an output of type %s is no number in Lua",
               lw_infer_type_name(t->type));
}

static const luaL_Reg methods[] = {
    {"describe", model_describe}, {"used", model_used},
    {"caller", lw_model_caller},  {"runner", lw_model_runner},
    {"close", model_close},       {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"open", infer_open},     {"kind", infer_kind},
    {"plugin", infer_plugin}, {"inputs", lw_inputs_face},
    {"kept", lw_inputs_kept}, {NULL, NULL}};

int lw_open_infer(lua_State *L) {
  lw_bind_type(L, MODEL, methods, model_close);
  lw_open_model_caller(L);
  lw_open_model_runner(L);
  lw_open_inputs(L);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  lw_open_tensor(L);
  return 1;
}
