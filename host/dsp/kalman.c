#include "dsp/kalman.h"

#include <math.h>   // fabs, isfinite, NAN, sqrt
#include <string.h> // memcpy

#include "base/err.h" // LW_E_*

#define N LW_KALMAN_STATES_MAX
#define M LW_KALMAN_READINGS_MAX

// out [rows x cols] = a [rows x inner] b [inner x cols]
static void times(const double *a, const double *b, size_t rows, size_t inner,
                  size_t cols, double *out) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++) {
      double sum = 0;
      for (size_t k = 0; k < inner; k++)
        sum += a[i * inner + k] * b[k * cols + j];
      out[i * cols + j] = sum;
    }
}

// out [rows x cols] = a [rows x inner] b' for b [cols x inner]
static void times_turned(const double *a, const double *b, size_t rows,
                         size_t inner, size_t cols, double *out) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++) {
      double sum = 0;
      for (size_t k = 0; k < inner; k++)
        sum += a[i * inner + k] * b[j * inner + k];
      out[i * cols + j] = sum;
    }
}

static int all_finite(const double *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i]))
      return 0;
  return 1;
}

// Symmetric with a diagonal of at least `least`.
static int covariance(const double *c, size_t n, double least) {
  for (size_t i = 0; i < n; i++) {
    if (!(c[i * n + i] >= least))
      return 0;
    for (size_t j = 0; j < i; j++)
      if (!(fabs(c[i * n + j] - c[j * n + i]) <=
            1e-9 * sqrt(c[i * n + i] * c[j * n + j])))
        return 0;
  }
  return all_finite(c, n * n);
}

int lw_kalman_init(lw_kalman *f, const lw_kalman_model *o) {
  size_t n = o->state_n, m = o->reading_n;
  if (n < 1 || n > N || m < 1 || m > M || !all_finite(o->transition, n * n) ||
      !all_finite(o->observation, m * n) || !all_finite(o->start, n) ||
      !covariance(o->process, n, 0) || !covariance(o->spread, n, 0) ||
      !covariance(o->reading, m, 1e-300))
    return LW_E_RANGE;
  *f = (lw_kalman){.state_n = n, .reading_n = m};
  memcpy(f->transition, o->transition, n * n * sizeof(double));
  memcpy(f->observation, o->observation, m * n * sizeof(double));
  memcpy(f->process, o->process, n * n * sizeof(double));
  memcpy(f->reading, o->reading, m * m * sizeof(double));
  memcpy(f->start, o->start, n * sizeof(double));
  memcpy(f->spread, o->spread, n * n * sizeof(double));
  lw_kalman_reset(f);
  return 0;
}

void lw_kalman_reset(lw_kalman *f) {
  memcpy(f->x, f->start, sizeof f->x);
  memcpy(f->p, f->spread, sizeof f->p);
  f->surprise = NAN;
}

static void predict(lw_kalman *f) {
  size_t n = f->state_n;
  double x[N], half[N * N];
  times(f->transition, f->x, n, n, 1, x);
  memcpy(f->x, x, n * sizeof *x);
  times(f->transition, f->p, n, n, n, half);
  times_turned(half, f->transition, n, n, n, f->p);
  for (size_t i = 0; i < n * n; i++)
    f->p[i] += f->process[i];
}

// The readings that came: their rows of the observation, their covariance, and
// how far each is from its prediction. Returns their number.
static size_t gather(const lw_kalman *f, const double *z, double *h, double *r,
                     double *miss) {
  size_t n = f->state_n, m = f->reading_n, kept[M], count = 0;
  for (size_t i = 0; i < m; i++)
    if (isfinite(z[i]))
      kept[count++] = i;
  for (size_t i = 0; i < count; i++) {
    memcpy(h + i * n, f->observation + kept[i] * n, n * sizeof *h);
    for (size_t j = 0; j < count; j++)
      r[i * count + j] = f->reading[kept[i] * m + kept[j]];
    double ahead;
    times(h + i * n, f->x, 1, n, 1, &ahead);
    miss[i] = z[kept[i]] - ahead;
  }
  return count;
}

