#include "dsp/kinds.h"

#include <math.h> // isnan, NAN, pow

#include "dsp/biquad.h"
#include "dsp/design.h"
#include "dsp/ewma.h"
#include "dsp/fir.h"
#include "dsp/gate.h"
#include "dsp/hampel.h"
#include "dsp/median.h"
#include "dsp/moving.h"
#include "dsp/slew.h"
#include "dsp/stuck.h"
#include "dsp/taps.h"

#define TEN_DAYS_S 864000.0
#define ANY 1e300 // any finite number of the signal's own unit

// The parts of a row that only change types.
#define RUN_AND_RESET(x)                                                       \
  static void x##_run(void *f, const double *in, size_t n, double *out) {      \
    lw_##x##_run(f, in, n, out);                                               \
  }                                                                            \
  static void x##_reset(void *f) {                                             \
    lw_##x##_reset(f);                                                         \
  }                                                                            \
  static void x##_save(const void *f, double *state) {                         \
    lw_##x##_save(f, state);                                                   \
  }
// Filters of fixed size whose load cannot or can fail.
#define FIXED(x)                                                               \
  static size_t x##_size(const double *p, double rate_hz) {                    \
    (void)p, (void)rate_hz;                                                    \
    return sizeof(lw_##x);                                                     \
  }                                                                            \
  static int x##_primed(const void *f) {                                       \
    return !isnan(((const lw_##x *)f)->last);                                  \
  }
#define STATE(x, n)                                                            \
  static size_t x##_state_n(const void *f) {                                   \
    (void)f;                                                                   \
    return n;                                                                  \
  }
#define LOAD_ANY(x)                                                            \
  static int x##_load(void *f, const double *state) {                          \
    lw_##x##_load(f, state);                                                   \
    return 0;                                                                  \
  }
#define LOAD(x)                                                                \
  static int x##_load(void *f, const double *state) {                          \
    return lw_##x##_load(f, state);                                            \
  }
// Filters over a window of samples.
#define WINDOWED(x)                                                            \
  static size_t x##_size(const double *p, double rate_hz) {                    \
    (void)rate_hz;                                                             \
    return lw_##x##_size((size_t)p[0]);                                        \
  }                                                                            \
  static int x##_primed(const void *f) {                                       \
    return lw_##x##_primed(f);                                                 \
  }                                                                            \
  static double x##_delay(const void *f) {                                     \
    return lw_##x##_delay(f);                                                  \
  }                                                                            \
  static size_t x##_state_n(const void *f) {                                   \
    return lw_##x##_state_n(f);                                                \
  }
// The functions of a row, in the order of lw_filter_kind; init may differ.
#define OPS(x, init_, delay_)                                                  \
  .size = x##_size, .init = init_, .run = x##_run, .reset = x##_reset,         \
  .primed = x##_primed, .delay = delay_, .state_n = x##_state_n,               \
  .save = x##_save, .load = x##_load

static double no_delay(const void *f) {
  (void)f;
  return 0;
}

static int said(int rc, lw_err *e, const char *name) {
  return rc < 0 ? lw_err_set(e, rc, "filter '%s': %s", name, lw_err_text(rc))
                : 0;
}

// ------------------------------------------------------ recursive filters ---

RUN_AND_RESET(biquad)
FIXED(biquad)
LOAD(biquad)
static size_t biquad_state_n(const void *f) {
  return lw_biquad_state_n(f);
}
static double biquad_delay(const void *f) {
  return lw_biquad_delay(f, 0);
}

static int design(void *f, const lw_design *d, lw_err *e, const char *name) {
  lw_section section[LW_BIQUAD_MAX];
  size_t section_n;
  int rc = lw_design_sections(d, section, &section_n);
  if (rc == 0)
    rc = lw_biquad_init(f, section, section_n, 1);
  if (rc < 0)
    return lw_err_set(
        e, rc,
        "filter '%s': no stable filter of order %d at %.6g of the "
        "sample rate; lower the order or sample slower",
        name, d->order, d->low);
  return 0;
}

static int edge_init(void *f, const double *p, double rate_hz, int band,
                     lw_err *e, const char *name) {
  lw_design d = {.family = (int)p[2],
                 .band = band,
                 .order = (int)p[1],
                 .low = p[0] / rate_hz,
                 .ripple_db = p[3],
                 .stop_db = p[4]};
  return design(f, &d, e, name);
}

