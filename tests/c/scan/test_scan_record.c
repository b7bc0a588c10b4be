// What the scan tells the journal, record by record and letter by letter.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "c/scan/scan_rig.h"
#include "scan/scan_private.h"

enum { NOW_NS = 5000, WALL0_NS = 1000000 };

typedef struct scribe {
  rig rig;
  lw_record newest;
  char text[2048]; // "kind key data" of it
  int n;
  int synced, asked_n; // what its clock says, and how often it was asked
} scribe;

static scribe it;

static void keep(void *arg, const lw_record *r) {
  scribe *s = arg;
  s->newest = *r;
  s->n++;
  snprintf(s->text, sizeof s->text, "%s %.*s %.*s",
           lw_record_kind_name(r->kind), (int)r->key_n, r->key, (int)r->data_n,
           r->data);
}

static int is_synced(lw_clock *c) {
  (void)c;
  it.asked_n++;
  return it.synced;
}

static lw_scan *set_up(lw_plan *plan) {
  it = (scribe){.synced = 1};
  rig_init(&it.rig, plan, 0);
  lw_scan *s = it.rig.scan;
  it.rig.clock.wall0_ns = WALL0_NS;
  it.rig.clock.now_ns = s->now_ns = NOW_NS;
  it.rig.clock.clock.is_synced = is_synced;
  s->c.record = keep;
  s->c.record_arg = &it;
  return s;
}

static int setup(void **state) {
  *state = set_up(rig_plan());
  return 0;
}

static int teardown(void **state) {
  (void)state;
  rig_fini(&it.rig);
  return 0;
}

static void a_record_is_dated_and_of_its_kind(void **state) {
  lw_scan *s = *state;
  lw_scan_tell_late(s, 3);
  assert_string_equal(it.text, "late scan {\"missed\":3}");
  assert_int_equal(it.newest.seq, 0);
  assert_int_equal(it.newest.t_ns, NOW_NS);
  assert_int_equal(it.newest.wall_ns, WALL0_NS + NOW_NS);
  assert_int_equal(it.newest.durable, 0);
  lw_scan_tell_trip(
      s, &(lw_scan_reason){.cause = LW_CAUSE_store, .level = LW_LEVEL_hold});
  assert_int_equal(it.newest.durable, 1);
}

static void the_longest_count_of_missed_scans_fits(void **state) {
  lw_scan_tell_late(*state, UINT64_MAX);
  assert_string_equal(it.text, "late scan {\"missed\":18446744073709551615}");
}

static void whether_the_clock_is_right_is_asked_once_a_second(void **state) {
  lw_scan *s = *state;
  const struct {
    int64_t now_ns;
    int says, recorded, asked_n;
  } looks[] = {
      {NOW_NS, 1, 1, 1},
      {NOW_NS, 0, 1, 1},
      {NOW_NS + LW_S - 1, 0, 1, 1},
      {NOW_NS + LW_S, 0, 0, 2},
      {NOW_NS + LW_S + 1, 1, 0, 2},
      {NOW_NS + 2 * LW_S, 2, 1, 3}, // any yes is 1 in a record
  };
  for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
    s->now_ns = looks[i].now_ns;
    it.synced = looks[i].says;
    lw_scan_tell_late(s, 1);
    assert_int_equal(it.newest.synced, looks[i].recorded);
    assert_int_equal(it.asked_n, looks[i].asked_n);
  }
}

static void nothing_is_told_where_nobody_listens(void **state) {
  lw_scan *s = *state;
  s->c.record = NULL;
  lw_scan_tell_late(s, 1);
  assert_int_equal(it.n + it.asked_n, 0);
}

static void an_output_is_told_with_its_goal_and_its_reason(void **state) {
  lw_scan *s = *state;
  lw_setpoint *sp = &s->setpoints[PLAN_SPEED];
  sp->last = 1.5;
  sp->raw = 15;
  sp->goal = 20;
  sp->is_ramping = 0;
  lw_scan_tell_out(s, PLAN_SPEED, NULL);
  assert_string_equal(it.text, "out web.speed {\"v\":1.5,\"raw\":15}");
  sp->is_ramping = 1;
  lw_scan_tell_out(s, PLAN_SPEED, NULL);
  assert_string_equal(it.text,
                      "out web.speed {\"v\":1.5,\"raw\":15,\"to\":20}");
  sp->is_ramping = 0;
  lw_scan_tell_out(s, PLAN_SPEED, "hold");
  assert_string_equal(it.text,
                      "out web.speed {\"v\":1.5,\"raw\":15,\"safe\":\"hold\"}");
  assert_int_equal(it.n, 3);
}

static void a_text_is_told_as_people_can_read_it(void **state) {
  lw_scan *s = *state;
  lw_scan_tell_text(s, &(lw_scan_text){.tag = PLAN_LABEL}, "A\"1\x1B");
  assert_string_equal(it.text, "note label.text {\"reads\":\"A\\\"1\\\\x1B\"}");
}

static void an_alarm_is_told_with_what_was_read(void **state) {
  lw_scan *s = *state;
  s->inputs[PLAN_TEMP].chain.severity = 2.5;
  s->inputs[PLAN_TEMP].plain.value = 151;
  lw_scan_tell_fired(s, PLAN_TEMP, "shifted up");
  assert_string_equal(it.text,
                      "alarm oven.temp {\"priority\":\"medium\","
                      "\"text\":\"oven.temp: shifted up\",\"severity\":2.5,"
                      "\"tag\":\"oven.temp\",\"value\":151,\"unit\":\"degC\"}");
}

