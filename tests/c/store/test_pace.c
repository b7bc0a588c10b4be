// When the writer's thread looks, commits and ends: its decisions, one by one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/pace.h"

enum { DELAY_NS = 800, BEGAN_NS = 5000 };

static lw_pace a_pace(void) {
  lw_pace p = {.is_kicked = 1, .is_ending = 1}; // of what was there before
  lw_pace_init(&p, DELAY_NS, BEGAN_NS);
  return p;
}

static void records_wait_a_quarter_of_a_second_unless_told(void **state) {
  (void)state;
  lw_pace p;
  const int64_t given_ns[] = {0, -1, INT64_MIN, 1, DELAY_NS};
  const int64_t used_ns[] = {250 * LW_MS, 250 * LW_MS, 250 * LW_MS, 1,
                             DELAY_NS};
  for (int i = 0; i < 5; i++) {
    lw_pace_init(&p, given_ns[i], BEGAN_NS);
    assert_int_equal(p.delay_ns, used_ns[i]);
    assert_int_equal(p.due_ns, BEGAN_NS + used_ns[i]);
  }
}

static void it_looks_eight_times_in_a_delay(void **state) {
  (void)state;
  lw_pace p = a_pace();
  assert_int_equal(lw_pace_wake_ns(&p, 7000), 7000 + DELAY_NS / 8);
  p.is_kicked = 1;
  assert_int_equal(lw_pace_wake_ns(&p, 7000), 7000);
  p = a_pace();
  p.is_ending = 1;
  assert_int_equal(lw_pace_wake_ns(&p, 7000), 7000);
}

static void a_batch_is_due_when_its_delay_is_over(void **state) {
  (void)state;
  lw_pace p = a_pace();
  const int64_t due_ns = BEGAN_NS + DELAY_NS;
  assert_int_equal(lw_pace_next(&p, BEGAN_NS, 0), LW_PACE_wait);
  assert_int_equal(lw_pace_next(&p, due_ns - 1, 0), LW_PACE_wait);
  assert_int_equal(lw_pace_next(&p, due_ns, 0), LW_PACE_commit);
  assert_int_equal(lw_pace_next(&p, due_ns + 1, 0), LW_PACE_commit);
  lw_pace_restart(&p, due_ns + 50);
  assert_int_equal(lw_pace_next(&p, due_ns + 49 + DELAY_NS, 0), LW_PACE_wait);
  assert_int_equal(lw_pace_next(&p, due_ns + 50 + DELAY_NS, 0), LW_PACE_commit);
}

static void a_kick_commits_at_once_and_once(void **state) {
  (void)state;
  lw_pace p = a_pace();
  p.is_kicked = 1;
  assert_int_equal(lw_pace_next(&p, BEGAN_NS, 0), LW_PACE_commit);
  assert_int_equal(p.is_kicked, 0);
  assert_int_equal(lw_pace_next(&p, BEGAN_NS, 0), LW_PACE_wait);
}

static void a_ring_that_fills_up_commits_at_once(void **state) {
  (void)state;
  lw_pace p = a_pace();
  assert_int_equal(lw_pace_next(&p, BEGAN_NS, 1), LW_PACE_commit);
  assert_int_equal(lw_pace_next(&p, BEGAN_NS, 0), LW_PACE_wait);
}

static void an_end_comes_before_all_else(void **state) {
  (void)state;
  lw_pace p = a_pace();
  p.is_ending = 1;
  assert_int_equal(lw_pace_next(&p, BEGAN_NS, 0), LW_PACE_end);
  p.is_kicked = 1;
  assert_int_equal(lw_pace_next(&p, BEGAN_NS + DELAY_NS, 1), LW_PACE_end);
}

static void a_ring_fills_up_beyond_a_quarter(void **state) {
  (void)state;
  uint8_t data[64];
  _Atomic uint64_t head = 1000, tail = 1000;
  lw_ring ring;
  lw_ring_init(&ring, data, sizeof data, &head, &tail);
  assert_int_equal(lw_pace_is_filling(&ring), 0);
  head = 1016;
  assert_int_equal(lw_pace_is_filling(&ring), 0);
  head = 1017;
  assert_int_equal(lw_pace_is_filling(&ring), 1);
  tail = 1001;
  assert_int_equal(lw_pace_is_filling(&ring), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_wait_a_quarter_of_a_second_unless_told),
      cmocka_unit_test(it_looks_eight_times_in_a_delay),
      cmocka_unit_test(a_batch_is_due_when_its_delay_is_over),
      cmocka_unit_test(a_kick_commits_at_once_and_once),
      cmocka_unit_test(a_ring_that_fills_up_commits_at_once),
      cmocka_unit_test(an_end_comes_before_all_else),
      cmocka_unit_test(a_ring_fills_up_beyond_a_quarter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
