// Detectors as rows of the filter table.
#include <math.h> // isnan, NAN

#include "dsp/adwin.h"
#include "dsp/detect.h"
#include "dsp/kinds_ops.h"
#include "dsp/predict.h"

static size_t size(const double *p, double rate_hz) {
  (void)p, (void)rate_hz;
  return sizeof(lw_detect);
}

static void run(void *f, const double *x, size_t n, double *y) {
  lw_detect_run(f, x, n, y);
}

static void reset(void *f) {
  lw_detect_reset(f);
}

static int primed(const void *f) {
  return !isnan(((const lw_detect *)f)->last);
}

static const char *why(const void *f) {
  return lw_detect_why(f);
}

static size_t state_n(const void *f) {
  (void)f;
  return LW_DETECT_STATE;
}

static void save(const void *f, double *state) {
  lw_detect_save(f, state);
}

static int load(void *f, const double *state) {
  return lw_detect_load(f, state);
}

// Parameters are a, b, train, mean, sigma.
static int init(void *f, int kind, const double *p, lw_err *e) {
  lw_detect_options o = {kind, p[0], p[1], p[2], p[3], p[4]};
  int rc = lw_detect_init(f, &o);
  return rc < 0 ? lw_err_set(e, rc, "detector: %s", lw_err_text(rc)) : 0;
}

static int cusum_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return init(f, LW_CUSUM, p, e);
}

static int chart_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return init(f, LW_EWMA_CHART, p, e);
}

static int hinkley_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  const double all[] = {p[0], p[1], 2, 0, 0};
  return init(f, LW_PAGE_HINKLEY, all, e);
}

static int shewhart_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  const double all[] = {p[0], 1, p[1], p[2], p[3]};
  return init(f, LW_SHEWHART, all, e);
}

RUN_AND_RESET(zscore)
LOAD(zscore)
static size_t zscore_size(const double *p, double rate_hz) {
  (void)rate_hz;
  return lw_zscore_size((size_t)p[0]);
}
static int zscore_primed(const void *f) {
  return !isnan(((const lw_zscore *)f)->last);
}
static size_t zscore_state_n(const void *f) {
  return lw_zscore_state_n(f);
}
static const char *zscore_why(const void *f) {
  return lw_predict_why(((const lw_zscore *)f)->why);
}
static int zscore_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_zscore_init(f, (size_t)p[0], p[1]), e, "zscore");
}

RUN_AND_RESET(ar)
LOAD(ar)
static size_t ar_size(const double *p, double rate_hz) {
  (void)rate_hz;
  return lw_ar_size((size_t)p[2]);
}
static int ar_primed(const void *f) {
  return !isnan(((const lw_ar *)f)->last);
}
static size_t ar_state_n(const void *f) {
  return lw_ar_state_n(f);
}
static const char *ar_why(const void *f) {
  return lw_predict_why(((const lw_ar *)f)->why);
}
static int ar_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  if (p[2] < 4 * p[0])
    return lw_err_set(e, LW_E_RANGE,
                      "filter 'ar': train = %.14g must be at least four times "
                      "order = %.14g",
                      p[2], p[0]);
  return said(lw_ar_init(f, (size_t)p[0], (size_t)p[2], p[1]), e, "ar");
}

RUN_AND_RESET(adwin)
FIXED(adwin)
STATE(adwin, LW_ADWIN_STATE)
LOAD(adwin)
static const char *adwin_why(const void *f) {
  return lw_adwin_why(f);
}
static int adwin_init(void *f, const double *p, double rate_hz, lw_err *e) {
  (void)rate_hz;
  return said(lw_adwin_init(f, p[1], p[0]), e, "adwin");
}

#define DETECT(init_)                                                          \
  .size = size, .init = init_, .run = run, .reset = reset, .primed = primed,   \
                                                                               \
  .delay = no_delay, .why = why, .state_n = state_n, .save = save,             \
  .load = load

#define BASELINE                                                               \
  {"train",                                                                    \
   LW_PARAM_COUNT,                                                             \
   2,                                                                          \
   1e9,                                                                        \
   100,                                                                        \
   NULL,                                                                       \
   "samples to learn mean and sigma from"},                                    \
      {"mean",                                                                 \
       LW_PARAM_LEVEL,                                                         \
       -ANY,                                                                   \
       ANY,                                                                    \
       0,                                                                      \
       NULL,                                                                   \
       "of the good signal, with sigma"},                                      \
  {                                                                            \
    "sigma", LW_PARAM_VALUE, 0, ANY, 0, NULL,                                  \
        "of the good signal; 0 learns both"                                    \
  }

const lw_filter_kind lw_detector_kinds[] = {
    {"cusum",
     "severity of small lasting shifts of the mean",
     5,
     {{"k", LW_PARAM_NUMBER, 0, 100, 0.5, NULL, "slack in sigma"},
      {"h", LW_PARAM_NUMBER, 1e-6, 1e6, 5, NULL, "limit in sigma"},
      BASELINE},
     DETECT(cusum_init)},
    {"ewma_chart",
     "severity of shifts of the mean, by a moving average",
     5,
     {{"weight", LW_PARAM_NUMBER, 1e-6, 1, 0.2, NULL, "of the newest sample"},
      {"limit", LW_PARAM_NUMBER, 1e-6, 1e6, 3, NULL, "in sigma of the average"},
      BASELINE},
     DETECT(chart_init)},
    {"page_hinkley",
     "severity of shifts of a mean that is found on the way",
     2,
     {{"delta", LW_PARAM_VALUE, 0, ANY, NAN, NULL, "change that is no change"},
      {"limit", LW_PARAM_VALUE, 1e-300, ANY, NAN, NULL,
       "of the cumulated change"}},
     DETECT(hinkley_init)},
    {"shewhart",
     "severity of single points and of Nelson's patterns",
     4,
     {{"rules", LW_PARAM_COUNT, 1, 255, 255, NULL,
       "which of the eight, 1 + 2 + 4 + ... + 128"},
      BASELINE},
     DETECT(shewhart_init)},
    {"zscore",
     "severity of a sample against the window before it",
     2,
     {{"window", LW_PARAM_COUNT, 2, 65536, NAN, NULL, "length in samples"},
      {"k", LW_PARAM_NUMBER, 1e-6, 1e6, 3, NULL, "limit in sigma"}},
     OPS(zscore, zscore_init, no_delay),
     .why = zscore_why},
    {"ar",
     "severity of a sample against an autoregressive prediction",
     3,
     {{"order", LW_PARAM_COUNT, 1, LW_AR_ORDER_MAX, 4, NULL,
       "samples that predict the next"},
      {"k", LW_PARAM_NUMBER, 1e-6, 1e6, 4, NULL, "limit in sigma"},
      {"train", LW_PARAM_COUNT, 4, LW_AR_TRAIN_MAX, 200, NULL,
       "samples to learn from"}},
     OPS(ar, ar_init, no_delay),
     .why = ar_why},
    {"adwin",
     "severity of a change of the mean, in a window that finds its length",
     2,
     {{"range", LW_PARAM_VALUE, 1e-300, ANY, NAN, NULL,
       "spread of the good signal, highest less lowest"},
      {"delta", LW_PARAM_NUMBER, 1e-12, 0.5, 0.002, NULL,
       "chance of a false alarm at a look"}},
     OPS(adwin, adwin_init, no_delay),
     .why = adwin_why},
};

const size_t lw_detector_kind_n =
    sizeof lw_detector_kinds / sizeof *lw_detector_kinds;
