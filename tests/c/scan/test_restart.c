// A device that has lost what it was told, with the connection or without: what
// the scan does about it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <math.h>

#include <cmocka.h>

#include "io/echo.h"
#include "scan/scan_private.h"
#include "scan_rig.h"

// The device: registers that a power-up clears.
static double registers[2];
static int is_away;

static int device_init(void *self, const lw_option *options, size_t option_n,
                       const lw_point *points, size_t point_n, lw_err *e) {
  (void)self, (void)options, (void)option_n, (void)points, (void)point_n;
  (void)e;
  return 0;
}

static int device_open(void *self, lw_err *e) {
  (void)self;
  return is_away ? lw_err_set(e, LW_E_IO, "away") : 0;
}

static int device_read(void *self, int64_t now_ns, const uint32_t *due,
                       size_t due_n, lw_sample *out, lw_err *e) {
  (void)self, (void)now_ns;
  for (size_t i = 0; i < due_n; i++)
    out[i] = (lw_sample){.value = registers[due[i]], .quality = LW_GOOD};
  return is_away ? lw_err_set(e, LW_E_IO, "away") : 0;
}

static int device_write(void *self, const uint32_t *which, const double *raw,
                        size_t n, lw_err *e) {
  (void)self;
  if (is_away)
    return lw_err_set(e, LW_E_IO, "away");
  for (size_t i = 0; i < n; i++)
    registers[which[i]] = raw[i];
  return 0;
}

static void device_close(void *self) {
  (void)self;
}

static const lw_driver_ops device = {.kind = "forgetful",
                                     .help = "forgets when it is told to",
                                     .state_size = 8,
                                     .init = device_init,
                                     .open = device_open,
                                     .read = device_read,
                                     .write = device_write,
                                     .close = device_close};

// A valve, safe.hold as given, a ramp of 1 a second that keeps its value, and a
// lamp on another device; all in Execute at 4.
enum { DRIVE, VALVE, LAMP };
static void running(rig *g) {
  lw_plan *p = lw_plan_new();
  lw_driver_register(&device); // the second time it is known already
  lw_plan_add_driver(p, "forgetful", "forgetful");
  lw_plan_add_driver(p, "sim", "sim");
  const char *names[] = {"drive", "valve", "lamp"};
  for (uint32_t i = 0; i < 3; i++) {
    lw_plan_add_tag(p, names[i]);
    lw_plan_tag *t = &p->tags[i];
    t->driver = i == LAMP;
    t->signal = (uint32_t)lw_plan_add_signal(p, names[i], "1");
    t->address = t->name;
    t->access = LW_READ | LW_WRITE;
    t->lo = 0;
    t->hi = 10;
  }
  registers[VALVE] = registers[DRIVE] = 4;
  p->tags[VALVE].safe[LW_LEVEL_hold] = 2;
  p->tags[DRIVE].rate_max = 1;
  is_away = 0;
  rig_init(g, p, 0);
  rig_scan(g, 2);
  rig_level(g, LW_LEVEL_none);
  lw_port_request(&g->port, VALVE, 4);
  lw_port_request(&g->port, DRIVE, 4);
  lw_port_request(&g->port, LAMP, 4);
  rig_scan(g, 5);
}

static void away(rig *g, int scans, int has_forgotten) {
  is_away = 1;
  rig_scan(g, scans);
  is_away = 0;
  for (int i = 0; has_forgotten && i < 2; i++)
    registers[i] = 0;
  rig_scan(g, 200);
}

static void holds_and_keeps_what_the_device_has(void **unused) {
  (void)unused;
  static rig g;
  running(&g);
  away(&g, 20, 1);
  assert_int_equal(rig_trip(&g).cause, LW_CAUSE_restart);
  assert_int_equal(rig_trip(&g).level, LW_LEVEL_hold);
  assert_true(registers[VALVE] == 2);
  assert_true(registers[DRIVE] == 0); // "keep" is what is there now
  assert_true(rig_told(&g, "device has lost its set-points"));
  // What another device was told is not forgotten.
  assert_true(g.scan->setpoints[LAMP].raw == 4);
  assert_true(isnan(g.scan->setpoints[DRIVE].raw));
  rig_fini(&g);
}

static void a_ramp_starts_from_what_the_device_has(void **unused) {
  (void)unused;
  static rig g;
  running(&g);
  away(&g, 20, 1);
  rig_obey(&g, LW_LEVEL_hold);
  rig_scan(&g, 1);
  rig_level(&g, LW_LEVEL_none);
  lw_port_request(&g.port, DRIVE, 4);
  rig_scan(&g, 1 + (int)(LW_S / g.plan->scan_ns));
  assert_true(registers[DRIVE] > 0.9 && registers[DRIVE] < 1.1);
  rig_fini(&g);
}

