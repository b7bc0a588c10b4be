// What the tests of this room share: models on disk, and one call through the
// vtable.
#ifndef TESTS_C_INFER_MODELS_H
#define TESTS_C_INFER_MODELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "infer/infer.h"
#include "support/onnx_write.h"

// A file of this process, gone when the next one is made.
static inline const char *model_path(void) {
  static char path[64];
  snprintf(path, sizeof path, "/tmp/lw-infer-test-%d.model", (int)getpid());
  return path;
}

static inline const char *save_bytes(const void *data, size_t n) {
  FILE *f = fopen(model_path(), "wb");
  assert_non_null(f);
  assert_int_equal(n, fwrite(data, 1, n, f));
  fclose(f);
  return model_path();
}

static inline const char *save_model(pb model) {
  assert_true(onnx_save(&model, model_path()));
  return model_path();
}

static inline int open_model(lw_infer_model *m, const char *path,
                             const char *backend, const char *level,
                             lw_err *e) {
  lw_infer_open o = {.path = path,
                     .backend = backend,
                     .options = {.size = sizeof o.options, .level = level}};
  return lw_infer_model_open(m, &o, e);
}

static inline void must_open(lw_infer_model *m, const char *path,
                             const char *backend, const char *level) {
  lw_err e = {0};
  if (open_model(m, path, backend, level, &e) < 0)
    fail_msg("%s", e.text);
}

static inline lw_tensor floats(const float *data, int64_t rows, int64_t n) {
  return (lw_tensor){.data = (void *)(uintptr_t)data,
                     .bytes = (size_t)(rows * n) * sizeof *data,
                     .type = LW_INFER_f32,
                     .dim_n = 2,
                     .dims = {rows, n}};
}

// One context, one run.
static inline void run_tensors(const lw_infer_model *m, lw_tensor x,
                               lw_tensor y) {
  lw_err e = {0};
  void *c;
  const lw_infer_backend *b = m->backend;
  if (b->context_new(&c, m->model, &e) < 0 ||
      b->bind(c, LW_INFER_IN, 0, &x, &e) < 0 ||
      b->bind(c, LW_INFER_OUT, 0, &y, &e) < 0 || b->run(c, &e) < 0)
    fail_msg("%s", e.text);
  b->context_free(c);
}

// What ONNX Runtime itself leaves behind is not ours to find.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libonnxruntime";
}

static inline int has_onnxruntime(void) {
  const char *version;
  lw_err e = {0};
  const lw_infer_backend *b = lw_infer_find("onnxruntime");
  int has = b->available(&version, &e) == 0;
  if (!has)
    print_message("skipped: %s\n", e.text);
  return has;
}

#endif
