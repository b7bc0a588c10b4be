// Interlocks, permits, refusals, a silent worker, a stopped journal: outputs go
// to safe values in the scan that finds the fault, and stay there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "c/scan/scan_rig.h"
#include "scan/scan_private.h"

static int setup(void **state) {
  *state = malloc(sizeof(rig));
  rig_init(*state, rig_plan(), 1);
  rig_level(*state, LW_LEVEL_none);
  return 0;
}

static int teardown(void **state) {
  rig_fini(*state);
  free(*state);
  return 0;
}

// Web at 5 m/min, slurry flowing, lips open.
static void run_line(rig *g) {
  rig_signal(g, PLAN_SPEED, 5);
  rig_scan(g, 1);
  lw_port_request(&g->port, PLAN_SPEED, 5);
  lw_port_request(&g->port, PLAN_FLOW, 1200);
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  assert_int_equal(rig_trip(g).seq, 0);
  rig_forget(g);
}

static void assert_trip(const rig *g, uint32_t seq, int cause, int level,
                        uint32_t index) {
  lw_trip t = rig_trip(g);
  assert_int_equal(t.seq, seq);
  assert_int_equal(t.cause, cause);
  assert_int_equal(t.level, level);
  assert_int_equal(t.index, index);
}

static void an_interlock_trips_once_it_has_lasted(void **state) {
  rig *g = *state;
  run_line(g);
  rig_signal(g, PLAN_TEMP, 151);
  rig_scan(g, 2); // 10 ms so far
  assert_int_equal(rig_trip(g).seq, 0);
  assert_true(rig_output(g, PLAN_LIPS) == 1);
  rig_scan(g, 1); // 20 ms
  assert_trip(g, 1, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  assert_true(rig_output(g, PLAN_FLOW) == 0);
  assert_true(rig_output(g, PLAN_SPEED) == 0);
  assert_true(rig_told(
      g, "trip oven.temp {\"cause\":\"interlock\",\"level\":\"abort\","
         "\"tag\":\"oven.temp\",\"value\":151,\"unit\":\"degC\","
         "\"op\":\"above\",\"limit\":150,\"text\":\"over-temperature\"}"));
}

static void a_short_excursion_does_not_trip(void **state) {
  rig *g = *state;
  for (int i = 0; i < 5; i++) {
    rig_signal(g, PLAN_TEMP, 151);
    rig_scan(g, 2);
    rig_signal(g, PLAN_TEMP, 150);
    rig_scan(g, 1);
  }
  assert_int_equal(rig_trip(g).seq, 0);
}

static void a_bad_input_trips_at_once(void **state) {
  rig *g = *state;
  run_line(g);
  rig_fault(g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  assert_true(rig_told(g, "\"quality\":\"bad\""));
}

static void an_input_never_read_has_two_seconds_of_grace(void **unused) {
  (void)unused;
  static rig g;
  rig_init(&g, rig_plan(), 0);
  rig_fault(&g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(&g, 200);
  assert_int_equal(rig_trip(&g).seq, 0);
  rig_scan(&g, 1);
  assert_trip(&g, 1, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  rig_fini(&g);
}

static void grace_ends_with_the_first_reading(void **unused) {
  (void)unused;
  static rig g;
  rig_init(&g, rig_plan(), 0);
  rig_scan(&g, 1);
  rig_fault(&g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(&g, 1);
  assert_int_equal(rig_trip(&g).seq, 1);
  rig_fini(&g);
}

static void a_filter_that_fills_up_does_not_blind_an_interlock(void **unused) {
  (void)unused;
  static rig g;
  const double window[] = {101};
  lw_plan *p = rig_plan();
  lw_plan_add_filter(p, PLAN_TEMP, "median", window, 1);
  rig_init(&g, p, 0);
  rig_scan(&g, 1);
  rig_signal(&g, PLAN_TEMP, 200);
  rig_scan(&g, 4);
  assert_trip(&g, 1, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  rig_fini(&g);
}

static void requests_are_void_until_the_worker_has_acted(void **state) {
  rig *g = *state;
  run_line(g);
  rig_fault(g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(g, 1);
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 3);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  lw_port_trip_ack(&g->port, 1); // without a newer epoch
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 3);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  rig_level(g, LW_LEVEL_abort);
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_LIPS) == 1);
  assert_int_equal(rig_trip(g).seq, 1);
}

static void a_newer_epoch_alone_is_not_enough(void **state) {
  rig *g = *state;
  run_line(g);
  rig_fault(g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(g, 1);
  rig_level(g, LW_LEVEL_hold); // crossed the trip: worker has not seen it
  assert_true(lw_port_applied(&g->port));
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 2);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
}

// Safe hold of web.speed is keep, safe abort is 0: had the hold values won, a
// set-point of before could have come back; the other way round a level above
// the trip has to win.
static void the_more_severe_level_wins_while_a_trip_waits(void **unused) {
  (void)unused;
  static rig g;
  lw_plan *p = rig_plan();
  p->tags[PLAN_SPEED].safe[LW_LEVEL_hold] = 2;
  p->rules[0].level = LW_LEVEL_stop;
  p->rules[0].lasting_ns = 0;
  rig_init(&g, p, 0);
  rig_level(&g, LW_LEVEL_none);
  rig_signal(&g, PLAN_TEMP, 151);
  rig_scan(&g, 1);
  assert_trip(&g, 1, LW_CAUSE_interlock, LW_LEVEL_stop, 0);
  rig_level(&g, LW_LEVEL_hold);
  assert_true(rig_output(&g, PLAN_SPEED) == 0);
  p->tags[PLAN_SPEED].safe[LW_LEVEL_abort] = 1;
  rig_level(&g, LW_LEVEL_abort);
  assert_true(rig_output(&g, PLAN_SPEED) == 1);
  rig_fini(&g);
}

static void a_line_that_is_stopping_is_not_brought_up_to_hold(void **unused) {
  (void)unused;
  static rig g;
  lw_plan *p = rig_plan();
  p->tags[PLAN_SPEED].safe[LW_LEVEL_hold] = 2;
  p->rules[0].level = LW_LEVEL_hold;
  p->rules[0].lasting_ns = 0;
  rig_init(&g, p, 0);
  rig_level(&g, LW_LEVEL_stop);
  rig_signal(&g, PLAN_TEMP, 151);
  rig_scan(&g, 1);
  assert_trip(&g, 1, LW_CAUSE_interlock, LW_LEVEL_hold, 0);
  assert_true(rig_output(&g, PLAN_SPEED) == 0);
  // Hold is no way on from stopping: the acknowledgement gives control back.
  lw_port_request(&g.port, PLAN_LIPS, 1);
  rig_scan(&g, 1);
  assert_true(rig_output(&g, PLAN_LIPS) == 0);
  lw_port_trip_ack(&g.port, 1);
  lw_port_request(&g.port, PLAN_LIPS, 1);
  rig_scan(&g, 1);
  assert_true(rig_output(&g, PLAN_LIPS) == 1);
  rig_fini(&g);
}

static void a_rule_fires_once_per_activation(void **state) {
  rig *g = *state;
  rig_signal(g, PLAN_TEMP, 151);
  rig_scan(g, 50);
  assert_int_equal(rig_trip(g).seq, 1);
  rig_obey(g, LW_LEVEL_abort);
  rig_scan(g, 50);
  assert_int_equal(rig_trip(g).seq, 1); // still too hot, but aborted
  rig_signal(g, PLAN_TEMP, 25);
  rig_scan(g, 1);
  rig_signal(g, PLAN_TEMP, 151);
  rig_scan(g, 3);
  assert_int_equal(rig_trip(g).seq, 2);
}

static void a_milder_epoch_arms_a_rule_that_still_holds(void **state) {
  rig *g = *state;
  rig_signal(g, PLAN_TEMP, 151);
  rig_scan(g, 3);
  rig_obey(g, LW_LEVEL_abort);
  lw_port_level(&g->port, LW_LEVEL_stop); // clearing
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  assert_trip(g, 2, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  // The same scan: the request of that epoch never reached the output.
  assert_true(rig_output(g, PLAN_LIPS) == 0);
}

static void a_lost_permit_holds(void **state) {
  rig *g = *state;
  run_line(g);
  rig_signal(g, PLAN_SPEED, 0.2);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_permit, LW_LEVEL_hold, 1);
  assert_true(rig_output(g, PLAN_FLOW) == 0);
  assert_true(
      rig_told(g, "trip die.flow {\"cause\":\"permit lost\",\"level\":\"hold\","
                  "\"tag\":\"web.speed\",\"value\":0.2,\"unit\":\"m/min\","
                  "\"op\":\"above\",\"limit\":0.3,\"for\":\"die.flow\","
                  "\"text\":\"no flow onto a standing web\"}"));
}

static void a_permit_needs_a_good_reading(void **state) {
  rig *g = *state;
  run_line(g);
  rig_fault(g, PLAN_SPEED, LW_FAULT_uncertain);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_permit, LW_LEVEL_hold, 1);
}

static void a_set_point_without_its_permit_is_refused(void **state) {
  rig *g = *state;
  lw_port_request(&g->port, PLAN_FLOW, 49); // below what needs a permit
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_FLOW) > 4);
  lw_port_request(&g->port, PLAN_FLOW, 60);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_refused, LW_LEVEL_hold, PLAN_FLOW);
  assert_true(rig_output(g, PLAN_FLOW) == 0);
  assert_true(rig_told(
      g, "trip die.flow {\"cause\":\"set-point refused\",\"level\":\"hold\","
         "\"why\":\"permit\",\"tag\":\"die.flow\",\"value\":60,"
         "\"unit\":\"mL/min\",\"text\":\"set-point is not permitted now\"}"));
}

