// A driver of outputs that has lost its device.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scan_rig.h"

// The small line in Execute, its valve at 4.
static rig *running(void) {
  static rig g;
  rig_init(&g, rig_small_plan(), 0);
  lw_port_level(&g.port, LW_LEVEL_none);
  rig_scan(&g, 1);
  lw_port_request(&g.port, SMALL_VALVE, 4);
  rig_scan(&g, 1);
  assert_true(rig_output(&g, SMALL_VALVE) == 4);
  return &g;
}

static lw_trip trip_of(rig *g) {
  lw_trip t = {0};
  lw_port_trip(&g->port, &t);
  return t;
}

static void holds_once_after_a_second(void **state) {
  (void)state;
  rig *g = running();
  rig_fault(g, SMALL_PRESSURE, LW_FAULT_crash);
  rig_scan(g, 100); // 10 ms each
  assert_int_equal(trip_of(g).seq, 0);
  rig_scan(g, 2);
  assert_int_equal(trip_of(g).seq, 1);
  assert_int_equal(trip_of(g).cause, LW_CAUSE_driver);
  assert_int_equal(trip_of(g).level, LW_LEVEL_hold);
  assert_int_equal(trip_of(g).index, SMALL_VALVE);
  assert_true(rig_told(g, "trip valve {\"cause\":\"driver lost\""));
  rig_scan(g, 1000);
  assert_int_equal(trip_of(g).seq, 1);
  // The safe value waits for the device, what was asked before does not.
  rig_fault(g, SMALL_PRESSURE, LW_FAULT_none);
  rig_scan(g, 600);
  assert_true(rig_output(g, SMALL_VALVE) == 2);
  rig_fini(g);
}

static void a_short_loss_passes(void **state) {
  (void)state;
  rig *g = running();
  for (int i = 0; i < 5; i++) {
    rig_fault(g, SMALL_VALVE, LW_FAULT_crash);
    rig_scan(g, 20);
    rig_fault(g, SMALL_VALVE, LW_FAULT_none);
    rig_scan(g, 200);
  }
  assert_int_equal(trip_of(g).seq, 0);
  assert_true(rig_output(g, SMALL_VALVE) == 4);
  rig_fini(g);
}

static void a_second_loss_trips_again(void **state) {
  (void)state;
  rig *g = running();
  for (uint32_t i = 1; i <= 2; i++) {
    rig_fault(g, SMALL_VALVE, LW_FAULT_crash);
    rig_scan(g, 150);
    assert_int_equal(trip_of(g).seq, i);
    lw_port_trip_ack(&g->port, i);
    lw_port_level(&g->port, LW_LEVEL_hold);
    rig_fault(g, SMALL_VALVE, LW_FAULT_none);
    rig_scan(g, 600);
  }
  rig_fini(g);
}

// What is restored towards a device that is away would be told to it when it
// comes back, with nobody looking.
static void no_unhold_while_it_is_away(void **state) {
  (void)state;
  rig *g = running();
  rig_fault(g, SMALL_VALVE, LW_FAULT_crash);
  rig_scan(g, 150);
  rig_obey(g, LW_LEVEL_hold);
  rig_scan(g, 1);
  assert_int_equal(trip_of(g).seq, 1);
  lw_port_level(&g->port, LW_LEVEL_none);
  lw_port_request(&g->port, SMALL_VALVE, 4);
  rig_scan(g, 1);
  assert_int_equal(trip_of(g).seq, 2);
  assert_int_equal(trip_of(g).cause, LW_CAUSE_driver);
  rig_fault(g, SMALL_VALVE, LW_FAULT_none);
  rig_scan(g, 600);
  assert_true(rig_output(g, SMALL_VALVE) == 2);
  rig_fini(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(holds_once_after_a_second),
      cmocka_unit_test(a_short_loss_passes),
      cmocka_unit_test(a_second_loss_trips_again),
      cmocka_unit_test(no_unhold_while_it_is_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
