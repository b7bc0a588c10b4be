// Lua face of tensors. Documented in lua/meta/linewright/infer.lua.
#include "bind/tensor.h"

#include <math.h>   // isfinite
#include <string.h> // memset

#include "base/hash.h"   // lw_hash_sha256_hex
#include "bind/bind.h"   // lw_bind_type
#include "infer/infer.h" // lw_infer_count

#define TENSOR "linewright.tensor"
#define ALIGN 64

lw_tensor *lw_bind_tensor(lua_State *L, int arg) {
  return luaL_checkudata(L, arg, TENSOR);
}

lw_tensor *lw_bind_tensor_maybe(lua_State *L, int arg) {
  lw_tensor *t = lua_touserdata(L, arg);
  if (!t || !lua_getmetatable(L, arg))
    return NULL;
  luaL_getmetatable(L, TENSOR);
  int is_tensor = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_tensor ? t : NULL;
}

lw_tensor *lw_bind_push_tensor(lua_State *L, int type, const int64_t *dims,
                               int32_t dim_n) {
  size_t count, size = lw_infer_type_bytes(type);
  if (lw_infer_count(dims, dim_n, size, &count) < 0 ||
      count * size > LW_SAMPLES_MAX)
    luaL_error(L, "tensor: a shape that is too large or negative");
  size_t bytes = count * size;
  lw_tensor *t = lua_newuserdata(L, sizeof *t + bytes + ALIGN);
  uintptr_t at = ((uintptr_t)(t + 1) + ALIGN - 1) / ALIGN * ALIGN;
  *t = (lw_tensor){
      .data = (void *)at, .bytes = bytes, .type = type, .dim_n = dim_n};
  memcpy(t->dims, dims, (size_t)dim_n * sizeof *dims);
  memset(t->data, 0, bytes);
  luaL_setmetatable(L, TENSOR);
  return t;
}

// ---------------------------------------------------------------- numbers ---

// X(name, C type, least, most): types whose elements are numbers in C.
#define NUMBERS(X)                                                             \
  X(f32, float, -3.4028234663852886e38, 3.4028234663852886e38)                 \
  X(f64, double, -1.7976931348623157e308, 1.7976931348623157e308)              \
  X(u8, uint8_t, 0, 255)                                                       \
  X(i8, int8_t, -128, 127)                                                     \
  X(u16, uint16_t, 0, 65535)                                                   \
  X(i16, int16_t, -32768, 32767)                                               \
  X(u32, uint32_t, 0, 4294967295.0)                                            \
  X(i32, int32_t, -2147483648.0, 2147483647.0)                                 \
  X(u64, uint64_t, 0, 9007199254740992.0)                                      \
  X(i64, int64_t, -9007199254740992.0, 9007199254740992.0)                     \
  X(bool, uint8_t, 0, 1)

static int is_float(int type) {
  return type == LW_INFER_f32 || type == LW_INFER_f64;
}

size_t lw_tensor_from_samples(lw_tensor *t, const lw_samples *s) {
  switch (t->type) {
#define FROM(name, type_c, least, most)                                        \
  case LW_INFER_##name:                                                        \
    for (size_t i = 0; i < s->n; i++) {                                        \
      double x = s->x[i];                                                      \
      if (!(x >= (least) && x <= (most)) && !is_float(t->type))                \
        return i + 1;                                                          \
      ((type_c *)t->data)[i] = (type_c)x;                                      \
    }                                                                          \
    return 0;
    NUMBERS(FROM)
#undef FROM
  }
  return 1;
}

int lw_tensor_to_samples(const lw_tensor *t, double *out) {
  size_t size = lw_infer_type_bytes(t->type);
  size_t n = size ? t->bytes / size : 0;
  switch (t->type) {
#define TO(name, type_c, least, most)                                          \
  case LW_INFER_##name:                                                        \
    for (size_t i = 0; i < n; i++)                                             \
      out[i] = (double)((const type_c *)t->data)[i];                           \
    return 0;
    NUMBERS(TO)
#undef TO
  }
  return LW_E_TYPE;
}

// ---------------------------------------------------------------- methods ---

