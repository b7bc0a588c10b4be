#include "image/convert.h"

#include <float.h> // FLT_MAX
#include <math.h>  // nearbyint, fabs

#define EXACT_MAX 9007199254740992.0 // 2^53

typedef struct {
  double lo, hi;
  int whole; // 1: integers only
} word_range;

// What each word type holds. 64-bit integers stop at 2^53: above, a double
// cannot say which integer it means.
static const word_range ranges[LW_TYPE_N] = {
    [LW_TYPE_bool] = {0, 1, 1},
    [LW_TYPE_u16] = {0, 65535, 1},
    [LW_TYPE_s16] = {-32768, 32767, 1},
    [LW_TYPE_u32] = {0, 4294967295.0, 1},
    [LW_TYPE_s32] = {-2147483648.0, 2147483647.0, 1},
    [LW_TYPE_f32] = {-FLT_MAX, FLT_MAX, 0},
    [LW_TYPE_u64] = {0, EXACT_MAX, 1},
    [LW_TYPE_s64] = {-EXACT_MAX, EXACT_MAX, 1},
    [LW_TYPE_f64] = {-DBL_MAX, DBL_MAX, 0},
    [LW_TYPE_text] = {1, 0, 0}, // no number fits
};

double lw_tag_from_device(const lw_plan_tag *t, double raw) {
  return raw * t->scale + t->offset;
}

double lw_tag_to_process(const lw_plan_tag *t, double tag_value) {
  return tag_value * t->gain + t->bias;
}

int lw_tag_to_device(const lw_plan_tag *t, double process_value, double *raw) {
  const word_range *range = &ranges[t->type];
  double tag_value = (process_value - t->bias) / t->gain;
  double number = (tag_value - t->offset) / t->scale;
  if (range->whole)
    number = nearbyint(number);
  if (!(number >= range->lo && number <= range->hi))
    return LW_E_RANGE;
  *raw = number;
  return 0;
}

int lw_is_exact(double raw) {
  return fabs(raw) <= EXACT_MAX;
}
