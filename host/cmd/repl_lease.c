#include "cmd/repl_lease.h"

#include <math.h>   // isnan, fabs
#include <stdlib.h> // calloc
#include <string.h> // memset

int lw_lease_init(lw_lease *l, lw_port *port) {
  uint32_t n = port->plan->tag_n;
  *l = (lw_lease){.port = port};
  l->before = calloc(n + 1, sizeof *l->before);
  l->is_set = calloc(n + 1, sizeof *l->is_set);
  if (l->before && l->is_set)
    return 0;
  lw_lease_fini(l);
  return LW_E_NOMEM;
}

void lw_lease_fini(lw_lease *l) {
  free(l->before);
  free(l->is_set);
  *l = (lw_lease){0};
}

void lw_lease_begin(lw_lease *l, int64_t for_ns) {
  lw_trip trip;
  if (!l->due_ns) {
    // What tripped before is acknowledged by the person who arms.
    if (lw_port_trip(l->port, &trip))
      lw_port_trip_ack(l->port, trip.seq);
    lw_port_level(l->port, LW_LEVEL_none);
  }
  l->due_ns = lw_now_ns(l->port->clock) + for_ns;
  l->is_undoing = 0;
}

static void remember(lw_lease *l, uint32_t tag) {
  lw_reading r;
  if (l->is_set[tag])
    return;
  lw_port_read(l->port, tag, &r);
  l->is_set[tag] = 1;
  l->before[tag] = r.quality == LW_GOOD
                       ? r.value
                       : l->port->plan->tags[tag].safe[LW_LEVEL_hold];
}

static int refuse(const lw_lease *l, uint32_t tag, double value, int rc,
                  lw_err *e) {
  const lw_plan *p = l->port->plan;
  const lw_plan_tag *t = &p->tags[tag];
  const char *name = lw_plan_text(p, t->name);
  const char *unit = lw_plan_text(p, t->process_unit);
  if (rc == LW_E_DENIED)
    return lw_err_set(e, rc, "%s is a reading, it cannot be set", name);
  if (rc == LW_E_RANGE && value >= t->lo && value <= t->hi)
    return lw_err_set(e, rc, "%s: a step to %.6g %s is larger than %.6g %s",
                      name, value, unit, t->step_max, unit);
  if (rc == LW_E_RANGE)
    return lw_err_set(e, rc, "%s: %.6g %s is outside %.6g..%.6g %s", name,
                      value, unit, t->lo, t->hi, unit);
  return lw_err_set(e, rc, "%s: %s", name, lw_err_text(rc));
}

int lw_lease_set(lw_lease *l, uint32_t tag, double value, lw_err *e) {
  if (tag >= l->port->plan->tag_n)
    return lw_err_set(e, LW_E_NOTFOUND, "no tag %u", tag + 1);
  if (!l->due_ns || l->is_undoing)
    return lw_err_set(e, LW_E_STATE, "the outputs are not armed");
  int was_set = l->is_set[tag];
  remember(l, tag);
  // The port knows no step before the first request: the scan would trip.
  double step = fabs(value - l->before[tag]);
  int is_too_far = !was_set && step > l->port->plan->tags[tag].step_max;
  int rc = is_too_far ? LW_E_RANGE : lw_port_request(l->port, tag, value);
  if (rc == 0)
    return 0;
  l->is_set[tag] = (uint8_t)was_set;
  return refuse(l, tag, value, rc, e);
}

void lw_lease_end(lw_lease *l) {
  l->is_undoing = l->due_ns != 0;
}

void lw_lease_drop(lw_lease *l) {
  if (l->is_set)
    memset(l->is_set, 0, l->port->plan->tag_n);
  l->due_ns = 0;
  l->is_undoing = 0;
}

// The nearest to what it was that the guard lets through.
static double way_back(const lw_plan_tag *t, double before, double now) {
  double goal = fmin(fmax(before, t->lo), t->hi);
  double step = goal - now;
  if (fabs(step) > t->step_max)
    goal = now + (step < 0 ? -t->step_max : t->step_max);
  return goal;
}

// 1 when the output of tag is where it was.
static int put_back(lw_lease *l, uint32_t tag) {
  const lw_plan_tag *t = &l->port->plan->tags[tag];
  lw_wish wish;
  if (isnan(l->before[tag]))
    return 1;
  if (lw_request_read(&lw_desk_requests(l->port->desk)[tag], &wish) < 0)
    return 0;
  double goal = way_back(t, l->before[tag], wish.value);
  if (goal == wish.value)
    return 1;
  // What the guard refuses now it refuses for good: give it up.
  return lw_port_request(l->port, tag, goal) < 0;
}

uint32_t lw_lease_step(lw_lease *l) {
  uint32_t left = 0;
  for (uint32_t i = 0; i < l->port->plan->tag_n; i++) {
    if (l->is_set[i] && put_back(l, i))
      l->is_set[i] = 0;
    left += l->is_set[i];
  }
  if (left == 0)
    lw_lease_drop(l);
  return left;
}
