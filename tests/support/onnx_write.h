// Writes small ONNX files, for tests and benches: no library needed, and a
// second opinion on the reader.
#ifndef TESTS_SUPPORT_ONNX_WRITE_H
#define TESTS_SUPPORT_ONNX_WRITE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pb {
  uint8_t *data;
  size_t n, cap;
} pb;

static inline void pb_bytes(pb *p, const void *data, size_t n) {
  while (p->n + n > p->cap) {
    p->cap = p->cap ? p->cap * 2 : 1024;
    p->data = realloc(p->data, p->cap);
  }
  if (n)
    memcpy(p->data + p->n, data, n);
  p->n += n;
}

static inline void pb_varint(pb *p, uint64_t v) {
  do {
    uint8_t byte = (uint8_t)(v & 0x7f);
    v >>= 7;
    byte |= v ? 0x80 : 0;
    pb_bytes(p, &byte, 1);
  } while (v);
}

static inline void pb_int(pb *p, uint32_t field, int64_t v) {
  pb_varint(p, field << 3);
  pb_varint(p, (uint64_t)v);
}

static inline void pb_float(pb *p, uint32_t field, float v) {
  pb_varint(p, field << 3 | 5);
  pb_bytes(p, &v, sizeof v);
}

static inline void pb_block(pb *p, uint32_t field, const void *data, size_t n) {
  pb_varint(p, field << 3 | 2);
  pb_varint(p, n);
  pb_bytes(p, data, n);
}

static inline void pb_text(pb *p, uint32_t field, const char *text) {
  pb_block(p, field, text, strlen(text));
}

// Closes `part` into `p`.
static inline void pb_message(pb *p, uint32_t field, pb *part) {
  pb_block(p, field, part->data, part->n);
  free(part->data);
  *part = (pb){0};
}

// An attribute of a node: write it, then close the node.
static inline void onnx_int(pb *node, const char *name, int64_t v) {
  pb a = {0};
  pb_text(&a, 1, name);
  pb_int(&a, 3, v);
  pb_int(&a, 20, 2);
  pb_message(node, 5, &a);
}

static inline void onnx_float(pb *node, const char *name, float v) {
  pb a = {0};
  pb_text(&a, 1, name);
  pb_float(&a, 2, v);
  pb_int(&a, 20, 1);
  pb_message(node, 5, &a);
}

static inline void onnx_ints(pb *node, const char *name, const int64_t *v,
                             size_t n) {
  pb a = {0};
  pb_text(&a, 1, name);
  for (size_t i = 0; i < n; i++)
    pb_int(&a, 8, v[i]);
  pb_int(&a, 20, 7);
  pb_message(node, 5, &a);
}

static inline void onnx_floats(pb *node, const char *name, const float *v,
                               size_t n) {
  pb a = {0};
  pb_text(&a, 1, name);
  for (size_t i = 0; i < n; i++)
    pb_float(&a, 7, v[i]);
  pb_int(&a, 20, 6);
  pb_message(node, 5, &a);
}

static inline void onnx_text(pb *node, const char *name, const char *v) {
  pb a = {0};
  pb_text(&a, 1, name);
  pb_text(&a, 4, v);
  pb_int(&a, 20, 3);
  pb_message(node, 5, &a);
}

static inline void onnx_texts(pb *node, const char *name, const char *v,
                              size_t n) {
  pb a = {0};
  pb_text(&a, 1, name);
  for (size_t i = 0; i < n; i++)
    pb_text(&a, 9, v);
  pb_int(&a, 20, 8);
  pb_message(node, 5, &a);
}

// "x,w,b" are the inputs; the node stays open for attributes.
static inline pb onnx_node(const char *op, const char *inputs,
                           const char *output) {
  pb node = {0};
  char name[64];
  for (const char *at = inputs; *at; at += strspn(at, ",")) {
    size_t n = strcspn(at, ",");
    snprintf(name, sizeof name, "%.*s", (int)n, at);
    pb_text(&node, 1, name);
    at += n;
  }
  pb_text(&node, 2, output);
  pb_text(&node, 4, op);
  return node;
}

static inline void onnx_end(pb *graph, pb *node) {
  pb_message(graph, 1, node);
}

static inline void onnx_simple(pb *graph, const char *op, const char *inputs,
                               const char *output) {
  pb node = onnx_node(op, inputs, output);
  onnx_end(graph, &node);
}

static inline size_t onnx_product(const int64_t *dims, size_t dim_n) {
  size_t n = 1;
  for (size_t i = 0; i < dim_n; i++)
    n *= (size_t)dims[i];
  return n;
}