static void a_device_that_kept_all_goes_on(void **unused) {
  (void)unused;
  static rig g;
  running(&g);
  away(&g, 20, 0);
  assert_int_equal(rig_trip(&g).seq, 0);
  assert_true(registers[VALVE] == 4 && registers[DRIVE] == 4);
  rig_fini(&g);
}

static void a_long_absence_is_told_once_as_each(void **unused) {
  (void)unused;
  static rig g;
  running(&g);
  away(&g, 150, 1);
  assert_int_equal(rig_trip(&g).cause, LW_CAUSE_driver); // not acknowledged yet
  assert_true(registers[VALVE] == 2 && registers[DRIVE] == 0);
  rig_fini(&g);
}

// Both outputs stood as told for long enough to be no pulse.
static void standing(rig *g) {
  running(g);
  rig_scan(g, 1 + (int)(LW_ECHO_PULSE_NS / g->plan->scan_ns));
}

static void a_loss_without_losing_the_connection_holds(void **unused) {
  (void)unused;
  static rig g;
  standing(&g);
  registers[VALVE] = 0;
  rig_scan(&g, 3);
  assert_int_equal(rig_trip(&g).cause, LW_CAUSE_changed);
  assert_int_equal(rig_trip(&g).level, LW_LEVEL_hold);
  assert_int_equal(rig_trip(&g).index, VALVE);
  assert_true(registers[VALVE] == 2); // its safe value, not what it was told
  assert_true(registers[DRIVE] == 4); // "keep", and it did
  assert_true(rig_told(&g, "output is not what it was told"));
  rig_fini(&g);
}

// After the hold and its unhold the drive's ramp begins at 0, where it is.
static void begins_at_rest(rig *g) {
  rig_obey(g, LW_LEVEL_hold);
  rig_scan(g, 1);
  rig_level(g, LW_LEVEL_none);
  lw_port_request(&g->port, DRIVE, 4);
  rig_scan(g, 2);
  assert_true(registers[DRIVE] > 0 && registers[DRIVE] < 0.1);
}

// A machine that was stopped at its own panel stays so, though a ramp was on
// its way: neither its next step nor the unhold begins at where it had been.
static void a_ramp_does_not_jump_back(void **unused) {
  (void)unused;
  static rig g;
  standing(&g);
  lw_port_request(&g.port, DRIVE, 8);
  rig_scan(&g, (int)(LW_S / g.plan->scan_ns));
  assert_true(registers[DRIVE] > 4.9);
  registers[DRIVE] = 0;
  rig_scan(&g, 3);
  assert_int_equal(rig_trip(&g).cause, LW_CAUSE_changed);
  assert_true(registers[DRIVE] == 0);
  begins_at_rest(&g);
  rig_fini(&g);
}

// A device that started anew so quickly that the connection stood: of each of
// its outputs, not of one alone, a ramp begins at what is there now.
static void all_that_changed_at_once_is_forgotten(void **unused) {
  (void)unused;
  static rig g;
  standing(&g);
  registers[VALVE] = registers[DRIVE] = 0;
  rig_scan(&g, 3);
  assert_int_equal(rig_trip(&g).cause, LW_CAUSE_changed);
  assert_true(isnan(g.scan->setpoints[DRIVE].raw));
  assert_true(g.scan->setpoints[LAMP].raw == 4);
  begins_at_rest(&g);
  rig_fini(&g);
}

static void people_may_work_at_a_line_that_is_held(void **unused) {
  (void)unused;
  static rig g;
  standing(&g);
  rig_level(&g, LW_LEVEL_hold);
  rig_scan(&g, 1 + (int)(LW_ECHO_PULSE_NS / g.plan->scan_ns));
  registers[VALVE] = 9;
  rig_scan(&g, 3);
  assert_int_equal(rig_trip(&g).seq, 0);
  assert_true(registers[VALVE] == 9);
  rig_fini(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(holds_and_keeps_what_the_device_has),
      cmocka_unit_test(a_ramp_starts_from_what_the_device_has),
      cmocka_unit_test(a_device_that_kept_all_goes_on),
      cmocka_unit_test(a_long_absence_is_told_once_as_each),
      cmocka_unit_test(a_loss_without_losing_the_connection_holds),
      cmocka_unit_test(a_ramp_does_not_jump_back),
      cmocka_unit_test(all_that_changed_at_once_is_forgotten),
      cmocka_unit_test(people_may_work_at_a_line_that_is_held),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
