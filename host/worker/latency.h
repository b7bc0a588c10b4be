// How late a periodic thread wakes, counted in buckets an eighth of an octave
// wide, so that percentiles cost no memory per wake.
#ifndef LW_WORKER_LATENCY_H
#define LW_WORKER_LATENCY_H

#include <stdatomic.h> // _Atomic
#include <stdint.h>    // int64_t

#define LW_LATENCY_BUCKETS 320 // up to 2^40 ns

// Written by one thread, read by any.
typedef struct lw_latency {
  _Atomic uint64_t bucket[LW_LATENCY_BUCKETS];
  _Atomic uint64_t n;
  _Atomic uint64_t missed_n; // periods that went by without a wake
  _Atomic int64_t max_ns;
} lw_latency;

void lw_latency_step(lw_latency *l, int64_t late_ns, int64_t period_ns);
// Lateness [ns] that a share of the wakes did not exceed, share in (0, 1];
// rounded up to its bucket's end, at most an eighth high. 0 before the first
// wake.
int64_t lw_latency_share_ns(const lw_latency *l, double share);

#endif
