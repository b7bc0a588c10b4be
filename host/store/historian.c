#include <errno.h>    // errno
#include <stdio.h>    // snprintf
#include <stdlib.h>   // calloc
#include <string.h>   // memcpy
#include <sys/stat.h> // mkdir, stat
#include <unistd.h>   // close, unlink

#include "base/grow.h" // lw_grow
#include "store/historian_private.h"
#include "store/lock.h" // lw_lock_open

// A tag that changes seldom gets a short chunk after so many commits, so that
// it does not keep the hot table from being emptied (83 minutes at 4 a second).
#define HOT_ROWS_MAX 20000
#define HOT_CHECK_ROWS 256
// Samples of one commit at most [bytes]; a commit comes early beyond.
#define PENDING_MAX (8u << 20)

// Any failed write is the last one.
static int stop_at(lw_historian *h, int rc, const lw_err *why, lw_err *e) {
  if (h->stop.code == 0) {
    h->stop = *why;
    h->stop.code = rc;
  }
  if (e)
    *e = h->stop;
  return rc;
}

// -------------------------------------------------------------------- tags --

int lw_historian_tag(lw_historian *h, const char *name, const char *unit,
                     lw_err *e) {
  for (size_t i = 0; i < h->tag_n; i++)
    if (strcmp(h->tags[i].name, name) == 0)
      return (int)i;
  lw_hist_tag t = {.name = strdup(name), .unit = strdup(unit)};
  t.samples = calloc(1, sizeof *t.samples);
  if (!t.name || !t.unit || !t.samples ||
      lw_grow(&h->tags, &h->tag_room, h->tag_n + 1, sizeof t) < 0) {
    free(t.name);
    free(t.unit);
    free(t.samples);
    return lw_err_set(e, LW_E_NOMEM, "out of memory for tag %s", name);
  }
  h->tags[h->tag_n] = t;
  return (int)h->tag_n++;
}

static int look_up(lw_historian *h, lw_hist_tag *t, lw_err *e) {
  int64_t id = lw_day_tag(&h->day, t->name, t->unit, LW_DB_WRITE, e);
  if (id < 0)
    return (int)id;
  t->file_id = id;
  return 0;
}

// ------------------------------------------------------------------ chunks --

static int run_insert(lw_historian *h, sqlite3_stmt *q, lw_err *e) {
  int rc = lw_db_step(&h->day.db, q, "writing samples", e);
  sqlite3_reset(q);
  return rc;
}

// Number of a blob with these times; one that is there already serves again.
static int64_t times_id(lw_historian *h, const lw_chunk *c, lw_err *e) {
  for (size_t i = 0; i < LW_TIMES_KEPT; i++) {
    const lw_shared_times *s = &h->times[i];
    if (s->n == c->n && memcmp(s->t_ns, c->t_ns, c->n * sizeof *c->t_ns) == 0)
      return s->id;
  }
  size_t size = lw_chunk_write_times(h->coder, c->t_ns, c->n, h->times_blob);
  sqlite3_bind_blob64(h->put_times, 1, h->times_blob, size, SQLITE_STATIC);
  int rc = run_insert(h, h->put_times, e);
  if (rc < 0)
    return rc;
  lw_shared_times *s = &h->times[h->times_next++ % LW_TIMES_KEPT];
  s->id = sqlite3_last_insert_rowid(h->day.db.handle);
  s->n = c->n;
  memcpy(s->t_ns, c->t_ns, c->n * sizeof *c->t_ns);
  return s->id;
}

static void bind_figures(sqlite3_stmt *q, const lw_chunk *samples) {
  lw_day_chunk c;
  lw_day_measure(&c, samples);
  const int64_t whole[] = {c.t0_ns, c.t1_ns, c.n, c.good_n};
  const double real[] = {c.min, c.max, c.sum, c.first, c.last};
  for (int i = 0; i < 4; i++)
    sqlite3_bind_int64(q, i + 2, whole[i]);
  for (int i = 0; i < 5; i++)
    sqlite3_bind_double(q, i + 6, real[i]);
  sqlite3_bind_int(q, 11, c.last_quality);
  sqlite3_bind_double(q, 12, c.area_s);
  sqlite3_bind_int64(q, 13, c.span_ns);
}

static int mark_hot(lw_historian *h, const lw_hist_tag *t, lw_err *e) {
  sqlite3_bind_int64(h->put_mark, 1, t->row);
  sqlite3_bind_int64(h->put_mark, 2, t->row_n);
  sqlite3_bind_int64(h->put_mark, 3, t->file_id);
  return run_insert(h, h->put_mark, e);
}

