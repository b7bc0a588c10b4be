// Inline stepping: twin, scan, timers and tick in one thread, in one order.
#include <string.h> // memcpy

#include "worker/line_private.h"

static int64_t earlier(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static int64_t next_due_ns(const lw_line *l) {
  int64_t due =
      earlier(earlier(l->twin_due_ns, l->scan_due_ns), l->tick_due_ns);
  const lw_event *timer = lw_heap_top(&l->timers);
  return timer ? earlier(due, timer->due_ns) : due;
}

static uint64_t mix(uint64_t digest, uint64_t word) {
  return (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15) ^ digest >> 29;
}

static uint64_t mix_number(uint64_t digest, double x) {
  uint64_t word;
  memcpy(&word, &x, sizeof word);
  return mix(digest, word);
}

// Digest of terminals, readings and what the scan says of itself.
static uint64_t look(const lw_line *l) {
  lw_image *image = l->image.at;
  const lw_sim *sim = l->plant->sim.at;
  uint64_t digest =
      mix(atomic_load(&image->trip), atomic_load(&image->applied));
  for (uint32_t i = 0; sim && i < lw_sim_signal_n(sim); i++)
    digest = mix_number(digest, lw_sim_get(sim, i));
  for (uint32_t i = 0; i < l->plan->tag_n; i++) {
    lw_reading r;
    lw_slot_read(&lw_image_slots(image)[i], &r);
    digest = mix_number(mix(digest, (uint64_t)r.quality), r.value);
  }
  return digest;
}

static void note_moves(lw_line *l) {
  uint64_t seen = look(l);
  l->has_moved |= seen != l->seen;
  l->seen = seen;
}

void lw_line_step_wall(lw_line *l, int64_t by_ns) {
  l->plant->clock.wall0_ns += by_ns;
}

void lw_line_watch(lw_line *l) {
  l->is_watched = 1;
}

static void scan_once(lw_line *l, int64_t now_ns) {
  lw_io_poll(l->io, now_ns);
  lw_scan_step(l->scan, now_ns);
  // Outputs reach the plant in the scan that decided them, as with threads.
  if (lw_io_pending(l->io))
    lw_io_poll(l->io, now_ns);
  if (l->recorder)
    lw_recorder_scan(l->recorder);
  if (l->is_watched)
    note_moves(l);
}

int lw_line_step(lw_line *l, int64_t limit_ns, uint64_t *id) {
  lw_clock_virtual *clock = &l->plant->clock;
  for (;;) {
    int64_t due_ns = next_due_ns(l);
    if (l->has_moved && due_ns > clock->now_ns) {
      l->has_moved = 0;
      return LW_STEP_MOVED;
    }
    if (due_ns > limit_ns) {
      clock->clock.wait_until(&clock->clock, limit_ns);
      return LW_STEP_LIMIT;
    }
    clock->clock.wait_until(&clock->clock, due_ns);
    if (l->twin_due_ns <= due_ns) {
      l->twin_due_ns += l->plan->tick_ns;
      if (l->plant->sim.at)
        return LW_STEP_TWIN;
      continue;
    }
    if (l->scan_due_ns <= due_ns) {
      l->scan_due_ns += l->plan->scan_ns;
      scan_once(l, clock->now_ns);
      continue;
    }
    lw_event timer;
    if (lw_heap_top(&l->timers) && lw_heap_top(&l->timers)->due_ns <= due_ns) {
      lw_heap_pop(&l->timers, &timer);
      *id = timer.id;
      return LW_STEP_TIMER;
    }
    if (l->recorder)
      lw_recorder_step(l->recorder, due_ns);
    l->tick_due_ns += l->plan->tick_ns;
    l->has_moved = l->is_watched;
    return LW_STEP_TICK;
  }
}

int lw_line_timer(lw_line *l, int64_t due_ns, uint64_t id) {
  return lw_heap_push(&l->timers, due_ns, id);
}
