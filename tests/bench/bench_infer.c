// Models through the vtable, each against its peer in the same process, the two
// taking turns so that other work on the machine hits both.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "infer/infer.h"
#include "infer/json.h"
#include "infer/ort_api.h"
#include "infer/runner.h"
#include "loop/clock.h"
#include "support/onnx_write.h"
#include "support/vision_write.h"
#include "support/vit_write.h"
#include "support/xgboost.h"

#define ROUNDS 40

static char folder[64] = "/tmp/lw-bench-infer-XXXXXX";

static double now_s(void) {
  return (double)lw_now_ns(lw_clock_real()) / 1e9;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// A thing to time: fn(arg) is one call.
typedef struct peer {
  const char *name;
  void (*fn)(void *arg);
  void *arg;
  int calls; // in one round
  double times[ROUNDS], best, p50;
} peer;

static void race(peer *peers, int n) {
  for (int r = 0; r < ROUNDS; r++)
    for (int p = 0; p < n; p++) {
      double from = now_s();
      for (int i = 0; i < peers[p].calls; i++)
        peers[p].fn(peers[p].arg);
      peers[p].times[r] = (now_s() - from) / peers[p].calls * 1e9;
    }
  for (int p = 0; p < n; p++) {
    qsort(peers[p].times, ROUNDS, sizeof(double), compare);
    peers[p].best = peers[p].times[0];
    peers[p].p50 = peers[p].times[ROUNDS / 2];
    printf("  %-46s %9.0f ns, p50 %7.0f\n", peers[p].name, peers[p].best,
           peers[p].p50);
  }
}

static void told(const char *what, double x, const char *unit, double wanted,
                 int is_most) {
  int ok = is_most ? x <= wanted : x >= wanted;
  printf("%-48s %9.1f %-4s (at %s %g)  %s\n", what, x, unit,
         is_most ? "most" : "least", wanted, ok ? "ok" : "SHORT");
}

// ------------------------------------------------------------------ calls ---

typedef struct bound {
  lw_infer_model model;
  void *context;
  float *x, *y;
  size_t x_n, rows, row;
} bound;

static int bind_model(bound *b, const char *path, const char *backend,
                      int64_t in, int64_t out, int64_t rows) {
  lw_err e = {0};
  lw_infer_open o = {.path = path, .backend = backend};
  if (lw_infer_model_open(&b->model, &o, &e) < 0) {
    printf("  %s: %s\n", backend, e.text);
    return 0;
  }
  const lw_infer_backend *k = b->model.backend;
  b->x_n = (size_t)(rows * in);
  b->x = aligned_alloc(64, (b->x_n * 4 + 127) / 64 * 64);
  b->y = aligned_alloc(64, ((size_t)(rows * out) * 4 + 127) / 64 * 64);
  uint32_t seed = 9;
  for (size_t i = 0; i < b->x_n; i++)
    b->x[i] = onnx_noise(&seed);
  lw_tensor x = {b->x, b->x_n * 4, LW_INFER_f32, 2, {rows, in}};
  lw_tensor y = {b->y, (size_t)(rows * out) * 4, LW_INFER_f32, 2, {rows, out}};
  if (k->context_new(&b->context, b->model.model, &e) < 0 ||
      k->bind(b->context, LW_INFER_IN, 0, &x, &e) < 0 ||
      k->bind(b->context, LW_INFER_OUT, 0, &y, &e) < 0) {
    printf("  %s: %s\n", backend, e.text);
    return 0;
  }
  return 1;
}

static void call(void *arg) {
  bound *b = arg;
  lw_err e;
  b->model.backend->run(b->context, &e);
}

static void save(pb model, const char *name, char *path, size_t n) {
  snprintf(path, n, "%s/%s", folder, name);
  onnx_save(&model, path);
}

// The same session by the C API alone: what the vtable adds.
typedef struct raw {
  const lw_ort_api *ort;
  void *session, *binding, *options;
} raw;

static int bind_raw(raw *r, const char *path, bound *like) {
  lw_err e;
  void *options, *x, *y;
  FILE *f = fopen(path, "rb");
  static char data[1 << 20];
  size_t n = f ? fread(data, 1, sizeof data, f) : 0;
  if (!f || !(r->ort = lw_ort(&e)))
    return 0;
  fclose(f);
  const int64_t in[] = {1, 32}, out[] = {1, 1};
  const lw_ort_api *o = r->ort;
  return !o->options_new(&options) && !o->set_threads(options, 1) &&
         !o->session_new(o->env, data, n, options, &r->session) &&
         !o->binding_new(r->session, &r->binding) &&
         !o->run_options_new(&r->options) &&
         !o->value_over(o->memory, like->x, 128, in, 2, 1, &x) &&
         !o->value_over(o->memory, like->y, 4, out, 2, 1, &y) &&
         !o->bind_input(r->binding, "x", x) &&
         !o->bind_output(r->binding, "y", y);
}

static void call_raw(void *arg) {
  raw *r = arg;
  r->ort->run(r->session, r->options, r->binding);
}

static void bench_mlp(void) {
  char path[128];
  const int64_t sizes[] = {32, 64, 64, 1};
  bound tiny = {0}, ort = {0};
  raw r = {0};
  save(onnx_mlp(sizes, 3, "Relu", 1), "mlp.onnx", path, sizeof path);
  puts("MLP 32-64-64-1, one row");
  if (!bind_model(&tiny, path, "tiny", 32, 1, 1))
    return;
  peer peers[3] = {
      {"tiny", call, &tiny, 2000, {0}, 0, 0},
      {"onnxruntime, through the vtable", call, &ort, 300, {0}, 0, 0},
      {"onnxruntime, its C API alone", call_raw, &r, 300, {0}, 0, 0}};
  int has_ort = bind_model(&ort, path, "onnxruntime", 32, 1, 1) &&
                bind_raw(&r, path, &ort);
  race(peers, has_ort ? 3 : 1);
  if (!has_ort)
    return;
  told("tiny against onnxruntime", peers[1].best / peers[0].best, "x", 10, 0);
  double added = peers[1].best - peers[2].best;
  told("what the vtable adds to onnxruntime", added, "ns",
       fmax(300, 0.05 * peers[2].best), 1);
}

static void bench_surrogate(void) {
  char path[128];
  const int64_t sizes[] = {32, 64, 64, 1};
  bound tiny = {0}, ort = {0};
  save(onnx_mlp(sizes, 3, "Tanh", 1), "tanh.onnx", path, sizeof path);
  puts("tanh MLP 32-64-64-1, 1024 rows");
  if (!bind_model(&tiny, path, "tiny", 32, 1, 1024))
    return;
  peer peers[2] = {{"tiny", call, &tiny, 10, {0}, 0, 0},
                   {"onnxruntime", call, &ort, 10, {0}, 0, 0}};
  race(peers, bind_model(&ort, path, "onnxruntime", 32, 1, 1024) ? 2 : 1);
  told("surrogate, one core", 1024e3 / peers[0].best, "M/s", 5, 0);
}

// ------------------------------------------------------------------ trees ---

enum { FEATURES = 32, TRAIN = 20000, CHECK = 2000 };

// Numbers of an array member of one tree.
static float number_at(const lw_json_doc *d, uint32_t tree, const char *key,
                       uint32_t k) {
  uint32_t i = lw_json_first(lw_json_get(d, tree, key));
  float x = 0;
  while (k--)
    i = d->tokens[i].next;
  if (lw_json_float_of(d, i, &x) < 0)
    x = lw_json_equals(d, i, "true");
  return x;
}

// The lists of a TreeEnsembleRegressor.
typedef struct ensemble {
  int64_t *tree, *id, *feature, *yes, *no, *missing;
  float *value, *weight;
  int64_t *leaf_tree, *leaf_id, *leaf_target;
  size_t n, leaf_n;
} ensemble;

static void take_tree(ensemble *m, const lw_json_doc *d, uint32_t tree,
                      int64_t t, pb *modes) {
  uint32_t n = d->tokens[lw_json_get(d, tree, "left_children")].size;
  for (uint32_t k = 0; k < n; k++) {
    size_t i = m->n++;
    float left = number_at(d, tree, "left_children", k);
    int is_leaf = left < 0;
    m->tree[i] = t, m->id[i] = k;
    m->feature[i] = (int64_t)number_at(d, tree, "split_indices", k);
    m->yes[i] = is_leaf ? 0 : (int64_t)left;
    m->no[i] = is_leaf ? 0 : (int64_t)number_at(d, tree, "right_children", k);
    m->missing[i] = !is_leaf && number_at(d, tree, "default_left", k) != 0;
    m->value[i] = is_leaf ? 0 : number_at(d, tree, "split_conditions", k);
    pb_text(modes, 9, is_leaf ? "LEAF" : "BRANCH_LT");
    if (!is_leaf)
      continue;
    size_t l = m->leaf_n++;
    m->leaf_tree[l] = t, m->leaf_id[l] = k, m->leaf_target[l] = 0;
    m->weight[l] = number_at(d, tree, "split_conditions", k);
  }
}

static void list(pb *node, const char *name, const int64_t *v, size_t n) {
  onnx_ints(node, name, v, n);
}

static pb write_ensemble(const ensemble *m, pb *modes, float base) {
  pb graph = {0}, node = onnx_node("TreeEnsembleRegressor", "x", "y");
  pb_text(&node, 7, "ai.onnx.ml");
  list(&node, "nodes_treeids", m->tree, m->n);
  list(&node, "nodes_nodeids", m->id, m->n);
  list(&node, "nodes_featureids", m->feature, m->n);
  list(&node, "nodes_truenodeids", m->yes, m->n);
  list(&node, "nodes_falsenodeids", m->no, m->n);
  list(&node, "nodes_missing_value_tracks_true", m->missing, m->n);
  onnx_floats(&node, "nodes_values", m->value, m->n);
  list(&node, "target_treeids", m->leaf_tree, m->leaf_n);
  list(&node, "target_nodeids", m->leaf_id, m->leaf_n);
  list(&node, "target_ids", m->leaf_target, m->leaf_n);
  onnx_floats(&node, "target_weights", m->weight, m->leaf_n);
  onnx_floats(&node, "base_values", &base, 1);
  onnx_int(&node, "n_targets", 1);
  pb_text(modes, 1, "nodes_modes");
  pb_int(modes, 20, 8);
  pb_message(&node, 5, modes);
  onnx_end(&graph, &node);
  int64_t in[] = {-1, FEATURES}, out[] = {-1, 1};
  onnx_value(&graph, 11, "x", 1, in, 2);
  onnx_value(&graph, 12, "y", 1, out, 2);
  pb model = onnx_model(&graph, 13);
  onnx_opset(&model, "ai.onnx.ml", 1);
  return model;
}

#define LIST(type) calloc(1 << 15, sizeof(type))

static void convert(const char *json, const char *onnx) {
  static char text[8 << 20];
  FILE *f = fopen(json, "rb");
  size_t n = f ? fread(text, 1, sizeof text, f) : 0;
  lw_json_doc d;
  lw_err e;
  if (!f || lw_json_doc_init(&d, text, n, &e) < 0)
    return;
  fclose(f);
  ensemble m = {LIST(int64_t),
                LIST(int64_t),
                LIST(int64_t),
                LIST(int64_t),
                LIST(int64_t),
                LIST(int64_t),
                LIST(float),
                LIST(float),
                LIST(int64_t),
                LIST(int64_t),
                LIST(int64_t),
                0,
                0};
  uint32_t trees = lw_json_path(&d, 0, "learner.gradient_booster.model.trees");
  uint32_t t = lw_json_first(trees);
  pb modes = {0};
  for (uint32_t k = 0; k < d.tokens[trees].size; k++, t = d.tokens[t].next)
    take_tree(&m, &d, t, k, &modes);
  pb model = write_ensemble(&m, &modes, 0.5f);
  onnx_save(&model, onnx);
  lw_json_doc_fini(&d);
}

typedef struct rows {
  bound *b;
  const xgboost *x;
  void *booster;
  const float *data; // [CHECK x FEATURES]
  int at;
} rows;

// Another row for each call: the same one again is too easy for a processor.
static const float *next_row(rows *r) {
  r->at = (r->at + 1) % CHECK;
  return r->data + (size_t)r->at * FEATURES;
}

static void call_row(void *arg) {
  rows *r = arg;
  memcpy(r->b->x, next_row(r), FEATURES * sizeof(float));
  call(r->b);
}

static void call_xgboost(void *arg) {
  rows *r = arg;
  xgboost_row(r->x, r->booster, next_row(r), FEATURES);
}

static float *make_rows(size_t n, uint32_t seed, float *labels) {
  float *x = malloc(n * FEATURES * sizeof *x);
  for (size_t i = 0; i < n; i++) {
    float *row = x + i * FEATURES;
    for (int k = 0; k < FEATURES; k++) {
      row[k] = onnx_noise(&seed);
      if (onnx_noise(&seed) > 0.96f)
        row[k] = NAN;
    }
    if (labels)
      labels[i] = (isnan(row[0]) ? 0 : row[0]) + sinf(4 * row[1] * row[2]) +
                  (row[3] > 0.2f);
    if (labels && isnan(labels[i]))
      labels[i] = 0;
  }
  return x;
}

static int equal_rows(const xgboost *x, void *booster, bound *b,
                      const float *data) {
  int equal = 0;
  for (int i = 0; i < CHECK; i++) {
    const float *row = data + (size_t)i * FEATURES;
    memcpy(b->x, row, FEATURES * sizeof *row);
    call(b);
    float want = xgboost_row(x, booster, row, FEATURES);
    equal += memcmp(&want, b->y, sizeof want) == 0;
  }
  return equal;
}

static void bench_trees(void) {
  xgboost x;
  char json[128], onnx[128];
  puts("100 trees of depth 6, 32 features, one row");
  if (!xgboost_open(&x)) {
    puts("  no comparison: libxgboost is not installed (Debian: "
         "libxgboost-dev)");
    return;
  }
  static float labels[TRAIN];
  float *train = make_rows(TRAIN, 1, labels), *data = make_rows(CHECK, 2, NULL);
  void *booster = xgboost_train(&x, train, labels, TRAIN, FEATURES, 100, "6");
  snprintf(json, sizeof json, "%s/trees.json", folder);
  snprintf(onnx, sizeof onnx, "%s/trees.onnx", folder);
  if (!booster || x.save(booster, json)) {
    puts("  no comparison: XGBoost did not train");
    return;
  }
  convert(json, onnx);
  bound tiny = {0}, ort = {0};
  if (!bind_model(&tiny, json, "tiny", FEATURES, 1, 1))
    return;
  rows r[3] = {{&tiny, &x, booster, data, 0},
               {NULL, &x, booster, data, 0},
               {&ort, &x, booster, data, 0}};
  peer peers[3] = {{"tiny", call_row, &r[0], 500, {0}, 0, 0},
                   {"XGBoost's own call", call_xgboost, &r[1], 30, {0}, 0, 0},
                   {"onnxruntime", call_row, &r[2], 100, {0}, 0, 0}};
  int has_ort = bind_model(&ort, onnx, "onnxruntime", FEATURES, 1, 1);
  race(peers, has_ort ? 3 : 2);
  told("tiny against XGBoost", peers[1].best / peers[0].best, "x", 25, 0);
  if (has_ort)
    told("tiny against onnxruntime", peers[2].best / peers[0].best, "x", 5, 0);
  told("rows bit-equal to XGBoost", equal_rows(&x, booster, &tiny, data), "",
       CHECK, 0);
}

// ----------------------------------------------------------------- vision ---

static float frame[3 * 224 * 224]; // one picture, [1 x 3 x 224 x 224]

static lw_tensor picture_of(void) {
  uint32_t seed = 3;
  for (size_t i = 0; i < sizeof frame / sizeof *frame; i++)
    frame[i] = 2 + 2 * onnx_noise(&seed);
  return (lw_tensor){frame, sizeof frame, LW_INFER_f32, 4, {1, 3, 224, 224}};
}

static int open_picture_model(bound *b, pb graph, const char *name) {
  char path[128];
  lw_err e = {0};
  save(graph, name, path, sizeof path);
  lw_infer_open o = {.path = path, .backend = "onnxruntime"};
  int rc = lw_infer_model_open(&b->model, &o, &e);
  if (rc < 0)
    printf("  %s\n", e.text);
  return rc == 0;
}

static double cpu_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// What one core does, whatever other programs have it meanwhile.
static double best_cpu_s(bound *b) {
  double best = 1e9;
  for (int i = 0; i < 10; i++) {
    double from = cpu_s();
    call(b);
    best = fmin(best, cpu_s() - from);
  }
  return best;
}

static void bench_resnet(void) {
  lw_err e = {0};
  puts("ResNet-50, eight bits, random weights, 3 x 224 x 224");
  bound b = {0};
  if (!open_picture_model(&b, resnet50(), "resnet50.onnx"))
    return;
  static float y[1000];
  lw_tensor in = picture_of();
  lw_tensor out = {y, sizeof y, LW_INFER_f32, 2, {1, 1000}};
  const lw_infer_backend *k = b.model.backend;
  if (k->context_new(&b.context, b.model.model, &e) < 0 ||
      k->bind(b.context, LW_INFER_IN, 0, &in, &e) < 0 ||
      k->bind(b.context, LW_INFER_OUT, 0, &out, &e) < 0) {
    printf("  %s\n", e.text);
    return;
  }
  peer p = {"onnxruntime, one thread", call, &b, 1, {0}, 0, 0};
  race(&p, 1);
  printf("  pictures a second of processor time %21.1f /s\n",
         1 / best_cpu_s(&b));
  told("pictures a second, best", 1e9 / p.best, "/s", 30, 0);
}

// Two pictures are under way at any time, as two cameras would have it.
//   cpu_rate  the larger of itself and pictures a second of two cores' own time
static double rate_of(lw_infer_runner *r, const lw_tensor *in, int n,
                      double *cpu_rate) {
  lw_err e;
  lw_infer_job *jobs[2];
  double from = now_s(), cpu = cpu_s();
  for (int i = 0; i < n + 2; i++) {
    if (i >= 2) {
      if (lw_infer_job_wait(jobs[i % 2]) != LW_JOB_DONE)
        return 0;
      lw_infer_job_drop(jobs[i % 2]);
    }
    if (i < n && lw_infer_runner_add(r, in, 1, INT64_MAX, &jobs[i % 2], &e) < 0)
      return 0;
  }
  *cpu_rate = fmax(*cpu_rate, 2 * n / (cpu_s() - cpu));
  return n / (now_s() - from);
}

static void bench_vit(void) {
  lw_err e = {0};
  puts("ViT-S/16, float32, random weights, 3 x 224 x 224");
  bound b = {0};
  if (!open_picture_model(&b, vit_small(), "vit_s16.onnx"))
    return;
  lw_infer_runner *r;
  lw_tensor in = picture_of();
  lw_infer_runner_config c = {.model = &b.model,
                              .clock = lw_clock_real(),
                              .contexts = 2,
                              .queue = 8,
                              .batch = 1};
  if (lw_infer_runner_new(&r, &c, &e) < 0) {
    printf("  %s\n", e.text);
    return;
  }
  double cpu_rate = 0, best = rate_of(r, &in, 4, &cpu_rate); // warm
  for (int i = 0; i < 5; i++)
    best = fmax(best, rate_of(r, &in, 20, &cpu_rate));
  printf("  pictures a second of two cores' processor time %10.1f /s\n",
         cpu_rate);
  told("pictures a second, two contexts, best of 5", best, "/s", 15, 0);
  lw_infer_runner_free(r);
}

int main(void) {
  if (!mkdtemp(folder))
    return 1;
  bench_mlp();
  bench_surrogate();
  bench_trees();
  bench_resnet();
  bench_vit();
  char command[96];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command) != 0;
}
