// When the writer's thread looks at its rings, when it commits, and when it
// ends: its decisions, without a clock, a lock or a thread of their own. Two
// threads that share one guard it with a lock.
#ifndef LW_STORE_PACE_H
#define LW_STORE_PACE_H

#include "base/ring.h" // lw_ring

typedef struct lw_pace {
  int64_t delay_ns; // how long batched records may wait
  int64_t due_ns;   // when they have waited that long
  int is_kicked;    // something durable waits
  int is_ending;    // no more records will come
} lw_pace;

// What there is to do.
enum {
  LW_PACE_wait,
  LW_PACE_commit,
  LW_PACE_end // commit what there is, then end
};

// Set up, with nothing due before delay_ns from now on.
//   delay_ns  0 or less = 250 ms
void lw_pace_init(lw_pace *p, int64_t delay_ns, int64_t now_ns);
// How long to sleep at most; now_ns when not at all. A part of the delay, as
// nobody says when a ring fills up.
int64_t lw_pace_wake_ns(const lw_pace *p, int64_t now_ns);
// What to do now; takes the kick.
int lw_pace_next(lw_pace *p, int64_t now_ns, int is_filling);
// A commit is over: batched records may wait anew.
void lw_pace_restart(lw_pace *p, int64_t now_ns);

// 1 when a ring holds so much that it cannot wait for the batch's time.
int lw_pace_is_filling(const lw_ring *ring);

#endif
