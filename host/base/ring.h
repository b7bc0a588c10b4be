// A ring of messages from one producer to one consumer, in memory that two
// processes may share. Head, tail and data may lie in different regions, so
// that each side only needs write access to what it owns.
#ifndef LW_BASE_RING_H
#define LW_BASE_RING_H

#include <stdatomic.h> // _Atomic
#include <stddef.h>    // size_t
#include <stdint.h>    // uint8_t

typedef struct lw_ring {
  uint8_t *data;          // [size], borrowed
  uint32_t size;          // bytes, a power of two
  _Atomic uint64_t *head; // bytes ever put; written by the producer only
  _Atomic uint64_t *tail; // bytes ever taken; written by the consumer only
} lw_ring;

// Longest message [bytes]: a step result of 64 KiB and its key fit.
#define LW_RING_MESSAGE_MAX (96u * 1024u)

// Bind a ring to memory; head and tail keep their values (zero them once).
void lw_ring_init(lw_ring *r, void *data, uint32_t size, _Atomic uint64_t *head,
                  _Atomic uint64_t *tail);

// Append one message of n bytes, whole or not at all.
// Returns 0, LW_E_FULL when there is no room now, LW_E_RANGE when it never
// fits.
int lw_ring_put(lw_ring *r, const void *message, size_t n);

// Take the oldest message into buf [cap]. Returns its length, LW_E_AGAIN when
// there is none, LW_E_RANGE when it is longer than cap (it is then lost), or
// LW_E_CORRUPT when the other side wrote nonsense (the ring is then emptied;
// the caller should stop trusting that process).
int lw_ring_get(lw_ring *r, void *buf, size_t cap);

#endif
