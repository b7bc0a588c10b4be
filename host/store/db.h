// SQLite as this room uses it: one connection with a name for messages, calls
// that return LW_E_* with a text, and the settings that make a commit mean
// "on disk". Private to store/.
#ifndef LW_STORE_DB_H
#define LW_STORE_DB_H

#include <sqlite3.h> // sqlite3, sqlite3_stmt
#include <stdint.h>  // int64_t

#include "base/err.h" // lw_err

typedef struct lw_db {
  sqlite3 *handle;
  const char *name; // of the file, for messages; borrowed
  const char *vfs;  // NULL = the system's files, else disk.h's name; borrowed
  int is_reader;    // never writes by itself
  int wal_pages;    // pages in the write-ahead log after the newest commit
  // File and log as they were first seen, 0 = not yet: see lw_db_check_files.
  uint64_t inode, log_inode;
  int64_t log_size; // after the newest commit: see lw_db_check_log
} lw_db;

enum { LW_DB_READ, LW_DB_WRITE };

// Open a file; WRITE creates it. Writers get a write-ahead log and synchronous
// FULL, but no check yet that it is a database at all: the first query tells.
//   vfs    name of a disk of disk.h, NULL = the system's
//   first  statements for a new file before it has content, or ""
int lw_db_open(lw_db *db, const char *path, const char *vfs, int mode,
               const char *first, lw_err *e);
// Full path of the open file, "" in memory and on a disk of disk.h.
const char *lw_db_path(const lw_db *db);
// Statements must be finalized. trust_disk 0: after an error, leave the log as
// it is instead of copying it into the file.
void lw_db_close(lw_db *db, int trust_disk);

// Fill e for SQLite's code rc while "doing" something; returns the LW_E_*.
int lw_db_fail(lw_db *db, int rc, const char *doing, lw_err *e);
// Run statements without results.
int lw_db_run(lw_db *db, const char *sql, const char *doing, lw_err *e);
int lw_db_prepare(lw_db *db, sqlite3_stmt **q, const char *sql,
                  const char *doing, lw_err *e);
// 1 a row is there, 0 the end, or the error.
int lw_db_step(lw_db *db, sqlite3_stmt *q, const char *doing, lw_err *e);
// The first column of the first row, 0 when there is none.
int lw_db_number(lw_db *db, const char *sql, const char *doing, int64_t *out,
                 lw_err *e);
// Copy a text column into a field, cut at its end.
void lw_db_text(sqlite3_stmt *q, int column, char *out, size_t size);
// Was the file or its log removed or replaced while it is in use? What is
// written then has no name and goes with the process: LW_E_IO, after what the
// log held was copied into the file, if that is still there.
int lw_db_check_files(lw_db *db, lw_err *e);
// Before a commit: was the log cut short since the newest one? What would be
// written behind the hole could never be read: LW_E_CORRUPT.
int lw_db_check_log(const lw_db *db, lw_err *e);
// Copy the log into the file when it has grown long; readers may delay that.
int lw_db_checkpoint(lw_db *db, lw_err *e);

// After a sync that failed the system may go on showing bytes of the log that
// it will never write: write them all again and sync. Without this, what is
// added behind such a hole is lost with the next power cut.
int lw_db_rewrite_log(lw_db *db, lw_err *e);

// Brings a database to a schema: step[i] leads from version i to i + 1.
typedef struct lw_db_schema {
  int32_t application; // of the file header, tells our files from others'
  const char *what;    // "a Linewright store"
  const char *const *steps;
  int step_n;
} lw_db_schema;
// LW_E_CORRUPT when it is no database, LW_E_UNSUPPORTED when it is someone
// else's or newer than this program, LW_E_AGAIN when it is empty and only read
// (its maker has come no further).
int lw_db_migrate(lw_db *db, const lw_db_schema *s, int mode, lw_err *e);

#endif
