#include "store/history.h"

#include <dirent.h> // opendir
#include <errno.h>  // errno
#include <stdlib.h> // calloc, qsort
#include <string.h> // memmove, strdup

#include "base/grow.h" // lw_grow
#include "store/history_private.h"

int lw_history_open(lw_history **out, const char *folder, lw_err *e) {
  *out = NULL;
  DIR *dir = opendir(folder);
  if (!dir)
    return lw_err_set(e, errno == ENOENT ? LW_E_NOTFOUND : LW_E_IO, "%s: %s",
                      folder, strerror(errno));
  closedir(dir);
  lw_history *h = calloc(1, sizeof *h);
  if (h) {
    h->folder = strdup(folder);
    h->coder = lw_coder_new();
  }
  if (!h || !h->folder || !h->coder) {
    lw_history_close(h);
    return lw_err_set(e, LW_E_NOMEM, "out of memory opening %s", folder);
  }
  *out = h;
  return 0;
}

void lw_history_close(lw_history *h) {
  if (!h)
    return;
  lw_coder_free(h->coder);
  free(h->folder);
  free(h);
}

// -------------------------------------------------------------------- days --

static int by_number(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

int lw_history_days(lw_history *h, int64_t from, int64_t to, int64_t **days,
                    lw_err *e) {
  int n = 0;
  size_t room = 0;
  *days = NULL;
  DIR *dir = opendir(h->folder);
  if (!dir)
    return lw_err_set(e, LW_E_IO, "%s: %s", h->folder, strerror(errno));
  for (struct dirent *entry; (entry = readdir(dir));) {
    int64_t day = lw_day_parse(entry->d_name);
    if (day < 0 || day < from || day > to)
      continue;
    if (lw_grow(days, &room, (size_t)n + 1, sizeof **days) < 0) {
      n = lw_err_set(e, LW_E_NOMEM, "out of memory reading %s", h->folder);
      break;
    }
    (*days)[n++] = day;
  }
  closedir(dir);
  if (n > 0)
    qsort(*days, (size_t)n, sizeof **days, by_number);
  return n;
}

// ------------------------------------------------------------------ chunks --

// One day and one tag while they are walked over.
typedef struct reader {
  lw_history *h;
  lw_day day;
  int64_t tag;
  int64_t mark_id, mark_n; // of the hot table, what is in chunks
  const lw_history_visit *v;
  int64_t row, row_n; // hot row being read, the tag's samples seen in it
  int stopped;        // what the visitor returned, or an error
  lw_err *e;
} reader;

static int damaged(reader *r, const char *what) {
  return lw_err_set(r->e, LW_E_CORRUPT, "%s: %s is damaged", r->day.path, what);
}

// Cut h->chunk to the span and show it.
static int show(reader *r) {
  lw_chunk *c = &r->h->chunk;
  size_t from = 0, to = c->n;
  while (from < to && c->t_ns[from] < r->v->from_ns)
    from++;
  while (to > from && c->t_ns[to - 1] >= r->v->to_ns)
    to--;
  c->n = to - from;
  if (c->n == 0)
    return 0;
  if (from) {
    memmove(c->t_ns, c->t_ns + from, c->n * sizeof *c->t_ns);
    memmove(c->value, c->value + from, c->n * sizeof *c->value);
    memmove(c->quality, c->quality + from, c->n);
  }
  return r->v->samples(r->v->arg, c);
}

static void read_figures(sqlite3_stmt *q, lw_day_chunk *c) {
  *c = (lw_day_chunk){.t0_ns = sqlite3_column_int64(q, 0),
                      .t1_ns = sqlite3_column_int64(q, 1),
                      .n = sqlite3_column_int64(q, 2),
                      .good_n = sqlite3_column_int64(q, 3),
                      .min = sqlite3_column_double(q, 4),
                      .max = sqlite3_column_double(q, 5),
                      .sum = sqlite3_column_double(q, 6),
                      .first = sqlite3_column_double(q, 7),
                      .last = sqlite3_column_double(q, 8),
                      .last_quality = sqlite3_column_int(q, 9),
                      .area_s = sqlite3_column_double(q, 10),
                      .span_ns = sqlite3_column_int64(q, 11)};
}

static int decode(reader *r, sqlite3_stmt *q) {
  lw_chunk *c = &r->h->chunk;
  int times = lw_chunk_read_times(r->h->coder, sqlite3_column_blob(q, 12),
                                  (size_t)sqlite3_column_bytes(q, 12), c->t_ns);
  int values = lw_chunk_read_values(r->h->coder, sqlite3_column_blob(q, 13),
                                    (size_t)sqlite3_column_bytes(q, 13),
                                    c->value, c->quality);
  if (times < 0 || values != times)
    return damaged(r, "a chunk");
  c->n = (size_t)times;
  return 0;
}

static int visit_chunk(reader *r, sqlite3_stmt *q) {
  lw_day_chunk c;
  read_figures(q, &c);
  int is_inside = c.t0_ns >= r->v->from_ns && c.t1_ns < r->v->to_ns;
  if (is_inside && r->v->figures && r->v->figures(r->v->arg, &c))
    return 0;
  int rc = decode(r, q);
  return rc < 0 ? rc : show(r);
}

// Run `visit` on each row of a query about the tag.
static int each(reader *r, const char *sql,
                int (*visit)(reader *r, sqlite3_stmt *q)) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(&r->day.db, &q, sql, "reading", r->e);
  if (rc < 0)
    return rc;
  if (sqlite3_bind_parameter_count(q) > 0)
    sqlite3_bind_int64(q, 1, r->tag);
  if (sqlite3_bind_parameter_count(q) > 1) {
    sqlite3_bind_int64(q, 2, r->v->from_ns);
    sqlite3_bind_int64(q, 3, r->v->to_ns);
  }
  while ((rc = lw_db_step(&r->day.db, q, "reading", r->e)) > 0) {
    r->stopped = visit(r, q);
    if (r->stopped)
      break;
  }
  sqlite3_finalize(q);
  return rc < 0 ? rc : r->stopped;
}

