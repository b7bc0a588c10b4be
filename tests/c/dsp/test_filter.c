// What every row of the filter table promises, proved for all of them.
#include "c/dsp/kinds.h"

#define N 5300

static size_t case_of(const char *kind, double first) {
  for (size_t c = 0; c < CASE_N; c++)
    if (strcmp(cases[c].kind, kind) == 0 && cases[c].param[0] == first)
      return c;
  fail_msg("no case %s %g", kind, first);
  return 0;
}

// The block forms of these may round differently at a seam.
static double seam(size_t c) {
  static const char *const kinds[] = {"ewma", "average", "deviation",
                                      "fir",  "savgol",  "equiripple"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(cases[c].kind, kinds[i]) == 0)
      return 1e-12;
  return 0;
}

static void check_blocks(void) {
  double x[N], whole[N], parts[N];
  fill_signal(x, N, 1);
  for (size_t c = 0; c < CASE_N; c++) {
    const lw_filter_kind *kind;
    void *f = make(c, &kind), *g = make(c, &kind);
    kind->run(f, x, N, whole);
    memcpy(parts, x, sizeof x); // in place, in pieces of every small length
    for (size_t i = 0, k = 0; i < N; i += k, k = (k + 1) % 40) {
      k = k < N - i ? k : N - i;
      kind->run(g, parts + i, k, parts + i);
    }
    assert_same(parts, whole, N, seam(c));
    free(f);
    free(g);
  }
}

static void blocks_of_any_length_join(void **state) {
  (void)state;
  at_each_isa(check_blocks);
}

static void check_one_by_one(void) {
  double x[N], whole[N], y[N];
  fill_signal(x, N, 2);
  for (size_t c = 0; c < CASE_N; c++) {
    const lw_filter_kind *kind;
    void *f = make(c, &kind), *g = make(c, &kind);
    kind->run(f, x, N, whole);
    for (size_t i = 0; i < N; i++)
      kind->run(g, &x[i], 1, &y[i]);
    assert_same(y, whole, N, seam(c));
    free(f);
    free(g);
  }
}

static void one_sample_at_a_time_gives_the_same(void **state) {
  (void)state;
  at_each_isa(check_one_by_one);
}

static void all_levels_agree(void **state) {
  (void)state;
  double x[N], want[N], y[N];
  fill_signal(x, N, 3);
  for (size_t c = 0; c < CASE_N; c++)
    for (int isa = 0; isa <= LW_ISA_AVX512; isa++) {
      setenv("LW_DSP_ISA", lw_dsp_isa_name(isa), 1);
      const lw_filter_kind *kind;
      void *f = make(c, &kind);
      kind->run(f, x, N, isa ? y : want);
      if (isa)
        assert_same(y, want, N, 1e-11);
      free(f);
    }
  unsetenv("LW_DSP_ISA");
}

static void saved_state_goes_on_where_it_stopped(void **state) {
  (void)state;
  double x[N], want[N], y[N];
  fill_signal(x, N, 4);
  for (size_t c = 0; c < CASE_N; c++) {
    for (size_t cut = 0; cut < N; cut += 1 + cut * 3) {
      const lw_filter_kind *kind;
      void *f = make(c, &kind), *g = make(c, &kind);
      kind->run(f, x, cut, want);
      double *saved = malloc(kind->state_n(f) * sizeof *saved);
      assert_non_null(saved);
      kind->save(f, saved);
      assert_int_equal(kind->load(g, saved), 0);
      assert_int_equal(kind->primed(f), kind->primed(g));
      kind->run(f, x + cut, N - cut, want);
      kind->run(g, x + cut, N - cut, y);
      assert_same(y, want, N - cut, 0);
      free(saved);
      free(f);
      free(g);
    }
  }
}

static void reset_is_as_good_as_new(void **state) {
  (void)state;
  double x[N], want[N], y[N];
  fill_signal(x, N, 5);
  for (size_t c = 0; c < CASE_N; c++) {
    const lw_filter_kind *kind;
    void *f = make(c, &kind);
    kind->run(f, x, N, want);
    int fills = cases[c].param[0] <= N ||
                kind->delay(f) == 0; // windows longer than the signal do not
    assert_int_equal(kind->primed(f), fills);
    kind->reset(f);
    assert_false(kind->primed(f));
    kind->run(f, x, N, y);
    assert_same(y, want, N, 0);
    free(f);
  }
}

// Taking the bad samples out beforehand must not change the good ones.
static void bad_samples_hold_the_output_and_leave_no_trace(void **state) {
  (void)state;
  double x[N], good[N], want[N], y[N];
  uint64_t seed = 6;
  fill_signal(good, N, 6);
  for (size_t c = 0; c < CASE_N; c++) {
    const lw_filter_kind *kind;
    void *f = make(c, &kind), *g = make(c, &kind);
    size_t good_n = 0;
    if (strcmp(cases[c].kind, "integral") == 0) { // its time goes on
      free(f);
      free(g);
      continue;
    }
    for (size_t i = 0; i < N; i++) {
      double u = noise(&seed);
      x[i] = u > 0.95 ? INFINITY : u > 0.9 ? NAN : good[good_n++];
    }
    kind->run(f, good, good_n, want);
    kind->run(g, x, N, y);
    double last = NAN, held[N];
    for (size_t i = 0, k = 0; i < N; i++)
      held[i] = last = isfinite(x[i]) ? want[k++] : last;
    assert_same(y, held, N, seam(c));
    free(f);
    free(g);
  }
}

