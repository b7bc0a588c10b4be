// The forwarder's journal half: run headers, records, seals.
#include <stdio.h>  // snprintf
#include <stdlib.h> // atoi
#include <string.h> // strlen

#include "store/forward_private.h"

// Records of one transaction.
#define BATCH_N 20000

// A walk over rows that have the ids from..to.
typedef struct rows {
  lw_forward *f;
  const char *sql; // with ?1 from, ?2 to
  int64_t from, to;
  int (*send)(lw_forward *f, sqlite3_stmt *q, lw_err *e);
} rows;

// Returns how many, or the error.
static int64_t each(const rows *r, lw_err *e) {
  sqlite3_stmt *q;
  lw_db *db = &r->f->store->db;
  int64_t n = 0;
  int rc = lw_db_prepare(db, &q, r->sql, "reading", e);
  if (rc < 0)
    return rc;
  sqlite3_bind_int64(q, 1, r->from);
  sqlite3_bind_int64(q, 2, r->to);
  while ((rc = lw_db_step(db, q, "reading", e)) > 0 &&
         (rc = r->send(r->f, q, e)) == 0)
    n++;
  sqlite3_finalize(q);
  return rc < 0 ? rc : n;
}

static void put_text(lw_pg *p, sqlite3_stmt *q, int column) {
  const char *text = (const char *)sqlite3_column_text(q, column);
  lw_pg_text(p, text ? text : "", (size_t)sqlite3_column_bytes(q, column));
}

static void put_bytes(lw_pg *p, sqlite3_stmt *q, int column) {
  if (sqlite3_column_type(q, column) == SQLITE_NULL)
    lw_pg_null(p);
  else
    lw_pg_bytes(p, sqlite3_column_blob(q, column),
                (size_t)sqlite3_column_bytes(q, column));
}

static int send_record(lw_forward *f, sqlite3_stmt *q, lw_err *e) {
  lw_pg *p = f->pg;
  lw_pg_row(p);
  lw_pg_int(p, 4, atoi(f->source));
  lw_pg_int(p, 8, sqlite3_column_int64(q, 0)); // id
  lw_pg_int(p, 8, sqlite3_column_int64(q, 1)); // run
  lw_pg_time(p, sqlite3_column_int64(q, 2));   // time
  lw_pg_int(p, 8, sqlite3_column_int64(q, 2)); // wall_ns
  lw_pg_int(p, 8, sqlite3_column_int64(q, 3)); // t_ns
  lw_pg_int(p, 2, sqlite3_column_int64(q, 4)); // is_synced
  lw_pg_int(p, 2, sqlite3_column_int64(q, 5)); // is_durable
  lw_pg_int(p, 4, sqlite3_column_int64(q, 6)); // ring
  lw_pg_int(p, 8, sqlite3_column_int64(q, 7)); // seq
  for (int i = 8; i <= 10; i++)                // kind, key, data
    put_text(p, q, i);
  put_bytes(p, q, 11);
  return lw_pg_row_end(p, e);
}

static int send_seal(lw_forward *f, sqlite3_stmt *q, lw_err *e) {
  lw_pg *p = f->pg;
  lw_pg_row(p);
  lw_pg_int(p, 4, atoi(f->source));
  for (int i = 0; i <= 2; i++) // id, run, record
    lw_pg_int(p, 8, sqlite3_column_int64(q, i));
  put_bytes(p, q, 3);
  put_text(p, q, 4);
  lw_pg_time(p, sqlite3_column_int64(q, 5));
  put_bytes(p, q, 6);
  put_bytes(p, q, 7);
  return lw_pg_row_end(p, e);
}

// Runs are few and change, so they are stated anew.
static int send_run(lw_forward *f, sqlite3_stmt *q, lw_err *e) {
  const char *params[13] = {f->source};
  for (int i = 1; i < 13; i++)
    params[i] = (const char *)sqlite3_column_text(q, i - 1);
  return lw_pg_number(
      f->pg,
      "INSERT INTO linewright.run VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,"
      " timestamptz 'epoch' + $12::bigint / 1000 * interval '1 microsecond',"
      " CASE $13::bigint WHEN 0 THEN NULL ELSE timestamptz 'epoch' +"
      "   $13::bigint / 1000 * interval '1 microsecond' END)"
      " ON CONFLICT (source, id) DO UPDATE SET state=excluded.state,"
      " ended=excluded.ended",
      13, params, NULL, e);
}

