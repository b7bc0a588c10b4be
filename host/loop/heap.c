#include "loop/heap.h"

#include <stdlib.h> // free

#include "base/err.h"  // LW_E_*
#include "base/grow.h" // lw_grow

static int is_before(const lw_event *a, const lw_event *b) {
  return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->seq < b->seq;
}

void lw_heap_init(lw_heap *h) {
  *h = (lw_heap){0};
}

void lw_heap_fini(lw_heap *h) {
  free(h->events);
  *h = (lw_heap){0};
}

// Move the hole at i up until event fits.
static void sift_up(lw_event *a, size_t i, lw_event event) {
  while (i > 0) {
    size_t parent = (i - 1) / 2;
    if (!is_before(&event, &a[parent]))
      break;
    a[i] = a[parent];
    i = parent;
  }
  a[i] = event;
}

// Move the hole at i down until event fits.
static void sift_down(lw_event *a, size_t n, size_t i, lw_event event) {
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= n)
      break;
    if (child + 1 < n && is_before(&a[child + 1], &a[child]))
      child++;
    if (!is_before(&a[child], &event))
      break;
    a[i] = a[child];
    i = child;
  }
  a[i] = event;
}

int lw_heap_push(lw_heap *h, int64_t due_ns, uint64_t id) {
  int rc = lw_grow(&h->events, &h->cap, h->n + 1, sizeof *h->events);
  if (rc < 0)
    return rc;
  lw_event event = {.due_ns = due_ns, .seq = h->seq++, .id = id};
  sift_up(h->events, h->n++, event);
  return 0;
}

const lw_event *lw_heap_top(const lw_heap *h) {
  return h->n ? &h->events[0] : NULL;
}

int lw_heap_pop(lw_heap *h, lw_event *out) {
  if (!h->n)
    return LW_E_AGAIN;
  *out = h->events[0];
  if (--h->n)
    sift_down(h->events, h->n, 0, h->events[h->n]);
  return 0;
}

size_t lw_heap_drop(lw_heap *h, uint64_t id) {
  size_t kept = 0;
  for (size_t i = 0; i < h->n; i++)
    if (h->events[i].id != id)
      h->events[kept++] = h->events[i];
  size_t dropped = h->n - kept;
  h->n = kept;
  if (dropped) // holes broke the order: build the heap anew, bottom up
    for (size_t i = kept / 2; i-- > 0;)
      sift_down(h->events, kept, i, h->events[i]);
  return dropped;
}
