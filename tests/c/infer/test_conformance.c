// The ONNX project's own backend cases (Debian: libonnx-testdata), each through
// the vtable: loaded by whichever backend takes it, bound, run, compared at the
// tolerance of the ONNX backend tests. A case that fails must stand in
// tests/data/infer/onnx_exclusions.txt with its reason.
//   LW_CONFORMANCE=all  prints every case that does not pass
#include "models.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>

#include "infer/onnx.h"

#define ROOT "/usr/share/libonnx-testdata/data"
#define EXCLUSIONS "tests/data/infer/onnx_exclusions.txt"
#define CASES 1072 // of onnx 1.12
#define LEAST 959  // of them

// TensorProto.DataType to ours, -1 where there is none.
static const int types[] = {
    [1] = LW_INFER_f32,   [2] = LW_INFER_u8,   [3] = LW_INFER_i8,
    [4] = LW_INFER_u16,   [5] = LW_INFER_i16,  [6] = LW_INFER_i32,
    [7] = LW_INFER_i64,   [8] = LW_INFER_text, [9] = LW_INFER_bool,
    [10] = LW_INFER_f16,  [11] = LW_INFER_f64, [12] = LW_INFER_u32,
    [13] = LW_INFER_u64,  [14] = -1,           [15] = -1,
    [16] = LW_INFER_bf16,
};

// Memory of the cases, freed all at once at the end.
static void *pool[65536];
static size_t pool_n;

static void *keep(void *p) {
  if (pool_n < sizeof pool / sizeof pool[0])
    pool[pool_n++] = p;
  return p;
}

static uint8_t *read_bytes(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  fseek(f, 0, SEEK_END);
  *n = (size_t)ftell(f);
  rewind(f);
  uint8_t *data = keep(malloc(*n + 1));
  if (fread(data, 1, *n, f) != *n)
    *n = 0;
  fclose(f);
  return data;
}

// Elements written in one of the typed fields.
static void take_typed(const lw_onnx_tensor *t, lw_tensor *to) {
  lw_proto p = lw_proto_of(t->data, t->n);
  lw_proto_field f;
  size_t i = 0, size = lw_infer_type_bytes(to->type);
  char *out = to->data;
  while (lw_proto_next(&p, &f)) {
    int wire = f.number == 4    ? LW_PROTO_32
               : f.number == 10 ? LW_PROTO_64
                                : LW_PROTO_VARINT;
    if (f.number != 4 && f.number != 5 && f.number != 7 && f.number != 10 &&
        f.number != 11)
      continue;
    lw_proto numbers = lw_proto_of(f.data, f.n);
    uint64_t v = f.value;
    if (f.wire != LW_PROTO_BYTES) {
      if (i < t->count)
        memcpy(out + i++ * size, &v, size);
      continue;
    }
    while (i < t->count && lw_proto_number(&numbers, wire, &v))
      memcpy(out + i++ * size, &v, size);
  }
}

static void take_texts(const lw_onnx_tensor *t, lw_tensor *to) {
  lw_proto p = lw_proto_of(t->data, t->n);
  lw_proto_field f;
  char **out = to->data;
  size_t i = 0;
  while (lw_proto_next(&p, &f))
    if (f.number == 6 && i < t->count)
      out[i++] = keep(strndup((const char *)f.data, f.n));
}

// A TensorProto file as a tensor of ours; 0 when it is none.
static int read_tensor(const char *path, lw_tensor *to) {
  size_t n;
  uint8_t *data = read_bytes(path, &n);
  lw_onnx_tensor t;
  if (!data || lw_onnx_tensor_of(&t, data, n) < 0 || t.data_type < 1 ||
      t.data_type > 16 || types[t.data_type] < 0)
    return 0;
  *to = (lw_tensor){.type = types[t.data_type], .dim_n = t.dim_n};
  memcpy(to->dims, t.dims, sizeof t.dims);
  to->bytes = t.count * lw_infer_type_bytes(to->type);
  to->data = keep(calloc(1, to->bytes + 64));
  if (t.is_raw && t.n == to->bytes)
    memcpy(to->data, t.data, t.n);
  else if (to->type == LW_INFER_text)
    take_texts(&t, to);
  else
    take_typed(&t, to);
  return 1;
}