// Past the port's own check, as a broken worker would write it.
static void force_request(rig *g, uint32_t tag, double value) {
  lw_request_write(&lw_desk_requests(g->port.desk)[tag], value,
                   (uint32_t)(g->port.desk->level >> 8));
}

static void what_a_broken_worker_asks_for_is_refused(void **state) {
  rig *g = *state;
  static const struct {
    uint32_t tag;
    double value;
    const char *why;
  } cases[] = {
      {PLAN_FLOW, 5000,
       "\"why\":\"range\",\"tag\":\"die.flow\",\"value\":5000,"
       "\"unit\":\"mL/min\",\"lo\":0,\"hi\":3960"},
      {PLAN_FLOW, NAN,
       "\"why\":\"nonfinite\",\"tag\":\"die.flow\",\"value\":"
       "null"},
      {PLAN_FLOW, -INFINITY, "\"why\":\"nonfinite\""},
      {PLAN_TEMP, 20, "\"why\":\"reading\",\"tag\":\"oven.temp\""},
      {PLAN_SPEED, 21,
       "\"why\":\"step\",\"tag\":\"web.speed\",\"value\":21,"
       "\"unit\":\"m/min\",\"from\":0,\"limit\":20"},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    rig_forget(g);
    force_request(g, cases[i].tag, cases[i].value);
    rig_scan(g, 1);
    assert_trip(g, i + 1, LW_CAUSE_refused, LW_LEVEL_hold, cases[i].tag);
    if (!rig_told(g, cases[i].why))
      fail_msg("wanted %s in %s", cases[i].why, g->records);
    rig_obey(g, LW_LEVEL_hold);
    rig_level(g, LW_LEVEL_none);
  }
}