// --------------------------------------------------------------- hot table --

static int pick(void *arg, const lw_hot_sample *s) {
  reader *r = arg;
  lw_chunk *c = &r->h->chunk;
  if (s->tag != r->tag)
    return 0;
  r->row_n++;
  if (r->row == r->mark_id && r->row_n <= r->mark_n)
    return 0;
  if (s->t_ns < r->v->from_ns || s->t_ns >= r->v->to_ns)
    return 0;
  c->t_ns[c->n] = s->t_ns;
  c->value[c->n] = s->value;
  c->quality[c->n++] = s->quality;
  if (c->n < LW_CHUNK_N)
    return 0;
  int rc = show(r);
  c->n = 0;
  return rc;
}

static int visit_hot(reader *r, sqlite3_stmt *q) {
  r->row = sqlite3_column_int64(q, 0);
  r->row_n = 0;
  if (r->row < r->mark_id)
    return 0;
  int rc = lw_hot_walk(sqlite3_column_blob(q, 1),
                       (size_t)sqlite3_column_bytes(q, 1), pick, r);
  return rc == LW_E_CORRUPT ? damaged(r, "a hot row") : rc;
}

static int read_mark(reader *r, sqlite3_stmt *q) {
  r->mark_id = sqlite3_column_int64(q, 0);
  r->mark_n = sqlite3_column_int64(q, 1);
  return 0;
}

// -------------------------------------------------------------------- walk --

static int walk_tag(reader *r, const char *tag) {
  // One transaction, so that no sample moves from hot to chunk meanwhile.
  int rc = lw_db_run(&r->day.db, "BEGIN", "reading", r->e);
  if (rc < 0)
    return rc;
  r->tag = lw_day_tag(&r->day, tag, "", LW_DB_READ, r->e);
  if (r->tag <= 0)
    return (int)r->tag;
  rc = each(r, "SELECT hot_id, hot_n FROM tag WHERE id=?", read_mark);
  if (rc == 0)
    rc = each(r,
              "SELECT t0,t1,n,good,mn,mx,sm,first,last,last_quality,area,span,"
              "times.b,chunk.b FROM chunk JOIN times ON times.id=chunk.times"
              " WHERE tag=?1 AND t0<?3 AND t1>=?2 ORDER BY chunk.id",
              visit_chunk);
  if (rc)
    return rc;
  r->h->chunk.n = 0;
  rc = each(r, "SELECT id,b FROM hot ORDER BY id", visit_hot);
  return rc ? rc : show(r);
}

static int walk_day(lw_history *h, int64_t day, const char *tag,
                    const lw_history_visit *v, lw_err *e) {
  reader r = {.h = h, .v = v, .e = e};
  int rc = lw_day_open(&r.day, h->folder, day, LW_DB_READ, e);
  if (rc < 0)
    return rc == LW_E_AGAIN ? 0 : rc;
  rc = walk_tag(&r, tag);
  lw_day_close(&r.day, 1);
  return rc;
}

int lw_history_walk(lw_history *h, const char *tag, const lw_history_visit *v,
                    lw_err *e) {
  int64_t *days;
  if (v->to_ns <= v->from_ns)
    return 0;
  int n = lw_history_days(h, lw_day_of(v->from_ns), lw_day_of(v->to_ns - 1),
                          &days, e);
  int rc = n < 0 ? n : 0;
  for (int i = 0; rc == 0 && i < n; i++)
    rc = walk_day(h, days[i], tag, v, e);
  free(days);
  return rc;
}

int lw_history_read(lw_history *h, const char *tag, int64_t from_ns,
                    int64_t to_ns,
                    int (*fn)(void *arg, const lw_chunk *samples), void *arg,
                    lw_err *e) {
  lw_history_visit v = {
      .from_ns = from_ns, .to_ns = to_ns, .samples = fn, .arg = arg};
  return lw_history_walk(h, tag, &v, e);
}
