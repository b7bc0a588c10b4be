// Nodes of an ONNX chain that reshape or map, and what all nodes share.
#include "infer/chain.h"

#include <float.h>  // FLT_MAX
#include <stdlib.h> // malloc, free

int lw_chain_refuse(const lw_chain *c, const lw_onnx_node *node,
                    const char *what) {
  return lw_err_set(c->e, LW_E_UNSUPPORTED, "%.*s '%.*s': %s; use onnxruntime",
                    (int)(node->op.n < 40 ? node->op.n : 40), node->op.text,
                    (int)(node->out.n < 40 ? node->out.n : 40), node->out.text,
                    what);
}

lw_layer lw_chain_layer(const lw_chain *c, int kind) {
  return (lw_layer){.kind = kind,
                    .width = c->width,
                    .channels = c->channels,
                    .out_width = c->width,
                    .out_channels = c->channels,
                    .window = 1,
                    .stride = 1};
}

int lw_chain_add(lw_chain *c, const lw_layer *l) {
  int rc = lw_net_add(c->net, l, c->e);
  c->width = l->out_width;
  c->channels = l->out_channels;
  return rc;
}

static int turn(lw_chain *c, int kind, int is_planes) {
  int is_same = c->is_planes == is_planes || c->width == 1 || c->channels == 1;
  c->is_planes = is_planes;
  if (is_same)
    return 0;
  lw_layer l = lw_chain_layer(c, kind);
  return lw_chain_add(c, &l);
}

int lw_chain_rows(lw_chain *c) {
  return turn(c, LW_LAYER_to_rows, 0);
}

int lw_chain_planes(lw_chain *c) {
  return turn(c, LW_LAYER_to_planes, 1);
}

float *lw_chain_constant(const lw_chain *c, const lw_onnx_node *node,
                         uint32_t i, size_t *count, int *rc) {
  const lw_onnx_tensor *t = i < node->in_n && i < LW_ONNX_IN_MAX
                                ? lw_onnx_find(c->graph, node->in[i])
                                : NULL;
  if (!t) {
    *rc = lw_chain_refuse(c, node, "an input that is no constant");
    return NULL;
  }
  // Each element takes at least one byte, so the file bounds the memory.
  if ((*count && t->count != *count) || t->count > t->n || t->count == 0) {
    *rc = lw_err_set(c->e, LW_E_CORRUPT, "constant '%.*s' has a wrong size",
                     (int)(t->name.n < 60 ? t->name.n : 60), t->name.text);
    return NULL;
  }
  float *x = malloc(t->count * sizeof *x);
  *rc = x ? lw_onnx_floats(t, x) : LW_E_NOMEM;
  if (*rc < 0) {
    lw_err_set(c->e, *rc, "constant '%.*s' cannot be read",
               (int)(t->name.n < 60 ? t->name.n : 60), t->name.text);
    free(x);
    return NULL;
  }
  *count = t->count;
  return x;
}

// ------------------------------------------------------------------- maps ---

static int add_map(lw_chain *c, int map, float a, float b) {
  lw_layer l = lw_chain_layer(c, LW_LAYER_copy);
  l.map = map, l.a = a, l.b = b;
  return lw_chain_add(c, &l);
}

// A bound of Clip: an attribute in old files, an input in newer ones.
static int bound(const lw_chain *c, const lw_onnx_node *node, uint32_t i,
                 const char *name, float *x) {
  *x = lw_onnx_float(node, name, *x);
  if (i >= node->in_n || node->in[i].n == 0)
    return 0;
  int rc;
  size_t one = 1;
  float *value = lw_chain_constant(c, node, i, &one, &rc);
  if (value)
    *x = *value;
  free(value);
  return rc;
}

static int add_clip(lw_chain *c, const lw_onnx_node *node) {
  float lo = -FLT_MAX, hi = FLT_MAX;
  int rc = bound(c, node, 1, "min", &lo);
  rc = rc < 0 ? rc : bound(c, node, 2, "max", &hi);
  return rc < 0 ? rc : add_map(c, LW_MAP_clip, lo, hi);
}

static int add_softmax(lw_chain *c, const lw_onnx_node *node) {
  int64_t axis = lw_onnx_int(node, "axis", c->graph->opset < 13 ? 1 : -1);
  if (c->rank != 2 || (axis != -1 && axis != 1))
    return lw_chain_refuse(c, node, "not over the last of two dimensions");
  lw_layer l = lw_chain_layer(c, LW_LAYER_softmax);
  return lw_chain_add(c, &l);
}

static int is_op(const lw_onnx_node *node, const char *op) {
  return lw_onnx_is_word(node->op, op);
}

static int map_node(lw_chain *c, const lw_onnx_node *node, int *rc) {
  if (is_op(node, "Relu"))
    *rc = add_map(c, LW_MAP_relu, 0, 0);
  else if (is_op(node, "LeakyRelu"))
    *rc = add_map(c, LW_MAP_leaky_relu, lw_onnx_float(node, "alpha", 0.01f), 0);
  else if (is_op(node, "Tanh"))
    *rc = add_map(c, LW_MAP_tanh, 0, 0);
  else if (is_op(node, "Sigmoid"))
    *rc = add_map(c, LW_MAP_sigmoid, 0, 0);
  else if (is_op(node, "Elu"))
    *rc = add_map(c, LW_MAP_elu, lw_onnx_float(node, "alpha", 1), 0);
  else if (is_op(node, "Softplus"))
    *rc = add_map(c, LW_MAP_softplus, 0, 0);
  else if (is_op(node, "Clip"))
    *rc = add_clip(c, node);
  else if (is_op(node, "Softmax"))
    *rc = add_softmax(c, node);
  else
    return 0;
  return 1;
}

