#include "lines.h"

#include <math.h> // fabs
#include <string.h>

#include "io/sim_driver.h"

// One signal "plant.t" and one reading of it as tenths in a signed word, one
// output "plant.q".
enum { T, Q };
static void plant_line(bench_line *l) {
  line_init(l);
  lw_plan_add_driver(l->plan, "sim", "sim (test)");
  lw_plan_add_signal(l->plan, "plant.t", "degC");
  lw_plan_add_signal(l->plan, "plant.q", "mL/min");
  add_tag(l->plan, &(tag_spec){.name = "oven.temp",
                               .address = "plant.t",
                               .driver = 1,
                               .type = LW_TYPE_s16,
                               .scale = 0.1});
  add_tag(l->plan, &(tag_spec){.name = "die.flow",
                               .address = "plant.q",
                               .driver = 1,
                               .type = LW_TYPE_f64,
                               .access = LW_READ | LW_WRITE});
  line_twin(l, 7);
  line_start(l);
}

static void rounds_to_the_word_that_a_device_would_send(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_sim_set(l.sim, T, 71.26);
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, 0, 713);
  lw_sim_set(l.sim, T, 99999);
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, 0, 32767);
  line_fini(&l);
}

static void converts_the_twins_unit_to_the_tags(void **state) {
  (void)state;
  lw_plan_tag t = {.type = LW_TYPE_u16,
                   .scale = 0.1,
                   .offset = 0,
                   .signal_gain = 3.280839895,
                   .signal_bias = 0};
  assert_true(lw_sim_quantise(&t, 30) == 984); // 98.4 ft/min
  assert_true(fabs(lw_sim_restore(&t, 984) - 29.992) < 0.001);
  t.type = LW_TYPE_bool, t.scale = 1;
  assert_true(lw_sim_quantise(&t, 1) == 1);
  assert_true(isnan(lw_sim_quantise(&t, NAN)));
}

static void is_bad_until_the_twin_has_spoken(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  line_poll(&l, 10 * LW_MS);
  assert_int_equal(read_tag(&l, 0).quality, LW_BAD);
  assert_good(&l, 1, 0); // an output stands at 0 after power-up
  line_fini(&l);
}

static void carries_outputs_to_the_twin(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_io_write(l.io, 1, 480);
  lw_io_write(l.io, 1, 500);
  assert_int_equal(lw_io_pending(l.io), 1);
  line_poll(&l, 10 * LW_MS);
  assert_int_equal(lw_io_pending(l.io), 0);
  assert_true(lw_sim_get(l.sim, Q) == 500);
  assert_good(&l, 1, 500);
  line_fini(&l);
}

static void flushes_the_newest_output_on_stop(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_io_write(l.io, 1, 12);
  lw_io_stop(l.io);
  assert_true(lw_sim_get(l.sim, Q) == 12);
  line_fini(&l);
}

static void acts_out_each_fault_and_recovers(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_sim_set(l.sim, T, 50);
  line_poll(&l, 10 * LW_MS);

  lw_sim_fault(l.sim, T, LW_FAULT_bad, 0);
  line_poll(&l, 10 * LW_MS);
  assert_int_equal(read_tag(&l, 0).quality, LW_BAD);
  assert_true(read_tag(&l, 0).value == 500); // the last value stays in sight

  lw_sim_fault(l.sim, T, LW_FAULT_uncertain, 0);
  line_poll(&l, 10 * LW_MS);
  assert_int_equal(read_tag(&l, 0).quality, LW_UNCERTAIN);

  lw_sim_fault(l.sim, T, LW_FAULT_force, 170);
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, 0, 1700);

  lw_sim_fault(l.sim, T, LW_FAULT_stuck, 0);
  lw_sim_set(l.sim, T, 60);
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, 0, 500);

  lw_sim_fault(l.sim, T, LW_FAULT_none, 0);
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, 0, 600);
  line_fini(&l);
}

static void lost_readings_age_but_keep_their_quality(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_sim_set(l.sim, T, 50);
  line_poll(&l, 10 * LW_MS);
  int64_t t_ns = read_tag(&l, 0).t_ns;
  lw_sim_fault(l.sim, T, LW_FAULT_lost, 0);
  lw_sim_set(l.sim, T, 80);
  line_poll(&l, LW_S);
  assert_good(&l, 0, 500);
  assert_int_equal(read_tag(&l, 0).t_ns, t_ns);
  line_fini(&l);
}

