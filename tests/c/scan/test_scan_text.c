// Texts on their way through the scan: into the image, and into the journal.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c/scan/scan_rig.h"

enum { LOT = 2 };

static lw_plan *plan_with_text(int history) {
  lw_plan *p = rig_small_plan();
  int tag = lw_plan_add_tag(p, "lot");
  p->tags[tag].type = LW_TYPE_text;
  p->tags[tag].driver = 0;
  p->tags[tag].signal = (uint32_t)lw_plan_add_signal(p, "lot", "text");
  p->tags[tag].address = p->tags[tag].name;
  p->tags[tag].history = history;
  return p;
}

static void assert_reads(rig *g, const char *text, int quality) {
  lw_text t;
  assert_int_equal(lw_port_text(&g->port, LOT, &t), 1);
  assert_int_equal(t.quality, quality);
  if (quality != LW_BAD)
    assert_string_equal(t.text, text);
}

static void a_text_comes_through_with_quality_and_age(void **state) {
  (void)state;
  static rig g;
  lw_text t;
  lw_reading r;
  rig_init(&g, plan_with_text(LW_TAG_ON_CHANGE), 0);
  assert_reads(&g, "", LW_BAD);
  lw_sim_set_text(g.sim, LOT, "LOT 17");
  rig_scan(&g, 1);
  assert_reads(&g, "LOT 17", LW_GOOD);
  assert_int_equal(lw_port_text(&g.port, SMALL_PRESSURE, &t), 0);
  lw_port_read(&g.port, LOT, &r);
  assert_true(isnan(r.value));
  assert_int_equal(r.quality, LW_GOOD);
  lw_sim_fault(g.sim, LOT, LW_FAULT_uncertain, 0);
  rig_scan(&g, 1);
  assert_reads(&g, "LOT 17", LW_UNCERTAIN);
  lw_sim_fault(g.sim, LOT, LW_FAULT_lost, 0);
  rig_scan(&g, 4);
  assert_reads(&g, "LOT 17", LW_UNCERTAIN);
  rig_scan(&g, 10);
  assert_reads(&g, "", LW_BAD);
  lw_sim_force_text(g.sim, LOT, "forced");
  lw_sim_fault(g.sim, LOT, LW_FAULT_force, 0);
  rig_scan(&g, 1);
  assert_reads(&g, "forced", LW_GOOD);
  rig_fini(&g);
}

static int notes_in(const rig *g) {
  int n = 0;
  for (const char *at = g->records; (at = strstr(at, "note lot ")); at++)
    n++;
  return n;
}

static void changes_are_recorded_once_a_second_at_most(void **state) {
  (void)state;
  static rig g;
  rig_init(&g, plan_with_text(LW_TAG_ON_CHANGE), 0);
  lw_sim_set_text(g.sim, LOT, "LOT \"17\"\x1B");
  rig_scan(&g, 200);
  assert_int_equal(notes_in(&g), 1);
  assert_non_null(
      strstr(g.records, "note lot {\"reads\":\"LOT \\\"17\\\"\\\\x1B\"}"));
  for (int i = 0; i < 100; i++) {
    lw_sim_set_text(g.sim, LOT, i % 2 ? "a" : "b");
    rig_scan(&g, 1);
  }
  lw_sim_set_text(g.sim, LOT, "the end");
  rig_scan(&g, 200);
  assert_int_equal(notes_in(&g), 3);
  assert_non_null(strstr(g.records, "note lot {\"reads\":\"the end\"}"));
  rig_fini(&g);
}

static void one_that_is_not_recorded_is_not(void **state) {
  (void)state;
  static rig g;
  rig_init(&g, plan_with_text(LW_TAG_UNRECORDED), 0);
  lw_sim_set_text(g.sim, LOT, "LOT 17");
  rig_scan(&g, 10);
  assert_int_equal(notes_in(&g), 0);
  rig_fini(&g);
}

static void a_detector_tells_when_and_why_it_fired(void **state) {
  (void)state;
  static rig g;
  lw_text t;
  lw_reading r;
  lw_plan *p = rig_small_plan();
  const double params[] = {0.5, 5, 2, 2, 0.1}; // k, h, train, mean, sigma
  lw_plan_add_filter(p, SMALL_PRESSURE, "cusum", params, 5);
  p->tags[SMALL_PRESSURE].history = LW_TAG_ON_CHANGE;
  p->tags[SMALL_PRESSURE].gain = 1000; // severity is not converted
  rig_init(&g, p, 0);
  rig_signal(&g, SMALL_PRESSURE, 2);
  rig_scan(&g, 5);
  assert_int_equal(lw_port_fired(&g.port, SMALL_PRESSURE, &t), 0);
  assert_null(strstr(g.records, "alarm"));
  rig_signal(&g, SMALL_PRESSURE, 3);
  rig_scan(&g, 1);
  assert_int_equal(lw_port_fired(&g.port, SMALL_PRESSURE, &t), 1);
  assert_string_equal(t.text, "cusum: shifted up");
  assert_int_equal(t.t_ns, 5 * p->scan_ns);
  lw_port_read(&g.port, SMALL_PRESSURE, &r);
  assert_true(r.value >= 1 && r.value < 10);
  assert_non_null(strstr(g.records,
                         "alarm pressure {\"priority\":\"medium\","
                         "\"text\":\"pressure: cusum: shifted up\""));
  assert_int_equal(lw_port_text(&g.port, SMALL_PRESSURE, &t), 0);
  assert_int_equal(lw_port_fired(&g.port, SMALL_VALVE, &t), 0);
  rig_fini(&g);
}

