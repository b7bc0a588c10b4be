#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void text_is_cut_at_the_end(void **unused) {
  (void)unused;
  char text[8];
  lw_str s;
  lw_str_init(&s, text, sizeof text);
  lw_str_add(&s, "%d-", 123);
  assert_string_equal(text, "123-");
  assert_int_equal(s.n, 4);
  assert_false(s.is_cut);
  lw_str_add(&s, "4567");
  assert_string_equal(text, "123-456");
  assert_int_equal(s.n, 7);
  assert_true(s.is_cut);
  lw_str_add(&s, "more");
  assert_string_equal(text, "123-456");
}

static const char *number(double x) {
  static char text[40];
  lw_str s;
  lw_str_init(&s, text, sizeof text);
  lw_str_number(&s, x);
  return text;
}

static void numbers_are_short_and_exact(void **unused) {
  (void)unused;
  assert_string_equal(number(0.1), "0.1");
  assert_string_equal(number(118), "118");
  assert_string_equal(number(-0.0), "-0");
  assert_string_equal(number(1e300), "1e+300");
  assert_string_equal(number(NAN), "null");
  assert_string_equal(number(-INFINITY), "null");
  const double hard[] = {0.1 + 0.2,
                         1.0 / 3,
                         DBL_MAX,
                         DBL_MIN,
                         5e-324,
                         9007199254740993.0,
                         2.2250738585072011e-308};
  for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
    assert_true(strtod(number(hard[i]), NULL) == hard[i]);
}

static const char *json(const char *in, size_t n) {
  static char text[64];
  lw_str s;
  lw_str_init(&s, text, sizeof text);
  lw_str_json(&s, in, n);
  return text;
}

static void json_strings_are_escaped(void **unused) {
  (void)unused;
  assert_string_equal(json("plain", 5), "\"plain\"");
  assert_string_equal(json("a\"b\\c", 5), "\"a\\\"b\\\\c\"");
  assert_string_equal(json("\n\x1b\x7f", 3), "\"\\u000a\\u001b\\u007f\"");
  assert_string_equal(json("a\0b", 3), "\"a\\u0000b\"");
  assert_string_equal(json("", 0), "\"\"");
}

#define FFFD "\xEF\xBF\xBD"

static void bytes_that_are_no_utf8_are_replaced(void **unused) {
  (void)unused;
  static const struct {
    const char *in, *out;
  } cases[] = {
      {"\xC2\xB0"
       "C",
       "\"\xC2\xB0"
       "C\""},
      {"\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\xE2\x82\xAC\xF0\x9F\x98\x80\""},
      {"\xE0\xA4\xA4\xED\x9F\xBF\xEE\x80\x80", "\"\xE0\xA4\xA4\xED\x9F\xBF"
                                               "\xEE\x80\x80\""},
      {"\xF3\xA0\x80\x81\xF4\x8F\xBF\xBF",
       "\"\xF3\xA0\x80\x81\xF4\x8F\xBF\xBF\""},
      {"\xB0", "\"" FFFD "\""},
      {"\xC0\x80", "\"" FFFD FFFD "\""},          // overlong
      {"\xED\xA0\x80", "\"" FFFD FFFD FFFD "\""}, // surrogate
      {"\xF5\x80", "\"" FFFD FFFD "\""},
      {"\xE2\x82", "\"" FFFD FFFD "\""}, // cut
      {"\xE2\x82x", "\"" FFFD FFFD "x\""},
      {"\xC3x", "\"" FFFD "x\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(json(cases[i].in, strlen(cases[i].in)), cases[i].out);
}

static void a_json_string_that_does_not_fit_is_left_out_whole(void **unused) {
  (void)unused;
  char text[8];
  lw_str s;
  lw_str_init(&s, text, sizeof text);
  lw_str_add(&s, "[");
  lw_str_json(&s, "0123456789", 10);
  assert_string_equal(text, "[\"\"");
  assert_true(s.is_cut);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_is_cut_at_the_end),
      cmocka_unit_test(numbers_are_short_and_exact),
      cmocka_unit_test(json_strings_are_escaped),
      cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
      cmocka_unit_test(a_json_string_that_does_not_fit_is_left_out_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
