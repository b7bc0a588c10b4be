#include "dsp/monitor.h"

#include <math.h>   // fabs, floor, fmax, INFINITY, isfinite, NAN, sqrt
#include <string.h> // memcpy, memset

#include "base/err.h" // LW_E_*

// data[]: mean [c], 1 / sigma [c], factor of the matrix [c x c] (lower
// triangle), scratch [c], training rows [train_n x c].
static double *mean(lw_monitor *f) {
  return f->data;
}
static double *inverse(lw_monitor *f) {
  return f->data + f->channel_n;
}
static double *triangle(lw_monitor *f) {
  return f->data + 2 * f->channel_n;
}
static double *scratch(lw_monitor *f) {
  return triangle(f) + f->channel_n * f->channel_n;
}
static double *rows(lw_monitor *f) {
  return scratch(f) + f->channel_n;
}

size_t lw_monitor_size(size_t channel_n, size_t train_n) {
  return sizeof(lw_monitor) +
         (3 + channel_n + train_n) * channel_n * sizeof(double);
}

int lw_monitor_init(lw_monitor *f, size_t channel_n, size_t train_n,
                    double factor, double ridge) {
  if (channel_n < 1 || channel_n > LW_MONITOR_CHANNELS_MAX ||
      train_n <= channel_n || train_n > LW_MONITOR_TRAIN_MAX ||
      !(factor > 0 && isfinite(factor)) || !(ridge > 0 && isfinite(ridge)))
    return LW_E_RANGE;
  *f = (lw_monitor){.channel_n = channel_n,
                    .train_n = train_n,
                    .factor = factor,
                    .ridge = ridge};
  // The triangle's other half is saved with it, though never computed.
  memset(f->data, 0, (2 + channel_n) * channel_n * sizeof *f->data);
  lw_monitor_reset(f);
  return 0;
}

void lw_monitor_reset(lw_monitor *f) {
  f->row_n = f->blame = 0;
  f->limit = f->last = NAN;
  f->blame_sigma = 0;
}

static void learn_scales(lw_monitor *f) {
  size_t c = f->channel_n, n = f->train_n;
  for (size_t k = 0; k < c; k++) {
    double sum = 0, m2 = 0;
    for (size_t i = 0; i < n; i++)
      sum += rows(f)[i * c + k];
    double centre = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
      double d = rows(f)[i * c + k] - centre;
      m2 += d * d;
    }
    mean(f)[k] = centre;
    // A channel that never moved still has a last digit.
    double least = fmax(1e-9 * fabs(centre), 1e-150);
    inverse(f)[k] = 1 / fmax(sqrt(m2 / (double)(n - 1)), least);
  }
}

static void learn_correlation(lw_monitor *f) {
  size_t c = f->channel_n, n = f->train_n;
  for (size_t a = 0; a < c; a++)
    for (size_t b = 0; b <= a; b++) {
      double sum = 0;
      for (size_t i = 0; i < n; i++)
        sum += (rows(f)[i * c + a] - mean(f)[a]) * inverse(f)[a] *
               ((rows(f)[i * c + b] - mean(f)[b]) * inverse(f)[b]);
      triangle(f)[a * c + b] = sum / (double)(n - 1) + (a == b ? f->ridge : 0);
    }
}

// Cholesky's factor in place; the ridge keeps the matrix positive.
static void factorise(double *m, size_t c) {
  for (size_t a = 0; a < c; a++)
    for (size_t b = 0; b <= a; b++) {
      double sum = m[a * c + b];
      for (size_t k = 0; k < b; k++)
        sum -= m[a * c + k] * m[b * c + k];
      m[a * c + b] = a == b ? sqrt(fmax(sum, 1e-12)) : sum / m[b * c + b];
    }
}

