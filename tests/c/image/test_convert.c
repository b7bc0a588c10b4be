#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "image/convert.h"

// Tenths of rpm on the wire, 12 mL/min per rpm: the pump of line B.
static const lw_plan_tag pump = {.type = LW_TYPE_u16, .scale = 0.1, .gain = 12};

static void a_reading_passes_both_conversions(void **unused) {
  (void)unused;
  double rpm = lw_tag_from_device(&pump, 3300);
  assert_true(fabs(rpm - 330) < 1e-9);
  assert_true(fabs(lw_tag_to_process(&pump, rpm) - 3960) < 1e-9);
  assert_true(isnan(lw_tag_to_process(&pump, lw_tag_from_device(&pump, NAN))));
}

// 4..20 mA as 4000..20000 counts, 0..10 bar, seen in kPa above 100 kPa.
static const lw_plan_tag pressure = {.type = LW_TYPE_u16,
                                     .scale = 0.000625,
                                     .offset = -2.5,
                                     .gain = 100,
                                     .bias = 100};

static void offset_and_bias_go_both_ways(void **unused) {
  (void)unused;
  double raw, bar = lw_tag_from_device(&pressure, 12000);
  assert_true(fabs(bar - 5) < 1e-9);
  assert_true(fabs(lw_tag_to_process(&pressure, bar) - 600) < 1e-9);
  assert_int_equal(lw_tag_to_device(&pressure, 600, &raw), 0);
  assert_true(raw == 12000);
}

static void a_set_point_is_rounded_to_the_word(void **unused) {
  (void)unused;
  double raw;
  assert_int_equal(lw_tag_to_device(&pump, 3960, &raw), 0);
  assert_true(raw == 3300);
  assert_int_equal(lw_tag_to_device(&pump, 20, &raw), 0); // 16.67 tenths
  assert_true(raw == 17);
}

static void every_word_type_has_its_ends(void **unused) {
  (void)unused;
  static const struct {
    int type;
    double lo, hi, below, above;
  } ends[] = {
      {LW_TYPE_bool, 0, 1, -1, 2},
      {LW_TYPE_u16, 0, 65535, -1, 65536},
      {LW_TYPE_s16, -32768, 32767, -32769, 32768},
      {LW_TYPE_u32, 0, 4294967295.0, -1, 4294967296.0},
      {LW_TYPE_s32, -2147483648.0, 2147483647.0, -2147483649.0, 2147483648.0},
      {LW_TYPE_f32, -3.4e38, 3.4e38, -3.5e38, 3.5e38},
      {LW_TYPE_u64, 0, 9007199254740992.0, -1, 9007199254740994.0},
      {LW_TYPE_s64, -9007199254740992.0, 9007199254740992.0,
       -9007199254740994.0, 9007199254740994.0},
      {LW_TYPE_f64, -1e308, 1e308, -INFINITY, INFINITY},
  };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const lw_plan_tag t = {.type = ends[i].type, .scale = 1, .gain = 1};
    double raw = 99;
    assert_int_equal(lw_tag_to_device(&t, ends[i].below, &raw), LW_E_RANGE);
    assert_int_equal(lw_tag_to_device(&t, ends[i].above, &raw), LW_E_RANGE);
    assert_int_equal(lw_tag_to_device(&t, NAN, &raw), LW_E_RANGE);
    assert_true(raw == 99);
    assert_int_equal(lw_tag_to_device(&t, ends[i].lo, &raw), 0);
    assert_true(raw == ends[i].lo);
    assert_int_equal(lw_tag_to_device(&t, ends[i].hi, &raw), 0);
    assert_true(raw == ends[i].hi);
  }
}

static void integers_are_rounded_and_numbers_are_not(void **unused) {
  (void)unused;
  for (int type = 0; type < LW_TYPE_N; type++) {
    const lw_plan_tag t = {.type = (uint8_t)type, .scale = 1, .gain = 1};
    int is_number = type == LW_TYPE_f32 || type == LW_TYPE_f64;
    double raw = -1;
    if (type == LW_TYPE_text)
      continue;
    assert_int_equal(lw_tag_to_device(&t, 0.75, &raw), 0);
    assert_true(raw == (is_number ? 0.75 : 1));
  }
}

static void a_text_takes_no_number(void **unused) {
  (void)unused;
  const lw_plan_tag t = {.type = LW_TYPE_text, .scale = 1, .gain = 1};
  double raw;
  assert_int_equal(lw_tag_to_device(&t, 0, &raw), LW_E_RANGE);
  assert_int_equal(lw_tag_to_device(&t, 1, &raw), LW_E_RANGE);
}

static void integers_beyond_two_to_the_53_are_not_exact(void **unused) {
  (void)unused;
  assert_true(lw_is_exact(9007199254740992.0));
  assert_true(lw_is_exact(-9007199254740992.0));
  assert_false(lw_is_exact(9007199254740994.0));
  assert_false(lw_is_exact(NAN));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_reading_passes_both_conversions),
      cmocka_unit_test(offset_and_bias_go_both_ways),
      cmocka_unit_test(a_set_point_is_rounded_to_the_word),
      cmocka_unit_test(every_word_type_has_its_ends),
      cmocka_unit_test(integers_are_rounded_and_numbers_are_not),
      cmocka_unit_test(a_text_takes_no_number),
      cmocka_unit_test(integers_beyond_two_to_the_53_are_not_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
