// One output: where it is, where it is going, how far it may go in one scan.
#ifndef LW_SCAN_SETPOINT_H
#define LW_SCAN_SETPOINT_H

#include <stdint.h> // uint64_t

#include "image/plan.h" // lw_plan_tag

typedef struct lw_setpoint {
  const lw_plan_tag *tag; // borrowed
  double goal;            // set-point in force, NaN = none yet
  double last;            // what is on the output, NaN = unknown
  double raw;             // the device number of `last`, NaN = never written
  uint64_t seen;          // newest request that was looked at
  int is_ramping;         // last is still on its way to goal
} lw_setpoint;

void lw_setpoint_init(lw_setpoint *s, const lw_plan_tag *tag);

// The device has started anew: what was written is no longer there. What it has
// instead is adopted.
void lw_setpoint_forget(lw_setpoint *s);

// Before anything was written: take what the device says it has.
//   value  read back [process unit]
void lw_setpoint_adopt(lw_setpoint *s, double value);

// What is on the output as far as limits go: the place from which a ramp
// starts. A device found outside its range counts as at the end of it.
double lw_setpoint_start(const lw_setpoint *s);

// The value to write now on the way to goal: goal itself without rate_max or
// when it is near enough, else as far as dt_s [s] allows.
double lw_setpoint_next(const lw_setpoint *s, double goal, double dt_s);

// `value` went out as device number raw, on the way to goal.
void lw_setpoint_put(lw_setpoint *s, double value, double goal, double raw);

// Stay where it is: a ramp ends here.
void lw_setpoint_freeze(lw_setpoint *s);

#endif
