// The historian from day to day: opening a day's file, taking in again what an
// earlier life left in its hot table, and closing it for good.
#include <stdlib.h> // calloc
#include <string.h> // memset

#include "store/historian_private.h"
#include "store/history_private.h" // lw_history_days

static int prepare(lw_historian *h, lw_err *e) {
  static const char *const sql[] = {
      "INSERT INTO chunk VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      "INSERT INTO times VALUES(NULL,?)", "INSERT INTO hot VALUES(?,?)",
      "UPDATE tag SET hot_id=?, hot_n=? WHERE id=?"};
  sqlite3_stmt **q[] = {&h->put_chunk, &h->put_times, &h->put_hot,
                        &h->put_mark};
  int rc = 0;
  for (int i = 0; rc == 0 && i < 4; i++)
    rc = lw_db_prepare(&h->day.db, q[i], sql[i], "opening", e);
  return rc;
}

// Tags the file knows, with what of them is in chunks.
static int load_tags(lw_historian *h, lw_err *e) {
  sqlite3_stmt *q;
  int rc =
      lw_db_prepare(&h->day.db, &q, "SELECT id,name,unit,hot_id,hot_n FROM tag",
                    "reading", e);
  if (rc < 0)
    return rc;
  while ((rc = lw_db_step(&h->day.db, q, "reading", e)) > 0) {
    int i = lw_historian_tag(h, (const char *)sqlite3_column_text(q, 1),
                             (const char *)sqlite3_column_text(q, 2), e);
    if (i < 0) {
      rc = i;
      break;
    }
    lw_hist_tag *t = &h->tags[i];
    t->file_id = sqlite3_column_int64(q, 0);
    t->row = sqlite3_column_int64(q, 3);
    t->row_n = sqlite3_column_int64(q, 4);
    if (t->row >= h->row)
      h->row = t->row + 1;
  }
  sqlite3_finalize(q);
  return rc;
}

// A tag while the hot table is read again.
typedef struct progress {
  lw_hist_tag *tag;         // NULL: no tag has this number
  int64_t mark_row, mark_n; // what is in chunks already
  int64_t seen_row, seen_n; // how far the reading is
} progress;

typedef struct reload {
  lw_historian *h;
  int64_t row;
  progress *by_id; // [id_n], by the tag's number in the file
  size_t id_n;
  lw_err *e;
} reload;

static int reload_sample(void *arg, const lw_hot_sample *s) {
  reload *r = arg;
  if (s->tag >= r->id_n || !r->by_id[s->tag].tag)
    return LW_E_CORRUPT;
  progress *p = &r->by_id[s->tag];
  if (p->seen_row != r->row) {
    p->seen_row = r->row;
    p->seen_n = 0;
  }
  p->seen_n++;
  int is_in_chunk =
      r->row < p->mark_row || (r->row == p->mark_row && p->seen_n <= p->mark_n);
  return is_in_chunk ? 0 : lw_hist_take(r->h, p->tag, r->row, s, r->e);
}

static int reload_rows(lw_historian *h, reload *r, lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(&h->day.db, &q, "SELECT id,b FROM hot ORDER BY id",
                         "reading", e);
  if (rc < 0)
    return rc;
  while ((rc = lw_db_step(&h->day.db, q, "reading", e)) > 0) {
    r->row = sqlite3_column_int64(q, 0);
    rc = lw_hot_walk(sqlite3_column_blob(q, 1),
                     (size_t)sqlite3_column_bytes(q, 1), reload_sample, r);
    if (r->row >= h->row)
      h->row = r->row + 1;
    if (rc < 0) {
      lw_err_set(e, rc, "%s: hot row %lld is damaged", h->day.path,
                 (long long)r->row);
      break;
    }
  }
  sqlite3_finalize(q);
  return rc;
}

