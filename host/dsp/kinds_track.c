// Trackers, derivative and integral as rows of the filter table.
#include <math.h> // isnan, NAN

#include "dsp/kalman.h"
#include "dsp/kinds_ops.h"
#include "dsp/track.h"

RUN_AND_RESET(alphabeta)
FIXED(alphabeta)
STATE(alphabeta, LW_ALPHABETA_STATE)
LOAD(alphabeta)
static int alphabeta_init(void *f, const double *p, double rate_hz, lw_err *e) {
  if (!(p[1] < 4 - 2 * p[0]))
    return lw_err_set(e, LW_E_RANGE,
                      "filter 'alphabeta': beta = %.14g must be below 4 - 2 "
                      "alpha = %.14g",
                      p[1], 4 - 2 * p[0]);
  return said(lw_alphabeta_init(f, p[0], p[1], 1 / rate_hz), e, "alphabeta");
}

RUN_AND_RESET(integral)
FIXED(integral)
STATE(integral, LW_INTEGRAL_STATE)
LOAD(integral)
static int integral_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)p;
  return said(lw_integral_init(f, 1 / rate_hz), e, "integral");
}

RUN_AND_RESET(fill)
FIXED(fill)
STATE(fill, LW_FILL_STATE)
LOAD(fill)
static int fill_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_fill_init(f, p[0]), e, "fill");
}

RUN_AND_RESET(derivative)
FIXED(derivative)
STATE(derivative, LW_DERIVATIVE_STATE)
LOAD(derivative)
static double derivative_delay(const void *f) {
  return lw_derivative_delay(f);
}
static int derivative_init(void *f, const double *p, double rate_hz,
                           lw_err *e) {
  return said(lw_derivative_init(f, p[0], 1 / rate_hz), e, "derivative");
}

RUN_AND_RESET(tracker)
FIXED(tracker)
LOAD(tracker)
static size_t tracker_state_n(const void *f) {
  return lw_tracker_state_n(f);
}
static int kalman_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_tracker_init(f, (int)p[2], p[0], p[1]), e, "kalman");
}

const lw_filter_kind lw_tracker_kinds[] = {
    {"alphabeta",
     "tracks a value and its slope: follows a ramp without lag",
     2,
     {{"alpha", LW_PARAM_NUMBER, 1e-9, 1, 0.5, NULL, "weight of a reading"},
      {"beta", LW_PARAM_NUMBER, 1e-9, 4, 0.1, NULL, "weight for the slope"}},
     OPS(alphabeta, alphabeta_init, no_delay)},
    {"integral",
     "integral over time, in the signal's unit times seconds",
     0,
     {{0}},
     OPS(integral, integral_init, no_delay)},
    {"fill",
     "bridges missing samples with the last one, then gives none",
     1,
     {{"samples", LW_PARAM_COUNT, 0, 1e9, NAN, NULL, "longest gap bridged"}},
     OPS(fill, fill_init, no_delay)},
    {"derivative",
     "slope per second, calmed by a first-order lag",
     1,
     {{"tau", LW_PARAM_S, 0, TEN_DAYS_S, 0, NULL,
       "time constant of the lag; 0 none"}},
     OPS(derivative, derivative_init, derivative_delay)},
    {"kalman",
     "best estimate of a value that moves smoothly under noise",
     3,
     {{"noise", LW_PARAM_VALUE, 1e-300, ANY, NAN, NULL,
       "standard deviation of a reading"},
      {"wander", LW_PARAM_VALUE, 1e-300, ANY, NAN, NULL,
       "how far a sample's jolt moves it, standard deviation"},
      {"order", LW_PARAM_COUNT, 1, 3, 2, NULL,
       "1 a level, 2 with slope, 3 with bend"}},
     OPS(tracker, kalman_init, no_delay)},
};

const size_t lw_tracker_kind_n =
    sizeof lw_tracker_kinds / sizeof *lw_tracker_kinds;
