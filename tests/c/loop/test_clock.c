// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/clock.h"

static void virtual_time_moves_only_when_told(void **state) {
  (void)state;
  lw_clock_virtual v;
  lw_clock_virtual_init(&v, 1000 * LW_S);
  lw_clock *c = &v.clock;
  assert_int_equal(lw_now_ns(c), 0);
  assert_int_equal(c->wall_ns(c), 1000 * LW_S);
  c->wait_until(c, 5 * LW_S);
  assert_int_equal(lw_now_ns(c), 5 * LW_S);
  assert_int_equal(c->wall_ns(c), 1005 * LW_S);
  c->wait_until(c, 2 * LW_S);
  assert_int_equal(lw_now_ns(c), 5 * LW_S);
  assert_true(c->is_synced(c));
}

static void real_time_waits_and_never_goes_back(void **state) {
  (void)state;
  lw_clock *c = lw_clock_real();
  int64_t before = lw_now_ns(c);
  c->wait_until(c, before + 2 * LW_MS);
  assert_true(lw_now_ns(c) >= before + 2 * LW_MS);
  c->wait_until(c, before); // the past: returns at once
  c->wait_until(c, -1);
  assert_true(c->wall_ns(c) > INT64_C(1600000000) * LW_S);
  int synced = c->is_synced(c);
  assert_true(synced == 0 || synced == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(virtual_time_moves_only_when_told),
      cmocka_unit_test(real_time_waits_and_never_goes_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
