// Reading the historian's folder, also while another process writes it: sees
// what was committed.
#ifndef LW_STORE_HISTORY_H
#define LW_STORE_HISTORY_H

#include "store/chunk.h" // lw_chunk

#include "base/err.h" // lw_err

typedef struct lw_history lw_history;

// LW_E_NOTFOUND when there is no such folder.
int lw_history_open(lw_history **h, const char *folder, lw_err *e);
void lw_history_close(lw_history *h); // NULL is fine

// Each tag of the days between two times, once, in order of name; stop when fn
// returns non-zero, which is returned.
int lw_history_tags(lw_history *h, int64_t from_ns, int64_t to_ns,
                    int (*fn)(void *arg, const char *name, const char *unit),
                    void *arg, lw_err *e);

// A tag's samples with from_ns <= t < to_ns, in blocks of up to 2,048 as they
// were taken; stop when fn returns non-zero, which is returned. A tag without
// samples gives none.
int lw_history_read(lw_history *h, const char *tag, int64_t from_ns,
                    int64_t to_ns,
                    int (*fn)(void *arg, const lw_chunk *samples), void *arg,
                    lw_err *e);

typedef struct lw_bucket {
  int64_t t_ns;                       // where it begins
  uint64_t n;                         // samples that are not bad
  double min, max, mean, first, last; // of those; NaN when there are none
  double held; // time-weighted mean, each value held to the next; NaN if none
} lw_bucket;

// A tag's samples in n equal buckets of [from_ns, to_ns). A value is held into
// later buckets until the next sample; the newest of all is not held.
int lw_history_buckets(lw_history *h, const char *tag, int64_t from_ns,
                       int64_t to_ns, size_t n, lw_bucket *out, lw_err *e);

typedef struct lw_instant {
  int64_t t_ns; // of the sample used; of the instant when interpolated
  double value;
  int quality;
} lw_instant;

enum { LW_HISTORY_HELD, LW_HISTORY_LINEAR };
// A tag at an instant: the newest sample not after it, or on the line to the
// next one (held where there is none, or one of the two is bad). LW_E_NOTFOUND
// when nothing was recorded up to then.
int lw_history_at(lw_history *h, const char *tag, int64_t t_ns, int how,
                  lw_instant *out, lw_err *e);

// A tag at n instants from from_ns on, step_ns apart, into out [n]: as
// lw_history_at, with NaN and LW_BAD before the first sample of all. t_ns are
// the instants'.
int lw_history_grid(lw_history *h, const char *tag, int64_t from_ns,
                    int64_t step_ns, size_t n, int how, lw_instant *out,
                    lw_err *e);

#endif
