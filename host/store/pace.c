#include "store/pace.h"

#include "base/clock.h" // LW_MS

void lw_pace_init(lw_pace *p, int64_t delay_ns, int64_t now_ns) {
  *p = (lw_pace){.delay_ns = delay_ns > 0 ? delay_ns : 250 * LW_MS};
  lw_pace_restart(p, now_ns);
}

int64_t lw_pace_wake_ns(const lw_pace *p, int64_t now_ns) {
  return p->is_kicked || p->is_ending ? now_ns : now_ns + p->delay_ns / 8;
}

int lw_pace_next(lw_pace *p, int64_t now_ns, int is_filling) {
  int is_due = p->is_kicked || now_ns >= p->due_ns || is_filling;
  p->is_kicked = 0;
  if (p->is_ending)
    return LW_PACE_end;
  return is_due ? LW_PACE_commit : LW_PACE_wait;
}

void lw_pace_restart(lw_pace *p, int64_t now_ns) {
  p->due_ns = now_ns + p->delay_ns;
}

int lw_pace_is_filling(const lw_ring *ring) {
  return atomic_load(ring->head) - atomic_load(ring->tail) > ring->size / 4;
}
