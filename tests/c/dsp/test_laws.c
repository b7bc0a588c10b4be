// Laws that whole families of filters keep: linearity, scaling, the same answer
// at any time, stability at the ends of what may be asked for.
#include "c/dsp/kinds.h"

#include "dsp/bank.h"
#include "dsp/design.h"
#include "dsp/monitor.h"
#include "dsp/track.h"

#define N 3000

static int is_one_of(size_t c, const char *const *kinds) {
  for (; *kinds; kinds++)
    if (strcmp(cases[c].kind, *kinds) == 0)
      return 1;
  return 0;
}

// A fresh filter of case c over x [n].
static void run_case(size_t c, const double *x, size_t n, double *y) {
  const lw_filter_kind *kind;
  void *f = make(c, &kind);
  kind->run(f, x, n, y);
  free(f);
}

static const char *const linear[] = {
    "lowpass",    "highpass",  "bandpass", "bandstop", "notch",
    "ewma",       "fir",       "savgol",   "average",  "equiripple",
    "derivative", "alphabeta", "integral", "kalman",   NULL};

static void check_linear(void) {
  double a[N], b[N], both[N], ya[N], yb[N], y[N];
  uint64_t seed = 1;
  fill_signal(a, N, 11);
  for (size_t i = 0; i < N; i++) {
    b[i] = noise(&seed);
    both[i] = 3 * a[i] - 7 * b[i];
  }
  for (size_t c = 0; c < CASE_N; c++) {
    if (!is_one_of(c, linear))
      continue;
    run_case(c, a, N, ya);
    run_case(c, b, N, yb);
    run_case(c, both, N, y);
    for (size_t i = 0; i < N; i++)
      ya[i] = 3 * ya[i] - 7 * yb[i];
    assert_same(y, ya, N, 1e-11);
  }
}

static void linear_filters_are_linear(void **state) {
  (void)state;
  at_each_isa(check_linear);
}

// What follows its input's scale and, all but the spreads, its zero.
static void check_scaling(void) {
  static const char *const follows[] = {"average", "median",  "quantile",
                                        "minimum", "maximum", "hampel",
                                        "ewma",    "fill",    NULL};
  static const char *const spreads[] = {"deviation", "mad", NULL};
  double x[N], moved[N], want[N], y[N];
  fill_signal(x, N, 12);
  for (size_t i = 0; i < N; i++)
    moved[i] = 0.25 * x[i] - 16; // exact but for the last digits
  for (size_t c = 0; c < CASE_N; c++) {
    double zero = is_one_of(c, spreads) ? 0 : -16;
    if (!is_one_of(c, follows) && !is_one_of(c, spreads))
      continue;
    run_case(c, x, N, want);
    run_case(c, moved, N, y);
    for (size_t i = 0; i < N; i++)
      want[i] = 0.25 * want[i] + zero;
    assert_same(y, want, N, 1e-12);
  }
}

static void filters_of_order_and_spread_follow_the_scale(void **state) {
  (void)state;
  at_each_isa(check_scaling);
}

// Whenever a signal begins, it gives the same.
static void check_start(void) {
  enum { LATE = 700 };
  double x[N + LATE], want[N], y[N + LATE];
  for (size_t i = 0; i < LATE; i++)
    x[i] = NAN;
  fill_signal(x + LATE, N, 13);
  for (size_t c = 0; c < CASE_N; c++) {
    run_case(c, x + LATE, N, want);
    run_case(c, x, N + LATE, y);
    for (size_t i = 0; i < LATE; i++)
      assert_true(isnan(y[i]));
    assert_same(y + LATE, want, N, 1e-12);
  }
}

static void a_signal_may_begin_at_any_time(void **state) {
  (void)state;
  at_each_isa(check_start);
}

// Filters that look back over a window do not know what lay before it.
static void check_again(void) {
  static const char *const windowed[] = {
      "fir",      "savgol",  "equiripple", "average", "deviation", "median",
      "quantile", "minimum", "maximum",    "mad",     "hampel",    NULL};
  double x[2 * N], y[2 * N];
  fill_signal(x, N, 14);
  memcpy(x + N, x, N * sizeof *x);
  for (size_t c = 0; c < CASE_N; c++) {
    static const char *const taps[] = {"fir", "equiripple", NULL};
    size_t window = is_one_of(c, taps) ? 1000 : (size_t)cases[c].param[0];
    if (!is_one_of(c, windowed) || window >= N)
      continue;
    run_case(c, x, 2 * N, y);
    assert_same(y + N + window, y + window, N - window, 1e-12);
  }
}