static void a_silent_worker_trips(void **state) {
  rig *g = *state;
  run_line(g);
  for (int i = 0; i < 5; i++) { // beats each 100 ms
    lw_port_beat(&g->port);
    rig_scan(g, 10);
  }
  assert_int_equal(rig_trip(g).seq, 0);
  rig_scan(g, 16); // 250 ms after the newest beat
  assert_int_equal(rig_trip(g).seq, 0);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_heartbeat, LW_LEVEL_hold, 0xFFFF);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  assert_true(rig_told(
      g, "trip scan {\"cause\":\"worker silent\",\"level\":\"hold\"}"));
  rig_scan(g, 100);
  assert_int_equal(rig_trip(g).seq, 1);
  // The host says the same a moment later: it is no second fault.
  rig_forget(g);
  lw_scan_trip(g->scan, LW_CAUSE_heartbeat, LW_LEVEL_hold);
  rig_scan(g, 1);
  assert_int_equal(rig_trip(g).seq, 1);
  assert_string_equal(g->records, "");
}

static void a_second_silence_trips_again(void **state) {
  rig *g = *state;
  lw_port_beat(&g->port);
  rig_scan(g, 30);
  rig_obey(g, LW_LEVEL_hold);
  lw_port_beat(&g->port);
  rig_scan(g, 20);
  assert_int_equal(rig_trip(g).seq, 1);
  rig_scan(g, 10);
  assert_int_equal(rig_trip(g).seq, 2);
}

