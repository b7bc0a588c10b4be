// The store: runs, bundles and records in one SQLite file, written by one
// thread with group commit. A barrier record is on disk (synchronous FULL)
// before it is acknowledged. The first write error stops the store for good:
// the line holds, a person reopens. Records form a hash chain (chain.h).
//
// A handle may be used from several threads; calls wait for each other, and a
// call may wait for the disk. Texts of errors name the file.
#ifndef LW_STORE_STORE_H
#define LW_STORE_STORE_H

#include "base/clock.h"  // lw_clock
#include "base/record.h" // lw_record
#include "base/ring.h"   // lw_ring
#include "store/disk.h"  // lw_disk

typedef struct lw_store lw_store;

enum { LW_STORE_READ, LW_STORE_WRITE }; // WRITE creates the file if missing

// Open path (":memory:" for tests, WRITE only). A writer on the real clock may
// run a thread; readers never disturb a writer.
// One writer per file: a second one gets LW_E_STATE naming the process that
// holds it. LW_E_NOTFOUND: no such file to read; LW_E_CORRUPT: damaged, or not
// a database; LW_E_UNSUPPORTED: made by another program or a newer version;
// LW_E_AGAIN: empty; LW_E_DENIED, LW_E_IO, LW_E_FULL as the system says.
int lw_store_open(lw_store **s, const char *path, int mode, lw_clock *clock,
                  lw_err *e);
// The same on a disk for trials, mounted and longer-lived than the store.
int lw_store_open_on(lw_store **s, const lw_disk *disk, const char *path,
                     int mode, lw_clock *clock, lw_err *e);
// Full path of the file, "" in memory and on a disk for trials.
const char *lw_store_path(const lw_store *s);
// After an error stopped it, with no one attached: open the file again, trust
// nothing that the failed handle had in memory, and check the newest records.
// Returns 0 and takes records again, or why not, and stays stopped.
int lw_store_reopen(lw_store *s, lw_err *e);
void lw_store_close(lw_store *s); // commits what is pending; NULL is fine

typedef struct lw_run_info {
  int64_t id; // 0 = let the store choose
  char batch[64], recipe[96], version[32], line[96], formula[96];
  char bundle[65]; // SHA-256 of the manifest, hex
  char policy[16]; // "engineering" or "production"
  char state[16];  // newest PackML state
  char recipe_path[256], line_path[256], formula_path[256];
  char settings[1024]; // `--set` values as JSON
  uint64_t seed;
  int64_t begun_wall_ns, ended_wall_ns; // ended 0 = open
} lw_run_info;

// Enter a run; durable at return. Fills id (LW_E_EXISTS when a given one is
// taken), begun_wall_ns when 0, and batch (the id in four digits) when empty.
int lw_store_run_begin(lw_store *s, lw_run_info *run, lw_err *e);
// Which key (key.h) seals the ends of runs; before the first end. It is read
// now, and made when missing, so that no run ends before a key is found wrong.
int lw_store_key(lw_store *s, const char *path, lw_err *e);
// Enter a run's end and seal the chain there with the host's key;
// LW_E_NOTFOUND. Durable at return. A run that
// ended may go on (resume) and end again. When only the key is at fault, the
// end is entered unsigned and the key's error returned; lw_store_check stays 0.
int lw_store_run_end(lw_store *s, int64_t run, const char *state, lw_err *e);
// Newest run (batch NULL), or the newest of that batch id; LW_E_NOTFOUND.
int lw_store_run_find(lw_store *s, const char *batch, lw_run_info *out,
                      lw_err *e);
// The run with this id; LW_E_NOTFOUND.
int lw_store_run_get(lw_store *s, int64_t run, lw_run_info *out, lw_err *e);

// A file of the bundle, kept once per digest. LW_E_EXISTS when the bundle has
// another text in that place, LW_E_CORRUPT when sha is not the text's SHA-256.
int lw_store_bundle_put(lw_store *s, const char *bundle, const char *role,
                        const char *path, const char *sha, const char *text,
                        size_t n, lw_err *e);
// Its text, NUL-terminated, the caller frees; LW_E_NOTFOUND.
int lw_store_bundle_get(lw_store *s, const char *bundle, const char *role,
                        const char *path, char **text, size_t *n, lw_err *e);

// The i-th file of a bundle, from 0, in a fixed order; LW_E_NOTFOUND past the
// last. text as above.
typedef struct lw_store_file {
  char role[32], path[512];
  char *text;
  size_t n;
} lw_store_file;
int lw_store_bundle_file(lw_store *s, const char *bundle, uint32_t i,
                         lw_store_file *out, lw_err *e);
// The bundle that a run goes by now: that of its newest `reload` record, else
// the one it was begun with.
int lw_store_run_bundle(lw_store *s, int64_t run, char out[65], lw_err *e);

// Walk a run's records in order; stop when fn returns non-zero, which is
// returned. Only committed records are seen.
int lw_store_read(lw_store *s, int64_t run,
                  int (*fn)(void *arg, int64_t id, const lw_record *r),
                  void *arg, lw_err *e);

// The same walk, one record at a time; close it before the store.
typedef struct lw_cursor lw_cursor;
//   after  id of the last record not wanted, 0 = from the first
int lw_cursor_open(lw_cursor **c, lw_store *s, int64_t run, int64_t after,
                   lw_err *e);
// 1 and the next record (borrowed until the next call), 0 at the end.
int lw_cursor_step(lw_cursor *c, int64_t *id, lw_record *r, lw_err *e);
void lw_cursor_close(lw_cursor *c); // NULL is fine

// A source of records: a ring, and where to put the seq that is on disk.
typedef struct lw_store_source {
  lw_ring ring;
  _Atomic uint64_t *committed; // may be NULL
} lw_store_source;

typedef struct lw_store_config {
  int64_t run;
  lw_store_source *sources; // [source_n], borrowed while attached, 1 to 16
  uint32_t source_n;
  _Atomic uint32_t *state; // set to the code that stopped the store, or NULL
  void (*on_commit)(void *arg); // after committed moved, on the writer thread
  void (*on_stop)(void *arg, const lw_err *e); // once, on the writer thread
  // A source sent damaged bytes and is not read again before the next attach;
  // a `note` record says so. On the writer thread; may be NULL, as all three.
  void (*on_distrust)(void *arg, uint32_t source, const lw_err *e);
  void *arg;
  int thread;       // 1: a writer thread; 0: lw_store_pump does it
  int64_t delay_ns; // how long batched records may wait, 0 = 250 ms
} lw_store_config;

// Start taking records for a run. LW_E_STATE when attached already, not opened
// to write, or stopped; LW_E_NOTFOUND for an unknown run. To hand a source's
// memory to a new process: detach, clear the ring, attach.
int lw_store_attach(lw_store *s, const lw_store_config *c, lw_err *e);
// Something durable waits: commit now. From any thread, but not beside a
// detach.
void lw_store_kick(lw_store *s);
int lw_store_pump(lw_store *s);    // inline: drain and commit; 0 or the error
void lw_store_detach(lw_store *s); // drain, commit, end the thread

// 0, or the code that stopped the store and why.
int lw_store_check(lw_store *s, lw_err *e);

typedef struct lw_store_stats {
  uint64_t records, commits, barriers;
  int64_t commit_max_ns;
} lw_store_stats;
void lw_store_stats_read(const lw_store *s, lw_store_stats *out);

// Version of the SQLite that is loaded.
const char *lw_store_library(void);

#endif
