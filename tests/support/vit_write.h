// ViT-S/16 in float32 with random weights: the shapes of the real one, for
// measuring speed; what it answers means nothing.
// Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021; Touvron et
// al., "Training data-efficient image transformers", 2021, table 1 (small).
#ifndef TESTS_SUPPORT_VIT_WRITE_H
#define TESTS_SUPPORT_VIT_WRITE_H

#include "support/onnx_write.h"

enum { VIT_WIDTH = 384, VIT_HEADS = 6, VIT_BLOCKS = 12, VIT_TOKENS = 197 };

typedef struct vit {
  pb graph;
  int n; // names given so far
  uint32_t seed;
} vit;

static inline void vit_name(vit *v, char out[16]) {
  snprintf(out, 16, "t%d", v->n++);
}

// Numbers of a middle size `scale`; the name of the tensor.
static inline void vit_weights(vit *v, const int64_t *dims, size_t dim_n,
                               float scale, char out[16]) {
  size_t n = onnx_product(dims, dim_n);
  float *data = malloc(n * sizeof *data);
  for (size_t i = 0; i < n; i++)
    data[i] = scale * onnx_noise(&v->seed);
  vit_name(v, out);
  onnx_tensor(&v->graph, out, 1, dims, dim_n, data, sizeof *data);
  free(data);
}

static inline void vit_shape(vit *v, const int64_t *dims, int64_t n,
                             char out[16]) {
  vit_name(v, out);
  onnx_tensor(&v->graph, out, 7, &n, 1, dims, sizeof *dims);
}

static inline void vit_two(vit *v, const char *op, const char *a, const char *b,
                           char out[16]) {
  char inputs[40];
  snprintf(inputs, sizeof inputs, "%s,%s", a, b);
  vit_name(v, out);
  onnx_simple(&v->graph, op, inputs, out);
}

static inline void vit_turn(vit *v, const char *x, const int64_t *order,
                            size_t n, char out[16]) {
  vit_name(v, out);
  pb node = onnx_node("Transpose", x, out);
  onnx_ints(&node, "perm", order, n);
  onnx_end(&v->graph, &node);
}

static inline void vit_reshape(vit *v, const char *x, const int64_t *dims,
                               int64_t n, char out[16]) {
  char shape[16];
  vit_shape(v, dims, n, shape);
  vit_two(v, "Reshape", x, shape, out);
}

// x w + b
static inline void vit_dense(vit *v, const char *x, int64_t in, int64_t out_n,
                             char out[16]) {
  char w[16], b[16], y[16];
  const int64_t dims[] = {in, out_n};
  vit_weights(v, dims, 2, 0.05f, w);
  vit_weights(v, dims + 1, 1, 0.05f, b);
  vit_two(v, "MatMul", x, w, y);
  vit_two(v, "Add", y, b, out);
}

static inline void vit_norm(vit *v, const char *x, char out[16]) {
  char scale[16], bias[16], inputs[56];
  const int64_t width = VIT_WIDTH;
  vit_weights(v, &width, 1, 1, scale);
  vit_weights(v, &width, 1, 0.1f, bias);
  snprintf(inputs, sizeof inputs, "%s,%s,%s", x, scale, bias);
  vit_name(v, out);
  pb node = onnx_node("LayerNormalization", inputs, out);
  onnx_int(&node, "axis", -1);
  onnx_end(&v->graph, &node);
}

// x (1 + erf(x / sqrt 2)) / 2
static inline void vit_gelu(vit *v, const char *x, char out[16]) {
  char a[16], b[16], c[16], d[16];
  vit_two(v, "Div", x, "root", a);
  vit_name(v, b);
  onnx_simple(&v->graph, "Erf", a, b);
  vit_two(v, "Add", b, "one", c);
  vit_two(v, "Mul", x, c, d);
  vit_two(v, "Mul", d, "half", out);
}

// One of queries, keys and values as [1 x heads x tokens x 64]; `order` turns.
static inline void vit_heads(vit *v, const char *x, const int64_t order[4],
                             char out[16]) {
  char a[16], b[16];
  const int64_t dims[] = {1, VIT_TOKENS, VIT_HEADS, VIT_WIDTH / VIT_HEADS};
  vit_dense(v, x, VIT_WIDTH, VIT_WIDTH, a);
  vit_reshape(v, a, dims, 4, b);
  vit_turn(v, b, order, 4, out);
}

