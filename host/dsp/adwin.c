#include "dsp/adwin.h"

#include <math.h>   // fabs, floor, isfinite, log, NAN, sqrt
#include <string.h> // memcpy, memmove, memset

#include "base/err.h" // LW_E_*

// Moments of n samples.
typedef struct {
  double n, mean, m2;
} moments;

// Chan's merge of b into a.
static void merge(moments *a, moments b) {
  double n = a->n + b.n, apart = b.mean - a->mean;
  if (b.n <= 0)
    return;
  a->mean += apart * b.n / n;
  a->m2 += b.m2 + apart * apart * a->n * b.n / n;
  a->n = n;
}

// The inverse: what is left of a without b.
static moments without(moments a, moments b) {
  double n = a.n - b.n;
  if (n <= 0)
    return (moments){0, 0, 0};
  double mean = a.mean + (a.mean - b.mean) * b.n / n;
  double apart = b.mean - mean;
  double m2 = a.m2 - b.m2 - apart * apart * n * b.n / a.n;
  return (moments){n, mean, m2 > 0 ? m2 : 0};
}

static double size_of(size_t level) {
  return (double)((size_t)1 << level);
}

static moments bucket(const lw_adwin *f, size_t level, size_t i) {
  lw_adwin_bucket b = f->row[level][i];
  return (moments){size_of(level), b.mean, b.m2};
}

static moments window(const lw_adwin *f) {
  return (moments){f->n, f->mean, f->m2};
}

static void set_window(lw_adwin *f, moments w) {
  f->n = w.n;
  f->mean = w.mean;
  f->m2 = w.m2;
}

int lw_adwin_init(lw_adwin *f, double delta, double range) {
  if (!(delta > 0 && delta < 1) || !(range > 0) || !isfinite(range))
    return LW_E_RANGE;
  *f = (lw_adwin){.delta = delta, .range = range, .last = NAN};
  return 0;
}

void lw_adwin_reset(lw_adwin *f) {
  *f = (lw_adwin){.delta = f->delta, .range = f->range, .last = NAN};
}

static void push(lw_adwin *f, size_t level, lw_adwin_bucket b) {
  size_t n = (size_t)f->row_n[level];
  memmove(f->row[level] + 1, f->row[level], n * sizeof b);
  f->row[level][0] = b;
  f->row_n[level]++;
}

static void drop_oldest(lw_adwin *f) {
  size_t level = LW_ADWIN_LEVELS;
  while (level-- > 0 && f->row_n[level] < 1)
    ;
  size_t last = (size_t)--f->row_n[level];
  set_window(f, without(window(f), bucket(f, level, last)));
}

// A row too long gives its two oldest buckets to the next as one.
static void compress(lw_adwin *f) {
  for (size_t level = 0; f->row_n[level] > LW_ADWIN_ROW; level++) {
    if (level + 1 == LW_ADWIN_LEVELS) {
      drop_oldest(f);
      return;
    }
    moments m = bucket(f, level, LW_ADWIN_ROW);
    merge(&m, bucket(f, level, LW_ADWIN_ROW - 1));
    f->row_n[level] -= 2;
    push(f, level + 1, (lw_adwin_bucket){m.mean, m.m2});
  }
}

// Difference of the means beside a cut over what chance explains, signed.
static double tension(const lw_adwin *f, moments old, moments new) {
  double variance = f->m2 / (f->n * f->range * f->range);
  double spare = LW_ADWIN_LEAST - 1;
  double share = 1 / (old.n - spare) + 1 / (new.n - spare);
  double odds = log(2 * log(f->n) / f->delta);
  double bound = sqrt(2 * share * variance * odds) + 2.0 / 3 * share * odds;
  return (new.mean - old.mean) / (bound * f->range);
}

// The cut of the largest tension, from the oldest bucket on.
static double tightest(const lw_adwin *f) {
  moments old = {0, 0, 0};
  double most = 0;
  for (size_t level = LW_ADWIN_LEVELS; level-- > 0;)
    for (size_t i = (size_t)f->row_n[level]; i-- > 0;) {
      merge(&old, bucket(f, level, i));
      moments new = without(window(f), old);
      if (old.n < LW_ADWIN_LEAST || new.n < LW_ADWIN_LEAST)
        continue;
      double t = tension(f, old, new);
      most = fabs(t) > fabs(most) ? t : most;
    }
  return most;
}

static void look(lw_adwin *f) {
  double t = tightest(f);
  f->clock = 0;
  f->last = fabs(t);
  if (f->last < 1)
    return;
  f->why = t > 0 ? 1 : -1;
  for (; fabs(t) >= 1; t = tightest(f))
    drop_oldest(f);
}

static void take(lw_adwin *f, double x) {
  moments all = window(f);
  if (f->last >= 1)
    f->last = 0;
  merge(&all, (moments){1, x, 0});
  set_window(f, all);
  push(f, 0, (lw_adwin_bucket){x, 0});
  compress(f);
  if (++f->clock >= LW_ADWIN_CLOCK)
    look(f);
}

void lw_adwin_run(lw_adwin *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]))
      take(f, x[i]);
    y[i] = f->last;
  }
}

const char *lw_adwin_why(const lw_adwin *f) {
  return f->why > 0 ? "the mean rose" : f->why < 0 ? "the mean fell" : "";
}

void lw_adwin_save(const lw_adwin *f, double *state) {
  memcpy(state, &f->last, LW_ADWIN_STATE * sizeof *state);
}

int lw_adwin_load(lw_adwin *f, const double *state) {
  lw_adwin_reset(f);
  double n = 0;
  for (size_t i = 1; i < LW_ADWIN_STATE; i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  for (size_t level = 0; level < LW_ADWIN_LEVELS; level++) {
    double row_n = state[6 + level];
    if (!(row_n >= 0 && row_n <= LW_ADWIN_ROW && row_n == floor(row_n)))
      return LW_E_CORRUPT;
    n += row_n * size_of(level);
  }
  if (state[2] != n || !(state[5] >= 0 && state[5] < LW_ADWIN_CLOCK))
    return LW_E_CORRUPT;
  memcpy(&f->last, state, LW_ADWIN_STATE * sizeof *state);
  return 0;
}
