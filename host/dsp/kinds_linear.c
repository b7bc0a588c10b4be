// Linear filters as rows of the filter table.
#include <math.h> // isnan, NAN, pow

#include "dsp/biquad.h"
#include "dsp/design.h"
#include "dsp/ewma.h"
#include "dsp/fir.h"
#include "dsp/kinds_ops.h"
#include "dsp/remez.h"
#include "dsp/taps.h"

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

static size_t equiripple_size(const double *p, double rate_hz) {
  (void)rate_hz;
  return lw_fir_size((size_t)p[2]);
}
static int equiripple_init(void *f, const double *p, double rate_hz,
                           lw_err *e) {
  double tap[LW_REMEZ_MAX];
  lw_remez_band band[] = {{0, p[0] / rate_hz, 1, 1},
                          {p[1] / rate_hz, 0.5, 0, p[3]}};
  if (!(p[1] > p[0]))
    return lw_err_set(e, LW_E_RANGE,
                      "filter 'equiripple': stop = %.14g Hz must lie above "
                      "cutoff = %.14g Hz",
                      p[1], p[0]);
  int rc = lw_remez(band, 2, (size_t)p[2], tap, NULL);
  if (rc < 0)
    return lw_err_set(e, rc,
                      "filter 'equiripple': no design with %.14g taps between "
                      "%.14g and %.14g Hz; try other taps or a wider gap",
                      p[2], p[0], p[1]);
  return said(lw_fir_init(f, tap, (size_t)p[2], 1), e, "equiripple");
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
const lw_filter_kind lw_linear_kinds[] = {
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
    {"equiripple",
     "low-pass of constant delay and least ripple (Parks-McClellan)",
     4,
     {CUTOFF,
      {"stop", LW_PARAM_HZ, 0, ANY, NAN, NULL, "where the stop band begins"},
      {"taps", LW_PARAM_COUNT, 3, LW_REMEZ_MAX, 31, NULL, "length in samples"},
      {"weight", LW_PARAM_NUMBER, 1e-6, 1e6, 1, NULL,
       "of the stop band's ripple"}},
     .size = equiripple_size,
     .init = equiripple_init,
     .run = fir_run,
     .reset = fir_reset,
     .primed = fir_primed,
     .delay = fir_delay,
     .state_n = fir_state_n,
     .save = fir_save,
     .load = fir_load},
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

};

const size_t lw_linear_kind_n =
    sizeof lw_linear_kinds / sizeof *lw_linear_kinds;
