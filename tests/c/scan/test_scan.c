// The cycle as a whole: readings, set-points, levels, ramps, time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "c/scan/scan_rig.h"

static int setup(void **state) {
  *state = malloc(sizeof(rig));
  rig_init(*state, rig_plan(), 0);
  rig_level(*state, LW_LEVEL_none);
  return 0;
}

static int teardown(void **state) {
  rig_fini(*state);
  free(*state);
  return 0;
}

static lw_reading read_tag(rig *g, uint32_t tag) {
  lw_reading r;
  lw_port_read(&g->port, tag, &r);
  return r;
}

static void readings_come_in_process_units(void **state) {
  rig *g = *state;
  rig_signal(g, PLAN_TEMP, 101.53);
  rig_scan(g, 1);
  assert_true(fabs(read_tag(g, PLAN_TEMP).value - 101.5) < 1e-9); // tenths
  assert_int_equal(read_tag(g, PLAN_TEMP).quality, LW_GOOD);
  rig_signal(g, PLAN_FLOW, 100); // rpm
  rig_scan(g, 1);
  assert_true(fabs(read_tag(g, PLAN_FLOW).value - 1200) < 1e-9);
}

static void a_bad_input_keeps_its_last_number(void **state) {
  rig *g = *state;
  rig_signal(g, PLAN_TEMP, 90);
  rig_scan(g, 1);
  rig_fault(g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(g, 1);
  assert_int_equal(read_tag(g, PLAN_TEMP).quality, LW_BAD);
  assert_true(fabs(read_tag(g, PLAN_TEMP).value - 90) < 1e-9);
}

static void a_value_that_no_longer_comes_grows_old(void **state) {
  rig *g = *state;
  rig_scan(g, 1);
  rig_fault(g, PLAN_SPEED, LW_FAULT_lost);
  rig_scan(g, 4);
  assert_int_equal(read_tag(g, PLAN_SPEED).quality, LW_GOOD);
  rig_scan(g, 2);
  assert_int_equal(read_tag(g, PLAN_SPEED).quality, LW_BAD);
}

static void a_set_point_goes_out_in_the_next_scan(void **state) {
  rig *g = *state;
  rig_signal(g, PLAN_SPEED, 5);
  rig_scan(g, 1);
  assert_int_equal(lw_port_request(&g->port, PLAN_FLOW, 1200), 0);
  rig_scan(g, 1);
  assert_true(fabs(rig_output(g, PLAN_FLOW) - 100) < 1e-9);
  assert_true(rig_told(g, "out die.flow {\"v\":1200,\"raw\":1000}"));
}

static void the_same_number_is_recorded_once(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  rig_forget(g);
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  assert_false(rig_told(g, "out"));
  assert_true(rig_output(g, PLAN_LIPS) == 1);
}

static void a_request_before_the_first_level_is_void(void **unused) {
  (void)unused;
  static rig g;
  rig_init(&g, rig_plan(), 0);
  lw_request_write(&lw_desk_requests(g.port.desk)[PLAN_LIPS], 1, 0);
  rig_scan(&g, 3);
  assert_true(rig_output(&g, PLAN_LIPS) == 0);
  assert_int_equal(rig_trip(&g).seq, 0);
  rig_fini(&g);
}

static void a_request_of_an_older_epoch_is_void(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_LIPS, 1);
  lw_port_level(&g->port, LW_LEVEL_none);
  rig_scan(g, 2);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  assert_int_equal(rig_trip(g).seq, 0);
}

static void a_request_of_the_coming_epoch_waits_for_it(void **state) {
  rig *g = *state;
  uint32_t epoch = (uint32_t)(g->port.desk->level >> 8);
  lw_request_write(&lw_desk_requests(g->port.desk)[PLAN_LIPS], 1, epoch + 1);
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  rig_level(g, LW_LEVEL_none);
  assert_true(rig_output(g, PLAN_LIPS) == 1);
}

