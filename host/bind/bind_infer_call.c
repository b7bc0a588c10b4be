// Lua face of models: calls on the caller's own thread. One function with its
// buffers bound once, so that a call costs little more than the arithmetic.
#include <math.h>   // isfinite
#include <stdlib.h> // aligned_alloc, free
#include <string.h> // memcpy

#include "bind/bind.h" // lw_bind_fail
#include "bind/model_face.h"
#include "bind/samples.h"  // lw_samples
#include "bind/tensor.h"   // lw_tensor_to_samples
#include "infer/convert.h" // lw_convert_f32

#define CALLER "linewright.model.caller"
#define ROWS_MAX 1048576
// Multiplications that one call may cost: about 20 ms on one core, and nothing
// can interrupt them.
#define COST_MAX 1e8

// One context of a model with one input and one output.
typedef struct caller {
  lw_model_box *box;
  const lw_infer_backend *backend;
  void *context;
  const void *samples_type; // metatable of samples, to be known by its address
  lw_tensor in, out;        // data is ours, room for room_rows
  size_t in_n, out_n;       // numbers of a row
  size_t rows, room_rows;
  double cost; // of a row
  uint64_t call_n, failed_n;
  int takes_missing;
} caller;

static int caller_close(lua_State *L) {
  caller *c = luaL_checkudata(L, 1, CALLER);
  if (c->context)
    c->backend->context_free(c->context);
  free(c->in.data);
  free(c->out.data);
  lw_model_box_unref(c->box);
  *c = (caller){0};
  return 0;
}

// The numbers of a row: the product of all dimensions but the rows.
static int row_of(const lw_infer_model *m, int direction, lw_tensor *t,
                  size_t *n) {
  lw_infer_io io;
  if (lw_infer_io_n(m, direction) != 1 ||
      m->backend->describe(m->model, direction, 0, &io) < 0 || io.dim_n < 1)
    return LW_E_SHAPE;
  if (io.type != LW_INFER_f32 && io.type != LW_INFER_f64)
    return LW_E_TYPE;
  *t = (lw_tensor){.type = io.type, .dim_n = io.dim_n};
  memcpy(t->dims, io.dims, sizeof t->dims);
  return lw_infer_count(io.dims + 1, io.dim_n - 1, 8, n);
}

static int make_room(caller *c, size_t rows, lw_err *e) {
  if (rows <= c->room_rows)
    return 0;
  lw_tensor *both[2] = {&c->in, &c->out};
  size_t n[2] = {c->in_n, c->out_n};
  c->room_rows = 0;
  for (int d = 0; d < 2; d++) {
    size_t bytes = rows * n[d] * lw_infer_type_bytes(both[d]->type);
    free(both[d]->data);
    both[d]->data = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!both[d]->data)
      return lw_err_set(e, LW_E_NOMEM, "out of memory for %zu rows", rows);
  }
  c->room_rows = rows;
  return 0;
}

static int bind_rows(caller *c, size_t rows, lw_err *e) {
  int rc = make_room(c, rows, e);
  c->rows = 0;
  lw_tensor *both[2] = {&c->in, &c->out};
  size_t n[2] = {c->in_n, c->out_n};
  for (int d = 0; rc == 0 && d < 2; d++) {
    both[d]->dims[0] = (int64_t)rows;
    both[d]->bytes = rows * n[d] * lw_infer_type_bytes(both[d]->type);
    rc = c->backend->bind(c->context, d, 0, both[d], e);
  }
  if (rc == 0)
    c->rows = rows;
  return rc;
}

// ------------------------------------------------------------------- call ---

static int refuse_size(lua_State *L, const caller *c, size_t n) {
  lw_err e;
  lw_err_set(&e, LW_E_SHAPE, "the model takes %zu numbers a row, given are %zu",
             c->in_n, n);
  return lw_bind_fail(L, &e);
}

// 0, or the first number that is missing (NaN) or too large, from 1.
static size_t fill(caller *c, const double *x, size_t n) {
  int is_fine = c->in.type == LW_INFER_f64 ? lw_convert_f64(x, n, c->in.data)
                                           : lw_convert_f32(x, n, c->in.data);
  if (is_fine || c->takes_missing)
    return 0;
  size_t i = 0;
  while (i + 1 < n && isfinite(x[i]) && fabs(x[i]) < 3.4e38)
    i++;
  return i + 1;
}

static int push_rows(lua_State *L, caller *c) {
  lw_samples *s = lw_bind_push_samples(L, c->rows * c->out_n);
  lw_tensor_to_samples(&c->out, s->x);
  return 1;
}

