// Texts of devices: slots of the image, and what people get to see of odd
// bytes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c/image/plans.h"
#include "image/image.h"

static const char *clean(const char *text) {
  static char buf[LW_TEXT_CLEAN];
  lw_str s;
  lw_str_init(&s, buf, sizeof buf);
  lw_text_clean(&s, text);
  return buf;
}

static void odd_bytes_are_escaped(void **state) {
  (void)state;
  const struct {
    const char *from, *to;
  } rows[] = {{"LOT 17", "LOT 17"},
              {"", ""},
              {"M\xC3\xBChle \xE6\xB5\x86", "M\xC3\xBChle \xE6\xB5\x86"},
              {"M\xFChle", "M\\xFChle"},
              {"a\x1B[31m\n\x7F", "a\\x1B[31m\\x0A\\x7F"},
              {"\xC2\x9B"
               "1m",
               "\\xC2\\x9B1m"},
              {"\xC0\xAF", "\\xC0\\xAF"},          // overlong
              {"\xED\xA0\x80", "\\xED\\xA0\\x80"}, // surrogate
              {"\xE6\xB5", "\\xE6\\xB5"}};         // cut in two
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_string_equal(clean(rows[i].from), rows[i].to);
}

static void any_bytes_become_a_text_for_people(void **state) {
  (void)state;
  srand(1);
  for (int n = 0; n < 20000; n++) {
    char raw[LW_TEXT_SIZE + 8];
    for (size_t i = 0; i < sizeof raw; i++)
      raw[i] = (char)(n % 2 ? 0x80 | rand() : rand());
    raw[sizeof raw - 1] = 0;
    const char *text = clean(raw);
    size_t left = strlen(text), length;
    assert_true(left < LW_TEXT_CLEAN);
    for (; left > 0; text += length, left -= length) {
      length = lw_utf8_n(text, left);
      assert_true(length > 0);
      assert_true((unsigned char)*text >= 0x20 && *text != 0x7F);
    }
  }
}

static lw_image *image_of(const lw_plan *p) {
  static const uint8_t digest[32];
  lw_image *m = calloc(1, lw_image_size(p));
  lw_image_init(m, p, digest);
  return m;
}

static void a_text_has_a_slot_and_a_number_none(void **state) {
  (void)state;
  lw_plan *p = plan_sample();
  lw_image *m = image_of(p);
  lw_err e;
  lw_text t;
  assert_int_equal(lw_image_check(m, lw_image_size(p), &e), 0);
  assert_null(lw_image_text(m, PLAN_TEMP));
  assert_null(lw_image_text(m, PLAN_TAG_N));
  lw_text_slot *slot = lw_image_text(m, PLAN_LABEL);
  lw_text_read(slot, &t);
  assert_int_equal(t.quality, LW_BAD);
  lw_text_write(
      slot, &(lw_text){.text = "LOT 17", .t_ns = 42, .quality = LW_UNCERTAIN});
  lw_text_read(slot, &t);
  assert_string_equal(t.text, "LOT 17");
  assert_int_equal(t.t_ns, 42);
  assert_int_equal(t.quality, LW_UNCERTAIN);
  m->text_n = 2;
  assert_int_equal(lw_image_check(m, lw_image_size(p), &e), LW_E_CORRUPT);
  free(m);
  lw_plan_free(p);
}

static void a_plan_without_texts_has_no_room_for_them(void **state) {
  (void)state;
  lw_plan *p = plan_sample();
  size_t with = lw_image_size(p);
  p->tags[PLAN_LABEL].type = LW_TYPE_f64;
  assert_int_equal(with - lw_image_size(p), sizeof(lw_text_slot));
  lw_plan_free(p);
}

static void every_text_tag_finds_its_own_slot(void **state) {
  (void)state;
  lw_plan *p = lw_plan_new();
  char name[16];
  for (int i = 0; i < 40; i++) {
    snprintf(name, sizeof name, "t%d", i);
    int tag = lw_plan_add_tag(p, name);
    p->tags[tag].type = i % 3 ? LW_TYPE_text : LW_TYPE_f64;
  }
  lw_image *m = image_of(p);
  for (uint32_t i = 0; i < 40; i++) {
    const lw_text_slot *slot = lw_image_text(m, i);
    assert_int_equal(slot != NULL, i % 3 != 0);
    assert_true(!slot || slot->tag == i);
  }
  free(m);
  lw_plan_free(p);
}

static void a_writer_that_died_inside_gives_nothing(void **state) {
  (void)state;
  lw_text_slot slot = {.quality = LW_GOOD, .text = "half"};
  lw_text t;
  atomic_store(&slot.seq, 3);
  lw_text_read(&slot, &t);
  assert_int_equal(t.quality, LW_BAD);
  assert_string_equal(t.text, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(odd_bytes_are_escaped),
      cmocka_unit_test(any_bytes_become_a_text_for_people),
      cmocka_unit_test(a_text_has_a_slot_and_a_number_none),
      cmocka_unit_test(a_plan_without_texts_has_no_room_for_them),
      cmocka_unit_test(every_text_tag_finds_its_own_slot),
      cmocka_unit_test(a_writer_that_died_inside_gives_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
