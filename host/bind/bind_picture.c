// Lua face of infer/picture.h: the module linewright.picture. A picture is a
// tensor f32 [height x width x channels]. Documented in
// lua/meta/linewright/picture.lua.
#include <math.h>   // INFINITY
#include <string.h> // memcpy

#include "bind/bind.h"     // lw_bind_fail
#include "bind/modules.h"  // lw_open_picture
#include "bind/tensor.h"   // lw_bind_tensor, lw_bind_push_tensor
#include "infer/picture.h" // lw_picture

static lw_picture view(const lw_tensor *t) {
  return (lw_picture){.x = t->data,
                      .height = (size_t)t->dims[0],
                      .width = (size_t)t->dims[1],
                      .channels = (size_t)t->dims[2]};
}

static lw_picture check(lua_State *L, int arg) {
  const lw_tensor *t = lw_bind_tensor(L, arg);
  if (t->type != LW_INFER_f32 || t->dim_n != 3 || t->dims[0] < 1 ||
      t->dims[1] < 1 || (t->dims[2] != 1 && t->dims[2] != 3))
    luaL_argerror(L, arg,
                  "a picture is a tensor f32 [height x width x 1 or 3]");
  return view(t);
}

static lw_picture push(lua_State *L, size_t height, size_t width,
                       size_t channels) {
  int64_t dims[] = {(int64_t)height, (int64_t)width, (int64_t)channels};
  luaL_argcheck(L,
                height <= LW_PICTURE_SIDE_MAX && width <= LW_PICTURE_SIDE_MAX,
                1, "the picture would be too large");
  return view(lw_bind_push_tensor(L, LW_INFER_f32, dims, 3));
}

static lw_picture push_copy(lua_State *L, int arg) {
  lw_picture p = check(L, arg), out = push(L, p.height, p.width, p.channels);
  memcpy(out.x, p.x, p.height * p.width * p.channels * sizeof *p.x);
  return out;
}

static size_t whole(lua_State *L, int arg, size_t least, size_t most) {
  double d = luaL_checknumber(L, arg);
  if (!(d >= (double)least && d <= (double)most && d == floor(d)))
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "a whole number in %d..%d", (int)least, (int)most));
  return (size_t)d;
}

static double number(lua_State *L, int arg) {
  double d = luaL_checknumber(L, arg);
  luaL_argcheck(L, isfinite(d), arg, "a finite number is expected");
  return d;
}

// ---------------------------------------------------------------- reading ---

typedef struct decode_call {
  lw_picture *from;
  int bits;
} decode_call;

// In a protected call: pushing may raise, and the decoded numbers are C's.
static int move(lua_State *L) {
  decode_call *call = lua_touserdata(L, 1);
  lw_picture *p = call->from;
  lw_picture out = push(L, p->height, p->width, p->channels);
  memcpy(out.x, p->x, p->height * p->width * p->channels * sizeof *p->x);
  lua_pushnumber(L, call->bits);
  return 2;
}

static int give(lua_State *L, int rc, lw_picture *p, int bits,
                const lw_err *e) {
  decode_call call = {.from = p, .bits = bits};
  if (rc < 0)
    return lw_bind_fail(L, e);
  lua_pushcfunction(L, move);
  lua_pushlightuserdata(L, &call);
  rc = lua_pcall(L, 1, 2, 0);
  lw_picture_fini(p);
  return rc ? lua_error(L) : 2;
}

// picture.open(path) -> picture, bits | nil, message, code
static int picture_open(lua_State *L) {
  lw_picture p;
  lw_err e = {0};
  int bits = 0;
  int rc = lw_picture_open(luaL_checkstring(L, 1), &p, &bits, &e);
  return give(L, rc, &p, bits, &e);
}

// picture.decode(bytes [, name]) -> picture, bits | nil, message, code
static int picture_decode(lua_State *L) {
  lw_picture p;
  lw_err e = {0};
  size_t n;
  int bits = 0;
  const char *data = luaL_checklstring(L, 1, &n);
  int rc = lw_picture_decode((const uint8_t *)data, n,
                             luaL_optstring(L, 2, "picture"), &p, &bits, &e);
  return give(L, rc, &p, bits, &e);
}

// picture.raw(bytes, height, width, channels, bits) -> picture, bits | nil, ...
static int picture_raw(lua_State *L) {
  lw_picture p = {0};
  lw_err e = {0};
  size_t n;
  const char *data = luaL_checklstring(L, 1, &n);
  size_t height = whole(L, 2, 1, LW_PICTURE_SIDE_MAX);
  size_t width = whole(L, 3, 1, LW_PICTURE_SIDE_MAX);
  size_t channels = whole(L, 4, 1, 3);
  int bits = (int)whole(L, 5, 8, 16);
  int rc = lw_picture_raw((const uint8_t *)data, n, height, width, channels,
                          bits, &p, &e);
  return give(L, rc, &p, bits, &e);
}

