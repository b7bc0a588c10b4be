// Filters with a model inside, against NumPy and SciPy.
#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/adwin.h"
#include "dsp/filter.h"
#include "dsp/kalman.h"
#include "dsp/mad.h"
#include "dsp/rotate.h"
#include "dsp/track.h"

// An array of models.txt; freed by the test.
static double *model(const char *name) {
  size_t n;
  return reference("models", name, &n);
}

typedef struct {
  double *a, *h, *q, *r, *x, *p;
} matrices;

static matrices read_matrices(void) {
  return (matrices){model("kalman_a"), model("kalman_h"), model("kalman_q"),
                    model("kalman_r"), model("kalman_x"), model("kalman_p")};
}

static void free_matrices(matrices m) {
  free(m.a), free(m.h), free(m.q), free(m.r), free(m.x), free(m.p);
}

static lw_kalman made(matrices m) {
  lw_kalman f;
  lw_kalman_model o = {3, 2, m.a, m.h, m.q, m.r, m.x, m.p};
  assert_int_equal(lw_kalman_init(&f, &o), 0);
  return f;
}

static void kalman_is_that_of_the_textbook(void **state) {
  (void)state;
  matrices m = read_matrices();
  double *rows = model("kalman_rows"), *want = model("kalman_states");
  double *surprises = model("kalman_surprises"), *last = model("kalman_last");
  double y[600];
  lw_kalman f = made(m);
  lw_kalman_run(&f, rows, 200, y);
  assert_same(y, want, 600, 1e-12);
  assert_same(f.p, last, 9, 1e-12);
  lw_kalman_reset(&f);
  for (size_t i = 0; i < 200; i++) {
    double surprise = lw_kalman_step(&f, rows + 2 * i);
    assert_same(&surprise, surprises + i, 1, 1e-11);
  }
  free_matrices(m);
  free(rows), free(want), free(surprises), free(last);
}

static void kalman_settles_on_the_riccati_solution(void **state) {
  (void)state;
  matrices m = read_matrices();
  double *steady = model("kalman_steady"), z[2] = {0.3, -0.1};
  lw_kalman f = made(m);
  for (int i = 0; i < 3000; i++)
    lw_kalman_step(&f, z);
  assert_same(f.p, steady, 9, 1e-10);
  free_matrices(m);
  free(steady);
}

static void kalman_takes_eight_states(void **state) {
  (void)state;
  double q[64] = {0}, r[9] = {0}, h[24] = {0}, x[8] = {0}, p[64] = {0};
  double *a = model("eight_a"), *rows = model("eight_rows"),
         *want = model("eight_states");
  static double y[960];
  for (size_t i = 0; i < 8; i++)
    q[9 * i] = 0.01, p[9 * i] = 1;
  for (size_t i = 0; i < 3; i++)
    r[4 * i] = 0.1, h[9 * i] = 1;
  lw_kalman f;
  lw_kalman_model o = {8, 3, a, h, q, r, x, p};
  assert_int_equal(lw_kalman_init(&f, &o), 0);
  lw_kalman_run(&f, rows, 120, y);
  assert_same(y, want, 960, 1e-12);
  free(a), free(rows), free(want);
}

static void kalman_goes_on_from_its_saved_state(void **state) {
  (void)state;
  matrices m = read_matrices();
  double *rows = model("kalman_rows"), want[300], y[300], saved[13];
  lw_kalman f = made(m), g = made(m);
  lw_kalman_run(&f, rows, 100, want);
  assert_int_equal(lw_kalman_state_n(&f), 13);
  lw_kalman_save(&f, saved);
  assert_int_equal(lw_kalman_load(&g, saved), 0);
  lw_kalman_run(&f, rows + 200, 100, want);
  lw_kalman_run(&g, rows + 200, 100, y);
  assert_same(y, want, 300, 0);
  saved[5] += 1; // no longer symmetric
  assert_int_equal(lw_kalman_load(&g, saved), LW_E_CORRUPT);
  assert_same(g.p, m.p, 9, 0);
  free_matrices(m);
  free(rows);
}

