// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "worker/bundle.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char good[] = "LINEWRIGHT-BUNDLE 1\n"
                           "recipe=coat\n"
                           "version=2.3.0\n"
                           "line=line-B\n"
                           "bundle=" HEX64 "\n"
                           "settings={\"speed\":30}\n"
                           "future=ignored=yes\n"
                           "twin=1\n"
                           "file=recipe\t" HEX64 "\t5\trecipes/a b.lua\n"
                           "file=line\t" HEX64 "\t0\tlines/b.lua\n"
                           "plan_bytes=4\n"
                           "\n"
                           "PLANhello";

// Parse a copy of n bytes, in a block of exactly that size so that the address
// sanitizer sees any step beyond it.
static int parse(const char *text, size_t n, lw_bundle *b, lw_err *e,
                 char **kept) {
  char *copy = malloc(n ? n : 1);
  memcpy(copy, text, n);
  int rc = lw_bundle_parse(b, copy, n, e);
  if (kept)
    *kept = copy;
  else
    free(copy);
  return rc;
}

static void takes_every_field(void **state) {
  (void)state;
  lw_bundle b;
  char *kept;
  lw_err e;
  assert_int_equal(parse(good, sizeof good - 1, &b, &e, &kept), 0);
  assert_string_equal(b.run.recipe, "coat");
  assert_string_equal(b.run.version, "2.3.0");
  assert_string_equal(b.run.line, "line-B");
  assert_string_equal(b.run.settings, "{\"speed\":30}");
  assert_int_equal(b.has_twin, 1);
  assert_int_equal(b.plan_n, 4);
  assert_memory_equal(b.plan, "PLAN", 4);
  assert_int_equal(b.file_n, 2);
  assert_string_equal(b.files[0].role, "recipe");
  assert_string_equal(b.files[0].path, "recipes/a b.lua");
  assert_int_equal(b.files[0].n, 5);
  assert_memory_equal(b.files[0].text, "hello", 5);
  assert_int_equal(b.files[1].n, 0);
  free(kept);
}

static void refuses_every_truncation(void **state) {
  (void)state;
  for (size_t n = 0; n < sizeof good - 1; n++) {
    lw_bundle b;
    lw_err e = {0};
    assert_int_equal(parse(good, n, &b, &e, NULL), LW_E_CORRUPT);
    assert_true(strlen(e.text) > 0);
  }
}

static void survives_every_changed_byte(void **state) {
  (void)state;
  char text[sizeof good];
  const char changes[] = {0, '\n', '\t', '=', '9', (char)0xff};
  for (size_t i = 0; i < sizeof good - 1; i++)
    for (size_t k = 0; k < sizeof changes; k++) {
      memcpy(text, good, sizeof good);
      text[i] = changes[k];
      lw_bundle b;
      parse(text, sizeof good - 1, &b, NULL, NULL);
    }
}

static void names_a_value_that_is_too_long(void **state) {
  (void)state;
  char text[2000] = "LINEWRIGHT-BUNDLE 1\nrecipe=";
  size_t n = strlen(text);
  memset(text + n, 'x', 500);
  strcpy(text + n + 500, "\n\n");
  lw_bundle b;
  lw_err e;
  assert_int_equal(parse(text, strlen(text), &b, &e, NULL), LW_E_RANGE);
  assert_non_null(strstr(e.text, "recipe is longer than 95 bytes"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_every_field),
      cmocka_unit_test(refuses_every_truncation),
      cmocka_unit_test(survives_every_changed_byte),
      cmocka_unit_test(names_a_value_that_is_too_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
