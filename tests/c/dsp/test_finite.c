// Filters of finite memory against SciPy and bottleneck.
#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/fir.h"
#include "dsp/moving.h"
#include "dsp/remez.h"
#include "dsp/taps.h"

static lw_fir *made(const double *tap, size_t n) {
  lw_fir *f = malloc(lw_fir_size(n));
  assert_non_null(f);
  assert_int_equal(lw_fir_init(f, tap, n, 0), 0);
  return f;
}

static void check_lfilter(void) {
  const size_t sizes[] = {5, 24, 64, 199};
  for (size_t s = 0; s < 4; s++) {
    size_t n;
    char name[32];
    double tap[200];
    snprintf(name, sizeof name, "fir_%zu", sizes[s]);
    double *x = reference("finite", "x", &n);
    double *want = reference("finite", name, &n);
    assert_int_equal(lw_taps_ideal(0, 0.15, LW_HAMMING, 0, sizes[s], tap), 0);
    lw_fir *f = made(tap, sizes[s]);
    lw_fir_run(f, x, n, x);
    assert_same(x, want, n, 1e-14);
    free(f);
    free(x);
    free(want);
  }
}

static void matches_firwin_and_lfilter(void **state) {
  (void)state;
  at_each_isa(check_lfilter);
}

static void check_zero_phase(void) {
  size_t n;
  double tap[21], *x = reference("linear", "x", &n);
  double *want = reference("linear", "fir_zero_phase", &n);
  size_t pad = LW_FIR_REACH * 21;
  double *work = malloc((n + 2 * pad) * sizeof *work);
  assert_non_null(work);
  assert_int_equal(lw_taps_ideal(0, 0.1, LW_HAMMING, 0, 21, tap), 0);
  lw_fir *f = made(tap, 21);
  assert_int_equal(lw_fir_zero_phase(f, x, n, n, work, x), LW_E_SHAPE);
  assert_int_equal(lw_fir_zero_phase(f, x, n, pad, work, x), 0);
  assert_same(x, want, n, 1e-12);
  free(f);
  free(x);
  free(want);
  free(work);
}

static void forward_and_backward_is_filtfilt(void **state) {
  (void)state;
  at_each_isa(check_zero_phase);
}

static void windows_and_bands_are_those_of_firwin(void **state) {
  (void)state;
  size_t n;
  double tap[64];
  double *want = reference("finite", "kaiser", &n);
  assert_int_equal(lw_taps_ideal(0.1, 0.3, LW_KAISER, 6, n, tap), 0);
  assert_same(tap, want, n, 1e-13);
  free(want);
  want = reference("finite", "highpass", &n);
  assert_int_equal(lw_taps_ideal(0.35, 0.5, LW_BLACKMAN, 0, n, tap), 0);
  assert_same(tap, want, n, 1e-13);
  free(want);
  assert_int_equal(lw_taps_ideal(0.35, 0.5, LW_HANN, 0, 32, tap), LW_E_RANGE);
  assert_int_equal(lw_taps_ideal(0.3, 0.2, LW_HANN, 0, 31, tap), LW_E_RANGE);
}

static void savgol_taps_are_those_of_scipy(void **state) {
  (void)state;
  const struct {
    size_t n, lag;
    int order, derivative;
  } cases[] = {
      {11, 5, 3, 0}, {11, 0, 3, 1}, {31, 15, 6, 2}, {8, 2, 4, 2}, {9, 0, 0, 0}};
  for (size_t c = 0; c < 5; c++) {
    size_t n;
    char name[32];
    double tap[64];
    snprintf(name, sizeof name, "savgol_%zu_%d_%d_%zu", cases[c].n,
             cases[c].order, cases[c].derivative, cases[c].lag);
    double *want = reference("finite", name, &n);
    assert_int_equal(lw_taps_savgol(n, cases[c].order, cases[c].derivative,
                                    cases[c].lag, tap),
                     0);
    assert_same(tap, want, n, 1e-12);
    free(want);
  }
  double tap[8];
  assert_int_equal(lw_taps_savgol(5, 5, 0, 2, tap), LW_E_RANGE);
  assert_int_equal(lw_taps_savgol(5, 2, 3, 2, tap), LW_E_RANGE);
  assert_int_equal(lw_taps_savgol(5, 2, 0, 5, tap), LW_E_RANGE);
}

