// SQL functions: the historian's figures, and what statistics SQLite lacks.
#include <math.h>   // sqrt
#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc
#include <string.h> // strcmp
#include <unistd.h> // access

#include "store/history.h" // lw_history
#include "store/sql_private.h"

// The folder that was read last: a question asks many figures of one run.
typedef struct reader {
  lw_store *store;
  lw_history *history;
  int64_t run;
} reader;

static void free_reader(void *arg) {
  reader *r = arg;
  lw_history_close(r->history);
  free(r);
}

// A simulated run has a folder of its own.
static int open_folder(reader *r, int64_t run, lw_err *e) {
  char folder[4096 + 64];
  const char *db = lw_db_path(&r->store->db);
  if (r->history && r->run == run)
    return 0;
  lw_history_close(r->history);
  r->history = NULL;
  r->run = run;
  snprintf(folder, sizeof folder, "%s.history/run-%lld", db, (long long)run);
  if (access(folder, F_OK) != 0)
    snprintf(folder, sizeof folder, "%s.history", db);
  return lw_history_open(&r->history, folder, e);
}

// First and last instant of a run's records; 0 when there are none.
static int span_of(reader *r, int64_t run, int64_t *from, int64_t *to,
                   lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(&r->store->db, &q,
                         "SELECT min(wall_ns), max(wall_ns)+1 FROM record "
                         "WHERE run=?",
                         "reading", e);
  if (rc < 0)
    return rc;
  sqlite3_bind_int64(q, 1, run);
  rc = lw_db_step(&r->store->db, q, "reading", e);
  if (rc > 0) {
    *from = sqlite3_column_int64(q, 0);
    *to = sqlite3_column_int64(q, 1);
  }
  sqlite3_finalize(q);
  return rc < 0 ? rc : *to > *from;
}

// Sums of values with weights, without cancellation: D. H. D. West, "Updating
// Mean and Variance Estimates", Communications of the ACM 22(9), 1979.
typedef struct spread {
  double n, weight, mean, m2;
} spread;

static void add(spread *s, double x, double weight) {
  double d = x - s->mean;
  s->n++;
  s->weight += weight;
  s->mean += d * weight / s->weight;
  s->m2 += d * weight * (x - s->mean);
}

// Of a tag: each value counts as long as it held, since a reading that does not
// move leaves few samples.
typedef struct held {
  spread sums;
  double value;
  int64_t t_ns; // 0 = nothing good is held
} held;

static int add_samples(void *arg, const lw_chunk *c) {
  held *h = arg;
  for (size_t i = 0; i < c->n; i++) {
    if (h->t_ns && c->t_ns[i] > h->t_ns)
      add(&h->sums, h->value, (double)(c->t_ns[i] - h->t_ns) * 1e-9);
    h->t_ns = c->quality[i] ? c->t_ns[i] : 0;
    h->value = c->value[i];
  }
  return 0;
}

static double figure_of(const lw_bucket *b, const char *figure, int *is_known) {
  const struct {
    const char *name;
    double value;
  } figures[] = {{"mean", isnan(b->held) ? b->mean : b->held},
                 {"min", isnan(b->min) ? b->held : b->min},
                 {"max", isnan(b->max) ? b->held : b->max},
                 {"first", b->first},
                 {"last", b->last},
                 {"count", (double)b->n}};
  *is_known = 1;
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
    if (strcmp(figures[i].name, figure) == 0)
      return figures[i].value;
  *is_known = 0;
  return NAN;
}

// Seconds for which a value is known, in steps of a thousandth of the span.
static int seconds_of(reader *r, const char *tag, int64_t from, int64_t to,
                      double *out, lw_err *e) {
  enum { PARTS = 1000 };
  lw_bucket *b = calloc(PARTS, sizeof *b);
  if (!b)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a figure");
  int rc = lw_history_buckets(r->history, tag, from, to, PARTS, b, e);
  int known_n = 0;
  for (int i = 0; rc == 0 && i < PARTS; i++)
    known_n += !isnan(b[i].held);
  free(b);
  *out = (double)known_n / PARTS * (double)(to - from) * 1e-9;
  return rc;
}

// What a counter went up by, on the line between samples at both ends; NaN when
// it fell in between, for it may have been set back or exchanged.
static int rise_of(reader *r, const char *tag, int64_t from, int64_t to,
                   double *out, lw_err *e) {
  lw_instant begin, end;
  lw_bucket b;
  int rc = lw_history_buckets(r->history, tag, from, to, 1, &b, e);
  if (rc == 0)
    rc = lw_history_at(r->history, tag, from, LW_HISTORY_LINEAR, &begin, e);
  if (rc == LW_E_NOTFOUND) { // counted from the first reading of all
    begin = (lw_instant){.value = b.first, .quality = !isnan(b.first)};
    rc = 0;
  }
  if (rc == 0)
    rc = lw_history_at(r->history, tag, to, LW_HISTORY_LINEAR, &end, e);
  if (rc < 0)
    return rc == LW_E_NOTFOUND ? 0 : rc;
  int fell = b.min < begin.value || b.max > end.value;
  if (begin.quality && end.quality && !fell && end.value >= begin.value)
    *out = end.value - begin.value;
  return 0;
}

