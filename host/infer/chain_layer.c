// Nodes of an ONNX chain that carry weights, and pools.
#include <math.h>   // sqrtf
#include <stdlib.h> // malloc, free
#include <string.h> // memcpy

#include "infer/chain.h"

static int is_op(const lw_onnx_node *node, const char *op) {
  return lw_onnx_is_word(node->op, op);
}

static int no_memory(const lw_chain *c) {
  return lw_err_set(c->e, LW_E_NOMEM, "out of memory for a layer");
}

// ------------------------------------------------------------------ dense ---

// Append y = x w + bias; w [k x n] is read only, bias [n] may be NULL.
static int add_dense(lw_chain *c, lw_layer *l, const float *w,
                     const float *bias) {
  size_t k = (size_t)l->window * l->channels, n = l->out_channels;
  l->weights = lw_net_pack(w, k, n);
  l->bias = lw_net_floats(lw_net_padded(n));
  if (!l->weights || !l->bias) {
    free(l->weights);
    free(l->bias);
    return no_memory(c);
  }
  if (bias)
    memcpy(l->bias, bias, n * sizeof *bias);
  return lw_chain_add(c, l);
}

// Gemm's third input: absent, one number, or one for each output.
static int read_bias(const lw_chain *c, const lw_onnx_node *node, size_t n,
                     float beta, float **bias) {
  *bias = NULL;
  if (node->in_n < 3 || node->in[2].n == 0)
    return 0;
  int rc;
  size_t count = 0;
  float *given = lw_chain_constant(c, node, 2, &count, &rc);
  if (!given)
    return rc;
  *bias = count == 1 || count == n ? malloc(n * sizeof **bias) : NULL;
  for (size_t i = 0; *bias && i < n; i++)
    (*bias)[i] = beta * given[count == 1 ? 0 : i];
  free(given);
  if (*bias)
    return 0;
  return count == 1 || count == n ? no_memory(c)
                                  : lw_chain_refuse(c, node, "an odd bias");
}

// The weights as [k x n], scaled.
static void turn_scale(float *to, const float *from, size_t k, size_t n,
                       int is_turned, float alpha) {
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < n; j++)
      to[i * n + j] = alpha * (is_turned ? from[j * k + i] : from[i * n + j]);
}

static int gemm(lw_chain *c, const lw_onnx_node *node, const float *w,
                const lw_onnx_tensor *t, float *room) {
  int is_gemm = is_op(node, "Gemm");
  int is_turned = is_gemm && lw_onnx_int(node, "transB", 0);
  size_t k = (size_t)t->dims[is_turned], n = (size_t)t->dims[!is_turned];
  float alpha = is_gemm ? lw_onnx_float(node, "alpha", 1) : 1, *bias = NULL;
  turn_scale(room, w, k, n, is_turned, alpha);
  int rc = is_gemm
               ? read_bias(c, node, n, lw_onnx_float(node, "beta", 1), &bias)
               : 0;
  lw_layer l = lw_chain_layer(c, LW_LAYER_dense);
  l.out_channels = (uint32_t)n;
  if (rc == 0)
    rc = add_dense(c, &l, room, bias);
  free(bias);
  return rc;
}

int lw_chain_dense(lw_chain *c, const lw_onnx_node *node) {
  const lw_onnx_tensor *t =
      node->in_n >= 2 ? lw_onnx_find(c->graph, node->in[1]) : NULL;
  if (c->rank != 2 || !t || t->dim_n != 2 || lw_onnx_int(node, "transA", 0))
    return lw_chain_refuse(c, node, "not rows times a constant matrix");
  int is_turned = is_op(node, "Gemm") && lw_onnx_int(node, "transB", 0);
  if (t->dims[is_turned] != c->channels || t->dims[!is_turned] < 1)
    return lw_err_set(
        c->e, LW_E_CORRUPT, "'%.*s' takes %lld features, %u come in",
        (int)(node->out.n < 60 ? node->out.n : 60), node->out.text,
        (long long)t->dims[is_turned], c->channels);
  int rc;
  size_t count = t->count;
  float *w = lw_chain_constant(c, node, 1, &count, &rc);
  float *room = w ? malloc(count * sizeof *room) : NULL;
  if (w)
    rc = room ? gemm(c, node, w, t, room) : no_memory(c);
  free(room);
  free(w);
  return rc;
}

// ---------------------------------------------------------------- windows ---

typedef struct window {
  uint32_t size, stride, gap; // gap: dilation
  uint32_t left, right;       // padding
  uint32_t span;              // places from the first to the last, inclusive
} window;

