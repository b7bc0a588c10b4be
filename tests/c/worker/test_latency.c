// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/latency.h"

#define PERIOD 1000000

static void shares_are_right_within_an_eighth(void **state) {
  (void)state;
  static lw_latency l;
  for (int64_t late = 1; late <= 100000; late++)
    lw_latency_step(&l, late, PERIOD);
  const double shares[] = {0.001, 0.1, 0.5, 0.9, 0.999, 1};
  for (int i = 0; i < 6; i++) {
    double want = 100000 * shares[i];
    int64_t got = lw_latency_share_ns(&l, shares[i]);
    assert_true((double)got >= want);
    assert_true((double)got <= want * 1.126 + 1);
  }
  assert_int_equal(l.n, 100000);
  assert_int_equal(l.max_ns, 100000);
  assert_int_equal(l.missed_n, 0);
}

static void counts_every_period_that_was_missed(void **state) {
  (void)state;
  static lw_latency l;
  assert_int_equal(lw_latency_share_ns(&l, 0.5), 0);
  lw_latency_step(&l, -5, PERIOD); // early counts as not late
  lw_latency_step(&l, PERIOD - 1, PERIOD);
  assert_int_equal(l.missed_n, 0);
  lw_latency_step(&l, PERIOD, PERIOD);
  lw_latency_step(&l, 3 * PERIOD + 5, PERIOD);
  assert_int_equal(l.missed_n, 4);
  lw_latency_step(&l, INT64_MAX, PERIOD); // beyond the last bucket
  assert_true(lw_latency_share_ns(&l, 1) > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_are_right_within_an_eighth),
      cmocka_unit_test(counts_every_period_that_was_missed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
