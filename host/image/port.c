#include "image/port.h"

#include <math.h>   // isfinite, fabs
#include <string.h> // memcpy

#include "base/ring.h" // lw_ring

#define RELAXED memory_order_relaxed
#define ACQUIRE memory_order_acquire
#define RELEASE memory_order_release

#define FULL_WAIT_NS LW_S // how long a full ring may make the worker wait
#define FULL_POLL_NS LW_MS

void lw_port_read(lw_port *p, uint32_t tag, lw_reading *out) {
  lw_slot_read(&lw_image_slots(p->image)[tag], out);
  if (lw_now_ns(p->clock) - out->t_ns > lw_plan_max_age_ns(p->plan, tag))
    out->quality = LW_BAD;
}

int lw_port_text(lw_port *p, uint32_t tag, lw_text *out) {
  const lw_text_slot *slot = lw_image_text(p->image, tag);
  if (!slot || p->plan->tags[tag].type != LW_TYPE_text)
    return 0;
  lw_text_read(slot, out);
  if (lw_now_ns(p->clock) - out->t_ns > lw_plan_max_age_ns(p->plan, tag))
    out->quality = LW_BAD;
  return 1;
}

int lw_port_fired(lw_port *p, uint32_t tag, lw_text *out) {
  const lw_text_slot *slot = lw_image_text(p->image, tag);
  if (!slot || p->plan->tags[tag].type == LW_TYPE_text)
    return 0;
  lw_text_read(slot, out);
  return out->quality != LW_BAD;
}

static uint32_t epoch_of(uint64_t word) {
  return (uint32_t)(word >> 8);
}

static uint64_t level_word(const lw_port *p) {
  return atomic_load_explicit(&p->desk->level, RELAXED);
}

int lw_port_request(lw_port *p, uint32_t tag, double value) {
  const lw_plan_tag *t = &p->plan->tags[tag];
  lw_request *q = &lw_desk_requests(p->desk)[tag];
  uint32_t epoch = epoch_of(level_word(p));
  lw_wish last;
  if (!(t->access & LW_WRITE))
    return LW_E_DENIED;
  if (epoch == 0)
    return LW_E_STATE;
  if (!isfinite(value) || !(value >= t->lo && value <= t->hi))
    return LW_E_RANGE;
  // Only this epoch's own wish is a base for a step here; the scan holds the
  // first one against what is really on the output.
  if (lw_request_read(q, &last) == 0 && last.count > 0 && last.epoch == epoch &&
      fabs(value - last.value) > t->step_max)
    return LW_E_RANGE;
  lw_request_write(q, value, epoch);
  return 0;
}

uint32_t lw_port_level(lw_port *p, int level) {
  // Above the newest epoch of a worker before this one too: its word must not
  // look as if it were on the outputs already.
  uint64_t applied = atomic_load_explicit(&p->image->applied, ACQUIRE);
  uint64_t word = level_word(p);
  uint32_t newest =
      epoch_of(word) > epoch_of(applied) ? epoch_of(word) : epoch_of(applied);
  atomic_store_explicit(&p->desk->level,
                        (uint64_t)(newest + 1) << 8 | (uint64_t)level, RELEASE);
  return newest + 1;
}

int lw_port_applied(const lw_port *p) {
  return atomic_load_explicit(&p->image->applied, ACQUIRE) == level_word(p);
}

int lw_port_trip(const lw_port *p, lw_trip *out) {
  *out = lw_trip_unpack(atomic_load_explicit(&p->image->trip, ACQUIRE));
  return out->seq != atomic_load_explicit(&p->desk->trip_ack, RELAXED);
}

void lw_port_trip_ack(lw_port *p, uint32_t seq) {
  atomic_store_explicit(&p->desk->trip_ack, seq, RELEASE);
}

// Put a message, giving the host time to take others out first.
static int put_patiently(lw_port *p, const void *message, size_t n) {
  lw_ring ring = lw_image_records(p->image, p->desk);
  int rc = lw_ring_put(&ring, message, n);
  if (rc == LW_E_FULL && p->drain) {
    p->drain(p->drain_arg);
    return lw_ring_put(&ring, message, n);
  }
  int64_t until_ns = lw_now_ns(p->clock) + FULL_WAIT_NS;
  while (rc == LW_E_FULL && lw_now_ns(p->clock) < until_ns) {
    p->clock->wait_until(p->clock, lw_now_ns(p->clock) + FULL_POLL_NS);
    rc = lw_ring_put(&ring, message, n);
  }
  return rc;
}

int64_t lw_port_emit(lw_port *p, lw_record *r) {
  uint8_t message[LW_RING_MESSAGE_MAX];
  r->seq = p->seq + 1;
  r->t_ns = lw_now_ns(p->clock);
  r->wall_ns = p->clock->wall_ns(p->clock);
  r->synced = (uint8_t)(p->clock->is_synced(p->clock) != 0);
  if (lw_record_size(r) > sizeof message)
    return LW_E_RANGE;
  int rc = put_patiently(p, message, lw_record_encode(r, message));
  if (rc < 0)
    return rc;
  p->seq++;
  return (int64_t)p->seq;
}

uint64_t lw_port_committed(const lw_port *p) {
  return atomic_load_explicit(&p->image->committed, ACQUIRE);
}

int lw_port_command(lw_port *p, char *buf, size_t n) {
  lw_ring ring = lw_image_commands(p->image, p->desk);
  int length = n > 0 ? lw_ring_get(&ring, buf, n - 1) : LW_E_RANGE;
  if (n > 0)
    buf[length > 0 ? length : 0] = 0;
  return length;
}

void lw_port_beat(lw_port *p) {
  lw_desk *d = p->desk;
  uint64_t beat = atomic_load_explicit(&d->beat, RELAXED);
  atomic_store_explicit(&d->beat_at_ns, lw_now_ns(p->clock), RELAXED);
  atomic_store_explicit(&d->beat, beat + 1, RELAXED);
  // The scan looks at ready first, so it never sees a beat that is not there.
  atomic_store_explicit(&d->ready, 1, RELEASE);
}

void lw_port_enter(lw_port *p) {
  atomic_fetch_or_explicit(&p->desk->turn, 1, RELEASE);
}

void lw_port_leave(lw_port *p) {
  uint64_t turn = atomic_load_explicit(&p->desk->turn, RELAXED);
  atomic_store_explicit(&p->desk->turn, (turn | 1) + 1, RELEASE);
}

void lw_port_state(lw_port *p, int state) {
  atomic_store_explicit(&p->desk->state, (uint32_t)state, RELAXED);
}

void lw_port_flags(lw_port *p, int paused, int finished) {
  uint32_t flags =
      (paused ? LW_FLAG_PAUSED : 0u) | (finished ? LW_FLAG_FINISHED : 0u);
  atomic_store_explicit(&p->desk->flags, flags, RELEASE);
}
