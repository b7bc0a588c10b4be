// Robust and small non-linear filters as rows of the filter table.
#include <math.h> // isnan, NAN

#include "dsp/gate.h"
#include "dsp/hampel.h"
#include "dsp/kinds_ops.h"
#include "dsp/mad.h"
#include "dsp/median.h"
#include "dsp/moving.h"
#include "dsp/slew.h"
#include "dsp/stuck.h"

// --------------------------------------------------------- robust filters ---

RUN_AND_RESET(median)
WINDOWED(median)
LOAD(median)
static int median_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_median_init(f, (size_t)p[0]), e, "median");
}
static int quantile_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_quantile_init(f, (size_t)p[0], p[1]), e, "quantile");
}

static int minimum_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_quantile_init(f, (size_t)p[0], 0), e, "minimum");
}
static int maximum_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_quantile_init(f, (size_t)p[0], 1), e, "maximum");
}

RUN_AND_RESET(mad)
WINDOWED(mad)
LOAD(mad)
static int mad_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_mad_init(f, (size_t)p[0], p[1]), e, "mad");
}

RUN_AND_RESET(moving)
WINDOWED(moving)
LOAD(moving)
static int average_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_moving_init(f, (size_t)p[0], LW_MOVING_MEAN), e, "average");
}
static int deviation_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_moving_init(f, (size_t)p[0], LW_MOVING_STD), e, "deviation");
}

RUN_AND_RESET(hampel)
WINDOWED(hampel)
LOAD(hampel)
static int hampel_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  if (p[2] >= p[0])
    return lw_err_set(
        e, LW_E_RANGE,
        "filter 'hampel': lag = %.14g must be below window = %.14g", p[2],
        p[0]);
  return said(lw_hampel_init(f, (size_t)p[0], p[1], (size_t)p[2]), e, "hampel");
}

RUN_AND_RESET(slew)
FIXED(slew)
STATE(slew, LW_SLEW_STATE)
LOAD_ANY(slew)
static double slew_step_dt(void *f, double x, double dt_s) {
  return lw_slew_step_dt(f, x, dt_s);
}
static int rate_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return said(lw_slew_init(f, p[0], p[1] > 0 ? p[1] : p[0], 1 / rate_hz), e,
              "rate");
}

RUN_AND_RESET(deadband)
FIXED(deadband)
STATE(deadband, LW_DEADBAND_STATE)
LOAD_ANY(deadband)
static int deadband_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_deadband_init(f, p[0]), e, "deadband");
}

RUN_AND_RESET(hysteresis)
FIXED(hysteresis)
STATE(hysteresis, LW_HYSTERESIS_STATE)
LOAD_ANY(hysteresis)
static int hysteresis_init(void *f, const double *p, double rate_hz,
                           lw_err *e) {
  (void)rate_hz;
  if (p[0] == p[1])
    return lw_err_set(
        e, LW_E_RANGE,
        "filter 'hysteresis': on and off are both %.14g; they must "
        "differ",
        p[0]);
  return said(lw_hysteresis_init(f, p[0], p[1]), e, "hysteresis");
}

RUN_AND_RESET(debounce)
FIXED(debounce)
STATE(debounce, LW_DEBOUNCE_STATE)
LOAD(debounce)
static int debounce_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return said(lw_debounce_init(f, p[0], 1 / rate_hz), e, "debounce");
}

RUN_AND_RESET(despike)
FIXED(despike)
STATE(despike, LW_DESPIKE_STATE)
LOAD(despike)
static int despike_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_despike_init(f, p[0], (size_t)p[1]), e, "despike");
}

RUN_AND_RESET(stuck)
FIXED(stuck)
STATE(stuck, LW_STUCK_STATE)
LOAD(stuck)
static int stuck_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return said(lw_stuck_init(f, p[1], p[0], 1 / rate_hz), e, "stuck");
}

#define WINDOW(least)                                                          \
  {                                                                            \
    "window", LW_PARAM_COUNT, least, LW_WINDOW_MAX, NAN, NULL,                 \
        "length in samples"                                                    \
  }

