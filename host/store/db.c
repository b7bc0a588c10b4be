#include "store/db.h"

#include <errno.h>    // errno
#include <fcntl.h>    // AT_EACCESS
#include <stdio.h>    // snprintf
#include <stdlib.h>   // malloc
#include <string.h>   // strerror
#include <sys/stat.h> // stat
#include <unistd.h>   // faccessat

// Pages of 4 KiB in the log before it is copied into the file.
#define CHECKPOINT_PAGES 1000
// SQLite itself cuts a longer log to this: journal_size_limit below.
#define LOG_KEPT 16777216

static int code_of(int rc) {
  switch (rc & 0xff) {
  case SQLITE_FULL:
    return LW_E_FULL;
  case SQLITE_NOTADB:
  case SQLITE_CORRUPT:
    return LW_E_CORRUPT;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return LW_E_STATE;
  case SQLITE_PERM:
  case SQLITE_AUTH:
  case SQLITE_READONLY:
    return LW_E_DENIED;
  case SQLITE_NOMEM:
    return LW_E_NOMEM;
  case SQLITE_CONSTRAINT:
    return LW_E_EXISTS;
  case SQLITE_TOOBIG:
    return LW_E_RANGE;
  }
  return LW_E_IO;
}

// A file that cannot be written is tried again to be read, and SQLite tells of
// that second try: what hindered the first is asked for here, 0 = nothing seen.
static int why_closed(const char *path) {
  char folder[4096];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash)
    slash[slash == folder] = 0;
  if (faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0)
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0 ? errno : 0;
  return faccessat(AT_FDCWD, slash ? folder : ".", W_OK, AT_EACCESS) < 0 ? errno
                                                                         : 0;
}

int lw_db_fail(lw_db *db, int rc, const char *doing, lw_err *e) {
  // The system's own words help most ("Permission denied"), where there are
  // any.
  int system = db->handle ? sqlite3_system_errno(db->handle) : 0;
  int code = code_of(rc);
  int first = (rc & 0xff) == SQLITE_CANTOPEN ? why_closed(db->name) : 0;
  system = first ? first : system;
  if (system && (code == LW_E_IO || code == LW_E_FULL))
    return lw_err_set(e, code, "%s: %s failed: %s (%s)", db->name, doing,
                      sqlite3_errstr(rc), strerror(system));
  // Our numbers go on from the last one in the file: only another writer can
  // have taken them.
  if (code == LW_E_EXISTS)
    return lw_err_set(e, code,
                      "%s: %s failed: another process has written to it, too; "
                      "was its .lock file removed?",
                      db->name, doing);
  const char *why = db->handle && sqlite3_errcode(db->handle) == (rc & 0xff)
                        ? sqlite3_errmsg(db->handle)
                        : sqlite3_errstr(rc);
  return lw_err_set(e, code, "%s: %s failed: %s", db->name, doing, why);
}

static int wal_grew(void *db, sqlite3 *handle, const char *schema, int pages) {
  (void)handle;
  (void)schema;
  ((lw_db *)db)->wal_pages = pages;
  return SQLITE_OK;
}

// In memory there is no log; anything else must have one.
static int use_log(lw_db *db, const char *first, lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_run(db, first, "opening", e);
  if (rc == 0)
    rc = lw_db_prepare(db, &q, "PRAGMA journal_mode=WAL", "opening", e);
  if (rc < 0)
    return rc;
  rc = lw_db_step(db, q, "opening", e);
  char mode[16] = "";
  if (rc > 0)
    lw_db_text(q, 0, mode, sizeof mode);
  sqlite3_finalize(q);
  if (rc < 0)
    return rc;
  if (strcmp(mode, "wal") != 0 && strcmp(mode, "memory") != 0)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "%s: this file system cannot hold a write-ahead log; "
                      "put the file on a local disk",
                      db->name);
  // Replaces SQLite's own checkpoints, which would run inside a commit.
  sqlite3_wal_hook(db->handle, wal_grew, db);
  return lw_db_run(db,
                   "PRAGMA synchronous=FULL;"
                   "PRAGMA journal_size_limit=16777216;"
                   "PRAGMA temp_store=MEMORY",
                   "opening", e);
}