static void kalman_refuses_what_is_no_model(void **state) {
  (void)state;
  matrices m = read_matrices();
  lw_kalman f;
  lw_kalman_model good = {3, 2, m.a, m.h, m.q, m.r, m.x, m.p}, bad = good;
  bad.state_n = 9;
  assert_int_equal(lw_kalman_init(&f, &bad), LW_E_RANGE);
  bad = good;
  bad.reading_n = 0;
  assert_int_equal(lw_kalman_init(&f, &bad), LW_E_RANGE);
  bad = good;
  bad.reading = (double[]){0, 0, 0, 1}; // a reading without noise
  assert_int_equal(lw_kalman_init(&f, &bad), LW_E_RANGE);
  bad.reading = (double[]){1, 0.5, 0.4, 1}; // not symmetric
  assert_int_equal(lw_kalman_init(&f, &bad), LW_E_RANGE);
  m.a[1] = NAN;
  assert_int_equal(lw_kalman_init(&f, &good), LW_E_RANGE);
  free_matrices(m);
}

static void tracker_is_a_kalman_filter_of_one_signal(void **state) {
  (void)state;
  double *walk = model("walk"), y[300];
  for (int order = 1; order <= 3; order++) {
    char name[32];
    snprintf(name, sizeof name, "tracker_%d", order);
    double *want = model(name);
    lw_tracker f;
    assert_int_equal(lw_tracker_init(&f, order, 0.5, 0.3), 0);
    lw_tracker_run(&f, walk, 300, y);
    assert_same(y, want, 300, 1e-12);
    free(want);
  }
  lw_tracker f;
  assert_int_equal(lw_tracker_init(&f, 4, 1, 1), LW_E_RANGE);
  assert_int_equal(lw_tracker_init(&f, 2, 0, 1), LW_E_RANGE);
  assert_int_equal(lw_tracker_init(&f, 2, 1, INFINITY), LW_E_RANGE);
  free(walk);
}

static void tracker_follows_a_ramp_without_lag(void **state) {
  (void)state;
  lw_tracker f;
  double y = 0;
  assert_int_equal(lw_tracker_init(&f, 2, 1, 0.1), 0);
  for (int i = 0; i < 1000; i++) {
    double x = 5 + 0.25 * i;
    lw_tracker_run(&f, &x, 1, &y);
  }
  assert_true(fabs(y - (5 + 0.25 * 999)) < 1e-9);
  assert_true(fabs(f.k.x[1] - 0.25) < 1e-9);
}

static void complementary_joins_level_and_rate(void **state) {
  (void)state;
  double *level = model("walk"), *rate = model("rate");
  double *want = model("complementary"), y[300];
  lw_complementary f;
  assert_int_equal(lw_complementary_init(&f, 0.7, 0.02), 0);
  lw_complementary_run(&f, level, rate, 300, y);
  assert_true(y[0] == level[0]);
  assert_same(y + 1, want, 299, 1e-12);
  assert_int_equal(lw_complementary_init(&f, 0, 0.02), LW_E_RANGE);
  assert_int_equal(lw_complementary_init(&f, 1, INFINITY), LW_E_RANGE);
  free(level), free(rate), free(want);
}

static void complementary_bridges_what_is_missing(void **state) {
  (void)state;
  double level[] = {NAN, 10, NAN, NAN, 10.3, NAN}, y[6];
  double rate[] = {1, 5, 1, NAN, NAN, INFINITY};
  double want[] = {NAN, 10, 10.1, 10.1, 0, 0};
  lw_complementary f, g;
  assert_int_equal(lw_complementary_init(&f, 1, 0.1), 0);
  g = f;
  want[4] = want[5] = 10.1 + f.gain * (10.3 - 10.1);
  lw_complementary_run(&f, level, rate, 6, y);
  assert_same(y, want, 6, 1e-15);
  for (size_t i = 0; i < 6; i++) // one by one, in place of the rate
    lw_complementary_run(&g, level + i, rate + i, 1, rate + i);
  assert_same(rate, y, 6, 0);
  double saved[LW_COMPLEMENTARY_STATE];
  lw_complementary_save(&f, saved);
  lw_complementary_reset(&g);
  assert_true(isnan(g.last));
  lw_complementary_load(&g, saved);
  assert_true(g.last == f.last);
}