static void a_tick_that_does_not_come_back_trips(void **state) {
  rig *g = *state;
  run_line(g);
  lw_port_beat(&g->port);
  int patience_n =
      (int)((g->plan->tick_cpu_ns + 25 * LW_MS) / g->plan->scan_ns);
  for (int i = 0; i < 3; i++) { // turns that come back, however many
    lw_port_beat(&g->port);
    lw_port_enter(&g->port);
    rig_scan(g, patience_n);
    lw_port_leave(&g->port);
  }
  assert_int_equal(rig_trip(g).seq, 0);
  lw_port_enter(&g->port);
  rig_scan(g, 1 + patience_n);
  assert_int_equal(rig_trip(g).seq, 0);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_busy, LW_LEVEL_hold, 0xFFFF);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  rig_scan(g, 5);
  assert_int_equal(rig_trip(g).seq, 1); // told once
}

static void
a_machine_that_stood_still_is_not_held_against_a_tick(void **state) {
  rig *g = *state;
  run_line(g);
  lw_port_beat(&g->port);
  lw_port_enter(&g->port);
  rig_scan(g, 1);
  rig_scan_by(g, 200 * LW_MS);
  rig_scan(g, 2);
  assert_int_equal(rig_trip(g).seq, 0);
}

static void a_worker_that_loads_or_has_finished_may_be_silent(void **state) {
  rig *g = *state;
  rig_scan(g, 100);
  lw_port_beat(&g->port);
  lw_port_flags(&g->port, 0, 1);
  rig_scan(g, 100);
  assert_int_equal(rig_trip(g).seq, 0);
}

static void a_stopped_journal_holds_and_closes_the_outputs(void **state) {
  rig *g = *state;
  run_line(g);
  g->port.image->store_state = (uint32_t)-LW_E_IO;
  lw_scan_trip(g->scan, LW_CAUSE_store, LW_LEVEL_hold);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_store, LW_LEVEL_hold, 0xFFFF);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  rig_obey(g, LW_LEVEL_hold);
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 3);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
  assert_int_equal(rig_trip(g).seq, 1);
}

static void a_host_that_stood_still_holds(void **state) {
  rig *g = *state;
  run_line(g);
  rig_scan_by(g, LW_S + LW_MS);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_scan, LW_LEVEL_hold, 0xFFFF);
}

static void of_two_outside_trips_the_severer_counts(void **state) {
  rig *g = *state;
  lw_scan_trip(g->scan, LW_CAUSE_store, LW_LEVEL_hold);
  lw_scan_trip(g->scan, LW_CAUSE_driver, LW_LEVEL_stop);
  lw_scan_trip(g->scan, LW_CAUSE_heartbeat, LW_LEVEL_hold);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_driver, LW_LEVEL_stop, 0xFFFF);
}

