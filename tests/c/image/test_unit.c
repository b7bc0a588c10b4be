#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/unit.h"

static int setup(void **state) {
  return lw_units_open((lw_units **)state, NULL);
}

static int teardown(void **state) {
  lw_units_close(*state);
  return 0;
}

static void assert_converts(lw_units *u, const char *from, const char *to,
                            double x, double y) {
  double gain, bias;
  lw_err e = {0};
  if (lw_units_convert(u, from, to, &gain, &bias, &e) < 0)
    fail_msg("%s", e.text);
  if (!(fabs(x * gain + bias - y) <= 1e-9 * (1 + fabs(y))))
    fail_msg("%g %s is %.17g %s, not %g", x, from, x * gain + bias, to, y);
}

// Values from the definitions (SI brochure, NIST SP 811), worked by hand.
static void units_convert(void **state) {
  assert_converts(*state, "degC", "K", 110, 383.15);
  assert_converts(*state, "degF", "degC", 212, 100);
  assert_converts(*state, "ft/min", "m/min", 120, 36.576);
  assert_converts(*state, "L/h", "mL/min", 240, 4000);
  assert_converts(*state, "mg/cm2", "g/m2", 11.8, 118);
  assert_converts(*state, "mm", "m", 550, 0.55);
  assert_converts(*state, "percent", "1", 25, 0.25);
  assert_converts(*state, "bar", "kPa", 1.5, 150);
  assert_converts(*state, "m/min", "m/min", 30, 30);
  assert_converts(*state, "kWh", "MJ", 2, 7.2);
  assert_converts(*state, "MWh", "kWh", 0.5, 500);
  assert_converts(*state, "mAh", "C", 1000, 3600);
}

static void a_like_unit_needs_no_rounding(void **state) {
  double gain = 0, bias = 1;
  assert_int_equal(lw_units_convert(*state, "g/m2", "g/m2", &gain, &bias, NULL),
                   0);
  assert_true(gain == 1 && bias == 0);
}

static void assert_refused(lw_units *u, const char *from, const char *to,
                           const char *text) {
  double gain = 7, bias = 8;
  lw_err e = {0};
  assert_int_equal(lw_units_convert(u, from, to, &gain, &bias, &e), LW_E_UNIT);
  assert_string_equal(e.text, text);
  assert_true(gain == 7 && bias == 8);
}

static void dimensions_are_named_when_they_differ(void **state) {
  assert_refused(*state, "degC", "m/min",
                 "cannot convert degC (temperature) to m/min (speed)");
  assert_refused(*state, "g/m2", "m7",
                 "cannot convert g/m2 (mass per area) to m7 (m7)");
}

static void reciprocals_and_logarithms_are_no_conversions(void **state) {
  assert_refused(*state, "s", "Hz",
                 "cannot convert s (time) to Hz (frequency)");
  assert_refused(*state, "lg(re 1 mW)", "W",
                 "cannot convert lg(re 1 mW) (logarithmic level) to W (power)");
}

static void unknown_units_get_the_nearest_spelling(void **state) {
#define UNKNOWN(unit)                                                          \
  "unknown unit '" unit "' (UDUNITS-2 spelling, e.g. degC, g/m2, m/min)"
  assert_refused(*state, "m/minut", "m/min",
                 UNKNOWN("m/minut") ". Did you mean 'm/minute'?");
  assert_refused(*state, "m/min", "m/minut",
                 UNKNOWN("m/minut") ". Did you mean 'm/minute'?");
  assert_refused(*state, "celcius", "degC",
                 UNKNOWN("celcius") ". Did you mean 'celsius'?");
  assert_refused(*state, "RPM", "rpm", UNKNOWN("RPM") ". Did you mean 'rpm'?");
  assert_refused(*state, "kilometr", "m",
                 UNKNOWN("kilometr") ". Did you mean 'kilometer'?");
  assert_refused(*state, "Nm", "J", UNKNOWN("Nm") ". Did you mean 'N.m'?");
  assert_refused(*state, "candla", "cd",
                 UNKNOWN("candla") ". Did you mean 'candela'?");
  assert_refused(*state, "g/m2/hrs", "g/m2/h",
                 UNKNOWN("g/m2/hrs") ". Did you mean 'g/m2/h'?");
  assert_refused(*state, "wobbulation", "m", UNKNOWN("wobbulation"));
  assert_refused(*state, "m//min", "m", UNKNOWN("m//min"));
}

static void very_long_and_odd_units_are_refused_whole(void **state) {
  char text[2000];
  double gain, bias;
  memset(text, 'q', sizeof text - 1);
  text[sizeof text - 1] = 0;
  lw_err e;
  assert_int_equal(lw_units_convert(*state, text, "m", &gain, &bias, &e),
                   LW_E_UNIT);
  assert_int_equal(
      lw_units_convert(*state, "\xff\xfe\x01%n", "m", &gain, &bias, &e),
      LW_E_UNIT);
}

static void dimensions_have_plain_words(void **state) {
  static const char *const pairs[][2] = {
      {"degC", "temperature"},     {"ft/min", "speed"},
      {"mL/min", "volume flow"},   {"percent", "plain number"},
      {"rpm", "frequency"},        {"mg/cm2", "mass per area"},
      {"0.1 degC", "temperature"}, {"kg/m4", "m-4.kg"},
      {"g/m4", "m-4.kg"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    char words[48];
    assert_int_equal(
        lw_units_dimension(*state, pairs[i][0], words, sizeof words, NULL), 0);
    assert_string_equal(words, pairs[i][1]);
  }
  char words[48];
  assert_int_equal(
      lw_units_dimension(*state, "nonsense!", words, sizeof words, NULL),
      LW_E_UNIT);
}

static void a_missing_database_is_named(void **state) {
  (void)state;
  lw_units *u;
  lw_err e = {0};
  setenv("UDUNITS2_XML_PATH", "/nowhere/udunits2.xml", 1);
  int rc = lw_units_open(&u, &e);
  unsetenv("UDUNITS2_XML_PATH");
  assert_int_equal(rc, LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "libudunits2-data"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(units_convert),
      cmocka_unit_test(a_like_unit_needs_no_rounding),
      cmocka_unit_test(dimensions_are_named_when_they_differ),
      cmocka_unit_test(reciprocals_and_logarithms_are_no_conversions),
      cmocka_unit_test(unknown_units_get_the_nearest_spelling),
      cmocka_unit_test(very_long_and_odd_units_are_refused_whole),
      cmocka_unit_test(dimensions_have_plain_words),
      cmocka_unit_test(a_missing_database_is_named),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