static int read_window(const lw_chain *c, const lw_onnx_node *node,
                       int64_t size, window *w) {
  int64_t stride = 1, gap = 1, pads[2] = {0, 0};
  size_t strides = lw_onnx_int_list(node, "strides", &stride, 1);
  size_t gaps = lw_onnx_int_list(node, "dilations", &gap, 1);
  size_t pad_n = lw_onnx_int_list(node, "pads", pads, 2);
  lw_onnx_word automatic = lw_onnx_text(node, "auto_pad");
  if (automatic.n && !lw_onnx_is_word(automatic, "NOTSET") &&
      !lw_onnx_is_word(automatic, "VALID"))
    return lw_chain_refuse(c, node, "auto_pad");
  if (strides > 1 || gaps > 1 || (pad_n && pad_n != 2))
    return lw_chain_refuse(c, node, "not along one dimension");
  int64_t span = (size - 1) * gap + 1;
  if (size < 1 || size > 4096 || stride < 1 || stride > 4096 || gap < 1 ||
      gap > 4096 || span > 65536 || pads[0] < 0 || pads[1] < 0 ||
      pads[0] > 65536 || pads[1] > 65536 || span > c->width + pads[0] + pads[1])
    return lw_chain_refuse(c, node, "a window that does not fit");
  if (lw_onnx_int(node, "ceil_mode", 0))
    return lw_chain_refuse(c, node, "ceil_mode");
  *w = (window){(uint32_t)size,    (uint32_t)stride,  (uint32_t)gap,
                (uint32_t)pads[0], (uint32_t)pads[1], (uint32_t)span};
  return 0;
}

static lw_layer window_layer(const lw_chain *c, int kind, const window *w) {
  lw_layer l = lw_chain_layer(c, kind);
  l.window = w->span, l.stride = w->stride;
  l.pad_left = w->left, l.pad_right = w->right;
  l.out_width = (c->width + w->left + w->right - w->span) / w->stride + 1;
  return l;
}

// Weights [m x c/groups x size] as [span * c x m]: gaps and the other groups'
// channels are zeros.
static float *spread(const float *from, const window *w, size_t channels,
                     size_t m, size_t groups) {
  size_t per = channels / groups, out_per = m / groups;
  float *to = calloc(w->span * channels * m, sizeof *to);
  for (size_t j = 0; to && j < m; j++)
    for (size_t i = 0; i < per; i++)
      for (size_t k = 0; k < w->size; k++) {
        size_t channel = j / out_per * per + i;
        to[(k * w->gap * channels + channel) * m + j] =
            from[(j * per + i) * w->size + k];
      }
  return to;
}

static int add_conv(lw_chain *c, const lw_onnx_node *node, lw_layer *l,
                    const float *spread_out) {
  int rc = 0;
  size_t count = l->out_channels;
  float *bias = NULL;
  if (node->in_n > 2 && node->in[2].n)
    bias = lw_chain_constant(c, node, 2, &count, &rc);
  if (rc == 0)
    rc = add_dense(c, l, spread_out, bias);
  free(bias);
  return rc;
}

static int conv(lw_chain *c, const lw_onnx_node *node) {
  const lw_onnx_tensor *t =
      node->in_n >= 2 ? lw_onnx_find(c->graph, node->in[1]) : NULL;
  int64_t groups = lw_onnx_int(node, "group", 1);
  window w;
  if (!t || t->dim_n != 3 || groups < 1 || groups > c->channels ||
      c->channels % groups || t->dims[0] < 1 || t->dims[0] % groups ||
      t->dims[1] != c->channels / groups || t->dims[0] > 65536)
    return lw_chain_refuse(c, node, "not a convolution along one dimension");
  int rc = read_window(c, node, t->dims[2], &w);
  lw_layer l = window_layer(c, LW_LAYER_dense, &w);
  l.out_channels = (uint32_t)t->dims[0];
  if (rc == 0 &&
      (double)w.span * c->channels * l.out_channels > LW_NET_COST_MAX)
    rc = lw_chain_refuse(c, node, "too large");
  if (rc < 0)
    return rc;
  size_t count = t->count;
  float *given = lw_chain_constant(c, node, 1, &count, &rc);
  float *to =
      given ? spread(given, &w, c->channels, l.out_channels, (size_t)groups)
            : NULL;
  if (given)
    rc = to ? add_conv(c, node, &l, to) : no_memory(c);
  free(to);
  free(given);
  return rc;
}

static int pool(lw_chain *c, const lw_onnx_node *node) {
  int is_global =
      is_op(node, "GlobalAveragePool") || is_op(node, "GlobalMaxPool");
  int is_max = is_op(node, "MaxPool") || is_op(node, "GlobalMaxPool");
  int64_t size = c->width;
  window w = {c->width, 1, 1, 0, 0, c->width};
  if (!is_global && lw_onnx_int_list(node, "kernel_shape", &size, 1) != 1)
    return lw_chain_refuse(c, node, "not along one dimension");
  int rc = is_global ? 0 : read_window(c, node, size, &w);
  if (rc == 0 && w.gap != 1)
    rc = lw_chain_refuse(c, node, "dilations");
  // A window that sees nothing but padding has no mean and no maximum.
  if (rc == 0 && (w.left >= w.span || w.right >= w.span))
    rc = lw_chain_refuse(c, node, "more padding than window");
  if (rc < 0)
    return rc;
  lw_layer l =
      window_layer(c, is_max ? LW_LAYER_max_pool : LW_LAYER_mean_pool, &w);
  l.counts_pad = lw_onnx_int(node, "count_include_pad", 0) != 0;
  return lw_chain_add(c, &l);
}

