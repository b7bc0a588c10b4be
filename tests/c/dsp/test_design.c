#include "c/dsp/signals.h"

#include "base/err.h"
#include "dsp/design.h"

// Every root of `want` has one of `have` within 1e-10.
static void match_roots(const double (*have)[2], const double *want, size_t n,
                        const lw_design *d) {
  int used[2 * LW_DESIGN_ORDER_MAX] = {0};
  for (size_t i = 0; i < n; i++) {
    double least = INFINITY;
    size_t at = 0;
    for (size_t j = 0; j < n; j++) {
      double gap =
          hypot(have[j][0] - want[2 * i], have[j][1] - want[2 * i + 1]);
      if (!used[j] && gap < least)
        least = gap, at = j;
    }
    used[at] = 1;
    if (!(least <= 1e-10))
      fail_msg("family %d band %d order %d at %g: root %zu is off by %g",
               d->family, d->band, d->order, d->low, i, least);
  }
}

static lw_design design_of(const double *head) {
  return (lw_design){.family = (int)head[0],
                     .band = (int)head[1],
                     .order = (int)head[2],
                     .low = head[3],
                     .high = head[4],
                     .ripple_db = head[5],
                     .stop_db = head[6]};
}

static void poles_and_zeros_are_those_of_scipy(void **state) {
  (void)state;
  FILE *f = fopen("tests/data/dsp/design.txt", "r");
  assert_non_null(f);
  char word[64];
  size_t n, seen = 0;
  double v[128];
  while (fscanf(f, "%63s %zu", word, &n) == 2) {
    for (size_t i = 0; i < n; i++)
      assert_int_equal(fscanf(f, "%lf", &v[i]), 1);
    if (strcmp(word, "design") != 0)
      continue;
    lw_design d = design_of(v);
    lw_zpk z;
    assert_int_equal(lw_design_zpk(&d, &z), 0);
    assert_int_equal(z.zero_n, (size_t)v[7]);
    assert_int_equal(z.pole_n, (size_t)v[8]);
    assert_true(fabs(z.gain / v[9] - 1) < 1e-8);
    match_roots((const double(*)[2])z.zero, v + 10, z.zero_n, &d);
    match_roots((const double(*)[2])z.pole, v + 10 + 2 * z.zero_n, z.pole_n,
                &d);
    seen++;
  }
  fclose(f);
  assert_int_equal(seen, 240);
}

// Response of the sections against that of the roots they were made from.
static void sections_have_the_response_of_their_roots(void **state) {
  (void)state;
  for (int family = 0; family < LW_FAMILY_N; family++)
    for (int band = 0; band < LW_BAND_N; band++)
      for (int order = 1; order <= LW_DESIGN_ORDER_MAX; order++) {
        lw_design d = {family, band, order, 0.11, 0.23, 0.5, 60};
        lw_section section[LW_BIQUAD_MAX];
        size_t n;
        lw_biquad f;
        lw_zpk z;
        assert_int_equal(lw_design_zpk(&d, &z), 0);
        assert_int_equal(lw_design_sections(&d, section, &n), 0);
        assert_int_equal(lw_biquad_init(&f, section, n, 0), 0);
        for (double w = 0.02; w < 3.14; w += 0.13) {
          double got[2], size = z.gain;
          for (size_t i = 0; i < z.zero_n; i++)
            size *= hypot(cos(w) - z.zero[i][0], sin(w) - z.zero[i][1]);
          for (size_t i = 0; i < z.pole_n; i++)
            size /= hypot(cos(w) - z.pole[i][0], sin(w) - z.pole[i][1]);
          lw_biquad_gain(&f, w, got);
          assert_true(fabs(hypot(got[0], got[1]) - size) < 1e-9);
        }
      }
}

static void edges_lie_where_they_were_asked(void **state) {
  (void)state;
  const double at_edge_db[] = {3.0103, 0.5, 60, 0.5, 3.0103};
  for (int family = 0; family < LW_FAMILY_N; family++)
    for (int band = 0; band < LW_BAND_N; band++) {
      lw_design d = {family, band, 5, 0.07, 0.19, 0.5, 60};
      lw_section section[LW_BIQUAD_MAX];
      size_t n;
      lw_biquad f;
      double g[2];
      assert_int_equal(lw_design_sections(&d, section, &n), 0);
      assert_int_equal(lw_biquad_init(&f, section, n, 0), 0);
      lw_biquad_gain(&f, 2 * M_PI * d.low, g);
      double db = -20 * log10(hypot(g[0], g[1]));
      assert_true(fabs(db - at_edge_db[family]) < 1e-3);
    }
}

