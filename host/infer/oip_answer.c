// Reading an answer: JSON in front, tensors as bytes behind it, or as numbers
// within it. A server's words are no more trusted than a file's.
#include <stdlib.h> // realloc
#include <string.h> // memcpy

#include "infer/infer.h" // lw_infer_count
#include "infer/oip_private.h"

typedef struct reading {
  const lw_oip_model *m;
  lw_json_doc d;
  const uint8_t *bytes; // what is left behind the JSON [left]
  size_t left;
  lw_err *e;
} reading;

static int refuse(reading *r, const char *name, const char *what) {
  return lw_err_set(r->e, LW_E_CORRUPT, "the server's answer: output '%s' %s",
                    name, what);
}

// Shape and type of an output, its size, and memory for it.
static int prepare(reading *r, uint32_t token, const lw_infer_io *io,
                   int is_own, lw_tensor *out) {
  lw_tensor t = {0};
  size_t count;
  t.type = lw_oip_type_find(&r->d, lw_json_get(&r->d, token, "datatype"));
  if (t.type != io->type)
    return refuse(r, io->name, "has another datatype than described");
  if (lw_oip_shape(&r->d, lw_json_get(&r->d, token, "shape"), t.dims,
                   &t.dim_n) < 0 ||
      lw_infer_count(t.dims, t.dim_n, lw_infer_type_bytes(t.type), &count) < 0)
    return refuse(r, io->name, "has no sound shape");
  t.bytes = count * lw_infer_type_bytes(t.type);
  t.data = out->data;
  if (t.bytes > LW_OIP_ANSWER_MAX || lw_infer_fits(io, &t, r->e) < 0)
    return refuse(r, io->name, "has another shape than described");
  if (is_own) {
    t.data = realloc(out->data, t.bytes + 64);
    if (!t.data)
      return lw_err_set(r->e, LW_E_NOMEM, "out of memory for an output");
    *out = t;
  } else if (t.bytes != out->bytes ||
             memcmp(t.dims, out->dims, (size_t)t.dim_n * sizeof *t.dims)) {
    return refuse(r, io->name, "has another shape than what it is bound to");
  }
  return 0;
}

static void put_number(lw_tensor *t, size_t i, double x) {
  switch (t->type) {
  case LW_INFER_f32:
    ((float *)t->data)[i] = (float)x;
    break;
  case LW_INFER_f64:
    ((double *)t->data)[i] = x;
    break;
  case LW_INFER_i64:
  case LW_INFER_u64:
    ((int64_t *)t->data)[i] = x > -9e15 && x < 9e15 ? (int64_t)x : 0;
    break;
  case LW_INFER_i32:
  case LW_INFER_u32:
    ((uint32_t *)t->data)[i] = (uint32_t)(int64_t)(x > -5e9 && x < 5e9 ? x : 0);
    break;
  case LW_INFER_i16:
  case LW_INFER_u16:
    ((uint16_t *)t->data)[i] = (uint16_t)(int64_t)(x > -1e5 && x < 1e5 ? x : 0);
    break;
  default:
    ((uint8_t *)t->data)[i] = (uint8_t)(int64_t)(x > -512 && x < 512 ? x : 0);
  }
}

// Numbers of a "data" array, which may be nested like the shape.
static int take_numbers(reading *r, uint32_t array, const lw_infer_io *io,
                        lw_tensor *out) {
  size_t n = out->bytes / lw_infer_type_bytes(out->type), i = 0;
  if (!lw_json_is(&r->d, array, LW_JSON_ARRAY) || out->type == LW_INFER_f16 ||
      out->type == LW_INFER_bf16)
    return refuse(r, io->name, "has neither bytes nor numbers");
  for (uint32_t k = array + 1; k < r->d.tokens[array].next; k++) {
    double x;
    if (lw_json_is(&r->d, k, LW_JSON_ARRAY))
      continue;
    if (lw_json_is_bool(&r->d, k))
      x = lw_json_equals(&r->d, k, "true");
    else if (lw_json_number_of(&r->d, k, &x) < 0)
      return refuse(r, io->name, "holds something that is no number");
    if (i == n)
      return refuse(r, io->name, "has too many numbers");
    put_number(out, i++, x);
  }
  return i == n ? 0 : refuse(r, io->name, "has too few numbers");
}

static int take_output(reading *r, uint32_t token, const lw_infer_io *io,
                       int is_own, lw_tensor *out) {
  int rc = prepare(r, token, io, is_own, out);
  if (rc < 0)
    return rc;
  double size;
  uint32_t given = lw_json_path(&r->d, token, "parameters.binary_data_size");
  if (!given)
    return take_numbers(r, lw_json_get(&r->d, token, "data"), io, out);
  if (lw_json_number_of(&r->d, given, &size) < 0 ||
      !(size >= 0 && size <= (double)r->left) || (size_t)size != out->bytes)
    return refuse(r, io->name, "does not have the bytes of its shape");
  if (out->bytes)
    memcpy(out->data, r->bytes, out->bytes);
  r->bytes += out->bytes;
  r->left -= out->bytes;
  return 0;
}

static int find_output(const reading *r, uint32_t token) {
  uint32_t name = lw_json_get(&r->d, token, "name");
  for (size_t i = 0; name && i < r->m->places.n[LW_INFER_OUT]; i++)
    if (lw_json_equals(&r->d, name, r->m->places.io[LW_INFER_OUT][i].name))
      return (int)i;
  return -1;
}

// Bytes come in the order in which the outputs are told.
static int take_all(reading *r, lw_tensor *out, const int *is_own) {
  uint32_t list = lw_json_get(&r->d, 0, "outputs");
  uint64_t seen = 0;
  if (!lw_json_is(&r->d, list, LW_JSON_ARRAY))
    return lw_err_set(r->e, LW_E_CORRUPT, "the server's answer has no outputs");
  uint32_t token = lw_json_first(list);
  for (uint32_t k = 0; k < r->d.tokens[list].size; k++) {
    int i = find_output(r, token);
    if (i < 0 || seen >> i & 1)
      return lw_err_set(r->e, LW_E_CORRUPT,
                        "the server's answer has an output that was not asked");
    const lw_infer_io *io = &r->m->places.io[LW_INFER_OUT][i];
    int rc = take_output(r, token, io, is_own[i], &out[i]);
    if (rc < 0)
      return rc;
    seen |= UINT64_C(1) << i;
    token = r->d.tokens[token].next;
  }
  for (size_t i = 0; i < r->m->places.n[LW_INFER_OUT]; i++)
    if (!(seen >> i & 1))
      return refuse(r, r->m->places.io[LW_INFER_OUT][i].name, "is missing");
  return 0;
}

int lw_oip_read(const lw_oip_model *m, const lw_http_answer *a, lw_tensor *out,
                const int *is_own, lw_err *e) {
  size_t json_n = a->json_n ? a->json_n : a->n;
  if (json_n > a->n || a->n == 0)
    return lw_err_set(e, LW_E_CORRUPT, "the server's answer is cut off");
  reading r = {
      .m = m, .bytes = a->data + json_n, .left = a->n - json_n, .e = e};
  int rc = lw_json_doc_init(&r.d, (const char *)a->data, json_n, e);
  if (rc < 0)
    return rc;
  rc = take_all(&r, out, is_own);
  lw_json_doc_fini(&r.d);
  return rc;
}
