// Lua face of sample arrays: layouts, quality, bytes. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h>   // isfinite, NAN, round
#include <string.h> // memcpy, memset

#include "bind/bind.h"    // lw_bind_methods
#include "bind/samples.h" // lw_samples

static const char *const layouts[] = {"f64", "f32", "i16", NULL};
static const size_t sizes[] = {8, 4, 2};
#define I16_MISSING INT16_MIN

static const char *const qualities[] = {"bad", "uncertain", "good", NULL};

size_t lw_layout_bytes(int layout) {
  return sizes[layout];
}

// memcpy: raw memory may be a Lua string, which is aligned for nothing.
double lw_layout_read(const char *p, size_t i, int layout, double scale) {
  double x;
  float f;
  int16_t step;
  p += i * sizes[layout];
  switch (layout) {
  case LW_LAYOUT_F64:
    memcpy(&x, p, sizeof x);
    return x;
  case LW_LAYOUT_F32:
    memcpy(&f, p, sizeof f);
    return (double)f;
  default:
    memcpy(&step, p, sizeof step);
    return step == I16_MISSING ? (double)NAN : step * scale;
  }
}

void lw_layout_write(char *p, size_t i, double x, int layout, double scale) {
  float f = (float)x;
  int16_t step = I16_MISSING;
  double level = round(x / scale);
  p += i * sizes[layout];
  if (layout == LW_LAYOUT_I16 && isfinite(level)) // beyond the range: its end
    step = (int16_t)(level > 32767 ? 32767 : level < -32767 ? -32767 : level);
  switch (layout) {
  case LW_LAYOUT_F64:
    memcpy(p, &x, sizeof x);
    break;
  case LW_LAYOUT_F32:
    memcpy(p, &f, sizeof f);
    break;
  default:
    memcpy(p, &step, sizeof step);
  }
}

int lw_bind_layout(lua_State *L, int arg) {
  return luaL_checkoption(L, arg, "f64", layouts);
}

double lw_bind_scale(lua_State *L, int arg, int layout) {
  double scale = lua_isnoneornil(L, arg) ? 1 : lw_bind_number(L, arg, "scale");
  luaL_argcheck(L, scale > 0, arg, "scale must be above 0");
  return layout == LW_LAYOUT_I16 ? scale : 1;
}

double lw_samples_get(const lw_samples *s, size_t i) {
  if (s->x)
    return s->x[i];
  return lw_layout_read((const char *)s->root->data, s->from + i, s->layout,
                        s->scale);
}

void lw_samples_widen(const lw_samples *s, double *x) {
  const void *data = s->root->data;
  if (s->x)
    memcpy(x, s->x, s->n * sizeof *x);
  else if (s->layout == LW_LAYOUT_F32)
    lw_unpack_f32((const float *)data + s->from, s->n, x);
  else
    lw_unpack_i16((const int16_t *)data + s->from, s->n, s->scale, 0, x);
}

// float64 to the storage of s, which is a root.
static void narrow(lw_samples *s, const double *x) {
  void *data = s->data;
  if (s->layout == LW_LAYOUT_F64)
    memcpy(data, x, s->n * sizeof *x);
  else if (s->layout == LW_LAYOUT_F32)
    lw_pack_f32(x, s->n, data);
  else
    lw_pack_i16(x, s->n, s->scale, 0, data);
}

void lw_samples_set(lw_samples *s, size_t i, double x) {
  lw_layout_write((char *)s->root->data, s->from + i, x, s->layout, s->scale);
}

int lw_samples_quality(const lw_samples *s, size_t i) {
  return s->root->mask ? s->root->mask[s->from + i] : LW_MASK_GOOD;
}

// Push the root's userdata of the samples at `arg`: a slice keeps it.
static void push_root(lua_State *L, int arg) {
  const lw_samples *s = lw_bind_samples_any(L, arg);
  if (s->root == s)
    lua_pushvalue(L, arg);
  else
    lw_compat_kept(L, arg);
}

// The mask belongs to the root, which keeps it: slices share it.
static void need_mask(lua_State *L, int arg) {
  lw_samples *root = lw_bind_samples_any(L, arg)->root;
  if (root->mask)
    return;
  push_root(L, arg);
  uint8_t *mask = lua_newuserdata(L, root->n + 1);
  memset(mask, LW_MASK_GOOD, root->n + 1);
  lw_compat_keep(L, -2);
  lua_pop(L, 1);
  root->mask = mask;
}

void lw_samples_mark(lua_State *L, int arg, size_t from, size_t to,
                     int quality) {
  lw_samples *s = lw_bind_samples_any(L, arg);
  if (quality == LW_MASK_GOOD && !s->root->mask)
    return;
  need_mask(L, arg);
  memset(s->root->mask + s->from + from, quality, to - from);
}

