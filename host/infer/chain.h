// A network while it is put together from the nodes of an ONNX file.
#ifndef LW_INFER_CHAIN_H
#define LW_INFER_CHAIN_H

#include "infer/net.h"  // lw_net
#include "infer/onnx.h" // lw_onnx_node

// The signal between two nodes. ONNX lays out [batch, channels, width]; dense
// and pooling layers want the channels next to each other.
typedef struct lw_chain {
  lw_net *net;
  const lw_onnx *graph;
  lw_onnx_word at; // the value that the next node must take
  int rank;        // 2: [batch, features]; 3: [batch, channels, width]
  uint32_t channels, width;
  int is_planes; // 1: [channels x width] in memory, as ONNX has it
  lw_err *e;
} lw_chain;

// LW_E_UNSUPPORTED: "Gemm 'fc1': what".
int lw_chain_refuse(const lw_chain *c, const lw_onnx_node *node,
                    const char *what);
// Bring the signal into one of the two layouts.
int lw_chain_rows(lw_chain *c);
int lw_chain_planes(lw_chain *c);
// A layer that keeps the shape of the signal.
lw_layer lw_chain_layer(const lw_chain *c, int kind);
int lw_chain_add(lw_chain *c, const lw_layer *l);

// All elements of input i of a node, which must be a constant with `count`
// elements (0: any number, given back). In memory to free(); NULL with *rc.
float *lw_chain_constant(const lw_chain *c, const lw_onnx_node *node,
                         uint32_t i, size_t *count, int *rc);

// Append what one node does. LW_E_UNSUPPORTED when it is beyond us.
int lw_chain_node(lw_chain *c, const lw_onnx_node *node);
// Its parts by kind: 1 when taken, 0 when the op is not of this kind.
int lw_chain_dense(lw_chain *c, const lw_onnx_node *node);  // Gemm, MatMul
int lw_chain_window(lw_chain *c, const lw_onnx_node *node); // Conv, pools
int lw_chain_scale(lw_chain *c, const lw_onnx_node *node);  // Add, Mul, ...

#endif
