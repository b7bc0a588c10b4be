#include <stdio.h>  // snprintf
#include <string.h> // strcmp

#include "base/str.h" // lw_str
#include "infer/infer.h"

// Above this no size_t product can wrap, and no host has the memory.
#define BYTES_MAX ((uint64_t)1 << 40)

static const struct {
  const char *name;
  size_t bytes;
} types[] = {
#define ROW(name, bytes) {#name, bytes},
    LW_INFER_TYPES(ROW)
#undef ROW
};

const char *lw_infer_type_name(int type) {
  return type >= 0 && type < LW_INFER_TYPE_N ? types[type].name : NULL;
}

int lw_infer_type_find(const char *name) {
  for (int i = 0; i < LW_INFER_TYPE_N; i++)
    if (!strcmp(types[i].name, name))
      return i;
  return LW_E_NOTFOUND;
}

size_t lw_infer_type_bytes(int type) {
  return type >= 0 && type < LW_INFER_TYPE_N ? types[type].bytes : 0;
}

int lw_infer_count(const int64_t *dims, int32_t dim_n, size_t bytes,
                   size_t *count) {
  if (dim_n < 0 || dim_n > LW_INFER_DIMS || bytes == 0)
    return LW_E_SHAPE;
  uint64_t n = 1, most = BYTES_MAX / bytes;
  // A zero makes the product zero, yet the others must be sane all the same.
  for (int32_t i = 0; i < dim_n; i++)
    if (dims[i] < 0 || (uint64_t)dims[i] > most)
      return LW_E_SHAPE;
  for (int32_t i = 0; i < dim_n; i++) {
    uint64_t d = (uint64_t)dims[i];
    if (d && n > most / d)
      return LW_E_SHAPE;
    n *= d;
  }
  *count = (size_t)n;
  return 0;
}

int lw_tensor_check(const lw_tensor *t, lw_err *e) {
  size_t count, bytes = lw_infer_type_bytes(t->type);
  if (!bytes)
    return lw_err_set(e, LW_E_TYPE, "%d is not an element type", t->type);
  if (lw_infer_count(t->dims, t->dim_n, bytes, &count) < 0)
    return lw_err_set(e, LW_E_SHAPE,
                      "the shape is too large, negative or has more than %d "
                      "dimensions",
                      LW_INFER_DIMS);
  if (t->bytes != count * bytes)
    return lw_err_set(e, LW_E_SHAPE,
                      "the tensor has %zu bytes, its shape needs %zu", t->bytes,
                      count * bytes);
  return 0;
}

char *lw_infer_shape_text(int type, const int64_t *dims, int32_t dim_n,
                          char *text, size_t n) {
  lw_str s;
  lw_str_init(&s, text, n);
  const char *name = lw_infer_type_name(type);
  lw_str_add(&s, "%s [", name ? name : "?");
  for (int32_t i = 0; i < dim_n && i < LW_INFER_DIMS; i++) {
    if (dims[i] < 0)
      lw_str_add(&s, "%s?", i ? " x " : "");
    else
      lw_str_add(&s, "%s%lld", i ? " x " : "", (long long)dims[i]);
  }
  lw_str_add(&s, "]");
  return text;
}

static int shape_fits(const lw_infer_io *io, const lw_tensor *t) {
  if (io->dim_n != t->dim_n)
    return 0;
  for (int32_t i = 0; i < t->dim_n; i++)
    if (io->dims[i] >= 0 && io->dims[i] != t->dims[i])
      return 0;
  return 1;
}

int lw_infer_fits(const lw_infer_io *io, const lw_tensor *t, lw_err *e) {
  int rc = lw_tensor_check(t, e);
  if (rc < 0)
    return rc;
  int is_type = io->type == t->type;
  if (is_type && shape_fits(io, t))
    return 0;
  char want[96], got[96];
  return lw_err_set(
      e, is_type ? LW_E_SHAPE : LW_E_TYPE, "'%s' is %s, given is %s", io->name,
      lw_infer_shape_text(io->type, io->dims, io->dim_n, want, sizeof want),
      lw_infer_shape_text(t->type, t->dims, t->dim_n, got, sizeof got));
}
