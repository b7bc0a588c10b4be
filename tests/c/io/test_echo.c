// What an output's own address shows, held against what its device was told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <math.h>

#include <cmocka.h>

#include "base/clock.h"
#include "io/echo.h"
#include "linewright.h"

static int64_t now_ns;

static int look_as(lw_echo *e, double value, int is_gradual) {
  now_ns += 20 * LW_MS;
  return lw_echo_look(e, LW_TYPE_u16, value, is_gradual, now_ns);
}

static int look(lw_echo *e, double value) {
  return look_as(e, value, 0);
}

// Took 40 after 7, showed it, and stood there for so long.
static lw_echo standing(int64_t for_ns) {
  lw_echo e;
  now_ns = 0;
  lw_echo_init(&e);
  look(&e, 7);
  lw_echo_take(&e, 40);
  look(&e, 40);
  now_ns += for_ns;
  return e;
}

static void a_loss_is_told_once(void **unused) {
  (void)unused;
  lw_echo e = standing(LW_ECHO_PULSE_NS);
  assert_int_equal(look(&e, 40), LW_ECHO_FINE);
  assert_int_equal(look(&e, 0), LW_ECHO_CHANGED);
  assert_int_equal(look(&e, 0), LW_ECHO_FINE);
}

static void a_pulse_that_the_device_takes_back_is_none(void **unused) {
  (void)unused;
  lw_echo e = standing(LW_ECHO_PULSE_NS - LW_S);
  assert_int_equal(look(&e, 7), LW_ECHO_FINE);
  now_ns += 10 * LW_S;
  assert_int_equal(look(&e, 7), LW_ECHO_FINE);
}

static void each_look_at_a_ramp_counts(void **unused) {
  (void)unused;
  lw_echo e = standing(0);
  assert_int_equal(look_as(&e, 0, 1), LW_ECHO_CHANGED);
}

static void a_device_may_take_its_time(void **unused) {
  (void)unused;
  lw_echo e;
  lw_echo_init(&e);
  now_ns = 0;
  look(&e, 7);
  lw_echo_take(&e, 40);
  for (int i = 0; i < 300; i++)
    assert_int_equal(look(&e, 7), LW_ECHO_FINE);
  look(&e, 40);
  now_ns += LW_ECHO_PULSE_NS;
  assert_int_equal(look(&e, 7), LW_ECHO_CHANGED);
}

// Told 60 after it stood at 40, it goes on showing 40 for so long.
static int ignoring(lw_echo *e, int64_t for_ns) {
  int found = LW_ECHO_FINE;
  for (int64_t end_ns = now_ns + for_ns; now_ns < end_ns && !found;)
    found = look(e, 40);
  return found;
}

// Stood at 40 long enough to be known as one that keeps what it is told.
static lw_echo keeping(void) {
  lw_echo e = standing(LW_ECHO_PULSE_NS);
  look(&e, 40);
  return e;
}

static void one_that_ignores_what_it_took_is_noticed(void **unused) {
  (void)unused;
  lw_echo e = keeping();
  lw_echo_take(&e, 0);
  assert_int_equal(ignoring(&e, LW_ECHO_LATE_NS - LW_S), LW_ECHO_FINE);
  assert_true(lw_echo_is_owed(&e, LW_TYPE_u16));
  assert_int_equal(ignoring(&e, 2 * LW_S), LW_ECHO_CHANGED);
  assert_int_equal(ignoring(&e, LW_ECHO_LATE_NS - LW_S), LW_ECHO_FINE);
  assert_int_equal(ignoring(&e, 2 * LW_S), LW_ECHO_CHANGED); // and still does
  look(&e, 0);
  assert_false(lw_echo_is_owed(&e, LW_TYPE_u16));
}

static void a_new_value_at_each_scan_hides_nothing(void **unused) {
  (void)unused;
  lw_echo e = keeping();
  int found = LW_ECHO_FINE;
  for (int i = 0; i < 600 && !found; i++) {
    lw_echo_take(&e, 100 + i);
    found = look(&e, 40);
  }
  assert_int_equal(found, LW_ECHO_CHANGED);
}

static void a_device_that_was_slow_before_may_be_so_again(void **unused) {
  (void)unused;
  lw_echo e = keeping();
  lw_echo_take(&e, 60);
  assert_int_equal(ignoring(&e, 9 * LW_S), LW_ECHO_FINE);
  assert_int_equal(look(&e, 60), LW_ECHO_FINE);
  lw_echo_take(&e, 40);
  look(&e, 40);
  lw_echo_take(&e, 60);
  assert_int_equal(ignoring(&e, 17 * LW_S), LW_ECHO_FINE);
  assert_int_equal(ignoring(&e, 2 * LW_S), LW_ECHO_CHANGED);
}

static void a_coarse_device_is_not_taken_for_a_deaf_one(void **unused) {
  (void)unused;
  lw_echo e = keeping();
  lw_echo_take(&e, 40.2);
  for (int i = 0; i < 1000; i++) {
    now_ns += 20 * LW_MS;
    assert_int_equal(lw_echo_look(&e, LW_TYPE_f64, 40, 0, now_ns),
                     LW_ECHO_FINE);
  }
  assert_false(lw_echo_is_owed(&e, LW_TYPE_f64));
}

