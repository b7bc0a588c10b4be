// ONNX Runtime through the vtable; skipped where the library is not.
#include "models.h"

#include <math.h>
#include <pthread.h>

static int needs_library(void **state) {
  (void)state;
  return has_onnxruntime() ? 0 : -1;
}

static const int64_t mlp_sizes[] = {32, 64, 64, 1};

static void test_both_backends_agree(void **state) {
  (void)state;
  if (needs_library(state) < 0)
    skip();
  const char *maps[] = {"Relu", "Tanh", "Sigmoid", "Softplus", "Elu"};
  static float x[50 * 32], y[2][50];
  uint32_t seed = 5;
  for (size_t i = 0; i < sizeof x / sizeof *x; i++)
    x[i] = 2 * onnx_noise(&seed);
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
    const char *path = save_model(onnx_mlp(mlp_sizes, 3, maps[i], 17));
    const char *names[] = {"tiny", "onnxruntime"};
    for (int b = 0; b < 2; b++) {
      lw_infer_model m;
      must_open(&m, path, names[b], NULL);
      run_tensors(&m, floats(x, 50, 32), floats(y[b], 50, 1));
      lw_infer_model_close(&m);
    }
    for (int r = 0; r < 50; r++)
      assert_true(fabsf(y[0][r] - y[1][r]) <= 4e-6f * (1 + fabsf(y[1][r])));
  }
}

// An output whose size only the run knows is the backend's to allocate.
static void test_an_output_of_unknown_size_comes_back(void **state) {
  if (needs_library(state) < 0)
    skip();
  pb g = {0};
  onnx_simple(&g, "NonZero", "x", "y");
  int64_t in[] = {4}, out[] = {1, -1};
  onnx_value(&g, 11, "x", 1, in, 1);
  onnx_value(&g, 12, "y", 7, out, 2);
  lw_infer_model m;
  must_open(&m, save_model(onnx_model(&g, 13)), "onnxruntime", NULL);
  float x[4] = {0, 1, 0, 5};
  lw_tensor t = {x, sizeof x, LW_INFER_f32, 1, {4}}, none = {0}, y;
  void *c;
  lw_err e = {0};
  const lw_infer_backend *b = m.backend;
  assert_int_equal(0, b->context_new(&c, m.model, &e));
  assert_int_equal(0, b->bind(c, LW_INFER_IN, 0, &t, &e));
  assert_int_equal(0, b->bind(c, LW_INFER_OUT, 0, &none, &e));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(0, b->run(c, &e));
    assert_int_equal(0, b->result(c, 0, &y));
    assert_int_equal(2, y.dims[1]);
    assert_int_equal(3, ((int64_t *)y.data)[1]);
    x[2] = 0;
  }
  b->context_free(c);
  lw_infer_model_close(&m);
}

static void test_texts_cross_both_ways(void **state) {
  if (needs_library(state) < 0)
    skip();
  pb g = {0};
  onnx_simple(&g, "Identity", "x", "y");
  int64_t dims[] = {-1};
  onnx_value(&g, 11, "x", 8, dims, 1);
  onnx_value(&g, 12, "y", 8, dims, 1);
  lw_infer_model m;
  must_open(&m, save_model(onnx_model(&g, 13)), NULL, NULL);
  assert_string_equal("onnxruntime", m.backend->name);
  const char *texts[] = {"lot 7", "", "grün"};
  lw_tensor t = {texts, sizeof texts, LW_INFER_text, 1, {3}}, none = {0}, y;
  void *c;
  lw_err e = {0};
  const lw_infer_backend *b = m.backend;
  assert_int_equal(0, b->context_new(&c, m.model, &e));
  assert_int_equal(0, b->bind(c, LW_INFER_IN, 0, &t, &e));
  assert_int_equal(0, b->bind(c, LW_INFER_OUT, 0, &none, &e));
  assert_int_equal(0, b->run(c, &e));
  assert_int_equal(0, b->result(c, 0, &y));
  for (int i = 0; i < 3; i++)
    assert_string_equal(texts[i], ((const char **)y.data)[i]);
  b->context_free(c);
  lw_infer_model_close(&m);
}

