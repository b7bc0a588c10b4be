#include "infer/boost.h"

#include <dlfcn.h>  // dlopen, dlsym
#include <math.h>   // NAN
#include <stdint.h> // uint64_t
#include <stdio.h>  // snprintf
#include <stdlib.h> // malloc, free

#include "base/err.h" // lw_err_set

// Source of the signatures: xgboost/c_api.h, version 1.7.
typedef struct library {
  int (*matrix)(const float *, uint64_t, uint64_t, float, void **);
  int (*matrix_free)(void *);
  int (*info)(void *, const char *, const float *, uint64_t);
  int (*create)(void *const *, uint64_t, void **);
  int (*create_free)(void *);
  int (*param)(void *, const char *, const char *);
  int (*update)(void *, int, void *);
  int (*save)(void *, const char *);
  const char *(*error)(void);
} library;

static int find(library *l, lw_err *e) {
  static const char *const names[] = {
      "XGDMatrixCreateFromMat", "XGDMatrixFree",      "XGDMatrixSetFloatInfo",
      "XGBoosterCreate",        "XGBoosterFree",      "XGBoosterSetParam",
      "XGBoosterUpdateOneIter", "XGBoosterSaveModel", "XGBGetLastError"};
  void *lib = dlopen("libxgboost.so.0", RTLD_NOW);
  void **fields = (void **)l;
  lib = lib ? lib : dlopen("libxgboost.so", RTLD_NOW);
  for (size_t i = 0; lib && i < sizeof names / sizeof names[0]; i++)
    if (!(fields[i] = dlsym(lib, names[i])))
      lib = NULL;
  return lib ? 0
             : lw_err_set(e, LW_E_NOTFOUND,
                          "training trees needs XGBoost; install libxgboost0 "
                          "or libxgboost-dev");
}

static int set_params(const library *l, void *booster, const lw_boost *b) {
  char depth[16], rate[32];
  snprintf(depth, sizeof depth, "%d", b->depth);
  snprintf(rate, sizeof rate, "%.17g", b->rate);
  const char *const pairs[][2] = {
      {"objective", b->is_chance ? "binary:logistic" : "reg:squarederror"},
      {"max_depth", depth},
      {"eta", rate},
      {"tree_method", "hist"},
      {"nthread", "1"},
      {"seed", "1"},
      {"verbosity", "0"}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
    if (l->param(booster, pairs[i][0], pairs[i][1]))
      return -1;
  return 0;
}

static int grow(const library *l, const lw_boost *b, void *matrix,
                const char *path, lw_err *e) {
  void *booster = NULL;
  int failed = l->create(&matrix, 1, &booster) || set_params(l, booster, b);
  for (int i = 0; !failed && i < b->rounds; i++)
    failed = l->update(booster, i, matrix);
  failed = failed || l->save(booster, path);
  int rc = failed ? lw_err_set(e, LW_E_IO, "%s: XGBoost says: %.120s", path,
                               l->error())
                  : 0;
  if (booster)
    l->create_free(booster);
  return rc;
}

int lw_boost_train(const lw_boost *b, const double *x, size_t n, size_t d,
                   const double *y, const char *path, lw_err *e) {
  library l;
  void *matrix = NULL;
  if (n < 2 || d < 1 || b->rounds < 1 || b->rounds > 10000 || b->depth < 1 ||
      b->depth > 12 || !(b->rate > 0 && b->rate <= 1))
    return lw_err_set(e, LW_E_RANGE,
                      "trees: at least 2 rows, rounds in 1..10000, depth in "
                      "1..12, rate in 0..1");
  int rc = find(&l, e);
  if (rc < 0)
    return rc;
  float *rows = malloc((n * d + n) * sizeof *rows);
  if (!rows)
    return lw_err_set(e, LW_E_NOMEM, "trees: out of memory");
  for (size_t i = 0; i < n * d; i++)
    rows[i] = (float)x[i];
  for (size_t i = 0; i < n; i++)
    rows[n * d + i] = (float)y[i];
  if (l.matrix(rows, n, d, NAN, &matrix) ||
      l.info(matrix, "label", rows + n * d, n))
    rc = lw_err_set(e, LW_E_IO, "XGBoost says: %.150s", l.error());
  else
    rc = grow(&l, b, matrix, path, e);
  if (matrix)
    l.matrix_free(matrix);
  free(rows);
  return rc;
}