static void windows_forget_what_lies_before_them(void **state) {
  (void)state;
  at_each_isa(check_again);
}

// Parameters at the ends of what is legal; 1 sample a second.
static const struct {
  const char *kind;
  double param[LW_FILTER_PARAM_MAX];
  size_t param_n;
} extremes[] = {
    {"lowpass", {1e-5, 1}, 2},
    {"lowpass", {1e-5, 4}, 2},
    {"lowpass", {1e-5, 2, 4}, 3},
    {"lowpass", {0.499, 4}, 2},
    {"lowpass", {0.499, 12, 3}, 3},
    {"highpass", {1e-5, 4}, 2},
    {"highpass", {0.499, 4, 1}, 3},
    {"bandpass", {1e-5, 0.499, 2}, 3},
    {"bandstop", {1e-5, 0.499, 2}, 3},
    {"bandpass", {1e-5, 2e-5, 1}, 3},
    {"bandpass", {0.498, 0.499, 2}, 3},
    {"notch", {1e-5, 1}, 2},
    {"notch", {0.499, 30}, 2},
    {"ewma", {1e5}, 1},
    {"ewma", {1e-9}, 1},
    {"fir", {1e-5, 31}, 2},
    {"fir", {0.499, 31}, 2},
    {"alphabeta", {1e-9, 1e-9}, 2},
    {"alphabeta", {1, 1.999}, 2},
    {"kalman", {1e-6, 1e6, 2}, 3},
    {"kalman", {1e6, 1e-6, 3}, 3},
    {"derivative", {1e5}, 1},
};

static void check_extremes(void) {
  enum { LONG = 100000 };
  static double x[LONG], y[LONG];
  uint64_t seed = 15;
  for (size_t i = 0; i < LONG; i++)
    x[i] = noise(&seed);
  for (size_t c = 0; c < sizeof extremes / sizeof *extremes; c++) {
    double params[LW_FILTER_PARAM_MAX];
    lw_err e = {0};
    const lw_filter_kind *kind = lw_filter_find(extremes[c].kind);
    if (lw_filter_resolve(kind, extremes[c].param, extremes[c].param_n, 1,
                          params, &e) < 0)
      fail_msg("%s", e.text);
    void *f = malloc(lw_filter_size(kind, params, 1));
    assert_non_null(f);
    if (lw_filter_init(kind, f, params, 1, &e) < 0)
      fail_msg("%s", e.text);
    kind->run(f, x, LONG, y);
    for (size_t i = 0; i < LONG; i++)
      if (!(fabs(y[i]) < 20))
        fail_msg("%s, extreme %zu: y[%zu] = %g", kind->name, c, i, y[i]);
    assert_true(isfinite(kind->delay(f)));
    free(f);
  }
}

static void filters_are_stable_at_the_ends_of_their_ranges(void **state) {
  (void)state;
  at_each_isa(check_extremes);
}

// Filters of a signal's own unit, whose output is no larger than that.
static void check_sizes(void) {
  const double sizes[] = {5e-324, 1e-310, 1e-160, 1e100};
  double x[N], y[N];
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    uint64_t seed = 16;
    for (size_t i = 0; i < N; i++)
      x[i] = noise(&seed) > 0 ? sizes[s] : -sizes[s];
    for (size_t c = 0; c < CASE_N; c++) {
      run_case(c, x, N, y);
      double least = is_one_of(c, linear) ? 1e4 * sizes[s] : INFINITY;
      for (size_t i = N / 2; i < N; i++)
        if (isinf(y[i]) || fabs(y[i]) > least)
          fail_msg("%s of +-%g: y[%zu] = %g", cases[c].kind, sizes[s], i, y[i]);
    }
  }
}

static void denormals_and_huge_numbers_stay_what_they_are(void **state) {
  (void)state;
  at_each_isa(check_sizes);
}

