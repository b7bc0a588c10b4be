#include "image/unit.h"

#include <math.h>   // isfinite, fabs
#include <stdio.h>  // snprintf
#include <stdlib.h> // malloc, free
#include <string.h> // strcspn, strchr

#include <udunits2.h>

#include "image/unit_suggest.h" // lw_unit_suggest

struct lw_units {
  ut_system *system;
};

#define WORD_N 48 // bytes of a dimension in words

// Dimensions that have a common name, each by one unit of it. Where physics
// gives one dimension two names, the one of the factory floor is here.
static const struct {
  const char *unit, *words;
} dimensions[] = {
    {"K", "temperature"},
    {"m", "length"},
    {"kg", "mass"},
    {"s", "time"},
    {"A", "current"},
    {"mol", "amount of substance"},
    {"cd", "luminous intensity"},
    {"1", "plain number"},
    {"m/s", "speed"},
    {"m/s2", "acceleration"},
    {"m2", "area"},
    {"m3", "volume"},
    {"m3/s", "volume flow"},
    {"kg/s", "mass flow"},
    {"kg/m2", "mass per area"},
    {"kg/m3", "density"},
    {"kg/m", "mass per length"},
    {"Hz", "frequency"},
    {"K/s", "temperature rate"},
    {"N", "force"},
    {"N/m", "force per length"},
    {"N.m", "energy or torque"},
    {"Pa", "pressure"},
    {"Pa.s", "viscosity"},
    {"W", "power"},
    {"W/m2", "power per area"},
    {"W/m/K", "heat conductivity"},
    {"V", "voltage"},
    {"V/m", "electric field"},
    {"C", "electric charge"},
    {"ohm", "resistance"},
    {"ohm.m", "resistivity"},
    {"S", "conductance"},
    {"S/m", "conductivity"},
    {"F", "capacitance"},
    {"A/m2", "current density"},
    {"T", "magnetic flux density"},
    {"mol/m3", "concentration"},
    {"lx", "illuminance"},
};

// What meters on the factory floor count in, which the library has not; they
// take its prefixes: kWh, mAh.
static int add_hours(ut_system *system) {
  static const struct {
    const char *symbol, *means;
  } added[] = {{"Wh", "W.h"}, {"Ah", "A.h"}};
  for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
    ut_unit *unit = ut_parse(system, added[i].means, UT_UTF8);
    ut_status status =
        unit ? ut_map_symbol_to_unit(added[i].symbol, UT_UTF8, unit)
             : ut_get_status();
    ut_free(unit);
    if (status != UT_SUCCESS)
      return LW_E_NOTFOUND;
  }
  return 0;
}

int lw_units_open(lw_units **u, lw_err *e) {
  lw_units *fresh = malloc(sizeof *fresh);
  if (!fresh)
    return lw_err_set(e, LW_E_NOMEM, "%s", lw_err_text(LW_E_NOMEM));
  // The library prints to stderr unless told otherwise.
  ut_set_error_message_handler(ut_ignore);
  fresh->system = ut_read_xml(NULL);
  if (!fresh->system || add_hours(fresh->system) < 0) {
    lw_units_close(fresh);
    return lw_err_set(e, LW_E_NOTFOUND,
                      "the unit database of UDUNITS-2 cannot be read; install "
                      "libudunits2-data or set UDUNITS2_XML_PATH");
  }
  *u = fresh;
  return 0;
}

void lw_units_close(lw_units *u) {
  if (!u)
    return;
  ut_free_system(u->system);
  free(u);
}

static int is_known(void *arg, const char *name) {
  lw_units *u = arg;
  ut_unit *unit = ut_parse(u->system, name, UT_UTF8);
  ut_free(unit);
  return unit != NULL;
}

