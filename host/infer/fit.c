#include "infer/fit.h"

#include <math.h>   // sqrt, exp, log1p
#include <stdlib.h> // malloc, free
#include <string.h> // memset, memcpy

// Sums lie in eight partial ones, so that the compiler may use vectors.
static double dot(const double *a, const double *b, size_t n) {
  double part[8] = {0}, sum = 0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t k = 0; k < 8; k++)
      part[k] += a[i + k] * b[i + k];
  for (; i < n; i++)
    sum += a[i] * b[i];
  for (size_t k = 0; k < 8; k++)
    sum += part[k];
  return sum;
}

static void add(double *y, double gain, const double *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] += gain * x[i];
}

void lw_fit_scale(const double *x, size_t n, size_t d, double *mean,
                  double *sd) {
  memset(mean, 0, d * sizeof *mean);
  memset(sd, 0, d * sizeof *sd);
  for (size_t i = 0; i < n; i++)
    add(mean, 1.0 / (double)n, x + i * d, d);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < d; k++)
      sd[k] += (x[i * d + k] - mean[k]) * (x[i * d + k] - mean[k]);
  for (size_t k = 0; k < d; k++) {
    sd[k] = sqrt(sd[k] / (double)n);
    if (!(sd[k] > 1e-12 * (1 + fabs(mean[k]))))
      sd[k] = 1;
  }
}

void lw_fit_dot(const double *x, size_t n, size_t d, const double *w,
                double *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = dot(x + i * d, w, d) + w[d];
}

// --------------------------------------------------- Newton by conjugates ---

// A problem in w: rows, and what its curvature needs.
typedef struct problem {
  const double *x, *y, *s;
  size_t n, d;
  double lambda;
  double *curve, *row_work; // [n]: curvature of each row; scratch
} problem;

// out = (X' C X + lambda I) v, the constant without lambda.
static void curvature(const problem *p, const double *v, double *out) {
  lw_fit_dot(p->x, p->n, p->d, v, p->row_work);
  memset(out, 0, (p->d + 1) * sizeof *out);
  add(out, p->lambda, v, p->d);
  for (size_t i = 0; i < p->n; i++) {
    double c = p->curve[i] * p->row_work[i];
    add(out, c, p->x + i * p->d, p->d);
    out[p->d] += c;
  }
}

// step with H step = -g, until the rest is `share` of g. work [3 (d + 1)].
static void solve(const problem *p, const double *g, double share, double *step,
                  double *work) {
  size_t m = p->d + 1;
  double *r = work, *v = work + m, *hv = work + 2 * m;
  memset(step, 0, m * sizeof *step);
  for (size_t k = 0; k < m; k++)
    v[k] = r[k] = -g[k];
  double rr = dot(r, r, m), stop = share * share * rr;
  for (size_t round = 0; round < 4 * m && round < 300 && rr > stop; round++) {
    curvature(p, v, hv);
    double bend = dot(v, hv, m);
    if (!(bend > 0))
      return;
    double t = rr / bend;
    add(step, t, v, m);
    add(r, -t, hv, m);
    double next = dot(r, r, m);
    for (size_t k = 0; k < m; k++)
      v[k] = r[k] + next / rr * v[k];
    rr = next;
  }
}

static double weight(const problem *p, size_t i) {
  return p->s ? p->s[i] : 1;
}

// Value of the logistic objective at w.
static double logistic_value(const problem *p, const double *w) {
  double sum = p->lambda / 2 * dot(w, w, p->d);
  lw_fit_dot(p->x, p->n, p->d, w, p->row_work);
  for (size_t i = 0; i < p->n; i++) {
    double z = p->y[i] > 0.5 ? p->row_work[i] : -p->row_work[i];
    sum += weight(p, i) * (z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z);
  }
  return sum;
}

static void logistic_slope(const problem *p, const double *w, double *g) {
  memset(g, 0, (p->d + 1) * sizeof *g);
  add(g, p->lambda, w, p->d);
  lw_fit_dot(p->x, p->n, p->d, w, p->row_work);
  for (size_t i = 0; i < p->n; i++) {
    double chance = 1 / (1 + exp(-p->row_work[i])), s = weight(p, i);
    p->curve[i] = s * chance * (1 - chance);
    add(g, s * (chance - p->y[i]), p->x + i * p->d, p->d);
    g[p->d] += s * (chance - p->y[i]);
  }
}

static void newton(const problem *p, double *w, double *work) {
  size_t m = p->d + 1;
  double *g = work, *step = work + m, *rest = work + 2 * m, first = 0;
  memset(w, 0, m * sizeof *w);
  double value = logistic_value(p, w);
  for (int round = 0; round < 50; round++) {
    logistic_slope(p, w, g);
    double size = sqrt(dot(g, g, m));
    first = round == 0 ? size : first;
    if (size <= 1e-5 * first)
      return;
    solve(p, g, fmin(0.1, size / first), step, rest);
    double along = dot(g, step, m), t = 1, now = value;
    add(w, t, step, m);
    while ((now = logistic_value(p, w)) > value + 1e-4 * t * along &&
           t > 1e-6) {
      add(w, -t / 2, step, m);
      t /= 2;
    }
    if (!(now < value))
      return;
    value = now;
  }
}

