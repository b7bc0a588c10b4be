// The built-in backend: against its own definition in double, against
// XGBoost's own predictions, against itself in other batches.
#include "models.h"

#include <math.h>

#include "dsp/isa.h"

static const char *const levels[] = {"portable", "avx2", "avx512"};

static int has_level(const char *level) {
  for (int isa = lw_dsp_isa(); isa >= 0; isa--)
    if (!strcmp(level, lw_dsp_isa_name(isa)))
      return 1;
  return 0;
}

// ------------------------------------------------------------------ dense ---

// y = relu(x w0 + b0) w1 + b1 in double, as the file was written.
typedef struct mlp {
  int64_t sizes[3];
  float w0[40 * 70], b0[70], w1[70 * 20], b1[20];
} mlp;

static pb write_mlp(mlp *m, const char *map) {
  uint32_t seed = 7;
  int64_t k = m->sizes[0], h = m->sizes[1], n = m->sizes[2];
  for (int i = 0; i < k * h; i++)
    m->w0[i] = 0.3f * onnx_noise(&seed);
  for (int i = 0; i < h * n; i++)
    m->w1[i] = 0.3f * onnx_noise(&seed);
  for (int i = 0; i < h; i++)
    m->b0[i] = onnx_noise(&seed);
  for (int i = 0; i < n; i++)
    m->b1[i] = onnx_noise(&seed);
  pb g = {0};
  onnx_weights(&g, "w0", k, h, m->w0);
  onnx_weights(&g, "b0", h, 0, m->b0);
  onnx_weights(&g, "w1", h, n, m->w1);
  onnx_weights(&g, "b1", n, 0, m->b1);
  onnx_simple(&g, "Gemm", "x,w0,b0", "h");
  onnx_simple(&g, map, "h", "a");
  onnx_simple(&g, "MatMul", "a,w1", "m");
  onnx_simple(&g, "Add", "m,b1", "y");
  int64_t in[] = {-1, k}, out[] = {-1, n};
  onnx_value(&g, 11, "x", 1, in, 2);
  onnx_value(&g, 12, "y", 1, out, 2);
  return onnx_model(&g, 13);
}

static double mlp_at(const mlp *m, const float *x, int64_t j,
                     double (*map)(double)) {
  int64_t k = m->sizes[0], h = m->sizes[1], n = m->sizes[2];
  double y = (double)m->b1[j];
  for (int64_t i = 0; i < h; i++) {
    double a = (double)m->b0[i];
    for (int64_t l = 0; l < k; l++)
      a += (double)x[l] * (double)m->w0[l * h + i];
    y += map(a) * (double)m->w1[i * n + j];
  }
  return y;
}

static double relu(double x) {
  return x < 0 ? 0 : x;
}

static double sigmoid(double x) {
  return 1 / (1 + exp(-x));
}

static double softplus(double x) {
  return log1p(exp(x));
}

static double elu(double x) {
  return x < 0 ? expm1(x) : x;
}

static void check_mlp(int64_t k, int64_t h, int64_t n, const char *map,
                      double (*f)(double)) {
  static mlp m;
  static float x[9 * 40], y[9 * 20];
  m.sizes[0] = k, m.sizes[1] = h, m.sizes[2] = n;
  const char *path = save_model(write_mlp(&m, map));
  uint32_t seed = 99;
  for (int i = 0; i < 9 * k; i++)
    x[i] = 3 * onnx_noise(&seed);
  for (size_t l = 0; l < 3; l++) {
    if (!has_level(levels[l]))
      continue;
    lw_infer_model model;
    must_open(&model, path, "tiny", levels[l]);
    run_tensors(&model, floats(x, 9, k), floats(y, 9, n));
    for (int64_t r = 0; r < 9; r++)
      for (int64_t j = 0; j < n; j++)
        assert_true(fabs((double)y[r * n + j] - mlp_at(&m, x + r * k, j, f)) <
                    2e-5);
    lw_infer_model_close(&model);
  }
}