// Whom to blame: T^2 is the sum over the channels of z[a] times (matrix^-1
// z)[a]; the largest of these shares names the channel. Turns v, the solution
// of triangle * v = z, into matrix^-1 z.
static void share_out(lw_monitor *f, const double *x, double *v) {
  size_t c = f->channel_n;
  double largest = -INFINITY;
  for (size_t a = c; a-- > 0;) {
    for (size_t k = a + 1; k < c; k++)
      v[a] -= triangle(f)[k * c + a] * v[k];
    v[a] /= triangle(f)[a * c + a];
    double z = (x[a] - mean(f)[a]) * inverse(f)[a];
    if (z * v[a] > largest) {
      largest = z * v[a];
      f->blame = a;
      f->blame_sigma = z;
    }
  }
}

static double distance(lw_monitor *f, const double *x) {
  size_t c = f->channel_n;
  double *v = scratch(f), t2 = 0;
  for (size_t a = 0; a < c; a++) {
    double sum = (x[a] - mean(f)[a]) * inverse(f)[a];
    for (size_t k = 0; k < a; k++)
      sum -= triangle(f)[a * c + k] * v[k];
    v[a] = sum / triangle(f)[a * c + a];
    t2 += v[a] * v[a];
  }
  share_out(f, x, v);
  return t2;
}

static void finish_training(lw_monitor *f) {
  learn_scales(f);
  learn_correlation(f);
  factorise(triangle(f), f->channel_n);
  double largest = 0;
  for (size_t i = 0; i < f->train_n; i++)
    largest = fmax(largest, distance(f, rows(f) + i * f->channel_n));
  f->limit = f->factor * fmax(largest, 1e-300);
}

double lw_monitor_distance(lw_monitor *f, const double *x) {
  return isfinite(f->limit) ? distance(f, x) : NAN;
}

double lw_monitor_step(lw_monitor *f, const double *x) {
  for (size_t k = 0; k < f->channel_n; k++)
    if (!isfinite(x[k]))
      return f->last;
  if (f->row_n < f->train_n) {
    memcpy(rows(f) + f->row_n * f->channel_n, x, f->channel_n * sizeof *x);
    if (++f->row_n == f->train_n)
      finish_training(f);
    return NAN;
  }
  return f->last = distance(f, x) / f->limit;
}

// ------------------------------------------------------------------ state ---
// row_n, limit, last, blame, blame_sigma, then data[] without its scratch.

#define HEAD 5

static size_t learnt_n(const lw_monitor *f) {
  return (2 + f->channel_n) * f->channel_n;
}

size_t lw_monitor_state_n(const lw_monitor *f) {
  return HEAD + learnt_n(f) + f->train_n * f->channel_n;
}

void lw_monitor_save(const lw_monitor *f, double *state) {
  size_t c = f->channel_n, learnt = learnt_n(f);
  const double *taken = f->data + learnt + c;
  memset(state, 0, lw_monitor_state_n(f) * sizeof *state);
  state[0] = (double)f->row_n;
  state[1] = f->limit;
  state[2] = f->last;
  state[3] = (double)f->blame;
  state[4] = f->blame_sigma;
  if (f->row_n == f->train_n) // the rows have done their work
    memcpy(state + HEAD, f->data, learnt * sizeof *state);
  else
    memcpy(state + HEAD + learnt, taken, f->row_n * c * sizeof *state);
}

int lw_monitor_load(lw_monitor *f, const double *state) {
  size_t c = f->channel_n, learnt = learnt_n(f);
  double row_n = state[0], blame = state[3];
  lw_monitor_reset(f);
  if (!(row_n >= 0 && row_n <= (double)f->train_n && row_n == floor(row_n)) ||
      !(blame >= 0 && blame < (double)c && blame == floor(blame)) ||
      (row_n == (double)f->train_n && !(state[1] > 0)))
    return LW_E_CORRUPT;
  for (size_t i = 4; i < lw_monitor_state_n(f); i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  f->row_n = (size_t)row_n;
  f->limit = state[1];
  f->last = state[2];
  f->blame = (size_t)blame;
  f->blame_sigma = state[4];
  memcpy(f->data, state + HEAD, learnt * sizeof *state);
  memcpy(rows(f), state + HEAD + learnt, f->row_n * c * sizeof *state);
  return 0;
}