// ---------------------------------------------------------------- kernels ---

// picture.region(p, left, top, width, height) -> picture; left, top from 1
static int picture_region(lua_State *L) {
  lw_picture p = check(L, 1);
  size_t left = whole(L, 2, 1, p.width) - 1, top = whole(L, 3, 1, p.height) - 1;
  size_t width = whole(L, 4, 1, p.width - left);
  size_t height = whole(L, 5, 1, p.height - top);
  lw_picture out = push(L, height, width, p.channels);
  lw_picture_region(&p, left, top, &out);
  return 1;
}

// picture.resize(p, width, height) -> picture
static int picture_resize(lua_State *L) {
  lw_picture p = check(L, 1);
  size_t width = whole(L, 2, 1, LW_PICTURE_SIDE_MAX);
  lw_picture out =
      push(L, whole(L, 3, 1, LW_PICTURE_SIDE_MAX), width, p.channels);
  int rc = lw_picture_resize(&p, &out);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

// picture.grey(p) -> picture
static int picture_grey(lua_State *L) {
  lw_picture p = check(L, 1), out = push(L, p.height, p.width, 1);
  lw_picture_grey(&p, &out);
  return 1;
}

// picture.affine(p, gain, bias [, lo, hi]) -> picture
static int picture_affine(lua_State *L) {
  double gain = number(L, 2), bias = number(L, 3);
  double lo = luaL_optnumber(L, 4, -INFINITY);
  double hi = luaL_optnumber(L, 5, INFINITY);
  lw_picture out = push_copy(L, 1);
  lw_picture_affine(&out, gain, bias, lo, hi);
  return 1;
}

// picture.gamma(p, gamma [, full]) -> picture
static int picture_gamma(lua_State *L) {
  double gamma = number(L, 2), full = luaL_optnumber(L, 3, 255);
  luaL_argcheck(L, gamma > 0, 2, "must be above 0");
  lw_picture out = push_copy(L, 1);
  lw_picture_gamma(&out, gamma, full);
  return 1;
}

// picture.slope(p, share_x [, share_y]) -> picture
static int picture_slope(lua_State *L) {
  double x = number(L, 2), y = luaL_optnumber(L, 3, 0);
  lw_picture out = push_copy(L, 1);
  lw_picture_slope(&out, x, y);
  return 1;
}

// picture.normalise(p, mean, sd) -> picture
static int picture_normalise(lua_State *L) {
  double mean = number(L, 2), sd = number(L, 3);
  lw_picture out = push_copy(L, 1);
  lw_picture_normalise(&out, mean, sd);
  return 1;
}

static int same(const lw_picture *a, const lw_picture *b) {
  return a->height == b->height && a->width == b->width &&
         a->channels == b->channels;
}

// picture.flat(p, dark, flat) -> picture
static int picture_flat(lua_State *L) {
  lw_picture p = check(L, 1), dark = check(L, 2), flat = check(L, 3);
  luaL_argcheck(L, same(&p, &dark), 2, "has another shape than the picture");
  luaL_argcheck(L, same(&p, &flat), 3, "has another shape than the picture");
  lw_picture out = push_copy(L, 1);
  lw_picture_flat(&out, &dark, &flat);
  return 1;
}

// picture.level(p [, radius, least]) -> picture
static int picture_level(lua_State *L) {
  lw_picture p = check(L, 1);
  size_t radius =
      (size_t)luaL_optnumber(L, 2, p.width >= 16 ? (double)(p.width / 8) : 2);
  luaL_argcheck(L, radius >= 1 && radius <= LW_PICTURE_SIDE_MAX, 2,
                "must be a number of pixels");
  double least = luaL_optnumber(L, 3, 4);
  lw_picture out = push_copy(L, 1);
  int rc = lw_picture_level(&out, radius, least);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

// picture.light(p [, full]) -> samples, in the order of picture.light_names()
static int picture_light(lua_State *L) {
  lw_picture p = check(L, 1);
  double full = luaL_optnumber(L, 2, 255);
  lw_samples *s = lw_bind_push_samples(L, LW_LIGHT_N);
  int rc = lw_picture_light(&p, full, s->x);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

static int picture_light_names(lua_State *L) {
#define NAME(name) lua_pushliteral(L, #name);
  LW_PICTURE_LIGHT(NAME)
#undef NAME
  return LW_LIGHT_N;
}

// picture.planes(p, channels, order, scale, mean...) -> tensor
// f32 [1 x channels x height x width], (x - mean) * scale
static int picture_planes(lua_State *L) {
  lw_picture p = check(L, 1);
  size_t channels = whole(L, 2, 1, 3);
  static const char *const orders[] = {"rgb", "bgr", NULL};
  int is_bgr = luaL_checkoption(L, 3, "rgb", orders);
  double scale[3], mean[3];
  for (int k = 0; k < 3; k++) {
    scale[k] = luaL_optnumber(L, 4, 1);
    mean[k] = luaL_optnumber(L, 5 + k, 0);
  }
  int64_t dims[] = {1, (int64_t)channels, (int64_t)p.height, (int64_t)p.width};
  lw_tensor *t = lw_bind_push_tensor(L, LW_INFER_f32, dims, 4);
  lw_picture_planes(&p, channels, is_bgr, mean, scale, t->data);
  return 1;
}

// picture.points(p, columns, rows, first, count, channels [, scale, mean])
//   -> tensor f32 [count x channels x height x width]
static int picture_points(lua_State *L) {
  lw_picture p = check(L, 1);
  size_t columns = whole(L, 2, 1, p.width), rows = whole(L, 3, 1, p.height);
  size_t first = whole(L, 4, 1, columns * rows) - 1;
  size_t count = whole(L, 5, 1, columns * rows - first);
  size_t channels = whole(L, 6, 1, 3);
  double s = luaL_optnumber(L, 7, 1), m = luaL_optnumber(L, 8, 0);
  const double scale[3] = {s, s, s}, mean[3] = {m, m, m};
  lw_picture point = push(L, p.height / rows, p.width / columns, p.channels);
  int64_t dims[] = {(int64_t)count, (int64_t)channels, (int64_t)point.height,
                    (int64_t)point.width};
  float *out = lw_bind_push_tensor(L, LW_INFER_f32, dims, 4)->data;
  for (size_t k = first; k < first + count; k++) {
    lw_picture_region(&p, k % columns * point.width, k / columns * point.height,
                      &point);
    lw_picture_planes(&point, channels, 0, mean, scale, out);
    out += channels * point.height * point.width;
  }
  return 1;
}

// picture.pool(samples, channels) -> samples [2 channels]: means, maxima
static int picture_pool(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  size_t channels = whole(L, 2, 1, 1000000);
  luaL_argcheck(L, s->n >= channels && s->n % channels == 0, 1,
                "does not divide into that many planes");
  lw_samples *out = lw_bind_push_samples(L, 2 * channels);
  lw_picture_pool(s->x, channels, s->n / channels, out->x);
  return 1;
}

// picture.cells(samples, channels, height, rows [, columns]) -> samples
// [rows columns x channels], the mean of each plane over each cell
static int picture_cells(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  size_t channels = whole(L, 2, 1, 1000000);
  size_t height = whole(L, 3, 1, LW_PICTURE_SIDE_MAX);
  luaL_argcheck(L, s->n > 0 && s->n % (channels * height) == 0, 1,
                "does not divide into planes of that height");
  size_t width = s->n / (channels * height);
  size_t rows = whole(L, 4, 1, height);
  size_t columns = lua_isnoneornil(L, 5) ? rows : whole(L, 5, 1, width);
  luaL_argcheck(L, columns <= width, 4, "more columns than the planes have");
  lw_samples *out = lw_bind_push_samples(L, rows * columns * channels);
  lw_picture_cells(s->x, channels, height, width, rows, columns, out->x);
  return 1;
}

static const luaL_Reg functions[] = {{"open", picture_open},
                                     {"decode", picture_decode},
                                     {"raw", picture_raw},
                                     {"region", picture_region},
                                     {"resize", picture_resize},
                                     {"grey", picture_grey},
                                     {"affine", picture_affine},
                                     {"gamma", picture_gamma},
                                     {"slope", picture_slope},
                                     {"normalise", picture_normalise},
                                     {"flat", picture_flat},
                                     {"level", picture_level},
                                     {"light", picture_light},
                                     {"light_names", picture_light_names},
                                     {"points", picture_points},
                                     {"planes", picture_planes},
                                     {"pool", picture_pool},
                                     {"cells", picture_cells},
                                     {NULL, NULL}};

int lw_open_picture(lua_State *L) {
  // Pictures are tensors and give samples: their types must be there.
  lua_newtable(L);
  lw_open_samples(L);
  lw_open_tensor(L);
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