static void a_milder_trip_does_not_hide_a_pending_one(void **state) {
  rig *g = *state;
  run_line(g);
  rig_fault(g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(g, 1);
  lw_scan_trip(g->scan, LW_CAUSE_store, LW_LEVEL_hold);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  assert_true(rig_told(g, "\"cause\":\"journal stopped\"")); // but is recorded
}

static void a_worse_trip_replaces_a_pending_one(void **state) {
  rig *g = *state;
  run_line(g);
  lw_scan_trip(g->scan, LW_CAUSE_store, LW_LEVEL_hold);
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_SPEED) == 5); // keep
  rig_fault(g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(g, 1);
  assert_trip(g, 2, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  assert_true(rig_output(g, PLAN_SPEED) == 0);
  // Acknowledging the old one does not open the outputs.
  lw_port_trip_ack(&g->port, 1);
  rig_level(g, LW_LEVEL_hold);
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
}

// ---- a line of one output, whose permit is the only rule

static rig small;

static void small_init(int64_t now_ns) {
  rig_init(&small, rig_small_plan(), 1);
  small.clock.now_ns = now_ns;
  rig_level(&small, LW_LEVEL_none);
}

static void the_first_output_has_safe_values_too(void **unused) {
  (void)unused;
  static const double safe[] = {7, 3, 2, 1, 0};
  for (int level = LW_LEVEL_none; level < LW_LEVEL_N; level++) {
    small_init(0);
    rig_signal(&small, SMALL_VALVE, 7); // as found
    rig_level(&small, level);
    assert_true(rig_output(&small, SMALL_VALVE) == safe[level]);
    rig_fini(&small);
  }
}

static void the_first_level_beyond_the_known_means_abort(void **unused) {
  (void)unused;
  small_init(0);
  rig_signal(&small, SMALL_VALVE, 7);
  rig_level(&small, LW_LEVEL_N);
  assert_true(rig_told(&small, "\"safe\":\"abort\""));
  rig_fini(&small);
}

static void a_level_of_no_epoch_is_none(void **unused) {
  (void)unused;
  rig_init(&small, rig_small_plan(), 0);
  rig_signal(&small, SMALL_VALVE, 7);
  small.port.desk->level = 0xFF;
  rig_scan(&small, 2);
  assert_true(rig_output(&small, SMALL_VALVE) == 7);
  assert_string_equal(small.records, "");
  rig_fini(&small);
}

static void a_reading_is_never_written(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  p->tags[SMALL_PRESSURE].safe[LW_LEVEL_stop] = 1;
  rig_init(&small, p, 0);
  rig_signal(&small, SMALL_PRESSURE, 2.5);
  rig_level(&small, LW_LEVEL_stop);
  assert_true(rig_output(&small, SMALL_PRESSURE) == 2.5);
  assert_false(rig_told(&small, "out pressure"));
  rig_fini(&small);
}

static void the_first_rule_is_looked_at(void **unused) {
  (void)unused;
  small_init(0);
  lw_port_request(&small.port, SMALL_VALVE, 6);
  rig_scan(&small, 1);
  assert_true(rig_output(&small, SMALL_VALVE) == 6);
  rig_signal(&small, SMALL_PRESSURE, 4);
  rig_scan(&small, 1);
  assert_trip(&small, 1, LW_CAUSE_permit, LW_LEVEL_hold, 0);
  rig_obey(&small, LW_LEVEL_hold);
  rig_level(&small, LW_LEVEL_none);
  lw_port_request(&small.port, SMALL_VALVE, 6);
  rig_scan(&small, 1);
  assert_trip(&small, 2, LW_CAUSE_refused, LW_LEVEL_hold, SMALL_VALVE);
  rig_fini(&small);
}

static void a_ramp_to_where_no_permit_is_does_not_begin(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  p->tags[SMALL_VALVE].rate_max = 1;
  rig_init(&small, p, 0);
  rig_signal(&small, SMALL_PRESSURE, 5);
  rig_level(&small, LW_LEVEL_none);
  lw_port_request(&small.port, SMALL_VALVE, 6);
  rig_scan(&small, 1);
  assert_trip(&small, 1, LW_CAUSE_refused, LW_LEVEL_hold, SMALL_VALVE);
  rig_fini(&small);
}

static void an_output_found_open_without_its_permit_trips(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  p->tags[SMALL_VALVE].rate_max = 1;
  rig_init(&small, p, 0);
  rig_signal(&small, SMALL_VALVE, 8); // found open, without its permit
  rig_signal(&small, SMALL_PRESSURE, 5);
  rig_scan(&small, 1);
  assert_trip(&small, 1, LW_CAUSE_permit, LW_LEVEL_hold, 0);
  assert_true(rig_output(&small, SMALL_VALVE) == 2);
  rig_fini(&small);
}

static void grace_counts_from_the_first_scan(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  lw_plan_add_rule(p, &(lw_plan_rule){.kind = LW_RULE_INTERLOCK,
                                      .tag = SMALL_PRESSURE,
                                      .op = LW_OP_ABOVE,
                                      .limit = 100,
                                      .level = LW_LEVEL_stop,
                                      .need_tag = LW_NONE});
  rig_init(&small, p, 0);
  rig_fault(&small, SMALL_PRESSURE, LW_FAULT_bad);
  small.clock.now_ns = 100 * LW_S;
  rig_scan(&small, 200);
  assert_int_equal(rig_trip(&small).seq, 0);
  rig_scan(&small, 1);
  assert_trip(&small, 1, LW_CAUSE_interlock, LW_LEVEL_stop, 1);
  rig_fini(&small);
}

static void a_level_of_the_trips_own_severity_goes_through(void **unused) {
  (void)unused;
  small_init(0);
  rig_level(&small, LW_LEVEL_abort);
  lw_scan_trip(small.scan, LW_CAUSE_store, LW_LEVEL_hold);
  rig_scan(&small, 1);
  assert_true(rig_output(&small, SMALL_VALVE) == 0); // aborted stays aborted
  rig_level(&small, LW_LEVEL_hold);
  assert_true(rig_output(&small, SMALL_VALVE) == 2);
  rig_fini(&small);
}

static void
a_trip_of_the_level_in_force_needs_its_acknowledgement_only(void **unused) {
  (void)unused;
  small_init(0);
  rig_level(&small, LW_LEVEL_hold);
  lw_scan_trip(small.scan, LW_CAUSE_driver, LW_LEVEL_hold);
  rig_scan(&small, 1);
  lw_port_request(&small.port, SMALL_VALVE, 4);
  rig_scan(&small, 1);
  assert_true(rig_output(&small, SMALL_VALVE) == 2);
  lw_port_trip_ack(&small.port, 1);
  lw_port_request(&small.port, SMALL_VALVE, 4);
  rig_scan(&small, 1);
  assert_true(rig_output(&small, SMALL_VALVE) == 4);
  rig_fini(&small);
}

static void a_lesser_trip_does_not_open_what_a_worse_one_closed(void **unused) {
  (void)unused;
  small_init(0);
  rig_level(&small, LW_LEVEL_hold);
  lw_scan_trip(small.scan, LW_CAUSE_driver, LW_LEVEL_stop);
  rig_scan(&small, 1);
  lw_port_trip_ack(&small.port, 1); // acknowledged, but no newer epoch
  lw_scan_trip(small.scan, LW_CAUSE_store, LW_LEVEL_hold);
  rig_scan(&small, 1);
  lw_port_trip_ack(&small.port, 2);
  lw_port_request(&small.port, SMALL_VALVE, 4);
  rig_scan(&small, 1);
  assert_true(rig_output(&small, SMALL_VALVE) != 4);
  rig_level(&small, LW_LEVEL_stop);
  lw_port_request(&small.port, SMALL_VALVE, 4);
  rig_scan(&small, 1);
  assert_true(rig_output(&small, SMALL_VALVE) == 4);
  rig_fini(&small);
}

// Found by test_invariants: the interlock was masked by the trip before, and
// its acknowledgement in a later epoch opened the outputs over a hot oven.
static void a_masked_interlock_keeps_the_outputs_closed(void **state) {
  rig *g = *state;
  run_line(g);
  lw_scan_trip(g->scan, LW_CAUSE_driver, LW_LEVEL_abort);
  rig_scan(g, 1);
  rig_fault(g, PLAN_TEMP, LW_FAULT_bad);
  rig_scan(g, 1);
  rig_level(g, LW_LEVEL_none); // a worker that goes on without looking
  lw_port_trip_ack(&g->port, rig_trip(g).seq);
  lw_port_request(&g->port, PLAN_LIPS, 1);
  rig_scan(g, 1);
  assert_true(rig_output(g, PLAN_LIPS) == 0);
}

static void every_rule_is_armed_again(void **state) {
  rig *g = *state;
  g->plan->tags[PLAN_FLOW].safe[LW_LEVEL_hold] = NAN; // keep: stays violated
  run_line(g);
  rig_signal(g, PLAN_SPEED, 0.2);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_permit, LW_LEVEL_hold, 1);
  rig_obey(g, LW_LEVEL_hold);
  assert_int_equal(rig_trip(g).seq, 1);
  rig_level(g, LW_LEVEL_none);
  assert_trip(g, 2, LW_CAUSE_permit, LW_LEVEL_hold, 1);
}