static void rule_of_one(lw_plan *p, uint32_t tag) {
  const double params[] = {1, 2, 0, 1}; // rule 1 only, mean 0, sigma 1
  lw_plan_add_filter(p, tag, "shewhart", params, 4);
  p->tags[tag].history = LW_TAG_ON_CHANGE;
}

static int alarms_of(const rig *g, const char *tag) {
  char head[32];
  int n = 0;
  snprintf(head, sizeof head, "alarm %s", tag);
  for (const char *at = g->records; (at = strstr(at, head)); at++)
    n++;
  return n;
}

static int alarms_in(const rig *g) {
  return alarms_of(g, "pressure");
}

// It fires at every sample from here on: one alarm, not one for each.
static void an_alarm_that_lasts_is_told_once(void **state) {
  (void)state;
  static rig g;
  lw_text t;
  lw_plan *p = rig_small_plan();
  rule_of_one(p, SMALL_PRESSURE);
  rig_init(&g, p, 0);
  rig_signal(&g, SMALL_PRESSURE, 9);
  rig_scan_by(&g, LW_S);
  rig_scan_by(&g, LW_S);
  rig_scan_by(&g, LW_S);
  assert_int_equal(lw_port_fired(&g.port, SMALL_PRESSURE, &t), 1);
  assert_int_equal(t.t_ns, 2 * LW_S);
  assert_int_equal(alarms_in(&g), 1);
  rig_fini(&g);
}

static void an_alarm_that_flickers_is_told_once_a_second(void **state) {
  (void)state;
  static rig g;
  lw_plan *p = rig_small_plan();
  rule_of_one(p, SMALL_PRESSURE);
  rig_init(&g, p, 0);
  rig_signal(&g, SMALL_PRESSURE, 0);
  rig_scan(&g, 3);
  for (int i = 0; i < 10; i++) {
    rig_signal(&g, SMALL_PRESSURE, i % 2 ? 0 : 9);
    rig_scan_by(&g, LW_S / 10);
  }
  assert_int_equal(alarms_in(&g), 1);
  rig_signal(&g, SMALL_PRESSURE, 9);
  rig_scan(&g, 1);
  assert_int_equal(alarms_in(&g), 2);
  rig_fini(&g);
}

static void each_tag_tells_its_own_from_the_first_scan_on(void **state) {
  (void)state;
  static rig g;
  lw_plan *p = rig_small_plan();
  rule_of_one(p, SMALL_VALVE);
  rule_of_one(p, SMALL_PRESSURE);
  rig_init(&g, p, 0);
  for (int i = 0; i < 5; i++) { // within the first second only once
    rig_signal(&g, SMALL_VALVE, i % 2 ? 0 : 9);
    rig_signal(&g, SMALL_PRESSURE, i % 2 ? 0 : 9);
    rig_scan(&g, 1);
  }
  assert_int_equal(alarms_of(&g, "valve"), 1);
  assert_int_equal(alarms_of(&g, "pressure"), 1);
  rig_fini(&g);
}

static void an_alarm_of_a_tag_that_is_not_recorded_is_not(void **state) {
  (void)state;
  static rig g;
  lw_text t;
  lw_plan *p = rig_small_plan();
  rule_of_one(p, SMALL_PRESSURE);
  p->tags[SMALL_PRESSURE].history = LW_TAG_UNRECORDED;
  rig_init(&g, p, 0);
  rig_signal(&g, SMALL_PRESSURE, 9);
  rig_scan(&g, 3);
  assert_int_equal(lw_port_fired(&g.port, SMALL_PRESSURE, &t), 1);
  assert_int_equal(alarms_in(&g), 0);
  rig_fini(&g);
}

// A slow device: the scan meets the same sample more than once.
static void an_alarm_is_not_published_again_by_its_own_sample(void **state) {
  (void)state;
  static rig g;
  lw_text t;
  lw_plan *p = rig_small_plan();
  rule_of_one(p, SMALL_PRESSURE);
  rig_init(&g, p, 0);
  rig_signal(&g, SMALL_PRESSURE, 9);
  rig_scan(&g, 3);
  assert_int_equal(lw_port_fired(&g.port, SMALL_PRESSURE, &t), 1);
  int64_t first_ns = t.t_ns;
  lw_scan_step(g.scan, g.clock.now_ns); // no poll: nothing new was read
  assert_int_equal(lw_port_fired(&g.port, SMALL_PRESSURE, &t), 1);
  assert_int_equal(t.t_ns, first_ns);
  assert_int_equal(alarms_in(&g), 1);
  rig_fini(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_text_comes_through_with_quality_and_age),
      cmocka_unit_test(changes_are_recorded_once_a_second_at_most),
      cmocka_unit_test(one_that_is_not_recorded_is_not),
      cmocka_unit_test(a_detector_tells_when_and_why_it_fired),
      cmocka_unit_test(an_alarm_that_lasts_is_told_once),
      cmocka_unit_test(an_alarm_that_flickers_is_told_once_a_second),
      cmocka_unit_test(each_tag_tells_its_own_from_the_first_scan_on),
      cmocka_unit_test(an_alarm_of_a_tag_that_is_not_recorded_is_not),
      cmocka_unit_test(an_alarm_is_not_published_again_by_its_own_sample),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
