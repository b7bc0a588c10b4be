#include "io/word.h"

#include <float.h> // FLT_MAX, DBL_MAX
#include <math.h>  // round, isnan

// 2^53: a double counts integers one by one up to here.
#define EXACT_MAX 9007199254740992.0

static const struct {
  const char *name;
  int bits;
  double lo, hi;
} words[LW_TYPE_N] = {
    [LW_TYPE_bool] = {"bool", 1, 0, 1},
    [LW_TYPE_u16] = {"u16", 16, 0, 65535},
    [LW_TYPE_s16] = {"s16", 16, -32768, 32767},
    [LW_TYPE_u32] = {"u32", 32, 0, 4294967295.0},
    [LW_TYPE_s32] = {"s32", 32, -2147483648.0, 2147483647.0},
    [LW_TYPE_f32] = {"f32", 32, -FLT_MAX, FLT_MAX},
    [LW_TYPE_u64] = {"u64", 64, 0, EXACT_MAX},
    [LW_TYPE_s64] = {"s64", 64, -EXACT_MAX, EXACT_MAX},
    [LW_TYPE_f64] = {"f64", 64, -DBL_MAX, DBL_MAX},
    [LW_TYPE_text] = {"text", 0, 0, 0},
};

static int is_known(int type) {
  return type >= 0 && type < LW_TYPE_N;
}

int lw_word_bits(int type) {
  return is_known(type) ? words[type].bits : 0;
}

const char *lw_word_name(int type) {
  return is_known(type) ? words[type].name : NULL;
}

void lw_word_range(int type, double *lo, double *hi) {
  *lo = is_known(type) ? words[type].lo : NAN;
  *hi = is_known(type) ? words[type].hi : NAN;
}

double lw_word_round(int type, double x) {
  if (!is_known(type) || isnan(x))
    return NAN;
  x = x < words[type].lo ? words[type].lo : x;
  x = x > words[type].hi ? words[type].hi : x;
  if (type == LW_TYPE_f64)
    return x;
  if (type == LW_TYPE_f32)
    return (float)x;
  return round(x);
}