// Cholesky's factor of s [m x m] in its lower triangle.
static void factorise(double *s, size_t m) {
  for (size_t a = 0; a < m; a++)
    for (size_t b = 0; b <= a; b++) {
      double sum = s[a * m + b];
      for (size_t k = 0; k < b; k++)
        sum -= s[a * m + k] * s[b * m + k];
      s[a * m + b] =
          a == b ? sqrt(sum > 1e-300 ? sum : 1e-300) : sum / s[b * m + b];
    }
}

// v [m] becomes the solution of l l' v = v.
static void solve(const double *l, size_t m, double *v) {
  for (size_t a = 0; a < m; a++) {
    for (size_t k = 0; k < a; k++)
      v[a] -= l[a * m + k] * v[k];
    v[a] /= l[a * m + a];
  }
  for (size_t a = m; a-- > 0;) {
    for (size_t k = a + 1; k < m; k++)
      v[a] -= l[k * m + a] * v[k];
    v[a] /= l[a * m + a];
  }
}

// p = (1 - gain h) p (1 - gain h)' + gain r gain'
static void shrink(lw_kalman *f, const double *gain, const double *h,
                   const double *r, size_t m) {
  size_t n = f->state_n;
  double keep[N * N], half[N * N], noise[N * N], part[N * M];
  times(gain, h, n, m, n, keep);
  for (size_t i = 0; i < n * n; i++)
    keep[i] = (i % (n + 1) == 0) - keep[i];
  times(keep, f->p, n, n, n, half);
  times_turned(half, keep, n, n, n, f->p);
  times(gain, r, n, m, m, part);
  times_turned(part, gain, n, m, n, noise);
  for (size_t i = 0; i < n; i++) // the halves of it agree to the last bit
    for (size_t j = 0; j <= i; j++) {
      double sum = (f->p[i * n + j] + f->p[j * n + i]) / 2 + noise[i * n + j];
      f->p[i * n + j] = f->p[j * n + i] = sum;
    }
}

static double correct(lw_kalman *f, const double *z) {
  size_t n = f->state_n;
  double h[M * N], r[M * M], miss[M], cross[N * M], s[M * M], gain[N * M];
  size_t m = gather(f, z, h, r, miss);
  if (m == 0)
    return NAN;
  times_turned(f->p, h, n, n, m, cross);
  times(h, cross, m, n, m, s);
  for (size_t i = 0; i < m * m; i++)
    s[i] += r[i];
  factorise(s, m);
  memcpy(gain, cross, n * m * sizeof *gain); // row by row: s gain' = cross'
  for (size_t i = 0; i < n; i++)
    solve(s, m, gain + i * m);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < m; j++)
      f->x[i] += gain[i * m + j] * miss[j];
  shrink(f, gain, h, r, m);
  double weighted[M], surprise = 0;
  memcpy(weighted, miss, m * sizeof *miss);
  solve(s, m, weighted);
  for (size_t j = 0; j < m; j++)
    surprise += miss[j] * weighted[j];
  return f->surprise = surprise;
}

double lw_kalman_step(lw_kalman *f, const double *z) {
  predict(f);
  return correct(f, z);
}

void lw_kalman_run(lw_kalman *f, const double *z, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    lw_kalman_step(f, z + i * f->reading_n);
    memcpy(y + i * f->state_n, f->x, f->state_n * sizeof *y);
  }
}

size_t lw_kalman_state_n(const lw_kalman *f) {
  return 1 + f->state_n + f->state_n * f->state_n;
}

void lw_kalman_save(const lw_kalman *f, double *state) {
  size_t n = f->state_n;
  state[0] = f->surprise;
  memcpy(state + 1, f->x, n * sizeof *state);
  memcpy(state + 1 + n, f->p, n * n * sizeof *state);
}

int lw_kalman_load(lw_kalman *f, const double *state) {
  size_t n = f->state_n;
  lw_kalman_reset(f);
  if (!all_finite(state + 1, n) || !covariance(state + 1 + n, n, 0))
    return LW_E_CORRUPT;
  f->surprise = state[0];
  memcpy(f->x, state + 1, n * sizeof *state);
  memcpy(f->p, state + 1 + n, n * n * sizeof *state);
  return 0;
}
