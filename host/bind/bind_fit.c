// Lua face of infer/fit.h: the module linewright.fit. Rows and weights are
// samples. Documented in lua/meta/linewright/fit.lua.
#include "infer/fit.h"

#include <math.h>   // isfinite
#include <string.h> // memcpy

#include "bind/bind.h"     // lw_bind_fail_code
#include "bind/modules.h"  // lw_open_fit
#include "bind/samples.h"  // lw_bind_samples
#include "infer/boost.h"   // lw_boost_train
#include "infer/nominal.h" // lw_nominal_page, lw_nominal_shift

typedef struct rows {
  const double *x;
  size_t n, d;
} rows;

static double features_at(lua_State *L, int arg) {
  double d = luaL_checknumber(L, arg);
  luaL_argcheck(L, d >= 1 && d <= 1e6 && d == floor(d), arg,
                "a number of features is expected");
  return d;
}

// Rows of d features at `arg`; NaN is refused, since one spoils every weight
// without a word.
static rows check_rows(lua_State *L, int arg, double d) {
  const lw_samples *s = lw_bind_samples(L, arg);
  if (s->n == 0 || s->n % (size_t)d)
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "%f numbers are not rows of %f", (double)s->n, d));
  for (size_t i = 0; i < s->n; i++)
    if (!isfinite(s->x[i]))
      luaL_argerror(L, arg,
                    lua_pushfstring(L, "row %d, feature %d is not finite",
                                    (int)(i / (size_t)d + 1),
                                    (int)(i % (size_t)d + 1)));
  return (rows){.x = s->x, .n = s->n / (size_t)d, .d = (size_t)d};
}

static const double *column(lua_State *L, int arg, size_t n) {
  const lw_samples *s = lw_bind_samples(L, arg);
  if (s->n != n)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "has %d numbers, %d are expected",
                                  (int)s->n, (int)n));
  return s->x;
}

// The same, their number of features at arg + 1.
static rows check(lua_State *L, int arg) {
  return check_rows(L, arg, features_at(L, arg + 1));
}

// fit.scale(x, d) -> means, standard deviations
static int fit_scale(lua_State *L) {
  rows r = check(L, 1);
  lw_samples *mean = lw_bind_push_samples(L, r.d);
  lw_samples *sd = lw_bind_push_samples(L, r.d);
  lw_fit_scale(r.x, r.n, r.d, mean->x, sd->x);
  return 2;
}

// fit.standard(x, d, means, sds) -> rows, centred and scaled
static int fit_standard(lua_State *L) {
  rows r = check(L, 1);
  const double *mean = column(L, 3, r.d), *sd = column(L, 4, r.d);
  lw_samples *out = lw_bind_push_samples(L, r.n * r.d);
  for (size_t i = 0; i < r.n; i++)
    for (size_t k = 0; k < r.d; k++)
      out->x[i * r.d + k] = (r.x[i * r.d + k] - mean[k]) / sd[k];
  return 1;
}

// fit.rows(x, d, places) -> the rows at these places, from 1
static int fit_rows(lua_State *L) {
  rows r = check(L, 1);
  const lw_samples *places = lw_bind_samples(L, 3);
  lw_samples *out = lw_bind_push_samples(L, places->n * r.d);
  for (size_t i = 0; i < places->n; i++) {
    double at = places->x[i];
    luaL_argcheck(L, at >= 1 && at <= (double)r.n, 3, "no such row");
    memcpy(out->x + i * r.d, r.x + ((size_t)at - 1) * r.d,
           r.d * sizeof *out->x);
  }
  return 1;
}

typedef int fitter(const double *x, size_t n, size_t d, const double *y,
                   const double *s, double lambda, double *w);

