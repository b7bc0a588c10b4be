#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/gate.h"
#include "dsp/hampel.h"
#include "dsp/median.h"
#include "dsp/slew.h"
#include "dsp/stuck.h"
#include "dsp/track.h"

static void check_quantile(double p, const char *word, size_t window) {
  char name[32];
  size_t n;
  snprintf(name, sizeof name, "%s_%zu", word, window);
  double *x = reference("robust", "x", &n),
         *want = reference("robust", name, &n);
  lw_median *f = malloc(lw_median_size(window));
  assert_non_null(f);
  assert_int_equal(lw_quantile_init(f, window, p), 0);
  lw_median_run(f, x, n, x);
  assert_same(x, want, n, 1e-16);
  free(f);
  free(x);
  free(want);
}

static void check_bottleneck(void) {
  const size_t windows[] = {1, 3, 4, 5, 7, 20, 101};
  for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
    check_quantile(0.5, "median", windows[i]);
    check_quantile(0, "min", windows[i]);
    check_quantile(1, "max", windows[i]);
  }
}

static void medians_and_extremes_are_those_of_bottleneck(void **state) {
  (void)state;
  at_each_isa(check_bottleneck);
}

static void quantiles_are_those_of_numpy(void **state) {
  (void)state;
  size_t n, want_n;
  double *x = reference("robust", "x", &n);
  double *want = reference("robust", "quantile_9", &want_n);
  lw_median *f = malloc(lw_median_size(9));
  assert_non_null(f);
  assert_int_equal(lw_quantile_init(f, 9, 0.8), 0);
  lw_median_run(f, x, n, x);
  assert_same(x + 8, want, want_n, 1e-14);
  free(f);
  free(x);
  free(want);
}

static void check_hampel(void) {
  const struct {
    size_t window, lag;
    double k;
  } cases[] = {{3, 0, 3}, {5, 2, 2},   {7, 0, 3},
               {7, 3, 3}, {20, 10, 3}, {51, 25, 3}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    char name[32];
    size_t n, w = cases[c].window;
    snprintf(name, sizeof name, "hampel_%zu_%g_%zu", w, cases[c].k,
             cases[c].lag);
    double *x = reference("robust", "x", &n);
    double *want = reference("robust", name, &n);
    lw_hampel *f = malloc(lw_hampel_size(w));
    assert_non_null(f);
    assert_int_equal(lw_hampel_init(f, w, cases[c].k, cases[c].lag), 0);
    lw_hampel_run(f, x, n, x);
    assert_same(x + w - 1, want + w - 1, n - w + 1, 1e-15);
    assert_true(f->replaced > 0 && f->replaced < n / 3);
    free(f);
    free(x);
    free(want);
  }
}

static void hampel_follows_its_definition(void **state) {
  (void)state;
  at_each_isa(check_hampel);
}

static void hampel_leaves_a_clean_signal_alone(void **state) {
  (void)state;
  double x[100], y[100];
  for (size_t i = 0; i < 100; i++)
    x[i] = (double)i * 0.1;
  x[50] = 1000;
  lw_hampel *f = malloc(lw_hampel_size(7));
  assert_non_null(f);
  assert_int_equal(lw_hampel_init(f, 7, 3, 0), 0);
  lw_hampel_run(f, x, 100, y);
  for (size_t i = 0; i < 100; i++)
    if (i != 50)
      assert_true(y[i] == x[i]);
  assert_true(fabs(y[50] - 4.7) < 1e-12);
  assert_int_equal(f->replaced, 1);
  free(f);
}

