// A backend in a shared object, built beside this test from
// examples/backend/double.c: found by path, chosen by content, refused twice.
#include "models.h"

#include <libgen.h>
#include <limits.h>

static const char *beside(const char *name) {
  static char path[PATH_MAX + 64];
  char self[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  assert_true(n > 0);
  self[n] = '\0';
  snprintf(path, sizeof path, "%s/%s", dirname(self), name);
  return path;
}

static void test_a_shared_object_becomes_a_backend(void **state) {
  (void)state;
  lw_err e = {0};
  lw_infer_model m;
  if (lw_infer_plugin(beside("backend_double.so"), &e) < 0)
    fail_msg("%s", e.text);
  must_open(&m, save_bytes("double 3\n", 9), NULL, NULL);
  assert_string_equal("double", m.backend->name);
  float x[6] = {1, 2, 3, 4, 5, 6}, y[6] = {0};
  run_tensors(&m, floats(x, 2, 3), floats(y, 2, 3));
  assert_true(y[0] == 2 && y[5] == 12);
  lw_infer_model_close(&m);
  assert_int_equal(LW_E_CORRUPT,
                   open_model(&m, save_bytes("double 0\n", 9), NULL, NULL, &e));
  assert_int_equal(LW_E_EXISTS,
                   lw_infer_plugin(beside("backend_double.so"), &e));
  assert_non_null(strstr(e.text, "its name is taken"));
}

static void test_what_is_no_backend_is_refused(void **state) {
  (void)state;
  lw_err e = {0};
  assert_int_equal(LW_E_NOTFOUND, lw_infer_plugin("/nosuch.so", &e));
  assert_int_equal(LW_E_UNSUPPORTED, lw_infer_plugin("libm.so.6", &e));
  assert_non_null(strstr(e.text, "exports no lw_infer_backend_entry"));
}

static void test_a_table_with_holes_is_refused(void **state) {
  (void)state;
  lw_infer_backend b = *lw_infer_find("tiny");
  b.name = "holes";
  b.run = NULL;
  assert_int_equal(LW_E_RANGE, lw_infer_register(&b));
  b.run = lw_infer_find("tiny")->run;
  b.abi = LW_INFER_ABI + 1;
  assert_int_equal(LW_E_RANGE, lw_infer_register(&b));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_shared_object_becomes_a_backend),
      cmocka_unit_test(test_what_is_no_backend_is_refused),
      cmocka_unit_test(test_a_table_with_holes_is_refused),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  unlink(model_path());
  return failed;
}
