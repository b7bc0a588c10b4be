#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/spectrum.h"
#include "dsp/stat.h"

static lw_fft *fft(size_t n) {
  lw_fft *f = malloc(lw_fft_size(n));
  assert_non_null(f);
  assert_int_equal(lw_fft_init(f, n), 0);
  return f;
}

static void check_rfft(void) {
  size_t n;
  double *x = reference("spectra", "x", &n);
  double *want = reference("spectra", "rfft", &n);
  double re[513], im[513], back[1024], got[1026];
  lw_fft *f = fft(1024);
  lw_fft_forward(f, x, re, im);
  for (size_t k = 0; k < 513; k++)
    got[2 * k] = re[k], got[2 * k + 1] = im[k];
  assert_same(got, want, 1026, 1e-13);
  lw_fft_inverse(f, re, im, back);
  assert_same(back, x, 1024, 1e-14);
  free(f);
  free(x);
  free(want);
}

static void transform_is_that_of_numpy(void **state) {
  (void)state;
  at_each_isa(check_rfft);
}

static void every_length_goes_there_and_back(void **state) {
  (void)state;
  for (size_t n = 2; n <= 8192; n *= 2) {
    double x[8192], back[8192], re[4097], im[4097];
    fill_signal(x, n, n);
    lw_fft *f = fft(n);
    lw_fft_forward(f, x, re, im);
    double sum = 0, turned = 0; // two bins by hand
    for (size_t i = 0; i < n; i++) {
      sum += x[i];
      turned += i % 2 ? -x[i] : x[i];
    }
    assert_true(fabs(re[0] - sum) < 1e-10 * (double)n);
    assert_true(fabs(re[n / 2] - turned) < 1e-10 * (double)n);
    lw_fft_inverse(f, re, im, back);
    assert_same(back, x, n, 1e-14);
    free(f);
  }
  assert_int_equal(lw_fft_size(3), 0);
  assert_int_equal(lw_fft_size(0), 0);
  assert_int_equal(lw_fft_size(LW_FFT_MAX * 2), 0);
}

static void check_welch(void) {
  const size_t sizes[] = {256, 8};
  for (size_t s = 0; s < 2; s++) {
    size_t n, bins;
    char name[32];
    double density[129];
    snprintf(name, sizeof name, "welch_%zu", sizes[s]);
    double *x = reference("spectra", "x", &n);
    double *want = reference("spectra", name, &bins);
    lw_welch *f = malloc(lw_welch_size(sizes[s]));
    assert_non_null(f);
    assert_int_equal(lw_welch_init(f, sizes[s], 50), 0);
    assert_int_equal(lw_welch_run(f, x, n, density),
                     (n - sizes[s]) / (sizes[s] / 2) + 1);
    assert_same(density, want, bins, 1e-13);
    assert_int_equal(lw_welch_run(f, x, sizes[s] - 1, density), 0);
    x[3] = NAN;
    assert_int_equal(lw_welch_run(f, x, n, density), LW_E_RANGE);
    free(f);
    free(x);
    free(want);
  }
}

static void density_is_that_of_scipy(void **state) {
  (void)state;
  at_each_isa(check_welch);
}

static void one_frequency_is_measured_exactly(void **state) {
  (void)state;
  enum { N = 1000 };
  double x[N], re, im;
  const double cycles[] = {1, 7, 250, 499};
  for (size_t c = 0; c < 4; c++) {
    double w = 2 * M_PI * cycles[c] / N;
    for (size_t i = 0; i < N; i++)
      x[i] = 3 * cos(w * (double)i - 0.7) + 1;
    lw_goertzel(x, N, w, &re, &im);
    assert_true(fabs(hypot(re, im) - 3) < 1e-9);
    assert_true(fabs(atan2(im, re) + 0.7) < 1e-9);
  }
}

static void band_power_adds_up(void **state) {
  (void)state;
  double density[11];
  for (size_t i = 0; i < 11; i++)
    density[i] = 2;
  assert_true(fabs(lw_band_power(density, 11, 0.5, 1, 3) - 4) < 1e-12);
  assert_true(fabs(lw_band_power(density, 11, 0.5, 1.1, 1.2) - 0.2) < 1e-12);
}

static void envelope_is_the_magnitude_of_the_analytic_signal(void **state) {
  (void)state;
  size_t n;
  double *x = reference("spectra", "x", &n);
  double *want = reference("spectra", "envelope", &n);
  double *work = malloc((2 * n + 2) * sizeof *work);
  assert_non_null(work);
  lw_fft *f = fft(n);
  lw_envelope(f, x, 0.03, 0.2, work, x);
  assert_same(x, want, n, 1e-13);
  free(f);
  free(work);
  free(x);
  free(want);
}

static void moments_are_those_of_scipy(void **state) {
  (void)state;
  size_t n, five;
  double *x = reference("spectra", "x", &n);
  double *want = reference("spectra", "kurtosis", &five);
  lw_stat s;
  lw_stat_of(x, n, &s);
  double got[] = {s.kurtosis, s.skewness, s.mean, s.variance, s.rms};
  assert_int_equal(s.n, n);
  for (size_t i = 0; i < 5; i++)
    assert_true(fabs(got[i] - want[i]) < 1e-12);
  lw_stat_of(x, 0, &s);
  assert_true(s.n == 0 && isnan(s.mean) && isnan(s.kurtosis));
  free(x);
  free(want);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(transform_is_that_of_numpy),
      cmocka_unit_test(every_length_goes_there_and_back),
      cmocka_unit_test(density_is_that_of_scipy),
      cmocka_unit_test(one_frequency_is_measured_exactly),
      cmocka_unit_test(band_power_adds_up),
      cmocka_unit_test(envelope_is_the_magnitude_of_the_analytic_signal),
      cmocka_unit_test(moments_are_those_of_scipy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
