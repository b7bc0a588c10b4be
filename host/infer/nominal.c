#include "infer/nominal.h"

#include <math.h>   // sqrt, log, fmax, fmin
#include <stdlib.h> // malloc, free, qsort
#include <string.h> // memset

#include "base/rng.h" // lw_rng

#define TAIL 0.05 // share of the runs that a tail is fitted to

typedef struct study {
  const lw_nominal *n;
  size_t *lot;   // rows of the lot that is watched
  size_t *drawn; // [parts_n] parts of the reference
  double *sums;  // [parts_n x d] of each part's rows
  double *mean;  // [d] of the reference that was drawn
  double *apart; // [d] watched mean less that
  double *highs; // [runs]
  lw_rng rng;
} study;

static size_t rows_of(const lw_nominal *n, size_t part) {
  return n->first[part + 1] - n->first[part];
}

static void add(double *to, const double *x, size_t d) {
  for (size_t k = 0; k < d; k++)
    to[k] += x[k];
}

static void study_fini(study *s) {
  free(s->lot);
  free(s->drawn);
  free(s->sums);
  free(s->mean);
  free(s->apart);
  free(s->highs);
}

static int study_init(study *s, const lw_nominal *n) {
  *s = (study){.n = n};
  if (n->parts_n < 2 || n->watched < 1 || !(n->share > 0) || n->share > TAIL ||
      n->runs < LW_NOMINAL_RUNS_MIN)
    return LW_E_RANGE;
  size_t most = 0;
  for (size_t g = 0; g < n->parts_n; g++)
    most = rows_of(n, g) > most ? rows_of(n, g) : most;
  s->lot = malloc(n->parts_n * most * sizeof *s->lot);
  s->drawn = malloc(n->parts_n * sizeof *s->drawn);
  s->sums = calloc(n->parts_n * n->d, sizeof *s->sums);
  s->mean = malloc(n->d * sizeof *s->mean);
  s->apart = malloc(n->d * sizeof *s->apart);
  s->highs = malloc(n->runs * sizeof *s->highs);
  if (!s->lot || !s->drawn || !s->sums || !s->mean || !s->apart || !s->highs)
    return LW_E_NOMEM;
  for (size_t g = 0; g < n->parts_n; g++)
    for (size_t i = n->first[g]; i < n->first[g + 1]; i++)
      add(s->sums + g * n->d, n->x + i * n->d, n->d);
  lw_rng_init(&s->rng, n->seed, 1);
  return 0;
}

// In 0..n - 1, n below 2^32. Its bias of n in 2^32 is no matter here, its speed
// is: a recipe waits for millions of them inside a tick.
static size_t draw(study *s, size_t n) {
  return (size_t)(((lw_rng_next(&s->rng) >> 32) * (uint64_t)n) >> 32);
}

// The mean of as many parts as there are, drawn with replacement.
static void draw_reference(study *s) {
  const lw_nominal *n = s->n;
  double rows = 0;
  memset(s->mean, 0, n->d * sizeof *s->mean);
  for (size_t i = 0; i < n->parts_n; i++) {
    size_t part = s->drawn[i] = draw(s, n->parts_n);
    add(s->mean, s->sums + part * n->d, n->d);
    rows += (double)rows_of(n, part);
  }
  for (size_t k = 0; k < n->d; k++)
    s->mean[k] /= rows;
}

