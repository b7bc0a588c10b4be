// What the readers of the historian share. Private to store/.
#ifndef LW_STORE_HISTORY_PRIVATE_H
#define LW_STORE_HISTORY_PRIVATE_H

#include "store/day.h"     // lw_day_chunk
#include "store/history.h" // lw_history

struct lw_history {
  char *folder;
  lw_coder *coder;
  lw_chunk chunk; // decoded, or picked from the hot table
};

// A walk over a tag's samples with from_ns <= t < to_ns.
typedef struct lw_history_visit {
  int64_t from_ns, to_ns;
  // Figures of a chunk that lies inside as a whole: 1 when they are enough, 0
  // when its samples are wanted. May be NULL.
  int (*figures)(void *arg, const lw_day_chunk *c);
  // Samples, cut to the span; non-zero ends the walk and is returned.
  int (*samples)(void *arg, const lw_chunk *samples);
  void *arg;
} lw_history_visit;

int lw_history_walk(lw_history *h, const char *tag, const lw_history_visit *v,
                    lw_err *e);

typedef struct lw_newest {
  lw_instant at;
  int is_found;
} lw_newest;

// Newest sample with t < before_ns.
int lw_history_newest(lw_history *h, const char *tag, int64_t before_ns,
                      lw_newest *w, lw_err *e);
// First sample with t >= from_ns.
int lw_history_first(lw_history *h, const char *tag, int64_t from_ns,
                     lw_newest *w, lw_err *e);

// Days with a file from `from` to `to` (both included), rising; *days [n] is
// the caller's to free. Returns n.
int lw_history_days(lw_history *h, int64_t from, int64_t to, int64_t **days,
                    lw_err *e);

#endif