static void test_networks_compute_what_they_say(void **state) {
  (void)state;
  check_mlp(32, 64, 1, "Relu", relu);
  check_mlp(5, 70, 20, "Tanh", tanh);
  check_mlp(40, 3, 17, "Sigmoid", sigmoid);
  check_mlp(1, 1, 1, "Softplus", softplus);
  check_mlp(7, 16, 8, "Elu", elu);
}

static void test_a_row_gives_the_same_bits_alone_and_in_a_batch(void **state) {
  (void)state;
  const int64_t sizes[] = {32, 64, 64, 1};
  const char *path = save_model(onnx_mlp(sizes, 3, "Tanh", 3));
  static float x[77 * 32], y[77], one[77];
  uint32_t seed = 5;
  for (size_t i = 0; i < sizeof x / sizeof *x; i++)
    x[i] = 2 * onnx_noise(&seed);
  for (size_t l = 0; l < 3; l++) {
    if (!has_level(levels[l]))
      continue;
    lw_infer_model m;
    must_open(&m, path, "tiny", levels[l]);
    run_tensors(&m, floats(x, 77, 32), floats(y, 77, 1));
    for (int r = 0; r < 77; r++)
      run_tensors(&m, floats(x + r * 32, 1, 32), floats(one + r, 1, 1));
    assert_memory_equal(y, one, sizeof y);
    lw_infer_model_close(&m);
  }
}

// Every kind of arithmetic: rows in flight and single ones, wide outputs and
// dot products, each map.
static void check_levels_agree(const char *map) {
  const int64_t sizes[] = {19, 130, 33, 5};
  const char *path = save_model(onnx_mlp(sizes, 3, map, 11));
  static float x[13 * 19], y[2][13 * 5];
  uint32_t seed = 6;
  for (size_t i = 0; i < sizeof x / sizeof *x; i++)
    x[i] = 2 * onnx_noise(&seed);
  for (int l = 0; l < 2; l++) {
    lw_infer_model m;
    must_open(&m, path, "tiny", levels[1 + l]);
    run_tensors(&m, floats(x, 13, 19), floats(y[l], 13, 5));
    lw_infer_model_close(&m);
  }
  assert_memory_equal(y[0], y[1], sizeof y[0]);
}

static void test_avx2_and_avx512_agree_to_the_bit(void **state) {
  (void)state;
  if (!has_level("avx512"))
    skip();
  const char *maps[] = {"Relu",    "LeakyRelu", "Tanh",
                        "Sigmoid", "Softplus",  "Elu"};
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
    check_levels_agree(maps[i]);
}

static void test_nan_goes_through_and_is_never_a_zero(void **state) {
  (void)state;
  const int64_t sizes[] = {4, 40, 2};
  const char *maps[] = {"Relu", "Tanh", "Sigmoid", "Softplus", "Elu"};
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
    lw_infer_model m;
    must_open(&m, save_model(onnx_mlp(sizes, 2, maps[i], 1)), "tiny", NULL);
    float x[4] = {1, NAN, 2, 3}, y[2] = {0};
    run_tensors(&m, floats(x, 1, 4), floats(y, 1, 2));
    assert_true(isnan(y[0]) && isnan(y[1]));
    lw_infer_model_close(&m);
  }
}

// ------------------------------------------------------------------ trees ---

// Lines of the vectors: features, then what XGBoost said.
static void check_rows(const char *name, int64_t out_n) {
  char path[128], line[4096];
  snprintf(path, sizeof path, "tests/data/infer/%s.json", name);
  lw_infer_model m;
  must_open(&m, path, NULL, NULL);
  assert_string_equal("tiny", m.backend->name);
  snprintf(path, sizeof path, "tests/data/infer/%s.rows", name);
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  int rows = 0;
  while (fgets(line, sizeof line, f)) {
    float cells[32], y[8];
    char *at = line;
    for (int64_t i = 0; i < 8 + out_n; i++)
      cells[i] = strtof(at, &at);
    run_tensors(&m, floats(cells, 1, 8), floats(y, 1, out_n));
    assert_memory_equal(cells + 8, y, (size_t)out_n * sizeof *y);
    rows++;
  }
  assert_int_equal(40, rows);
  fclose(f);
  lw_infer_model_close(&m);
}

