#include "infer/onnx.h"

#include <stdlib.h> // calloc, free
#include <string.h> // memcmp

#include "base/bits.h" // lw_double_of_bits

// Field numbers of onnx.proto.
enum { MODEL_GRAPH = 7, MODEL_OPSET = 8 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { GRAPH_NODE = 1, GRAPH_TENSOR = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_IN = 1, NODE_OUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_DOMAIN = 7 };
enum {
  TENSOR_DIMS = 1,
  TENSOR_TYPE = 2,
  TENSOR_FLOAT = 4,
  TENSOR_INT32 = 5,
  TENSOR_INT64 = 7,
  TENSOR_NAME = 8,
  TENSOR_RAW = 9,
  TENSOR_DOUBLE = 10,
  TENSOR_PLACE = 14
};
enum {
  VALUE_NAME = 1,
  VALUE_TYPE = 2,
  TYPE_TENSOR = 1,
  TENSOR_ELEM = 1,
  TENSOR_SHAPE = 2,
  SHAPE_DIM = 1,
  DIM_VALUE = 1
};

#define PARTS_MAX 100000u // nodes or initializers of one file

static lw_onnx_word word_of(const lw_proto_field *f) {
  return (lw_onnx_word){(const char *)f->data, f->n};
}

int lw_onnx_same(lw_onnx_word a, lw_onnx_word b) {
  return a.n == b.n && (a.n == 0 || !memcmp(a.text, b.text, a.n));
}

int lw_onnx_is_word(lw_onnx_word a, const char *text) {
  return a.n == strlen(text) && (a.n == 0 || !memcmp(a.text, text, a.n));
}

// ---------------------------------------------------------------- tensors ---

static int read_dims(lw_onnx_tensor *t, const lw_proto_field *f) {
  lw_proto numbers = lw_proto_of(f->data, f->n);
  uint64_t v = f->value;
  int is_packed = f->wire == LW_PROTO_BYTES;
  while (!is_packed || lw_proto_number(&numbers, LW_PROTO_VARINT, &v)) {
    if (t->dim_n == LW_INFER_DIMS || v > INT64_MAX)
      return LW_E_CORRUPT;
    t->dims[t->dim_n++] = (int64_t)v;
    if (!is_packed)
      return 0;
  }
  return numbers.is_broken ? LW_E_CORRUPT : 0;
}

int lw_onnx_tensor_of(lw_onnx_tensor *t, const uint8_t *data, size_t n) {
  *t = (lw_onnx_tensor){.data = data, .n = n};
  lw_proto p = lw_proto_of(data, n);
  lw_proto_field f;
  int rc = 0;
  while (rc == 0 && lw_proto_next(&p, &f)) {
    if (f.number == TENSOR_DIMS)
      rc = read_dims(t, &f);
    else if (f.number == TENSOR_TYPE)
      t->data_type = (int32_t)f.value;
    else if (f.number == TENSOR_NAME && f.wire == LW_PROTO_BYTES)
      t->name = word_of(&f);
    else if (f.number == TENSOR_PLACE && f.value)
      rc = LW_E_UNSUPPORTED; // weights in a second file
    else if (f.number == TENSOR_RAW && f.wire == LW_PROTO_BYTES)
      t->data = f.data, t->n = f.n, t->is_raw = 1;
  }
  if (rc == 0 && p.is_broken)
    rc = LW_E_CORRUPT;
  if (rc == 0 && lw_infer_count(t->dims, t->dim_n, 1, &t->count) < 0)
    rc = LW_E_CORRUPT;
  return rc;
}

static int wire_of(int32_t data_type, uint32_t *field) {
  switch (data_type) {
  case LW_ONNX_FLOAT:
    *field = TENSOR_FLOAT;
    return LW_PROTO_32;
  case LW_ONNX_DOUBLE:
    *field = TENSOR_DOUBLE;
    return LW_PROTO_64;
  case LW_ONNX_INT64:
    *field = TENSOR_INT64;
    return LW_PROTO_VARINT;
  case LW_ONNX_INT32:
    *field = TENSOR_INT32;
    return LW_PROTO_VARINT;
  }
  return -1;
}

// The elements of a typed field, in order, as their bits.
static int each_typed(const lw_onnx_tensor *t, uint64_t *out) {
  uint32_t field = 0;
  int wire = wire_of(t->data_type, &field);
  size_t i = 0;
  lw_proto p = lw_proto_of(t->data, t->n);
  lw_proto_field f;
  while (lw_proto_next(&p, &f)) {
    if (f.number != field)
      continue;
    uint64_t v = f.value;
    lw_proto numbers = lw_proto_of(f.data, f.n);
    if (f.wire != LW_PROTO_BYTES) {
      if (i < t->count)
        out[i++] = v;
      continue;
    }
    while (i < t->count && lw_proto_number(&numbers, wire, &v))
      out[i++] = v;
  }
  return i == t->count ? 0 : LW_E_CORRUPT;
}

static int each_raw(const lw_onnx_tensor *t, uint64_t *out) {
  size_t size =
      t->data_type == LW_ONNX_FLOAT || t->data_type == LW_ONNX_INT32 ? 4 : 8;
  if (t->n != t->count * size)
    return LW_E_CORRUPT;
  lw_proto p = lw_proto_of(t->data, t->n);
  for (size_t i = 0; i < t->count; i++)
    lw_proto_number(&p, size == 4 ? LW_PROTO_32 : LW_PROTO_64, &out[i]);
  return 0;
}

// Elements as bits, in memory to free; NULL with *rc.
static uint64_t *elements(const lw_onnx_tensor *t, int *rc) {
  uint32_t field;
  // Each element takes at least one byte of the file, so a short file cannot
  // ask for much memory.
  if (wire_of(t->data_type, &field) < 0 || t->count > t->n) {
    *rc = wire_of(t->data_type, &field) < 0 ? LW_E_UNSUPPORTED : LW_E_CORRUPT;
    return NULL;
  }
  uint64_t *bits = malloc((t->count ? t->count : 1) * sizeof *bits);
  *rc =
      bits ? (t->is_raw ? each_raw(t, bits) : each_typed(t, bits)) : LW_E_NOMEM;
  if (*rc == 0)
    return bits;
  free(bits);
  return NULL;
}

int lw_onnx_floats(const lw_onnx_tensor *t, float *out) {
  int rc;
  uint64_t *bits = elements(t, &rc);
  if (!bits)
    return rc;
  for (size_t i = 0; i < t->count; i++) {
    if (t->data_type == LW_ONNX_FLOAT)
      out[i] = lw_proto_float(bits[i]);
    else if (t->data_type == LW_ONNX_DOUBLE)
      out[i] = (float)lw_double_of_bits(bits[i]);
    else
      out[i] = (float)(int64_t)bits[i];
  }
  free(bits);
  return 0;
}

int lw_onnx_ints(const lw_onnx_tensor *t, int64_t *out) {
  if (t->data_type != LW_ONNX_INT64 && t->data_type != LW_ONNX_INT32)
    return LW_E_UNSUPPORTED;
  int rc;
  uint64_t *bits = elements(t, &rc);
  if (!bits)
    return rc;
  for (size_t i = 0; i < t->count; i++)
    out[i] = t->data_type == LW_ONNX_INT64 ? (int64_t)bits[i]
                                           : (int32_t)(uint32_t)bits[i];
  free(bits);
  return 0;
}

const lw_onnx_tensor *lw_onnx_find(const lw_onnx *g, lw_onnx_word name) {
  for (uint32_t i = 0; i < g->tensor_n; i++)
    if (lw_onnx_same(g->tensors[i].name, name))
      return &g->tensors[i];
  return NULL;
}

// ------------------------------------------------------------------ nodes ---

static int read_node(lw_onnx_node *node, const uint8_t *data, size_t n) {
  *node = (lw_onnx_node){.data = data, .n = n};
  lw_proto p = lw_proto_of(data, n);
  lw_proto_field f;
  while (lw_proto_next(&p, &f)) {
    if (f.wire != LW_PROTO_BYTES)
      continue;
    if (f.number == NODE_IN && node->in_n++ < LW_ONNX_IN_MAX)
      node->in[node->in_n - 1] = word_of(&f);
    if (f.number == NODE_OUT && node->out_n++ == 0)
      node->out = word_of(&f);
    if (f.number == NODE_OP)
      node->op = word_of(&f);
    if (f.number == NODE_DOMAIN)
      node->domain = word_of(&f);
    if (f.number == NODE_NAME)
      node->name = word_of(&f);
  }
  return p.is_broken ? LW_E_CORRUPT : 0;
}

static int read_shape(lw_onnx_value *v, const lw_proto_field *shape) {
  lw_proto p = lw_proto_of(shape->data, shape->n);
  lw_proto_field f, d;
  v->dim_n = 0;
  while (lw_proto_next(&p, &f)) {
    if (f.number != SHAPE_DIM || f.wire != LW_PROTO_BYTES)
      continue;
    if (v->dim_n == LW_INFER_DIMS)
      return LW_E_UNSUPPORTED;
    int64_t size = -1;
    lw_proto dim = lw_proto_of(f.data, f.n);
    while (lw_proto_next(&dim, &d))
      if (d.number == DIM_VALUE && d.wire == LW_PROTO_VARINT)
        size = (int64_t)d.value;
    if (dim.is_broken || size < -1)
      return LW_E_CORRUPT;
    v->dims[v->dim_n++] = size;
  }
  return p.is_broken ? LW_E_CORRUPT : 0;
}

static int read_type(lw_onnx_value *v, const lw_proto_field *type) {
  lw_proto p = lw_proto_of(type->data, type->n);
  lw_proto_field f, g;
  int rc = 0;
  while (rc == 0 && lw_proto_next(&p, &f)) {
    if (f.number != TYPE_TENSOR || f.wire != LW_PROTO_BYTES)
      return LW_E_UNSUPPORTED; // sequences, maps
    lw_proto t = lw_proto_of(f.data, f.n);
    while (rc == 0 && lw_proto_next(&t, &g)) {
      if (g.number == TENSOR_ELEM)
        v->data_type = (int32_t)g.value;
      if (g.number == TENSOR_SHAPE && g.wire == LW_PROTO_BYTES)
        rc = read_shape(v, &g);
    }
    if (t.is_broken)
      return LW_E_CORRUPT;
  }
  return rc == 0 && p.is_broken ? LW_E_CORRUPT : rc;
}

static int read_value(lw_onnx_value *v, const uint8_t *data, size_t n) {
  *v = (lw_onnx_value){.dim_n = -1}; // no shape said
  lw_proto p = lw_proto_of(data, n);
  lw_proto_field f;
  int rc = 0;
  while (rc == 0 && lw_proto_next(&p, &f)) {
    if (f.wire != LW_PROTO_BYTES)
      continue;
    if (f.number == VALUE_NAME)
      v->name = word_of(&f);
    if (f.number == VALUE_TYPE)
      rc = read_type(v, &f);
  }
  return rc == 0 && p.is_broken ? LW_E_CORRUPT : rc;
}

// ------------------------------------------------------------------ graph ---

static uint32_t count_fields(const uint8_t *data, size_t n, uint32_t number) {
  lw_proto p = lw_proto_of(data, n);
  lw_proto_field f;
  uint32_t count = 0;
  while (lw_proto_next(&p, &f))
    count += f.number == number && f.wire == LW_PROTO_BYTES;
  return count;
}

static int fill(lw_onnx *g, const lw_proto_field *f) {
  switch (f->number) {
  case GRAPH_NODE:
    return read_node(&g->nodes[g->node_n++], f->data, f->n);
  case GRAPH_TENSOR:
    return lw_onnx_tensor_of(&g->tensors[g->tensor_n++], f->data, f->n);
  case GRAPH_INPUT:
    return read_value(&g->inputs[g->input_n++], f->data, f->n);
  case GRAPH_OUTPUT:
    return read_value(&g->outputs[g->output_n++], f->data, f->n);
  }
  return 0;
}

static int make_room(lw_onnx *g, const uint8_t *data, size_t n) {
  uint32_t nodes = count_fields(data, n, GRAPH_NODE);
  uint32_t tensors = count_fields(data, n, GRAPH_TENSOR);
  uint32_t inputs = count_fields(data, n, GRAPH_INPUT);
  uint32_t outputs = count_fields(data, n, GRAPH_OUTPUT);
  if (nodes > PARTS_MAX || tensors > PARTS_MAX || inputs > PARTS_MAX ||
      outputs > PARTS_MAX)
    return LW_E_UNSUPPORTED;
  g->nodes = calloc(nodes + 1, sizeof *g->nodes);
  g->tensors = calloc(tensors + 1, sizeof *g->tensors);
  g->inputs = calloc(inputs + 1, sizeof *g->inputs);
  g->outputs = calloc(outputs + 1, sizeof *g->outputs);
  return g->nodes && g->tensors && g->inputs && g->outputs ? 0 : LW_E_NOMEM;
}

static int read_graph(lw_onnx *g, const uint8_t *data, size_t n) {
  int rc = make_room(g, data, n);
  lw_proto p = lw_proto_of(data, n);
  lw_proto_field f;
  while (rc == 0 && lw_proto_next(&p, &f))
    if (f.wire == LW_PROTO_BYTES)
      rc = fill(g, &f);
  return rc == 0 && p.is_broken ? LW_E_CORRUPT : rc;
}

static void read_opset(lw_onnx *g, const lw_proto_field *opset) {
  lw_proto p = lw_proto_of(opset->data, opset->n);
  lw_proto_field f;
  int64_t version = 0;
  int is_default = 1;
  while (lw_proto_next(&p, &f)) {
    if (f.number == OPSET_DOMAIN && f.wire == LW_PROTO_BYTES)
      is_default = f.n == 0 || lw_onnx_is_word(word_of(&f), "ai.onnx");
    if (f.number == OPSET_VERSION)
      version = (int64_t)f.value;
  }
  if (is_default || !g->opset)
    g->opset = version;
}

int lw_onnx_init(lw_onnx *g, const uint8_t *data, size_t n, lw_err *e) {
  *g = (lw_onnx){0};
  lw_proto p = lw_proto_of(data, n);
  lw_proto_field f;
  int rc = 0, has_graph = 0;
  while (rc == 0 && lw_proto_next(&p, &f)) {
    if (f.number == MODEL_OPSET && f.wire == LW_PROTO_BYTES)
      read_opset(g, &f);
    if (f.number != MODEL_GRAPH || f.wire != LW_PROTO_BYTES)
      continue;
    rc = has_graph++ ? LW_E_CORRUPT : read_graph(g, f.data, f.n);
  }
  if (rc == 0 && (p.is_broken || !has_graph || g->opset < 1))
    rc = LW_E_CORRUPT;
  if (rc == 0)
    return 0;
  lw_onnx_fini(g);
  return lw_err_set(e, rc,
                    rc == LW_E_UNSUPPORTED
                        ? "the ONNX file uses parts that only onnxruntime knows"
                        : "the ONNX file is damaged or cut off");
}

void lw_onnx_fini(lw_onnx *g) {
  free(g->nodes);
  free(g->tensors);
  free(g->inputs);
  free(g->outputs);
  *g = (lw_onnx){0};
}

int lw_onnx_is(const uint8_t *head, size_t n) {
  // ir_version, then most often producer_name or graph: no other format of
  // ours begins with a field 1 that holds a small number.
  lw_proto p = lw_proto_of(head, n);
  lw_proto_field f;
  return lw_proto_next(&p, &f) && f.number == 1 && f.wire == LW_PROTO_VARINT &&
         f.value >= 1 && f.value < 100;
}