static void a_filter_can_be_moved_in_memory(void **state) {
  (void)state;
  double x[N], want[N], y[N];
  fill_signal(x, N, 7);
  for (size_t c = 0; c < CASE_N; c++) {
    const lw_filter_kind *kind;
    double params[LW_FILTER_PARAM_MAX];
    void *f = make(c, &kind);
    lw_filter_resolve(kind, cases[c].param, cases[c].param_n, RATE_HZ, params,
                      NULL);
    size_t bytes = lw_filter_size(kind, params, RATE_HZ);
    kind->run(f, x, 100, want);
    void *moved = malloc(bytes);
    assert_non_null(moved);
    memcpy(moved, f, bytes);
    kind->run(f, x + 100, N - 100, want);
    free(f);
    kind->run(moved, x + 100, N - 100, y);
    assert_same(y, want, N - 100, 0);
    free(moved);
  }
}

static void damaged_state_is_refused(void **state) {
  (void)state;
  const lw_filter_kind *kind;
  void *f = make(case_of("median", 101), &kind);
  double saved[1 + 1 + 101] = {0};
  saved[1] = 102;
  assert_int_equal(kind->load(f, saved), LW_E_CORRUPT);
  saved[1] = 0.5;
  assert_int_equal(kind->load(f, saved), LW_E_CORRUPT);
  saved[1] = 3;
  saved[3] = NAN;
  assert_int_equal(kind->load(f, saved), LW_E_CORRUPT);
  assert_false(kind->primed(f));
  free(f);
}

static int resolve(const char *name, double a, double b, double c, lw_err *e) {
  double given[] = {a, b, c}, params[LW_FILTER_PARAM_MAX];
  const lw_filter_kind *kind = lw_filter_find(name);
  size_t n = kind->param_n < 3 ? kind->param_n : 3;
  int rc = lw_filter_resolve(kind, given, n, RATE_HZ, params, e);
  if (rc < 0)
    return rc;
  void *f = malloc(lw_filter_size(kind, params, RATE_HZ));
  assert_non_null(f);
  rc = lw_filter_init(kind, f, params, RATE_HZ, e);
  free(f);
  return rc;
}

static void wrong_parameters_are_named(void **state) {
  (void)state;
  lw_err e;
  assert_int_equal(resolve("lowpass", 30, 4, NAN, &e), LW_E_RANGE);
  assert_string_equal(e.text,
                      "filter 'lowpass': cutoff = 30 Hz must lie above 0 and "
                      "below 25 Hz, half the sample rate");
  assert_int_equal(resolve("lowpass", NAN, 4, NAN, &e), LW_E_RANGE);
  assert_string_equal(e.text,
                      "filter 'lowpass' needs cutoff (edge of the pass band)");
  assert_int_equal(resolve("lowpass", 3, 2.5, NAN, &e), LW_E_RANGE);
  assert_string_equal(e.text,
                      "filter 'lowpass': order = 2.5 must be a whole number");
  assert_int_equal(resolve("hampel", 7, -1, NAN, &e), LW_E_RANGE);
  assert_string_equal(e.text, "filter 'hampel': k = -1 is outside 0..1000000");
  assert_int_equal(resolve("hampel", 7, 3, 7, &e), LW_E_RANGE);
  assert_string_equal(e.text,
                      "filter 'hampel': lag = 7 must be below window = 7");
  assert_int_equal(resolve("bandpass", 5, 3, NAN, &e), LW_E_RANGE);
  assert_string_equal(
      e.text, "filter 'bandpass': low = 5 Hz must lie below high = 3 Hz");
  assert_int_equal(resolve("hysteresis", 1, 1, NAN, &e), LW_E_RANGE);
  assert_null(lw_filter_find("lopass"));
}

static void every_row_can_be_listed(void **state) {
  (void)state;
  size_t n = 0;
  for (const lw_filter_kind *k; (k = lw_filter_at(n)); n++) {
    assert_ptr_equal(lw_filter_find(k->name), k);
    assert_true(k->param_n <= LW_FILTER_PARAM_MAX);
    size_t cased = 0;
    for (size_t c = 0; c < CASE_N; c++)
      cased += strcmp(cases[c].kind, k->name) == 0;
    if (!cased)
      fail_msg("no case proves '%s'", k->name);
  }
  assert_true(n >= 15);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_of_any_length_join),
      cmocka_unit_test(one_sample_at_a_time_gives_the_same),
      cmocka_unit_test(all_levels_agree),
      cmocka_unit_test(saved_state_goes_on_where_it_stopped),
      cmocka_unit_test(reset_is_as_good_as_new),
      cmocka_unit_test(bad_samples_hold_the_output_and_leave_no_trace),
      cmocka_unit_test(a_filter_can_be_moved_in_memory),
      cmocka_unit_test(damaged_state_is_refused),
      cmocka_unit_test(wrong_parameters_are_named),
      cmocka_unit_test(every_row_can_be_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
