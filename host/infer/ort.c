#include "infer/ort.h"

#include <stdlib.h> // calloc, free

#include "infer/infer.h" // LW_INFER_FILE_MAX
#include "infer/onnx.h"  // lw_onnx_is
#include "infer/ort_private.h"

// Our types in the order of LW_INFER_TYPES, as ONNXTensorElementDataType.
static const int types[LW_INFER_TYPE_N] = {
    [LW_INFER_f32] = 1,   [LW_INFER_f64] = 11, [LW_INFER_f16] = 10,
    [LW_INFER_bf16] = 16, [LW_INFER_u8] = 2,   [LW_INFER_i8] = 3,
    [LW_INFER_u16] = 4,   [LW_INFER_i16] = 5,  [LW_INFER_u32] = 12,
    [LW_INFER_i32] = 6,   [LW_INFER_u64] = 13, [LW_INFER_i64] = 7,
    [LW_INFER_bool] = 9,  [LW_INFER_text] = 8,
};

int lw_ort_type_out(int type) {
  return type >= 0 && type < LW_INFER_TYPE_N ? types[type] : -1;
}

int lw_ort_type_in(int type) {
  for (int i = 0; i < LW_INFER_TYPE_N; i++)
    if (types[i] == type)
      return i;
  return -1;
}

static int available(const char **version, lw_err *e) {
  const lw_ort_api *ort = lw_ort(e);
  if (!ort)
    return e->code;
  *version = ort->version;
  return 0;
}

static int probe(const char *path, const uint8_t *head, size_t n) {
  (void)path;
  return lw_onnx_is(head, n) ? 60 : 0;
}

// --------------------------------------------------------------- describe ---

static int read_tensor(const lw_ort_model *m, void *tensor, lw_infer_io *io,
                       lw_err *e) {
  const lw_ort_api *ort = m->ort;
  int type = 0;
  size_t dim_n = 0;
  int rc = lw_ort_check(ort, ort->element_type(tensor, &type), LW_E_CORRUPT,
                        "model", e);
  if (rc == 0)
    rc = lw_ort_check(ort, ort->dim_count(tensor, &dim_n), LW_E_CORRUPT,
                      "model", e);
  io->type = lw_ort_type_in(type);
  if (rc == 0 && (io->type < 0 || dim_n > LW_INFER_DIMS))
    rc = lw_err_set(e, LW_E_UNSUPPORTED,
                    "'%s' has an element type or a number of dimensions (%zu) "
                    "that does not cross",
                    io->name, dim_n);
  io->dim_n = (int32_t)dim_n;
  if (rc == 0)
    rc = lw_ort_check(ort, ort->dims(tensor, io->dims, dim_n), LW_E_CORRUPT,
                      "model", e);
  for (size_t i = 0; rc == 0 && i < dim_n; i++)
    io->dims[i] = io->dims[i] < 0 ? -1 : io->dims[i];
  return rc;
}

static int read_io(lw_ort_model *m, int direction, size_t i, lw_err *e) {
  const lw_ort_api *ort = m->ort;
  lw_infer_io *io = &m->places.io[direction][i];
  char *name = NULL;
  void *info = NULL, *tensor = NULL;
  int is_in = direction == LW_INFER_IN;
  int rc = lw_ort_check(ort,
                        (is_in ? ort->input_name : ort->output_name)(
                            m->session, i, ort->allocator, &name),
                        LW_E_CORRUPT, "model", e);
  io->name = name;
  if (rc == 0)
    rc = lw_ort_check(
        ort, (is_in ? ort->input_type : ort->output_type)(m->session, i, &info),
        LW_E_CORRUPT, "model", e);
  if (rc == 0)
    rc = lw_ort_check(ort, ort->tensor_of_type(info, &tensor), LW_E_CORRUPT,
                      "model", e);
  if (rc == 0 && !tensor)
    rc = lw_err_set(e, LW_E_UNSUPPORTED,
                    "'%s' is a sequence, map or optional; only tensors cross",
                    name);
  if (rc == 0)
    rc = read_tensor(m, tensor, io, e);
  if (info)
    ort->type_free(info);
  return rc;
}

static int read_all(lw_ort_model *m, lw_err *e) {
  const lw_ort_api *ort = m->ort;
  size_t n[2] = {0, 0};
  int rc = lw_ort_check(ort, ort->input_count(m->session, &n[0]), LW_E_CORRUPT,
                        "model", e);
  if (rc == 0)
    rc = lw_ort_check(ort, ort->output_count(m->session, &n[1]), LW_E_CORRUPT,
                      "model", e);
  for (int d = 0; rc == 0 && d < 2; d++) {
    if (n[d] > LW_INFER_TENSORS)
      return lw_err_set(e, LW_E_UNSUPPORTED,
                        "%zu inputs or outputs, at most "
                        "%d are fine",
                        n[d], LW_INFER_TENSORS);
    for (size_t i = 0; rc == 0 && i < n[d]; i++) {
      m->places.n[d] = i + 1;
      rc = read_io(m, d, i, e);
    }
  }
  return rc;
}

// ------------------------------------------------------------------ model ---

static void unload(void *model) {
  lw_ort_model *m = model;
  if (!m)
    return;
  for (int d = 0; d < 2; d++)
    for (size_t i = 0; i < m->places.n[d]; i++)
      if (m->places.io[d][i].name) {
        void *name = (void *)(uintptr_t)m->places.io[d][i].name;
        lw_ort_check(m->ort, m->ort->allocator_free(m->ort->allocator, name), 0,
                     "", NULL);
      }
  if (m->session)
    m->ort->session_free(m->session);
  free(m);
}

static int load(void **model, const lw_infer_source *s,
                const lw_infer_options *o, lw_err *e) {
  const lw_ort_api *ort = lw_ort(e);
  if (!ort)
    return e->code;
  lw_ort_model *m = calloc(1, sizeof *m);
  if (!m)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a model");
  m->ort = ort;
  int rc = lw_ort_session_open(m, s, o, e);
  if (rc == 0)
    rc = read_all(m, e);
  if (rc < 0)
    unload(m);
  else
    *model = m;
  return rc;
}

static void used(const void *model, lw_infer_used *u) {
  const lw_ort_model *m = model;
  *u = (lw_infer_used){.provider = m->provider,
                       .level = m->ort->version,
                       .passed_over = m->passed_over};
}

const lw_infer_backend lw_ort_backend = {
    .abi = LW_INFER_ABI,
    .size = sizeof(lw_infer_backend),
    .name = "onnxruntime",
    .help = "any ONNX file, through ONNX Runtime",
    .traits = LW_INFER_BATCH | LW_INFER_CANCEL | LW_INFER_DETERMINISTIC,
    .available = available,
    .probe = probe,
    .load = load,
    .describe = lw_infer_describe,
    .used = used,
    .context_new = lw_ort_context_new,
    .bind = lw_ort_bind,
    .run = lw_ort_run,
    .result = lw_ort_result,
    .cancel = lw_ort_cancel,
    .context_free = lw_ort_context_free,
    .unload = unload,
};