static void savgol_reproduces_a_polynomial_and_its_slope(void **state) {
  (void)state;
  double tap[21], x[60], y[60];
  for (size_t i = 0; i < 60; i++) {
    double t = (double)i;
    x[i] = 3 - 2 * t + 0.5 * t * t;
  }
  for (size_t lag = 0; lag < 21; lag += 5)
    for (int d = 0; d <= 2; d++) {
      assert_int_equal(lw_taps_savgol(21, 3, d, lag, tap), 0);
      lw_fir *f = made(tap, 21);
      lw_fir_run(f, x, 60, y);
      for (size_t i = 20; i < 60; i++) {
        double t = (double)(i - lag);
        double want = d == 0 ? 3 - 2 * t + 0.5 * t * t : d == 1 ? t - 2 : 1;
        assert_true(fabs(y[i] - want) < 1e-9);
      }
      free(f);
    }
}

// A polynomial's slope is found without error at the sample that was asked for.
static void derivatives_are_as_late_as_the_sample_they_stand_for(void **state) {
  (void)state;
  double tap[21];
  for (size_t lag = 0; lag < 21; lag += 5)
    for (int d = 0; d <= 2; d++) {
      assert_int_equal(lw_taps_savgol(21, 4, d, lag, tap), 0);
      lw_fir *f = made(tap, 21);
      assert_true(fabs(lw_fir_delay(f) - (double)lag) < 1e-6);
      free(f);
    }
}

static void check_moving(int figure, const char *name) {
  size_t n;
  double *x = reference("finite", "x", &n),
         *want = reference("finite", name, &n);
  lw_moving *f = malloc(lw_moving_size(25));
  assert_non_null(f);
  assert_int_equal(lw_moving_init(f, 25, figure), 0);
  lw_moving_run(f, x, n, x);
  assert_same(x, want, n, 1e-12);
  free(f);
  free(x);
  free(want);
}

static void check_bottleneck(void) {
  check_moving(LW_MOVING_MEAN, "mean_25");
  check_moving(LW_MOVING_STD, "std_25");
}

static void moving_figures_are_those_of_bottleneck(void **state) {
  (void)state;
  at_each_isa(check_bottleneck);
}

// Three million samples, with a spike of 1e12 in each hundred thousand, leave
// no trace: what matters is that nothing is carried on, not how long.
static void check_drift(int figure) {
  enum { W = 101, N = 10000 };
  static double x[N], y[N];
  uint64_t seed = 3;
  lw_moving *f = malloc(lw_moving_size(W)), *fresh = malloc(lw_moving_size(W));
  assert_true(f && fresh);
  assert_int_equal(lw_moving_init(f, W, figure), 0);
  assert_int_equal(lw_moving_init(fresh, W, figure), 0);
  for (int round = 0; round < 300; round++) {
    for (size_t i = 0; i < N; i++)
      x[i] = 1e4 + noise(&seed);
    if (round % 10 == 0)
      x[N / 2] = 1e12;
    lw_moving_run(f, x, N, y);
  }
  double last = y[N - 1];
  lw_moving_run(fresh, x + N - W, W, y);
  assert_true(fabs(last - y[W - 1]) <= 1e-12 * fabs(last));
  free(f);
  free(fresh);
}

static void moving_figures_do_not_drift(void **state) {
  (void)state;
  check_drift(LW_MOVING_MEAN);
  check_drift(LW_MOVING_STD);
}

// Signals that are hard on sums: far from zero, stepping, still, steep, with a
// spike.
#define SHAPE_N 6
static double shape(size_t kind, size_t i, uint64_t *seed) {
  double u = noise(seed);
  switch (kind) {
  case 1:
    return 1e9 + u;
  case 2:
    return (i / 333 % 2 ? 1e6 : -1e6) + 1e-3 * u;
  case 3:
    return (double)(i / 250) * 0.1; // plateaus
  case 4:
    return 3.7 * (double)i + u;
  case 5:
    return i % 1777 == 1000 ? 1e12 : u;
  default:
    return u;
  }
}

// The window that ends at x[i], in twice the digits.
static double slow_figure(int figure, const double *x, size_t i, size_t w) {
  long double sum = 0, m2 = 0;
  for (size_t j = 0; j < w; j++)
    sum += x[i - j];
  for (size_t j = 0; j < w; j++)
    m2 += (x[i - j] - sum / (long double)w) * (x[i - j] - sum / (long double)w);
  return (double)(figure == LW_MOVING_MEAN ? sum / (long double)w
                                           : sqrtl(m2 / (long double)w));
}

