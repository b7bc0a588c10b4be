// Small feed-forward networks: a chain of layers over rows of floats.
//
// Every sum has one order, whatever the number of rows in a call, so a row
// gives the same bits alone and in a batch. avx2 and avx512 agree to the bit;
// portable rounds products and may differ in the last place.
#ifndef LW_INFER_NET_H
#define LW_INFER_NET_H

#include <stddef.h> // size_t
#include <stdint.h> // uint32_t

#include "base/err.h" // lw_err

#define LW_NET_LAYERS_MAX 64
#define LW_NET_COST_MAX 1e6 // multiplications of one row
#define LW_NET_ALIGN 64     // bytes, of every array here
#define LW_NET_PAD 16       // floats that rows of weights are rounded up to

// X(name): what one layer does. A signal lies as [width x channels], channels
// next to each other; width 1 is a plain row of features.
#define LW_LAYERS(X)                                                           \
  X(dense)    /* y = x w + bias, for each of `width` windows of `window` */    \
  X(scale)    /* y = a x + b for each channel */                               \
  X(copy)     /* y = x, for its map */                                         \
  X(softmax)  /* over the channels */                                          \
  X(max_pool) /* over windows of `window` places */                            \
  X(mean_pool)                                                                 \
  X(to_rows)   /* [channels x width] to [width x channels] */                  \
  X(to_planes) /* and back */
enum {
#define LW_LAYER_ENUM(name) LW_LAYER_##name,
  LW_LAYERS(LW_LAYER_ENUM)
#undef LW_LAYER_ENUM
};

// X(name): functions that a layer applies to what it gives, with parameters a
// and b.
#define LW_MAPS(X)                                                             \
  X(none) X(relu) X(leaky_relu) X(tanh) X(sigmoid) X(clip) X(elu) X(softplus)
enum {
#define LW_MAP_ENUM(name) LW_MAP_##name,
  LW_MAPS(LW_MAP_ENUM)
#undef LW_MAP_ENUM
};

typedef struct lw_layer {
  int kind;                         // LW_LAYER_*
  int map;                          // LW_MAP_*, of a map layer
  float a, b;                       // its parameters
  uint32_t width, channels;         // of the signal that comes in
  uint32_t out_width, out_channels; // and of the one that goes out
  uint32_t window, stride;          // [places]
  uint32_t pad_left, pad_right;     // zeros put around the signal [places]
  int counts_pad; // mean_pool: zeros of the padding count as places
  // dense: weights [window * channels x out_channels padded], bias padded.
  // For out_channels <= LW_NET_DOTS weights lie the other way round.
  // scale: factors and offsets [channels].
  float *weights, *bias;
} lw_layer;

#define LW_NET_DOTS 8

typedef struct lw_net {
  lw_layer layers[LW_NET_LAYERS_MAX];
  uint32_t layer_n;
  uint32_t in_n, out_n; // floats of a row in and out
  size_t widest;        // floats of the largest signal with its padding
  double cost;          // multiplications of one row
} lw_net;

// Floats that one row of a layer's weights takes.
static inline size_t lw_net_padded(size_t n) {
  return (n + LW_NET_PAD - 1) / LW_NET_PAD * LW_NET_PAD;
}

// Zeroed floats, aligned; NULL when out of memory or n is absurd.
float *lw_net_floats(size_t n);

// Append a layer; it takes over weights and bias, also when it fails.
// A copy with a map becomes the map of the layer before it, where it can.
// LW_E_FULL: too many layers; LW_E_RANGE: too wide or too costly.
int lw_net_add(lw_net *net, const lw_layer *layer, lw_err *e);
void lw_net_fini(lw_net *net);

// Put weights [k x n, row-major] into the order that a dense layer wants.
// Returns aligned memory to be owned by a layer; NULL when out of memory.
float *lw_net_pack(const float *weights, size_t k, size_t n);

// Floats of scratch memory that lw_net_run wants.
size_t lw_net_scratch(const lw_net *net);
// Run rows of x [rows x in_n] to y [rows x out_n].
//   isa      LW_ISA_* of dsp/isa.h
//   scratch  [lw_net_scratch] floats, aligned
void lw_net_run(const lw_net *net, int isa, const float *x, size_t rows,
                float *y, float *scratch);

#endif