// infer.tensor(type, d1, d2, ...) -> tensor of zeros
static int tensor_new(lua_State *L) {
  const char *word = luaL_checkstring(L, 1);
  int type = lw_infer_type_find(word), dim_n = lua_gettop(L) - 1;
  if (type < 0 || type == LW_INFER_text)
    return luaL_argerror(L, 1, lua_pushfstring(L, "no type '%s'", word));
  luaL_argcheck(L, dim_n <= LW_INFER_DIMS, LW_INFER_DIMS + 2,
                "at most 8 dimensions");
  int64_t dims[LW_INFER_DIMS];
  for (int i = 0; i < dim_n; i++) {
    double d = luaL_checknumber(L, i + 2);
    luaL_argcheck(L, d >= 0 && d <= 1e12 && d == floor(d), i + 2,
                  "a whole number is expected");
    dims[i] = (int64_t)d;
  }
  lw_bind_push_tensor(L, type, dims, dim_n);
  return 1;
}

static size_t count_of(const lw_tensor *t) {
  return t->bytes / lw_infer_type_bytes(t->type);
}

// t:set(samples) -> t
static int tensor_set(lua_State *L) {
  lw_tensor *t = lw_bind_tensor(L, 1);
  const lw_samples *s = lw_bind_samples(L, 2);
  if (s->n != count_of(t))
    luaL_argerror(L, 2,
                  lua_pushfstring(L, "has %d numbers, the tensor %d", (int)s->n,
                                  (int)count_of(t)));
  size_t bad = lw_tensor_from_samples(t, s);
  if (bad)
    luaL_argerror(L, 2,
                  lua_pushfstring(L, "number %d does not fit into %s", (int)bad,
                                  lw_infer_type_name(t->type)));
  lua_settop(L, 1);
  return 1;
}

// t:get() -> samples
static int tensor_get(lua_State *L) {
  const lw_tensor *t = lw_bind_tensor(L, 1);
  lw_samples *s = lw_bind_push_samples(L, count_of(t));
  if (lw_tensor_to_samples(t, s->x) < 0)
    return luaL_error(L, "tensor: %s is no number in Lua",
                      lw_infer_type_name(t->type));
  return 1;
}

// t:shape() -> type, d1, d2, ...
static int tensor_shape(lua_State *L) {
  const lw_tensor *t = lw_bind_tensor(L, 1);
  lua_pushstring(L, lw_infer_type_name(t->type));
  for (int32_t i = 0; i < t->dim_n; i++)
    lua_pushnumber(L, (double)t->dims[i]);
  return 1 + t->dim_n;
}

static int tensor_len(lua_State *L) {
  lua_pushnumber(L, (double)count_of(lw_bind_tensor(L, 1)));
  return 1;
}

// t:digest() -> SHA-256 of the elements' bytes, hex
static int tensor_digest(lua_State *L) {
  const lw_tensor *t = lw_bind_tensor(L, 1);
  char text[LW_HASH_HEX_N];
  lua_pushstring(L, lw_hash_sha256_hex(t->data, t->bytes, text));
  return 1;
}

// t:is_finite() -> no NaN and no infinity among f32 or f64
static int tensor_is_finite(lua_State *L) {
  const lw_tensor *t = lw_bind_tensor(L, 1);
  double sum = 0;
  for (size_t i = 0; t->type == LW_INFER_f32 && i < count_of(t); i++)
    sum += (double)((const float *)t->data)[i] * 0;
  for (size_t i = 0; t->type == LW_INFER_f64 && i < count_of(t); i++)
    sum += ((const double *)t->data)[i] * 0;
  lua_pushboolean(L, sum == 0);
  return 1;
}

static int tensor_text(lua_State *L) {
  const lw_tensor *t = lw_bind_tensor(L, 1);
  char text[128];
  lua_pushfstring(
      L, "tensor %s",
      lw_infer_shape_text(t->type, t->dims, t->dim_n, text, sizeof text));
  return 1;
}

static const luaL_Reg methods[] = {{"set", tensor_set},
                                   {"get", tensor_get},
                                   {"shape", tensor_shape},
                                   {"len", tensor_len},
                                   {"__len", tensor_len},
                                   {"digest", tensor_digest},
                                   {"is_finite", tensor_is_finite},
                                   {NULL, NULL}};

void lw_open_tensor(lua_State *L) {
  lw_bind_type(L, TENSOR, methods, NULL);
  luaL_getmetatable(L, TENSOR);
  lua_pushcfunction(L, tensor_text);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
  lua_pushcfunction(L, tensor_new);
  lua_setfield(L, -2, "tensor");
}
