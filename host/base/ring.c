#include "base/ring.h"

#include <string.h> // memcpy

#include "base/err.h" // LW_E_*

// A message is its length (4 bytes), its bytes, and padding up to the next
// multiple of 4, so that a length never straddles the end of the memory.
#define LENGTH_N 4u

static size_t framed(size_t n) {
  return LENGTH_N + ((n + 3) & ~(size_t)3);
}

static void copy_in(lw_ring *r, uint64_t at, const void *from, size_t n) {
  size_t start = at & (r->size - 1);
  size_t first = n < r->size - start ? n : r->size - start;
  memcpy(r->data + start, from, first);
  memcpy(r->data, (const uint8_t *)from + first, n - first);
}

static void copy_out(const lw_ring *r, uint64_t at, void *to, size_t n) {
  size_t start = at & (r->size - 1);
  size_t first = n < r->size - start ? n : r->size - start;
  memcpy(to, r->data + start, first);
  memcpy((uint8_t *)to + first, r->data, n - first);
}

void lw_ring_init(lw_ring *r, void *data, uint32_t size, _Atomic uint64_t *head,
                  _Atomic uint64_t *tail) {
  *r = (lw_ring){.data = data, .size = size, .head = head, .tail = tail};
}

int lw_ring_put(lw_ring *r, const void *message, size_t n) {
  if (n > LW_RING_MESSAGE_MAX || framed(n) > r->size)
    return LW_E_RANGE;
  uint64_t head = atomic_load_explicit(r->head, memory_order_relaxed);
  uint64_t tail = atomic_load_explicit(r->tail, memory_order_acquire);
  // A broken consumer may have written any tail: then the ring counts as full
  // for ever, and nothing outside it is touched.
  if (head - tail > r->size || r->size - (head - tail) < framed(n))
    return LW_E_FULL;
  uint32_t length = (uint32_t)n;
  copy_in(r, head, &length, LENGTH_N);
  if (n)
    copy_in(r, head + LENGTH_N, message, n);
  atomic_store_explicit(r->head, head + framed(n), memory_order_release);
  return 0;
}

// Give up what the producer wrote: start again at its head.
static int drop_all(lw_ring *r, uint64_t head) {
  atomic_store_explicit(r->tail, head, memory_order_release);
  return LW_E_CORRUPT;
}

int lw_ring_get(lw_ring *r, void *buf, size_t cap) {
  uint64_t tail = atomic_load_explicit(r->tail, memory_order_relaxed);
  uint64_t head = atomic_load_explicit(r->head, memory_order_acquire);
  if (head == tail)
    return LW_E_AGAIN;
  if (head - tail > r->size || tail & 3)
    return drop_all(r, head);
  // Read once: the producer may change it under us. Fewer bytes than a length
  // has are no message either; the check below sees that.
  uint32_t length;
  copy_out(r, tail, &length, LENGTH_N);
  if (length > LW_RING_MESSAGE_MAX || framed(length) > head - tail)
    return drop_all(r, head);
  if (length <= cap)
    copy_out(r, tail + LENGTH_N, buf, length);
  atomic_store_explicit(r->tail, tail + framed(length), memory_order_release);
  return length <= cap ? (int)length : LW_E_RANGE;
}