// Turn a tag's waiting samples into a chunk.
int lw_hist_seal(lw_historian *h, lw_hist_tag *t, lw_err *e) {
  lw_chunk *c = t->samples;
  if (c->n == 0)
    return 0;
  int64_t times = times_id(h, c, e);
  if (times < 0)
    return (int)times;
  size_t size = lw_chunk_write_values(h->coder, c->value, c->quality, c->n,
                                      h->values_blob);
  sqlite3_bind_int64(h->put_chunk, 1, t->file_id);
  bind_figures(h->put_chunk, c);
  sqlite3_bind_int64(h->put_chunk, 14, times);
  sqlite3_bind_blob64(h->put_chunk, 15, h->values_blob, size, SQLITE_STATIC);
  int rc = run_insert(h, h->put_chunk, e);
  if (rc == 0)
    rc = mark_hot(h, t, e);
  if (rc < 0)
    return rc;
  c->n = 0;
  h->has_sealed = 1;
  h->stats.chunks++;
  return 0;
}

int lw_hist_take(lw_historian *h, lw_hist_tag *t, int64_t row,
                 const lw_hot_sample *s, lw_err *e) {
  lw_chunk *c = t->samples;
  // A chunk's times only go up.
  int rc = c->n && s->t_ns < c->t_ns[c->n - 1] ? lw_hist_seal(h, t, e) : 0;
  if (rc < 0)
    return rc;
  if (c->n == 0)
    t->hot_from = row;
  if (t->row != row) {
    t->row = row;
    t->row_n = 0;
  }
  t->row_n++;
  c->t_ns[c->n] = s->t_ns;
  c->value[c->n] = s->value;
  c->quality[c->n++] = s->quality;
  return c->n == LW_CHUNK_N ? lw_hist_seal(h, t, e) : 0;
}

// --------------------------------------------------------------- hot table --

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t n) {
  memcpy(at, bytes, n);
  return at + n;
}

static int add_pending(lw_historian *h, int64_t t_ns, const lw_history_value *v,
                       size_t n) {
  size_t size = LW_HOT_HEAD_N + n * LW_HOT_SAMPLE_N;
  int rc = lw_grow(&h->pending, &h->pending_room, h->pending_n + size, 1);
  if (rc < 0)
    return rc;
  uint8_t *at = h->pending + h->pending_n;
  uint32_t count = (uint32_t)n;
  at = put_bytes(at, &t_ns, 8);
  at = put_bytes(at, &count, 4);
  for (size_t i = 0; i < n; i++) {
    uint32_t id = (uint32_t)h->tags[v[i].tag].file_id;
    at = put_bytes(at, &id, 4);
    *at++ = v[i].quality;
    at = put_bytes(at, &v[i].value, 8);
  }
  h->pending_n += size;
  return 0;
}

static int write_pending(lw_historian *h, lw_err *e) {
  if (h->pending_n == 0)
    return 0;
  sqlite3_bind_int64(h->put_hot, 1, h->row);
  sqlite3_bind_blob64(h->put_hot, 2, h->pending, h->pending_n, SQLITE_STATIC);
  h->pending_n = 0;
  int rc = run_insert(h, h->put_hot, e);
  h->row++;
  return rc;
}

static int seal_long_waiting(lw_historian *h, lw_err *e) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < h->tag_n; i++) {
    lw_hist_tag *t = &h->tags[i];
    if (t->samples->n && h->row - t->hot_from > HOT_ROWS_MAX)
      rc = lw_hist_seal(h, t, e);
  }
  return rc;
}

// Drop the rows whose samples are all in chunks.
static int drop_hot(lw_historian *h, lw_err *e) {
  int64_t keep = h->row;
  char sql[64];
  for (size_t i = 0; i < h->tag_n; i++)
    if (h->tags[i].samples->n && h->tags[i].hot_from < keep)
      keep = h->tags[i].hot_from;
  h->has_sealed = 0;
  snprintf(sql, sizeof sql, "DELETE FROM hot WHERE id<%lld", (long long)keep);
  return lw_db_run(&h->day.db, sql, "writing samples", e);
}

int lw_hist_finish(lw_historian *h, lw_err *e) {
  int rc = write_pending(h, e);
  if (rc == 0 && h->row % HOT_CHECK_ROWS == 0)
    rc = seal_long_waiting(h, e);
  if (rc == 0 && h->has_sealed)
    rc = drop_hot(h, e);
  if (rc == 0)
    rc = lw_db_run(&h->day.db, "COMMIT", "writing samples", e);
  if (rc == 0)
    rc = lw_db_checkpoint(&h->day.db, e);
  return rc;
}

int lw_historian_commit(lw_historian *h, lw_err *e) {
  lw_err why = {0};
  if (h->stop.code)
    return stop_at(h, h->stop.code, &h->stop, e);
  if (!h->has_begun)
    return 0;
  h->has_begun = 0;
  int rc = lw_hist_finish(h, &why);
  if (rc == 0)
    rc = lw_db_check_files(&h->day.db, &why);
  if (rc < 0)
    return stop_at(h, rc, &why, e);
  h->stats.commits++;
  return 0;
}