// x, d, y, lambda [, weights of rows] -> w [d + 1] | nil, message, code
static int fit_linear(lua_State *L, fitter *fn) {
  rows r = check(L, 1);
  const double *y = column(L, 3, r.n);
  double lambda = luaL_checknumber(L, 4);
  const double *s = lua_isnoneornil(L, 5) ? NULL : column(L, 5, r.n);
  lw_samples *w = lw_bind_push_samples(L, r.d + 1);
  int rc = fn(r.x, r.n, r.d, y, s, lambda, w->x);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

static int fit_ridge(lua_State *L) {
  return fit_linear(L, lw_fit_ridge);
}

static int fit_logistic(lua_State *L) {
  return fit_linear(L, lw_fit_logistic);
}

// fit.dot(x, d, w) -> w x + constant of each row
static int fit_dot(lua_State *L) {
  rows r = check(L, 1);
  const double *w = column(L, 3, r.d + 1);
  lw_samples *out = lw_bind_push_samples(L, r.n);
  lw_fit_dot(r.x, r.n, r.d, w, out->x);
  return 1;
}

// fit.shrunk(x, d, share) -> model | nil, message, code
static int fit_shrunk(lua_State *L) {
  rows r = check(L, 1);
  double share = luaL_checknumber(L, 3);
  lw_samples *model = lw_bind_push_samples(L, r.d + r.d * r.d);
  int rc = lw_fit_shrunk(r.x, r.n, r.d, share, model->x);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

// fit.distance(model, x, d) -> squared Mahalanobis distance of each row
static int fit_distance(lua_State *L) {
  rows r = check(L, 2);
  const double *model = column(L, 1, r.d + r.d * r.d);
  lw_samples *out = lw_bind_push_samples(L, r.n);
  int rc = lw_fit_distance(model, r.x, r.n, r.d, out->x);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

// fit.pca(x, d) -> model | nil, message, code
static int fit_pca(lua_State *L) {
  rows r = check(L, 1);
  luaL_argcheck(L, r.d <= LW_FIT_PCA_MAX, 2, "at most 256 features");
  lw_samples *model = lw_bind_push_samples(L, r.d + r.d * r.d);
  int rc = lw_fit_pca(r.x, r.n, r.d, model->x);
  return rc < 0 ? lw_bind_fail_code(L, rc) : 1;
}

// fit.t2q(model, x, d, k) -> T^2, Q of each row
static int fit_t2q(lua_State *L) {
  rows r = check(L, 2);
  const double *model = column(L, 1, r.d + r.d * r.d);
  double k = luaL_checknumber(L, 4);
  luaL_argcheck(L, k >= 1 && k <= (double)r.d && model[(size_t)k - 1] > 0, 4,
                "no component of that number has any spread");
  lw_samples *t2 = lw_bind_push_samples(L, r.n);
  lw_samples *q = lw_bind_push_samples(L, r.n);
  lw_fit_t2q(model, r.x, r.n, r.d, (size_t)k, t2->x, q->x);
  return 2;
}

// fit.trees(x, d, y, path, rounds, depth, rate, is_chance) -> true | nil,
// message, code. NaN is missing.
static int fit_trees(lua_State *L) {
  const lw_samples *x = lw_bind_samples(L, 1);
  double d = features_at(L, 2);
  luaL_argcheck(L, x->n % (size_t)d == 0, 1, "no rows of so many features");
  const double *y = column(L, 3, x->n / (size_t)d);
  lw_boost b = {.rounds = (int)luaL_checknumber(L, 5),
                .depth = (int)luaL_checknumber(L, 6),
                .rate = luaL_checknumber(L, 7),
                .is_chance = lua_toboolean(L, 8)};
  lw_err e = {0};
  if (lw_boost_train(&b, x->x, x->n / (size_t)d, (size_t)d, y,
                     luaL_checkstring(L, 4), &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushboolean(L, 1);
  return 1;
}

// Where each part begins, from how many rows each has; scratch of Lua's.
static const size_t *beginnings(lua_State *L, int arg, size_t rows_n) {
  const lw_samples *sizes = lw_bind_samples(L, arg);
  size_t *first = lua_newuserdata(L, (sizes->n + 1) * sizeof *first), at = 0;
  for (size_t i = 0; i < sizes->n; i++) {
    double n = sizes->x[i];
    luaL_argcheck(L, n >= 1 && n <= (double)(rows_n - at) && n == floor(n), arg,
                  "the rows of the parts are not those of the figures");
    first[i] = at;
    at += (size_t)n;
  }
  luaL_argcheck(L, at == rows_n, arg, "some rows belong to no part");
  first[sizes->n] = at;
  return first;
}

// x at 1, sizes of parts at 2; share, watched, runs, seed from `arg` on.
static lw_nominal nominal_at(lua_State *L, double d, int arg) {
  rows r = check_rows(L, 1, d);
  double watched = luaL_checknumber(L, arg + 1);
  double runs = luaL_checknumber(L, arg + 2);
  luaL_argcheck(L, watched >= 1 && watched <= 1e6, arg + 1, "1..1000000");
  luaL_argcheck(L, runs >= 1 && runs <= 1e6, arg + 2, "1..1000000");
  return (lw_nominal){.x = r.x,
                      .d = r.d,
                      .first = beginnings(L, 2, r.n),
                      .parts_n = lw_bind_samples(L, 2)->n,
                      .share = luaL_checknumber(L, arg),
                      .watched = (size_t)watched,
                      .runs = (size_t)runs,
                      .seed = (uint64_t)luaL_checknumber(L, arg + 3)};
}

// fit.page(x, sizes, delta, share, watched, runs, seed) -> unsure, limit | nil,
// message, code
static int fit_page(lua_State *L) {
  lw_nominal n = nominal_at(L, 1, 4);
  double unsure, limit;
  int rc = lw_nominal_page(&n, luaL_checknumber(L, 3), &unsure, &limit);
  if (rc < 0)
    return lw_bind_fail_code(L, rc);
  lua_pushnumber(L, unsure);
  lua_pushnumber(L, limit);
  return 2;
}

// fit.shift(x, sizes, d, share, watched, runs, seed) -> limit | nil, message,
// code
static int fit_shift(lua_State *L) {
  lw_nominal n = nominal_at(L, features_at(L, 3), 4);
  double limit;
  int rc = lw_nominal_shift(&n, &limit);
  if (rc < 0)
    return lw_bind_fail_code(L, rc);
  lua_pushnumber(L, limit);
  return 1;
}

static const luaL_Reg functions[] = {
    {"scale", fit_scale},       {"standard", fit_standard},
    {"rows", fit_rows},         {"ridge", fit_ridge},
    {"logistic", fit_logistic}, {"dot", fit_dot},
    {"shrunk", fit_shrunk},     {"distance", fit_distance},
    {"pca", fit_pca},           {"t2q", fit_t2q},
    {"trees", fit_trees},       {"page", fit_page},
    {"shift", fit_shift},       {NULL, NULL}};

int lw_open_fit(lua_State *L) {
  lua_newtable(L);
  lw_open_samples(L); // the type must be there
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
