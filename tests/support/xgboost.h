// The few functions of XGBoost's C library that the benches train and compare
// with, found at run time. Source: xgboost/c_api.h.
#ifndef TESTS_SUPPORT_XGBOOST_H
#define TESTS_SUPPORT_XGBOOST_H

#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct xgboost {
  int (*matrix)(const float *, uint64_t, uint64_t, float, void **);
  int (*info)(void *, const char *, const float *, uint64_t);
  int (*create)(void *const *, uint64_t, void **);
  int (*param)(void *, const char *, const char *);
  int (*update)(void *, int, void *);
  int (*predict)(void *, void *, int, unsigned, int, uint64_t *,
                 const float **);
  int (*predict_dense)(void *, const char *, const char *, void *,
                       const uint64_t **, uint64_t *, const float **);
  int (*save)(void *, const char *);
} xgboost;

// 1 when the library is here.
static inline int xgboost_open(xgboost *x) {
  void *lib = dlopen("libxgboost.so.0", RTLD_NOW);
  lib = lib ? lib : dlopen("libxgboost.so", RTLD_NOW);
  if (!lib)
    return 0;
  const char *names[] = {"XGDMatrixCreateFromMat",    "XGDMatrixSetFloatInfo",
                         "XGBoosterCreate",           "XGBoosterSetParam",
                         "XGBoosterUpdateOneIter",    "XGBoosterPredict",
                         "XGBoosterPredictFromDense", "XGBoosterSaveModel"};
  void **fields = (void **)x;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!(fields[i] = dlsym(lib, names[i])))
      return 0;
  return 1;
}

// A regression of `trees` trees over rows [n x features]; NULL on failure.
static inline void *xgboost_train(const xgboost *x, const float *rows,
                                  const float *labels, uint64_t n,
                                  uint64_t features, int trees,
                                  const char *depth) {
  void *data = NULL, *booster = NULL;
  if (x->matrix(rows, n, features, NAN, &data) ||
      x->info(data, "label", labels, n) || x->create(&data, 1, &booster))
    return NULL;
  const char *params[][2] = {{"max_depth", depth},
                             {"tree_method", "hist"},
                             {"nthread", "1"},
                             {"verbosity", "0"},
                             {"objective", "reg:squarederror"}};
  for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
    x->param(booster, params[i][0], params[i][1]);
  for (int i = 0; i < trees; i++)
    if (x->update(booster, i, data))
      return NULL;
  return booster;
}

// One row by its in-place call, as an application would.
static inline float xgboost_row(const xgboost *x, void *booster,
                                const float *row, unsigned features) {
  char array[160];
  const uint64_t *shape;
  uint64_t dim;
  const float *out = NULL;
  snprintf(array, sizeof array,
           "{\"data\":[%llu,true],\"shape\":[1,%u],\"typestr\":\"<f4\","
           "\"version\":3}",
           (unsigned long long)(uintptr_t)row, features);
  if (x->predict_dense(booster, array,
                       "{\"type\":0,\"training\":false,\"iteration_begin\":0,"
                       "\"iteration_end\":0,\"missing\":NaN,"
                       "\"strict_shape\":false,\"cache_id\":0}",
                       NULL, &shape, &dim, &out))
    return NAN;
  return out[0];
}

#endif