static void check_shape(int figure, size_t kind, size_t w) {
  enum { N = 6000 };
  static double x[N], y[N];
  uint64_t seed = w;
  for (size_t i = 0; i < N; i++)
    x[i] = shape(kind, i, &seed);
  lw_moving *f = malloc(lw_moving_size(w));
  assert_non_null(f);
  assert_int_equal(lw_moving_init(f, w, figure), 0);
  memcpy(y, x, sizeof x);
  lw_moving_run(f, y, N, y);
  for (size_t i = w - 1; i < N; i += 1 + i % 7) {
    double want = slow_figure(figure, x, i, w), scale = 0;
    for (size_t j = 0; j < w && figure == LW_MOVING_MEAN; j++)
      scale = fmax(scale, fabs(x[i - j]));
    double most = 1e-12 * want + 4e-16 * (fabs(x[i]) + scale);
    if (!(fabs(y[i] - want) <= fabs(most)))
      fail_msg("figure %d of shape %zu, window %zu: y[%zu] = %.17g, not %.17g",
               figure, kind, w, i, y[i], want);
  }
  free(f);
}

static void check_shapes(void) {
  const size_t windows[] = {2, 3, 5, 7, 8, 9, 14, 16, 21, 63, 101, 700};
  for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
    for (size_t kind = 0; kind < SHAPE_N; kind++) {
      check_shape(LW_MOVING_MEAN, kind, windows[i]);
      check_shape(LW_MOVING_STD, kind, windows[i]);
    }
}

static void moving_figures_are_right_for_hard_signals(void **state) {
  (void)state;
  at_each_isa(check_shapes);
}

// Finite samples whose sum is not: nothing hangs, and nothing is carried on.
static void check_overflow(void) {
  enum { W = 21, N = 6000 };
  static double x[N], y[N];
  lw_moving *f = malloc(lw_moving_size(W));
  assert_non_null(f);
  for (int figure = LW_MOVING_MEAN; figure <= LW_MOVING_STD; figure++) {
    for (size_t i = 0; i < N; i++)
      x[i] = i < N / 2 ? 1.7e308 : 2;
    assert_int_equal(lw_moving_init(f, W, figure), 0);
    lw_moving_run(f, x, N, y);
    assert_true(y[N - 1] == (figure == LW_MOVING_MEAN ? 2 : 0));
    lw_moving_run(f, x, N, x);
    assert_true(x[N - 1] == y[N - 1]);
  }
  free(f);
}

static void sums_that_overflow_are_left_behind(void **state) {
  (void)state;
  at_each_isa(check_overflow);
}

// Ten million whole numbers, whose sums are exact: the mean of each window is
// that of a sum counted in integers, to the last bit.
static void check_exact(void) {
  enum { W = 101, N = 100000, ROUNDS = 34 };
  static double x[N], y[N];
  static int64_t window[W];
  int64_t sum = 0;
  uint64_t seed = 8;
  size_t at = 0, wrong = 0;
  lw_moving *f = malloc(lw_moving_size(W));
  assert_non_null(f);
  assert_int_equal(lw_moving_init(f, W, LW_MOVING_MEAN), 0);
  memset(window, 0, sizeof window);
  for (int round = 0; round < ROUNDS; round++) {
    for (size_t i = 0; i < N; i++)
      x[i] = floor(1e9 * noise(&seed));
    lw_moving_run(f, x, N, y);
    for (size_t i = 0; i < N; i++) {
      sum += (int64_t)x[i] - window[at];
      window[at] = (int64_t)x[i];
      at = at + 1 == W ? 0 : at + 1;
      if (round || i >= W)
        wrong += y[i] != (double)sum * (1.0 / W);
    }
  }
  assert_int_equal(wrong, 0);
  free(f);
}

static void moving_mean_of_whole_numbers_is_exact(void **state) {
  (void)state;
  at_each_isa(check_exact); // ten million over all levels
}

