// The parts of an ONNX file (onnx.proto, ModelProto) that small networks use,
// read in place: everything points into the file's bytes.
#ifndef LW_INFER_ONNX_H
#define LW_INFER_ONNX_H

#include "infer/infer.h" // LW_INFER_DIMS, lw_err
#include "infer/proto.h" // lw_proto

typedef struct lw_onnx_word {
  const char *text; // [n], no NUL
  size_t n;
} lw_onnx_word;

typedef struct lw_onnx_tensor {
  lw_onnx_word name;
  int32_t data_type; // TensorProto.DataType
  int32_t dim_n;
  int64_t dims[LW_INFER_DIMS];
  size_t count;        // product of dims
  const uint8_t *data; // raw_data, or the message for the typed fields
  size_t n;
  int is_raw;
} lw_onnx_tensor;

#define LW_ONNX_IN_MAX 8 // inputs of one node, as far as we read them

typedef struct lw_onnx_node {
  lw_onnx_word op, domain, name;
  lw_onnx_word in[LW_ONNX_IN_MAX], out; // out: its first output
  uint32_t in_n, out_n;
  const uint8_t *data; // the message, for attributes
  size_t n;
} lw_onnx_node;

typedef struct lw_onnx_value {
  lw_onnx_word name;
  int32_t data_type, dim_n;
  int64_t dims[LW_INFER_DIMS]; // -1: named or absent
} lw_onnx_value;

typedef struct lw_onnx {
  lw_onnx_node *nodes;
  lw_onnx_tensor *tensors; // initializers
  lw_onnx_value *inputs, *outputs;
  uint32_t node_n, tensor_n, input_n, output_n;
  int64_t opset; // of the default domain
} lw_onnx;

enum {
  LW_ONNX_FLOAT = 1,
  LW_ONNX_INT32 = 6,
  LW_ONNX_INT64 = 7,
  LW_ONNX_DOUBLE = 11
};

// Read data [n], which must outlive the graph. LW_E_CORRUPT, LW_E_UNSUPPORTED.
int lw_onnx_init(lw_onnx *g, const uint8_t *data, size_t n, lw_err *e);
void lw_onnx_fini(lw_onnx *g);
// 1 when the bytes look like the beginning of an ONNX file.
int lw_onnx_is(const uint8_t *head, size_t n);

int lw_onnx_same(lw_onnx_word a, lw_onnx_word b);
int lw_onnx_is_word(lw_onnx_word a, const char *text);
// NULL when no initializer has that name.
const lw_onnx_tensor *lw_onnx_find(const lw_onnx *g, lw_onnx_word name);
// All elements as floats (or as whole numbers) into out [count].
// LW_E_UNSUPPORTED for other types, LW_E_CORRUPT when elements are missing.
int lw_onnx_floats(const lw_onnx_tensor *t, float *out);
int lw_onnx_ints(const lw_onnx_tensor *t, int64_t *out);
// Read one TensorProto. LW_E_CORRUPT, LW_E_UNSUPPORTED (weights elsewhere).
int lw_onnx_tensor_of(lw_onnx_tensor *t, const uint8_t *data, size_t n);
// The tensor of a Constant node. LW_E_UNSUPPORTED when it is written otherwise.
int lw_onnx_constant(const lw_onnx_node *node, lw_onnx_tensor *t, lw_err *e);

// Attributes; `otherwise` when absent.
float lw_onnx_float(const lw_onnx_node *node, const char *name,
                    float otherwise);
int64_t lw_onnx_int(const lw_onnx_node *node, const char *name,
                    int64_t otherwise);
// Returns how many there are and writes the first max of them.
size_t lw_onnx_int_list(const lw_onnx_node *node, const char *name,
                        int64_t *out, size_t max);
lw_onnx_word lw_onnx_text(const lw_onnx_node *node, const char *name);

#endif
