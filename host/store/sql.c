#include "store/sql.h"

#include <stdlib.h> // calloc
#include <string.h> // strcmp

#include "store/sql_private.h"

struct lw_sql {
  lw_store *store;
  sqlite3_stmt *q;
};

// What a question may do. Asked while a statement is compiled, never while it
// runs.
static int authorize(void *arg, int action, const char *a, const char *b,
                     const char *schema, const char *view) {
  (void)arg;
  (void)a;
  (void)schema;
  (void)view;
  switch (action) {
  case SQLITE_SELECT:
  case SQLITE_READ:
  case SQLITE_RECURSIVE:
    return SQLITE_OK;
  case SQLITE_FUNCTION:
    return strcmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
  }
  return SQLITE_DENY;
}

// Views and functions belong to the connection; a reader may not even write its
// own temporary schema, so that is opened for the moment.
static int prepare_connection(lw_store *s, lw_err *e) {
  if (s->has_sql)
    return 0;
  int rc = lw_sql_functions(s);
  if (rc != SQLITE_OK)
    return lw_db_fail(&s->db, rc, "preparing questions", e);
  rc = lw_db_run(&s->db, "PRAGMA query_only=0", "preparing questions", e);
  if (rc == 0)
    rc = lw_db_run(&s->db, lw_sql_views, "preparing questions", e);
  // A table-valued function makes its table at its first use, which the
  // authorizer would refuse.
  if (rc == 0)
    rc = lw_db_run(&s->db, "SELECT 1 FROM json_each('[]'), json_tree('[]')",
                   "preparing questions", e);
  if (rc == 0 && s->db.is_reader)
    rc = lw_db_run(&s->db, "PRAGMA query_only=1", "preparing questions", e);
  s->has_sql = rc == 0;
  return rc;
}

static int refuse(lw_store *s, int rc, lw_err *e) {
  if (rc == SQLITE_AUTH)
    return lw_err_set(e, LW_E_DENIED,
                      "%s: a question may only read; write one SELECT",
                      s->path);
  return lw_err_set(e, LW_E_SYNTAX, "SQL: %s", sqlite3_errmsg(s->db.handle));
}

static int prepare(lw_sql *q, const char *text, lw_err *e) {
  lw_store *s = q->store;
  const char *rest = NULL;
  int rc = prepare_connection(s, e);
  if (rc < 0)
    return rc;
  sqlite3_set_authorizer(s->db.handle, authorize, NULL);
  rc = sqlite3_prepare_v2(s->db.handle, text, -1, &q->q, &rest);
  sqlite3_set_authorizer(s->db.handle, NULL, NULL);
  if (rc != SQLITE_OK)
    return refuse(s, rc, e);
  if (!q->q)
    return lw_err_set(e, LW_E_SYNTAX, "SQL: there is no statement");
  if (!sqlite3_stmt_readonly(q->q)) // VACUUM asks no authorizer
    return refuse(s, SQLITE_AUTH, e);
  if (rest[strspn(rest, " \t\r\n;")])
    return lw_err_set(e, LW_E_SYNTAX, "SQL: more than one statement");
  return 0;
}

int lw_sql_open(lw_sql **out, lw_store *s, const char *text, lw_err *e) {
  *out = NULL;
  lw_sql *q = calloc(1, sizeof *q);
  if (!q)
    return lw_err_set(e, LW_E_NOMEM, "out of memory asking %s", s->path);
  q->store = s;
  pthread_mutex_lock(&s->mutex);
  int rc = prepare(q, text, e);
  pthread_mutex_unlock(&s->mutex);
  if (rc < 0)
    lw_sql_close(q);
  else
    *out = q;
  return rc;
}

void lw_sql_close(lw_sql *q) {
  if (!q)
    return;
  pthread_mutex_lock(&q->store->mutex);
  sqlite3_finalize(q->q);
  pthread_mutex_unlock(&q->store->mutex);
  free(q);
}

int lw_sql_bind_number(lw_sql *q, int i, double value) {
  // A time in ns is compared with whole numbers: as one it stays exact.
  int is_whole =
      value == (double)(int64_t)value && value > -9e18 && value < 9e18;
  int rc = is_whole ? sqlite3_bind_int64(q->q, i, (int64_t)value)
                    : sqlite3_bind_double(q->q, i, value);
  return rc == SQLITE_OK ? 0 : LW_E_RANGE;
}

int lw_sql_bind_text(lw_sql *q, int i, const char *text, size_t n) {
  int rc = sqlite3_bind_text64(q->q, i, text, n, SQLITE_TRANSIENT, SQLITE_UTF8);
  return rc == SQLITE_OK ? 0 : LW_E_RANGE;
}

int lw_sql_step(lw_sql *q, lw_err *e) {
  lw_store *s = q->store;
  pthread_mutex_lock(&s->mutex);
  int rc = lw_db_step(&s->db, q->q, "asking", e);
  pthread_mutex_unlock(&s->mutex);
  return rc;
}

int lw_sql_columns(const lw_sql *q) {
  return sqlite3_column_count(q->q);
}

const char *lw_sql_name(const lw_sql *q, int i) {
  const char *name = sqlite3_column_name(q->q, i);
  return name ? name : "";
}

lw_sql_value lw_sql_column(const lw_sql *q, int i) {
  switch (sqlite3_column_type(q->q, i)) {
  case SQLITE_INTEGER:
  case SQLITE_FLOAT:
    return (lw_sql_value){.kind = LW_SQL_NUMBER,
                          .number = sqlite3_column_double(q->q, i)};
  case SQLITE_TEXT:
    return (lw_sql_value){.kind = LW_SQL_TEXT,
                          .text = (const char *)sqlite3_column_text(q->q, i),
                          .n = (size_t)sqlite3_column_bytes(q->q, i)};
  case SQLITE_BLOB:
    return (lw_sql_value){.kind = LW_SQL_TEXT,
                          .text = sqlite3_column_blob(q->q, i),
                          .n = (size_t)sqlite3_column_bytes(q->q, i)};
  }
  return (lw_sql_value){.kind = LW_SQL_NULL};
}
