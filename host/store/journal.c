// Records in the file: appended at the chain's end, read back by cursor.
#include <stdlib.h> // calloc
#include <string.h> // memcpy

#include "store/store_private.h"
#include "store/verify.h" // lw_store_verify_from

// Records checked against the chain each time the file is opened to write.
#define OPENING_CHECK_N 64

static void bind_bytes(sqlite3_stmt *q, int i, const char *bytes, size_t n) {
  sqlite3_bind_text64(q, i, n ? bytes : "", n, SQLITE_STATIC, SQLITE_UTF8);
}

int lw_journal_append(lw_store *s, lw_chain *chain, int64_t run,
                      const uint8_t digest[LW_HASH_N], uint32_t source,
                      const lw_record *r, lw_err *e) {
  uint8_t hash[LW_HASH_N];
  sqlite3_stmt *q = s->append;
  lw_chain_record(chain, digest, source, r, hash);
  const int64_t numbers[] = {chain->id + 1,   run,       source,
                             (int64_t)r->seq, r->t_ns,   r->wall_ns,
                             r->synced,       r->durable};
  for (int i = 0; i < 8; i++)
    sqlite3_bind_int64(q, i + 1, numbers[i]);
  sqlite3_bind_text(q, 9, lw_record_kind_name(r->kind), -1, SQLITE_STATIC);
  bind_bytes(q, 10, r->key, r->key_n);
  bind_bytes(q, 11, r->data, r->data_n);
  sqlite3_bind_blob(q, 12, hash, sizeof hash, SQLITE_STATIC);
  int rc = lw_db_step(&s->db, q, "writing a record", e);
  sqlite3_reset(q);
  if (rc < 0)
    return rc;
  chain->id++;
  memcpy(chain->head, hash, sizeof hash);
  return 0;
}

int lw_journal_head(lw_store *s, const lw_chain *chain, lw_err *e) {
  sqlite3_bind_int64(s->mark, 1, chain->id);
  sqlite3_bind_blob(s->mark, 2, chain->head, LW_HASH_N, SQLITE_STATIC);
  int rc = lw_db_step(&s->db, s->mark, "writing", e);
  sqlite3_reset(s->mark);
  return rc;
}

static int refuse_damage(void *arg, int64_t record, const char *text) {
  lw_store *s = arg;
  (void)record;
  lw_err_set(&s->stop, LW_E_CORRUPT,
             "%s: %s; keep the file for `linewright verify` and write to "
             "another one",
             s->path, text);
  return 1;
}

int lw_journal_load(lw_store *s, lw_err *e) {
  lw_verify_result result;
  sqlite3_stmt *q;
  int rc =
      lw_db_prepare(&s->db, &q, "SELECT record, head FROM chain", "reading", e);
  if (rc < 0)
    return rc;
  rc = lw_db_step(&s->db, q, "reading", e);
  if (rc > 0 && sqlite3_column_bytes(q, 1) == LW_HASH_N) {
    s->chain.id = sqlite3_column_int64(q, 0);
    memcpy(s->chain.head, sqlite3_column_blob(q, 1), LW_HASH_N);
  }
  sqlite3_finalize(q);
  if (rc < 0)
    return rc;
  int64_t from = s->chain.id - OPENING_CHECK_N;
  rc = lw_store_verify_from(s, from > 0 ? from + 1 : 1, refuse_damage, s,
                            &result, e);
  if (s->stop.code && e)
    *e = s->stop;
  return s->stop.code ? s->stop.code : rc < 0 ? rc : 0;
}

// ------------------------------------------------------------------ cursor --

struct lw_cursor {
  lw_store *store;
  sqlite3_stmt *q;
};

int lw_cursor_open(lw_cursor **out, lw_store *s, int64_t run, int64_t after,
                   lw_err *e) {
  lw_cursor *c = calloc(1, sizeof *c);
  *out = NULL;
  if (!c)
    return lw_err_set(e, LW_E_NOMEM, "out of memory reading %s", s->path);
  c->store = s;
  pthread_mutex_lock(&s->mutex);
  int rc = lw_db_prepare(&s->db, &c->q,
                         "SELECT id,seq,t_ns,wall_ns,synced,durable,kind,key,"
                         "data FROM record WHERE run=? AND id>? ORDER BY id",
                         "reading", e);
  if (rc == 0) {
    sqlite3_bind_int64(c->q, 1, run);
    sqlite3_bind_int64(c->q, 2, after);
  }
  pthread_mutex_unlock(&s->mutex);
  if (rc < 0) {
    free(c);
    return rc;
  }
  *out = c;
  return 0;
}

static int read_record(const lw_store *s, sqlite3_stmt *q, int64_t *id,
                       lw_record *r, lw_err *e) {
  const char *kind = (const char *)sqlite3_column_text(q, 6);
  int number = kind ? lw_record_kind_find(kind) : LW_E_NOTFOUND;
  *id = sqlite3_column_int64(q, 0);
  if (number < 0)
    return lw_err_set(e, LW_E_CORRUPT, "%s: record %lld has no known kind",
                      s->path, (long long)*id);
  *r = (lw_record){.seq = (uint64_t)sqlite3_column_int64(q, 1),
                   .t_ns = sqlite3_column_int64(q, 2),
                   .wall_ns = sqlite3_column_int64(q, 3),
                   .synced = (uint8_t)sqlite3_column_int(q, 4),
                   .durable = (uint8_t)sqlite3_column_int(q, 5),
                   .kind = (uint8_t)number,
                   .key = (const char *)sqlite3_column_text(q, 7),
                   .key_n = (size_t)sqlite3_column_bytes(q, 7),
                   .data = (const char *)sqlite3_column_text(q, 8),
                   .data_n = (size_t)sqlite3_column_bytes(q, 8)};
  return 1;
}

int lw_cursor_step(lw_cursor *c, int64_t *id, lw_record *r, lw_err *e) {
  lw_store *s = c->store;
  pthread_mutex_lock(&s->mutex);
  int rc = lw_db_step(&s->db, c->q, "reading", e);
  if (rc > 0)
    rc = read_record(s, c->q, id, r, e);
  pthread_mutex_unlock(&s->mutex);
  return rc;
}

void lw_cursor_close(lw_cursor *c) {
  if (!c)
    return;
  pthread_mutex_lock(&c->store->mutex);
  sqlite3_finalize(c->q);
  pthread_mutex_unlock(&c->store->mutex);
  free(c);
}

int lw_store_read(lw_store *s, int64_t run,
                  int (*fn)(void *arg, int64_t id, const lw_record *r),
                  void *arg, lw_err *e) {
  lw_cursor *c;
  lw_record r;
  int64_t id;
  int rc = lw_cursor_open(&c, s, run, 0, e);
  if (rc < 0)
    return rc;
  int stop = 0;
  while (!stop && (rc = lw_cursor_step(c, &id, &r, e)) > 0)
    stop = fn(arg, id, &r);
  lw_cursor_close(c);
  return stop ? stop : rc;
}
