#include "scan/scan.h"

#include <math.h>   // isnan
#include <stdlib.h> // calloc, free

#include "scan/scan_private.h"

int lw_scan_new(lw_scan **out, const lw_scan_config *c, lw_err *e) {
  uint32_t tag_n = c->plan->tag_n, rule_n = c->plan->rule_n;
  lw_scan *s = calloc(1, sizeof *s);
  if (!s)
    return lw_err_set(e, LW_E_NOMEM, "%s", lw_err_text(LW_E_NOMEM));
  s->c = *c;
  s->began_ns = -1;
  s->inputs = calloc(tag_n + 1, sizeof *s->inputs);
  s->setpoints = calloc(tag_n + 1, sizeof *s->setpoints);
  s->rules = calloc(rule_n + 1, sizeof *s->rules);
  s->has_permit = calloc(tag_n + 1, 1);
  int rc = 0;
  if (!s->inputs || !s->setpoints || !s->rules || !s->has_permit)
    rc = lw_err_set(e, LW_E_NOMEM, "%s", lw_err_text(LW_E_NOMEM));
  for (uint32_t i = 0; rc == 0 && i < tag_n; i++) {
    lw_setpoint_init(&s->setpoints[i], &c->plan->tags[i]);
    rc = lw_input_init(&s->inputs[i], c->plan, i, e);
  }
  for (uint32_t i = 0; rc == 0 && i < rule_n; i++)
    if (c->plan->rules[i].kind == LW_RULE_PERMIT)
      s->has_permit[c->plan->rules[i].tag] = 1;
  if (rc == 0 && lw_scan_text_init(s) < 0)
    rc = lw_err_set(e, LW_E_NOMEM, "%s", lw_err_text(LW_E_NOMEM));
  if (rc < 0) {
    lw_scan_free(s);
    return rc;
  }
  *out = s;
  return 0;
}

void lw_scan_free(lw_scan *s) {
  if (!s)
    return;
  for (uint32_t i = 0; s->inputs && i < s->c.plan->tag_n; i++)
    lw_input_fini(&s->inputs[i]);
  free(s->inputs);
  free(s->setpoints);
  free(s->rules);
  free(s->has_permit);
  free(s->texts);
  free(s);
}

// ---- time

static void record_late(lw_scan *s) {
  if (!s->late_n ||
      (s->late_at_ns && s->now_ns - s->late_at_ns < LW_SCAN_LATE_EVERY_NS))
    return;
  lw_scan_tell_late(s, s->late_n);
  s->late_at_ns = s->now_ns;
  s->late_n = 0;
}

// Note the time of this scan; returns 1 when it came in time.
static int begin(lw_scan *s, int64_t now_ns) {
  int64_t period_ns = s->c.plan->scan_ns;
  int is_first = s->began_ns < 0;
  int64_t gap_ns = is_first ? period_ns : now_ns - s->now_ns;
  if (is_first)
    s->began_ns = s->beat_at_ns = now_ns;
  s->now_ns = now_ns;
  // After a stall a ramp goes on gently, it does not make up for lost time.
  s->dt_s = (double)(gap_ns < 2 * period_ns ? gap_ns : 2 * period_ns) / LW_S;
  uint64_t missed_n = 0; // half a period of jitter is no miss
  if (gap_ns > period_ns + period_ns / 2)
    missed_n = (uint64_t)((gap_ns - period_ns / 2) / period_ns);
  s->late_n += missed_n;
  atomic_fetch_add_explicit(&s->c.image->scan_late_n, missed_n,
                            memory_order_relaxed);
  record_late(s);
  if (s->c.watch_worker && gap_ns > LW_SCAN_STALL_NS)
    lw_scan_trip(s, LW_CAUSE_scan, LW_LEVEL_hold);
  return missed_n == 0;
}

static int is_worker_watched(const lw_scan *s) {
  const lw_desk *d = s->c.desk;
  return s->c.watch_worker &&
         atomic_load_explicit(&d->ready, memory_order_acquire) &&
         !(atomic_load_explicit(&d->flags, memory_order_acquire) &
           LW_FLAG_FINISHED);
}

