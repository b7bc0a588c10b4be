// A sequence lock: odd while the writer is inside. Readers copy, then look
// whether the number moved. Source: Boehm, "Can Seqlocks Get Along With
// Programming Language Memory Models?", MSPC 2012, figure 6.
#ifndef LW_IMAGE_SEQLOCK_H
#define LW_IMAGE_SEQLOCK_H

#include <stdatomic.h> // _Atomic
#include <stddef.h>    // size_t
#include <stdint.h>    // uint32_t

// The one writer enters; what it got goes to lw_seq_leave.
static inline uint32_t lw_seq_enter(_Atomic uint32_t *seq) {
  uint32_t s = atomic_load_explicit(seq, memory_order_relaxed) | 1u;
  atomic_store_explicit(seq, s, memory_order_relaxed);
  atomic_thread_fence(memory_order_release);
  return s;
}

static inline void lw_seq_leave(_Atomic uint32_t *seq, uint32_t s) {
  atomic_store_explicit(seq, s + 1, memory_order_release);
}

static inline uint32_t lw_seq_look(const _Atomic uint32_t *seq) {
  return atomic_load_explicit(seq, memory_order_acquire);
}

// 1 when what was read since lw_seq_look gave `before` belongs together.
static inline int lw_seq_fits(const _Atomic uint32_t *seq, uint32_t before) {
  atomic_thread_fence(memory_order_acquire);
  return !(before & 1) &&
         atomic_load_explicit(seq, memory_order_relaxed) == before;
}

// Byte by byte, so that a torn copy is merely torn and not a data race; the
// sequence lock throws it away.
static inline void lw_seq_copy(void *to, const void *from, size_t n) {
  uint8_t *out = (uint8_t *)to;
  const uint8_t *in = (const uint8_t *)from;
  for (size_t i = 0; i < n; i++)
    __atomic_store_n(&out[i], __atomic_load_n(&in[i], __ATOMIC_RELAXED),
                     __ATOMIC_RELAXED);
}

#endif
