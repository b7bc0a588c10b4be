// An ONNX file as a chain of small layers.
#include <stdlib.h> // realloc
#include <string.h> // memcpy

#include "infer/chain.h"
#include "infer/tiny.h"

// Constant nodes join the initializers, so that look-ups find both.
static int take_constants(lw_onnx *g, lw_err *e) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < g->node_n; i++)
    n += lw_onnx_is_word(g->nodes[i].op, "Constant");
  void *grown = realloc(g->tensors, (g->tensor_n + n + 1) * sizeof *g->tensors);
  if (!grown)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the constants");
  g->tensors = grown;
  for (uint32_t i = 0; i < g->node_n; i++) {
    if (!lw_onnx_is_word(g->nodes[i].op, "Constant"))
      continue;
    int rc = lw_onnx_constant(&g->nodes[i], &g->tensors[g->tensor_n], e);
    if (rc < 0)
      return rc;
    g->tensor_n++;
  }
  return 0;
}

// The one input that is not an initializer.
static const lw_onnx_value *input_of(const lw_onnx *g) {
  const lw_onnx_value *found = NULL;
  for (uint32_t i = 0; i < g->input_n; i++) {
    if (lw_onnx_find(g, g->inputs[i].name))
      continue;
    if (found)
      return NULL;
    found = &g->inputs[i];
  }
  return found;
}

static int is_size(int64_t d) {
  return d >= 1 && d <= 65536;
}

static int begin(lw_chain *c, const lw_onnx_value *v) {
  if (!v || v->data_type != LW_ONNX_FLOAT || v->dim_n < 2 || v->dim_n > 3 ||
      !is_size(v->dims[1]) || (v->dim_n == 3 && !is_size(v->dims[2])) ||
      v->dims[0] == 0)
    return lw_err_set(c->e, LW_E_UNSUPPORTED,
                      "the model does not have one input f32 [batch, features] "
                      "or [batch, channels, width]; use onnxruntime");
  c->at = v->name;
  c->rank = v->dim_n;
  c->channels = (uint32_t)v->dims[1];
  c->width = v->dim_n == 3 ? (uint32_t)v->dims[2] : 1;
  c->is_planes = 1;
  return 0;
}

static int follow(lw_chain *c) {
  const lw_onnx *g = c->graph;
  for (uint32_t i = 0; i < g->node_n; i++) {
    const lw_onnx_node *node = &g->nodes[i];
    if (lw_onnx_is_word(node->op, "Constant"))
      continue;
    int is_next = (node->in_n > 0 && lw_onnx_same(node->in[0], c->at)) ||
                  (node->in_n == 2 && lw_onnx_same(node->in[1], c->at));
    if (!is_next)
      return lw_chain_refuse(c, node, "the network is not one chain");
    int rc = lw_chain_node(c, node);
    if (rc < 0)
      return rc;
    c->at = node->out;
  }
  if (g->output_n != 1 || !lw_onnx_same(g->outputs[0].name, c->at))
    return lw_err_set(c->e, LW_E_UNSUPPORTED,
                      "the network does not have one output; use onnxruntime");
  return 0;
}

static void copy_name(lw_onnx_word word, char name[LW_TINY_NAME]) {
  size_t n = word.n < LW_TINY_NAME - 1 ? word.n : LW_TINY_NAME - 1;
  memcpy(name, word.text, n);
  name[n] = '\0';
}

static int build(lw_tiny_model *m, const lw_onnx *g, lw_err *e) {
  lw_chain c = {.net = &m->net, .graph = g, .e = e};
  const lw_onnx_value *in = input_of(g);
  int rc = begin(&c, in);
  if (rc == 0)
    rc = follow(&c);
  if (rc == 0)
    rc = lw_chain_planes(&c);
  if (rc == 0 && m->net.layer_n == 0)
    rc = lw_err_set(e, LW_E_UNSUPPORTED, "the network has no layers");
  if (rc < 0)
    return rc;
  copy_name(in->name, m->in_name);
  copy_name(c.at, m->out_name);
  m->in = (lw_infer_io){.type = LW_INFER_f32, .dim_n = in->dim_n};
  memcpy(m->in.dims, in->dims, sizeof m->in.dims);
  m->out = (lw_infer_io){.type = LW_INFER_f32,
                         .dim_n = c.rank,
                         .dims = {in->dims[0], c.channels, c.width}};
  return 0;
}

int lw_tiny_read_onnx(lw_tiny_model *m, const uint8_t *data, size_t n,
                      lw_err *e) {
  lw_onnx g;
  int rc = lw_onnx_init(&g, data, n, e);
  if (rc < 0)
    return rc;
  rc = take_constants(&g, e);
  if (rc == 0)
    rc = build(m, &g, e);
  lw_onnx_fini(&g);
  return rc;
}
