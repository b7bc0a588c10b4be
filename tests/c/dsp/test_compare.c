// Monitor, comparison of blocks, resampling.
#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/compare.h"
#include "dsp/monitor.h"
#include "dsp/resample.h"

static void smirnov_is_that_of_scipy(void **state) {
  (void)state;
  size_t na, nb, two;
  double *a = reference("compare", "a", &na),
         *b = reference("compare", "b", &nb);
  double *want = reference("compare", "ks", &two), d, p;
  lw_compare_ks(a, na, b, nb, &d, &p);
  assert_true(fabs(d - want[0]) < 1e-14);
  assert_true(fabs(p - want[1]) < 1e-12);
  lw_compare_ks(a, na, a, na, &d, &p);
  assert_true(d == 0 && p == 1);
  free(a);
  free(b);
  free(want);
}

static void stability_index_tells_like_from_unlike(void **state) {
  (void)state;
  enum { N = 4000 };
  double a[N], b[N];
  uint64_t seed = 2;
  for (size_t i = 0; i < N; i++)
    a[i] = noise(&seed), b[i] = noise(&seed);
  assert_true(lw_compare_psi(a, N, b, N, 10) < 0.02);
  for (size_t i = 0; i < N; i++)
    b[i] = 0.7 * b[i] + 0.3;
  assert_true(lw_compare_psi(a, N, b, N, 10) > 0.25);
  // By hand: halves of 50 % and 50 % against 25 % and 75 %.
  double low[] = {1, 2, 3, 4}, high[] = {2, 3, 4, 4};
  double want = -0.25 * log(0.5) + 0.25 * log(1.5);
  assert_true(fabs(lw_compare_psi(low, 4, high, 4, 2) - want) < 1e-12);
}

static void lag_is_found_between_samples(void **state) {
  (void)state;
  enum { N = 500 };
  double a[N], b[N], r;
  for (size_t i = 0; i < N; i++) {
    double t = (double)i;
    a[i] = 4 + exp(-pow((t - 200) / 12, 2));
    b[i] = -1 + 3 * exp(-pow((t - 207.25) / 12, 2));
  }
  assert_true(fabs(lw_compare_lag(a, b, N, 50, &r) - 7.25) < 0.01);
  assert_true(r > 0.999);
  assert_true(fabs(lw_compare_lag(b, a, N, 50, NULL) + 7.25) < 0.01);
  for (size_t i = 0; i < N; i++)
    b[i] = 3;
  assert_true(isnan(lw_compare_lag(a, b, N, 50, &r)));
}

// Two channels that always move together: a row in which each is within its
// own bounds but they differ is far away.
static void monitor_sees_what_single_limits_do_not(void **state) {
  (void)state;
  lw_monitor *f = malloc(lw_monitor_size(2, 300));
  assert_non_null(f);
  assert_int_equal(lw_monitor_init(f, 2, 300, 1, 0.01), 0);
  uint64_t seed = 3;
  for (int i = 0; i < 300; i++) {
    double u = noise(&seed),
           row[] = {100 + u, -5 + 2 * u + 0.05 * noise(&seed)};
    assert_true(isnan(lw_monitor_step(f, row)));
  }
  double usual[] = {100.5, -4}, odd[] = {100.5, -6}, missing[] = {NAN, -6};
  assert_true(lw_monitor_step(f, usual) < 1);
  double severity = lw_monitor_step(f, odd);
  assert_true(severity > 5);
  assert_true(lw_monitor_step(f, missing) == severity);
  double high[] = {100, 20};
  lw_monitor_step(f, high);
  assert_int_equal(f->blame, 1);
  assert_true(f->blame_sigma > 15);
  free(f);
}

static void distance_is_that_of_the_inverse_covariance(void **state) {
  (void)state;
  size_t n, one;
  double *rows = reference("compare", "rows", &n);
  double *want = reference("compare", "distance", &one);
  lw_monitor *f = malloc(lw_monitor_size(3, n / 3));
  assert_non_null(f);
  assert_int_equal(lw_monitor_init(f, 3, n / 3, 1, 1e-12), 0);
  for (size_t i = 0; i < n; i += 3)
    lw_monitor_step(f, rows + i);
  for (size_t i = 0; i < one; i++)
    assert_true(fabs(lw_monitor_distance(f, rows + 3 * i) - want[i]) <
                1e-8 * want[i]);
  assert_int_equal(lw_monitor_init(f, 3, 3, 1, 0.01), LW_E_RANGE);
  assert_int_equal(lw_monitor_init(f, 0, 9, 1, 0.01), LW_E_RANGE);
  assert_int_equal(lw_monitor_init(f, 3, 9, 0, 0.01), LW_E_RANGE);
  free(f);
  free(rows);
  free(want);
}