static void trip_for_worker(lw_scan *s, int cause) {
  const lw_scan_reason why = {
      .cause = cause, .level = LW_LEVEL_hold, .index = 0xFFFF};
  lw_scan_do_trip(s, &why);
}

// A script that ran away is stopped by its own budget, which may take it long
// to unwind: the outputs do not wait for that. Counted in the scan's own time,
// so that a machine that stood still is not held against the script.
static void watch_turn(lw_scan *s) {
  uint64_t turn = atomic_load_explicit(&s->c.desk->turn, memory_order_acquire);
  if (turn != s->turn || !(turn & 1) || !is_worker_watched(s)) {
    s->turn = turn;
    s->turn_ns = 0;
    s->is_turn_over = 0;
    return;
  }
  s->turn_ns += (int64_t)(s->dt_s * (double)LW_S);
  if (s->is_turn_over ||
      s->turn_ns <= s->c.plan->tick_cpu_ns + LW_SCAN_TURN_SPARE_NS)
    return;
  s->is_turn_over = 1;
  trip_for_worker(s, LW_CAUSE_busy);
}

static void watch_worker(lw_scan *s) {
  lw_desk *d = s->c.desk;
  uint64_t beat = atomic_load_explicit(&d->beat, memory_order_acquire);
  if (beat != s->beat || !is_worker_watched(s)) {
    s->beat = beat;
    s->beat_at_ns = s->now_ns;
    s->is_silent = 0;
    return;
  }
  if (s->is_silent || s->now_ns - s->beat_at_ns <= s->c.plan->heartbeat_ns)
    return;
  s->is_silent = 1;
  trip_for_worker(s, LW_CAUSE_heartbeat);
}

// Outputs that do not reach their device are no outputs: what the recipe goes
// on asking for would be told to the plant minutes later, if at all.
static void watch_losses(lw_scan *s) {
  uint32_t tag = lw_io_lost(s->c.io, s->now_ns);
  int was_lost = s->is_lost;
  s->is_lost = tag != LW_NONE;
  if (!s->is_lost || was_lost)
    return;
  const lw_scan_reason why = {
      .cause = LW_CAUSE_driver, .level = LW_LEVEL_hold, .index = tag};
  lw_scan_do_trip(s, &why);
}

// A device that came back without its set-points: nothing is told to it again
// but safe values, until a person unholds.
static void watch_restarts(lw_scan *s) {
  uint32_t tag = lw_io_forgotten(s->c.io);
  if (tag == LW_NONE)
    return;
  for (uint32_t i = 0; i < s->c.plan->tag_n; i++)
    if (lw_io_is_beside(s->c.io, i, tag))
      lw_setpoint_forget(&s->setpoints[i]);
  const lw_scan_reason why = {
      .cause = LW_CAUSE_restart, .level = LW_LEVEL_hold, .index = tag};
  lw_scan_do_trip(s, &why);
}

// An output that is not what its device had taken any longer: a ramp would go
// on from where nothing is, and a machine may stand of which the recipe thinks
// that it runs. In a line at rest people may work at the device by hand.
static void watch_changes(lw_scan *s) {
  uint32_t first = lw_io_changed(s->c.io);
  for (uint32_t tag = first; tag != LW_NONE; tag = lw_io_changed(s->c.io))
    lw_setpoint_forget(&s->setpoints[tag]);
  if (first == LW_NONE || lw_scan_level(s) >= LW_LEVEL_hold)
    return;
  const lw_scan_reason why = {
      .cause = LW_CAUSE_changed, .level = LW_LEVEL_hold, .index = first};
  lw_scan_do_trip(s, &why);
}

// ---- inputs

static void read_inputs(lw_scan *s) {
  lw_slot *slots = lw_image_slots(s->c.image);
  for (uint32_t i = 0; i < s->c.plan->tag_n; i++) {
    lw_input *in = &s->inputs[i];
    lw_reading raw;
    lw_io_read(s->c.io, i, &raw);
    lw_input_step(in, &raw, s->now_ns);
    lw_slot_write(&slots[i], &in->now);
    if (in->tag->access & LW_WRITE && in->plain.quality == LW_GOOD)
      lw_setpoint_adopt(&s->setpoints[i], in->plain.value);
  }
}