static void of_two_equal_outside_trips_the_first_counts(void **state) {
  rig *g = *state;
  lw_scan_trip(g->scan, LW_CAUSE_store, LW_LEVEL_hold);
  lw_scan_trip(g->scan, LW_CAUSE_heartbeat, LW_LEVEL_hold);
  rig_scan(g, 1);
  assert_trip(g, 1, LW_CAUSE_store, LW_LEVEL_hold, 0xFFFF);
}

static void a_second_without_a_scan_is_no_fault_yet(void **state) {
  rig *g = *state;
  run_line(g);
  rig_scan_by(g, LW_S);
  rig_scan(g, 1);
  assert_int_equal(rig_trip(g).seq, 0);
}

static void an_interlock_works_without_any_worker(void **unused) {
  (void)unused;
  static rig g;
  rig_init(&g, rig_plan(), 0);
  rig_scan(&g, 1);
  rig_signal(&g, PLAN_LIPS, 1);
  rig_signal(&g, PLAN_TEMP, 151);
  rig_scan(&g, 4);
  assert_trip(&g, 1, LW_CAUSE_interlock, LW_LEVEL_abort, 0);
  assert_true(rig_output(&g, PLAN_LIPS) == 0);
  rig_fini(&g);
}

static void a_turn_may_last_to_the_end_of_its_patience(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  p->tick_cpu_ns = 75 * LW_MS; // and 25 ms to spare: ten scans
  rig_init(&small, p, 1);
  lw_port_beat(&small.port);
  rig_scan(&small, 1);
  lw_port_enter(&small.port);
  rig_scan(&small, 1 + 10); // the first one only meets it
  assert_int_equal(rig_trip(&small).seq, 0);
  rig_scan(&small, 1);
  assert_trip(&small, 1, LW_CAUSE_busy, LW_LEVEL_hold, 0xFFFF);
  rig_obey(&small, LW_LEVEL_hold);
  lw_port_beat(&small.port);
  rig_scan(&small, 20);
  assert_int_equal(rig_trip(&small).seq, 1); // still the same turn
  lw_port_leave(&small.port);
  lw_port_beat(&small.port);
  rig_scan(&small, 20);
  lw_port_enter(&small.port);
  lw_port_beat(&small.port);
  rig_scan(&small, 12);
  assert_trip(&small, 2, LW_CAUSE_busy, LW_LEVEL_hold, 0xFFFF);
  rig_fini(&small);
}

