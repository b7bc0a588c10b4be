#include "worker/latency.h"

// Octave and three bits below its leading one.
static int bucket_of(int64_t late_ns) {
  uint64_t x = late_ns > 8 ? (uint64_t)late_ns : 8;
  int octave = 63 - __builtin_clzll(x);
  int bucket = (octave - 3) * 8 + (int)(x >> (octave - 3) & 7);
  return bucket < LW_LATENCY_BUCKETS ? bucket : LW_LATENCY_BUCKETS - 1;
}

static int64_t bucket_end_ns(int bucket) {
  int shift = bucket / 8;
  return ((int64_t)(8 + bucket % 8) + 1) << shift;
}

static void add(_Atomic uint64_t *count) {
  atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

void lw_latency_step(lw_latency *l, int64_t late_ns, int64_t period_ns) {
  add(&l->bucket[bucket_of(late_ns)]);
  if (late_ns >= period_ns)
    atomic_fetch_add_explicit(&l->missed_n, (uint64_t)(late_ns / period_ns),
                              memory_order_relaxed);
  if (late_ns > atomic_load_explicit(&l->max_ns, memory_order_relaxed))
    atomic_store_explicit(&l->max_ns, late_ns, memory_order_relaxed);
  add(&l->n);
}

int64_t lw_latency_share_ns(const lw_latency *l, double share) {
  uint64_t n = atomic_load_explicit(&l->n, memory_order_relaxed), seen = 0;
  if (!n)
    return 0;
  uint64_t wanted = (uint64_t)(share * (double)n);
  if ((double)wanted < share * (double)n)
    wanted++;
  for (int i = 0; i < LW_LATENCY_BUCKETS; i++) {
    seen += atomic_load_explicit(&l->bucket[i], memory_order_relaxed);
    if (seen >= wanted)
      return bucket_end_ns(i);
  }
  return bucket_end_ns(LW_LATENCY_BUCKETS - 1);
}
