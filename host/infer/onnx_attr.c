// Attributes of ONNX nodes.
#include "infer/onnx.h"

enum { NODE_ATTR = 5 };
enum {
  ATTR_NAME = 1,
  ATTR_F = 2,
  ATTR_I = 3,
  ATTR_S = 4,
  ATTR_T = 5,
  ATTR_INTS = 8
};

static lw_onnx_word word_of(const lw_proto_field *f) {
  return (lw_onnx_word){(const char *)f->data, f->n};
}

// Does this attribute message have the name?
static int is_named(const lw_proto_field *attr, const char *name) {
  lw_proto p = lw_proto_of(attr->data, attr->n);
  lw_proto_field f;
  while (lw_proto_next(&p, &f))
    if (f.number == ATTR_NAME && f.wire == LW_PROTO_BYTES)
      return lw_onnx_is_word(word_of(&f), name);
  return 0;
}

// The message of the attribute: 1, or 0 when the node has none.
static int find(const lw_onnx_node *node, const char *name, lw_proto *found) {
  lw_proto p = lw_proto_of(node->data, node->n);
  lw_proto_field f;
  while (lw_proto_next(&p, &f))
    if (f.number == NODE_ATTR && f.wire == LW_PROTO_BYTES &&
        is_named(&f, name)) {
      *found = lw_proto_of(f.data, f.n);
      return 1;
    }
  return 0;
}

static int find_part(const lw_onnx_node *node, const char *name,
                     uint32_t number, int wire, lw_proto_field *f) {
  lw_proto p;
  if (!find(node, name, &p))
    return 0;
  while (lw_proto_next(&p, f))
    if (f->number == number && f->wire == wire)
      return 1;
  return 0;
}

float lw_onnx_float(const lw_onnx_node *node, const char *name,
                    float otherwise) {
  lw_proto_field f;
  return find_part(node, name, ATTR_F, LW_PROTO_32, &f)
             ? lw_proto_float(f.value)
             : otherwise;
}

int64_t lw_onnx_int(const lw_onnx_node *node, const char *name,
                    int64_t otherwise) {
  lw_proto_field f;
  return find_part(node, name, ATTR_I, LW_PROTO_VARINT, &f) ? (int64_t)f.value
                                                            : otherwise;
}

lw_onnx_word lw_onnx_text(const lw_onnx_node *node, const char *name) {
  lw_proto_field f;
  return find_part(node, name, ATTR_S, LW_PROTO_BYTES, &f)
             ? word_of(&f)
             : (lw_onnx_word){"", 0};
}

size_t lw_onnx_int_list(const lw_onnx_node *node, const char *name,
                        int64_t *out, size_t max) {
  lw_proto p;
  lw_proto_field f;
  size_t n = 0;
  if (!find(node, name, &p))
    return 0;
  while (lw_proto_next(&p, &f)) {
    if (f.number != ATTR_INTS)
      continue;
    uint64_t v = f.value;
    lw_proto numbers = lw_proto_of(f.data, f.n);
    int is_packed = f.wire == LW_PROTO_BYTES;
    while (!is_packed || lw_proto_number(&numbers, LW_PROTO_VARINT, &v)) {
      if (n < max)
        out[n] = (int64_t)v;
      n++;
      if (!is_packed)
        break;
    }
  }
  return n;
}

int lw_onnx_constant(const lw_onnx_node *node, lw_onnx_tensor *t, lw_err *e) {
  lw_proto_field f;
  if (!find_part(node, "value", ATTR_T, LW_PROTO_BYTES, &f))
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "a Constant that is not written as a tensor");
  int rc = lw_onnx_tensor_of(t, f.data, f.n);
  if (rc < 0)
    return lw_err_set(e, rc, "the tensor of a Constant is damaged");
  t->name = node->out;
  return 0;
}
