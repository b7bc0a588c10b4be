// The forwarder's historian half: closed chunks, one row each.
#include <dirent.h> // scandir
#include <stdio.h>  // snprintf
#include <stdlib.h> // free
#include <string.h> // strncmp

#include "base/grow.h" // lw_grow
#include "store/forward_private.h"
#include "store/history_private.h" // lw_history_days
#include "store/sent.h"            // lw_sent

// Chunks of one transaction: a quarter million samples.
#define BATCH_N 128

// ------------------------------------------------------------------ tags ----

static lw_forward_tag *find_tag(lw_forward *f, const char *name) {
  for (size_t i = 0; i < f->tag_n; i++)
    if (strcmp(f->tags[i].name, name) == 0)
      return &f->tags[i];
  return NULL;
}

static int keep_tag(lw_forward *f, const char *name, int64_t id) {
  if (lw_grow(&f->tags, &f->tag_room, f->tag_n + 1, sizeof *f->tags) < 0)
    return LW_E_NOMEM;
  char *copy = strdup(name);
  if (!copy)
    return LW_E_NOMEM;
  f->tags[f->tag_n++] = (lw_forward_tag){copy, id};
  return 0;
}

// Number of a tag in PostgreSQL, made when new.
static int64_t tag_id(lw_forward *f, const char *name, const char *unit,
                      lw_err *e) {
  const lw_forward_tag *known = find_tag(f, name);
  const char *params[] = {f->source, name, unit};
  int64_t id = 0;
  if (known)
    return known->id;
  int rc = lw_pg_number(f->pg,
                        "INSERT INTO linewright.tag(source,name,unit)"
                        " VALUES($1,$2,$3) ON CONFLICT (source, name)"
                        " DO UPDATE SET unit=excluded.unit RETURNING id",
                        3, params, &id, e);
  if (rc == 0 && keep_tag(f, name, id) < 0)
    rc = lw_err_set(e, LW_E_NOMEM, "out of memory for tag %s", name);
  return rc < 0 ? rc : id;
}

// ------------------------------------------------------------------- day ----

// One day's file while it is sent.
typedef struct day {
  lw_forward *f;
  lw_history *h;
  lw_day file;
  char name[64]; // "2026-11-22", "run-3/2026-11-22"
  int64_t *ids;  // [id_n], of its tags in PostgreSQL, by their number here
  int64_t id_n;
  int64_t sent; // newest chunk that is there
} day;

// Before the COPY: no other statement may come between its rows.
static int map_tags(day *d, lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_number(&d->file.db, "SELECT max(id) FROM tag", "reading",
                        &d->id_n, e);
  if (rc < 0)
    return rc;
  d->ids = calloc((size_t)++d->id_n, sizeof *d->ids);
  if (!d->ids)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for tags");
  rc = lw_db_prepare(&d->file.db, &q, "SELECT id, name, unit FROM tag",
                     "reading", e);
  if (rc < 0)
    return rc;
  while ((rc = lw_db_step(&d->file.db, q, "reading", e)) > 0) {
    int64_t i = sqlite3_column_int64(q, 0);
    int64_t id = tag_id(d->f, (const char *)sqlite3_column_text(q, 1),
                        (const char *)sqlite3_column_text(q, 2), e);
    if (id < 0) {
      rc = (int)id;
      break;
    }
    if (i > 0 && i < d->id_n)
      d->ids[i] = id;
  }
  sqlite3_finalize(q);
  return rc;
}

// id, tag, n, good, mn, mx, sm, times.b, chunk.b
static int decode(day *d, sqlite3_stmt *q, lw_err *e) {
  lw_chunk *c = &d->h->chunk;
  int times = lw_chunk_read_times(d->h->coder, sqlite3_column_blob(q, 7),
                                  (size_t)sqlite3_column_bytes(q, 7), c->t_ns);
  int values = lw_chunk_read_values(d->h->coder, sqlite3_column_blob(q, 8),
                                    (size_t)sqlite3_column_bytes(q, 8),
                                    c->value, c->quality);
  int64_t tag = sqlite3_column_int64(q, 1);
  if (times <= 0 || values != times || tag <= 0 || tag >= d->id_n ||
      !d->ids[tag])
    return lw_err_set(e, LW_E_CORRUPT, "%s: chunk %lld is damaged",
                      d->file.path, (long long)sqlite3_column_int64(q, 0));
  c->n = (size_t)times;
  return 0;
}

static int is_all_good(const lw_chunk *c) {
  for (size_t i = 0; i < c->n; i++)
    if (c->quality[i] != 2)
      return 0;
  return 1;
}

static void put_real(lw_pg *p, sqlite3_stmt *q, int column) {
  if (sqlite3_column_type(q, column) == SQLITE_NULL)
    lw_pg_null(p);
  else
    lw_pg_real(p, sqlite3_column_double(q, column));
}

static int send_chunk(day *d, sqlite3_stmt *q, lw_err *e) {
  lw_pg *p = d->f->pg;
  const lw_chunk *c = &d->h->chunk;
  int rc = decode(d, q, e);
  if (rc < 0)
    return rc;
  lw_pg_row(p);
  lw_pg_int(p, 4, atoi(d->f->source));
  lw_pg_text(p, d->name, strlen(d->name));
  lw_pg_int(p, 8, sqlite3_column_int64(q, 0));
  lw_pg_int(p, 4, d->ids[sqlite3_column_int64(q, 1)]);
  lw_pg_time(p, c->t_ns[0]);
  lw_pg_time(p, c->t_ns[c->n - 1]);
  for (int i = 2; i <= 3; i++)
    lw_pg_int(p, 4, sqlite3_column_int64(q, i));
  for (int i = 4; i <= 6; i++)
    put_real(p, q, i);
  lw_pg_ints(p, c->t_ns, c->n);
  lw_pg_reals(p, c->value, c->n);
  if (is_all_good(c))
    lw_pg_null(p);
  else
    lw_pg_smalls(p, c->quality, c->n);
  return lw_pg_row_end(p, e);
}