// A quarter of the record is for its text, and what does not fit is cut.
static void the_text_of_an_alarm_is_cut(void **state) {
  enum { FITS_N = LW_SCAN_RECORD_N / 4 - 1 };
  lw_scan *s = *state;
  char why[FITS_N], want[FITS_N + 32];
  memset(why, 'x', sizeof why);
  why[sizeof why - 1] = 0;
  lw_scan_tell_fired(s, PLAN_TEMP, why);
  snprintf(want, sizeof want, "\"text\":\"oven.temp: %.*s\",\"severity\"",
           (int)(FITS_N - strlen("oven.temp: ")), why);
  assert_non_null(strstr(it.text, want));
}

static void a_rule_is_told_with_its_limit(void **state) {
  lw_scan *s = *state;
  lw_scan_reason why = {.cause = LW_CAUSE_interlock,
                        .level = LW_LEVEL_abort,
                        .index = 0,
                        .value = 151};
  s->inputs[PLAN_TEMP].now.quality = LW_GOOD;
  lw_scan_tell_trip(s, &why);
  assert_string_equal(
      it.text, "trip oven.temp {\"cause\":\"interlock\",\"level\":\"abort\","
               "\"tag\":\"oven.temp\",\"value\":151,\"unit\":\"degC\","
               "\"op\":\"above\",\"limit\":150,\"text\":\"over-temperature\"}");
  s->inputs[PLAN_TEMP].now.quality = LW_BAD;
  lw_scan_tell_trip(s, &why);
  assert_string_equal(
      it.text, "trip oven.temp {\"cause\":\"interlock\",\"level\":\"abort\","
               "\"tag\":\"oven.temp\",\"value\":151,\"unit\":\"degC\","
               "\"op\":\"above\",\"limit\":150,\"quality\":\"bad\","
               "\"text\":\"over-temperature\"}");
}

static void a_permit_is_told_with_what_it_needs(void **state) {
  lw_scan *s = *state;
  s->c.plan->rules[1].need_op = LW_OP_BELOW;
  s->inputs[PLAN_SPEED].now.quality = LW_GOOD;
  lw_scan_tell_trip(s, &(lw_scan_reason){.cause = LW_CAUSE_permit,
                                         .level = LW_LEVEL_hold,
                                         .index = 1,
                                         .value = 0.2});
  assert_string_equal(
      it.text, "trip die.flow {\"cause\":\"permit lost\",\"level\":\"hold\","
               "\"tag\":\"web.speed\",\"value\":0.2,\"unit\":\"m/min\","
               "\"op\":\"below\",\"limit\":0.3,\"for\":\"die.flow\","
               "\"text\":\"no flow onto a standing web\"}");
}

static void a_refusal_is_told_with_the_limit_that_refused(void **state) {
  lw_scan *s = *state;
  static const struct {
    int verdict;
    const char *limit;
  } cases[] = {
      {LW_VERDICT_range, ",\"lo\":0,\"hi\":30"},
      {LW_VERDICT_step, ",\"from\":7,\"limit\":20"},
      {LW_VERDICT_rate, ",\"limit\":10"},
      {LW_VERDICT_permit, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char want[512];
    int verdict = cases[i].verdict;
    snprintf(want, sizeof want,
             "trip web.speed {\"cause\":\"set-point refused\","
             "\"level\":\"hold\",\"why\":\"%s\",\"tag\":\"web.speed\","
             "\"value\":9,\"unit\":\"m/min\"%s,\"text\":\"set-point %s\"}",
             lw_verdict_name(verdict), cases[i].limit,
             lw_verdict_text(verdict));
    lw_scan_tell_trip(s, &(lw_scan_reason){.cause = LW_CAUSE_refused,
                                           .level = LW_LEVEL_hold,
                                           .index = PLAN_SPEED,
                                           .verdict = verdict,
                                           .value = 9,
                                           .from = 7});
    assert_string_equal(it.text, want);
  }
}

static void a_fault_of_the_host_is_the_scans(void **state) {
  lw_scan *s = *state;
  for (int cause = LW_CAUSE_heartbeat; cause < LW_CAUSE_N; cause++) {
    // Only a driver's tag means something, and only where there is one.
    int is_driver = cause == LW_CAUSE_driver;
    lw_scan_tell_trip(
        s, &(lw_scan_reason){.cause = cause,
                             .level = LW_LEVEL_stop,
                             .index = is_driver ? PLAN_TAG_N : PLAN_FLOW});
    assert_ptr_equal(strstr(it.text, "trip scan {\"cause\":\""), it.text);
    assert_non_null(strstr(it.text, "\",\"level\":\"stop\"}"));
  }
  lw_scan_tell_trip(s, &(lw_scan_reason){.cause = LW_CAUSE_driver,
                                         .level = LW_LEVEL_stop,
                                         .index = PLAN_TAG_N - 1});
  assert_string_equal(
      it.text,
      "trip label.text {\"cause\":\"driver lost\",\"level\":\"stop\"}");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(a_record_is_dated_and_of_its_kind),
      TEST(the_longest_count_of_missed_scans_fits),
      TEST(whether_the_clock_is_right_is_asked_once_a_second),
      TEST(nothing_is_told_where_nobody_listens),
      TEST(an_output_is_told_with_its_goal_and_its_reason),
      TEST(a_text_is_told_as_people_can_read_it),
      TEST(an_alarm_is_told_with_what_was_read),
      TEST(the_text_of_an_alarm_is_cut),
      TEST(a_rule_is_told_with_its_limit),
      TEST(a_permit_is_told_with_what_it_needs),
      TEST(a_refusal_is_told_with_the_limit_that_refused),
      TEST(a_fault_of_the_host_is_the_scans),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