static void deviation_keeps_its_digits_far_from_zero(void **state) {
  (void)state;
  lw_moving *f = malloc(lw_moving_size(8));
  assert_non_null(f);
  assert_int_equal(lw_moving_init(f, 8, LW_MOVING_STD), 0);
  double y = 0;
  for (int i = 0; i < 100; i++) {
    double x = 1e9 + i % 2;
    lw_moving_run(f, &x, 1, &y);
  }
  assert_true(fabs(y - 0.5) < 1e-7);
  free(f);
}

// Largest weighted error of a low-pass on a grid far finer than the design's.
static double worst(const double *tap, size_t n, const lw_remez_band *band) {
  double largest = 0;
  for (int b = 0; b < 2; b++)
    for (int k = 0; k <= 4000; k++) {
      double f = band[b].low + (band[b].high - band[b].low) * k / 4000, a = 0;
      for (size_t i = 0; i < n; i++)
        a += tap[i] * cos(2 * M_PI * f * ((double)i - (double)(n - 1) / 2));
      largest = fmax(largest, band[b].weight * fabs(a - band[b].gain));
    }
  return largest;
}

// As good as what SciPy 1.10's remez reaches with grid_density 64.
static void equiripple_filters_are_as_good_as_those_of_scipy(void **state) {
  (void)state;
  const struct {
    size_t n;
    double pass, stop, weight, error;
  } cases[] = {{7, 0.1, 0.3, 1, 0.05368806248520087},
               {31, 0.1, 0.15, 1, 0.024151385609963757},
               {32, 0.1, 0.15, 1, 0.023665616537409128},
               {64, 0.2, 0.23, 10, 0.03428467203519186},
               {101, 0.05, 0.07, 5, 0.020154209804018608},
               {401, 0.1, 0.11, 1, 0.00029681347715038164}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    double tap[401], ripple;
    size_t n = cases[c].n;
    lw_remez_band band[] = {{0, cases[c].pass, 1, 1},
                            {cases[c].stop, 0.5, 0, cases[c].weight}};
    assert_int_equal(lw_remez(band, 2, n, tap, &ripple), 0);
    double error = worst(tap, n, band);
    assert_true(error < 1.005 * cases[c].error);
    assert_true(ripple <= error && error < 1.01 * ripple);
    for (size_t i = 0; i < n; i++)
      assert_true(tap[i] == tap[n - 1 - i]);
  }
}

static void equiripple_bands_must_rise_and_lie_apart(void **state) {
  (void)state;
  double tap[64];
  lw_remez_band good[] = {{0, 0.1, 1, 1}, {0.2, 0.3, 0, 1}, {0.4, 0.5, 1, 2}};
  assert_int_equal(lw_remez(good, 3, 41, tap, NULL), 0);
  assert_int_equal(lw_remez(good, 0, 41, tap, NULL), LW_E_RANGE);
  assert_int_equal(lw_remez(good, 3, 2, tap, NULL), LW_E_RANGE);
  lw_remez_band bad[] = {{0, 0.2, 1, 1}, {0.2, 0.3, 0, 1}};
  assert_int_equal(lw_remez(bad, 2, 41, tap, NULL), LW_E_RANGE);
  bad[1] = (lw_remez_band){0.3, 0.4, 0, 0};
  assert_int_equal(lw_remez(bad, 2, 41, tap, NULL), LW_E_RANGE);
  bad[1] = (lw_remez_band){0.3, NAN, 0, 1};
  assert_int_equal(lw_remez(bad, 2, 41, tap, NULL), LW_E_RANGE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(matches_firwin_and_lfilter),
      cmocka_unit_test(forward_and_backward_is_filtfilt),
      cmocka_unit_test(windows_and_bands_are_those_of_firwin),
      cmocka_unit_test(savgol_taps_are_those_of_scipy),
      cmocka_unit_test(savgol_reproduces_a_polynomial_and_its_slope),
      cmocka_unit_test(derivatives_are_as_late_as_the_sample_they_stand_for),
      cmocka_unit_test(equiripple_filters_are_as_good_as_those_of_scipy),
      cmocka_unit_test(equiripple_bands_must_rise_and_lie_apart),
      cmocka_unit_test(moving_figures_are_those_of_bottleneck),
      cmocka_unit_test(moving_figures_do_not_drift),
      cmocka_unit_test(sums_that_overflow_are_left_behind),
      cmocka_unit_test(moving_figures_are_right_for_hard_signals),
      cmocka_unit_test(moving_mean_of_whole_numbers_is_exact),
      cmocka_unit_test(deviation_keeps_its_digits_far_from_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
