// Runs: their headers, their ends, and the files they were made from.
#include <inttypes.h> // PRId64
#include <stdio.h>    // snprintf
#include <stdlib.h>   // malloc
#include <string.h>   // strcmp

#include "store/store_private.h"

#define COLUMNS                                                                \
  "id,batch,recipe,version,line,formula,bundle,policy,recipe_path,line_path,"  \
  "formula_path,settings,seed,begun_wall_ns,digest,state,ended_wall_ns"

static void bind_text(sqlite3_stmt *q, int i, const char *text) {
  sqlite3_bind_text(q, i, text, -1, SQLITE_STATIC);
}

// Run a prepared statement that gives no rows, and end it.
static int finish(lw_store *s, sqlite3_stmt *q, lw_err *e) {
  int rc = lw_db_step(&s->db, q, "writing", e);
  sqlite3_finalize(q);
  return rc;
}

static int insert(lw_store *s, const lw_run_info *run, lw_err *e) {
  uint8_t digest[LW_HASH_N];
  const char *const texts[] = {
      run->batch,     run->recipe,       run->version, run->line,
      run->formula,   run->bundle,       run->policy,  run->recipe_path,
      run->line_path, run->formula_path, run->settings};
  sqlite3_stmt *q;
  int rc = lw_db_prepare(&s->db, &q,
                         "INSERT INTO run(" COLUMNS ") "
                         "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0)",
                         "writing", e);
  if (rc < 0)
    return rc;
  lw_chain_run(run, digest);
  sqlite3_bind_int64(q, 1, run->id);
  for (int i = 0; i < 11; i++)
    bind_text(q, i + 2, texts[i]);
  sqlite3_bind_int64(q, 13, (int64_t)run->seed);
  sqlite3_bind_int64(q, 14, run->begun_wall_ns);
  sqlite3_bind_blob(q, 15, digest, sizeof digest, SQLITE_STATIC);
  bind_text(q, 16, run->state);
  rc = finish(s, q, e);
  if (rc == LW_E_EXISTS)
    lw_err_set(e, rc, "%s: run %" PRId64 " exists already", s->path, run->id);
  return rc;
}

int lw_store_run_begin(lw_store *s, lw_run_info *run, lw_err *e) {
  lw_err why = {0};
  int rc = lw_store_begin(s, e);
  if (rc < 0)
    return rc;
  lw_run_info r = *run;
  if (r.id == 0)
    rc = lw_db_number(&s->db, "SELECT coalesce(max(id),0)+1 FROM run",
                      "writing", &r.id, &why);
  if (r.begun_wall_ns == 0)
    r.begun_wall_ns = s->clock->wall_ns(s->clock);
  if (!r.batch[0])
    snprintf(r.batch, sizeof r.batch, "%04" PRId64, r.id);
  r.ended_wall_ns = 0;
  if (rc == 0)
    rc = insert(s, &r, &why);
  rc = lw_store_commit(s, rc, NULL, &why);
  if (rc < 0) {
    if (e)
      *e = why;
    return rc;
  }
  *run = r;
  return 0;
}

static int set_end(lw_store *s, int64_t run, const char *state, int64_t wall_ns,
                   lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(&s->db, &q,
                         "UPDATE run SET state=?, ended_wall_ns=? WHERE id=?",
                         "writing", e);
  if (rc < 0)
    return rc;
  bind_text(q, 1, state);
  sqlite3_bind_int64(q, 2, wall_ns);
  sqlite3_bind_int64(q, 3, run);
  rc = finish(s, q, e);
  if (rc == 0 && sqlite3_changes(s->db.handle) == 0)
    return lw_err_set(e, LW_E_NOTFOUND, "%s has no run %" PRId64, s->path, run);
  return rc;
}

int lw_store_run_end(lw_store *s, int64_t run, const char *state, lw_err *e) {
  lw_err why = {0}, key = {0};
  int rc = lw_store_begin(s, e);
  if (rc < 0)
    return rc;
  int64_t wall_ns = s->clock->wall_ns(s->clock);
  rc = set_end(s, run, state, wall_ns, &why);
  if (rc == 0)
    rc = lw_seal_append(s, run, state, wall_ns, &key, &why);
  rc = lw_store_commit(s, rc, NULL, &why);
  if (rc == 0) // the end is entered, signed or not
    why = key;
  if (why.code && e)
    *e = why;
  return why.code;
}

