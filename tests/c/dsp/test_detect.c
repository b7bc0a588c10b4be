#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/detect.h"
#include "dsp/predict.h"

static lw_detect made(int kind, double a, double b) {
  lw_detect_options o = {kind, a, b, 2, 10, 2}; // mean 10, sigma 2
  lw_detect f;
  assert_int_equal(lw_detect_init(&f, &o), 0);
  return f;
}

// Sample (from 0) at which x first fires, or n.
static size_t fires(lw_detect *f, const double *x, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double severity;
    lw_detect_run(f, &x[i], 1, &severity);
    if (severity >= 1)
      return i;
  }
  return n;
}

// Nothing but ones: a shift of one sigma adds 0.5 each time.
static void cusum_adds_up_a_shift(void **state) {
  (void)state;
  double x[40];
  for (size_t i = 0; i < 40; i++)
    x[i] = i < 10 ? 10 : 12;
  lw_detect f = made(LW_CUSUM, 0.5, 4);
  assert_int_equal(fires(&f, x, 40), 17);
  assert_string_equal(lw_detect_why(&f), "shifted up");
  for (size_t i = 0; i < 40; i++)
    x[i] = 20 - x[i];
  f = made(LW_CUSUM, 0.5, 4);
  assert_int_equal(fires(&f, x, 40), 17);
  assert_string_equal(lw_detect_why(&f), "shifted down");
}

// Montgomery's textbook limits: the chart widens to L sqrt(a / (2 - a)).
static void ewma_chart_has_the_limits_of_roberts(void **state) {
  (void)state;
  lw_detect f = made(LW_EWMA_CHART, 0.1, 2.7);
  double severity, x = 10 + 2 * 2.7 * 0.999; // first limit: 2.7 * a sigma
  lw_detect_run(&f, &x, 1, &severity);
  assert_true(fabs(severity - 0.999) < 1e-12);
  for (int i = 0; i < 500; i++) {
    x = 10;
    lw_detect_run(&f, &x, 1, &severity);
  }
  x = 12;
  lw_detect_run(&f, &x, 1, &severity);
  assert_true(fabs(severity - 0.1 / (2.7 * sqrt(0.1 / 1.9))) < 1e-9);
}

static void page_hinkley_finds_a_drop(void **state) {
  (void)state;
  double x[400];
  uint64_t seed = 1;
  for (size_t i = 0; i < 400; i++)
    x[i] = (i < 200 ? 50 : 47) + noise(&seed);
  lw_detect_options o = {LW_PAGE_HINKLEY, 0.5, 10, 2, 0, 0};
  lw_detect f;
  assert_int_equal(lw_detect_init(&f, &o), 0);
  size_t at = fires(&f, x, 400);
  assert_true(at > 200 && at < 210);
  assert_string_equal(lw_detect_why(&f), "shifted down");
}

// For each rule a pattern of deviations that breaks it, and it alone.
static void each_of_nelsons_rules_fires_alone(void **state) {
  (void)state;
  static const struct {
    int rule, n;
    double z[16];
  } cases[] = {
      {1, 4, {0.5, -1.5, 0.5, 3.1}},
      {2, 10, {-1.5, 1.5, 0.4, 1.2, 0.5, 1.1, 0.2, 1.3, 0.1, 0.6}},
      {3, 7, {1.5, -1.2, -0.6, -0.1, 0.3, 0.7, 1.4}},
      {4,
       15,
       {1.3, 1.2, -1.2, 1.1, -0.3, 1.2, -1, 0.4, -1.3, 1, -1.2, 1.1, -0.9, 0.2,
        -1.1}},
      {5, 4, {0.5, 2.1, -0.5, 2.2}},
      {6, 6, {-0.5, 1.1, 1.2, -0.3, 1.3, 1.5}},
      {7,
       16,
       {1.5, 0.5, -0.5, -0.2, 0.3, 0.9, -0.8, -0.9, 0.7, 0.4, -0.1, 0.2, 0.6,
        -0.4, -0.6, 0.1}},
      {8, 9, {0.5, 1.1, -1.2, 1.3, -1.4, -1.5, 1.2, 1.1, -1.3}},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    double x[16], y[16];
    int n = cases[c].n;
    for (int i = 0; i < n; i++)
      x[i] = 10 + 2 * cases[c].z[i];
    lw_detect alone = made(LW_SHEWHART, 1 << (cases[c].rule - 1), 0);
    assert_int_equal(fires(&alone, x, (size_t)n), (size_t)n - 1);
    char word[16];
    snprintf(word, sizeof word, "rule %d:", cases[c].rule);
    assert_non_null(strstr(lw_detect_why(&alone), word));
    lw_detect others = made(LW_SHEWHART, 255 & ~(1 << (cases[c].rule - 1)), 0);
    lw_detect_run(&others, x, (size_t)n, y);
    for (int i = 0; i < n; i++)
      if (!(y[i] < 1))
        fail_msg("case of rule %d: sample %d breaks %s", cases[c].rule, i,
                 lw_detect_why(&others));
  }
}

static void mean_and_sigma_are_learnt(void **state) {
  (void)state;
  lw_detect_options o = {LW_SHEWHART, 1, 1, 50, 0, 0};
  lw_detect f;
  uint64_t seed = 4;
  assert_int_equal(lw_detect_init(&f, &o), 0);
  for (int i = 0; i < 50; i++) {
    double x = 100 + noise(&seed), y;
    lw_detect_run(&f, &x, 1, &y);
    assert_true(isnan(y));
  }
  double x = 102.5, y; // sigma of the noise is 0.577
  lw_detect_run(&f, &x, 1, &y);
  assert_true(y >= 1);
  x = 101;
  lw_detect_run(&f, &x, 1, &y);
  assert_true(y < 1);
}

