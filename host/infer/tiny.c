#include "infer/tiny.h"

#include <stdlib.h> // calloc, free
#include <string.h> // memmem, strcmp

#include "dsp/isa.h"     // lw_dsp_isa
#include "infer/infer.h" // lw_infer_fits
#include "infer/onnx.h"  // lw_onnx_is

#define FILE_MAX ((size_t)64 << 20) // larger files are not tiny

// ---------------------------------------------------------------- loading ---

static int has(const uint8_t *head, size_t n, const char *text) {
  return memmem(head, n, text, strlen(text)) != NULL;
}

static int is_xgboost(const uint8_t *head, size_t n) {
  return n > 0 && head[0] == '{' && has(head, n, "\"learner\"");
}

static int is_lightgbm(const uint8_t *head, size_t n) {
  return n > 5 && !memcmp(head, "tree\n", 5) && has(head, n, "version=v");
}

static int probe(const char *path, const uint8_t *head, size_t n) {
  (void)path;
  if (is_xgboost(head, n) || is_lightgbm(head, n))
    return 90;
  return lw_onnx_is(head, n) ? 80 : 0;
}

static int choose_level(const char *word, int *isa, lw_err *e) {
  *isa = lw_dsp_isa();
  if (!word)
    return 0;
  for (int level = LW_ISA_PORTABLE; level <= *isa; level++)
    if (!strcmp(word, lw_dsp_isa_name(level))) {
      *isa = level;
      return 0;
    }
  return lw_err_set(e, LW_E_RANGE,
                    "level '%s' is not to be had here, the best is %s", word,
                    lw_dsp_isa_name(*isa));
}

// Trees have one input and one output of rows.
static void describe_trees(lw_tiny_model *m) {
  int type = lw_trees_is_double(m->trees) ? LW_INFER_f64 : LW_INFER_f32;
  memcpy(m->in_name, "x", 2);
  memcpy(m->out_name, "y", 2);
  m->in = (lw_infer_io){
      .type = type, .dim_n = 2, .dims = {-1, lw_trees_feature_n(m->trees)}};
  m->out = (lw_infer_io){
      .type = type, .dim_n = 2, .dims = {-1, lw_trees_out_n(m->trees)}};
}

static int read_model(lw_tiny_model *m, const lw_infer_source *s, lw_err *e) {
  if (s->n > FILE_MAX)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "%zu bytes are not a tiny model; use onnxruntime", s->n);
  size_t head = s->n < 4096 ? s->n : 4096;
  if (lw_onnx_is(s->data, s->n))
    return lw_tiny_read_onnx(m, s->data, s->n, e);
  if (!is_xgboost(s->data, head) && !is_lightgbm(s->data, head))
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "neither ONNX, XGBoost JSON nor LightGBM text");
  int rc = is_xgboost(s->data, head)
               ? lw_tiny_read_xgboost(m, s->data, s->n, e)
               : lw_tiny_read_lightgbm(m, s->data, s->n, e);
  if (rc == 0)
    describe_trees(m);
  return rc;
}

static void unload(void *model) {
  lw_tiny_model *m = model;
  if (!m)
    return;
  lw_net_fini(&m->net);
  lw_trees_free(m->trees);
  free(m);
}

static int load(void **model, const lw_infer_source *s,
                const lw_infer_options *o, lw_err *e) {
  lw_tiny_model *m = calloc(1, sizeof *m);
  if (!m)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a model");
  int rc = choose_level(o->level, &m->isa, e);
  if (rc == 0)
    rc = read_model(m, s, e);
  if (rc < 0) {
    unload(m);
    return rc;
  }
  m->in.name = m->in_name;
  m->out.name = m->out_name;
  *model = m;
  return 0;
}

static int describe(const void *model, int direction, size_t i,
                    lw_infer_io *io) {
  const lw_tiny_model *m = model;
  if (i > 0)
    return LW_E_NOTFOUND;
  *io = direction == LW_INFER_IN ? m->in : m->out;
  return 0;
}

static void used(const void *model, lw_infer_used *u) {
  const lw_tiny_model *m = model;
  *u = (lw_infer_used){
      .provider = "cpu",
      // Trees compare and add in one order on every level.
      .level = m->trees ? "any" : lw_dsp_isa_name(m->isa),
      .cost = m->trees ? lw_trees_cost(m->trees) : m->net.cost,
  };
}

// ---------------------------------------------------------------- running ---

typedef struct context {
  const lw_tiny_model *m;
  lw_tensor in, out;
  int is_bound[2];
  float *scratch;
} context;

static void context_free(void *arg) {
  context *c = arg;
  if (!c)
    return;
  free(c->scratch);
  free(c);
}

static int context_new(void **out, void *model, lw_err *e) {
  context *c = calloc(1, sizeof *c);
  if (c) {
    c->m = model;
    c->scratch = lw_net_floats(lw_net_scratch(&c->m->net));
  }
  if (!c || !c->scratch) {
    context_free(c);
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a context");
  }
  *out = c;
  return 0;
}

static int bind(void *arg, int direction, size_t i, const lw_tensor *t,
                lw_err *e) {
  context *c = arg;
  if (i > 0)
    return lw_err_set(e, LW_E_NOTFOUND, "the model has one input, one output");
  if (!t->data)
    return lw_err_set(e, LW_E_UNSUPPORTED, "tiny allocates no outputs");
  int rc =
      lw_infer_fits(direction == LW_INFER_IN ? &c->m->in : &c->m->out, t, e);
  if (rc < 0)
    return rc;
  *(direction == LW_INFER_IN ? &c->in : &c->out) = *t;
  c->is_bound[direction] = 1;
  return 0;
}

static int run(void *arg, lw_err *e) {
  context *c = arg;
  if (!c->is_bound[0] || !c->is_bound[1])
    return lw_err_set(e, LW_E_STATE, "input and output must be bound first");
  if (c->in.dims[0] != c->out.dims[0])
    return lw_err_set(e, LW_E_SHAPE, "%lld rows in, %lld rows out",
                      (long long)c->in.dims[0], (long long)c->out.dims[0]);
  size_t rows = (size_t)c->in.dims[0];
  if (c->m->trees)
    lw_trees_run(c->m->trees, c->in.data, rows, c->out.data);
  else
    lw_net_run(&c->m->net, c->m->isa, c->in.data, rows, c->out.data,
               c->scratch);
  return 0;
}

static int result(void *arg, size_t i, lw_tensor *t) {
  context *c = arg;
  if (i > 0)
    return LW_E_NOTFOUND;
  *t = c->out;
  return 0;
}

const lw_infer_backend lw_tiny_backend = {
    .abi = LW_INFER_ABI,
    .size = sizeof(lw_infer_backend),
    .name = "tiny",
    .help = "small networks and tree ensembles, built in",
    .traits = LW_INFER_INLINE | LW_INFER_BATCH | LW_INFER_DETERMINISTIC,
    .probe = probe,
    .load = load,
    .describe = describe,
    .used = used,
    .context_new = context_new,
    .bind = bind,
    .run = run,
    .result = result,
    .context_free = context_free,
    .unload = unload,
};
