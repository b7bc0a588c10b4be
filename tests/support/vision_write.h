// ResNet-50 and MobileNetV2 in eight bits with random weights: the shapes and
// the quantised form of the real ones (QDQ, weights per output channel), for
// measuring speed; what they answer means nothing.
// Source: He et al., "Deep Residual Learning for Image Recognition", 2016,
// table 1; Sandler et al., "MobileNetV2", 2018, table 2.
#ifndef TESTS_SUPPORT_VISION_WRITE_H
#define TESTS_SUPPORT_VISION_WRITE_H

#include "support/onnx_write.h"

enum { ONNX_U8 = 2, ONNX_I8 = 3 };

typedef struct vision {
  pb graph;
  int n; // names given so far
  uint32_t seed;
} vision;

static inline void vision_name(vision *v, char out[16]) {
  snprintf(out, 16, "t%d", v->n++);
}

// x -> quantise -> dequantise, as an exporter writes an activation.
static inline void vision_pair(vision *v, const char *x, char out[16]) {
  char q[16], inputs[48];
  vision_name(v, q);
  vision_name(v, out);
  snprintf(inputs, sizeof inputs, "%s,scale,zero", x);
  onnx_simple(&v->graph, "QuantizeLinear", inputs, q);
  snprintf(inputs, sizeof inputs, "%s,scale,zero", q);
  onnx_simple(&v->graph, "DequantizeLinear", inputs, out);
}

// Weights [m x c x k x k] in eight bits and their scales; the name of the
// dequantised ones.
static inline void vision_weights(vision *v, const int64_t *dims, size_t dim_n,
                                  char out[16]) {
  char w[16], s[16], z[16], inputs[64];
  size_t n = onnx_product(dims, dim_n), m = (size_t)dims[0];
  int8_t *data = malloc(n), *zeros = calloc(m, 1);
  float *scales = malloc(m * sizeof *scales);
  for (size_t i = 0; i < n; i++)
    data[i] = (int8_t)(100 * onnx_noise(&v->seed));
  for (size_t i = 0; i < m; i++)
    scales[i] = 0.002f;
  vision_name(v, w), vision_name(v, s), vision_name(v, z), vision_name(v, out);
  onnx_tensor(&v->graph, w, ONNX_I8, dims, dim_n, data, 1);
  onnx_tensor(&v->graph, s, 1, dims, 1, scales, 4);
  onnx_tensor(&v->graph, z, ONNX_I8, dims, 1, zeros, 1);
  snprintf(inputs, sizeof inputs, "%s,%s,%s", w, s, z);
  pb node = onnx_node("DequantizeLinear", inputs, out);
  onnx_int(&node, "axis", 0);
  onnx_end(&v->graph, &node);
  free(data), free(zeros), free(scales);
}

// A convolution of c channels to m, k x k; `map` ("Relu", "Clip" or NULL)
// behind it; groups = c for one filter a channel.
typedef struct vision_layer {
  int64_t c, m, k, stride, groups;
  const char *map;
} vision_layer;

// Convolution, map, pair.
static inline void vision_conv(vision *v, const char *x, vision_layer l,
                               char out[16]) {
  char w[16], y[16], a[16], inputs[48];
  const int64_t dims[] = {l.m, l.c / l.groups, l.k, l.k};
  const int64_t strides[] = {l.stride, l.stride};
  const int64_t pads[] = {l.k / 2, l.k / 2, l.k / 2, l.k / 2};
  vision_weights(v, dims, 4, w);
  vision_name(v, y);
  snprintf(inputs, sizeof inputs, "%s,%s", x, w);
  pb node = onnx_node("Conv", inputs, y);
  onnx_ints(&node, "strides", strides, 2);
  onnx_ints(&node, "pads", pads, 4);
  onnx_int(&node, "group", l.groups);
  onnx_end(&v->graph, &node);
  snprintf(a, sizeof a, "%s", y);
  if (l.map) {
    vision_name(v, a);
    snprintf(inputs, sizeof inputs, strcmp(l.map, "Clip") ? "%s" : "%s,lo,hi",
             y);
    onnx_simple(&v->graph, l.map, inputs, a);
  }
  vision_pair(v, a, out);
}

// 1x1, 3x3, 1x1 and the way around them.
static inline void resnet_block(vision *v, char x[16], int64_t c, int64_t width,
                                int64_t stride, int is_first) {
  char a[16], b[16], d[16], side[16], sum[16], act[16], inputs[48];
  vision_conv(v, x, (vision_layer){c, width, 1, 1, 1, "Relu"}, a);
  vision_conv(v, a, (vision_layer){width, width, 3, stride, 1, "Relu"}, b);
  vision_conv(v, b, (vision_layer){width, 4 * width, 1, 1, 1, NULL}, d);
  snprintf(side, sizeof side, "%s", x);
  if (is_first)
    vision_conv(v, x, (vision_layer){c, 4 * width, 1, stride, 1, NULL}, side);
  vision_name(v, sum), vision_name(v, act);
  snprintf(inputs, sizeof inputs, "%s,%s", d, side);
  onnx_simple(&v->graph, "Add", inputs, sum);
  onnx_simple(&v->graph, "Relu", sum, act);
  vision_pair(v, act, x);
}