// A coil that the PLC takes back, sometimes before anybody looks.
static void a_pulse_is_never_late(void **unused) {
  (void)unused;
  lw_echo e;
  lw_echo_init(&e);
  now_ns = 0;
  look(&e, 0);
  for (int i = 0; i < 6; i++) {
    lw_echo_take(&e, 1);
    if (i & 1)
      assert_int_equal(look(&e, 1), LW_ECHO_FINE);
    for (int k = 0; k < 600; k++)
      assert_int_equal(look(&e, 0), LW_ECHO_FINE);
    assert_false(lw_echo_is_owed(&e, LW_TYPE_u16));
    lw_echo_take(&e, 0);
    look(&e, 0);
    now_ns += LW_ECHO_PULSE_NS;
    look(&e, 0);
  }
}

static void one_that_shows_what_nobody_told_owes_a_last_word(void **unused) {
  (void)unused;
  lw_echo e;
  lw_echo_init(&e);
  now_ns = 0;
  look(&e, 40);
  lw_echo_take(&e, 0);
  assert_int_equal(ignoring(&e, 2 * LW_ECHO_LATE_NS), LW_ECHO_FINE);
  assert_true(lw_echo_is_owed(&e, LW_TYPE_u16));
}

static void what_the_machine_does_is_no_echo(void **unused) {
  (void)unused;
  lw_echo e = standing(LW_ECHO_PULSE_NS);
  lw_echo_take(&e, 100);
  look(&e, 70); // on its way: a true speed
  look(&e, 100);
  now_ns += LW_ECHO_PULSE_NS;
  assert_int_equal(look(&e, 99), LW_ECHO_FINE);
}

static void an_echo_that_is_known_need_not_show_it_first(void **unused) {
  (void)unused;
  lw_echo e = standing(0);
  for (int i = 1; i < LW_ECHO_SURE; i++) {
    lw_echo_take(&e, 40 + i);
    look(&e, 40 + i);
  }
  assert_true(lw_echo_is_telling(&e));
  lw_echo_take(&e, 50);
  assert_int_equal(look(&e, 42), LW_ECHO_FINE); // late
  assert_int_equal(look(&e, 0), LW_ECHO_CHANGED);
}

static void a_number_is_compared_as_it_arrives(void **unused) {
  (void)unused;
  lw_echo e;
  lw_echo_init(&e);
  now_ns = 0;
  lw_echo_take(&e, 39.6);
  look(&e, 40);
  now_ns += LW_ECHO_PULSE_NS;
  assert_int_equal(look(&e, 40), LW_ECHO_FINE);
  assert_int_equal(look(&e, 39), LW_ECHO_CHANGED);
}

static void the_same_value_again_begins_nothing_anew(void **unused) {
  (void)unused;
  lw_echo e = standing(LW_ECHO_PULSE_NS);
  lw_echo_take(&e, 40);
  assert_int_equal(look(&e, 0), LW_ECHO_CHANGED);
}

static void what_was_never_told_is_not_missed(void **unused) {
  (void)unused;
  lw_echo e;
  lw_echo_init(&e);
  now_ns = 0;
  look(&e, 7);
  now_ns += LW_ECHO_PULSE_NS;
  assert_int_equal(look(&e, 0), LW_ECHO_FINE);
  lw_echo_lose(&e);
  assert_int_equal(look(&e, 5), LW_ECHO_FINE);
}

static void a_lost_connection_is_another_matter(void **unused) {
  (void)unused;
  lw_echo e = standing(LW_ECHO_PULSE_NS);
  lw_echo_lose(&e);
  assert_int_equal(look(&e, 0), LW_ECHO_FORGOTTEN);
  e = standing(LW_ECHO_PULSE_NS);
  lw_echo_lose(&e);
  assert_int_equal(look(&e, 40), LW_ECHO_FINE);
  now_ns += LW_ECHO_PULSE_NS;
  assert_int_equal(look(&e, 0), LW_ECHO_CHANGED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loss_is_told_once),
      cmocka_unit_test(a_pulse_that_the_device_takes_back_is_none),
      cmocka_unit_test(each_look_at_a_ramp_counts),
      cmocka_unit_test(a_device_may_take_its_time),
      cmocka_unit_test(one_that_ignores_what_it_took_is_noticed),
      cmocka_unit_test(a_new_value_at_each_scan_hides_nothing),
      cmocka_unit_test(a_device_that_was_slow_before_may_be_so_again),
      cmocka_unit_test(a_coarse_device_is_not_taken_for_a_deaf_one),
      cmocka_unit_test(a_pulse_is_never_late),
      cmocka_unit_test(one_that_shows_what_nobody_told_owes_a_last_word),
      cmocka_unit_test(what_the_machine_does_is_no_echo),
      cmocka_unit_test(an_echo_that_is_known_need_not_show_it_first),
      cmocka_unit_test(a_number_is_compared_as_it_arrives),
      cmocka_unit_test(the_same_value_again_begins_nothing_anew),
      cmocka_unit_test(what_was_never_told_is_not_missed),
      cmocka_unit_test(a_lost_connection_is_another_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