int lw_chain_window(lw_chain *c, const lw_onnx_node *node) {
  if (c->rank != 3)
    return lw_chain_refuse(c, node, "not [batch, channels, width]");
  int rc = lw_chain_rows(c);
  if (rc < 0)
    return rc;
  return is_op(node, "Conv") ? conv(c, node) : pool(c, node);
}

// ------------------------------------------------------------------ scale ---

// y = a x + b for each channel; a, b [channels] are read only.
static int add_scale(lw_chain *c, const float *a, const float *b) {
  int rc = lw_chain_rows(c);
  lw_layer l = lw_chain_layer(c, LW_LAYER_scale);
  l.weights = lw_net_floats(c->channels);
  l.bias = lw_net_floats(c->channels);
  if (rc < 0 || !l.weights || !l.bias) {
    free(l.weights);
    free(l.bias);
    return rc < 0 ? rc : no_memory(c);
  }
  memcpy(l.weights, a, c->channels * sizeof *a);
  memcpy(l.bias, b, c->channels * sizeof *b);
  return lw_chain_add(c, &l);
}

static int batch_norm(lw_chain *c, const lw_onnx_node *node, float *ab) {
  float *p[4] = {0}, epsilon = lw_onnx_float(node, "epsilon", 1e-5f);
  size_t n = c->channels;
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < 4; i++) {
    size_t count = n;
    p[i] = lw_chain_constant(c, node, i + 1, &count, &rc);
  }
  for (size_t i = 0; rc == 0 && i < n; i++) {
    ab[i] = p[0][i] / sqrtf(p[3][i] + epsilon);
    ab[n + i] = p[1][i] - p[2][i] * ab[i];
  }
  for (int i = 0; i < 4; i++)
    free(p[i]);
  return rc < 0 ? rc : add_scale(c, ab, ab + n);
}

static void fill_scale(const lw_onnx_node *node, int is_second, float v,
                       float *a, float *b) {
  *a = 1, *b = 0;
  if (is_op(node, "Add"))
    *b = v;
  else if (is_op(node, "Mul"))
    *a = v;
  else if (is_op(node, "Div"))
    *a = 1 / v;
  else if (is_second) // x - v
    *b = -v;
  else // v - x
    *a = -1, *b = v;
}

// Does the constant hold one number for each channel, or one for all?
static int is_per_channel(const lw_chain *c, const lw_onnx_tensor *t) {
  if (t->count == 1)
    return 1;
  if (t->count != c->channels || t->dim_n > c->rank)
    return 0;
  // Aligned at the end: [features], or [channels, 1].
  int from_end = c->rank == 2 ? 1 : 2;
  return t->dim_n >= from_end && t->dims[t->dim_n - from_end] == c->channels;
}

static int arithmetic(lw_chain *c, const lw_onnx_node *node, float *ab) {
  uint32_t at = lw_onnx_same(node->in[0], c->at) ? 1 : 0;
  const lw_onnx_tensor *t = lw_onnx_find(c->graph, node->in[at]);
  if (!t || !is_per_channel(c, t) || (at == 0 && is_op(node, "Div")))
    return lw_chain_refuse(c, node, "not with one constant for each channel");
  int rc;
  size_t count = 0, n = c->channels;
  float *v = lw_chain_constant(c, node, at, &count, &rc);
  if (!v)
    return rc;
  for (size_t i = 0; i < n; i++)
    fill_scale(node, at == 1, v[count == 1 ? 0 : i], &ab[i], &ab[n + i]);
  free(v);
  // A bias of its own belongs to the dense layer before it.
  lw_net *net = c->net;
  lw_layer *last = net->layer_n ? &net->layers[net->layer_n - 1] : NULL;
  if (!is_op(node, "Add") || !last || last->kind != LW_LAYER_dense || last->map)
    return add_scale(c, ab, ab + n);
  for (size_t i = 0; i < n; i++)
    last->bias[i] += ab[n + i];
  return 0;
}

int lw_chain_scale(lw_chain *c, const lw_onnx_node *node) {
  float *ab = malloc(2 * (size_t)c->channels * sizeof *ab);
  if (!ab)
    return no_memory(c);
  int rc = is_op(node, "BatchNormalization") ? batch_norm(c, node, ab)
           : node->in_n == 2                 ? arithmetic(c, node, ab)
                             : lw_chain_refuse(c, node, "not two inputs");
  free(ab);
  return rc;
}