static void a_grid_bridges_short_gaps_only(void **state) {
  (void)state;
  const double t[] = {1, 2, 2.5, 3, 7, 8, 8},
               x[] = {10, 20, NAN, 10, 50, 60, 66};
  const double want[] = {NAN, 10,  15,  20,  15, 10, NAN, NAN, NAN,
                         NAN, NAN, NAN, NAN, 50, 55, 66,  NAN};
  double y[17];
  assert_int_equal(lw_resample_grid(t, x, 7, 0.5, 0.5, 2, 17, y), 0);
  assert_same(y, want, 17, 1e-14);
  const double back[] = {1, 0};
  assert_int_equal(lw_resample_grid(back, x, 2, 0, 1, 1, 1, y), LW_E_SHAPE);
  assert_int_equal(lw_resample_grid(t, x, 7, 0, 0, 1, 1, y), LW_E_RANGE);
}

// A shaft that speeds up: per turn, its vibration has one constant frequency.
static void travel_makes_a_sweep_steady(void **state) {
  (void)state;
  enum { N = 4000, M = 600 };
  static double speed[N], turns[N], x[N], y[M];
  double phase = 0;
  for (size_t i = 0; i < N; i++) {
    speed[i] = 5 + 10 * (double)i / N;
    if (i)
      phase += (speed[i - 1] + speed[i]) / 2 * 0.001;
    x[i] = sin(2 * M_PI * 3 * phase);
  }
  lw_resample_travel(speed, N, 0.001, turns);
  assert_int_equal(lw_resample_grid(turns, x, N, 0, 0.05, 1, M, y), 0);
  for (size_t k = 0; k < M; k++)
    assert_true(fabs(y[k] - sin(2 * M_PI * 3 * 0.05 * (double)k)) < 0.02);
}

static void decimation_keeps_the_low_and_drops_the_high(void **state) {
  (void)state;
  enum { N = 2003, BY = 10 };
  static double x[N], y[N], work[LW_DECIMATE_WORK(N, BY)];
  for (size_t i = 0; i < N; i++)
    x[i] = 2 + sin(0.05 * (double)i) + sin(1.3 * (double)i);
  assert_int_equal(lw_resample_decimate(x, N, BY, work, y), 0);
  for (size_t i = 12; i < N / BY - 12; i++)
    assert_true(fabs(y[i] - 2 - sin(0.05 * (double)(i * BY))) < 1e-3);
  assert_int_equal(lw_resample_decimate(x, N, 1, work, y), 0);
  assert_same(y, x, N, 0);
  assert_int_equal(lw_resample_decimate(x, N, 0, work, y), LW_E_RANGE);
}

// What was in the caller's memory before must not come out with the state.
static void a_monitors_state_is_all_its_own(void **state) {
  (void)state;
  size_t bytes = lw_monitor_size(3, 20);
  lw_monitor *f = malloc(bytes);
  double saved[2][5 + 15 + 60];
  for (int k = 0; k < 2; k++) {
    memset(f, k ? 0xff : 0x41, bytes);
    assert_int_equal(lw_monitor_init(f, 3, 20, 1, 0.01), 0);
    assert_int_equal(lw_monitor_state_n(f), 5 + 15 + 60);
    for (int i = 0; i < 21; i++)
      lw_monitor_step(f, (double[]){sin(i), cos(i * 1.7), i % 3});
    lw_monitor_save(f, saved[k]);
    assert_int_equal(lw_monitor_load(f, saved[k]), 0);
  }
  assert_memory_equal(saved[0], saved[1], sizeof saved[0]);
  free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(smirnov_is_that_of_scipy),
      cmocka_unit_test(stability_index_tells_like_from_unlike),
      cmocka_unit_test(lag_is_found_between_samples),
      cmocka_unit_test(monitor_sees_what_single_limits_do_not),
      cmocka_unit_test(a_monitors_state_is_all_its_own),
      cmocka_unit_test(distance_is_that_of_the_inverse_covariance),
      cmocka_unit_test(a_grid_bridges_short_gaps_only),
      cmocka_unit_test(travel_makes_a_sweep_steady),
      cmocka_unit_test(decimation_keeps_the_low_and_drops_the_high),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
