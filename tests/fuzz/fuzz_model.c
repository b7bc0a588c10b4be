// Model files from strangers: the readers of ONNX, XGBoost JSON and LightGBM
// text must refuse or load, and what loads must run, whatever the bytes are.
//   tests/fuzz/model.sh [SECONDS]
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "infer/infer.h"
#include "infer/tiny.h"

#define ROWS 3
#define NUMBERS_MAX 200000

static lw_tensor make(const lw_infer_io *io) {
  lw_tensor t = {.type = io->type, .dim_n = io->dim_n};
  size_t count;
  memcpy(t.dims, io->dims, sizeof t.dims);
  if (t.dims[0] < 0)
    t.dims[0] = ROWS;
  size_t size = lw_infer_type_bytes(t.type);
  if (lw_infer_count(t.dims, t.dim_n, size, &count) < 0 || count > NUMBERS_MAX)
    return t;
  t.bytes = count * size;
  t.data = malloc(t.bytes); // not rounded up: the sanitizer sees one too many
  for (size_t i = 0; t.data && i < count; i++) {
    if (t.type == LW_INFER_f32)
      ((float *)t.data)[i] = (float)i * 0.37f - 3;
    else
      ((double *)t.data)[i] = (double)i * 0.37 - 3;
  }
  return t;
}

static void run(void *model) {
  const lw_infer_backend *b = &lw_tiny_backend;
  lw_infer_io in, out;
  lw_err e;
  void *c;
  b->describe(model, LW_INFER_IN, 0, &in);
  b->describe(model, LW_INFER_OUT, 0, &out);
  lw_tensor x = make(&in), y = make(&out);
  if (x.data && y.data && b->context_new(&c, model, &e) == 0) {
    if (b->bind(c, LW_INFER_IN, 0, &x, &e) == 0 &&
        b->bind(c, LW_INFER_OUT, 0, &y, &e) == 0)
      b->run(c, &e);
    b->context_free(c);
  }
  free(x.data);
  free(y.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  lw_infer_source s = {.path = "fuzz", .data = data, .n = n};
  lw_infer_options o = {.size = sizeof o};
  lw_err e = {0};
  void *model = NULL;
  if (lw_tiny_backend.load(&model, &s, &o, &e) < 0)
    return 0;
  run(model);
  lw_tiny_backend.unload(model);
  return 0;
}