static int parse(lw_units *u, const char *name, ut_unit **unit, lw_err *e) {
  *unit = ut_parse(u->system, name, UT_UTF8);
  if (*unit)
    return 0;
  char near[64], hint[96] = "";
  if (lw_unit_suggest(name, is_known, u, near, sizeof near) == 0)
    snprintf(hint, sizeof hint, ". Did you mean '%s'?", near);
  return lw_err_set(e, LW_E_UNIT,
                    "unknown unit '%s' (UDUNITS-2 spelling, e.g. degC, g/m2, "
                    "m/min)%s",
                    name, hint);
}

// Factors between two units, or LW_E_UNIT. The library also converts a unit to
// its reciprocal (s to Hz) and to logarithms; those are no straight lines, and
// to a recipe no conversions.
static int line_through(ut_unit *from, ut_unit *to, double *gain,
                        double *bias) {
  if (!ut_are_convertible(from, to))
    return LW_E_UNIT;
  cv_converter *c = ut_get_converter(from, to);
  if (!c)
    return LW_E_UNIT;
  const double far = 1048576; // a power of two: dividing by it is exact
  double y0 = cv_convert_double(c, 0), y1 = cv_convert_double(c, far / 2),
         y2 = cv_convert_double(c, far);
  cv_free(c);
  if (!isfinite(y0) || !isfinite(y2) ||
      fabs(y2 - 2 * y1 + y0) > 1e-9 * (fabs(y2) + fabs(y0)))
    return LW_E_UNIT;
  *gain = (y2 - y0) / far;
  *bias = y0;
  return 0;
}

// Base units of a unit as text, without its factor and origin: "m-2.kg".
static void base_units(const ut_unit *unit, char *buf, size_t n) {
  char text[128];
  if (ut_format(unit, text, sizeof text, UT_ASCII | UT_DEFINITION) < 0)
    text[0] = 0;
  if (strstr(text, "(re ")) { // "lg(re 0.001 W)"
    snprintf(buf, n, "logarithmic level");
    return;
  }
  text[strcspn(text, "@")] = 0;
  char *names = text;
  if (strchr("+-.0123456789", text[0]) && strchr(text, ' '))
    names = strchr(text, ' ') + 1;
  size_t length = strcspn(names, " ");
  snprintf(buf, n, "%.*s", (int)length, names);
}

static void name_dimension(lw_units *u, ut_unit *unit, char *buf, size_t n) {
  for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++) {
    double gain, bias;
    ut_unit *one = ut_parse(u->system, dimensions[i].unit, UT_UTF8);
    int fits = one && line_through(unit, one, &gain, &bias) == 0;
    ut_free(one);
    if (fits) {
      snprintf(buf, n, "%s", dimensions[i].words);
      return;
    }
  }
  base_units(unit, buf, n);
}

int lw_units_dimension(lw_units *u, const char *name, char *buf, size_t n,
                       lw_err *e) {
  ut_unit *unit;
  int rc = parse(u, name, &unit, e);
  if (rc < 0)
    return rc;
  name_dimension(u, unit, buf, n);
  ut_free(unit);
  return 0;
}

static int convert(lw_units *u, const char *from, const char *to, ut_unit *a,
                   ut_unit *b, double factors[2], lw_err *e) {
  if (line_through(a, b, &factors[0], &factors[1]) == 0)
    return 0;
  char what_a[WORD_N], what_b[WORD_N];
  name_dimension(u, a, what_a, sizeof what_a);
  name_dimension(u, b, what_b, sizeof what_b);
  return lw_err_set(e, LW_E_UNIT, "cannot convert %s (%s) to %s (%s)", from,
                    what_a, to, what_b);
}

int lw_units_convert(lw_units *u, const char *from, const char *to,
                     double *gain, double *bias, lw_err *e) {
  ut_unit *a, *b;
  double factors[2];
  int rc = parse(u, from, &a, e);
  if (rc < 0)
    return rc;
  rc = parse(u, to, &b, e);
  if (rc == 0) {
    rc = convert(u, from, to, a, b, factors, e);
    ut_free(b);
  }
  ut_free(a);
  if (rc == 0) {
    *gain = factors[0];
    *bias = factors[1];
  }
  return rc;
}

const char *lw_unit_library(void) {
  return LW_UDUNITS_VERSION;
}