static void a_level_puts_its_safe_values_out_once(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_LIPS, 1);
  lw_port_request(&g->port, PLAN_SPEED, 0.05);
  rig_scan(g, 2);
  lw_port_level(&g->port, LW_LEVEL_hold);
  assert_false(lw_port_applied(&g->port));
  rig_scan(g, 1);
  assert_true(lw_port_applied(&g->port));
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  assert_true(
      rig_told(g, "out die.lips {\"v\":0,\"raw\":0,\"safe\":\"hold\"}"));
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 0.05) < 1e-9); // keep
  // A handler of that level may set again: the safe value came once.
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 2);
  assert_true(rig_output(g, PLAN_LIPS) == 1);
}

static void level_none_leaves_outputs_alone(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  rig_level(g, LW_LEVEL_none);
  assert_true(lw_port_applied(&g->port));
  assert_true(rig_output(g, PLAN_LIPS) == 1);
}

static void an_unknown_level_means_the_safest(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  g->port.desk->level = 9 << 8 | 77;
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  assert_true(rig_told(g, "\"safe\":\"abort\""));
}

static void a_rate_limit_makes_a_ramp(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_SPEED, 1); // 10 m/min/s, 0.1 per scan
  rig_scan(g, 1);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 0.1) < 1e-9);
  assert_true(rig_told(g, "out web.speed {\"v\":0.1,\"raw\":0.1,\"to\":1}"));
  rig_scan(g, 5);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 0.6) < 1e-9);
  rig_forget(g);
  rig_scan(g, 4);
  assert_true(rig_output(g, PLAN_SPEED) == 1);
  assert_string_equal(g->records, "out web.speed {\"v\":1,\"raw\":1}\n");
  rig_scan(g, 10);
  assert_true(rig_output(g, PLAN_SPEED) == 1);
  assert_int_equal(rig_trip(g).seq, 0);
}

static void a_ramp_turns_where_it_is(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_SPEED, 1);
  rig_scan(g, 5);
  lw_port_request(&g->port, PLAN_SPEED, 0);
  rig_scan(g, 2);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 0.3) < 1e-9);
}

static void a_new_epoch_ends_a_ramp(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_SPEED, 1);
  rig_scan(g, 3);
  rig_level(g, LW_LEVEL_hold); // safe hold of web.speed is keep
  rig_scan(g, 5);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 0.3) < 1e-9);
}

static void safe_values_know_no_ramp(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_SPEED, 20);
  rig_scan(g, 250);
  assert_true(rig_output(g, PLAN_SPEED) == 20);
  rig_level(g, LW_LEVEL_stop);
  assert_true(rig_output(g, PLAN_SPEED) == 0);
}

static void a_ramp_starts_from_what_the_device_has(void **state) {
  rig *g = *state;
  rig_signal(g, PLAN_SPEED, 12); // set by hand before the line came up
  rig_scan(g, 1);
  lw_port_request(&g->port, PLAN_SPEED, 12.05);
  rig_scan(g, 1);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 12.05) < 1e-9);
}

static void a_device_beyond_its_range_is_brought_back(void **state) {
  rig *g = *state;
  rig_signal(g, PLAN_SPEED, 40);
  rig_scan(g, 1);
  lw_port_request(&g->port, PLAN_SPEED, 29.95);
  // The step counts from where the device is, the ramp from its limit.
  rig_scan(g, 1);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 29.95) < 1e-9);
}

static void a_ramp_after_a_stall_is_no_jump(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_SPEED, 20);
  rig_scan(g, 1);
  g->clock.now_ns += LW_S / 2;
  rig_scan(g, 1);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - (0.1 + 0.2)) < 1e-9);
  assert_int_equal(rig_trip(g).seq, 0);
}

static void a_ramp_makes_up_for_one_scan_at_most(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_SPEED, 20);
  rig_scan_by(g, 25 * LW_MS);
  rig_scan(g, 1);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - (0.1 + 0.2)) < 1e-9);
}

static void a_scan_is_missed_half_a_period_after_its_time(void **state) {
  rig *g = *state;
  rig_scan_by(g, 24 * LW_MS);
  rig_scan(g, 1);
  assert_int_equal(g->port.image->scan_late_n, 1);
}