static void each_rule_of_one_trip_is_told(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  for (uint32_t tag = 0; tag < 2; tag++)
    lw_plan_add_rule(p, &(lw_plan_rule){.kind = LW_RULE_INTERLOCK,
                                        .tag = tag,
                                        .op = LW_OP_ABOVE,
                                        .limit = 8,
                                        .level = LW_LEVEL_stop,
                                        .need_tag = LW_NONE});
  rig_init(&small, p, 0);
  rig_scan(&small, 1);
  rig_signal(&small, SMALL_VALVE, 9);
  rig_signal(&small, SMALL_PRESSURE, 9);
  rig_scan(&small, 1);
  assert_trip(&small, 2, LW_CAUSE_interlock, LW_LEVEL_stop, 1);
  assert_true(rig_told(&small, "trip valve {\"cause\":\"interlock\""));
  assert_true(rig_told(&small, "trip pressure {\"cause\":\"interlock\""));
  rig_fini(&small);
}

static void a_turn_nobody_watches_may_last(void **unused) {
  (void)unused;
  rig_init(&small, rig_small_plan(), 0);
  lw_port_beat(&small.port);
  lw_port_enter(&small.port);
  rig_scan(&small, 1000);
  assert_int_equal(rig_trip(&small).seq, 0);
  rig_fini(&small);
}

static void a_permit_of_another_output_does_not_bind(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  const lw_plan_rule other = {.kind = LW_RULE_PERMIT,
                              .tag = SMALL_PRESSURE,
                              .op = LW_OP_ABOVE,
                              .level = LW_LEVEL_hold,
                              .limit = -1,
                              .need_tag = SMALL_VALVE,
                              .need_op = LW_OP_ABOVE,
                              .need_limit = 8};
  lw_plan_add_rule(p, &other);
  rig_init(&small, p, 0);
  rig_level(&small, LW_LEVEL_none);
  lw_port_request(&small.port, SMALL_VALVE, 6);
  rig_scan(&small, 1);
  assert_true(rig_output(&small, SMALL_VALVE) == 6);
  rig_fini(&small);
}

static void a_safe_value_that_the_word_cannot_hold_means_keep(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  p->tags[SMALL_VALVE].type = LW_TYPE_u16;
  p->tags[SMALL_VALVE].safe[LW_LEVEL_hold] = -1;
  rig_init(&small, p, 0);
  rig_signal(&small, SMALL_VALVE, 7);
  rig_level(&small, LW_LEVEL_none);
  rig_level(&small, LW_LEVEL_hold);
  assert_true(rig_output(&small, SMALL_VALVE) == 7);
  rig_fini(&small);
}

