#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/bank.h"
#include "dsp/biquad.h"
#include "dsp/design.h"
#include "dsp/ewma.h"

static lw_biquad made(int family, int band, int order, double low,
                      double high) {
  lw_design d = {family, band, order, low, high, 0.5, 60};
  lw_section section[LW_BIQUAD_MAX];
  size_t n;
  lw_biquad f;
  assert_int_equal(lw_design_sections(&d, section, &n), 0);
  assert_int_equal(lw_biquad_init(&f, section, n, 0), 0);
  return f;
}

static void compare(lw_biquad *f, const char *file, const char *name) {
  size_t n;
  double *x = reference(file, "x", &n), *want = reference(file, name, &n);
  double *y = malloc(n * sizeof *y);
  assert_non_null(y);
  lw_biquad_run(f, x, n, y);
  assert_same(y, want, n, 1e-12);
  free(x);
  free(y);
  free(want);
}

static void check_against_scipy(void) {
  lw_biquad f = made(LW_ELLIPTIC, LW_LOWPASS, 5, 0.075, 0);
  compare(&f, "linear", "ellip");
  f.settle = 1;
  lw_biquad_reset(&f);
  compare(&f, "linear", "ellip_settled");
}

static void matches_sosfilt_with_and_without_zi(void **state) {
  (void)state;
  at_each_isa(check_against_scipy);
}

static void matches_sosfiltfilt(void **state) {
  (void)state;
  lw_biquad f = made(LW_ELLIPTIC, LW_LOWPASS, 5, 0.075, 0);
  size_t n, pad = lw_biquad_pad(&f);
  double *x = reference("linear", "x", &n);
  double *want = reference("linear", "ellip_zero_phase", &n);
  double *work = malloc((n + 2 * pad) * sizeof *work);
  assert_non_null(work);
  assert_int_equal(lw_biquad_zero_phase(&f, x, n, n, work, x), LW_E_SHAPE);
  assert_int_equal(lw_biquad_zero_phase(&f, x, n, pad, work, x), 0);
  assert_same(x, want, n, 1e-12);
  free(x);
  free(want);
  free(work);
}

// A million samples, compared at each thousandth.
static void check_long(const char *name, void *f,
                       void (*run)(void *, const double *, size_t, double *)) {
  size_t n;
  double *want = reference("linear", name, &n), x[1000];
  double *got = malloc(n * sizeof *got);
  assert_non_null(got);
  uint64_t seed = 2;
  for (size_t k = 0; k < n; k++) {
    for (size_t i = 0; i < 1000; i++)
      x[i] = noise(&seed);
    run(f, x, 1000, x);
    got[k] = x[999];
  }
  assert_same(got, want, n, 1e-9);
  free(want);
  free(got);
}

static void run_biquad(void *f, const double *x, size_t n, double *y) {
  lw_biquad_run(f, x, n, y);
}

static void run_ewma(void *f, const double *x, size_t n, double *y) {
  lw_ewma_run(f, x, n, y);
}

static void check_million(void) {
  lw_biquad f = made(LW_BUTTERWORTH, LW_LOWPASS, 4, 0.01, 0);
  check_long("long_butter", &f, run_biquad);
  f = made(LW_CHEBYSHEV1, LW_BANDPASS, 6, 0.05, 0.15);
  check_long("long_cheby", &f, run_biquad);
  lw_ewma mean;
  assert_int_equal(lw_ewma_init(&mean, 2.5, 0.01), 0);
  check_long("long_ewma", &mean, run_ewma);
}

static void stays_with_scipy_over_a_million_samples(void **state) {
  (void)state;
  at_each_isa(check_million);
}

static void is_linear_and_time_invariant(void **state) {
  (void)state;
  enum { N = 600, LATE = 77 };
  double x[N], z[N], a[N], b[N], both[N];
  fill_signal(x, N, 10);
  fill_signal(z, N, 11);
  lw_biquad f = made(LW_CHEBYSHEV2, LW_BANDSTOP, 4, 0.05, 0.2);
  lw_biquad_run(&f, x, N, a);
  lw_biquad_reset(&f);
  lw_biquad_run(&f, z, N, b);
  for (size_t i = 0; i < N; i++)
    x[i] = 2 * x[i] - 3 * z[i], a[i] = 2 * a[i] - 3 * b[i];
  lw_biquad_reset(&f);
  lw_biquad_run(&f, x, N, both);
  assert_same(both, a, N, 1e-13);
  double late[N] = {0};
  memcpy(late + LATE, x, (N - LATE) * sizeof *x);
  lw_biquad_reset(&f);
  lw_biquad_run(&f, late, N, late);
  assert_same(late + LATE, both, N - LATE, 0);
}

static void delay_is_that_of_scipy(void **state) {
  (void)state;
  size_t n;
  double *want = reference("linear", "butter_delay", &n);
  lw_biquad f = made(LW_BUTTERWORTH, LW_LOWPASS, 4, 0.025, 0);
  for (size_t i = 0; i < n / 2; i++)
    assert_true(fabs(lw_biquad_delay(&f, want[i]) - want[n / 2 + i]) < 1e-4);
  free(want);
}

static void a_settled_lowpass_starts_on_its_input(void **state) {
  (void)state;
  lw_biquad f = made(LW_BUTTERWORTH, LW_LOWPASS, 4, 0.01, 0);
  f.settle = 1;
  for (int i = 0; i < 1000; i++) {
    double x = 42;
    lw_biquad_run(&f, &x, 1, &x);
    assert_true(fabs(x - 42) < 1e-9);
  }
}

