// ResNet-50 in eight bits with random weights: the shapes and the quantised
// form of the real one (QDQ, weights per output channel), for measuring speed.
// Source: He et al., "Deep Residual Learning for Image Recognition", 2016,
// table 1.
#ifndef TESTS_SUPPORT_RESNET_WRITE_H
#define TESTS_SUPPORT_RESNET_WRITE_H

#include "support/onnx_write.h"

enum { ONNX_U8 = 2, ONNX_I8 = 3 };

typedef struct resnet {
  pb graph;
  int n; // names given so far
  uint32_t seed;
} resnet;

static inline void resnet_name(resnet *r, char out[16]) {
  snprintf(out, 16, "t%d", r->n++);
}

// x -> quantise -> dequantise, as an exporter writes an activation.
static inline void resnet_pair(resnet *r, const char *x, char out[16]) {
  char q[16], inputs[48];
  resnet_name(r, q);
  resnet_name(r, out);
  snprintf(inputs, sizeof inputs, "%s,scale,zero", x);
  onnx_simple(&r->graph, "QuantizeLinear", inputs, q);
  snprintf(inputs, sizeof inputs, "%s,scale,zero", q);
  onnx_simple(&r->graph, "DequantizeLinear", inputs, out);
}

// Weights [m x c x k x k] in eight bits and their scales; the name of the
// dequantised ones.
static inline void resnet_weights(resnet *r, const int64_t *dims, size_t dim_n,
                                  char out[16]) {
  char w[16], s[16], z[16], inputs[64];
  size_t n = onnx_product(dims, dim_n), m = (size_t)dims[0];
  int8_t *data = malloc(n), *zeros = calloc(m, 1);
  float *scales = malloc(m * sizeof *scales);
  for (size_t i = 0; i < n; i++)
    data[i] = (int8_t)(100 * onnx_noise(&r->seed));
  for (size_t i = 0; i < m; i++)
    scales[i] = 0.002f;
  resnet_name(r, w), resnet_name(r, s), resnet_name(r, z), resnet_name(r, out);
  onnx_tensor(&r->graph, w, ONNX_I8, dims, dim_n, data, 1);
  onnx_tensor(&r->graph, s, 1, dims, 1, scales, 4);
  onnx_tensor(&r->graph, z, ONNX_I8, dims, 1, zeros, 1);
  snprintf(inputs, sizeof inputs, "%s,%s,%s", w, s, z);
  pb node = onnx_node("DequantizeLinear", inputs, out);
  onnx_int(&node, "axis", 0);
  onnx_end(&r->graph, &node);
  free(data), free(zeros), free(scales);
}

// Convolution, maybe relu, pair.
static inline void resnet_conv(resnet *r, const char *x, int64_t c, int64_t m,
                               int64_t k, int64_t stride, int relu,
                               char out[16]) {
  char w[16], y[16], a[16], inputs[48];
  const int64_t dims[] = {m, c, k, k}, strides[] = {stride, stride};
  const int64_t pads[] = {k / 2, k / 2, k / 2, k / 2};
  resnet_weights(r, dims, 4, w);
  resnet_name(r, y);
  snprintf(inputs, sizeof inputs, "%s,%s", x, w);
  pb node = onnx_node("Conv", inputs, y);
  onnx_ints(&node, "strides", strides, 2);
  onnx_ints(&node, "pads", pads, 4);
  onnx_end(&r->graph, &node);
  snprintf(a, sizeof a, "%s", y);
  if (relu) {
    resnet_name(r, a);
    onnx_simple(&r->graph, "Relu", y, a);
  }
  resnet_pair(r, a, out);
}

// 1x1, 3x3, 1x1 and the way around them.
static inline void resnet_block(resnet *r, char x[16], int64_t c, int64_t width,
                                int64_t stride, int is_first) {
  char a[16], b[16], d[16], side[16], sum[16], act[16], inputs[48];
  resnet_conv(r, x, c, width, 1, 1, 1, a);
  resnet_conv(r, a, width, width, 3, stride, 1, b);
  resnet_conv(r, b, width, 4 * width, 1, 1, 0, d);
  snprintf(side, sizeof side, "%s", x);
  if (is_first)
    resnet_conv(r, x, c, 4 * width, 1, stride, 0, side);
  resnet_name(r, sum), resnet_name(r, act);
  snprintf(inputs, sizeof inputs, "%s,%s", d, side);
  onnx_simple(&r->graph, "Add", inputs, sum);
  onnx_simple(&r->graph, "Relu", sum, act);
  resnet_pair(r, act, x);
}

static inline pb resnet50(void) {
  resnet r = {.seed = 5};
  const int64_t blocks[] = {3, 4, 6, 3}, two[] = {2, 2}, three[] = {3, 3};
  const int64_t pads[] = {1, 1, 1, 1}, one = 1, fc[] = {1000, 2048};
  const float scale = 0.02f;
  const uint8_t zero = 0;
  char x[16], y[16], w[16], inputs[48];
  onnx_tensor(&r.graph, "scale", 1, &one, 0, &scale, 4);
  onnx_tensor(&r.graph, "zero", ONNX_U8, &one, 0, &zero, 1);
  resnet_pair(&r, "x", x);
  resnet_conv(&r, x, 3, 64, 7, 2, 1, y);
  resnet_name(&r, x);
  pb pool = onnx_node("MaxPool", y, x);
  onnx_ints(&pool, "kernel_shape", three, 2);
  onnx_ints(&pool, "strides", two, 2);
  onnx_ints(&pool, "pads", pads, 4);
  onnx_end(&r.graph, &pool);
  resnet_pair(&r, x, y);
  snprintf(x, sizeof x, "%s", y);
  int64_t c = 64;
  for (int s = 0; s < 4; s++)
    for (int64_t b = 0; b < blocks[s]; b++) {
      int64_t width = INT64_C(64) << s;
      resnet_block(&r, x, c, width, s && b == 0 ? 2 : 1, b == 0);
      c = 4 * width;
    }
  onnx_simple(&r.graph, "GlobalAveragePool", x, "g");
  resnet_pair(&r, "g", y);
  onnx_simple(&r.graph, "Flatten", y, "f");
  resnet_weights(&r, fc, 2, w);
  snprintf(inputs, sizeof inputs, "f,%s", w);
  pb gemm = onnx_node("Gemm", inputs, "y");
  onnx_int(&gemm, "transB", 1);
  onnx_end(&r.graph, &gemm);
  const int64_t in[] = {1, 3, 224, 224}, out[] = {1, 1000};
  onnx_value(&r.graph, 11, "x", 1, in, 4);
  onnx_value(&r.graph, 12, "y", 1, out, 2);
  return onnx_model(&r.graph, 13);
}

#endif