static void test_trees_are_bit_equal_to_xgboost(void **state) {
  (void)state;
  check_rows("regression", 1);
  check_rows("logistic", 1);
  check_rows("classes", 3);
  check_rows("deep", 1); // too deep to be padded
}

// Two trees over three features, told in LightGBM's words: limits belong to the
// left side, NaN goes where decision_type says, sums are doubles.
static const char lightgbm[] =
    "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\n"
    "label_index=0\nmax_feature_idx=2\nobjective=regression\n"
    "feature_names=a b c\nfeature_infos=none none none\ntree_sizes=1 1\n\n"
    "Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 2\nsplit_gain=1 1\n"
    "threshold=0.5 -1.25\ndecision_type=10 8\nleft_child=-1 -2\n"
    "right_child=1 -3\nleaf_value=0.1 0.2 0.3\nshrinkage=1\n\n"
    "Tree=1\nnum_leaves=2\nnum_cat=0\nsplit_feature=1\nthreshold=7\n"
    "decision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=10 20\n"
    "is_linear=0\nshrinkage=1\n\n"
    "end of trees\n\nfeature_importances:\n";

static double lightgbm_at(double a, double b, double c) {
  lw_infer_model m;
  must_open(&m, save_bytes(lightgbm, sizeof lightgbm - 1), NULL, NULL);
  double x[3] = {a, b, c}, y = 0;
  lw_tensor in = {x, sizeof x, LW_INFER_f64, 2, {1, 3}};
  lw_tensor out = {&y, sizeof y, LW_INFER_f64, 2, {1, 1}};
  run_tensors(&m, in, out);
  lw_infer_model_close(&m);
  return y;
}

static void test_lightgbm_trees_split_at_their_limits(void **state) {
  (void)state;
  assert_true(lightgbm_at(0.5, 7, 0) == 0.1 + 10.0);
  assert_true(lightgbm_at(nextafter(0.5, 1), 7.1, -1.25) == 0.2 + 20.0);
  assert_true(lightgbm_at(0.6, 0, -1.24) == 0.3 + 10.0);
  assert_true(lightgbm_at(NAN, 0, 0) == 0.1 + 10.0);   // missing goes left
  assert_true(lightgbm_at(0.6, 0, NAN) == 0.3 + 10.0); // and right
  assert_true(lightgbm_at(0, NAN, 0) == 0.1 + 10.0); // no missing kind: 0 <= 7
}

// ---------------------------------------------------------------- convnet ---

// Conv (padded, strided), relu, max pool, flatten, dense, softmax, checked by
// plain sums over the ONNX layout.
typedef struct cnn {
  float w[4 * 2 * 3], b[4], v[16 * 3];
} cnn;

static pb write_cnn(cnn *m) {
  uint32_t seed = 21;
  for (size_t i = 0; i < sizeof m->w / sizeof *m->w; i++)
    m->w[i] = onnx_noise(&seed);
  for (size_t i = 0; i < 4; i++)
    m->b[i] = onnx_noise(&seed);
  for (size_t i = 0; i < sizeof m->v / sizeof *m->v; i++)
    m->v[i] = onnx_noise(&seed);
  pb g = {0};
  const int64_t dims[] = {4, 2, 3}, pads[] = {1, 1}, two = 2;
  onnx_tensor(&g, "w", 1, dims, 3, m->w, sizeof *m->w);
  onnx_weights(&g, "b", 4, 0, m->b);
  onnx_weights(&g, "v", 16, 3, m->v);
  pb conv = onnx_node("Conv", "x,w,b", "c");
  onnx_ints(&conv, "pads", pads, 2);
  onnx_ints(&conv, "strides", &two, 1);
  onnx_end(&g, &conv);
  onnx_simple(&g, "Relu", "c", "r");
  pb pool = onnx_node("MaxPool", "r", "p");
  onnx_ints(&pool, "kernel_shape", &two, 1);
  onnx_ints(&pool, "strides", &two, 1);
  onnx_end(&g, &pool);
  onnx_simple(&g, "Flatten", "p", "f");
  onnx_simple(&g, "MatMul", "f,v", "s");
  onnx_simple(&g, "Softmax", "s", "y");
  int64_t in[] = {-1, 2, 16}, out[] = {-1, 3};
  onnx_value(&g, 11, "x", 1, in, 3);
  onnx_value(&g, 12, "y", 1, out, 2);
  return onnx_model(&g, 13);
}