static void denormals_and_huge_numbers_pass(void **state) {
  (void)state;
  lw_biquad f = made(LW_BUTTERWORTH, LW_LOWPASS, 2, 0.1, 0);
  double x[64];
  for (size_t i = 0; i < 64; i++)
    x[i] = i % 2 ? 4e-324 : 1e300;
  lw_biquad_run(&f, x, 64, x);
  for (size_t i = 0; i < 64; i++)
    assert_true(isfinite(x[i]));
}

static void unstable_sections_are_refused(void **state) {
  (void)state;
  lw_biquad f = {.section_n = 99};
  lw_section good = {1, 0, 0, -1.2, 0.5}, bad[] = {{1, 0, 0, 0, 1},
                                                   {1, 0, 0, -2.1, 0.9},
                                                   {NAN, 0, 0, 0, 0},
                                                   {1, 0, 0, NAN, 0}};
  assert_int_equal(lw_biquad_init(&f, &good, 0, 0), LW_E_RANGE);
  assert_int_equal(lw_biquad_init(&f, &good, LW_BIQUAD_MAX + 1, 0), LW_E_RANGE);
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(lw_biquad_init(&f, &bad[i], 1, 0), LW_E_RANGE);
  assert_int_equal(f.section_n, 99); // left as it was
  assert_int_equal(lw_biquad_init(&f, &good, 1, 0), 0);
}

static void a_slow_average_keeps_its_gain(void **state) {
  (void)state;
  lw_ewma f;
  assert_int_equal(lw_ewma_init(&f, 1e9, 0.01), 0); // gain 1e-11
  double x[512];
  for (int block = 0; block < 4000; block++) {
    for (size_t i = 0; i < 512; i++)
      x[i] = 7;
    lw_ewma_run(&f, x, 512, x);
  }
  assert_true(fabs(x[511] - 7) <= 7 * 4e-16);
  assert_int_equal(lw_ewma_init(&f, 0, 0.01), LW_E_RANGE);
  assert_int_equal(lw_ewma_init(&f, 1, NAN), LW_E_RANGE);
}

static void uneven_steps_follow_the_clock(void **state) {
  (void)state;
  lw_ewma even, uneven;
  assert_int_equal(lw_ewma_init(&even, 2, 0.5), 0);
  assert_int_equal(lw_ewma_init(&uneven, 2, 0.5), 0);
  double x = 1, y = 0;
  lw_ewma_run(&even, &x, 1, &y);
  lw_ewma_step_dt(&uneven, 1, 0);
  for (int i = 0; i < 6; i++) {
    x = 5;
    lw_ewma_run(&even, &x, 1, &y);
  }
  lw_ewma_step_dt(&uneven, NAN, 1.5); // says nothing, changes nothing
  assert_true(fabs(lw_ewma_step_dt(&uneven, 5, 3) - y) < 1e-14);
}

// Each channel of a bank does what a cascade of its own would.
static void check_bank(void) {
  enum { ROWS = 700, MOST = 37 };
  static double x[ROWS * MOST], y[ROWS * MOST], one[ROWS];
  uint64_t seed = 5;
  for (size_t channels = 1; channels <= MOST; channels += 6) {
    for (size_t i = 0; i < ROWS * channels; i++) {
      double u = noise(&seed);
      x[i] = i > 300 * channels && u > 0.999 ? (double)NAN : u;
    }
    x[0] = NAN;
    lw_biquad f = made(LW_ELLIPTIC, LW_BANDPASS, 3, 0.05, 0.2);
    lw_bank *bank = malloc(lw_bank_size(f.section_n, channels));
    assert_non_null(bank);
    assert_int_equal(lw_bank_init(bank, f.section, f.section_n, channels, 1),
                     0);
    memcpy(y, x, ROWS * channels * sizeof *x);
    lw_bank_run(bank, y, 133, y);
    lw_bank_run(bank, y + 133 * channels, ROWS - 133, y + 133 * channels);
    for (size_t ch = 0; ch < channels; ch++) {
      f.settle = 1;
      lw_biquad_reset(&f);
      for (size_t i = 0; i < ROWS; i++)
        one[i] = x[i * channels + ch];
      lw_biquad_run(&f, one, ROWS, one);
      for (size_t i = 0; i < ROWS; i++)
        assert_true((isnan(one[i]) && isnan(y[i * channels + ch])) ||
                    fabs(one[i] - y[i * channels + ch]) < 1e-13);
    }
    free(bank);
  }
}

static void a_bank_is_many_cascades(void **state) {
  (void)state;
  at_each_isa(check_bank);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(matches_sosfilt_with_and_without_zi),
      cmocka_unit_test(matches_sosfiltfilt),
      cmocka_unit_test(stays_with_scipy_over_a_million_samples),
      cmocka_unit_test(is_linear_and_time_invariant),
      cmocka_unit_test(a_bank_is_many_cascades),
      cmocka_unit_test(delay_is_that_of_scipy),
      cmocka_unit_test(a_settled_lowpass_starts_on_its_input),
      cmocka_unit_test(denormals_and_huge_numbers_pass),
      cmocka_unit_test(unstable_sections_are_refused),
      cmocka_unit_test(a_slow_average_keeps_its_gain),
      cmocka_unit_test(uneven_steps_follow_the_clock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