static void nothing_comes_of_nothing(void **state) {
  (void)state;
  double x[N], y[N];
  for (size_t i = 0; i < N; i++)
    x[i] = i % 3 ? NAN : i % 2 ? INFINITY : -INFINITY;
  for (size_t c = 0; c < CASE_N; c++) {
    const lw_filter_kind *kind;
    void *f = make(c, &kind);
    kind->run(f, x, N, y);
    for (size_t i = 0; i < N; i++)
      assert_true(isnan(y[i]));
    assert_false(kind->primed(f));
    kind->run(f, x, 0, y); // an empty block is fine
    free(f);
  }
}

static void a_still_signal_stays(void **state) {
  (void)state;
  static const char *const keeps[] = {"lowpass", "bandstop", "notch",  "ewma",
                                      "fir",     "average",  "median", "hampel",
                                      "minimum", "maximum",  NULL};
  static const char *const falls[] = {"highpass",   "bandpass", "deviation",
                                      "derivative", "mad",      NULL};
  double x[N], y[N];
  for (size_t i = 0; i < N; i++)
    x[i] = 273.15;
  for (size_t c = 0; c < CASE_N; c++) {
    if (!is_one_of(c, keeps) && !is_one_of(c, falls))
      continue;
    run_case(c, x, N, y);
    double want = is_one_of(c, keeps) ? 273.15 : 0;
    for (size_t i = 0; i < N; i++)
      if (!(fabs(y[i] - want) < 1e-9))
        fail_msg("%s: y[%zu] = %.17g, not %g", cases[c].kind, i, y[i], want);
  }
}

static void a_window_of_one_is_the_sample_itself(void **state) {
  (void)state;
  static const char *const same[] = {"average", "median", "minimum", NULL};
  static const char *const none[] = {"deviation", "mad", NULL};
  double x[N], y[N], zero[N] = {0};
  fill_signal(x, N, 17);
  size_t seen = 0;
  for (size_t c = 0; c < CASE_N; c++) {
    if (cases[c].param[0] != 1)
      continue;
    run_case(c, x, N, y);
    if (is_one_of(c, same))
      assert_same(y, x, N, 0);
    if (is_one_of(c, none))
      assert_same(y, zero, N, 0);
    seen += is_one_of(c, same) || is_one_of(c, none);
  }
  assert_int_equal(seen, 5);
}

// A window that the signal never fills holds all there is.
static void a_window_longer_than_the_signal_holds_all_of_it(void **state) {
  (void)state;
  double x[400], mean[400], low[400];
  fill_signal(x, 400, 18);
  double sum = 0, least = INFINITY;
  for (size_t i = 0; i < 400; i++) {
    sum += x[i];
    least = fmin(least, x[i]);
    mean[i] = sum / (double)(i + 1);
    low[i] = least;
  }
  for (int k = 0; k < 2; k++) {
    const lw_filter_kind *kind = lw_filter_find(k ? "minimum" : "average");
    double params[LW_FILTER_PARAM_MAX] = {65536}, y[400];
    void *f = malloc(lw_filter_size(kind, params, 1));
    assert_non_null(f);
    assert_int_equal(lw_filter_init(kind, f, params, 1, NULL), 0);
    kind->run(f, x, 400, y);
    assert_same(y, k ? low : mean, 400, 1e-14);
    assert_false(kind->primed(f));
    free(f);
  }
}

// --------------------------------------------- objects outside the table ---

static lw_bank *bank_of(size_t channel_n) {
  lw_design d = {.family = LW_ELLIPTIC,
                 .order = 5,
                 .low = 0.1,
                 .ripple_db = 0.5,
                 .stop_db = 60};
  lw_section section[LW_BIQUAD_MAX];
  size_t section_n;
  assert_int_equal(lw_design_sections(&d, section, &section_n), 0);
  lw_bank *f = malloc(lw_bank_size(section_n, channel_n));
  assert_non_null(f);
  assert_int_equal(lw_bank_init(f, section, section_n, channel_n, 1), 0);
  return f;
}