static double slowest_pole(const lw_design *d) {
  lw_zpk z;
  double radius = 0;
  assert_int_equal(lw_design_zpk(d, &z), 0);
  for (size_t i = 0; i < z.pole_n; i++)
    radius = fmax(radius, hypot(z.pole[i][0], z.pole[i][1]));
  return radius;
}

// The impulse response stays bounded for a million samples, and dies away as
// fast as the slowest pole says.
static void check_impulse(const lw_design *d, lw_biquad *f) {
  double y[512] = {1}, peak = 0, radius = slowest_pole(d);
  for (int block = 0; block < 2000; block++) {
    lw_biquad_run(f, y, 512, y);
    peak = 0;
    for (size_t i = 0; i < 512; i++)
      peak = fmax(peak, fabs(y[i]));
    assert_true(peak < 10);
    memset(y, 0, sizeof y);
  }
  assert_true(radius < 1);
  assert_true(peak < 2 * pow(radius, 1e6) + 1e-12);
}

static void extreme_cutoffs_stay_stable(void **state) {
  (void)state;
  const double edges[] = {1e-5, 1e-3, 0.25, 0.499};
  for (int family = 0; family < LW_FAMILY_N; family++)
    for (int band = 0; band <= LW_HIGHPASS; band++)
      for (int order = 1; order <= 8; order++)
        for (size_t k = 0; k < 4; k++) {
          lw_design d = {family, band, order, edges[k], 0, 0.5, 60};
          lw_section section[LW_BIQUAD_MAX];
          size_t n;
          lw_biquad f;
          assert_int_equal(lw_design_sections(&d, section, &n), 0);
          assert_int_equal(lw_biquad_init(&f, section, n, 0), 0);
          check_impulse(&d, &f);
        }
}

static void senseless_designs_are_refused(void **state) {
  (void)state;
  const lw_design good = {LW_ELLIPTIC, LW_BANDPASS, 4, 0.1, 0.2, 0.5, 60};
  lw_zpk z;
  assert_int_equal(lw_design_zpk(&good, &z), 0);
  for (int i = 0; i < 10; i++) {
    lw_design d = good;
    switch (i) {
    case 0:
      d.family = -1;
      break;
    case 1:
      d.band = LW_BAND_N;
      break;
    case 2:
      d.order = 0;
      break;
    case 3:
      d.order = LW_DESIGN_ORDER_MAX + 1;
      break;
    case 4:
      d.low = 0;
      break;
    case 5:
      d.low = NAN;
      break;
    case 6:
      d.high = 0.1;
      break;
    case 7:
      d.high = 0.5;
      break;
    case 8:
      d.ripple_db = 0;
      break;
    default:
      d.stop_db = 0.4;
    }
    assert_int_equal(lw_design_zpk(&d, &z), LW_E_RANGE);
  }
}

static void the_notch_is_that_of_scipy(void **state) {
  (void)state;
  size_t n;
  double *want = reference("design", "notch", &n);
  lw_section s;
  assert_int_equal(lw_design_notch(0.12, 5, &s), 0);
  double got[] = {s.b0, s.b1, s.b2, 1, s.a1, s.a2};
  assert_same(got, want, 6, 1e-14);
  assert_int_equal(lw_design_notch(0.5, 5, &s), LW_E_RANGE);
  assert_int_equal(lw_design_notch(0.1, 0, &s), LW_E_RANGE);
  free(want);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(poles_and_zeros_are_those_of_scipy),
      cmocka_unit_test(sections_have_the_response_of_their_roots),
      cmocka_unit_test(edges_lie_where_they_were_asked),
      cmocka_unit_test(extreme_cutoffs_stay_stable),
      cmocka_unit_test(senseless_designs_are_refused),
      cmocka_unit_test(the_notch_is_that_of_scipy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