const lw_filter_kind lw_robust_kinds[] = {
    {"average",
     "moving average",
     1,
     {WINDOW(1)},
     OPS(moving, average_init, moving_delay)},
    {"deviation",
     "moving standard deviation (of the population)",
     1,
     {WINDOW(1)},
     OPS(moving, deviation_init, moving_delay)},
    {"median",
     "moving median: removes outliers, keeps edges",
     1,
     {WINDOW(1)},
     OPS(median, median_init, median_delay)},
    {"quantile",
     "moving quantile; p = 0 minimum, 1 maximum",
     2,
     {WINDOW(1), {"p", LW_PARAM_NUMBER, 0, 1, 0.5, NULL, "which quantile"}},
     OPS(median, quantile_init, median_delay)},
    {"minimum",
     "moving minimum",
     1,
     {WINDOW(1)},
     OPS(median, minimum_init, median_delay)},
    {"maximum",
     "moving maximum",
     1,
     {WINDOW(1)},
     OPS(median, maximum_init, median_delay)},
    {"mad",
     "moving median absolute deviation: spread, blind to outliers",
     2,
     {WINDOW(1),
      {"scale", LW_PARAM_NUMBER, 1e-9, 1e9, 1, NULL,
       "factor; 1.4826 makes it a standard deviation"}},
     OPS(mad, mad_init, mad_delay)},
    {"hampel",
     "replaces outliers by the median, leaves all else alone",
     3,
     {WINDOW(3),
      {"k", LW_PARAM_NUMBER, 0, 1e6, 3, NULL, "limit in standard deviations"},
      {"lag", LW_PARAM_COUNT, 0, LW_WINDOW_MAX - 1, 0, NULL,
       "which sample is judged, 0 the newest"}},
     OPS(hampel, hampel_init, hampel_delay)},
    {"rate",
     "limits how fast the signal may change",
     2,
     {{"up", LW_PARAM_RATE, 1e-300, ANY, NAN, NULL, "fastest rise per second"},
      {"down", LW_PARAM_RATE, 0, ANY, 0, NULL,
       "fastest fall per second; 0 the same as up"}},
     OPS(slew, rate_init, no_delay),
     .step_dt = slew_step_dt},
    {"deadband",
     "holds its value until the signal leaves it by the band",
     1,
     {{"band", LW_PARAM_VALUE, 0, ANY, NAN, NULL, "half width"}},
     OPS(deadband, deadband_init, no_delay)},
    {"hysteresis",
     "1 from `on` until `off`, then 0",
     2,
     {{"on", LW_PARAM_LEVEL, -ANY, ANY, NAN, NULL, "where it becomes 1"},
      {"off", LW_PARAM_LEVEL, -ANY, ANY, NAN, NULL, "where it becomes 0"}},
     OPS(hysteresis, hysteresis_init, no_delay)},
    {"debounce",
     "takes a new value once it has stood for a while",
     1,
     {{"hold", LW_PARAM_S, 0, TEN_DAYS_S, NAN, NULL, "how long it must stand"}},
     OPS(debounce, debounce_init, no_delay)},
    {"despike",
     "holds back jumps until they last",
     2,
     {{"step", LW_PARAM_VALUE, 0, ANY, NAN, NULL, "largest change that passes"},
      {"samples", LW_PARAM_COUNT, 1, 1e6, 1, NULL, "longest spike held back"}},
     OPS(despike, despike_init, no_delay)},
    {"stuck",
     "gives no value (NaN) while the signal is perfectly still",
     2,
     {{"within", LW_PARAM_S, 1e-9, TEN_DAYS_S, NAN, NULL,
       "still for so long is stuck"},
      {"band", LW_PARAM_VALUE, 0, ANY, 0, NULL, "largest spread called still"}},
     OPS(stuck, stuck_init, no_delay)},
};

const size_t lw_robust_kind_n =
    sizeof lw_robust_kinds / sizeof *lw_robust_kinds;