// Samples of an earlier life that are not in chunks yet.
static int load_hot(lw_historian *h, lw_err *e) {
  reload r = {.h = h, .e = e, .id_n = 1};
  for (size_t i = 0; i < h->tag_n; i++)
    if ((size_t)h->tags[i].file_id >= r.id_n)
      r.id_n = (size_t)h->tags[i].file_id + 1;
  r.by_id = calloc(r.id_n, sizeof *r.by_id);
  if (!r.by_id)
    return lw_err_set(e, LW_E_NOMEM, "out of memory opening %s", h->folder);
  for (size_t i = 0; i < h->tag_n; i++) {
    lw_hist_tag *t = &h->tags[i];
    if (t->file_id > 0)
      r.by_id[t->file_id] =
          (progress){.tag = t, .mark_row = t->row, .mark_n = t->row_n};
  }
  int rc = reload_rows(h, &r, e);
  free(r.by_id);
  return rc;
}

int lw_hist_begin(lw_historian *h, lw_err *e) {
  if (h->has_begun)
    return 0;
  int rc = lw_db_run(&h->day.db, "BEGIN IMMEDIATE", "writing samples", e);
  h->has_begun = rc == 0;
  return rc;
}

void lw_hist_close_day(lw_historian *h, int is_over) {
  sqlite3_finalize(h->put_chunk);
  sqlite3_finalize(h->put_times);
  sqlite3_finalize(h->put_hot);
  sqlite3_finalize(h->put_mark);
  h->put_chunk = h->put_times = h->put_hot = h->put_mark = NULL;
  if (is_over)
    lw_day_pack(&h->day);
  lw_day_close(&h->day, h->stop.code == 0);
  h->has_day = 0;
}

static int open_day(lw_historian *h, int64_t day, lw_err *e) {
  int rc = lw_day_open(&h->day, h->folder, day, LW_DB_WRITE, e);
  if (rc < 0)
    return rc;
  h->has_day = 1;
  h->row = 1;
  memset(h->times, 0, sizeof h->times);
  for (size_t i = 0; i < h->tag_n; i++) {
    h->tags[i].file_id = h->tags[i].row = h->tags[i].row_n = 0;
    h->tags[i].samples->n = 0;
  }
  rc = prepare(h, e);
  if (rc == 0)
    rc = load_tags(h, e);
  if (rc == 0)
    rc = lw_hist_begin(h, e); // taking samples in may complete a chunk
  return rc < 0 ? rc : load_hot(h, e);
}

int lw_hist_end_chunks(lw_historian *h, lw_err *e) {
  int rc = lw_hist_begin(h, e);
  for (size_t i = 0; rc == 0 && i < h->tag_n; i++)
    rc = lw_hist_seal(h, &h->tags[i], e);
  if (rc == 0)
    rc = lw_hist_finish(h, e);
  h->has_begun = 0;
  if (rc == 0)
    rc = lw_db_run(&h->day.db, "PRAGMA incremental_vacuum", "ending a day", e);
  return rc;
}

int lw_hist_end_day(lw_historian *h, lw_err *e) {
  int rc = h->has_day ? lw_hist_end_chunks(h, e) : 0;
  if (rc == 0 && h->has_day)
    lw_hist_close_day(h, 1);
  return rc;
}

int lw_hist_go_to_day(lw_historian *h, int64_t day, lw_err *e) {
  if (h->has_day && h->day.day == day)
    return 0;
  int rc = lw_hist_end_day(h, e);
  return rc < 0 ? rc : open_day(h, day, e);
}

// A day that cannot be opened is left alone: today's can still be written.
void lw_hist_adopt(lw_historian *h) {
  lw_history reader = {.folder = h->folder};
  int64_t *days;
  int n = lw_history_days(&reader, INT64_MIN, INT64_MAX, &days, NULL);
  if (n > 0 && open_day(h, days[n - 1], NULL) < 0) {
    h->has_begun = 0;
    lw_hist_close_day(h, 0);
  }
  free(days);
}