static const char RUN_COLUMNS[] =
    "SELECT id,batch,recipe,version,line,formula,bundle,policy,settings,state,"
    "begun_wall_ns,ended_wall_ns FROM run WHERE ";

// Copy rows into a table; returns how many.
static int64_t copy(const rows *r, const char *table, int columns, lw_err *e) {
  int rc = lw_pg_copy_begin(r->f->pg, table, columns, e);
  int64_t n = rc < 0 ? rc : each(r, e);
  if (n < 0)
    return n;
  rc = lw_pg_copy_end(r->f->pg, e);
  return rc < 0 ? rc : n;
}

// One kind of row with ids that only go up: `sql` are its columns and table,
// and the runs that its rows belong to are stated with it.
typedef struct stream {
  const char *name, *table, *sql;
  int columns;
  int (*send)(lw_forward *f, sqlite3_stmt *q, lw_err *e);
} stream;

static int64_t send_runs_of(lw_forward *f, const stream *s, int64_t from,
                            int64_t to, lw_err *e) {
  char sql[sizeof RUN_COLUMNS + 160];
  snprintf(sql, sizeof sql,
           "%sid IN (SELECT run FROM %s WHERE id>?1 AND id<=?2)", RUN_COLUMNS,
           s->name);
  return each(&(rows){f, sql, from, to, send_run}, e);
}

static int newest(lw_forward *f, const char *table, int64_t *out, lw_err *e) {
  char sql[64];
  snprintf(sql, sizeof sql, "SELECT max(id) FROM %s", table);
  return lw_db_number(&f->store->db, sql, "reading", out, e);
}

// Send what lies between two ids in one transaction.
static int send_batch(lw_forward *f, const stream *s, int64_t from, int64_t to,
                      int64_t *count, lw_err *e) {
  int rc = lw_pg_run(f->pg, "BEGIN", e);
  int64_t runs = rc < 0 ? rc : send_runs_of(f, s, from, to, e);
  int64_t n = runs < 0 ? runs
                       : copy(&(rows){f, s->sql, from, to, s->send}, s->table,
                              s->columns, e);
  rc = lw_forward_commit(f, n < 0 ? (int)n : 0, s->name, to, e);
  if (rc < 0)
    return rc;
  *count += n;
  return 0;
}

static int send_stream(lw_forward *f, const stream *s, int64_t *count,
                       lw_err *e) {
  int64_t at, end;
  int rc = lw_forward_progress(f, s->name, &at, e);
  if (rc == 0)
    rc = newest(f, s->name, &end, e);
  while (rc == 0 && at < end) {
    int64_t to = end - at > BATCH_N ? at + BATCH_N : end;
    rc = send_batch(f, s, at, to, count, e);
    at = to;
  }
  return rc;
}

// A run that has no record yet.
static int send_new_runs(lw_forward *f, lw_err *e) {
  char sql[sizeof RUN_COLUMNS + 40];
  int64_t at, end;
  snprintf(sql, sizeof sql, "%sid>?1 AND id<=?2", RUN_COLUMNS);
  int rc = lw_forward_progress(f, "run", &at, e);
  if (rc == 0)
    rc = newest(f, "run", &end, e);
  if (rc < 0 || at >= end)
    return rc;
  rc = lw_pg_run(f->pg, "BEGIN", e);
  int64_t n = rc < 0 ? rc : each(&(rows){f, sql, at, end, send_run}, e);
  rc = lw_forward_commit(f, n < 0 ? (int)n : 0, "run", end, e);
  if (rc == 0)
    f->sent->runs += n;
  return rc;
}

int lw_forward_records(lw_forward *f, lw_err *e) {
  static const stream records = {
      "record", "linewright.record",
      "SELECT id,run,wall_ns,t_ns,synced,durable,source,seq,kind,key,data,hash"
      " FROM record WHERE id>?1 AND id<=?2 ORDER BY id",
      14, send_record};
  static const stream seals = {
      "seal", "linewright.seal",
      "SELECT id,run,record,head,state,ended_wall_ns,key,signature"
      " FROM seal WHERE id>?1 AND id<=?2 ORDER BY id",
      9, send_seal};
  int rc = send_new_runs(f, e);
  if (rc == 0)
    rc = send_stream(f, &records, &f->sent->records, e);
  return rc < 0 ? rc : send_stream(f, &seals, &f->sent->seals, e);
}
