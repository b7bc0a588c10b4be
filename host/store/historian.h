// The historian: every value of every tag, for as long as the disk allows.
//
// A folder with one file a day (UTC). New samples go into a hot table, one blob
// per commit; once a tag has 2,048 of them they become a chunk (chunk.h) and
// leave it. Values come back bit for bit. Reading is history.h.
//
// What a killed writer left in the hot table of the newest day becomes chunks
// in the next one's life. One writer per folder; a handle belongs to one
// thread. The first write that fails stops it for good, as it does the store.
#ifndef LW_STORE_HISTORIAN_H
#define LW_STORE_HISTORIAN_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "base/err.h" // lw_err

typedef struct lw_historian lw_historian;

// Open a folder, made when missing. LW_E_STATE when another process writes it.
int lw_historian_open(lw_historian **h, const char *folder, lw_err *e);
// All that waits becomes chunks, short ones: at the end of a run, so that what
// sends or copies chunks sees everything. More may follow.
int lw_historian_end(lw_historian *h, lw_err *e);
// The same for a recording that is complete: the newest day is over, too, and
// its file is packed as those of earlier days are.
int lw_historian_end_day(lw_historian *h, lw_err *e);
// Commits what is pending; NULL is fine.
void lw_historian_close(lw_historian *h);

// The number of a tag, made when new.
//   name  "oven.zones[1].temp"; unit  "degC", for people, fixed at first sight
// Returns 0 or more, or LW_E_NOMEM.
int lw_historian_tag(lw_historian *h, const char *name, const char *unit,
                     lw_err *e);

typedef struct lw_history_value {
  uint32_t tag;    // from lw_historian_tag
  uint8_t quality; // LW_BAD, LW_UNCERTAIN, LW_GOOD
  double value;    // any bits
} lw_history_value;

// Take the values of one instant. Nothing is on disk before the next commit.
//   t_ns  UTC since 1970; may go back (the clock was set)
int lw_historian_put(lw_historian *h, int64_t t_ns, const lw_history_value *v,
                     size_t n, lw_err *e);

// Put what was taken on disk (synchronous FULL).
int lw_historian_commit(lw_historian *h, lw_err *e);

typedef struct lw_historian_stats {
  uint64_t samples, chunks, commits; // since it was opened
} lw_historian_stats;
void lw_historian_stats_read(const lw_historian *h, lw_historian_stats *out);

typedef struct lw_historian_pruned {
  int dropped; // days
  int unsent;  // of these, not yet with all forwarders: lost to them
  int waiting; // old days that stay until they are forwarded
} lw_historian_pruned;

// Retention: drop whole days, oldest first, that ended before `before_ns`, and
// then more until the folder takes at most max_bytes (0 = no limit). The newest
// day stays. A day that a forwarder (forward.h) has not sent yet waits for it,
// however old; only max_bytes goes before that, and takes days that were sent
// first.
int lw_historian_prune(const char *folder, int64_t before_ns, int64_t max_bytes,
                       lw_historian_pruned *out, lw_err *e);

#endif