static int push_output(lua_State *L, caller *c) {
  if (c->rows * c->out_n != 1)
    return push_rows(L, c);
  double y = c->out.type == LW_INFER_f32 ? (double)*(float *)c->out.data
                                         : *(double *)c->out.data;
  if (isfinite(y)) {
    lua_pushnumber(L, y);
    return 1;
  }
  lw_err e;
  lw_err_set(&e, LW_E_RANGE, "the model's answer is not a finite number");
  return lw_bind_fail(L, &e);
}

static int run_rows(lua_State *L, caller *c, const lw_samples *s) {
  lw_err e; // filled by who fails: zeroing it costs as much as a layer
  size_t rows = s->n / c->in_n;
  if (rows == 0 || rows * c->in_n != s->n || rows > ROWS_MAX)
    return refuse_size(L, c, s->n);
  if (rows != c->rows) {
    if ((double)rows * c->cost > COST_MAX)
      return luaL_error(L,
                        "model: %d rows are too many for one call, at most %d",
                        (int)rows, (int)(COST_MAX / c->cost));
    if (bind_rows(c, rows, &e) < 0)
      return lw_bind_fail(L, &e);
  }
  size_t bad = fill(c, s->x, s->n);
  if (bad) {
    lw_err_set(&e, LW_E_RANGE, "input number %zu is missing or not finite",
               bad);
    return lw_bind_fail(L, &e);
  }
  if (c->backend->run(c->context, &e) < 0)
    return lw_bind_fail(L, &e);
  return push_output(L, c);
}

// The samples at `arg`, told by the address of their metatable: a look-up by
// name costs as much as the whole call.
static const lw_samples *samples_at(lua_State *L, int arg, const void *type) {
  const lw_samples *s = lua_touserdata(L, arg);
  if (!s || !lua_getmetatable(L, arg))
    return NULL;
  int is_samples = lua_topointer(L, -1) == type;
  lua_pop(L, 1);
  return is_samples ? s : NULL;
}

// run(self, x) -> number, or samples for several rows or outputs | nil,
// message, code. x is samples, or what `flatten` makes samples of.
static int caller_run(lua_State *L) {
  caller *c = lua_touserdata(L, lua_upvalueindex(1));
  const lw_samples *s = samples_at(L, 2, c->samples_type);
  if (!c->context)
    return luaL_error(L, "model: already closed");
  c->call_n++;
  if (!s) {
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_insert(L, 2);
    lua_call(L, 1, 1);
    s = lw_bind_samples(L, 2);
  }
  int result_n = run_rows(L, c, s);
  c->failed_n += result_n == 3; // nil, message, code
  return result_n;
}

// last() -> samples that went in and came out, digest of the input's bytes,
// calls, calls that failed
static int caller_last(lua_State *L) {
  caller *c = lua_touserdata(L, lua_upvalueindex(1));
  char text[LW_HASH_HEX_N];
  lw_samples *x = lw_bind_push_samples(L, c->rows * c->in_n);
  lw_samples *y = lw_bind_push_samples(L, c->rows * c->out_n);
  if (c->rows) {
    lw_tensor_to_samples(&c->in, x->x);
    lw_tensor_to_samples(&c->out, y->x);
  }
  size_t bytes = c->rows ? c->in.bytes : 0;
  lua_pushstring(L, lw_hash_sha256_hex(c->in.data, bytes, text));
  lua_pushnumber(L, (double)c->call_n);
  lua_pushnumber(L, (double)c->failed_n);
  return 5;
}

// m:caller(flatten, takes_missing) -> run, last | nil, message, code
int lw_model_caller(lua_State *L) {
  lw_model_box *box = lw_bind_check_model(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  int takes_missing = lua_toboolean(L, 3);
  caller *c = lua_newuserdata(L, sizeof *c);
  *c = (caller){0};
  luaL_setmetatable(L, CALLER);
  lw_err e = {0};
  c->box = box;
  box->refs++;
  c->backend = box->model.backend;
  c->takes_missing = takes_missing;
  lw_infer_used u = {0};
  c->backend->used(box->model.model, &u);
  c->cost = u.cost > 1 ? u.cost : 1;
  luaL_getmetatable(L, "linewright.samples");
  c->samples_type = lua_topointer(L, -1);
  lua_pop(L, 1);
  if (row_of(&box->model, LW_INFER_IN, &c->in, &c->in_n) < 0 ||
      row_of(&box->model, LW_INFER_OUT, &c->out, &c->out_n) < 0) {
    lw_err_set(&e, LW_E_SHAPE,
               "run needs a model with one input and one output of floats; use "
               "call");
    return lw_bind_fail(L, &e);
  }
  if (c->backend->context_new(&c->context, box->model.model, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, caller_last, 1);
  lua_insert(L, -2);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, caller_run, 2);
  lua_insert(L, -2);
  return 2;
}

void lw_open_model_caller(lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  lw_bind_type(L, CALLER, none, caller_close);
}
