// The two heavy parts of a network, for a chosen instruction set; for net.c.
#ifndef LW_INFER_NET_KERNEL_H
#define LW_INFER_NET_KERNEL_H

#include "infer/net.h" // lw_layer

// A dense layer over `rows` windows of x that lie ldx floats apart, with its
// map when that is relu.
typedef void (*lw_net_dense)(const lw_layer *l, const float *x, size_t ldx,
                             size_t rows, float *y);
// A map in place.
typedef void (*lw_net_map)(int map, float a, float b, size_t n, float *y);

lw_net_dense lw_net_dense_at(int isa);
lw_net_map lw_net_map_at(int isa);

#endif
