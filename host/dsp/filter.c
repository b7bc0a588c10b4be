#include "dsp/filter.h"

#include <math.h>   // floor, isfinite, isnan
#include <string.h> // strcmp

#include "dsp/kinds.h"

const lw_filter_kind *lw_filter_at(size_t i) {
  const struct {
    const lw_filter_kind *row;
    size_t n;
  } tables[] = {{lw_linear_kinds, lw_linear_kind_n},
                {lw_robust_kinds, lw_robust_kind_n},
                {lw_tracker_kinds, lw_tracker_kind_n},
                {lw_detector_kinds, lw_detector_kind_n}};
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
    if (i < tables[t].n)
      return &tables[t].row[i];
    i -= tables[t].n;
  }
  return NULL;
}

const lw_filter_kind *lw_filter_find(const char *name) {
  const lw_filter_kind *kind;
  for (size_t i = 0; (kind = lw_filter_at(i)); i++)
    if (strcmp(kind->name, name) == 0)
      return kind;
  return NULL;
}

static const char *unit_of(int measure) {
  switch (measure) {
  case LW_PARAM_HZ:
    return " Hz";
  case LW_PARAM_S:
    return " s";
  case LW_PARAM_DB:
    return " dB";
  default:
    return "";
  }
}

// Bounds of a parameter at this sample rate; frequencies end below half of it.
static int check_param(const lw_filter_kind *kind, const lw_filter_param *p,
                       double value, double rate_hz, lw_err *e) {
  const char *unit = unit_of(p->measure);
  if (isnan(value))
    return lw_err_set(e, LW_E_RANGE, "filter '%s' needs %s (%s)", kind->name,
                      p->name, p->help);
  if (p->measure == LW_PARAM_HZ && !(value > 0 && value < rate_hz / 2))
    return lw_err_set(e, LW_E_RANGE,
                      "filter '%s': %s = %.14g Hz must lie above 0 and below "
                      "%.14g Hz, half the sample rate",
                      kind->name, p->name, value, rate_hz / 2);
  if (!(value >= p->low && value <= p->high))
    return lw_err_set(e, LW_E_RANGE,
                      "filter '%s': %s = %.14g%s is outside %.14g..%.14g%s",
                      kind->name, p->name, value, unit, p->low, p->high, unit);
  int whole = p->measure == LW_PARAM_COUNT || p->measure == LW_PARAM_CHOICE;
  if (whole && value != floor(value))
    return lw_err_set(e, LW_E_RANGE,
                      "filter '%s': %s = %.14g must be a whole number",
                      kind->name, p->name, value);
  return 0;
}

int lw_filter_resolve(const lw_filter_kind *kind, const double *given,
                      size_t given_n, double rate_hz, double *params,
                      lw_err *e) {
  if (!(rate_hz > 0) || !isfinite(rate_hz))
    return lw_err_set(e, LW_E_RANGE,
                      "filter '%s': sample rate %.14g Hz must be above 0",
                      kind->name, rate_hz);
  if (given_n > kind->param_n)
    return lw_err_set(e, LW_E_RANGE,
                      "filter '%s' takes %zu parameters, not %zu", kind->name,
                      kind->param_n, given_n);
  for (size_t i = 0; i < kind->param_n; i++) {
    const lw_filter_param *p = &kind->param[i];
    double value = i < given_n ? given[i] : NAN;
    params[i] = isnan(value) ? p->fallback : value;
    int rc = check_param(kind, p, params[i], rate_hz, e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

size_t lw_filter_size(const lw_filter_kind *kind, const double *params,
                      double rate_hz) {
  return (kind->size(params, rate_hz) + 15) & ~(size_t)15;
}

int lw_filter_init(const lw_filter_kind *kind, void *f, const double *params,
                   double rate_hz, lw_err *e) {
  return kind->init(f, params, rate_hz, e);
}
