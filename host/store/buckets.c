// The historian summed up: buckets, names.
#include <math.h>   // NAN
#include <stdlib.h> // calloc
#include <string.h> // strcmp

#include "base/grow.h" // lw_grow

#include "store/history_private.h"

// ----------------------------------------------------------------- buckets --

typedef struct sums {
  int64_t from_ns, to_ns, width_ns;
  size_t n;
  lw_bucket *out;   // mean and held carry sums until the end
  int64_t *span_ns; // per bucket, how long values were held
  int has_last;     // a value to hold
  int64_t last_ns;
  double last;
} sums;

static size_t bucket_of(const sums *s, int64_t t_ns) {
  return (size_t)((t_ns - s->from_ns) / s->width_ns);
}

// Hold the last value until t_ns, through as many buckets as that takes.
static void hold_until(sums *s, int64_t t_ns) {
  int64_t at = s->last_ns > s->from_ns ? s->last_ns : s->from_ns;
  while (s->has_last && at < t_ns) {
    size_t i = bucket_of(s, at);
    int64_t end = s->from_ns + (int64_t)(i + 1) * s->width_ns;
    end = end < t_ns ? end : t_ns;
    s->out[i].held += s->last * (double)(end - at) * 1e-9;
    s->span_ns[i] += end - at;
    at = end;
  }
}

static void add(lw_bucket *b, uint64_t n, double min, double max, double sum,
                double first, double last) {
  b->min = b->n && b->min <= min ? b->min : min;
  b->max = b->n && b->max >= max ? b->max : max;
  b->first = b->n ? b->first : first;
  b->last = last;
  b->mean += sum;
  b->n += n;
}

static int add_samples(void *arg, const lw_chunk *c) {
  sums *s = arg;
  for (size_t i = 0; i < c->n; i++) {
    double x = c->value[i];
    int is_good = c->quality[i] && !isnan(x);
    hold_until(s, c->t_ns[i]);
    if (is_good)
      add(&s->out[bucket_of(s, c->t_ns[i])], 1, x, x, x, x, x);
    s->has_last = is_good;
    s->last_ns = c->t_ns[i];
    s->last = x;
  }
  return 0;
}

// A chunk that lies in one bucket and has no gaps need not be decoded.
static int add_figures(void *arg, const lw_day_chunk *c) {
  sums *s = arg;
  size_t i = bucket_of(s, c->t0_ns);
  if (i != bucket_of(s, c->t1_ns) || c->good_n != c->n)
    return 0;
  hold_until(s, c->t0_ns);
  add(&s->out[i], (uint64_t)c->n, c->min, c->max, c->sum, c->first, c->last);
  s->out[i].held += c->area_s;
  s->span_ns[i] += c->span_ns;
  s->has_last = c->last_quality && !isnan(c->last);
  s->last_ns = c->t1_ns;
  s->last = c->last;
  return 1;
}

// The last value inside is held to the end when a later sample proves it
// lasted.
static int hold_to_end(lw_history *h, const char *tag, sums *s, lw_err *e) {
  lw_newest after;
  if (!s->has_last)
    return 0;
  int rc = lw_history_first(h, tag, s->to_ns, &after, e);
  if (after.is_found)
    hold_until(s, s->to_ns);
  return rc < 0 ? rc : 0;
}

static void finish(const sums *s) {
  for (size_t i = 0; i < s->n; i++) {
    lw_bucket *b = &s->out[i];
    b->t_ns = s->from_ns + (int64_t)i * s->width_ns;
    b->held = s->span_ns[i] ? b->held / ((double)s->span_ns[i] * 1e-9) : NAN;
    b->mean = b->n ? b->mean / (double)b->n : NAN;
    if (b->n == 0)
      b->min = b->max = b->first = b->last = NAN;
  }
}