static void cnn_at(const cnn *m, const float *x, double y[3]) {
  double c[4][8], sum = 0;
  for (int j = 0; j < 4; j++)
    for (int p = 0; p < 8; p++) {
      c[j][p] = (double)m->b[j];
      for (int i = 0; i < 2; i++)
        for (int k = 0; k < 3; k++) {
          int at = p * 2 + k - 1;
          if (at >= 0 && at < 16)
            c[j][p] += (double)(x[i * 16 + at] * 1.0f) *
                       (double)m->w[(j * 2 + i) * 3 + k];
        }
      c[j][p] = c[j][p] < 0 ? 0 : c[j][p];
    }
  for (int o = 0; o < 3; o++)
    for (int j = (y[o] = 0, 0); j < 4; j++)
      for (int p = 0; p < 4; p++)
        y[o] += fmax(c[j][2 * p], c[j][2 * p + 1]) *
                (double)m->v[(j * 4 + p) * 3 + o];
  for (int o = 0; o < 3; o++)
    sum += y[o] = exp(y[o]);
  for (int o = 0; o < 3; o++)
    y[o] /= sum;
}

static void test_a_convolution_net_computes_what_it_says(void **state) {
  (void)state;
  static cnn c;
  float x[2 * 32], y[2 * 3];
  uint32_t seed = 4;
  for (int i = 0; i < 64; i++)
    x[i] = onnx_noise(&seed);
  const char *path = save_model(write_cnn(&c));
  for (size_t l = 0; l < 3; l++) {
    if (!has_level(levels[l]))
      continue;
    lw_infer_model m;
    must_open(&m, path, "tiny", levels[l]);
    lw_tensor in = {x, sizeof x, LW_INFER_f32, 3, {2, 2, 16}};
    run_tensors(&m, in, floats(y, 2, 3));
    for (int r = 0; r < 2; r++) {
      double want[3];
      cnn_at(&c, x + r * 32, want);
      for (int o = 0; o < 3; o++)
        assert_true(fabs(want[o] - (double)y[r * 3 + o]) < 1e-5);
    }
    lw_infer_model_close(&m);
  }
}

// ---------------------------------------------------------------- refusal ---

static void refused(const void *data, size_t n, int code, const char *words) {
  lw_infer_model m;
  lw_err e = {0};
  int rc = open_model(&m, save_bytes(data, n), "tiny", NULL, &e);
  if (rc != code || !strstr(e.text, words))
    fail_msg("%d '%s' lacks '%s'", rc, e.text, words);
}

static void test_damaged_files_are_refused_with_one_sentence(void **state) {
  (void)state;
  const int64_t sizes[] = {8, 16, 2};
  pb model = onnx_mlp(sizes, 2, "Relu", 1);
  for (size_t cut = 12; cut < model.n; cut += 7) {
    lw_infer_model m;
    lw_err e = {0};
    assert_true(open_model(&m, save_bytes(model.data, cut), "tiny", NULL, &e) <
                0);
    assert_true(strlen(e.text) > 20);
  }
  free(model.data);
  refused("hello", 5, LW_E_UNSUPPORTED, "neither ONNX");
  refused("{\"learner\":{}}", 14, LW_E_UNSUPPORTED, "gbtree");
  refused("{\"learner\":", 11, LW_E_SYNTAX, "JSON, byte 11");
  refused(lightgbm, sizeof lightgbm - 40, LW_E_CORRUPT, "cut off");
}