static inline void vit_attention(vit *v, const char *x, char out[16]) {
  char q[16], k[16], values[16], a[16], b[16], c[16], d[16], e[16];
  const int64_t rows[] = {0, 2, 1, 3}, columns[] = {0, 2, 3, 1};
  const int64_t flat[] = {1, VIT_TOKENS, VIT_WIDTH};
  vit_heads(v, x, rows, q);
  vit_heads(v, x, columns, k);
  vit_heads(v, x, rows, values);
  vit_two(v, "MatMul", q, k, a);
  vit_two(v, "Mul", a, "eighth", b);
  vit_name(v, c);
  pb node = onnx_node("Softmax", b, c);
  onnx_int(&node, "axis", -1);
  onnx_end(&v->graph, &node);
  vit_two(v, "MatMul", c, values, d);
  vit_turn(v, d, rows, 4, e);
  vit_reshape(v, e, flat, 3, a);
  vit_dense(v, a, VIT_WIDTH, VIT_WIDTH, out);
}

static inline void vit_block(vit *v, char x[16]) {
  char a[16], b[16], c[16], d[16], y[16];
  vit_norm(v, x, a);
  vit_attention(v, a, b);
  vit_two(v, "Add", x, b, y);
  vit_norm(v, y, a);
  vit_dense(v, a, VIT_WIDTH, 4 * VIT_WIDTH, b);
  vit_gelu(v, b, c);
  vit_dense(v, c, 4 * VIT_WIDTH, VIT_WIDTH, d);
  vit_two(v, "Add", y, d, x);
}

// Patches of 16 x 16 as tokens behind the one of the class, places added.
static inline void vit_patches(vit *v, char x[16]) {
  char w[16], y[16], a[16], b[16], first[16], places[16], joined[40];
  const int64_t dims[] = {VIT_WIDTH, 3, 16, 16}, strides[] = {16, 16};
  const int64_t flat[] = {1, VIT_WIDTH, VIT_TOKENS - 1}, order[] = {0, 2, 1};
  const int64_t one[] = {1, 1, VIT_WIDTH}, all[] = {1, VIT_TOKENS, VIT_WIDTH};
  vit_weights(v, dims, 4, 0.05f, w);
  vit_name(v, y);
  snprintf(joined, sizeof joined, "x,%s", w);
  pb node = onnx_node("Conv", joined, y);
  onnx_ints(&node, "strides", strides, 2);
  onnx_end(&v->graph, &node);
  vit_reshape(v, y, flat, 3, a);
  vit_turn(v, a, order, 3, b);
  vit_weights(v, one, 3, 0.1f, first);
  vit_weights(v, all, 3, 0.1f, places);
  vit_name(v, y);
  snprintf(joined, sizeof joined, "%s,%s", first, b);
  node = onnx_node("Concat", joined, y);
  onnx_int(&node, "axis", 1);
  onnx_end(&v->graph, &node);
  vit_two(v, "Add", y, places, x);
}

static inline void vit_number(vit *v, const char *name, float value) {
  const int64_t none = 1;
  onnx_tensor(&v->graph, name, 1, &none, 0, &value, sizeof value);
}

static inline pb vit_small(void) {
  vit v = {.seed = 7};
  char x[16], a[16], y[16];
  const int64_t zero = 0, none = 1, in[] = {1, 3, 224, 224}, out[] = {1, 1000};
  vit_number(&v, "root", 1.41421356f), vit_number(&v, "one", 1);
  vit_number(&v, "half", 0.5f), vit_number(&v, "eighth", 0.125f);
  onnx_tensor(&v.graph, "first", 7, &none, 0, &zero, sizeof zero);
  vit_patches(&v, x);
  for (int i = 0; i < VIT_BLOCKS; i++)
    vit_block(&v, x);
  vit_norm(&v, x, a);
  pb node = onnx_node("Gather", "", "c");
  pb_text(&node, 1, a);
  pb_text(&node, 1, "first");
  onnx_int(&node, "axis", 1);
  onnx_end(&v.graph, &node);
  vit_dense(&v, "c", VIT_WIDTH, 1000, y);
  onnx_simple(&v.graph, "Identity", y, "y");
  onnx_value(&v.graph, 11, "x", 1, in, 4);
  onnx_value(&v.graph, 12, "y", 1, out, 2);
  return onnx_model(&v.graph, 17);
}

#endif