static void windows_out_of_range_are_refused(void **state) {
  (void)state;
  lw_median m;
  lw_hampel h;
  assert_int_equal(lw_median_init(&m, 0), LW_E_RANGE);
  assert_int_equal(lw_median_init(&m, LW_WINDOW_MAX + 1), LW_E_RANGE);
  assert_int_equal(lw_quantile_init(&m, 5, 1.01), LW_E_RANGE);
  assert_int_equal(lw_quantile_init(&m, 5, NAN), LW_E_RANGE);
  assert_int_equal(lw_hampel_init(&h, 2, 3, 0), LW_E_RANGE);
  assert_int_equal(lw_hampel_init(&h, 7, NAN, 0), LW_E_RANGE);
  assert_int_equal(lw_hampel_init(&h, 7, 3, 7), LW_E_RANGE);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void mad_is_that_of_the_definition(void **state) {
  (void)state;
  uint64_t seed = 9;
  for (size_t n = 1; n < 40; n++) {
    double s[40], distance[40];
    for (size_t i = 0; i < n; i++)
      s[i] = floor(4 * noise(&seed)); // many ties
    qsort(s, n, sizeof *s, ascending);
    double median = lw_sorted_median(s, n);
    for (size_t i = 0; i < n; i++)
      distance[i] = fabs(s[i] - median);
    qsort(distance, n, sizeof *distance, ascending);
    assert_true(lw_sorted_median(distance, n) == lw_sorted_mad(s, n, median));
  }
}

static void rate_limiter_follows_at_its_own_pace(void **state) {
  (void)state;
  lw_slew f;
  double x[] = {0, 10, 10, 10, -10, -10, 3}, y[7];
  const double want[] = {0, 2, 4, 6, 3, 0, 2};
  assert_int_equal(lw_slew_init(&f, 4, 6, 0.5), 0);
  lw_slew_run(&f, x, 7, y);
  assert_same(y, want, 7, 0);
  assert_int_equal(lw_slew_init(&f, 0, 6, 0.5), LW_E_RANGE);
  assert_int_equal(lw_slew_init(&f, 1, NAN, 0.5), LW_E_RANGE);
  assert_int_equal(lw_slew_init(&f, INFINITY, 1, 0.5), 0);
}

static void dead_band_keeps_still_until_left(void **state) {
  (void)state;
  lw_deadband f;
  double x[] = {1, 1.5, 0.5, 1.6, 1.2, 1.1, 1}, y[7];
  const double want[] = {1, 1, 1, 1.6, 1.6, 1.6, 1};
  assert_int_equal(lw_deadband_init(&f, 0.5), 0);
  lw_deadband_run(&f, x, 7, y);
  assert_same(y, want, 7, 0);
  assert_int_equal(lw_deadband_init(&f, -1), LW_E_RANGE);
}

static void hysteresis_remembers_its_side(void **state) {
  (void)state;
  lw_hysteresis f;
  double x[] = {4, 5, 4, 3, 4, 6}, y[6];
  const double want[] = {0, 1, 1, 0, 0, 1}, mirrored[] = {0, 0, 0, 1, 1, 0};
  assert_int_equal(lw_hysteresis_init(&f, 5, 3), 0);
  lw_hysteresis_run(&f, x, 6, y);
  assert_same(y, want, 6, 0);
  assert_int_equal(lw_hysteresis_init(&f, 3, 5), 0);
  lw_hysteresis_run(&f, x, 6, y);
  assert_same(y, mirrored, 6, 0);
}

static void debounce_waits_for_a_steady_value(void **state) {
  (void)state;
  lw_debounce f;
  double x[] = {0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0}, y[11];
  const double want[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0};
  assert_int_equal(lw_debounce_init(&f, 0.3, 0.1), 0);
  lw_debounce_run(&f, x, 11, y);
  assert_same(y, want, 11, 0);
  assert_int_equal(lw_debounce_init(&f, -1, 0.1), LW_E_RANGE);
}

static void despike_believes_a_jump_that_lasts(void **state) {
  (void)state;
  lw_despike f;
  double x[] = {1, 9, 1, 9, 9, 9, 9, 1}, y[8];
  const double want[] = {1, 1, 1, 1, 1, 9, 9, 9};
  assert_int_equal(lw_despike_init(&f, 3, 2), 0);
  lw_despike_run(&f, x, 8, y);
  assert_same(y, want, 8, 0);
  assert_int_equal(lw_despike_init(&f, 3, 0), LW_E_RANGE);
}

static void a_still_signal_is_stuck_until_it_moves(void **state) {
  (void)state;
  lw_stuck f;
  double x[] = {1, 1, 1, 1, 1.5, 1.4, 1.5, 1.5, 2}, y[9], flag[9];
  const double want[] = {1, 1, 1, NAN, 1.5, 1.4, 1.5, NAN, 2};
  assert_int_equal(lw_stuck_init(&f, 0.2, 0.3, 0.1), 0);
  lw_stuck_run(&f, x, 9, y);
  assert_same(y, want, 9, 0);
  lw_stuck_reset(&f);
  lw_stuck_flag(&f, x, 9, flag);
  for (size_t i = 0; i < 9; i++)
    assert_true(flag[i] == (isnan(want[i]) ? 1 : 0));
  assert_int_equal(lw_stuck_init(&f, 0, 0, 0.1), LW_E_RANGE);
}

static void alpha_beta_follows_a_ramp_without_lag(void **state) {
  (void)state;
  lw_alphabeta f;
  double y = 0;
  assert_int_equal(lw_alphabeta_init(&f, 0.5, 0.2, 0.1), 0);
  for (int i = 0; i < 300; i++) {
    double x = 7 + 3 * 0.1 * i;
    lw_alphabeta_run(&f, &x, 1, &y);
  }
  assert_true(fabs(y - (7 + 3 * 0.1 * 299)) < 1e-9);
  assert_true(fabs(f.slope - 3) < 1e-9);
  assert_int_equal(lw_alphabeta_init(&f, 1, 2, 0.1), LW_E_RANGE);
}

static void the_integral_bridges_gaps_and_keeps_small_steps(void **state) {
  (void)state;
  lw_integral f;
  double x[] = {2, 4, NAN, NAN, 4, 0}, y[6];
  const double want[] = {0, 1.5, 1.5, 1.5, 7.5, 8.5};
  assert_int_equal(lw_integral_init(&f, 0.5), 0);
  lw_integral_run(&f, x, 6, y);
  assert_same(y, want, 6, 0);
  // 1e16 and then ten thousand steps of one: each alone would be rounded away.
  assert_int_equal(lw_integral_init(&f, 1), 0);
  double big[] = {1e16, 1e16, 1};
  lw_integral_run(&f, big, 3, y);
  double start = y[2];
  for (int i = 0; i < 10000; i++) {
    double one = 1;
    lw_integral_run(&f, &one, 1, y);
  }
  assert_true(y[0] - start == 10000);
}

static void gaps_are_filled_up_to_their_length(void **state) {
  (void)state;
  lw_fill f;
  double x[] = {NAN, 1, NAN, NAN, NAN, 2, NAN}, y[7];
  const double want[] = {NAN, 1, 1, 1, NAN, 2, 2};
  assert_int_equal(lw_fill_init(&f, 2), 0);
  lw_fill_run(&f, x, 7, y);
  assert_same(y, want, 7, 0);
  assert_int_equal(lw_fill_init(&f, -1), LW_E_RANGE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(medians_and_extremes_are_those_of_bottleneck),
      cmocka_unit_test(quantiles_are_those_of_numpy),
      cmocka_unit_test(hampel_follows_its_definition),
      cmocka_unit_test(hampel_leaves_a_clean_signal_alone),
      cmocka_unit_test(windows_out_of_range_are_refused),
      cmocka_unit_test(mad_is_that_of_the_definition),
      cmocka_unit_test(rate_limiter_follows_at_its_own_pace),
      cmocka_unit_test(dead_band_keeps_still_until_left),
      cmocka_unit_test(hysteresis_remembers_its_side),
      cmocka_unit_test(debounce_waits_for_a_steady_value),
      cmocka_unit_test(despike_believes_a_jump_that_lasts),
      cmocka_unit_test(alpha_beta_follows_a_ramp_without_lag),
      cmocka_unit_test(the_integral_bridges_gaps_and_keeps_small_steps),
      cmocka_unit_test(gaps_are_filled_up_to_their_length),
      cmocka_unit_test(a_still_signal_is_stuck_until_it_moves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
