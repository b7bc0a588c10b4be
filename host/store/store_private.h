// What the files of store/ share about a handle. Private to store/.
#ifndef LW_STORE_PRIVATE_H
#define LW_STORE_PRIVATE_H

#include <pthread.h>   // pthread_mutex_t
#include <stdatomic.h> // _Atomic

#include "store/chain.h" // lw_chain
#include "store/db.h"    // lw_db
#include "store/store.h" // lw_store

typedef struct lw_writer lw_writer;

struct lw_store {
  lw_db db;
  lw_clock *clock;
  char *path;      // as given, for messages
  const char *vfs; // of the disk for trials, NULL = the system's
  char *key_path;  // NULL = lw_key_path's
  int mode;
  int lock_fd;           // held by the one writer, -1 for readers
  pthread_mutex_t mutex; // guards the connection and what follows
  lw_err stop;           // why it stopped, code 0 while good
  lw_chain chain;        // newest committed record
  sqlite3_stmt *append;  // inserts a record
  sqlite3_stmt *mark;    // sets where the chain stands
  lw_writer *writer;     // while attached
  int has_sql;           // views and functions of sql.h are there
  _Atomic uint64_t record_n, commit_n, barrier_n;
  _Atomic int64_t commit_max_ns;
};

// ------------------------------------------------------------ transactions --

// Take the connection and start a transaction; LW_E_STATE or the code that
// stopped the store, and the connection is free again.
int lw_store_begin(lw_store *s, lw_err *e);
// End it: commit when rc is 0, else undo; free the connection. A commit that
// fails stops the store. Returns rc or that failure.
//   moved  where the chain stands after the commit, NULL = where it was
int lw_store_commit(lw_store *s, int rc, const lw_chain *moved, lw_err *e);
// Stop for good because of e; the caller holds the mutex.
void lw_store_stop(lw_store *s, const lw_err *e);

// ----------------------------------------------------------------- journal --

// Insert a record at the chain's end, inside a transaction; moves *chain.
int lw_journal_append(lw_store *s, lw_chain *chain, int64_t run,
                      const uint8_t digest[LW_HASH_N], uint32_t source,
                      const lw_record *r, lw_err *e);
// Write *chain down as the newest committed state.
int lw_journal_head(lw_store *s, const lw_chain *chain, lw_err *e);
// Read where the chain stands and check its last few records.
int lw_journal_load(lw_store *s, lw_err *e);

// Enter a seal of the chain's end, inside a transaction, signed with the host's
// key (key.h); in memory unsigned.
//   key  filled when the seal had to be entered unsigned, and why
int lw_seal_append(lw_store *s, int64_t run, const char *state,
                   int64_t ended_wall_ns, lw_err *key, lw_err *e);

// One run: by id when run > 0, else the newest (of that batch, unless NULL).
// The caller holds the mutex.
int lw_run_select(lw_store *s, int64_t run, const char *batch, lw_run_info *out,
                  lw_err *e);
// Digest of a run's header as it is in the file; LW_E_NOTFOUND.
int lw_run_digest(lw_store *s, int64_t run, uint8_t out[LW_HASH_N], lw_err *e);

#endif