static void drifts_from_the_first_reading_with_the_fault(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_sim_set(l.sim, T, 50);
  line_poll(&l, 10 * LW_MS);
  lw_sim_fault(l.sim, T, LW_FAULT_drift, 2);
  line_poll(&l, 100 * LW_MS);
  assert_good(&l, 0, 500);
  line_poll(&l, 3 * LW_S);
  assert_good(&l, 0, 560);
  line_fini(&l);
}

static void delays_by_the_seconds_asked_for(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_sim_fault(l.sim, T, LW_FAULT_delay, 5);
  // A ramp of 1 K/s, so that what is read tells how old it is.
  for (int i = 0; i <= 2000; i++) {
    lw_sim_set(l.sim, T, i * 0.01);
    line_poll(&l, 10 * LW_MS);
  }
  double now = 20, seen = read_tag(&l, 0).value * 0.1;
  assert_true(fabs(now - seen - 5) < 0.15);
  line_fini(&l);
}

// Mean, spread and share of changed readings over n polls under a fault.
typedef struct spread {
  double mean, sd, hit;
  uint64_t hash;
} spread;

static spread measure(int fault, double argument, int n) {
  bench_line l;
  plant_line(&l);
  lw_sim_set(l.sim, T, 50);
  lw_sim_fault(l.sim, T, fault, argument);
  double sum = 0, square = 0;
  spread s = {0};
  for (int i = 0; i < n; i++) {
    line_poll(&l, 10 * LW_MS);
    double x = read_tag(&l, 0).value * 0.1;
    sum += x, square += x * x;
    s.hit += x != 50;
    s.hash = s.hash * 31 + (uint64_t)(int64_t)read_tag(&l, 0).value;
  }
  line_fini(&l);
  s.mean = sum / n;
  s.sd = sqrt(square / n - s.mean * s.mean);
  s.hit /= n;
  return s;
}

static void spikes_one_reading_in_twenty(void **state) {
  (void)state;
  spread s = measure(LW_FAULT_spike, 40, 4000);
  assert_true(s.hit > 0.035 && s.hit < 0.065);
  assert_true(fabs(s.mean - 50 - 40 * s.hit) < 0.01);
}

static void noise_has_the_deviation_asked_for(void **state) {
  (void)state;
  spread s = measure(LW_FAULT_noise, 2, 4000);
  assert_true(fabs(s.mean - 50) < 0.15);
  assert_true(fabs(s.sd - 2) < 0.15);
}

static void repeats_itself_from_the_seed(void **state) {
  (void)state;
  assert_true(measure(LW_FAULT_noise, 2, 500).hash ==
              measure(LW_FAULT_noise, 2, 500).hash);
  assert_true(measure(LW_FAULT_noise, 2, 500).hash !=
              measure(LW_FAULT_noise, 2.1, 500).hash);
}

static void a_crashed_driver_takes_all_its_tags_and_comes_back(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_sim_set(l.sim, T, 50);
  line_poll(&l, 10 * LW_MS);
  lw_sim_fault(l.sim, Q, LW_FAULT_crash, 0);
  line_poll(&l, 10 * LW_MS);
  int64_t told_ns = read_tag(&l, 0).t_ns;
  line_poll(&l, 20 * LW_MS);
  assert_true(read_tag(&l, 0).t_ns == told_ns); // it grows old
  lw_io_status s;
  lw_io_status_read(l.io, 0, &s);
  assert_int_equal(s.state, LW_IO_BROKEN);
  assert_string_equal(s.text, "driver 'sim': simulated crash on signal "
                              "'plant.q'");
  lw_io_write(l.io, 1, 33);
  lw_sim_fault(l.sim, Q, LW_FAULT_none, 0);
  line_poll(&l, 100 * LW_MS);
  assert_good(&l, 0, 500);
  assert_true(lw_sim_get(l.sim, Q) == 33);
  line_fini(&l);
}

static void pauses_between_attempts_grow_to_a_second(void **state) {
  (void)state;
  bench_line l;
  plant_line(&l);
  lw_sim_fault(l.sim, T, LW_FAULT_crash, 0);
  uint64_t attempts[3] = {0};
  lw_io_status s;
  for (int part = 0; part < 3; part++) {
    for (int i = 0; i < 2000; i++) // 20 s each
      line_poll(&l, 10 * LW_MS);
    lw_io_status_read(l.io, 0, &s);
    attempts[part] = s.failures;
  }
  // 0 0.1 0.3 0.7 1.5 s, then one each second.
  assert_int_equal(attempts[0], 23);
  assert_int_equal(attempts[1] - attempts[0], 20);
  assert_int_equal(attempts[2] - attempts[1], 20);
  line_fini(&l);
}