int lw_history_buckets(lw_history *h, const char *tag, int64_t from_ns,
                       int64_t to_ns, size_t n, lw_bucket *out, lw_err *e) {
  lw_newest before;
  if (n == 0 || to_ns <= from_ns)
    return lw_err_set(e, LW_E_RANGE, "%zu buckets of %lld s, both must be > 0",
                      n, (long long)((to_ns - from_ns) / 1000000000));
  int rc = lw_history_newest(h, tag, from_ns, &before, e);
  if (rc < 0)
    return rc;
  sums s = {.from_ns = from_ns,
            .to_ns = to_ns,
            .width_ns = (to_ns - from_ns + (int64_t)n - 1) / (int64_t)n,
            .n = n,
            .out = out,
            .span_ns = calloc(n, sizeof *s.span_ns),
            .has_last =
                before.is_found && before.at.quality && !isnan(before.at.value),
            .last_ns = before.at.t_ns,
            .last = before.at.value};
  if (!s.span_ns)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for %zu buckets", n);
  memset(out, 0, n * sizeof *out);
  lw_history_visit v = {.from_ns = from_ns,
                        .to_ns = to_ns,
                        .figures = add_figures,
                        .samples = add_samples,
                        .arg = &s};
  rc = lw_history_walk(h, tag, &v, e);
  if (rc == 0)
    rc = hold_to_end(h, tag, &s, e);
  finish(&s);
  free(s.span_ns);
  return rc;
}

// ------------------------------------------------------------------- names --

typedef struct names {
  char **at;      // [2 n]: name, unit
  size_t n, room; // of pairs; of texts
} names;

static int add_name(names *w, const char *name, const char *unit) {
  if (lw_grow(&w->at, &w->room, 2 * w->n + 2, sizeof *w->at) < 0)
    return LW_E_NOMEM;
  w->at[2 * w->n] = strdup(name);
  w->at[2 * w->n + 1] = strdup(unit);
  return w->at[2 * w->n] && w->at[2 * w->n++ + 1] ? 0 : LW_E_NOMEM;
}

static int names_of_day(lw_history *h, int64_t day, names *w, lw_err *e) {
  lw_day d;
  sqlite3_stmt *q;
  int rc = lw_day_open(&d, h->folder, day, LW_DB_READ, e);
  if (rc < 0)
    return rc == LW_E_AGAIN ? 0 : rc;
  rc = lw_db_prepare(&d.db, &q, "SELECT name, unit FROM tag", "reading", e);
  if (rc == 0) {
    while ((rc = lw_db_step(&d.db, q, "reading", e)) > 0 &&
           (rc = add_name(w, (const char *)sqlite3_column_text(q, 0),
                          (const char *)sqlite3_column_text(q, 1))) == 0)
      continue;
    sqlite3_finalize(q);
  }
  lw_day_close(&d, 1);
  return rc;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static int tell_names(names *w, int (*fn)(void *, const char *, const char *),
                      void *arg) {
  int rc = 0;
  qsort(w->at, w->n, 2 * sizeof *w->at, by_name);
  for (size_t i = 0; rc == 0 && i < w->n; i++)
    if (i == 0 || strcmp(w->at[2 * i], w->at[2 * i - 2]) != 0)
      rc = fn(arg, w->at[2 * i], w->at[2 * i + 1]);
  return rc;
}

int lw_history_tags(lw_history *h, int64_t from_ns, int64_t to_ns,
                    int (*fn)(void *arg, const char *name, const char *unit),
                    void *arg, lw_err *e) {
  int64_t *days;
  names w = {0};
  int n =
      lw_history_days(h, lw_day_of(from_ns), lw_day_of(to_ns - 1), &days, e);
  int rc = n < 0 ? n : 0;
  for (int i = 0; rc == 0 && i < n; i++)
    rc = names_of_day(h, days[i], &w, e);
  if (rc == 0)
    rc = tell_names(&w, fn, arg);
  for (size_t i = 0; i < 2 * w.n; i++)
    free(w.at[i]);
  free(w.at);
  free(days);
  return rc;
}
