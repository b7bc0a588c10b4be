// A backend for models in a shared object: the smallest one that is whole. Its
// model file is a line `double N`; it doubles rows of N floats.
//   cc -shared -fPIC -o double.so double.c $(pkg-config --cflags linewright)
// A line profile names it: model_backends = { "double.so" }.
#include <linewright/backend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct model {
  int64_t n; // numbers of a row
} model;

typedef struct context {
  const model *m;
  lw_tensor x, y;
} context;

static int fail(lw_err *e, int code, const char *text) {
  e->code = code;
  snprintf(e->text, sizeof e->text, "%s", text);
  return code;
}

static int probe(const char *path, const uint8_t *head, size_t n) {
  (void)path;
  return n > 7 && memcmp(head, "double ", 7) == 0 ? 100 : 0;
}

static int load(void **out, const lw_infer_source *s, const lw_infer_options *o,
                lw_err *e) {
  char text[16] = "";
  (void)o;
  if (s->n > 7)
    memcpy(text, s->data + 7, s->n - 7 < 15 ? s->n - 7 : 15);
  long n = strtol(text, NULL, 10);
  if (n < 1 || n > 4096)
    return fail(e, LW_E_CORRUPT, "1 to 4096 numbers of a row are fine");
  model *m = malloc(sizeof *m);
  if (!m)
    return fail(e, LW_E_NOMEM, "out of memory");
  m->n = n;
  *out = m;
  return 0;
}

static int describe(const void *arg, int direction, size_t i, lw_infer_io *io) {
  const model *m = arg;
  *io = (lw_infer_io){.name = direction == LW_INFER_IN ? "x" : "y",
                      .type = LW_INFER_f32,
                      .dim_n = 2,
                      .dims = {-1, m->n}};
  return i == 0 ? 0 : LW_E_NOTFOUND;
}

static void used(const void *arg, lw_infer_used *u) {
  const model *m = arg;
  *u = (lw_infer_used){.provider = "cpu", .level = "", .cost = (double)m->n};
}

static int context_new(void **out, void *m, lw_err *e) {
  context *c = calloc(1, sizeof *c);
  if (!c)
    return fail(e, LW_E_NOMEM, "out of memory");
  c->m = m;
  *out = c;
  return 0;
}

static int bind(void *arg, int direction, size_t i, const lw_tensor *t,
                lw_err *e) {
  context *c = arg;
  if (i > 0 || t->type != LW_INFER_f32 || t->dim_n != 2 ||
      t->dims[1] != c->m->n || !t->data)
    return fail(e, LW_E_SHAPE, "rows of f32 in the caller's memory, please");
  *(direction == LW_INFER_IN ? &c->x : &c->y) = *t;
  return 0;
}

static int run(void *arg, lw_err *e) {
  context *c = arg;
  if (!c->x.data || !c->y.data || c->x.bytes != c->y.bytes)
    return fail(e, LW_E_STATE, "bind as many rows out as in");
  const float *x = c->x.data;
  float *y = c->y.data;
  for (size_t i = 0; i < c->x.bytes / sizeof *x; i++)
    y[i] = 2 * x[i];
  return 0;
}

static int result(void *arg, size_t i, lw_tensor *t) {
  *t = ((context *)arg)->y;
  return i == 0 ? 0 : LW_E_NOTFOUND;
}

static const lw_infer_backend backend = {
    .abi = LW_INFER_ABI,
    .size = sizeof(lw_infer_backend),
    .name = "double",
    .help = "doubles numbers",
    .traits = LW_INFER_INLINE | LW_INFER_BATCH | LW_INFER_DETERMINISTIC,
    .probe = probe,
    .load = load,
    .describe = describe,
    .used = used,
    .context_new = context_new,
    .bind = bind,
    .run = run,
    .result = result,
    .context_free = free,
    .unload = free,
};

LW_API const lw_infer_backend *lw_infer_backend_entry(uint32_t host_abi);
const lw_infer_backend *lw_infer_backend_entry(uint32_t host_abi) {
  return host_abi == LW_INFER_ABI ? &backend : NULL;
}