static int measure(reader *r, const char *tag, const char *figure, int64_t from,
                   int64_t to, double *out, lw_err *e) {
  lw_bucket b;
  int is_known;
  if (strcmp(figure, "sd") == 0) {
    held h = {{0, 0, 0, 0}, 0, 0};
    int rc = lw_history_read(r->history, tag, from, to, add_samples, &h, e);
    *out = h.sums.weight > 0 ? sqrt(h.sums.m2 / h.sums.weight) : NAN;
    return rc < 0 ? rc : 0;
  }
  if (strcmp(figure, "seconds") == 0)
    return seconds_of(r, tag, from, to, out, e);
  if (strcmp(figure, "rise") == 0)
    return rise_of(r, tag, from, to, out, e);
  int rc = lw_history_buckets(r->history, tag, from, to, 1, &b, e);
  if (rc < 0)
    return rc;
  *out = figure_of(&b, figure, &is_known);
  if (!is_known)
    return lw_err_set(e, LW_E_RANGE,
                      "tag(): no figure '%s' (mean min max first last count "
                      "sd seconds rise)",
                      figure);
  return 0;
}

static const char *text_of(sqlite3_value *v) {
  const char *text = (const char *)sqlite3_value_text(v);
  return text ? text : "";
}

// tag(run, name, figure [, from_ns, to_ns])
static void tag_figure(sqlite3_context *c, int argc, sqlite3_value **argv) {
  reader *r = sqlite3_user_data(c);
  int64_t run = sqlite3_value_int64(argv[0]), from = 0, to = 0;
  lw_err e = {0};
  double value = NAN;
  if (argc == 5) {
    from = sqlite3_value_int64(argv[3]);
    to = sqlite3_value_int64(argv[4]);
  } else if (span_of(r, run, &from, &to, &e) <= 0) {
    return sqlite3_result_null(c);
  }
  int rc = open_folder(r, run, &e);
  if (rc == LW_E_NOTFOUND || to <= from) // nothing was recorded
    return sqlite3_result_null(c);
  if (rc == 0)
    rc = measure(r, text_of(argv[1]), text_of(argv[2]), from, to, &value, &e);
  if (rc < 0)
    sqlite3_result_error(c, e.text, -1);
  else if (isfinite(value))
    sqlite3_result_double(c, value);
}

typedef struct wanted {
  const char *name;
  char unit[64];
  int is_found;
} wanted;

static int match(void *arg, const char *name, const char *unit) {
  wanted *w = arg;
  if (strcmp(name, w->name) != 0)
    return 0;
  snprintf(w->unit, sizeof w->unit, "%s", unit);
  return w->is_found = 1;
}

// tag_unit(run, name)
static void tag_unit(sqlite3_context *c, int argc, sqlite3_value **argv) {
  reader *r = sqlite3_user_data(c);
  int64_t run = sqlite3_value_int64(argv[0]), from, to;
  wanted w = {.name = text_of(argv[1])};
  lw_err e = {0};
  (void)argc;
  if (span_of(r, run, &from, &to, &e) > 0 && open_folder(r, run, &e) == 0)
    lw_history_tags(r->history, from, to, match, &w, &e);
  if (w.is_found)
    sqlite3_result_text(c, w.unit, -1, SQLITE_TRANSIENT);
}

// label(key): the last word of a journal key, as its author wrote it, so
// "execute/heat/top%2Fup#2" gives "top/up".
static void label(sqlite3_context *c, int argc, sqlite3_value **argv) {
  const char *key = text_of(argv[0]);
  const char *slash = strrchr(key, '/');
  char out[512];
  size_t n = 0;
  (void)argc;
  for (const char *p = slash ? slash + 1 : key; *p && *p != '#'; p++) {
    unsigned byte;
    if (n + 1 >= sizeof out)
      break;
    if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1) {
      out[n++] = (char)byte;
      p += 2;
    } else {
      out[n++] = *p;
    }
  }
  sqlite3_result_text(c, out, (int)n, SQLITE_TRANSIENT);
}

static void stdev_step(sqlite3_context *c, int argc, sqlite3_value **argv) {
  spread *s = sqlite3_aggregate_context(c, sizeof *s);
  (void)argc;
  if (s && sqlite3_value_numeric_type(argv[0]) != SQLITE_NULL)
    add(s, sqlite3_value_double(argv[0]), 1);
}

static void stdev_final(sqlite3_context *c) {
  spread *s = sqlite3_aggregate_context(c, 0);
  if (s && s->n > 1)
    sqlite3_result_double(c, sqrt(s->m2 / (s->n - 1)));
}

int lw_sql_functions(lw_store *s) {
  sqlite3 *db = s->db.handle;
  reader *r = calloc(1, sizeof *r), *u = calloc(1, sizeof *u);
  if (!r || !u) {
    free(r);
    free(u);
    return SQLITE_NOMEM;
  }
  r->store = u->store = s;
  // Each owns its reader: SQLite frees them with the connection.
  int rc = sqlite3_create_function_v2(db, "tag", -1, SQLITE_UTF8, r, tag_figure,
                                      NULL, NULL, free_reader);
  int rc2 = sqlite3_create_function_v2(db, "tag_unit", 2, SQLITE_UTF8, u,
                                       tag_unit, NULL, NULL, free_reader);
  int rc3 = sqlite3_create_function_v2(db, "stdev", 1,
                                       SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                       NULL, stdev_step, stdev_final, NULL);
  int rc4 = sqlite3_create_function_v2(db, "label", 1,
                                       SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                       label, NULL, NULL, NULL);
  return rc ? rc : rc2 ? rc2 : rc3 ? rc3 : rc4;
}
