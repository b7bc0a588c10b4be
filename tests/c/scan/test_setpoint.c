#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "scan/setpoint.h"

static const lw_plan_tag ramped = {.lo = 0, .hi = 30, .rate_max = 10};
static const lw_plan_tag direct = {.lo = 0, .hi = 30, .rate_max = NAN};

static void nothing_is_known_at_first(void **unused) {
  (void)unused;
  lw_setpoint s;
  lw_setpoint_init(&s, &ramped);
  assert_true(isnan(s.goal) && isnan(s.last) && isnan(s.raw));
  assert_false(s.is_ramping);
}

static void what_is_forgotten_is_as_at_first(void **unused) {
  (void)unused;
  lw_setpoint s;
  lw_setpoint_init(&s, &ramped);
  lw_setpoint_put(&s, 5, 9, 50);
  assert_true(s.is_ramping);
  lw_setpoint_forget(&s);
  assert_true(isnan(s.goal) && isnan(s.last) && isnan(s.raw));
  assert_false(s.is_ramping);
}

static void without_a_rate_it_goes_straight(void **unused) {
  (void)unused;
  lw_setpoint s;
  lw_setpoint_init(&s, &direct);
  lw_setpoint_put(&s, 5, 5, 5);
  assert_true(lw_setpoint_next(&s, 25, 0.01) == 25);
}

static void from_the_unknown_it_goes_straight(void **unused) {
  (void)unused;
  lw_setpoint s;
  lw_setpoint_init(&s, &ramped);
  assert_true(lw_setpoint_next(&s, 25, 0.01) == 25);
}

// Whatever the way: it arrives, never overshoots, never exceeds the rate.
static void a_ramp_arrives_in_the_time_it_needs(void **unused) {
  (void)unused;
  static const double goals[] = {0, 30, 7.7, 7.65, 29.999, 0.001};
  const double dt_s = 0.01, most = 10 * 0.01;
  lw_setpoint s;
  lw_setpoint_init(&s, &ramped);
  lw_setpoint_put(&s, 15, 15, 15);
  for (int g = 0; g < 6; g++) {
    int needed = (int)ceil(fabs(goals[g] - s.last) / most - 1e-6);
    for (int i = 1; i <= needed; i++) {
      double next = lw_setpoint_next(&s, goals[g], dt_s);
      assert_true(fabs(next - s.last) <= most * (1 + 1e-8));
      assert_true(fabs(next - goals[g]) <= fabs(s.last - goals[g]));
      lw_setpoint_put(&s, next, goals[g], next);
      assert_int_equal(s.is_ramping, i < needed);
    }
    assert_true(s.last == goals[g]);
  }
}

static void a_device_outside_its_range_starts_at_the_end_of_it(void **unused) {
  (void)unused;
  lw_setpoint s;
  lw_setpoint_init(&s, &ramped);
  lw_setpoint_adopt(&s, 40);
  assert_true(lw_setpoint_start(&s) == 30);
  lw_setpoint_adopt(&s, -1);
  assert_true(lw_setpoint_start(&s) == 0);
  lw_setpoint_adopt(&s, 12);
  assert_true(lw_setpoint_start(&s) == 12);
}

static void what_was_written_counts_more_than_what_is_read(void **unused) {
  (void)unused;
  lw_setpoint s;
  lw_setpoint_init(&s, &direct);
  lw_setpoint_adopt(&s, 12);
  lw_setpoint_put(&s, 5, 5, 50);
  lw_setpoint_adopt(&s, 4.9); // the true speed
  assert_true(s.last == 5);
}

static void a_frozen_ramp_stays_where_it_is(void **unused) {
  (void)unused;
  lw_setpoint s;
  lw_setpoint_init(&s, &ramped);
  lw_setpoint_put(&s, 3, 9, 3);
  assert_true(s.is_ramping);
  lw_setpoint_freeze(&s);
  assert_false(s.is_ramping);
  assert_true(s.goal == 3 && s.last == 3);
  // What others left on the device is no set-point of ours.
  lw_setpoint_init(&s, &ramped);
  lw_setpoint_adopt(&s, 12);
  lw_setpoint_freeze(&s);
  assert_true(isnan(s.goal));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_known_at_first),
      cmocka_unit_test(what_is_forgotten_is_as_at_first),
      cmocka_unit_test(without_a_rate_it_goes_straight),
      cmocka_unit_test(from_the_unknown_it_goes_straight),
      cmocka_unit_test(a_ramp_arrives_in_the_time_it_needs),
      cmocka_unit_test(a_device_outside_its_range_starts_at_the_end_of_it),
      cmocka_unit_test(what_was_written_counts_more_than_what_is_read),
      cmocka_unit_test(a_frozen_ramp_stays_where_it_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