static int lowpass_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return edge_init(f, p, rate_hz, LW_LOWPASS, e, "lowpass");
}

static int highpass_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return edge_init(f, p, rate_hz, LW_HIGHPASS, e, "highpass");
}

static int band_init(void *f, const double *p, double rate_hz, int band,
                     lw_err *e, const char *name) {
  if (!(p[0] < p[1]))
    return lw_err_set(
        e, LW_E_RANGE,
        "filter '%s': low = %.14g Hz must lie below high = %.14g Hz", name,
        p[0], p[1]);
  lw_design d = {.family = (int)p[3],
                 .band = band,
                 .order = (int)p[2],
                 .low = p[0] / rate_hz,
                 .high = p[1] / rate_hz,
                 .ripple_db = p[4],
                 .stop_db = p[5]};
  return design(f, &d, e, name);
}

static int bandpass_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return band_init(f, p, rate_hz, LW_BANDPASS, e, "bandpass");
}

static int bandstop_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return band_init(f, p, rate_hz, LW_BANDSTOP, e, "bandstop");
}

static int notch_init(void *f, const double *p, double rate_hz, lw_err *e) {
  lw_section section;
  int rc = lw_design_notch(p[0] / rate_hz, p[1], &section);
  return said(rc < 0 ? rc : lw_biquad_init(f, &section, 1, 1), e, "notch");
}

RUN_AND_RESET(ewma)
STATE(ewma, LW_EWMA_STATE)
LOAD_ANY(ewma)
static double ewma_delay(const void *f) {
  return lw_ewma_delay(f);
}
static size_t ewma_size(const double *p, double rate_hz) {
  (void)p, (void)rate_hz;
  return sizeof(lw_ewma);
}
static int ewma_primed(const void *f) {
  return !isnan(((const lw_ewma *)f)->mean);
}
static int ewma_init(void *f, const double *p, double rate_hz, lw_err *e) {
  return said(lw_ewma_init(f, p[0], 1 / rate_hz), e, "ewma");
}

static double ewma_step_dt(void *f, double x, double dt_s) {
  return lw_ewma_step_dt(f, x, dt_s);
}

// ------------------------------------------------- finite impulse response ---

RUN_AND_RESET(fir)
LOAD(fir)
static int fir_primed(const void *f) {
  return lw_fir_primed(f);
}
static double fir_delay(const void *f) {
  return lw_fir_delay(f);
}
static size_t fir_state_n(const void *f) {
  return lw_fir_state_n(f);
}

static size_t fir_size(const double *p, double rate_hz) {
  (void)rate_hz;
  return lw_fir_size((size_t)p[1]);
}
static int fir_init(void *f, const double *p, double rate_hz, lw_err *e) {
  double tap[LW_FIR_MAX];
  int rc = lw_taps_ideal(0, p[0] / rate_hz, LW_HAMMING, 0, (size_t)p[1], tap);
  return said(rc < 0 ? rc : lw_fir_init(f, tap, (size_t)p[1], 1), e, "fir");
}

static size_t savgol_size(const double *p, double rate_hz) {
  (void)rate_hz;
  return lw_fir_size((size_t)p[0]);
}
static int savgol_init(void *f, const double *p, double rate_hz, lw_err *e) {
  double tap[LW_FIR_MAX];
  size_t n = (size_t)p[0], lag = p[3] < 0 ? (n - 1) / 2 : (size_t)p[3];
  if (p[1] >= p[0] || p[2] > p[1] || lag >= n)
    return lw_err_set(e, LW_E_RANGE,
                      "filter 'savgol': needs derivative = %.14g <= order = "
                      "%.14g < window = %.14g > lag = %.14g",
                      p[2], p[1], p[0], p[3]);
  int rc = lw_taps_savgol(n, (int)p[1], (int)p[2], lag, tap);
  for (size_t i = 0; i < n; i++)
    tap[i] *= pow(rate_hz, p[2]); // per sample -> per second
  return said(rc < 0 ? rc : lw_fir_init(f, tap, n, 1), e, "savgol");
}

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

// --------------------------------------------------------------- the rows ---

#define CUTOFF                                                                 \
  { "cutoff", LW_PARAM_HZ, 0, ANY, NAN, NULL, "edge of the pass band" }
#define LOW                                                                    \
  { "low", LW_PARAM_HZ, 0, ANY, NAN, NULL, "lower edge of the band" }