// ------------------------------------------------------------------- faces --

static int check_values(const lw_historian *h, const lw_history_value *v,
                        size_t n, lw_err *e) {
  for (size_t i = 0; i < n; i++)
    if (v[i].tag >= h->tag_n)
      return lw_err_set(e, LW_E_RANGE, "tag number %u, must be below %zu",
                        v[i].tag, h->tag_n);
  return 0;
}

static int put(lw_historian *h, int64_t t_ns, const lw_history_value *v,
               size_t n, lw_err *e) {
  int rc = lw_hist_go_to_day(h, lw_day_of(t_ns), e);
  if (rc == 0)
    rc = lw_hist_begin(h, e);
  for (size_t i = 0; rc == 0 && i < n; i++)
    if (h->tags[v[i].tag].file_id == 0)
      rc = look_up(h, &h->tags[v[i].tag], e);
  if (rc == 0)
    rc = add_pending(h, t_ns, v, n);
  for (size_t i = 0; rc == 0 && i < n; i++) {
    lw_hot_sample s = {t_ns, v[i].tag, v[i].quality, v[i].value};
    rc = lw_hist_take(h, &h->tags[v[i].tag], h->row, &s, e);
  }
  return rc;
}

int lw_historian_put(lw_historian *h, int64_t t_ns, const lw_history_value *v,
                     size_t n, lw_err *e) {
  lw_err why = {0};
  if (h->stop.code)
    return stop_at(h, h->stop.code, &h->stop, e);
  int rc = check_values(h, v, n, e);
  if (rc < 0)
    return rc;
  rc = put(h, t_ns, v, n, &why);
  if (rc < 0)
    return stop_at(h, rc, &why, e);
  h->stats.samples += n;
  return h->pending_n > PENDING_MAX ? lw_historian_commit(h, e) : 0;
}

static int open_folder(lw_historian *h, const char *folder, lw_err *e) {
  char lock[4096];
  h->folder = strdup(folder);
  h->coder = lw_coder_new();
  if (!h->folder || !h->coder)
    return lw_err_set(e, LW_E_NOMEM, "out of memory opening %s", folder);
  if (mkdir(folder, 0777) < 0 && errno != EEXIST)
    return lw_err_set(e, errno == EACCES ? LW_E_DENIED : LW_E_IO, "%s: %s",
                      folder, strerror(errno));
  if (snprintf(lock, sizeof lock, "%s/lock", folder) >= (int)sizeof lock)
    return lw_err_set(e, LW_E_RANGE, "the path %.80s... is too long", folder);
  h->lock_fd = lw_lock_open(lock, folder, e);
  return h->lock_fd < 0 ? h->lock_fd : 0;
}

int lw_historian_open(lw_historian **out, const char *folder, lw_err *e) {
  *out = NULL;
  lw_historian *h = calloc(1, sizeof *h);
  if (!h)
    return lw_err_set(e, LW_E_NOMEM, "out of memory opening %s", folder);
  h->lock_fd = -1;
  int rc = open_folder(h, folder, e);
  if (rc < 0) {
    lw_historian_close(h);
    return rc;
  }
  lw_hist_adopt(h);
  *out = h;
  return 0;
}

static int end_with(lw_historian *h, int (*end)(lw_historian *h, lw_err *e),
                    lw_err *e) {
  lw_err why = {0};
  if (h->stop.code)
    return stop_at(h, h->stop.code, &h->stop, e);
  int rc = h->has_day ? end(h, &why) : 0;
  return rc < 0 ? stop_at(h, rc, &why, e) : 0;
}

int lw_historian_end(lw_historian *h, lw_err *e) {
  return end_with(h, lw_hist_end_chunks, e);
}

int lw_historian_end_day(lw_historian *h, lw_err *e) {
  return end_with(h, lw_hist_end_day, e);
}

void lw_historian_close(lw_historian *h) {
  if (!h)
    return;
  if (h->has_day) {
    lw_historian_commit(h, NULL);
    lw_hist_close_day(h, 0);
  }
  for (size_t i = 0; i < h->tag_n; i++) {
    free(h->tags[i].name);
    free(h->tags[i].unit);
    free(h->tags[i].samples);
  }
  if (h->lock_fd >= 0)
    close(h->lock_fd);
  lw_coder_free(h->coder);
  free(h->tags);
  free(h->pending);
  free(h->folder);
  free(h);
}

void lw_historian_stats_read(const lw_historian *h, lw_historian_stats *out) {
  *out = h->stats;
}
