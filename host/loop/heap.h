// What is due next: a binary heap ordered by (due, sequence), so that events of
// one instant fire in the order they were asked for, on every machine.
#ifndef LW_LOOP_HEAP_H
#define LW_LOOP_HEAP_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

typedef struct lw_event {
  int64_t due_ns;
  uint64_t seq; // order of asking
  uint64_t id;  // the caller's
} lw_event;

typedef struct lw_heap {
  lw_event *events; // [cap]
  size_t n, cap;
  uint64_t seq;
} lw_heap;

void lw_heap_init(lw_heap *h);
void lw_heap_fini(lw_heap *h);
// Returns 0 or LW_E_NOMEM and leaves the heap as it was.
int lw_heap_push(lw_heap *h, int64_t due_ns, uint64_t id);
// Earliest event, or NULL; valid until the next push or pop.
const lw_event *lw_heap_top(const lw_heap *h);
// Take the earliest event into *out; LW_E_AGAIN when empty.
int lw_heap_pop(lw_heap *h, lw_event *out);
// Remove every event with this id; returns how many.
size_t lw_heap_drop(lw_heap *h, uint64_t id);

#endif