// Scale, zero and limits that all activations share; quantises the input to x.
static inline void vision_begin(vision *v, char x[16]) {
  const int64_t one = 1;
  const float scale = 0.02f, lo = 0, hi = 6;
  const uint8_t zero = 0;
  onnx_tensor(&v->graph, "scale", 1, &one, 0, &scale, 4);
  onnx_tensor(&v->graph, "zero", ONNX_U8, &one, 0, &zero, 1);
  onnx_tensor(&v->graph, "lo", 1, &one, 0, &lo, 4);
  onnx_tensor(&v->graph, "hi", 1, &one, 0, &hi, 4);
  vision_pair(v, "x", x);
}

// Means of the channels, then one dense layer to n numbers; `in` is the shape
// of the input, its batch -1 for any.
static inline pb vision_end(vision *v, const char *x, int64_t c, int64_t n,
                            const int64_t in[4]) {
  char y[16], w[16], inputs[48];
  const int64_t dims[] = {n, c};
  onnx_simple(&v->graph, "GlobalAveragePool", x, "g");
  vision_pair(v, "g", y);
  onnx_simple(&v->graph, "Flatten", y, "f");
  vision_weights(v, dims, 2, w);
  snprintf(inputs, sizeof inputs, "f,%s", w);
  pb gemm = onnx_node("Gemm", inputs, "y");
  onnx_int(&gemm, "transB", 1);
  onnx_end(&v->graph, &gemm);
  const int64_t out[] = {in[0], n};
  onnx_value(&v->graph, 11, "x", 1, in, 4);
  onnx_value(&v->graph, 12, "y", 1, out, 2);
  return onnx_model(&v->graph, 13);
}

static inline pb resnet50(void) {
  vision v = {.seed = 5};
  const int64_t blocks[] = {3, 4, 6, 3}, two[] = {2, 2}, three[] = {3, 3};
  const int64_t pads[] = {1, 1, 1, 1};
  char x[16], y[16];
  vision_begin(&v, x);
  vision_conv(&v, x, (vision_layer){3, 64, 7, 2, 1, "Relu"}, y);
  vision_name(&v, x);
  pb pool = onnx_node("MaxPool", y, x);
  onnx_ints(&pool, "kernel_shape", three, 2);
  onnx_ints(&pool, "strides", two, 2);
  onnx_ints(&pool, "pads", pads, 4);
  onnx_end(&v.graph, &pool);
  vision_pair(&v, x, y);
  snprintf(x, sizeof x, "%s", y);
  int64_t c = 64;
  for (int s = 0; s < 4; s++)
    for (int64_t b = 0; b < blocks[s]; b++) {
      int64_t width = INT64_C(64) << s;
      resnet_block(&v, x, c, width, s && b == 0 ? 2 : 1, b == 0);
      c = 4 * width;
    }
  return vision_end(&v, x, c, 1000, (const int64_t[]){1, 3, 224, 224});
}

// Widen, one filter a channel, narrow; around it where the shape stays.
static inline void mobilenet_block(vision *v, char x[16], int64_t c, int64_t m,
                                   int64_t widen, int64_t stride) {
  char a[16], b[16], d[16], sum[16], inputs[48];
  int64_t wide = c * widen;
  snprintf(a, sizeof a, "%s", x);
  if (widen > 1)
    vision_conv(v, x, (vision_layer){c, wide, 1, 1, 1, "Clip"}, a);
  vision_conv(v, a, (vision_layer){wide, wide, 3, stride, wide, "Clip"}, b);
  vision_conv(v, b, (vision_layer){wide, m, 1, 1, 1, NULL}, d);
  if (stride == 1 && c == m) {
    vision_name(v, sum);
    snprintf(inputs, sizeof inputs, "%s,%s", d, x);
    onnx_simple(&v->graph, "Add", inputs, sum);
    vision_pair(v, sum, x);
  } else {
    snprintf(x, 16, "%s", d);
  }
}

// MobileNetV2 of width 1 for pictures of channels x side x side, n outputs, any
// batch.
static inline pb mobilenet_v2(int64_t side, int64_t channels, int64_t n) {
  static const int64_t table[7][4] = {
      // widen, channels, blocks, stride
      {1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
      {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  vision v = {.seed = 6};
  char x[16], y[16];
  vision_begin(&v, y);
  vision_conv(&v, y, (vision_layer){channels, 32, 3, 2, 1, "Clip"}, x);
  int64_t c = 32;
  for (int s = 0; s < 7; s++)
    for (int64_t b = 0; b < table[s][2]; b++) {
      mobilenet_block(&v, x, c, table[s][1], table[s][0],
                      b == 0 ? table[s][3] : 1);
      c = table[s][1];
    }
  vision_conv(&v, x, (vision_layer){c, 1280, 1, 1, 1, "Clip"}, y);
  return vision_end(&v, y, 1280, n,
                    (const int64_t[]){-1, channels, side, side});
}

#endif
