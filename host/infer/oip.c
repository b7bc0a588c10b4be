#include "infer/oip.h"

#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc, free
#include <string.h> // strncmp

#include "infer/infer.h" // lw_infer_count
#include "infer/oip_private.h"

static const char *const types[LW_INFER_TYPE_N] = {
    [LW_INFER_f32] = "FP32",   [LW_INFER_f64] = "FP64",
    [LW_INFER_f16] = "FP16",   [LW_INFER_bf16] = "BF16",
    [LW_INFER_u8] = "UINT8",   [LW_INFER_i8] = "INT8",
    [LW_INFER_u16] = "UINT16", [LW_INFER_i16] = "INT16",
    [LW_INFER_u32] = "UINT32", [LW_INFER_i32] = "INT32",
    [LW_INFER_u64] = "UINT64", [LW_INFER_i64] = "INT64",
    [LW_INFER_bool] = "BOOL",
};

const char *lw_oip_type_name(int type) {
  return type >= 0 && type < LW_INFER_TYPE_N ? types[type] : NULL;
}

int lw_oip_type_find(const lw_json_doc *d, uint32_t token) {
  for (int i = 0; i < LW_INFER_TYPE_N; i++)
    if (token && types[i] && lw_json_equals(d, token, types[i]))
      return i;
  return -1;
}

int lw_oip_shape(const lw_json_doc *d, uint32_t array, int64_t *dims,
                 int32_t *dim_n) {
  if (!lw_json_is(d, array, LW_JSON_ARRAY) ||
      d->tokens[array].size > LW_INFER_DIMS)
    return LW_E_CORRUPT;
  uint32_t i = lw_json_first(array);
  *dim_n = (int32_t)d->tokens[array].size;
  for (int32_t k = 0; k < *dim_n; k++, i = d->tokens[i].next) {
    double x;
    if (lw_json_number_of(d, i, &x) < 0 || !(x >= -1 && x < 1e12))
      return LW_E_CORRUPT;
    dims[k] = (int64_t)x;
  }
  return 0;
}

static int probe(const char *path, const uint8_t *head, size_t n) {
  (void)head, (void)n;
  return !strncmp(path, "http://", 7) || !strncmp(path, "https://", 8) ? 90 : 0;
}

// ---------------------------------------------------------------- loading ---

static int read_place(lw_oip_model *m, int direction, const lw_json_doc *d,
                      uint32_t token, lw_err *e) {
  size_t i = m->places.n[direction];
  uint32_t name = lw_json_get(d, token, "name");
  lw_infer_io *io = &m->places.io[direction][i];
  if (i == LW_INFER_TENSORS || !name || d->tokens[name].n >= LW_OIP_NAME)
    return lw_err_set(e, LW_E_CORRUPT, "the server's description is not sound");
  io->name = lw_json_copy(d, name, m->names[direction][i], LW_OIP_NAME);
  io->type = lw_oip_type_find(d, lw_json_get(d, token, "datatype"));
  if (io->type < 0)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "'%s' has a datatype that does not cross", io->name);
  if (lw_oip_shape(d, lw_json_get(d, token, "shape"), io->dims, &io->dim_n) < 0)
    return lw_err_set(e, LW_E_CORRUPT, "the shape of '%s' is not sound",
                      io->name);
  m->places.n[direction]++;
  return 0;
}

static int read_places(lw_oip_model *m, int direction, const lw_json_doc *d,
                       const char *key, lw_err *e) {
  uint32_t list = lw_json_get(d, 0, key);
  if (!lw_json_is(d, list, LW_JSON_ARRAY))
    return lw_err_set(e, LW_E_CORRUPT, "the server's description has no '%s'",
                      key);
  uint32_t i = lw_json_first(list);
  for (uint32_t k = 0; k < d->tokens[list].size; k++, i = d->tokens[i].next) {
    int rc = read_place(m, direction, d, i, e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int read_description(lw_oip_model *m, const lw_http_answer *a,
                            lw_err *e) {
  lw_json_doc d;
  int rc = lw_json_doc_init(&d, (const char *)a->data, a->n, e);
  if (rc < 0)
    return rc;
  rc = read_places(m, LW_INFER_IN, &d, "inputs", e);
  rc = rc < 0 ? rc : read_places(m, LW_INFER_OUT, &d, "outputs", e);
  lw_json_doc_fini(&d);
  return rc;
}

int lw_oip_ask(lw_http *h, lw_http_request *r, lw_http_answer *a, lw_err *e) {
  int rc = 0;
  for (int attempt = 0; attempt < 2; attempt++) {
    *a = (lw_http_answer){0};
    rc = lw_http_run(h, r, a, e);
    int is_busy = rc == 0 && (a->status == 429 || a->status >= 500);
    // A timeout has used up the time; a refusal will not change its mind.
    if (!is_busy && rc != LW_E_IO)
      break;
  }
  if (rc < 0 || a->status == 200)
    return rc;
  // Its first line, as far as it fits; the bytes have no NUL.
  size_t n = 0;
  while (n < a->n && n < 120 && a->data[n] >= ' ')
    n++;
  return lw_err_set(e, LW_E_PROTO, "the server answered %ld: %.*s", a->status,
                    (int)n, n ? (const char *)a->data : "");
}

static int describe_remote(lw_oip_model *m, lw_err *e) {
  lw_http *h;
  int rc = lw_http_new(&h, e);
  if (rc < 0)
    return rc;
  lw_http_answer a;
  lw_http_request r = {.url = m->url, .timeout_ms = 5000, .most = 1 << 20};
  rc = lw_oip_ask(h, &r, &a, e);
  if (rc == 0)
    rc = read_description(m, &a, e);
  lw_http_free(h);
  return rc;
}

static void unload(void *model) {
  lw_oip_model *m = model;
  if (!m)
    return;
  lw_breaker_fini(&m->breaker);
  free(m);
}

static int load(void **model, const lw_infer_source *s,
                const lw_infer_options *o, lw_err *e) {
  (void)o;
  size_t n = strlen(s->path);
  if (!probe(s->path, NULL, 0) || n >= LW_OIP_URL || !strstr(s->path, "/v2/"))
    return lw_err_set(
        e, LW_E_UNSUPPORTED,
        "an address is expected, http://HOST:PORT/v2/models/NAME");
  lw_oip_model *m = calloc(1, sizeof *m);
  if (!m)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a model");
  memcpy(m->url, s->path, n + 1);
  if (lw_breaker_init(&m->breaker) < 0) {
    free(m);
    return lw_err_set(e, LW_E_IO, "no timer to be had");
  }
  int rc = describe_remote(m, e);
  if (rc < 0)
    unload(m);
  else
    *model = m;
  return rc;
}

static void used(const void *model, lw_infer_used *u) {
  const lw_oip_model *m = model;
  *u = (lw_infer_used){.provider = m->url, .level = ""};
}

const lw_infer_backend lw_oip_backend = {
    .abi = LW_INFER_ABI,
    .size = sizeof(lw_infer_backend),
    .name = "oip",
    .help = "a server of the Open Inference Protocol, over HTTP",
    .traits = LW_INFER_BATCH | LW_INFER_CANCEL | LW_INFER_REMOTE,
    .available = lw_http_available,
    .probe = probe,
    .load = load,
    .describe = lw_infer_describe,
    .used = used,
    .context_new = lw_oip_context_new,
    .bind = lw_oip_bind,
    .run = lw_oip_run,
    .result = lw_oip_result,
    .cancel = lw_oip_cancel,
    .context_free = lw_oip_context_free,
    .unload = unload,
};