// On good data a CUSUM of k = 0.5, h = 5 fires once in 465 samples on average
// (two-sided; D. C. Montgomery, "Introduction to Statistical Quality Control",
// table 9.3): the count must lie near it.
static void false_alarms_are_as_rare_as_the_books_say(void **state) {
  (void)state;
  enum { N = 300000 };
  lw_detect_options o = {LW_CUSUM, 0.5, 5, 2, 0, 1};
  lw_detect f;
  uint64_t seed = 8;
  size_t alarms = 0;
  assert_int_equal(lw_detect_init(&f, &o), 0);
  for (size_t i = 0; i < N; i++) {
    double x = 0, y;
    for (int k = 0; k < 12; k++)
      x += noise(&seed) / 2; // variance 12 * 1/12
    lw_detect_run(&f, &x, 1, &y);
    alarms += y >= 1;
  }
  double length = (double)N / (double)alarms;
  assert_true(length > 430 && length < 530);
}

static void senseless_options_are_refused(void **state) {
  (void)state;
  const lw_detect_options bad[] = {
      {LW_DETECT_N, 1, 1, 10, 0, 0},   {LW_CUSUM, 0.5, 0, 10, 0, 0},
      {LW_CUSUM, -1, 5, 10, 0, 0},     {LW_CUSUM, 0.5, 5, 1, 0, 0},
      {LW_EWMA_CHART, 0, 3, 10, 0, 0}, {LW_EWMA_CHART, 1.1, 3, 10, 0, 0},
      {LW_SHEWHART, 0, 1, 10, 0, 0},   {LW_SHEWHART, 256, 1, 10, 0, 0},
      {LW_CUSUM, 0.5, 5, 10, NAN, 0},  {LW_CUSUM, 0.5, 5, 10, 0, -1}};
  lw_detect f;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(lw_detect_init(&f, &bad[i]), LW_E_RANGE);
}

static void zscore_measures_against_the_window_before(void **state) {
  (void)state;
  lw_zscore *f = malloc(lw_zscore_size(4));
  assert_non_null(f);
  assert_int_equal(lw_zscore_init(f, 4, 2), 0);
  double x[] = {1, 3, 1, 3, 5, 2}, y[6];
  lw_zscore_run(f, x, 6, y);
  for (size_t i = 0; i < 4; i++)
    assert_true(isnan(y[i]));
  assert_true(fabs(y[4] - 1.5) < 1e-12); // mean 2, sigma 1, k 2
  assert_string_equal(lw_predict_why(f->why), "above the prediction");
  assert_true(fabs(y[5] - 1 / (2 * sqrt(2))) < 1e-12); // mean 3, sigma sqrt 2
  assert_int_equal(lw_zscore_init(f, 1, 2), LW_E_RANGE);
  free(f);
}

// A clean sine is predicted by two samples; one that skips a beat is not,
// though it stays within the bounds it always had.
static void ar_hears_a_broken_rhythm(void **state) {
  (void)state;
  lw_ar *f = malloc(lw_ar_size(400));
  assert_non_null(f);
  assert_int_equal(lw_ar_init(f, 2, 400, 5), 0);
  uint64_t seed = 6;
  double y = 0;
  for (int i = 0; i < 800; i++) {
    double x = 50 + sin(0.3 * i) + 0.001 * noise(&seed);
    lw_ar_run(f, &x, 1, &y);
    assert_true(i < 400 ? isnan(y) : y < 1);
  }
  double x = 50 + sin(0.3 * 800 + 1.5);
  lw_ar_run(f, &x, 1, &y);
  assert_true(y >= 1);
  free(f);
}

// x[i] = 0.6 x[i-1] - 0.3 x[i-2] + noise: the weights come back.
static void ar_finds_the_weights_of_its_process(void **state) {
  (void)state;
  enum { N = 60000 };
  lw_ar *f = malloc(lw_ar_size(N));
  assert_non_null(f);
  assert_int_equal(lw_ar_init(f, 3, N, 5), 0);
  uint64_t seed = 7;
  double a = 0, b = 0, y;
  for (int i = 0; i < N; i++) {
    double x = 0.6 * a - 0.3 * b + noise(&seed);
    b = a;
    a = x;
    lw_ar_run(f, &x, 1, &y);
  }
  assert_true(fabs(f->weight[0] - 0.6) < 0.02);
  assert_true(fabs(f->weight[1] + 0.3) < 0.02);
  assert_true(fabs(f->weight[2]) < 0.02);
  assert_true(fabs(f->sigma - sqrt(1.0 / 3)) < 0.01);
  assert_int_equal(lw_ar_init(f, 17, N, 5), LW_E_RANGE);
  assert_int_equal(lw_ar_init(f, 3, 11, 5), LW_E_RANGE);
  free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cusum_adds_up_a_shift),
      cmocka_unit_test(ewma_chart_has_the_limits_of_roberts),
      cmocka_unit_test(page_hinkley_finds_a_drop),
      cmocka_unit_test(each_of_nelsons_rules_fires_alone),
      cmocka_unit_test(mean_and_sigma_are_learnt),
      cmocka_unit_test(false_alarms_are_as_rare_as_the_books_say),
      cmocka_unit_test(zscore_measures_against_the_window_before),
      cmocka_unit_test(ar_hears_a_broken_rhythm),
      cmocka_unit_test(ar_finds_the_weights_of_its_process),
      cmocka_unit_test(senseless_options_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
