// The slot numbers of infer/ort_api.h against ONNX Runtime's own header, where
// it is installed (Debian 13: libonnxruntime-dev).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "infer/ort_api.h"

#if defined(__has_include)
#if __has_include(<onnxruntime/onnxruntime_c_api.h>)
#include <onnxruntime/onnxruntime_c_api.h>
#define HAS_HEADER 1
#elif __has_include(<onnxruntime_c_api.h>)
#include <onnxruntime_c_api.h>
#define HAS_HEADER 1
#endif
#endif

static void test_slots_are_those_of_the_header(void **state) {
  (void)state;
#ifdef HAS_HEADER
#define CHECK(slot, theirs, ours, params)                                      \
  assert_int_equal(slot, offsetof(OrtApi, theirs) / sizeof(void *));
  LW_ORT_CALLS(CHECK)
  LW_ORT_VOIDS(CHECK)
  assert_int_equal(1, offsetof(OrtApi, GetErrorCode) / sizeof(void *));
  assert_int_equal(2, offsetof(OrtApi, GetErrorMessage) / sizeof(void *));
#undef CHECK
#else
  skip();
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_slots_are_those_of_the_header)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
