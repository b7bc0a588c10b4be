#include "scan/setpoint.h"

#include <math.h> // fabs, copysign, isnan, NAN

void lw_setpoint_init(lw_setpoint *s, const lw_plan_tag *tag) {
  *s = (lw_setpoint){.tag = tag, .goal = NAN, .last = NAN, .raw = NAN};
}

void lw_setpoint_forget(lw_setpoint *s) {
  s->goal = s->last = s->raw = NAN;
  s->is_ramping = 0;
}

void lw_setpoint_adopt(lw_setpoint *s, double value) {
  if (isnan(s->raw))
    s->last = value;
}

double lw_setpoint_start(const lw_setpoint *s) {
  if (s->last < s->tag->lo)
    return s->tag->lo;
  if (s->last > s->tag->hi)
    return s->tag->hi;
  return s->last;
}

double lw_setpoint_next(const lw_setpoint *s, double goal, double dt_s) {
  double from = lw_setpoint_start(s);
  double most = s->tag->rate_max * dt_s;
  // The last step of a sum of tenths must not leave a speck for another scan.
  if (isnan(most) || isnan(from) || fabs(goal - from) <= most * (1 + 1e-9))
    return goal;
  return from + copysign(most, goal - from);
}

void lw_setpoint_put(lw_setpoint *s, double value, double goal, double raw) {
  s->goal = goal;
  s->last = value;
  s->raw = raw;
  s->is_ramping = value != goal;
}

void lw_setpoint_freeze(lw_setpoint *s) {
  s->goal = isnan(s->raw) ? NAN : s->last; // what others wrote is no set-point
  s->is_ramping = 0;
}
