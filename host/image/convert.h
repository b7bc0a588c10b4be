// Between the device's number and the recipe's unit:
//   device number --scale, offset--> tag unit --gain, bias--> process unit
#ifndef LW_IMAGE_CONVERT_H
#define LW_IMAGE_CONVERT_H

#include "image/plan.h" // lw_plan_tag

// Device number -> tag unit, and on to the process unit. NaN stays NaN.
double lw_tag_from_device(const lw_plan_tag *t, double raw);
double lw_tag_to_process(const lw_plan_tag *t, double tag_value);

// Process unit -> the number to write, rounded to what the word type holds.
//   raw  filled on success
// Returns 0, or LW_E_RANGE when the value is not finite or does not fit the
// type: a set-point is never wrapped or clipped into another one.
int lw_tag_to_device(const lw_plan_tag *t, double process_value, double *raw);

// 1 when a whole number is exact as a double in both directions: magnitudes
// beyond 2^53 are not, and count as bad readings (DSL.md 2.15).
int lw_is_exact(double raw);

#endif