static double *work_of(problem *p) {
  size_t m = p->d + 1;
  double *work = malloc((5 * m + 2 * p->n) * sizeof *work);
  if (work) {
    p->curve = work + 5 * m;
    p->row_work = p->curve + p->n;
  }
  return work;
}

int lw_fit_logistic(const double *x, size_t n, size_t d, const double *y,
                    const double *s, double lambda, double *w) {
  problem p = {.x = x, .y = y, .s = s, .n = n, .d = d, .lambda = lambda};
  size_t ones = 0;
  for (size_t i = 0; i < n; i++)
    ones += y[i] > 0.5;
  if (ones == 0 || ones == n || !(lambda > 0))
    return LW_E_RANGE;
  double *work = work_of(&p);
  if (!work)
    return LW_E_NOMEM;
  newton(&p, w, work);
  free(work);
  return 0;
}

// ------------------------------------------------------------------ ridge ---

// Lower Cholesky factor in place of the lower half of a [d x d].
static int factor(double *a, size_t d) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) {
      double rest = a[i * d + j] - dot(a + i * d, a + j * d, j);
      if (i == j && !(rest > 0))
        return LW_E_RANGE;
      a[i * d + j] = i == j ? sqrt(rest) : rest / a[j * d + j];
    }
  return 0;
}

// X' S X + lambda I, lower half, to a [m x m], and X' S y to b [m], m = d + 1.
static void normal_equations(const problem *p, double *a, double *b) {
  size_t d = p->d, m = d + 1;
  memset(a, 0, m * m * sizeof *a);
  memset(b, 0, m * sizeof *b);
  for (size_t i = 0; i < p->n; i++) {
    const double *x = p->x + i * d;
    double s = weight(p, i);
    for (size_t k = 0; k < d; k++)
      add(a + k * m, s * x[k], x, k + 1);
    add(a + d * m, s, x, d);
    a[d * m + d] += s;
    add(b, s * p->y[i], x, d);
    b[d] += s * p->y[i];
  }
  for (size_t k = 0; k < d; k++)
    a[k * m + k] += p->lambda;
}

// b = (L L')^-1 b for the lower factor in a [m x m].
static void substitute(const double *a, double *b, size_t m) {
  for (size_t k = 0; k < m; k++)
    b[k] = (b[k] - dot(a + k * m, b, k)) / a[k * m + k];
  for (size_t k = m; k-- > 0;) {
    b[k] /= a[k * m + k];
    add(b, -b[k], a + k * m, k);
  }
}

// Few features of many rows: the matrix is small, and there is no iteration.
static int ridge_direct(const problem *p, double *w) {
  size_t m = p->d + 1;
  double *a = malloc(m * m * sizeof *a);
  if (!a)
    return LW_E_NOMEM;
  normal_equations(p, a, w);
  int rc = factor(a, m);
  if (rc == 0)
    substitute(a, w, m);
  free(a);
  return rc;
}

// Many features: least squares is one Newton step from zero with curvature s.
static int ridge_by_steps(problem *p, double *w) {
  double *work = work_of(p);
  if (!work)
    return LW_E_NOMEM;
  double *g = work;
  memset(g, 0, (p->d + 1) * sizeof *g);
  for (size_t i = 0; i < p->n; i++) {
    p->curve[i] = weight(p, i);
    add(g, -p->curve[i] * p->y[i], p->x + i * p->d, p->d);
    g[p->d] -= p->curve[i] * p->y[i];
  }
  solve(p, g, 1e-12, w, work + 2 * (p->d + 1));
  free(work);
  return 0;
}

int lw_fit_ridge(const double *x, size_t n, size_t d, const double *y,
                 const double *s, double lambda, double *w) {
  problem p = {.x = x, .y = y, .s = s, .n = n, .d = d, .lambda = lambda};
  if (n < 2 || !(lambda > 0))
    return LW_E_RANGE;
  return n > 4 * d && d <= 512 ? ridge_direct(&p, w) : ridge_by_steps(&p, w);
}

// --------------------------------------------------------------- distance ---

// Covariance of rows about mean to a [d x d], lower half.
static void covariance(const double *x, size_t n, size_t d, const double *mean,
                       double *centred, double *a) {
  memset(a, 0, d * d * sizeof *a);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < d; k++)
      centred[k] = x[i * d + k] - mean[k];
    for (size_t k = 0; k < d; k++)
      add(a + k * d, centred[k] / (double)(n - 1), centred, k + 1);
  }
}

