// The output guard: every verdict by itself, then the promise in general.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "scan/guard.h"

static lw_plan_tag tag(void) {
  return (lw_plan_tag){.type = LW_TYPE_s16,
                       .access = LW_READ | LW_WRITE,
                       .scale = 0.1,
                       .gain = 1,
                       .lo = -10,
                       .hi = 4000,
                       .step_max = 50,
                       .rate_max = 100};
}

// A request that is fine in every respect; tests spoil one thing each.
static lw_guard good(const lw_plan_tag *t) {
  return (lw_guard){.tag = t,
                    .value = 101,
                    .goal = 120,
                    .from = 100,
                    .last = 100,
                    .dt_s = 0.01,
                    .epoch = 3,
                    .asked_epoch = 3,
                    .is_readable = 1,
                    .is_journal_good = 1,
                    .is_permitted = 1};
}

static void assert_verdict(const lw_guard *g, int verdict) {
  double raw = -77;
  assert_int_equal(lw_guard_check(g, &raw), verdict);
  if (verdict == LW_VERDICT_accept)
    assert_true(raw == nearbyint(g->value * 10));
  else
    assert_true(raw == -77);
}

static void a_good_request_passes(void **unused) {
  (void)unused;
  const lw_plan_tag t = tag();
  const lw_guard g = good(&t);
  assert_verdict(&g, LW_VERDICT_accept);
}

#define REFUSES(name, verdict, spoil)                                          \
  static void name(void **unused) {                                            \
    (void)unused;                                                              \
    lw_plan_tag t = tag();                                                     \
    lw_guard g = good(&t);                                                     \
    spoil;                                                                     \
    assert_verdict(&g, LW_VERDICT_##verdict);                                  \
  }
REFUSES(a_reading, reading, t.access = LW_READ)
REFUSES(an_older_epoch, stale, g.asked_epoch = 2)
REFUSES(a_newer_epoch, stale, g.asked_epoch = 4)
REFUSES(the_time_before_any_epoch, stale, g.epoch = g.asked_epoch = 0)
REFUSES(a_trip, tripped, g.is_tripped = 1)
REFUSES(a_stopped_journal, journal, g.is_journal_good = 0)
REFUSES(a_goal_of_nan, nonfinite, g.goal = NAN)
REFUSES(a_value_of_nan, nonfinite, g.value = NAN)
REFUSES(an_infinite_goal, nonfinite, g.goal = INFINITY)
REFUSES(an_infinite_value, nonfinite, g.value = -INFINITY)
REFUSES(a_goal_above, range, g.goal = 4000.1)
REFUSES(a_goal_below, range, g.goal = -10.1)
REFUSES(a_value_above, range, g.value = 4000.1)
REFUSES(a_value_below, range, g.value = -10.1)
REFUSES(a_range_of_nan, range, t.lo = NAN)
REFUSES(a_range_end_of_nan, range, t.hi = NAN)
REFUSES(a_step_up, step, g.goal = 150.1)
REFUSES(a_step_down, step, g.goal = 49.9)
REFUSES(a_step_from_the_unknown, unknown, g.from = NAN)
REFUSES(a_rate_up, rate, g.value = 101.1)
REFUSES(a_rate_down, rate, g.value = 98.9)
REFUSES(a_rate_from_the_unknown, unknown, g.last = NAN)
REFUSES(a_time_of_nan, rate, g.dt_s = NAN)
REFUSES(no_permit, permit, g.is_permitted = 0)
REFUSES(a_word_too_small, word, t.scale = 0.001)

#define ACCEPTS(name, change)                                                  \
  static void name(void **unused) {                                            \
    (void)unused;                                                              \
    lw_plan_tag t = tag();                                                     \
    lw_guard g = good(&t);                                                     \
    change;                                                                    \
    assert_verdict(&g, LW_VERDICT_accept);                                     \
  }
ACCEPTS(the_ends_of_step_and_rate, (g.goal = 150, g.value = 101))
ACCEPTS(the_low_end_of_the_range,
        (t.step_max = t.rate_max = NAN, g.goal = g.value = -10))
ACCEPTS(the_high_end_of_the_range,
        (t.step_max = t.rate_max = NAN, t.hi = g.goal = g.value = 3276))
ACCEPTS(any_step_without_a_limit, (t.step_max = NAN, g.goal = 3000))
ACCEPTS(any_rate_without_a_limit, (t.rate_max = NAN, g.value = 120))
ACCEPTS(a_first_word_to_a_deaf_device,
        (g.is_readable = 0, g.from = g.last = NAN))
ACCEPTS(an_unknown_place_without_limits,
        (t.step_max = t.rate_max = NAN, g.from = g.last = NAN))

// Whatever the numbers: what is accepted is finite, within range, step and
// rate, and is what the device's word can hold.
static void accepted_means_within_every_limit(void **unused) {
  (void)unused;
  static const double odd[] = {NAN, INFINITY, -INFINITY, 0,      -0.0, 1e308,
                               -10, -10.001,  4000,      4e-320, 100,  101,
                               150, 50,       99,        3276.8};
  enum { N = sizeof odd / sizeof *odd };
  uint64_t seed = 1;
  int accepted = 0;
  for (int i = 0; i < 200000; i++) {
    lw_plan_tag t = tag();
    lw_guard g = good(&t);
    double *const fields[] = {&g.value, &g.goal,     &g.from,    &g.last,
                              &g.dt_s,  &t.step_max, &t.rate_max};
    for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      if (seed >> 62 == 0)
        *fields[k] = odd[(seed >> 33) % N];
    }
    double raw;
    if (lw_guard_check(&g, &raw) != LW_VERDICT_accept)
      continue;
    accepted++;
    assert_true(isfinite(raw) && raw == nearbyint(raw));
    assert_true(raw >= -32768 && raw <= 32767);
    assert_true(g.value >= t.lo && g.value <= t.hi);
    assert_true(g.goal >= t.lo && g.goal <= t.hi);
    if (!isnan(t.step_max))
      assert_true(fabs(g.goal - g.from) <= t.step_max);
    if (!isnan(t.rate_max))
      assert_true(fabs(g.value - g.last) <= t.rate_max * g.dt_s + 1e-4);
  }
  assert_true(accepted > 1000);
}