// -------------------------------------------------------------- comparing ---

static double half(uint16_t h) {
  int e = h >> 10 & 31, m = h & 1023;
  double x = e == 31  ? (m ? (double)NAN : (double)INFINITY)
             : e == 0 ? ldexp(m, -24)
                      : ldexp(m + 1024, e - 25);
  return h >> 15 ? -x : x;
}

static double number(const lw_tensor *t, size_t i) {
  union {
    uint32_t u;
    float f;
  } b;
  switch (t->type) {
  case LW_INFER_f32:
    return (double)((float *)t->data)[i];
  case LW_INFER_f64:
    return ((double *)t->data)[i];
  case LW_INFER_f16:
    return half(((uint16_t *)t->data)[i]);
  case LW_INFER_bf16:
    b.u = (uint32_t)((uint16_t *)t->data)[i] << 16;
    return (double)b.f;
  case LW_INFER_u8:
  case LW_INFER_bool:
    return ((uint8_t *)t->data)[i];
  case LW_INFER_i8:
    return ((int8_t *)t->data)[i];
  case LW_INFER_u16:
    return ((uint16_t *)t->data)[i];
  case LW_INFER_i16:
    return ((int16_t *)t->data)[i];
  case LW_INFER_u32:
    return ((uint32_t *)t->data)[i];
  case LW_INFER_i32:
    return ((int32_t *)t->data)[i];
  case LW_INFER_u64:
    return (double)((uint64_t *)t->data)[i];
  }
  return (double)((int64_t *)t->data)[i];
}

static int near(double got, double want) {
  if (isnan(want) || isinf(want))
    return isnan(want) ? isnan(got) : got == want;
  return fabs(got - want) <= 1e-7 + 1e-3 * fabs(want);
}

static int equal(const lw_tensor *got, const lw_tensor *want) {
  size_t size = lw_infer_type_bytes(want->type);
  if (got->type != want->type || got->bytes != want->bytes ||
      got->dim_n != want->dim_n ||
      memcmp(got->dims, want->dims, (size_t)got->dim_n * sizeof *got->dims))
    return 0;
  for (size_t i = 0; i < want->bytes / size; i++)
    if (want->type == LW_INFER_text
            ? strcmp(((char **)got->data)[i], ((char **)want->data)[i]) != 0
            : !near(number(got, i), number(want, i)))
      return 0;
  return 1;
}

// ------------------------------------------------------------------ cases ---

// onnx 1.12 writes bfloat16 data as plain 16-bit words.
static void take_as(lw_tensor *t, int type) {
  if (t->type == LW_INFER_u16 && type == LW_INFER_bf16)
    t->type = LW_INFER_bf16;
}

