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
      cmocka_unit_test(what_the_machine_does_is_no_echo),
      cmocka_unit_test(an_echo_that_is_known_need_not_show_it_first),
      cmocka_unit_test(a_number_is_compared_as_it_arrives),
      cmocka_unit_test(the_same_value_again_begins_nothing_anew),
      cmocka_unit_test(what_was_never_told_is_not_missed),
      cmocka_unit_test(a_lost_connection_is_another_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