static void read_run(sqlite3_stmt *q, lw_run_info *out) {
  *out = (lw_run_info){.id = sqlite3_column_int64(q, 0)};
  const struct {
    char *field;
    size_t size;
  } texts[] = {{out->batch, sizeof out->batch},
               {out->recipe, sizeof out->recipe},
               {out->version, sizeof out->version},
               {out->line, sizeof out->line},
               {out->formula, sizeof out->formula},
               {out->bundle, sizeof out->bundle},
               {out->policy, sizeof out->policy},
               {out->recipe_path, sizeof out->recipe_path},
               {out->line_path, sizeof out->line_path},
               {out->formula_path, sizeof out->formula_path},
               {out->settings, sizeof out->settings}};
  for (int i = 0; i < 11; i++)
    lw_db_text(q, i + 1, texts[i].field, texts[i].size);
  out->seed = (uint64_t)sqlite3_column_int64(q, 12);
  out->begun_wall_ns = sqlite3_column_int64(q, 13);
  // A run that goes on is in the state of its newest such record.
  int is_told = sqlite3_column_type(q, 17) != SQLITE_NULL;
  lw_db_text(q, is_told ? 17 : 15, out->state, sizeof out->state);
  out->ended_wall_ns = sqlite3_column_int64(q, 16);
}

int lw_run_select(lw_store *s, int64_t run, const char *batch, lw_run_info *out,
                  lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(&s->db, &q,
                         "SELECT " COLUMNS ",CASE WHEN ended_wall_ns=0 THEN"
                         " (SELECT key FROM record WHERE run=run.id AND"
                         " kind='state' ORDER BY id DESC LIMIT 1) END FROM run"
                         " WHERE (?1 IS NULL OR id=?1)"
                         " AND (?2 IS NULL OR batch=?2)"
                         " ORDER BY id DESC LIMIT 1",
                         "reading", e);
  if (rc == 0) {
    if (run)
      sqlite3_bind_int64(q, 1, run);
    if (batch)
      bind_text(q, 2, batch);
    rc = lw_db_step(&s->db, q, "reading", e);
    if (rc > 0)
      read_run(q, out);
    else if (rc == 0)
      rc = LW_E_NOTFOUND;
    sqlite3_finalize(q);
  }
  return rc < 0 ? rc : 0;
}

static int select_alone(lw_store *s, int64_t run, const char *batch,
                        lw_run_info *out, lw_err *e) {
  pthread_mutex_lock(&s->mutex);
  int rc = lw_run_select(s, run, batch, out, e);
  pthread_mutex_unlock(&s->mutex);
  return rc;
}

int lw_store_run_find(lw_store *s, const char *batch, lw_run_info *out,
                      lw_err *e) {
  lw_err why = {0};
  int rc = select_alone(s, 0, batch, out, &why);
  if (rc == LW_E_NOTFOUND && batch)
    return lw_err_set(e, rc, "%s has no batch '%s'", s->path, batch);
  if (rc == LW_E_NOTFOUND)
    return lw_err_set(e, rc, "%s has no runs yet", s->path);
  if (rc < 0 && e)
    *e = why;
  return rc;
}

int lw_store_run_get(lw_store *s, int64_t run, lw_run_info *out, lw_err *e) {
  lw_err why = {0};
  int rc = run > 0 ? select_alone(s, run, NULL, out, &why) : LW_E_NOTFOUND;
  if (rc == LW_E_NOTFOUND)
    return lw_err_set(e, rc, "%s has no run %" PRId64, s->path, run);
  if (rc < 0 && e)
    *e = why;
  return rc;
}

int lw_run_digest(lw_store *s, int64_t run, uint8_t out[LW_HASH_N], lw_err *e) {
  lw_run_info info;
  int rc = lw_store_run_get(s, run, &info, e);
  if (rc == 0)
    lw_chain_run(&info, out);
  return rc;
}