// A word in the place of a number is none, whatever it might mean.
static void
test_trees_with_a_limit_that_is_no_number_are_refused(void **state) {
  (void)state;
  static char text[1 << 20];
  FILE *f = fopen("tests/data/infer/regression.json", "rb");
  assert_non_null(f);
  size_t n = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  char *limit = strstr(text, "\"split_conditions\"");
  assert_non_null(limit);
  limit = strchr(limit, '[') + 1;
  size_t room = strcspn(limit, ",]");
  for (int i = 0; i < 3; i++) {
    memset(limit, ' ', room);
    memcpy(limit, (const char *const[]){"NaN ", "null", "off "}[i], 4);
    refused(text, n, LW_E_CORRUPT, "no sound 'split_conditions'");
  }
}

static void test_an_operator_that_is_not_there_is_named(void **state) {
  (void)state;
  pb g = {0};
  onnx_simple(&g, "Erf", "x", "y");
  int64_t dims[] = {1, 4};
  onnx_value(&g, 11, "x", 1, dims, 2);
  onnx_value(&g, 12, "y", 1, dims, 2);
  pb model = onnx_model(&g, 13);
  refused(model.data, model.n, LW_E_UNSUPPORTED, "Erf 'y'");
  free(model.data);
}

static void test_a_wrong_shape_names_both(void **state) {
  (void)state;
  const int64_t sizes[] = {8, 16, 2};
  lw_infer_model m;
  lw_err e = {0};
  must_open(&m, save_model(onnx_mlp(sizes, 2, "Relu", 1)), NULL, NULL);
  void *c;
  assert_int_equal(0, m.backend->context_new(&c, m.model, &e));
  float x[9] = {0};
  lw_tensor t = floats(x, 1, 9);
  assert_int_equal(LW_E_SHAPE, m.backend->bind(c, LW_INFER_IN, 0, &t, &e));
  assert_string_equal("'x' is f32 [? x 8], given is f32 [1 x 9]", e.text);
  assert_int_equal(LW_E_STATE, m.backend->run(c, &e));
  m.backend->context_free(c);
  lw_infer_model_close(&m);
}

static void test_only_listed_digests_load_in_production(void **state) {
  (void)state;
  const int64_t sizes[] = {8, 16, 2};
  const char *path = save_model(onnx_mlp(sizes, 2, "Relu", 1));
  lw_infer_model m;
  lw_err e = {0};
  must_open(&m, path, NULL, NULL);
  char list[200];
  snprintf(list, sizeof list, "# checked by ana\n\n%s  mlp.onnx\n", m.digest);
  lw_infer_model_close(&m);
  lw_infer_allow allow;
  lw_infer_open o = {.path = path, .allow = &allow};
  assert_int_equal(0, lw_infer_allow_init(&allow, list, strlen(list), &e));
  assert_int_equal(0, lw_infer_model_open(&m, &o, &e));
  lw_infer_model_close(&m);
  allow.digests[0][5] ^= 1;
  assert_int_equal(LW_E_DENIED, lw_infer_model_open(&m, &o, &e));
  assert_non_null(strstr(e.text, "not on the allow-list"));
  lw_infer_allow_fini(&allow);
  assert_int_equal(LW_E_SYNTAX, lw_infer_allow_init(&allow, "abc\n", 4, &e));
  assert_non_null(strstr(e.text, "line 1"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_networks_compute_what_they_say),
      cmocka_unit_test(test_a_row_gives_the_same_bits_alone_and_in_a_batch),
      cmocka_unit_test(test_avx2_and_avx512_agree_to_the_bit),
      cmocka_unit_test(test_nan_goes_through_and_is_never_a_zero),
      cmocka_unit_test(test_trees_are_bit_equal_to_xgboost),
      cmocka_unit_test(test_lightgbm_trees_split_at_their_limits),
      cmocka_unit_test(test_a_convolution_net_computes_what_it_says),
      cmocka_unit_test(test_damaged_files_are_refused_with_one_sentence),
      cmocka_unit_test(test_trees_with_a_limit_that_is_no_number_are_refused),
      cmocka_unit_test(test_an_operator_that_is_not_there_is_named),
      cmocka_unit_test(test_a_wrong_shape_names_both),
      cmocka_unit_test(test_only_listed_digests_load_in_production),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  unlink(model_path());
  return failed;
}
