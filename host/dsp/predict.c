#include "dsp/predict.h"

#include <math.h>   // fabs, floor, fmax, isfinite, NAN, sqrt
#include <string.h> // memcpy, memmove, memset

#include "base/err.h" // LW_E_*
#include "dsp/moving.h"

// A still signal still has a last digit.
static double at_least(double sigma, double mean) {
  return fmax(sigma, fmax(1e-12 * fabs(mean), 1e-300));
}

const char *lw_predict_why(double why) {
  return why > 0   ? "above the prediction"
         : why < 0 ? "below the prediction"
                   : "";
}

// -------------------------------------------------------------- z-score ---

static size_t moving_bytes(size_t window) {
  return (lw_moving_size(window) + 7) & ~(size_t)7;
}

static lw_moving *mean_of(lw_zscore *f) {
  return (lw_moving *)(f + 1);
}
static lw_moving *std_of(lw_zscore *f) {
  return (lw_moving *)((char *)(f + 1) + moving_bytes(f->window));
}
static const lw_moving *mean_held(const lw_zscore *f) {
  return (const lw_moving *)(f + 1);
}

size_t lw_zscore_size(size_t window) {
  return sizeof(lw_zscore) + 2 * moving_bytes(window);
}

int lw_zscore_init(lw_zscore *f, size_t window, double k) {
  if (window < 2 || window > LW_MOVING_MAX || !(k > 0) || !isfinite(k))
    return LW_E_RANGE;
  *f = (lw_zscore){.k = k, .last = NAN, .window = window};
  lw_moving_init(mean_of(f), window, LW_MOVING_MEAN);
  return lw_moving_init(std_of(f), window, LW_MOVING_STD);
}

void lw_zscore_run(lw_zscore *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    double in = x[i], mean = mean_of(f)->last, sigma = std_of(f)->last, out;
    if (isfinite(in)) {
      if (lw_moving_primed(mean_of(f)))
        f->last = fabs(in - mean) / (f->k * at_least(sigma, mean));
      if (f->last >= 1)
        f->why = in > mean ? 1 : -1;
      lw_moving_run(mean_of(f), &in, 1, &out);
      lw_moving_run(std_of(f), &in, 1, &out);
    }
    y[i] = f->last;
  }
}

void lw_zscore_reset(lw_zscore *f) {
  f->last = NAN;
  f->why = 0;
  lw_moving_reset(mean_of(f));
  lw_moving_reset(std_of(f));
}

size_t lw_zscore_state_n(const lw_zscore *f) {
  return 3 + lw_moving_state_n(mean_held(f));
}

// Both figures stand on the same samples; the deviation is remade from them.
void lw_zscore_save(const lw_zscore *f, double *state) {
  const lw_moving *std =
      (const lw_moving *)((const char *)(f + 1) + moving_bytes(f->window));
  state[0] = f->last;
  state[1] = f->why;
  state[2] = std->last;
  lw_moving_save(mean_held(f), state + 3);
}

int lw_zscore_load(lw_zscore *f, const double *state) {
  lw_zscore_reset(f);
  if (!(fabs(state[1]) <= 1) || lw_moving_load(mean_of(f), state + 3) < 0 ||
      lw_moving_load(std_of(f), state + 3) < 0) {
    lw_zscore_reset(f);
    return LW_E_CORRUPT;
  }
  f->last = state[0];
  f->why = state[1];
  std_of(f)->last = state[2];
  return 0;
}

// ------------------------------------------------- autoregressive residual ---

#define HEAD (5 + 2 * LW_AR_ORDER_MAX) // numbers of state before data[]

size_t lw_ar_size(size_t train_n) {
  return sizeof(lw_ar) + train_n * sizeof(double);
}

int lw_ar_init(lw_ar *f, size_t order, size_t train_n, double k) {
  if (order < 1 || order > LW_AR_ORDER_MAX || train_n < 4 * order ||
      train_n > LW_AR_TRAIN_MAX || !(k > 0) || !isfinite(k))
    return LW_E_RANGE;
  f->order = order;
  f->train_n = train_n;
  f->k = k;
  lw_ar_reset(f);
  return 0;
}

void lw_ar_reset(lw_ar *f) {
  memset(&f->last, 0, (HEAD + f->train_n) * sizeof(double));
  f->last = NAN;
}

// Levinson's recursion on the autocovariances r[0..order].
static void levinson(const double *r, size_t order, double *weight) {
  double error = r[0], before[LW_AR_ORDER_MAX];
  for (size_t k = 0; k < order && error > 0; k++) {
    double sum = r[k + 1];
    for (size_t j = 0; j < k; j++)
      sum -= weight[j] * r[k - j];
    double reflection = sum / error;
    memcpy(before, weight, k * sizeof *weight);
    for (size_t j = 0; j < k; j++)
      weight[j] = before[j] - reflection * before[k - 1 - j];
    weight[k] = reflection;
    error *= 1 - reflection * reflection;
  }
}

static double predict(const lw_ar *f) {
  double sum = f->mean;
  for (size_t j = 0; j < f->order; j++)
    sum += f->weight[j] * (f->past[j] - f->mean);
  return sum;
}

static void remember(lw_ar *f, double x) {
  memmove(f->past + 1, f->past, (LW_AR_ORDER_MAX - 1) * sizeof(double));
  f->past[0] = x;
}

static void learn(lw_ar *f) {
  double r[LW_AR_ORDER_MAX + 1] = {0}, squares = 0;
  size_t n = f->train_n;
  for (size_t i = 0; i < n; i++)
    f->mean += f->data[i] / (double)n;
  for (size_t lag = 0; lag <= f->order; lag++)
    for (size_t i = lag; i < n; i++)
      r[lag] += (f->data[i] - f->mean) * (f->data[i - lag] - f->mean);
  levinson(r, f->order, f->weight);
  for (size_t i = 0; i < n; i++) {
    double miss = f->data[i] - predict(f);
    if (i >= f->order)
      squares += miss * miss;
    remember(f, f->data[i]);
  }
  f->sigma = at_least(sqrt(squares / (double)(n - f->order)), f->mean);
}

static void take(lw_ar *f, double x) {
  if (f->n < (double)f->train_n) {
    f->data[(size_t)f->n++] = x;
    if (f->n == (double)f->train_n)
      learn(f);
    return;
  }
  double miss = x - predict(f);
  f->last = fabs(miss) / (f->k * f->sigma);
  if (f->last >= 1)
    f->why = miss > 0 ? 1 : -1;
  remember(f, x);
}

void lw_ar_run(lw_ar *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]))
      take(f, x[i]);
    y[i] = f->last;
  }
}

size_t lw_ar_state_n(const lw_ar *f) {
  return HEAD + f->train_n;
}

void lw_ar_save(const lw_ar *f, double *state) {
  memcpy(state, &f->last, lw_ar_state_n(f) * sizeof *state);
}

int lw_ar_load(lw_ar *f, const double *state) {
  lw_ar_reset(f);
  for (size_t i = 1; i < lw_ar_state_n(f); i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  if (!(fabs(state[1]) <= 1) ||
      !(state[2] >= 0 && state[2] <= (double)f->train_n &&
        state[2] == floor(state[2])) ||
      (state[2] == (double)f->train_n && !(state[4] > 0)))
    return LW_E_CORRUPT;
  memcpy(&f->last, state, lw_ar_state_n(f) * sizeof *state);
  return 0;
}
