#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "c/image/plans.h"
#include "scan/input.h"

enum { AGE_NS = 50 * 1000000 }; // five scans

static void step(lw_input *in, double value, int quality, int64_t t_ns,
                 int64_t now_ns) {
  const lw_reading raw = {.value = value, .t_ns = t_ns, .quality = quality};
  lw_input_step(in, &raw, now_ns);
}

static void assert_now(const lw_input *in, double value, int quality) {
  assert_true(fabs(in->now.value - value) < 1e-9);
  assert_int_equal(in->now.quality, quality);
}

static void quality_follows_the_device(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  lw_input in;
  assert_int_equal(lw_input_init(&in, p, PLAN_TEMP, NULL), 0);
  assert_false(in.was_good);
  step(&in, 1000, LW_UNCERTAIN, 0, 0);
  assert_now(&in, 100, LW_UNCERTAIN);
  assert_true(in.was_good);
  step(&in, 1010, LW_GOOD, 10, 10);
  assert_now(&in, 101, LW_GOOD);
  step(&in, 5000, LW_BAD, 20, 20);
  assert_now(&in, 101, LW_BAD);
  assert_int_equal(in.now.t_ns, 10);
  lw_input_fini(&in);
  lw_plan_free(p);
}

static void numbers_that_are_none_are_bad(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  lw_input in;
  lw_input_init(&in, p, PLAN_TEMP, NULL);
  static const double odd[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    step(&in, odd[i], LW_GOOD, 0, 0);
    assert_int_equal(in.now.quality, LW_BAD);
    assert_false(in.was_good);
  }
  lw_input_fini(&in);
  lw_plan_free(p);
}

static void an_old_number_is_bad(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  lw_input in;
  lw_input_init(&in, p, PLAN_TEMP, NULL);
  step(&in, 1000, LW_GOOD, 7, AGE_NS + 7);
  assert_int_equal(in.now.quality, LW_GOOD);
  step(&in, 1000, LW_GOOD, 7, AGE_NS + 8);
  assert_int_equal(in.now.quality, LW_BAD);
  lw_input_fini(&in);
  lw_plan_free(p);
}

static void wide_integers_beyond_2_to_the_53_are_bad(void **unused) {
  (void)unused;
  static const struct {
    int type, quality;
  } cases[] = {
      {LW_TYPE_u64, LW_BAD}, {LW_TYPE_s64, LW_BAD}, {LW_TYPE_f64, LW_GOOD}};
  for (int i = 0; i < 3; i++) {
    lw_plan *p = plan_sample();
    p->tags[PLAN_TEMP].type = cases[i].type;
    lw_input in;
    lw_input_init(&in, p, PLAN_TEMP, NULL);
    step(&in, 9007199254740992.0, LW_GOOD, 0, 0);
    assert_int_equal(in.now.quality, LW_GOOD);
    step(&in, 9007199254740994.0, LW_GOOD, 1, 1);
    assert_int_equal(in.now.quality, cases[i].quality);
    lw_input_fini(&in);
    lw_plan_free(p);
  }
}

static void a_text_has_no_number(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  p->tags[PLAN_TEMP].type = LW_TYPE_text;
  lw_input in;
  lw_input_init(&in, p, PLAN_TEMP, NULL);
  step(&in, 1000, LW_GOOD, 0, 0);
  assert_true(isnan(in.now.value) && isnan(lw_input_for_rules(&in).value));
  assert_int_equal(in.now.quality, LW_GOOD);
  lw_input_fini(&in);
  lw_plan_free(p);
}

static void a_sample_enters_a_filter_once(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  const double window[] = {3};
  lw_plan_add_filter(p, PLAN_TEMP, "median", window, 1);
  lw_input in;
  assert_int_equal(lw_input_init(&in, p, PLAN_TEMP, NULL), 0);
  // A slow device: each of its numbers is met by two scans.
  for (int scan = 0; scan < 4; scan++)
    step(&in, 1000, LW_GOOD, scan / 2 * 20, scan * 10);
  assert_int_equal(in.now.quality, LW_BAD); // two samples of three
  step(&in, 1000, LW_GOOD, 40, 40);
  assert_now(&in, 100, LW_GOOD);
  step(&in, 2000, LW_GOOD, 60, 60);
  step(&in, 2000, LW_GOOD, 60, 70);
  assert_now(&in, 100, LW_GOOD); // one outlier, however often it is met
  assert_int_equal(in.now.t_ns, 60);
  lw_input_fini(&in);
  lw_plan_free(p);
}

static void rules_see_the_plain_value_until_filters_are_full(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  const double window[] = {3};
  lw_plan_add_filter(p, PLAN_TEMP, "median", window, 1);
  lw_input in;
  lw_input_init(&in, p, PLAN_TEMP, NULL);
  step(&in, 1000, LW_GOOD, 0, 0);
  step(&in, 1600, LW_GOOD, 10, 10);
  assert_int_equal(in.now.quality, LW_BAD);
  assert_true(fabs(lw_input_for_rules(&in).value - 160) < 1e-9);
  assert_int_equal(lw_input_for_rules(&in).quality, LW_GOOD);
  step(&in, 1000, LW_GOOD, 20, 20);
  assert_true(fabs(lw_input_for_rules(&in).value - 100) < 1e-9);
  step(&in, 1000, LW_BAD, 30, 30);
  assert_int_equal(lw_input_for_rules(&in).quality, LW_BAD);
  lw_input_fini(&in);
  lw_plan_free(p);
}

static void a_chain_that_cannot_work_is_refused_whole(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  const double window[] = {3}, wrong[] = {-1};
  lw_plan_add_filter(p, PLAN_TEMP, "median", window, 1);
  lw_plan_add_filter(p, PLAN_TEMP, "median", wrong, 1);
  lw_input in;
  lw_err e;
  assert_int_equal(lw_input_init(&in, p, PLAN_TEMP, &e), LW_E_RANGE);
  assert_non_null(strstr(e.text, "oven.temp: filter 'median'"));
  lw_plan_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quality_follows_the_device),
      cmocka_unit_test(numbers_that_are_none_are_bad),
      cmocka_unit_test(an_old_number_is_bad),
      cmocka_unit_test(wide_integers_beyond_2_to_the_53_are_bad),
      cmocka_unit_test(a_text_has_no_number),
      cmocka_unit_test(a_sample_enters_a_filter_once),
      cmocka_unit_test(rules_see_the_plain_value_until_filters_are_full),
      cmocka_unit_test(a_chain_that_cannot_work_is_refused_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