static void test_the_provider_in_use_is_told(void **state) {
  if (needs_library(state) < 0)
    skip();
  const char *path = save_model(onnx_mlp(mlp_sizes, 3, "Relu", 17));
  lw_infer_model m;
  lw_err e = {0};
  lw_infer_used used;
  lw_infer_open o = {.path = path,
                     .backend = "onnxruntime",
                     .options = {.providers = "NoSuchThing, cpu"}};
  assert_int_equal(0, lw_infer_model_open(&m, &o, &e));
  m.backend->used(m.model, &used);
  assert_string_equal("cpu", used.provider);
  assert_non_null(strstr(used.passed_over, "NoSuchThing"));
  lw_infer_model_close(&m);
  o.options.providers = "webgpu, cpu"; // whatever it is called in there
  assert_int_equal(0, lw_infer_model_open(&m, &o, &e));
  m.backend->used(m.model, &used);
  assert_null(strstr(used.passed_over, "knows by name"));
  lw_infer_model_close(&m);
  o.options.providers = "NoSuchThing";
  assert_int_equal(LW_E_UNSUPPORTED, lw_infer_model_open(&m, &o, &e));
  assert_non_null(strstr(e.text, "NoSuchThing"));
}

// A model that would run for a minute ends when another thread says so.
static pb slow_model(void) {
  pb g = {0}, body = {0}, attribute = {0};
  onnx_simple(&body, "Identity", "going", "goes_on");
  onnx_simple(&body, "MatMul", "a_in,a_in", "a_out");
  int64_t none[] = {1}, square[] = {256, 256};
  onnx_value(&body, 11, "i", 7, none, 0);
  onnx_value(&body, 11, "going", 9, none, 0);
  onnx_value(&body, 11, "a_in", 1, square, 2);
  onnx_value(&body, 12, "goes_on", 9, none, 0);
  onnx_value(&body, 12, "a_out", 1, square, 2);
  pb_text(&body, 2, "body");
  int64_t trips = 1000000;
  uint8_t yes = 1;
  onnx_tensor(&g, "trips", 7, none, 0, &trips, sizeof trips);
  onnx_tensor(&g, "yes", 9, none, 0, &yes, 1);
  pb loop = onnx_node("Loop", "trips,yes,x", "y");
  pb_text(&attribute, 1, "body");
  pb_message(&attribute, 6, &body);
  pb_int(&attribute, 20, 5);
  pb_message(&loop, 5, &attribute);
  onnx_end(&g, &loop);
  onnx_value(&g, 11, "x", 1, square, 2);
  onnx_value(&g, 12, "y", 1, square, 2);
  return onnx_model(&g, 13);
}

typedef struct canceller {
  const lw_infer_backend *b;
  void *context;
} canceller;

static void *cancel_soon(void *arg) {
  canceller *c = arg;
  usleep(50000);
  c->b->cancel(c->context);
  return NULL;
}

static void test_a_run_ends_when_it_is_cancelled(void **state) {
  if (needs_library(state) < 0)
    skip();
  lw_infer_model m;
  must_open(&m, save_model(slow_model()), "onnxruntime", NULL);
  static float x[256 * 256], y[256 * 256];
  lw_tensor in = floats(x, 256, 256), out = floats(y, 256, 256);
  canceller c = {.b = m.backend};
  lw_err e = {0};
  pthread_t thread;
  assert_int_equal(0, c.b->context_new(&c.context, m.model, &e));
  assert_int_equal(0, c.b->bind(c.context, LW_INFER_IN, 0, &in, &e));
  assert_int_equal(0, c.b->bind(c.context, LW_INFER_OUT, 0, &out, &e));
  pthread_create(&thread, NULL, cancel_soon, &c);
  assert_int_equal(LW_E_CLOSED, c.b->run(c.context, &e));
  pthread_join(thread, NULL);
  c.b->context_free(c.context);
  lw_infer_model_close(&m);
}

static void test_a_damaged_file_is_one_sentence(void **state) {
  if (needs_library(state) < 0)
    skip();
  pb model = onnx_mlp(mlp_sizes, 3, "Relu", 17);
  for (size_t cut = 8; cut < model.n; cut += model.n / 9) {
    lw_infer_model m;
    lw_err e = {0};
    assert_true(open_model(&m, save_bytes(model.data, cut), NULL, NULL, &e) <
                0);
    assert_null(strchr(e.text, '\n'));
    assert_non_null(strstr(e.text, model_path()));
  }
  free(model.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_both_backends_agree),
      cmocka_unit_test(test_an_output_of_unknown_size_comes_back),
      cmocka_unit_test(test_texts_cross_both_ways),
      cmocka_unit_test(test_the_provider_in_use_is_told),
      cmocka_unit_test(test_a_run_ends_when_it_is_cancelled),
      cmocka_unit_test(test_a_damaged_file_is_one_sentence),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  unlink(model_path());
  return failed;
}