static int copy_chunks(day *d, int64_t from, int64_t to, lw_forward_stats *sent,
                       lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(
      &d->file.db, &q,
      "SELECT chunk.id,tag,n,good,mn,mx,sm,times.b,chunk.b FROM chunk"
      " JOIN times ON times.id=chunk.times"
      " WHERE chunk.id>? AND chunk.id<=? ORDER BY chunk.id",
      "reading", e);
  if (rc < 0)
    return rc;
  sqlite3_bind_int64(q, 1, from);
  sqlite3_bind_int64(q, 2, to);
  rc = lw_pg_copy_begin(d->f->pg, "linewright.chunk", 14, e);
  while (rc == 0 && (rc = lw_db_step(&d->file.db, q, "reading", e)) > 0) {
    rc = send_chunk(d, q, e);
    sent->chunks++;
    sent->points += (int64_t)d->h->chunk.n;
  }
  sqlite3_finalize(q);
  return rc < 0 ? rc : lw_pg_copy_end(d->f->pg, e);
}

static int send_chunks(day *d, lw_err *e) {
  char stream[80];
  int64_t at, end;
  lw_forward *f = d->f;
  snprintf(stream, sizeof stream, "chunk %s", d->name);
  int rc = lw_forward_progress(f, stream, &at, e);
  if (rc == 0)
    rc = lw_db_number(&d->file.db, "SELECT max(id) FROM chunk", "reading", &end,
                      e);
  if (rc == 0 && at < end)
    rc = map_tags(d, e);
  while (rc == 0 && at < end) {
    lw_forward_stats sent = {0};
    int64_t to = end - at > BATCH_N ? at + BATCH_N : end;
    rc = lw_pg_run(f->pg, "BEGIN", e);
    if (rc == 0)
      rc = copy_chunks(d, at, to, &sent, e);
    rc = lw_forward_commit(f, rc, stream, to, e);
    if (rc < 0)
      break;
    f->sent->chunks += sent.chunks;
    f->sent->points += sent.points;
    at = to;
  }
  d->sent = at;
  free(d->ids);
  return rc;
}

static int send_day(lw_forward *f, lw_history *h, int64_t number,
                    const char *prefix, lw_sent *told, lw_err *e) {
  char name[LW_DAY_NAME_N];
  day d = {.f = f, .h = h};
  int rc = lw_day_name(number, name);
  if (rc == 0)
    rc = lw_day_open(&d.file, h->folder, number, LW_DB_READ, e);
  if (rc < 0)
    return rc == LW_E_AGAIN ? 0 : rc;
  snprintf(d.name, sizeof d.name, "%.40s%.10s", prefix, name);
  rc = send_chunks(&d, e);
  if (rc == 0)
    rc = lw_sent_note(told, number, d.sent, e);
  lw_day_close(&d.file, 1);
  return rc;
}

// --------------------------------------------------------------- folders ----

static int send_folder(lw_forward *f, const char *folder, const char *prefix,
                       lw_err *e) {
  lw_history *h;
  int64_t *days = NULL;
  int rc = lw_history_open(&h, folder, e);
  if (rc == LW_E_NOTFOUND) // nothing was recorded
    return 0;
  if (rc < 0)
    return rc;
  lw_sent told;
  rc = lw_sent_open(&told, folder, f->who, e);
  int n = rc < 0 ? rc : lw_history_days(h, INT64_MIN, INT64_MAX, &days, e);
  rc = n < 0 ? n : 0;
  for (int i = 0; rc == 0 && i < n; i++)
    rc = send_day(f, h, days[i], prefix, &told, e);
  if (rc == 0)
    rc = lw_sent_save(&told, e);
  lw_sent_fini(&told);
  free(days);
  lw_history_close(h);
  return rc;
}

// Simulated runs have folders of their own.
static int is_run(const struct dirent *entry) {
  return strncmp(entry->d_name, "run-", 4) == 0;
}

// Of the history and of each simulated run; returns the sum of what fn returns,
// or its first error.
static int each_folder(lw_forward *f,
                       int (*fn)(lw_forward *f, const char *folder,
                                 const char *prefix, lw_err *e),
                       lw_err *e) {
  struct dirent **runs;
  int sum = fn(f, f->history, "", e);
  int n = scandir(f->history, &runs, is_run, versionsort);
  for (int i = 0; i < n; i++) {
    char folder[sizeof f->history + 300], prefix[300];
    snprintf(folder, sizeof folder, "%s/%s", f->history, runs[i]->d_name);
    snprintf(prefix, sizeof prefix, "%s/", runs[i]->d_name);
    int rc = sum < 0 ? sum : fn(f, folder, prefix, e);
    sum = rc < 0 ? rc : sum + rc;
    free(runs[i]);
  }
  if (n >= 0)
    free(runs);
  return sum;
}

int lw_forward_chunks(lw_forward *f, lw_err *e) {
  return each_folder(f, send_folder, e);
}

static int forget_folder(lw_forward *f, const char *folder, const char *prefix,
                         lw_err *e) {
  (void)prefix;
  return lw_sent_forget(folder, f->who, e);
}

int lw_forward_forget_folders(lw_forward *f, lw_err *e) {
  return each_folder(f, forget_folder, e);
}
