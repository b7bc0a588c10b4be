// Inline stepping: twin, scan, timers and tick in one thread, in one order.
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

static void scan_once(lw_line *l, int64_t now_ns) {
  lw_io_poll(l->io, now_ns);
  lw_scan_step(l->scan, now_ns);
  // Outputs reach the plant in the scan that decided them, as with threads.
  if (lw_io_pending(l->io))
    lw_io_poll(l->io, now_ns);
  if (l->recorder)
    lw_recorder_scan(l->recorder);
}

int lw_line_step(lw_line *l, int64_t limit_ns, uint64_t *id) {
  lw_clock_virtual *clock = &l->plant->clock;
  for (;;) {
    int64_t due_ns = next_due_ns(l);
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
    return LW_STEP_TICK;
  }
}

int lw_line_timer(lw_line *l, int64_t due_ns, uint64_t id) {
  return lw_heap_push(&l->timers, due_ns, id);
}