static void feeds_a_tag_without_a_driver(void **state) {
  (void)state;
  bench_line l;
  line_init(&l);
  lw_plan_add_signal(l.plan, "cam.f", "1");
  uint32_t frame = add_tag(l.plan, &(tag_spec){.name = "vision.frame",
                                               .address = "none",
                                               .signal = 1,
                                               .type = LW_TYPE_f64});
  uint32_t lone = add_tag(l.plan, &(tag_spec){.name = "lone"});
  line_twin(&l, 1);
  line_start(&l);
  lw_sim_set(l.sim, 0, 4);
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, frame, 4);
  assert_int_equal(read_tag(&l, lone).quality, LW_BAD);
  lw_io_write(l.io, lone, 1); // goes nowhere, harms nothing
  assert_int_equal(lw_io_driver_n(l.io), 1);
  line_fini(&l);
}

static void says_which_signal_is_missing(void **state) {
  (void)state;
  bench_line l;
  line_init(&l);
  lw_plan_add_driver(l.plan, "sim", "sim (a.lua:2)");
  lw_plan_add_signal(l.plan, "oven.t1", "degC");
  add_tag(l.plan,
          &(tag_spec){.name = "oven.temp", .address = "oven.t9", .driver = 1});
  line_twin(&l, 1);
  lw_err e = {0};
  assert_int_equal(line_open(&l, &e), LW_E_NOTFOUND);
  assert_string_equal(
      e.text, "sim (a.lua:2): oven.temp: the twin has no signal 'oven.t9'");
  line_fini(&l);
}

static void refuses_a_block_that_is_none(void **state) {
  (void)state;
  lw_err e = {0};
  char zeros[256] = {0};
  assert_int_equal(lw_sim_check((lw_sim *)zeros, sizeof zeros, &e),
                   LW_E_CORRUPT);
  lw_sim *s = calloc(1, lw_sim_size(3));
  lw_sim_init(s, 3, 1);
  assert_int_equal(lw_sim_check(s, lw_sim_size(3), &e), 0);
  assert_int_equal(lw_sim_check(s, lw_sim_size(2), &e), LW_E_CORRUPT);
  assert_int_equal(lw_sim_check(s, 4, &e), LW_E_CORRUPT);
  assert_true(isnan(lw_sim_get(s, 3)));
  lw_sim_set(s, 3, 1); // ignored
  assert_int_equal(lw_sim_fault(s, 3, LW_FAULT_bad, 0), LW_E_NOTFOUND);
  assert_int_equal(lw_sim_fault(s, 0, LW_FAULT_N, 0), LW_E_RANGE);
  assert_int_equal(lw_sim_fault(s, 0, LW_FAULT_force, NAN), LW_E_RANGE);
  assert_int_equal(lw_sim_fault_find("spike"), LW_FAULT_spike);
  assert_int_equal(lw_sim_fault_find("spikes"), LW_E_NOTFOUND);
  assert_null(lw_sim_fault_name(LW_FAULT_N));
  free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rounds_to_the_word_that_a_device_would_send),
      cmocka_unit_test(converts_the_twins_unit_to_the_tags),
      cmocka_unit_test(is_bad_until_the_twin_has_spoken),
      cmocka_unit_test(carries_outputs_to_the_twin),
      cmocka_unit_test(flushes_the_newest_output_on_stop),
      cmocka_unit_test(acts_out_each_fault_and_recovers),
      cmocka_unit_test(lost_readings_age_but_keep_their_quality),
      cmocka_unit_test(drifts_from_the_first_reading_with_the_fault),
      cmocka_unit_test(delays_by_the_seconds_asked_for),
      cmocka_unit_test(spikes_one_reading_in_twenty),
      cmocka_unit_test(noise_has_the_deviation_asked_for),
      cmocka_unit_test(repeats_itself_from_the_seed),
      cmocka_unit_test(a_crashed_driver_takes_all_its_tags_and_comes_back),
      cmocka_unit_test(pauses_between_attempts_grow_to_a_second),
      cmocka_unit_test(feeds_a_tag_without_a_driver),
      cmocka_unit_test(says_which_signal_is_missing),
      cmocka_unit_test(refuses_a_block_that_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