// ---- outputs

static int is_readable(const lw_plan_tag *t) {
  return t->access & LW_READ || t->feedback;
}

static void refuse(lw_scan *s, uint32_t tag, int verdict, const lw_guard *g) {
  const lw_scan_reason why = {.cause = LW_CAUSE_refused,
                              .level = LW_LEVEL_hold,
                              .index = tag,
                              .verdict = verdict,
                              .value = g->goal,
                              .from = g->from};
  lw_scan_do_trip(s, &why);
}

// Let one output go on to goal, through the guard.
static void move(lw_scan *s, uint32_t tag, double goal, double from,
                 uint32_t asked_epoch) {
  lw_setpoint *sp = &s->setpoints[tag];
  double value = lw_setpoint_next(sp, goal, s->dt_s), raw;
  const lw_guard g = {.tag = sp->tag,
                      .value = value,
                      .goal = goal,
                      .from = from,
                      .last = lw_setpoint_start(sp),
                      .dt_s = s->dt_s,
                      .epoch = lw_scan_epoch(s),
                      .asked_epoch = asked_epoch,
                      .is_readable = is_readable(sp->tag),
                      .is_tripped = lw_scan_is_locked(s),
                      .is_journal_good = !atomic_load_explicit(
                          &s->c.image->store_state, memory_order_acquire),
                      .is_permitted = lw_scan_permits(s, tag, goal, value)};
  int verdict = lw_guard_check(&g, &raw);
  if (verdict != LW_VERDICT_accept) {
    if (!lw_verdict_is_void(verdict))
      refuse(s, tag, verdict, &g);
    return;
  }
  // A ramp is recorded where it begins and where it ends.
  int is_news = raw != sp->raw && (goal != sp->goal || value == goal);
  lw_setpoint_put(sp, value, goal, raw);
  if (isnan(sp->tag->rate_max))
    lw_io_write(s->c.io, tag, raw);
  else
    lw_io_ramp(s->c.io, tag, raw);
  if (is_news)
    lw_scan_tell_out(s, tag, NULL);
}

// The newest request for a tag, if it is one that was not seen yet and not one
// of an epoch that begins only with the next scan.
static int take_request(lw_scan *s, uint32_t tag, lw_wish *w) {
  lw_setpoint *sp = &s->setpoints[tag];
  if (lw_request_read(&lw_desk_requests(s->c.desk)[tag], w) < 0 ||
      w->count == sp->seen || w->epoch > lw_scan_epoch(s))
    return 0;
  sp->seen = w->count;
  return 1;
}

static void drive_outputs(lw_scan *s) {
  for (uint32_t i = 0; i < s->c.plan->tag_n; i++) {
    lw_setpoint *sp = &s->setpoints[i];
    lw_wish w;
    if (take_request(s, i, &w))
      move(s, i, w.value, isnan(sp->goal) ? sp->last : sp->goal, w.epoch);
    else if (sp->is_ramping)
      move(s, i, sp->goal, sp->goal, lw_scan_epoch(s));
  }
}

void lw_scan_step(lw_scan *s, int64_t now_ns) {
  lw_image *m = s->c.image;
  int is_in_time = begin(s, now_ns);
  atomic_store_explicit(&m->scan_at_ns, now_ns, memory_order_relaxed);
  read_inputs(s);
  lw_scan_texts(s);
  lw_scan_take_level(s);
  lw_scan_take_wish(s);
  watch_turn(s);
  watch_worker(s);
  watch_losses(s);
  watch_restarts(s);
  lw_scan_judge(s);
  watch_changes(s); // a rule's own text tells people more
  drive_outputs(s);
  if (is_in_time &&
      !atomic_load_explicit(&m->store_state, memory_order_acquire))
    lw_io_alive(s->c.io);
  atomic_fetch_add_explicit(&m->scan_n, 1, memory_order_release);
}