static void missed_scans_are_counted_and_told_once_a_second(void **state) {
  rig *g = *state;
  rig_scan_by(g, 30 * LW_MS); // two missed
  rig_scan_by(g, 14 * LW_MS); // jitter, none missed
  rig_scan(g, 1);
  assert_int_equal(g->port.image->scan_late_n, 2);
  assert_true(rig_told(g, "late scan {\"missed\":2}"));
  rig_forget(g);
  for (int i = 0; i < 10; i++)
    rig_scan_by(g, 20 * LW_MS);
  assert_false(rig_told(g, "late"));
  rig_scan(g, 80);
  assert_true(rig_told(g, "late scan {\"missed\":10}"));
  assert_int_equal(g->port.image->scan_late_n, 12);
}

static void scans_are_counted(void **state) {
  rig *g = *state;
  uint64_t before = g->port.image->scan_n;
  rig_scan(g, 7);
  assert_int_equal(g->port.image->scan_n, before + 7);
  assert_int_equal(g->port.image->scan_at_ns,
                   g->clock.now_ns - g->plan->scan_ns);
}

static void a_worker_that_died_in_a_request_delays_nobody(void **state) {
  rig *g = *state;
  lw_desk_requests(g->port.desk)[PLAN_FLOW].seq |= 1;
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_LIPS) == 1);
}

static void filters_run_before_the_recipe_sees_a_value(void **unused) {
  (void)unused;
  static rig g;
  const double window[] = {5, 3};
  lw_plan *p = rig_plan();
  lw_plan_add_filter(p, PLAN_TEMP, "hampel", window, 2);
  rig_init(&g, p, 0);
  rig_scan(&g, 4);
  assert_int_equal(read_tag(&g, PLAN_TEMP).quality, LW_BAD); // not primed
  rig_scan(&g, 1);
  assert_int_equal(read_tag(&g, PLAN_TEMP).quality, LW_GOOD);
  rig_signal(&g, PLAN_TEMP, 140); // one wild sample
  rig_scan(&g, 1);
  rig_signal(&g, PLAN_TEMP, 25);
  for (int i = 0; i < 6; i++) {
    assert_true(fabs(read_tag(&g, PLAN_TEMP).value - 25) < 1e-9);
    rig_scan(&g, 1);
  }
  rig_fini(&g);
}

static void a_bad_sample_does_not_enter_a_filter(void **unused) {
  (void)unused;
  static rig g;
  const double window[] = {5};
  lw_plan *p = rig_plan();
  lw_plan_add_filter(p, PLAN_TEMP, "median", window, 1);
  rig_init(&g, p, 0);
  rig_scan(&g, 5);
  rig_fault(&g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(&g, 10);
  assert_int_equal(read_tag(&g, PLAN_TEMP).quality, LW_BAD);
  assert_true(fabs(read_tag(&g, PLAN_TEMP).value - 25) < 1e-9);
  rig_fault(&g, PLAN_TEMP, LW_FAULT_none);
  rig_scan(&g, 1);
  assert_int_equal(read_tag(&g, PLAN_TEMP).quality, LW_GOOD);
  rig_fini(&g);
}

static void a_line_without_that_filter_does_not_start(void **unused) {
  (void)unused;
  lw_plan *p = rig_plan();
  lw_plan_add_filter(p, PLAN_TEMP, "magic", NULL, 0);
  const lw_scan_config c = {.plan = p};
  lw_scan *s;
  lw_err e;
  assert_int_equal(lw_scan_new(&s, &c, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "oven.temp: there is no filter 'magic'"));
  lw_plan_free(p);
}

static void level_none_ends_a_ramp(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_SPEED, 1);
  rig_scan(g, 3);
  rig_level(g, LW_LEVEL_none);
  rig_scan(g, 5);
  assert_true(fabs(rig_output(g, PLAN_SPEED) - 0.3) < 1e-9);
}

static void the_first_scan_is_never_late(void **unused) {
  (void)unused;
  static rig g;
  rig_init(&g, rig_small_plan(), 1);
  g.clock.now_ns = 1000 * LW_S;
  rig_scan(&g, 1);
  assert_int_equal(g.port.image->scan_late_n, 0);
  assert_int_equal(rig_trip(&g).seq, 0);
  assert_int_equal(g.port.image->scan_at_ns, 1000 * LW_S);
  rig_fini(&g);
}