// s:quality(i) -> word;  s:quality(i, word) -> s
static int samples_quality(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  size_t i = lw_bind_place(L, 2, s->n);
  if (lua_isnoneornil(L, 3)) {
    lua_pushstring(L, qualities[lw_samples_quality(s, i)]);
    return 1;
  }
  lw_samples_mark(L, 1, i, i + 1, luaL_checkoption(L, 3, NULL, qualities));
  lua_settop(L, 1);
  return 1;
}

// s:mark(word [, i [, j]]) -> s
static int samples_mark(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  size_t from, to;
  int quality = luaL_checkoption(L, 2, NULL, qualities);
  lw_bind_bounds(L, 3, s->n, &from, &to);
  lw_samples_mark(L, 1, from, to, quality);
  lua_settop(L, 1);
  return 1;
}

static int take_mask(lua_State *L, lw_samples *s) {
  const lw_samples *mask = lw_bind_samples(L, 2);
  luaL_argcheck(L, mask->n == s->n, 2, "not as many qualities as samples");
  for (size_t i = 0; i < s->n; i++)
    if (!(mask->x[i] == 0 || mask->x[i] == 1 || mask->x[i] == 2))
      return luaL_argerror(L, 2, "qualities are 0 bad, 1 uncertain, 2 good");
  need_mask(L, 1);
  for (size_t i = 0; i < s->n; i++)
    s->root->mask[s->from + i] = (uint8_t)mask->x[i];
  lua_settop(L, 1);
  return 1;
}

// s:mask() -> samples of 0 bad, 1 uncertain, 2 good;  s:mask(samples) -> s
static int samples_mask(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  if (!lua_isnoneornil(L, 2))
    return take_mask(L, s);
  lw_samples *out = lw_bind_push_like(L, s, s->n);
  out->unit[0] = 0;
  for (size_t i = 0; i < s->n; i++)
    out->x[i] = lw_samples_quality(s, i);
  return 1;
}

// s:to(layout [, scale]) -> samples of their own in that layout
static int samples_to(lua_State *L) {
  lw_samples *s = lw_bind_samples_any(L, 1);
  int layout = lw_bind_layout(L, 2);
  double scale = lw_bind_scale(L, 3, layout);
  lw_samples *out = lw_bind_push_layout(L, s, s->n, layout, scale);
  double *wide = lua_newuserdata(L, (s->n + 1) * sizeof *wide);
  lw_samples_widen(s, wide);
  narrow(out, wide);
  lua_pop(L, 1);
  if (s->root->mask) {
    need_mask(L, lua_gettop(L));
    memcpy(out->mask, s->root->mask + s->from, s->n);
  }
  return 1;
}

static int samples_copy(lua_State *L) {
  const lw_samples *s = lw_bind_samples_any(L, 1);
  lua_settop(L, 1);
  lua_pushstring(L, layouts[s->layout]);
  lua_pushnumber(L, s->scale);
  return samples_to(L);
}

// s:layout() -> "i16", scale, bytes
static int samples_layout(lua_State *L) {
  const lw_samples *s = lw_bind_samples_any(L, 1);
  lua_pushstring(L, layouts[s->layout]);
  lua_pushnumber(L, s->scale);
  lua_pushnumber(L, (double)(s->n * sizes[s->layout]));
  return 3;
}

// s:pack(layout [, scale]) -> bytes of "f64", "f32" or "i16" (x / scale),
// in the machine's order (little-endian on all that this runs on)
static int samples_pack(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  int layout = lw_bind_layout(L, 2);
  double scale = lw_bind_scale(L, 3, layout);
  char *bytes = lua_newuserdata(L, s->n * sizes[layout] + 1);
  for (size_t i = 0; i < s->n; i++)
    lw_layout_write(bytes, i, s->x[i], layout, scale);
  lua_pushlstring(L, bytes, s->n * sizes[layout]);
  return 1;
}

// dsp.unpack(bytes, layout [, scale]) -> samples
static int store_unpack(lua_State *L) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  int layout = lw_bind_layout(L, 2);
  double scale = lw_bind_scale(L, 3, layout);
  if (n % sizes[layout])
    luaL_argerror(L, 1,
                  lua_pushfstring(L, "%d bytes are no whole number of %s",
                                  (int)n, layouts[layout]));
  lw_samples *s = lw_bind_push_samples(L, n / sizes[layout]);
  for (size_t i = 0; i < s->n; i++)
    s->x[i] = lw_layout_read(bytes, i, layout, scale);
  return 1;
}

static const luaL_Reg methods[] = {
    {"quality", samples_quality}, {"mark", samples_mark},
    {"mask", samples_mask},       {"to", samples_to},
    {"copy", samples_copy},       {"layout", samples_layout},
    {"pack", samples_pack},       {NULL, NULL}};
static const luaL_Reg functions[] = {{"unpack", store_unpack}, {NULL, NULL}};

void lw_open_samples_store(lua_State *L) {
  lw_bind_methods(L, LW_SAMPLES, methods);
  luaL_setfuncs(L, functions, 0);
}
