// Gradient-boosted trees, trained by XGBoost's C library when it is installed;
// what comes out is its JSON, which the built-in backend runs.
#ifndef LW_INFER_BOOST_H
#define LW_INFER_BOOST_H

#include <stddef.h> // size_t

#include "linewright.h" // lw_err

typedef struct lw_boost {
  int rounds, depth; // trees, 1..10000; levels of each, 1..12
  double rate;       // learning rate, in (0, 1]
  int is_chance;     // 1: y is 0 or 1, logistic; 0: y is a value
} lw_boost;

// Train on rows x [n x d], NaN = missing, and y [n], on one thread, and write
// the model to path, whose name should end in ".json".
// Returns 0, LW_E_NOTFOUND with what to install, LW_E_RANGE, LW_E_NOMEM, or
// LW_E_IO with the library's own words.
int lw_boost_train(const lw_boost *b, const double *x, size_t n, size_t d,
                   const double *y, const char *path, lw_err *e);

#endif
