// The one way to know the time. Every room takes a clock; only loop/ makes one.
#ifndef LW_BASE_CLOCK_H
#define LW_BASE_CLOCK_H

#include <stdint.h> // int64_t

typedef struct lw_clock lw_clock;
struct lw_clock {
  // Time since an arbitrary origin [ns]; never goes back. Real clocks count
  // CLOCK_MONOTONIC, so that host and worker processes agree.
  int64_t (*now_ns)(lw_clock *c);
  // Wall time, UTC since 1970 [ns]: for records only, never for control.
  int64_t (*wall_ns)(lw_clock *c);
  // 1 while the wall clock is known to be synchronised, else 0.
  int (*is_synced)(lw_clock *c);
  // Return when now_ns() >= t_ns: sleeps on a real clock, jumps on a virtual.
  void (*wait_until)(lw_clock *c, int64_t t_ns);
};

#define LW_MS INT64_C(1000000)
#define LW_S INT64_C(1000000000)

static inline int64_t lw_now_ns(lw_clock *c) {
  return c->now_ns(c);
}

#endif
