// Levels and trips: how outputs get to their safe values.
#include <math.h> // isnan

#include "image/convert.h" // lw_tag_to_device
#include "scan/scan_private.h"

int lw_scan_level(const lw_scan *s) {
  uint64_t level = s->word & 0xFF;
  // A word that no worker of ours writes: the safest reading of it.
  return level < LW_LEVEL_N ? (int)level : LW_LEVEL_abort;
}

// Write the safe value of one output, straight: no ramp, no step, no permit
// may stand between a fault and the safe value.
static void write_safe(lw_scan *s, uint32_t tag, int level) {
  lw_setpoint *sp = &s->setpoints[tag];
  double raw, safe = sp->tag->safe[level];
  if (isnan(safe) || lw_tag_to_device(sp->tag, safe, &raw) < 0) {
    lw_setpoint_freeze(sp); // "keep": not even a ramp goes on
    return;
  }
  int is_change = raw != sp->raw;
  lw_setpoint_put(sp, safe, safe, raw);
  lw_io_write(s->c.io, tag, raw);
  if (is_change)
    lw_scan_tell_out(s, tag, lw_level_name(level));
}

// LW_LEVEL_none leaves outputs where they are, which ends their ramps too.
static void write_level(lw_scan *s, int level) {
  for (uint32_t i = 0; i < s->c.plan->tag_n; i++) {
    if (!(s->c.plan->tags[i].access & LW_WRITE))
      continue;
    if (level == LW_LEVEL_none)
      lw_setpoint_freeze(&s->setpoints[i]);
    else
      write_safe(s, i, level);
  }
}

static int is_acknowledged(const lw_scan *s) {
  return atomic_load_explicit(&s->c.desk->trip_ack, memory_order_acquire) ==
         s->trip.seq;
}

int lw_scan_is_locked(const lw_scan *s) {
  return !is_acknowledged(s) ||
         (s->locked_epoch && lw_scan_epoch(s) <= s->locked_epoch);
}

void lw_scan_take_level(lw_scan *s) {
  uint64_t word = atomic_load_explicit(&s->c.desk->level, memory_order_acquire);
  if (word == s->word || word >> 8 == 0)
    return;
  s->word = word;
  int level = lw_scan_level(s);
  // A worker that does not know of a trip yet cannot bring outputs back from
  // its safe values; what is more severe goes through.
  if (is_acknowledged(s) || level >= s->trip.level)
    write_level(s, level);
  for (uint32_t i = 0; i < s->c.plan->rule_n; i++)
    lw_rule_rearm(&s->rules[i], s->c.plan->rules[i].level, level);
  if (level < LW_LEVEL_hold)
    s->is_lost = 0; // unheld towards a device that is away: that trips anew
  atomic_store_explicit(&s->c.image->applied, word, memory_order_release);
}

void lw_scan_do_trip(lw_scan *s, const lw_scan_reason *why) {
  int level = lw_scan_level(s);
  int is_masked = !is_acknowledged(s) && why->level <= s->trip.level;
  // Also when masked: the acknowledgement of the trip before must not open the
  // outputs of an epoch in which this one happened.
  if (why->level > level)
    s->locked_epoch = lw_scan_epoch(s);
  if (is_masked && why->cause == s->trip.cause && why->index == s->trip.index)
    return; // told already: the scan and the host saw one silence
  if (!is_masked) {
    // A line that is stopping is not brought back up to its hold values.
    write_level(s, why->level > level ? why->level : level);
    s->trip = (lw_trip){.seq = s->trip.seq + 1,
                        .index = why->index,
                        .cause = why->cause,
                        .level = why->level};
    atomic_store_explicit(&s->c.image->trip, lw_trip_pack(&s->trip),
                          memory_order_release);
  }
  lw_scan_tell_trip(s, why);
}

void lw_scan_trip(lw_scan *s, int cause, int level) {
  uint32_t none = 0; // of several of one level the first counts
  atomic_compare_exchange_strong(&s->wishes[level], &none, (uint32_t)cause + 1);
}

// Of several levels since the last scan the most severe counts.
void lw_scan_take_wish(lw_scan *s) {
  lw_scan_reason why = {.level = LW_LEVEL_none, .index = 0xFFFF};
  for (int level = LW_LEVEL_suspend; level < LW_LEVEL_N; level++) {
    uint32_t wish = atomic_exchange(&s->wishes[level], 0);
    if (!wish)
      continue;
    why.cause = (int)wish - 1;
    why.level = level;
  }
  if (why.level != LW_LEVEL_none)
    lw_scan_do_trip(s, &why);
}
