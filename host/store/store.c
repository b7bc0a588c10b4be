// Opening, closing, and the rules of a transaction.
#include "store/store.h"

#include <errno.h>  // errno
#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc
#include <string.h> // strdup
#include <unistd.h> // access, close

#include "store/key.h"  // lw_key_load
#include "store/lock.h" // lw_lock_open
#include "store/store_private.h"

// Version 1. Texts of `kind` are stored as words, so that the file explains
// itself to any SQLite program.
static const char V1[] =
    "CREATE TABLE run("
    "  id INTEGER PRIMARY KEY, batch TEXT NOT NULL, recipe TEXT NOT NULL,"
    "  version TEXT NOT NULL, line TEXT NOT NULL, formula TEXT NOT NULL,"
    "  bundle TEXT NOT NULL, policy TEXT NOT NULL, recipe_path TEXT NOT NULL,"
    "  line_path TEXT NOT NULL, formula_path TEXT NOT NULL,"
    "  settings TEXT NOT NULL, seed INTEGER NOT NULL,"
    "  begun_wall_ns INTEGER NOT NULL, digest BLOB NOT NULL,"
    "  state TEXT NOT NULL, ended_wall_ns INTEGER NOT NULL) STRICT;"
    "CREATE INDEX run_batch ON run(batch, id);"
    "CREATE TABLE record("
    "  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,"
    "  source INTEGER NOT NULL, seq INTEGER NOT NULL, t_ns INTEGER NOT NULL,"
    "  wall_ns INTEGER NOT NULL, synced INTEGER NOT NULL,"
    "  durable INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,"
    "  data TEXT NOT NULL, hash BLOB NOT NULL) STRICT;"
    "CREATE INDEX record_run ON record(run);"
    "CREATE INDEX record_state ON record(run, id) WHERE kind = 'state';"
    "CREATE TABLE chain("
    "  id INTEGER PRIMARY KEY CHECK(id = 1), record INTEGER NOT NULL,"
    "  head BLOB NOT NULL) STRICT;"
    "INSERT INTO chain VALUES(1, 0, zeroblob(32));"
    "CREATE TABLE seal("
    "  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,"
    "  record INTEGER NOT NULL, head BLOB NOT NULL, state TEXT NOT NULL,"
    "  ended_wall_ns INTEGER NOT NULL, key BLOB, signature BLOB) STRICT;"
    "CREATE TABLE content(sha TEXT PRIMARY KEY, text BLOB NOT NULL) STRICT;"
    "CREATE TABLE bundle_file("
    "  bundle TEXT NOT NULL, role TEXT NOT NULL, path TEXT NOT NULL,"
    "  sha TEXT NOT NULL REFERENCES content,"
    "  PRIMARY KEY(bundle, role, path)) STRICT;";

static const char *const STEPS[] = {V1};

static const lw_db_schema SCHEMA = {0x4c575231, "a Linewright store", STEPS, 1};

// The lock lies beside the file: SQLite's own locks on the file come and go
// with each transaction.
static int lock_out_others(lw_store *s, lw_err *e) {
  char name[4096 + 8];
  const char *path = lw_db_path(&s->db);
  if (!*path) // in memory
    return 0;
  snprintf(name, sizeof name, "%s.lock", path);
  s->lock_fd = lw_lock_open(name, s->path, e);
  return s->lock_fd < 0 ? s->lock_fd : 0;
}

static int check_readable(const lw_store *s, lw_err *e) {
  if (access(s->path, F_OK) != 0)
    return lw_err_set(e, LW_E_NOTFOUND,
                      "%s: no such file; a run with --db %s makes it", s->path,
                      s->path);
  if (access(s->path, R_OK) != 0)
    return lw_err_set(e, LW_E_DENIED, "%s: %s", s->path, strerror(errno));
  return 0;
}