// The set-point's own ramp never asks for it: the guard does not trust that.
static void a_refusal_by_rate_names_the_limit(void **unused) {
  (void)unused;
  lw_plan *p = rig_small_plan();
  p->tags[SMALL_VALVE].rate_max = 1;
  rig_init(&small, p, 0);
  const lw_scan_reason why = {.cause = LW_CAUSE_refused,
                              .level = LW_LEVEL_hold,
                              .index = SMALL_VALVE,
                              .verdict = LW_VERDICT_rate,
                              .value = 9};
  lw_scan_do_trip(small.scan, &why);
  assert_true(rig_told(&small, "\"why\":\"rate\",\"tag\":\"valve\","
                               "\"value\":9,\"unit\":\"\",\"limit\":1,"));
  rig_fini(&small);
}

static void records_that_nobody_takes_change_nothing(void **unused) {
  (void)unused;
  small_init(0);
  small.scan->c.record = NULL;
  rig_forget(&small);
  lw_scan_trip(small.scan, LW_CAUSE_store, LW_LEVEL_hold);
  rig_scan(&small, 1);
  assert_trip(&small, 1, LW_CAUSE_store, LW_LEVEL_hold, 0xFFFF);
  assert_true(rig_output(&small, SMALL_VALVE) == 2);
  assert_string_equal(small.records, "");
  rig_fini(&small);
  lw_scan_free(NULL);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(an_interlock_trips_once_it_has_lasted),
      TEST(a_short_excursion_does_not_trip),
      TEST(a_bad_input_trips_at_once),
      cmocka_unit_test(an_input_never_read_has_two_seconds_of_grace),
      cmocka_unit_test(grace_ends_with_the_first_reading),
      cmocka_unit_test(a_filter_that_fills_up_does_not_blind_an_interlock),
      TEST(requests_are_void_until_the_worker_has_acted),
      TEST(a_newer_epoch_alone_is_not_enough),
      cmocka_unit_test(the_more_severe_level_wins_while_a_trip_waits),
      cmocka_unit_test(a_line_that_is_stopping_is_not_brought_up_to_hold),
      TEST(a_rule_fires_once_per_activation),
      TEST(a_milder_epoch_arms_a_rule_that_still_holds),
      TEST(a_lost_permit_holds),
      TEST(a_permit_needs_a_good_reading),
      TEST(a_set_point_without_its_permit_is_refused),
      TEST(what_a_broken_worker_asks_for_is_refused),
      TEST(a_silent_worker_trips),
      TEST(a_second_silence_trips_again),
      TEST(a_tick_that_does_not_come_back_trips),
      TEST(a_machine_that_stood_still_is_not_held_against_a_tick),
      TEST(a_worker_that_loads_or_has_finished_may_be_silent),
      TEST(a_stopped_journal_holds_and_closes_the_outputs),
      TEST(a_host_that_stood_still_holds),
      TEST(of_two_outside_trips_the_severer_counts),
      TEST(a_milder_trip_does_not_hide_a_pending_one),
      TEST(a_worse_trip_replaces_a_pending_one),
      cmocka_unit_test(the_first_output_has_safe_values_too),
      cmocka_unit_test(the_first_level_beyond_the_known_means_abort),
      cmocka_unit_test(a_level_of_no_epoch_is_none),
      cmocka_unit_test(a_reading_is_never_written),
      cmocka_unit_test(the_first_rule_is_looked_at),
      cmocka_unit_test(a_ramp_to_where_no_permit_is_does_not_begin),
      cmocka_unit_test(an_output_found_open_without_its_permit_trips),
      cmocka_unit_test(grace_counts_from_the_first_scan),
      cmocka_unit_test(a_level_of_the_trips_own_severity_goes_through),
      cmocka_unit_test(
          a_trip_of_the_level_in_force_needs_its_acknowledgement_only),
      cmocka_unit_test(a_lesser_trip_does_not_open_what_a_worse_one_closed),
      TEST(a_masked_interlock_keeps_the_outputs_closed),
      TEST(every_rule_is_armed_again),
      TEST(of_two_equal_outside_trips_the_first_counts),
      TEST(a_second_without_a_scan_is_no_fault_yet),
      cmocka_unit_test(an_interlock_works_without_any_worker),
      cmocka_unit_test(a_turn_may_last_to_the_end_of_its_patience),
      cmocka_unit_test(each_rule_of_one_trip_is_told),
      cmocka_unit_test(a_turn_nobody_watches_may_last),
      cmocka_unit_test(a_permit_of_another_output_does_not_bind),
      cmocka_unit_test(a_safe_value_that_the_word_cannot_hold_means_keep),
      cmocka_unit_test(a_refusal_by_rate_names_the_limit),
      cmocka_unit_test(records_that_nobody_takes_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