int lw_fit_shrunk(const double *x, size_t n, size_t d, double share,
                  double *model) {
  double *mean = model, *a = model + d, largest = 0;
  if (n < 2 || !(share > 0 && share <= 1))
    return LW_E_RANGE;
  double *centred = malloc(d * sizeof *centred);
  if (!centred)
    return LW_E_NOMEM;
  memset(mean, 0, d * sizeof *mean);
  for (size_t i = 0; i < n; i++)
    add(mean, 1.0 / (double)n, x + i * d, d);
  covariance(x, n, d, mean, centred, a);
  free(centred);
  for (size_t i = 0; i < d; i++)
    largest = fmax(largest, a[i * d + i]);
  for (size_t i = 0; i < d; i++) {
    for (size_t j = 0; j < i; j++)
      a[i * d + j] *= 1 - share;
    // A feature that never moved: any move is news, but not infinite news.
    a[i * d + i] = fmax(a[i * d + i], 1e-9 * largest + 1e-300);
  }
  return factor(a, d);
}

int lw_fit_distance(const double *model, const double *x, size_t n, size_t d,
                    double *out) {
  const double *l = model + d;
  double *z = malloc(d * sizeof *z);
  if (!z)
    return LW_E_NOMEM;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < d; k++)
      z[k] = (x[i * d + k] - model[k] - dot(l + k * d, z, k)) / l[k * d + k];
    out[i] = dot(z, z, d);
  }
  free(z);
  return 0;
}

// ------------------------------------------------------------- components ---

// Rotate rows and columns p, q of the symmetric a until a[p][q] is 0.
static void rotate(double *a, double *v, size_t d, size_t p, size_t q) {
  double apq = a[p * d + q];
  if (apq == 0)
    return;
  double theta = (a[q * d + q] - a[p * d + p]) / (2 * apq);
  double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
  double c = 1 / sqrt(t * t + 1), s = t * c;
  for (size_t k = 0; k < d; k++) {
    double x = a[k * d + p], y = a[k * d + q];
    a[k * d + p] = c * x - s * y;
    a[k * d + q] = s * x + c * y;
  }
  for (size_t k = 0; k < d; k++) {
    double x = a[p * d + k], y = a[q * d + k];
    a[p * d + k] = c * x - s * y;
    a[q * d + k] = s * x + c * y;
    x = v[p * d + k];
    y = v[q * d + k];
    v[p * d + k] = c * x - s * y;
    v[q * d + k] = s * x + c * y;
  }
}

static void jacobi(double *a, double *v, size_t d) {
  for (int sweep = 0; sweep < 60; sweep++) {
    double off = 0, on = 0;
    for (size_t i = 0; i < d; i++) {
      on += a[i * d + i] * a[i * d + i];
      for (size_t j = 0; j < i; j++)
        off += a[i * d + j] * a[i * d + j];
    }
    if (off <= 1e-24 * on)
      return;
    for (size_t p = 0; p + 1 < d; p++)
      for (size_t q = p + 1; q < d; q++)
        rotate(a, v, d, p, q);
  }
}

// The largest eigenvalue first; few enough for the plainest sort.
static void order(double *values, double *vectors, size_t d) {
  for (size_t i = 0; i + 1 < d; i++) {
    size_t most = i;
    for (size_t j = i + 1; j < d; j++)
      most = values[j] > values[most] ? j : most;
    double value = values[i];
    values[i] = values[most];
    values[most] = value;
    for (size_t k = 0; k < d && most != i; k++) {
      double x = vectors[i * d + k];
      vectors[i * d + k] = vectors[most * d + k];
      vectors[most * d + k] = x;
    }
  }
}

int lw_fit_pca(const double *x, size_t n, size_t d, double *model) {
  if (n < 2 || d > LW_FIT_PCA_MAX)
    return LW_E_RANGE;
  double *a = malloc((d * d + 2 * d) * sizeof *a), *v = model + d;
  if (!a)
    return LW_E_NOMEM;
  double *mean = a + d * d;
  memset(mean, 0, d * sizeof *mean);
  for (size_t i = 0; i < n; i++)
    add(mean, 1.0 / (double)n, x + i * d, d);
  covariance(x, n, d, mean, mean + d, a);
  memset(v, 0, d * d * sizeof *v);
  for (size_t i = 0; i < d; i++) {
    v[i * d + i] = 1;
    for (size_t j = 0; j < i; j++)
      a[j * d + i] = a[i * d + j];
  }
  jacobi(a, v, d);
  for (size_t i = 0; i < d; i++)
    model[i] = a[i * d + i];
  free(a);
  order(model, v, d);
  return 0;
}

void lw_fit_t2q(const double *model, const double *x, size_t n, size_t d,
                size_t k, double *t2, double *q) {
  const double *v = model + d;
  for (size_t i = 0; i < n; i++) {
    const double *row = x + i * d;
    t2[i] = 0;
    q[i] = dot(row, row, d);
    for (size_t j = 0; j < k; j++) {
      double score = dot(v + j * d, row, d);
      t2[i] += score * score / model[j];
      q[i] -= score * score;
    }
    q[i] = q[i] > 0 ? q[i] : 0;
  }
}
