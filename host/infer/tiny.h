// The backend `tiny`: small networks and tree ensembles, ours, no dependency.
//
// Reads ONNX files that are a chain of small layers, XGBoost's JSON (gbtree)
// and LightGBM's text. Options: none. Levels: "portable", "avx2", "avx512".
#ifndef LW_INFER_TINY_H
#define LW_INFER_TINY_H

#include "infer/backend.h" // lw_infer_backend
#include "infer/net.h"     // lw_net
#include "infer/tree.h"    // lw_trees

extern const lw_infer_backend lw_tiny_backend;

#define LW_TINY_NAME 64

// What a reader makes of a file: a network, or trees.
typedef struct lw_tiny_model {
  int isa;
  lw_net net;
  lw_trees *trees; // NULL for a network
  char in_name[LW_TINY_NAME], out_name[LW_TINY_NAME];
  // The shape of input and output as the file says it; rows are dims[0] when
  // it is -1.
  lw_infer_io in, out;
} lw_tiny_model;

// The readers. Each fills *m from data [n], which ends with the call.
int lw_tiny_read_onnx(lw_tiny_model *m, const uint8_t *data, size_t n,
                      lw_err *e);
int lw_tiny_read_xgboost(lw_tiny_model *m, const uint8_t *data, size_t n,
                         lw_err *e);
int lw_tiny_read_lightgbm(lw_tiny_model *m, const uint8_t *data, size_t n,
                          lw_err *e);

#endif