int lw_db_open(lw_db *db, const char *path, const char *vfs, int mode,
               const char *first, lw_err *e) {
  *db = (lw_db){.name = path, .vfs = vfs, .is_reader = mode == LW_DB_READ};
  // Readers too: after a kill, the first to open the file has to undo or redo
  // what was under way. Where the file may not be written, SQLite only reads.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (mode == LW_DB_WRITE)
    flags |= SQLITE_OPEN_CREATE;
  int rc = sqlite3_open_v2(path, &db->handle, flags, vfs);
  if (rc != SQLITE_OK) {
    rc = lw_db_fail(db, rc, "opening", e);
    lw_db_close(db, 0);
    return rc;
  }
  sqlite3_extended_result_codes(db->handle, 1);
  sqlite3_busy_timeout(db->handle, 5000);
  rc = mode == LW_DB_WRITE ? use_log(db, first, e)
                           : lw_db_run(db, "PRAGMA query_only=1", "opening", e);
  if (rc < 0)
    lw_db_close(db, 0);
  return rc;
}

const char *lw_db_path(const lw_db *db) {
  const char *path =
      db->handle && !db->vfs ? sqlite3_db_filename(db->handle, "main") : NULL;
  return path ? path : "";
}

void lw_db_close(lw_db *db, int trust_disk) {
  if (!db->handle)
    return;
  sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                    db->is_reader || !trust_disk, NULL);
  sqlite3_close(db->handle);
  db->handle = NULL;
}

int lw_db_run(lw_db *db, const char *sql, const char *doing, lw_err *e) {
  int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
  return rc == SQLITE_OK ? 0 : lw_db_fail(db, rc, doing, e);
}

int lw_db_prepare(lw_db *db, sqlite3_stmt **q, const char *sql,
                  const char *doing, lw_err *e) {
  int rc = sqlite3_prepare_v2(db->handle, sql, -1, q, NULL);
  return rc == SQLITE_OK ? 0 : lw_db_fail(db, rc, doing, e);
}

int lw_db_step(lw_db *db, sqlite3_stmt *q, const char *doing, lw_err *e) {
  int rc = sqlite3_step(q);
  if (rc == SQLITE_ROW)
    return 1;
  return rc == SQLITE_DONE ? 0 : lw_db_fail(db, rc, doing, e);
}

int lw_db_number(lw_db *db, const char *sql, const char *doing, int64_t *out,
                 lw_err *e) {
  sqlite3_stmt *q;
  *out = 0;
  int rc = lw_db_prepare(db, &q, sql, doing, e);
  if (rc < 0)
    return rc;
  rc = lw_db_step(db, q, doing, e);
  if (rc > 0)
    *out = sqlite3_column_int64(q, 0);
  sqlite3_finalize(q);
  return rc < 0 ? rc : 0;
}

void lw_db_text(sqlite3_stmt *q, int column, char *out, size_t size) {
  const char *text = (const char *)sqlite3_column_text(q, column);
  snprintf(out, size, "%s", text ? text : "");
}

int lw_db_checkpoint(lw_db *db, lw_err *e) {
  if (db->wal_pages < CHECKPOINT_PAGES)
    return 0;
  db->wal_pages = 0;
  int rc = sqlite3_wal_checkpoint_v2(db->handle, NULL,
                                     SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  if (rc == SQLITE_OK || rc == SQLITE_BUSY)
    return 0;
  return lw_db_fail(db, rc, "copying the log into the file", e);
}

static int write_again(sqlite3_file *f, uint8_t *piece, sqlite3_int64 size) {
  const sqlite3_io_methods *io = f->pMethods;
  sqlite3_int64 n = 0;
  int rc = io->xFileSize(f, &n);
  for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < n; at += size) {
    int part = (int)(n - at < size ? n - at : size);
    rc = io->xRead(f, piece, part, at);
    if (rc == SQLITE_OK)
      rc = io->xWrite(f, piece, part, at);
  }
  return rc == SQLITE_OK ? io->xSync(f, SQLITE_SYNC_FULL) : rc;
}