static void a_ramp_begins_with_the_first_scan(void **unused) {
  (void)unused;
  static rig g;
  lw_plan *p = rig_small_plan();
  p->tags[SMALL_VALVE].rate_max = 10;
  rig_init(&g, p, 0);
  lw_port_level(&g.port, LW_LEVEL_none);
  lw_port_request(&g.port, SMALL_VALVE, 4);
  rig_scan(&g, 1);
  assert_true(fabs(rig_output(&g, SMALL_VALVE) - 0.1) < 1e-9);
  rig_fini(&g);
}

static void jitter_of_half_a_period_is_no_miss(void **state) {
  rig *g = *state;
  for (int i = 0; i < 5; i++) {
    rig_scan_by(g, 15 * LW_MS);
    rig_scan_by(g, 6 * LW_MS);
  }
  assert_int_equal(g->port.image->scan_late_n, 0);
  rig_scan_by(g, 15 * LW_MS + 1);
  rig_scan(g, 1);
  assert_int_equal(g->port.image->scan_late_n, 1);
}

static void late_is_told_at_most_once_a_second_at_any_time(void **unused) {
  (void)unused;
  static rig g;
  rig_init(&g, rig_small_plan(), 0);
  g.clock.now_ns = 5000 * LW_S;
  rig_scan_by(&g, 20 * LW_MS);
  rig_scan_by(&g, 20 * LW_MS); // told here: 1
  assert_true(rig_told(&g, "late scan {\"missed\":1}"));
  rig_forget(&g);
  rig_scan_by(&g, LW_S - 20 * LW_MS); // waits: 1
  assert_false(rig_told(&g, "late"));
  rig_scan(&g, 1);
  assert_true(rig_told(&g, "late scan"));
  rig_fini(&g);
}

static void what_is_known_only_by_its_feedback_can_be_limited(void **unused) {
  (void)unused;
  static const struct {
    int access, has_feedback;
    double out; // a step of 6 from the unknown, at most 5 allowed
  } cases[] = {{LW_WRITE, 0, 6}, {LW_WRITE, 1, 2}, {LW_READ | LW_WRITE, 0, 2}};
  for (int i = 0; i < 3; i++) {
    static rig g;
    lw_plan *p = rig_small_plan();
    lw_plan_tag *valve = &p->tags[SMALL_VALVE];
    valve->access = cases[i].access;
    valve->step_max = 5;
    p->rules[0].limit = 9;
    if (cases[i].has_feedback)
      valve->feedback = valve->name;
    rig_init(&g, p, 0);
    rig_fault(&g, SMALL_VALVE, LW_FAULT_bad); // nothing to read back
    lw_port_level(&g.port, LW_LEVEL_none);
    lw_port_request(&g.port, SMALL_VALVE, 6);
    rig_scan(&g, 1);
    assert_true(rig_output(&g, SMALL_VALVE) == cases[i].out);
    assert_int_equal(rig_told(&g, "\"why\":\"unknown\""), i > 0);
    rig_fini(&g);
  }
}

static void an_uncertain_read_back_is_not_adopted(void **unused) {
  (void)unused;
  static rig g;
  lw_plan *p = rig_small_plan();
  p->tags[SMALL_VALVE].step_max = 5;
  rig_init(&g, p, 0);
  rig_fault(&g, SMALL_VALVE, LW_FAULT_uncertain);
  lw_port_level(&g.port, LW_LEVEL_none);
  lw_port_request(&g.port, SMALL_VALVE, 4);
  rig_scan(&g, 1);
  assert_true(rig_told(&g, "\"why\":\"unknown\""));
  rig_fini(&g);
}

// ---- the dead-man timer: a device that only counts its beats

static int beats;

static int pulse_init(void *self, const lw_option *options, size_t option_n,
                      const lw_point *points, size_t point_n, lw_err *e) {
  (void)self, (void)options, (void)option_n, (void)points, (void)point_n;
  (void)e;
  return 0;
}

static int pulse_open(void *self, lw_err *e) {
  (void)self, (void)e;
  return 0;
}