static void verdicts_have_names_and_sentences(void **unused) {
  (void)unused;
  for (int v = 0; v < LW_VERDICT_N; v++) {
    assert_true(strlen(lw_verdict_name(v)) > 0);
    assert_true(strlen(lw_verdict_text(v)) > 0);
  }
  assert_null(lw_verdict_name(-1));
  assert_null(lw_verdict_name(LW_VERDICT_N));
  assert_null(lw_verdict_text(-1));
  assert_null(lw_verdict_text(LW_VERDICT_N));
}

static void only_what_crossed_a_change_is_void(void **unused) {
  (void)unused;
  for (int v = 0; v < LW_VERDICT_N; v++)
    assert_int_equal(lw_verdict_is_void(v), v == LW_VERDICT_stale ||
                                                v == LW_VERDICT_tripped ||
                                                v == LW_VERDICT_journal);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_request_passes),
      cmocka_unit_test(a_reading),
      cmocka_unit_test(an_older_epoch),
      cmocka_unit_test(a_newer_epoch),
      cmocka_unit_test(the_time_before_any_epoch),
      cmocka_unit_test(a_trip),
      cmocka_unit_test(a_stopped_journal),
      cmocka_unit_test(a_goal_of_nan),
      cmocka_unit_test(a_value_of_nan),
      cmocka_unit_test(an_infinite_goal),
      cmocka_unit_test(an_infinite_value),
      cmocka_unit_test(a_goal_above),
      cmocka_unit_test(a_goal_below),
      cmocka_unit_test(a_value_above),
      cmocka_unit_test(a_value_below),
      cmocka_unit_test(a_range_of_nan),
      cmocka_unit_test(a_range_end_of_nan),
      cmocka_unit_test(a_step_up),
      cmocka_unit_test(a_step_down),
      cmocka_unit_test(a_step_from_the_unknown),
      cmocka_unit_test(a_rate_up),
      cmocka_unit_test(a_rate_down),
      cmocka_unit_test(a_rate_from_the_unknown),
      cmocka_unit_test(a_time_of_nan),
      cmocka_unit_test(no_permit),
      cmocka_unit_test(a_word_too_small),
      cmocka_unit_test(the_ends_of_step_and_rate),
      cmocka_unit_test(the_low_end_of_the_range),
      cmocka_unit_test(the_high_end_of_the_range),
      cmocka_unit_test(any_step_without_a_limit),
      cmocka_unit_test(any_rate_without_a_limit),
      cmocka_unit_test(a_first_word_to_a_deaf_device),
      cmocka_unit_test(an_unknown_place_without_limits),
      cmocka_unit_test(accepted_means_within_every_limit),
      cmocka_unit_test(verdicts_have_names_and_sentences),
      cmocka_unit_test(only_what_crossed_a_change_is_void),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