static void derivative_is_the_slope_of_the_lag(void **state) {
  (void)state;
  double *walk = model("walk"), *want = model("derivative"), y[300];
  lw_derivative f;
  assert_int_equal(lw_derivative_init(&f, 0.7, 0.02), 0);
  lw_derivative_run(&f, walk, 300, y);
  assert_same(y, want, 300, 1e-12);
  assert_int_equal(lw_derivative_init(&f, 0, 0.5), 0);
  lw_derivative_run(&f, walk, 300, y);
  assert_true(y[0] == 0 && y[7] == (walk[7] - walk[6]) / 0.5);
  assert_true(lw_derivative_delay(&f) == 0.5);
  assert_int_equal(lw_derivative_init(&f, -1, 0.5), LW_E_RANGE);
  free(walk), free(want);
}

static void mad_is_that_of_scipy(void **state) {
  (void)state;
  double *walk = model("walk"), *want = model("mad_12"), y[300];
  lw_mad *f = malloc(lw_mad_size(12));
  assert_non_null(f);
  assert_int_equal(lw_mad_init(f, 12, 1), 0);
  lw_mad_run(f, walk, 300, y);
  assert_same(y + 11, want, 289, 1e-13);
  assert_int_equal(lw_mad_init(f, 12, 0), LW_E_RANGE);
  free(f), free(walk), free(want);
}

static void adwin_drops_what_lies_before_a_change(void **state) {
  (void)state;
  double *x = model("jumps"), *want = model("adwin"),
         *width = model("adwin_width");
  lw_adwin f;
  int rises = 0, falls = 0;
  assert_int_equal(lw_adwin_init(&f, 0.002, 2), 0);
  for (size_t i = 0; i < 1500; i++) {
    double y;
    lw_adwin_run(&f, x + i, 1, &y);
    assert_same(&y, want + i, 1, 1e-9);
    assert_true(f.n == width[i]);
    int rose = strcmp(lw_adwin_why(&f), "the mean rose") == 0;
    assert_true(y < 1 || isnan(y) || (i > 700 && rose == (i <= 1200)));
    rises += y >= 1 && rose;
    falls += y >= 1 && !rose;
  }
  assert_true(rises && falls && f.n < 400);
  assert_int_equal(lw_adwin_init(&f, 1, 2), LW_E_RANGE);
  assert_int_equal(lw_adwin_init(&f, 0.1, 0), LW_E_RANGE);
  free(x), free(want), free(width);
}

// Half a million samples stay within some hundred buckets, and false alarms
// within the chance that was asked for.
static void adwin_stays_small_and_quiet(void **state) {
  (void)state;
  lw_adwin f;
  uint64_t seed = 9;
  size_t alarms = 0;
  assert_int_equal(lw_adwin_init(&f, 0.002, 2), 0);
  for (size_t i = 0; i < 500000; i++) {
    double x = noise(&seed), y;
    lw_adwin_run(&f, &x, 1, &y);
    alarms += y >= 1;
  }
  assert_true(alarms <= 0.002 * 500000 / LW_ADWIN_CLOCK);
  assert_true(f.n > 100000);
  assert_true(fabs(f.mean) < 0.01 && fabs(f.m2 / f.n - 1.0 / 3) < 0.01);
}