// The tables, the statements of each commit, and where the chain stands.
// Whether a sync of the process before this one failed, nobody knows.
static int prepare_write(lw_store *s, lw_err *e) {
  int rc = lw_db_rewrite_log(&s->db, e);
  if (rc == 0)
    rc = lw_db_migrate(&s->db, &SCHEMA, LW_DB_WRITE, e);
  if (rc == 0)
    rc = lw_db_prepare(&s->db, &s->append,
                       "INSERT INTO record VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                       "opening", e);
  if (rc == 0)
    rc = lw_db_prepare(&s->db, &s->mark, "UPDATE chain SET record=?, head=?",
                       "opening", e);
  return rc < 0 ? rc : lw_journal_load(s, e);
}

static void close_db(lw_store *s, int trust_disk) {
  sqlite3_finalize(s->append);
  sqlite3_finalize(s->mark);
  s->append = s->mark = NULL;
  lw_db_close(&s->db, trust_disk);
}

static int open_write(lw_store *s, lw_err *e) {
  int rc = lock_out_others(s, e);
  return rc < 0 ? rc : prepare_write(s, e);
}

static int open_store(lw_store *s, const char *path, lw_err *e) {
  s->path = strdup(path);
  if (!s->path)
    return lw_err_set(e, LW_E_NOMEM, "out of memory opening %s", path);
  int reads = s->mode == LW_STORE_READ;
  int rc = reads ? check_readable(s, e) : 0;
  if (rc == 0)
    rc = lw_db_open(&s->db, s->path, s->vfs, reads ? LW_DB_READ : LW_DB_WRITE,
                    "", e);
  if (rc < 0)
    return rc;
  return reads ? lw_db_migrate(&s->db, &SCHEMA, LW_DB_READ, e)
               : open_write(s, e);
}

int lw_store_open(lw_store **out, const char *path, int mode, lw_clock *clock,
                  lw_err *e) {
  return lw_store_open_on(out, NULL, path, mode, clock, e);
}

int lw_store_open_on(lw_store **out, const lw_disk *disk, const char *path,
                     int mode, lw_clock *clock, lw_err *e) {
  *out = NULL;
  lw_store *s = calloc(1, sizeof *s);
  if (!s)
    return lw_err_set(e, LW_E_NOMEM, "out of memory opening %s", path);
  s->clock = clock;
  s->vfs = disk ? disk->name : NULL;
  s->mode = mode;
  s->lock_fd = -1;
  pthread_mutex_init(&s->mutex, NULL);
  int rc = open_store(s, path, e);
  if (rc < 0) {
    lw_store_close(s);
    return rc;
  }
  *out = s;
  return 0;
}

const char *lw_store_path(const lw_store *s) {
  return lw_db_path(&s->db);
}

static int check_reopen(const lw_store *s, lw_err *e) {
  int is_file = s->lock_fd >= 0 || s->vfs;
  if (s->mode != LW_STORE_WRITE || !is_file)
    return lw_err_set(e, LW_E_STATE, "%s is not a file open to write", s->path);
  if (s->writer)
    return lw_err_set(e, LW_E_STATE, "%s still takes records", s->path);
  return 0;
}

int lw_store_reopen(lw_store *s, lw_err *e) {
  lw_err why = {0};
  int rc = check_reopen(s, e);
  if (rc < 0)
    return rc;
  pthread_mutex_lock(&s->mutex);
  close_db(s, 0);
  s->stop = (lw_err){0};
  s->chain = (lw_chain){0};
  rc = lw_db_open(&s->db, s->path, s->vfs, LW_DB_WRITE, "", &why);
  if (rc == 0)
    rc = prepare_write(s, &why);
  if (rc < 0) {
    why.code = rc;
    lw_store_stop(s, &why);
    if (e)
      *e = why;
  }
  pthread_mutex_unlock(&s->mutex);
  return rc;
}

int lw_store_key(lw_store *s, const char *path, lw_err *e) {
  uint8_t seed[LW_SIGN_SEED_N];
  int rc = lw_key_load(path, seed, e);
  if (rc < 0)
    return rc;
  char *copy = strdup(path);
  if (!copy)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for %s", path);
  free(s->key_path);
  s->key_path = copy;
  return 0;
}

void lw_store_close(lw_store *s) {
  if (!s)
    return;
  if (s->writer)
    lw_store_detach(s);
  close_db(s, s->stop.code == 0);
  if (s->lock_fd >= 0)
    close(s->lock_fd);
  pthread_mutex_destroy(&s->mutex);
  free(s->path);
  free(s->key_path);
  free(s);
}

void lw_store_stop(lw_store *s, const lw_err *e) {
  if (s->stop.code == 0)
    s->stop = *e;
}

int lw_store_check(lw_store *s, lw_err *e) {
  pthread_mutex_lock(&s->mutex);
  lw_err stop = s->stop;
  pthread_mutex_unlock(&s->mutex);
  if (stop.code && e)
    *e = stop;
  return stop.code;
}

int lw_store_begin(lw_store *s, lw_err *e) {
  if (s->mode != LW_STORE_WRITE)
    return lw_err_set(e, LW_E_STATE, "%s is open to read only", s->path);
  pthread_mutex_lock(&s->mutex);
  lw_err why = s->stop;
  if (!why.code) {
    if (lw_db_check_log(&s->db, &why) == 0)
      lw_db_run(&s->db, "BEGIN IMMEDIATE", "writing", &why);
    if (!why.code)
      return 0;
    lw_store_stop(s, &why);
  }
  pthread_mutex_unlock(&s->mutex);
  if (e)
    *e = why;
  return why.code;
}

static int commit(lw_store *s, lw_err *e) {
  int64_t from_ns = lw_now_ns(s->clock);
  int rc = lw_db_run(&s->db, "COMMIT", "writing", e);
  int64_t took_ns = lw_now_ns(s->clock) - from_ns;
  if (took_ns > s->commit_max_ns)
    s->commit_max_ns = took_ns;
  s->commit_n += rc == 0;
  return rc;
}

// What SQLite refused for its content leaves the store good; anything that
// touched the disk and failed does not. Records that cannot be kept never do.
static int is_disk_trouble(int code) {
  return code != LW_E_EXISTS && code != LW_E_NOTFOUND && code != LW_E_RANGE;
}

int lw_store_commit(lw_store *s, int rc, const lw_chain *moved, lw_err *e) {
  lw_err why = {0};
  if (rc < 0) {
    if (e)
      why = *e;
  } else if ((rc = commit(s, &why)) == 0)
    rc = lw_db_check_files(&s->db, &why);
  if (rc == 0 && moved)
    s->chain = *moved;
  if (rc < 0) {
    why.code = rc;
    if (moved || is_disk_trouble(rc))
      lw_store_stop(s, &why);
    lw_db_run(&s->db, "ROLLBACK", "undoing", NULL);
  }
  pthread_mutex_unlock(&s->mutex);
  if (rc < 0 && e)
    *e = why;
  return rc;
}

void lw_store_stats_read(const lw_store *s, lw_store_stats *out) {
  *out = (lw_store_stats){.records = s->record_n,
                          .commits = s->commit_n,
                          .barriers = s->barrier_n,
                          .commit_max_ns = s->commit_max_ns};
}

const char *lw_store_library(void) {
  return sqlite3_libversion();
}