// ----------------------------------------------------------------- shapes ---

static int flatten(lw_chain *c) {
  int rc = lw_chain_planes(c);
  c->channels *= c->width;
  c->width = 1;
  c->rank = 2;
  return rc;
}

static int to_three(lw_chain *c, uint32_t channels, uint32_t width) {
  c->channels = channels;
  c->width = width;
  c->rank = 3;
  c->is_planes = 1;
  return 0;
}

// [0 or -1, rest] to two dimensions, [0 or -1, a, b] to three.
static int reshape(lw_chain *c, const lw_onnx_node *node) {
  int64_t to[3] = {0};
  const lw_onnx_tensor *t =
      node->in_n == 2 ? lw_onnx_find(c->graph, node->in[1]) : NULL;
  if (!t || t->count < 2 || t->count > 3 || lw_onnx_ints(t, to) < 0 ||
      to[0] > 1)
    return lw_chain_refuse(c, node, "the new shape is not [batch, ...]");
  int64_t n = (int64_t)c->channels * c->width;
  if (t->count == 2)
    return to[1] == n || (to[1] == -1 && to[0] >= 0)
               ? flatten(c)
               : lw_chain_refuse(c, node, "the new shape does not fit");
  int64_t a = to[1] == 0 ? c->channels : to[1], b = to[2];
  a = a == -1 && b > 0 && to[0] >= 0 ? n / b : a;
  b = b == -1 && a > 0 && to[0] >= 0 ? n / a : b;
  if (a < 1 || b < 1 || a > n || b > n || a * b != n)
    return lw_chain_refuse(c, node, "the new shape does not fit");
  int rc = flatten(c);
  return rc < 0 ? rc : to_three(c, (uint32_t)a, (uint32_t)b);
}

// The one axis of Squeeze and Unsqueeze, counted from the front of `rank`.
static int64_t axis_of(const lw_chain *c, const lw_onnx_node *node, int rank) {
  int64_t axis = 99;
  const lw_onnx_tensor *t =
      node->in_n == 2 ? lw_onnx_find(c->graph, node->in[1]) : NULL;
  if (t ? t->count != 1 || lw_onnx_ints(t, &axis) < 0
        : lw_onnx_int_list(node, "axes", &axis, 1) != 1)
    return 99;
  return axis < 0 ? axis + rank : axis;
}

static int unsqueeze(lw_chain *c, const lw_onnx_node *node) {
  int64_t axis = axis_of(c, node, 3);
  if (c->rank == 2 && axis == 1)
    return to_three(c, 1, c->channels);
  if (c->rank == 2 && axis == 2)
    return to_three(c, c->channels, 1);
  return lw_chain_refuse(c, node, "not from two to three dimensions");
}

static int squeeze(lw_chain *c, const lw_onnx_node *node) {
  int64_t axis = axis_of(c, node, 3);
  if (c->rank == 3 &&
      ((axis == 1 && c->channels == 1) || (axis == 2 && c->width == 1)))
    return flatten(c);
  return lw_chain_refuse(c, node, "not from three to two dimensions");
}

static int shape_node(lw_chain *c, const lw_onnx_node *node, int *rc) {
  if (is_op(node, "Identity") || is_op(node, "Dropout"))
    *rc = 0;
  else if (is_op(node, "Flatten"))
    *rc = lw_onnx_int(node, "axis", 1) == 1
              ? flatten(c)
              : lw_chain_refuse(c, node, "only axis 1 is read");
  else if (is_op(node, "Reshape"))
    *rc = reshape(c, node);
  else if (is_op(node, "Squeeze"))
    *rc = squeeze(c, node);
  else if (is_op(node, "Unsqueeze"))
    *rc = unsqueeze(c, node);
  else
    return 0;
  return 1;
}

int lw_chain_node(lw_chain *c, const lw_onnx_node *node) {
  int rc = 0;
  if (node->domain.n && !lw_onnx_is_word(node->domain, "ai.onnx"))
    return lw_chain_refuse(c, node, "an operator of another domain");
  if (is_op(node, "Gemm") || is_op(node, "MatMul"))
    return lw_chain_dense(c, node);
  if (is_op(node, "Conv") || is_op(node, "MaxPool") ||
      is_op(node, "AveragePool") || is_op(node, "GlobalAveragePool") ||
      is_op(node, "GlobalMaxPool"))
    return lw_chain_window(c, node);
  if (is_op(node, "Add") || is_op(node, "Sub") || is_op(node, "Mul") ||
      is_op(node, "Div") || is_op(node, "BatchNormalization"))
    return lw_chain_scale(c, node);
  if (map_node(c, node, &rc) || shape_node(c, node, &rc))
    return rc;
  return lw_chain_refuse(c, node, "an operator that tiny does not have");
}