static void adwin_refuses_a_damaged_state(void **state) {
  (void)state;
  lw_adwin f;
  double saved[LW_ADWIN_STATE], x[100] = {0}, y[100];
  assert_int_equal(lw_adwin_init(&f, 0.002, 2), 0);
  lw_adwin_run(&f, x, 100, y);
  lw_adwin_save(&f, saved);
  assert_int_equal(lw_adwin_load(&f, saved), 0);
  saved[6]++; // a bucket more than samples
  assert_int_equal(lw_adwin_load(&f, saved), LW_E_CORRUPT);
  saved[6] = 1e9;
  assert_int_equal(lw_adwin_load(&f, saved), LW_E_CORRUPT);
  assert_true(f.n == 0);
}

static void dq_is_parks_matrix(void **state) {
  (void)state;
  double *theta = model("dq_theta"), *abc = model("dq_phases");
  double *d = model("dq_d"), *q = model("dq_q"), *zero = model("dq_zero");
  double u[100], v[100], w[100], back[100], t[100];
  lw_rotate_dq(abc, abc + 100, abc + 200, theta, 100, u, v);
  assert_same(u, d, 100, 1e-14);
  assert_same(v, q, 100, 1e-14);
  lw_rotate_clarke(abc, abc + 100, abc + 200, 100, u, v, w);
  assert_same(w, zero, 100, 1e-14);
  lw_rotate_park(u, v, theta, 100, back, t); // there and back, in place
  assert_same(back, d, 100, 1e-14);
  lw_rotate_stator(back, t, theta, 100, back, t);
  assert_same(back, u, 100, 1e-14);
  lw_rotate_phases(back, t, w, 100, u, v, w);
  assert_same(u, abc, 100, 1e-14);
  assert_same(v, abc + 100, 100, 1e-14);
  assert_same(w, abc + 200, 100, 1e-14);
  free(theta), free(abc), free(d), free(q), free(zero);
}

static void balanced_currents_stand_still(void **state) {
  (void)state;
  for (int i = 0; i < 50; i++) {
    double theta = 0.37 * i, turn = 2 * M_PI / 3, d, q, angle, amplitude;
    double a = 3 * cos(theta), b = 3 * cos(theta - turn),
           c = 3 * cos(theta + turn), alpha, beta;
    lw_rotate_dq(&a, &b, &c, &theta, 1, &d, &q);
    assert_true(fabs(d - 3) < 1e-14 && fabs(q) < 1e-14);
    lw_rotate_clarke(&a, &b, &c, 1, &alpha, &beta, NULL);
    lw_rotate_polar(&alpha, &beta, 1, &angle, &amplitude);
    assert_true(fabs(amplitude - 3) < 1e-14);
    assert_true(fabs(remainder(angle - theta, 2 * M_PI)) < 1e-14);
    lw_rotate_phases(&alpha, &beta, NULL, 1, &a, &b, &c);
    assert_true(fabs(a + b + c) < 1e-14);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kalman_is_that_of_the_textbook),
      cmocka_unit_test(kalman_settles_on_the_riccati_solution),
      cmocka_unit_test(kalman_takes_eight_states),
      cmocka_unit_test(kalman_goes_on_from_its_saved_state),
      cmocka_unit_test(kalman_refuses_what_is_no_model),
      cmocka_unit_test(tracker_is_a_kalman_filter_of_one_signal),
      cmocka_unit_test(tracker_follows_a_ramp_without_lag),
      cmocka_unit_test(complementary_joins_level_and_rate),
      cmocka_unit_test(complementary_bridges_what_is_missing),
      cmocka_unit_test(derivative_is_the_slope_of_the_lag),
      cmocka_unit_test(mad_is_that_of_scipy),
      cmocka_unit_test(adwin_drops_what_lies_before_a_change),
      cmocka_unit_test(adwin_stays_small_and_quiet),
      cmocka_unit_test(adwin_refuses_a_damaged_state),
      cmocka_unit_test(dq_is_parks_matrix),
      cmocka_unit_test(balanced_currents_stand_still),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