static int bind_outputs(const lw_infer_model *m, void *c, lw_err *e) {
  const lw_infer_backend *b = m->backend;
  lw_infer_io io;
  for (size_t i = 0; b->describe(m->model, LW_INFER_OUT, i, &io) == 0; i++) {
    lw_tensor t = {0};
    size_t count;
    if (b->traits & LW_INFER_INLINE) { // its outputs are the caller's memory
      t = (lw_tensor){.type = io.type, .dim_n = io.dim_n};
      memcpy(t.dims, io.dims, sizeof t.dims);
      if (lw_infer_count(t.dims, t.dim_n, 4, &count) < 0)
        return LW_E_SHAPE;
      t.bytes = count * 4;
      t.data = keep(calloc(1, t.bytes + 64));
    }
    int rc = b->bind(c, LW_INFER_OUT, i, &t, e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int bind_input(const lw_infer_model *m, void *c, size_t i, lw_tensor *t,
                      lw_err *e) {
  lw_infer_io io;
  m->backend->describe(m->model, LW_INFER_IN, i, &io);
  take_as(t, io.type);
  return m->backend->bind(c, LW_INFER_IN, i, t, e);
}

static int run_set(const lw_infer_model *m, const char *dir, lw_err *e) {
  const lw_infer_backend *b = m->backend;
  char path[600];
  void *c;
  int rc = b->context_new(&c, m->model, e);
  for (size_t i = 0; rc == 0 && i < lw_infer_io_n(m, LW_INFER_IN); i++) {
    lw_tensor t;
    snprintf(path, sizeof path, "%s/input_%zu.pb", dir, i);
    if (!read_tensor(path, &t))
      rc = lw_err_set(e, LW_E_UNSUPPORTED, "input %zu is no tensor", i);
    else
      rc = bind_input(m, c, i, &t, e);
  }
  rc = rc < 0 ? rc : bind_outputs(m, c, e);
  rc = rc < 0 ? rc : b->run(c, e);
  for (size_t i = 0; rc == 0; i++) {
    lw_tensor want, got;
    snprintf(path, sizeof path, "%s/output_%zu.pb", dir, i);
    if (access(path, R_OK) < 0)
      break;
    if (!read_tensor(path, &want))
      rc = lw_err_set(e, LW_E_UNSUPPORTED, "output %zu is no tensor", i);
    else if ((rc = b->result(c, i, &got)) < 0)
      lw_err_set(e, rc, "no output %zu", i);
    else if (take_as(&want, got.type), !equal(&got, &want))
      rc = lw_err_set(e, LW_E_RANGE, "output %zu differs", i);
  }
  b->context_free(c);
  return rc;
}

static int run_case(const char *dir, const char **backend, lw_err *e) {
  char path[512];
  lw_infer_model m;
  snprintf(path, sizeof path, "%s/model.onnx", dir);
  int rc = open_model(&m, path, NULL, NULL, e);
  if (rc < 0)
    return rc;
  *backend = m.backend->name;
  for (int set = 0; rc == 0; set++) {
    snprintf(path, sizeof path, "%s/test_data_set_%d", dir, set);
    if (access(path, R_OK) < 0)
      break;
    rc = run_set(&m, path, e);
  }
  lw_infer_model_close(&m);
  return rc;
}

static char *exclusions;

static int is_excluded(const char *name) {
  char wanted[300];
  snprintf(wanted, sizeof wanted, "\n%s ", name);
  return exclusions && strstr(exclusions, wanted) != NULL;
}

typedef struct tally {
  int cases, passed, tiny, unexplained;
} tally;

static void run_group(const char *group, tally *t) {
  char path[400];
  snprintf(path, sizeof path, ROOT "/%s", group);
  DIR *d = opendir(path);
  struct dirent *entry;
  while (d && (entry = readdir(d))) {
    snprintf(path, sizeof path, ROOT "/%s/%s", group, entry->d_name);
    if (entry->d_name[0] == '.')
      continue;
    lw_err e = {0};
    const char *backend = "-";
    int rc = run_case(path, &backend, &e);
    t->cases++;
    t->passed += rc == 0;
    t->tiny += rc == 0 && !strcmp(backend, "tiny");
    if (rc < 0 && getenv("LW_CONFORMANCE"))
      printf("%s %s: %s\n", entry->d_name, backend, e.text);
    if (rc < 0 && !is_excluded(entry->d_name)) {
      printf("not on the list: %s, %s: %s\n", entry->d_name, backend, e.text);
      t->unexplained++;
    }
  }
  if (d)
    closedir(d);
}

static void test_the_cases_pass_or_are_explained(void **state) {
  (void)state;
  size_t n;
  if (access(ROOT, R_OK) < 0) {
    print_message("skipped: libonnx-testdata is not installed\n");
    skip();
  }
  if (!has_onnxruntime())
    skip();
  exclusions = (char *)read_bytes(EXCLUSIONS, &n);
  assert_non_null(exclusions);
  exclusions[n] = '\0';
  tally t = {0};
  const char *groups[] = {"node", "pytorch-converted", "pytorch-operator",
                          "simple"};
  for (size_t i = 0; i < 4; i++)
    run_group(groups[i], &t);
  printf("%d of %d cases pass, %d of them on tiny\n", t.passed, t.cases,
         t.tiny);
  while (pool_n)
    free(pool[--pool_n]);
  // The list is that of onnx 1.12; later sets have other cases.
  if (t.cases != CASES) {
    assert_true(t.passed * 10 >= t.cases * 8);
    return;
  }
  assert_int_equal(0, t.unexplained);
  assert_true(t.passed >= LEAST);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_cases_pass_or_are_explained)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