static void check_bank(void) {
  enum { CHANNELS = 19, ROWS = 400 };
  static double x[CHANNELS * ROWS], want[CHANNELS * ROWS], y[CHANNELS * ROWS];
  lw_bank *f = bank_of(CHANNELS), *g = bank_of(CHANNELS);
  fill_signal(x, CHANNELS * ROWS, 19);
  x[777] = NAN;
  lw_bank_run(f, x, ROWS, want);
  memcpy(y, x, sizeof x);
  double *saved = malloc(lw_bank_state_n(f) * sizeof *saved);
  assert_non_null(saved);
  for (size_t i = 0, k = 0; i < ROWS; i += k, k = (k + 1) % 17) {
    k = k < ROWS - i ? k : ROWS - i;
    lw_bank_run(g, y + i * CHANNELS, k, y + i * CHANNELS);
    lw_bank_save(g, saved); // and goes on in another
    lw_bank_reset(g);
    assert_false(lw_bank_primed(g));
    assert_int_equal(lw_bank_load(g, saved), 0);
  }
  assert_true(lw_bank_primed(g));
  assert_same(y, want, CHANNELS * ROWS, 0);
  assert_true(lw_bank_delay(f, 0) > 1);
  saved[3] = INFINITY;
  assert_int_equal(lw_bank_load(g, saved), LW_E_CORRUPT);
  assert_false(lw_bank_primed(g));
  free(saved), free(f), free(g);
}

static void banks_join_blocks_and_keep_their_state(void **state) {
  (void)state;
  at_each_isa(check_bank);
}

static void monitors_go_on_from_their_saved_state(void **state) {
  (void)state;
  enum { C = 3, TRAIN = 50 };
  uint64_t seed = 20;
  lw_monitor *f = malloc(lw_monitor_size(C, TRAIN)),
             *g = malloc(lw_monitor_size(C, TRAIN));
  assert_true(f && g);
  assert_int_equal(lw_monitor_init(f, C, TRAIN, 1, 0.01), 0);
  assert_int_equal(lw_monitor_init(g, C, TRAIN, 1, 0.01), 0);
  double *saved = malloc(lw_monitor_state_n(f) * sizeof *saved);
  assert_non_null(saved);
  for (size_t i = 0; i < 3 * TRAIN; i++) {
    double x[C] = {noise(&seed), noise(&seed), noise(&seed)};
    lw_monitor_save(f, saved);
    assert_int_equal(lw_monitor_load(g, saved), 0);
    double want = lw_monitor_step(f, x), y = lw_monitor_step(g, x);
    assert_same(&y, &want, 1, 0);
    assert_int_equal(f->blame, g->blame);
  }
  saved[0] = TRAIN + 1;
  assert_int_equal(lw_monitor_load(g, saved), LW_E_CORRUPT);
  assert_true(isnan(g->limit));
  free(saved), free(f), free(g);
}

static void complementary_filters_are_linear(void **state) {
  (void)state;
  double a[N], b[N], ra[N], rb[N], y[N], want[N];
  uint64_t seed = 21;
  for (size_t i = 0; i < N; i++) {
    a[i] = noise(&seed), b[i] = noise(&seed);
    ra[i] = noise(&seed), rb[i] = noise(&seed);
  }
  lw_complementary f;
  assert_int_equal(lw_complementary_init(&f, 3, 0.1), 0);
  lw_complementary g = f, h = f;
  lw_complementary_run(&f, a, ra, N, want);
  lw_complementary_run(&g, b, rb, N, y);
  for (size_t i = 0; i < N; i++) {
    want[i] += 2 * y[i];
    a[i] += 2 * b[i];
    ra[i] += 2 * rb[i];
  }
  lw_complementary_run(&h, a, ra, N, a); // in place
  assert_same(a, want, N, 1e-13);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_filters_are_linear),
      cmocka_unit_test(filters_of_order_and_spread_follow_the_scale),
      cmocka_unit_test(a_signal_may_begin_at_any_time),
      cmocka_unit_test(windows_forget_what_lies_before_them),
      cmocka_unit_test(filters_are_stable_at_the_ends_of_their_ranges),
      cmocka_unit_test(denormals_and_huge_numbers_stay_what_they_are),
      cmocka_unit_test(nothing_comes_of_nothing),
      cmocka_unit_test(a_still_signal_stays),
      cmocka_unit_test(a_window_of_one_is_the_sample_itself),
      cmocka_unit_test(a_window_longer_than_the_signal_holds_all_of_it),
      cmocka_unit_test(banks_join_blocks_and_keep_their_state),
      cmocka_unit_test(monitors_go_on_from_their_saved_state),
      cmocka_unit_test(complementary_filters_are_linear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
