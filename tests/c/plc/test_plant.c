// The physics of the PLC simulator, which is a program apart: its source is
// taken in whole.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../../examples/plc/plant.c"

// Let the plant run; returns the seconds until `settled` was true, or -1.
static double run_until(plant *p, const orders *o, double limit_s,
                        int (*settled)(const plant *p, const orders *o)) {
  for (double t = 0; t < limit_s; t += 0.02) {
    if (settled && settled(p, o))
      return t;
    plant_step(p, o, 0.02);
  }
  return -1;
}

static int within_two_kelvin(const plant *p, const orders *o) {
  for (int i = 0; i < ZONES; i++)
    if (!(fabs(p->seen_degc[i] - o->zone_degc[i]) < 2))
      return 0;
  return 1;
}

// The dry profile of the coating recipe over seven zones.
static const orders hot = {
    .heaters = 1, .zone_degc = {72.9, 84.3, 95.7, 107.1, 99.3, 84.7, 67.1}};

static void heats_up_in_minutes_and_stays_settled(void **state) {
  (void)state;
  plant p;
  plant_init(&p, 1, 1);
  double t_s = run_until(&p, &hot, 3600, within_two_kelvin);
  assert_true(t_s > 120 && t_s < 900);
  run_until(&p, &hot, 600, NULL);
  for (int i = 0; i < 30000; i++) { // ten minutes with the web running
    orders o = hot;
    o.web_m_min = 30;
    plant_step(&p, &o, 0.02);
    assert_true(within_two_kelvin(&p, &hot));
  }
}

static void time_lapse_shortens_the_heat_up_alone(void **state) {
  (void)state;
  plant p;
  plant_init(&p, 30, 1);
  double t_s = run_until(&p, &hot, 600, within_two_kelvin);
  assert_true(t_s > 4 && t_s < 30);
  assert_true(p.web_m_min == 0);
}

static void cools_when_the_heaters_drop(void **state) {
  (void)state;
  plant p;
  orders off = {.heaters = 0};
  plant_init(&p, 30, 1);
  run_until(&p, &hot, 60, NULL);
  run_until(&p, &off, 200, NULL);
  for (int i = 0; i < ZONES; i++)
    assert_true(p.zone_degc[i] < 30);
}

// Mean of the gauge over the last n readings of a run.
static double gauge_mean(plant *p, const orders *o, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) {
    run_until(p, o, GAUGE_PERIOD_S, NULL);
    sum += p->seen_g_m2;
  }
  return sum / n;
}

static void film_reaches_the_gauge_after_eleven_metres(void **state) {
  (void)state;
  plant p;
  orders o = {.web_m_min = 30, .pump_rpm = 0};
  plant_init(&p, 1, 1);
  run_until(&p, &o, 20, NULL);
  o.pump_rpm = 180.2;
  run_until(&p, &o, 21, NULL); // 10.5 m
  assert_true(p.seen_g_m2 < 1);
  run_until(&p, &o, 6, NULL);
  // 180.2 rpm is 118 g/m2 by the name plate; the pump gives 4 % more.
  double mean = gauge_mean(&p, &o, 50);
  assert_true(fabs(mean - 118 * 1.04) < 0.3);
}

static void a_purge_leaves_bare_web(void **state) {
  (void)state;
  plant p;
  orders o = {.web_m_min = 30, .pump_rpm = 180, .lips = 1};
  plant_init(&p, 1, 1);
  run_until(&p, &o, 60, NULL);
  assert_true(p.seen_g_m2 == 0);
}

static void a_standing_web_takes_no_film(void **state) {
  (void)state;
  plant p;
  orders o = {.pump_rpm = 20};
  plant_init(&p, 1, 1);
  run_until(&p, &o, 60, NULL);
  assert_true(p.film_g_m2[0] == 0);
  assert_true(p.pump_rpm > 19.9);
}

static void repeats_itself_from_the_seed(void **state) {
  (void)state;
  plant a, b, c;
  plant_init(&a, 1, 5);
  plant_init(&b, 1, 5);
  plant_init(&c, 1, 6);
  run_until(&a, &hot, 10, NULL);
  run_until(&b, &hot, 10, NULL);
  run_until(&c, &hot, 10, NULL);
  assert_memory_equal(a.seen_degc, b.seen_degc, sizeof a.seen_degc);
  assert_memory_not_equal(a.seen_degc, c.seen_degc, sizeof a.seen_degc);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heats_up_in_minutes_and_stays_settled),
      cmocka_unit_test(time_lapse_shortens_the_heat_up_alone),
      cmocka_unit_test(cools_when_the_heaters_drop),
      cmocka_unit_test(film_reaches_the_gauge_after_eleven_metres),
      cmocka_unit_test(a_purge_leaves_bare_web),
      cmocka_unit_test(a_standing_web_takes_no_film),
      cmocka_unit_test(repeats_itself_from_the_seed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