int lw_db_rewrite_log(lw_db *db, lw_err *e) {
  enum { PIECE_N = 1 << 16 };
  sqlite3_file *log = NULL;
  sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (!log || !log->pMethods)
    return 0;
  uint8_t *piece = malloc(PIECE_N);
  int rc = piece ? write_again(log, piece, PIECE_N) : SQLITE_NOMEM;
  free(piece);
  return rc == SQLITE_OK ? 0 : lw_db_fail(db, rc, "writing the log again", e);
}

// 0 when there is no such file.
static uint64_t inode_of(const char *path, int64_t *size) {
  struct stat info = {.st_size = 0};
  int rc = stat(path, &info);
  *size = info.st_size;
  return rc == 0 ? (uint64_t)info.st_ino : 0;
}

int lw_db_check_log(const lw_db *db, lw_err *e) {
  char log[4096 + 8];
  const char *path = lw_db_path(db);
  int64_t size;
  if (!*path) // in memory
    return 0;
  snprintf(log, sizeof log, "%s-wal", path);
  // Another one in its place is lw_db_check_files' business.
  if (inode_of(log, &size) != db->log_inode || size >= db->log_size)
    return 0;
  return lw_err_set(e, LW_E_CORRUPT, "%s-wal was cut short while it was in use",
                    db->name);
}

int lw_db_check_files(lw_db *db, lw_err *e) {
  char log[4096 + 8];
  const char *path = lw_db_path(db);
  if (!*path) // in memory
    return 0;
  snprintf(log, sizeof log, "%s-wal", path);
  int64_t unused;
  uint64_t inode = inode_of(path, &unused);
  uint64_t log_inode = inode_of(log, &db->log_size);
  if (db->inode && inode != db->inode)
    return lw_err_set(
        e, LW_E_IO, "%s was removed or replaced while it was in use", db->name);
  if (db->log_inode && log_inode != db->log_inode) {
    sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_FULL, NULL,
                              NULL);
    return lw_err_set(e, LW_E_IO,
                      "%s-wal was removed or replaced while it was in use",
                      db->name);
  }
  if (db->log_size > LOG_KEPT)
    db->log_size = LOG_KEPT;
  db->inode = inode;
  db->log_inode = log_inode;
  return 0;
}

static int check_owner(lw_db *db, const lw_db_schema *s, int64_t *version,
                       lw_err *e) {
  int64_t application, tables;
  const char *doing = "reading";
  int rc = lw_db_number(db, "PRAGMA application_id", doing, &application, e);
  if (rc == 0)
    rc = lw_db_number(db, "PRAGMA user_version", doing, version, e);
  if (rc == 0)
    rc = lw_db_number(db, "SELECT count(*) FROM sqlite_master", doing, &tables,
                      e);
  if (rc < 0)
    return rc;
  if (application != s->application && tables > 0)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "%s is a database of another program, not %s", db->name,
                      s->what);
  if (*version > s->step_n)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "%s has schema version %d, this program knows up to %d; "
                      "use the newer program",
                      db->name, (int)*version, s->step_n);
  return 0;
}

static int climb(lw_db *db, const lw_db_schema *s, int64_t version, lw_err *e) {
  char sql[96];
  const char *doing = "creating the tables";
  snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d",
           s->application, s->step_n);
  int rc = lw_db_run(db, "BEGIN IMMEDIATE", doing, e);
  if (rc < 0)
    return rc;
  for (int64_t i = version; rc == 0 && i < s->step_n; i++)
    rc = lw_db_run(db, s->steps[i], doing, e);
  if (rc == 0)
    rc = lw_db_run(db, sql, doing, e);
  if (rc == 0)
    rc = lw_db_run(db, "COMMIT", doing, e);
  if (rc < 0)
    lw_db_run(db, "ROLLBACK", doing, NULL);
  return rc;
}

int lw_db_migrate(lw_db *db, const lw_db_schema *s, int mode, lw_err *e) {
  int64_t version;
  int rc = check_owner(db, s, &version, e);
  if (rc < 0 || version == s->step_n)
    return rc;
  if (mode == LW_DB_WRITE)
    return climb(db, s, version, e);
  return lw_err_set(e, version == 0 ? LW_E_AGAIN : LW_E_UNSUPPORTED,
                    version == 0 ? "%s is empty, not %s"
                                 : "%s is %s of an older version; open it to "
                                   "write once to bring it up to date",
                    db->name, s->what);
}