static inline void onnx_tensor(pb *graph, const char *name, int type,
                               const int64_t *dims, size_t dim_n,
                               const void *data, size_t size) {
  pb t = {0};
  for (size_t i = 0; i < dim_n; i++)
    pb_int(&t, 1, dims[i]);
  pb_int(&t, 2, type);
  pb_text(&t, 8, name);
  pb_block(&t, 9, data, onnx_product(dims, dim_n) * size);
  pb_message(graph, 5, &t);
}

static inline void onnx_weights(pb *graph, const char *name, int64_t a,
                                int64_t b, const float *data) {
  int64_t dims[] = {a, b};
  onnx_tensor(graph, name, 1, dims, b ? 2 : 1, data, sizeof *data);
}

// field 11: an input, 12: an output; -1 in dims is a batch of any size.
static inline void onnx_value(pb *graph, uint32_t field, const char *name,
                              int type, const int64_t *dims, size_t dim_n) {
  pb shape = {0}, tensor = {0}, kind = {0}, value = {0};
  for (size_t i = 0; i < dim_n; i++) {
    pb dim = {0};
    if (dims[i] < 0)
      pb_text(&dim, 2, "batch");
    else
      pb_int(&dim, 1, dims[i]);
    pb_message(&shape, 1, &dim);
  }
  pb_int(&tensor, 1, type);
  pb_message(&tensor, 2, &shape);
  pb_message(&kind, 1, &tensor);
  pb_text(&value, 1, name);
  pb_message(&value, 2, &kind);
  pb_message(graph, field, &value);
}

static inline void onnx_opset(pb *model, const char *domain, int64_t version) {
  pb opset = {0};
  if (*domain)
    pb_text(&opset, 1, domain);
  pb_int(&opset, 2, version);
  pb_message(model, 8, &opset);
}

// The whole file; the graph is closed into it.
static inline pb onnx_model(pb *graph, int64_t opset) {
  pb model = {0};
  pb_int(&model, 1, 8);
  pb_text(&model, 2, "linewright tests");
  pb_text(graph, 2, "g");
  pb_message(&model, 7, graph);
  onnx_opset(&model, "", opset);
  return model;
}

static inline int onnx_save(pb *model, const char *path) {
  FILE *f = fopen(path, "wb");
  size_t n = f ? fwrite(model->data, 1, model->n, f) : 0;
  int ok = f && fclose(f) == 0 && n == model->n;
  free(model->data);
  *model = (pb){0};
  return ok;
}

// Numbers that look random and are the same everywhere.
static inline float onnx_noise(uint32_t *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (float)(*seed >> 8) / (float)(1 << 24) * 2 - 1;
}

// A multilayer perceptron: sizes [layers + 1], `map` between the layers.
static inline pb onnx_mlp(const int64_t *sizes, size_t layers, const char *map,
                          uint32_t seed) {
  pb graph = {0};
  char in[32] = "x", out[32], name[96];
  for (size_t l = 0; l < layers; l++) {
    int64_t k = sizes[l], n = sizes[l + 1];
    float *w = malloc((size_t)(k * n) * sizeof *w), scale = 1;
    float *b = malloc((size_t)n * sizeof *b);
    while (scale * scale * (float)k > 3)
      scale *= 0.9f;
    for (int64_t i = 0; i < k * n; i++)
      w[i] = scale * onnx_noise(&seed);
    for (int64_t i = 0; i < n; i++)
      b[i] = 0.2f * onnx_noise(&seed);
    snprintf(name, sizeof name, "w%zu", l);
    onnx_weights(&graph, name, k, n, w);
    snprintf(name, sizeof name, "b%zu", l);
    onnx_weights(&graph, name, n, 0, b);
    int is_last = l + 1 == layers;
    snprintf(out, sizeof out, is_last ? "y" : "h%zu", l);
    snprintf(name, sizeof name, "%s,w%zu,b%zu", in, l, l);
    onnx_simple(&graph, "Gemm", name, out);
    if (!is_last) {
      snprintf(in, sizeof in, "a%zu", l);
      onnx_simple(&graph, map, out, in);
    }
    free(w);
    free(b);
  }
  int64_t in_dims[] = {-1, sizes[0]}, out_dims[] = {-1, sizes[layers]};
  onnx_value(&graph, 11, "x", 1, in_dims, 2);
  onnx_value(&graph, 12, "y", 1, out_dims, 2);
  return onnx_model(&graph, 13);
}

#endif