// Returns how many rows the lot has.
static size_t draw_lot(study *s) {
  size_t rows = 0;
  for (size_t i = 0; i < s->n->parts_n; i++) {
    size_t part = draw(s, s->n->parts_n);
    for (size_t row = s->n->first[part]; row < s->n->first[part + 1]; row++)
      s->lot[rows++] = row;
  }
  return rows;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// The highest of the runs are too few for a small share: what lies above the
// tail's foot is taken for exponential, as sums and squared distances are.
static double limit_of(study *s) {
  size_t runs = s->n->runs, foot = (size_t)((1 - TAIL) * (double)runs);
  qsort(s->highs, runs, sizeof *s->highs, by_size);
  double excess = 0;
  for (size_t i = foot; i < runs; i++)
    excess += (s->highs[i] - s->highs[foot]) / (double)(runs - foot);
  return s->highs[foot] + excess * log(TAIL / s->n->share);
}

// ------------------------------------------------------------- Page's sum ---

static double whole_mean(const study *s) {
  double sum = 0;
  for (size_t g = 0; g < s->n->parts_n; g++)
    sum += s->sums[g];
  return sum / (double)s->n->first[s->n->parts_n];
}

// Standard deviation of the rows of these parts, all when NULL; 0 where nothing
// but rounding moves.
static double sd_of(const study *s, const size_t *parts, double mean) {
  double v = 0, rows = 0;
  for (size_t g = 0; g < s->n->parts_n; g++) {
    size_t part = parts ? parts[g] : g;
    for (size_t i = s->n->first[part]; i < s->n->first[part + 1]; i++)
      v += (s->n->x[i] - mean) * (s->n->x[i] - mean);
    rows += (double)rows_of(s->n, part);
  }
  double sd = sqrt(v / rows);
  return sd > 1e-9 * fabs(mean) ? sd : 0;
}

// Of the mean, when rows of a part are alike.
static double standard_error(const study *s, double mean) {
  double sum = 0, parts = (double)s->n->parts_n;
  for (size_t g = 0; g < s->n->parts_n; g++) {
    double off = s->sums[g] - (double)rows_of(s->n, g) * mean;
    sum += off * off;
  }
  return sqrt(sum * parts / (parts - 1)) / (double)s->n->first[s->n->parts_n];
}

static double highest_sum(study *s, double delta, double sd) {
  draw_reference(s);
  double own = sd_of(s, s->drawn, s->mean[0]);
  sd = own > 0 ? own : sd;
  size_t rows = draw_lot(s);
  double up = 0, down = 0, most = 0;
  for (size_t i = 0; i < s->n->watched; i++) {
    double z = (s->n->x[s->lot[draw(s, rows)]] - s->mean[0]) / sd;
    z = fmax(-LW_NOMINAL_Z_MAX, fmin(LW_NOMINAL_Z_MAX, z));
    up = fmax(0, up + z - delta);
    down = fmax(0, down - z - delta);
    most = fmax(most, fmax(up, down));
  }
  return most;
}

int lw_nominal_page(const lw_nominal *n, double delta, double *unsure,
                    double *limit) {
  if (n->d != 1)
    return LW_E_RANGE;
  study s;
  int rc = study_init(&s, n);
  *unsure = *limit = 0;
  double mean = rc == 0 ? whole_mean(&s) : 0;
  double sd = rc == 0 ? sd_of(&s, NULL, mean) : 0;
  if (sd > 0) {
    *unsure = 3 * standard_error(&s, mean) / sd;
    for (size_t i = 0; i < n->runs; i++)
      s.highs[i] = highest_sum(&s, delta + *unsure, sd);
    *limit = limit_of(&s);
  }
  study_fini(&s);
  return rc;
}

// ------------------------------------------------------------------ shift ---

static double shift(study *s) {
  const lw_nominal *n = s->n;
  draw_reference(s);
  size_t rows = draw_lot(s);
  memset(s->apart, 0, n->d * sizeof *s->apart);
  for (size_t i = 0; i < n->watched; i++)
    add(s->apart, n->x + s->lot[draw(s, rows)] * n->d, n->d);
  double sum = 0;
  for (size_t k = 0; k < n->d; k++) {
    double off = s->apart[k] / (double)n->watched - s->mean[k];
    sum += off * off;
  }
  return sum;
}

int lw_nominal_shift(const lw_nominal *n, double *limit) {
  study s;
  int rc = study_init(&s, n);
  for (size_t i = 0; rc == 0 && i < n->runs; i++)
    s.highs[i] = shift(&s);
  if (rc == 0)
    *limit = limit_of(&s);
  study_fini(&s);
  return rc;
}