static int pulse_read(void *self, int64_t now_ns, const uint32_t *due,
                      size_t due_n, lw_sample *out, lw_err *e) {
  (void)self, (void)now_ns, (void)due, (void)e;
  for (size_t i = 0; i < due_n; i++)
    out[i] = (lw_sample){.value = 1, .quality = LW_GOOD};
  return 0;
}

static int pulse_beat(void *self, lw_err *e) {
  (void)self, (void)e;
  return beats++ * 0;
}

static void pulse_close(void *self) {
  (void)self;
}

static const lw_option_spec pulse_options[] = {
    {"watchdog.every", 'd', 0, "seconds"}, {NULL, 0, 0, NULL}};

static const lw_driver_ops pulse = {.kind = "pulse",
                                    .help = "counts beats",
                                    .state_size = 8,
                                    .options = pulse_options,
                                    .init = pulse_init,
                                    .open = pulse_open,
                                    .read = pulse_read,
                                    .beat = pulse_beat,
                                    .close = pulse_close};

static void only_a_good_scan_feeds_the_dead_man(void **unused) {
  (void)unused;
  static rig g;
  lw_plan *p = rig_small_plan();
  lw_plan_add_driver(p, "pulse", "pulse");
  lw_plan_add_option(p, "watchdog.every", "0.01");
  lw_plan_add_tag(p, "pulse.tag");
  p->tags[2].driver = 1;
  lw_driver_register(&pulse);
  rig_init(&g, p, 0);
  beats = 0;
  rig_scan(&g, 20);
  assert_in_range(beats, 18, 20);
  beats = 0;
  for (int i = 0; i < 20; i++) // each of them a whole period late
    rig_scan_by(&g, 20 * LW_MS);
  assert_int_equal(beats, 1); // the first was still in time
  rig_scan(&g, 2);
  beats = 0;
  g.port.image->store_state = 1;
  rig_scan(&g, 20);
  assert_int_equal(beats, 0);
  rig_fini(&g);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(readings_come_in_process_units),
      TEST(a_bad_input_keeps_its_last_number),
      TEST(a_value_that_no_longer_comes_grows_old),
      TEST(a_set_point_goes_out_in_the_next_scan),
      TEST(the_same_number_is_recorded_once),
      cmocka_unit_test(a_request_before_the_first_level_is_void),
      TEST(a_request_of_an_older_epoch_is_void),
      TEST(a_request_of_the_coming_epoch_waits_for_it),
      TEST(a_level_puts_its_safe_values_out_once),
      TEST(level_none_leaves_outputs_alone),
      TEST(an_unknown_level_means_the_safest),
      TEST(a_rate_limit_makes_a_ramp),
      TEST(a_ramp_turns_where_it_is),
      TEST(a_new_epoch_ends_a_ramp),
      TEST(safe_values_know_no_ramp),
      TEST(a_ramp_starts_from_what_the_device_has),
      TEST(a_device_beyond_its_range_is_brought_back),
      TEST(a_ramp_after_a_stall_is_no_jump),
      TEST(a_ramp_makes_up_for_one_scan_at_most),
      TEST(a_scan_is_missed_half_a_period_after_its_time),
      TEST(missed_scans_are_counted_and_told_once_a_second),
      TEST(scans_are_counted),
      TEST(a_worker_that_died_in_a_request_delays_nobody),
      cmocka_unit_test(filters_run_before_the_recipe_sees_a_value),
      cmocka_unit_test(a_bad_sample_does_not_enter_a_filter),
      TEST(level_none_ends_a_ramp),
      cmocka_unit_test(the_first_scan_is_never_late),
      cmocka_unit_test(a_ramp_begins_with_the_first_scan),
      TEST(jitter_of_half_a_period_is_no_miss),
      cmocka_unit_test(late_is_told_at_most_once_a_second_at_any_time),
      cmocka_unit_test(what_is_known_only_by_its_feedback_can_be_limited),
      cmocka_unit_test(an_uncertain_read_back_is_not_adopted),
      cmocka_unit_test(only_a_good_scan_feeds_the_dead_man),
      cmocka_unit_test(a_line_without_that_filter_does_not_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