#define HIGH                                                                   \
  { "high", LW_PARAM_HZ, 0, ANY, NAN, NULL, "upper edge of the band" }
#define ORDER(n)                                                               \
  {                                                                            \
    "order", LW_PARAM_COUNT, 1, LW_DESIGN_ORDER_MAX, n, NULL,                  \
        "order of the prototype; higher is steeper and slower"                 \
  }
#define FAMILY                                                                 \
  {                                                                            \
    "design", LW_PARAM_CHOICE, 0, LW_FAMILY_N - 1, LW_BUTTERWORTH,             \
        "butterworth chebyshev1 chebyshev2 elliptic bessel",                   \
        "shape of the response"                                                \
  }
#define RIPPLE                                                                 \
  {                                                                            \
    "ripple", LW_PARAM_DB, 1e-6, 20, 0.5, NULL,                                \
        "of the pass band, chebyshev1 and elliptic"                            \
  }
#define STOP                                                                   \
  {                                                                            \
    "stop", LW_PARAM_DB, 20, 200, 60, NULL,                                    \
        "attenuation of the stop band, chebyshev2 and elliptic"                \
  }
#define WINDOW(least)                                                          \
  {                                                                            \
    "window", LW_PARAM_COUNT, least, LW_WINDOW_MAX, NAN, NULL,                 \
        "length in samples"                                                    \
  }

const lw_filter_kind lw_filter_kinds[] = {
    {"lowpass",
     "keeps what is slower than the cutoff",
     5,
     {CUTOFF, ORDER(2), FAMILY, RIPPLE, STOP},
     OPS(biquad, lowpass_init, biquad_delay)},
    {"highpass",
     "keeps what is faster than the cutoff",
     5,
     {CUTOFF, ORDER(2), FAMILY, RIPPLE, STOP},
     OPS(biquad, highpass_init, biquad_delay)},
    {"bandpass",
     "keeps the band between low and high",
     6,
     {LOW, HIGH, ORDER(2), FAMILY, RIPPLE, STOP},
     OPS(biquad, bandpass_init, biquad_delay)},
    {"bandstop",
     "removes the band between low and high",
     6,
     {LOW, HIGH, ORDER(2), FAMILY, RIPPLE, STOP},
     OPS(biquad, bandstop_init, biquad_delay)},
    {"notch",
     "removes one frequency, such as mains hum",
     2,
     {{"frequency", LW_PARAM_HZ, 0, ANY, NAN, NULL, "what is removed"},
      {"q", LW_PARAM_NUMBER, 0.1, 1000, 30, NULL,
       "frequency over its -3 dB width"}},
     OPS(biquad, notch_init, biquad_delay)},
    {"ewma",
     "exponentially weighted moving average, a first-order lag",
     1,
     {{"tau", LW_PARAM_S, 1e-9, TEN_DAYS_S, NAN, NULL, "time constant"}},
     OPS(ewma, ewma_init, ewma_delay),
     .step_dt = ewma_step_dt},
    {"fir",
     "low-pass of constant delay, windowed sinc (Hamming)",
     2,
     {CUTOFF,
      {"taps", LW_PARAM_COUNT, 3, LW_FIR_MAX, 31, NULL,
       "length in samples; longer is steeper and later"}},
     OPS(fir, fir_init, fir_delay)},
    {"savgol",
     "Savitzky-Golay: smooths or differentiates, keeping peaks",
     4,
     {{"window", LW_PARAM_COUNT, 1, LW_FIR_MAX, NAN, NULL, "length in samples"},
      {"order", LW_PARAM_COUNT, 0, 10, 2, NULL, "of the fitted polynomial"},
      {"derivative", LW_PARAM_COUNT, 0, 10, 0, NULL,
       "0 smooths, 1 gives the slope per second"},
      {"lag", LW_PARAM_COUNT, -1, LW_FIR_MAX - 1, -1, NULL,
       "which sample, 0 the newest, -1 the centre"}},
     .size = savgol_size,
     .init = savgol_init,
     .run = fir_run,
     .reset = fir_reset,
     .primed = fir_primed,
     .delay = fir_delay,
     .state_n = fir_state_n,
     .save = fir_save,
     .load = fir_load},
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

const size_t lw_filter_kind_n =
    sizeof lw_filter_kinds / sizeof *lw_filter_kinds;
