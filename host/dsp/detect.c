#include "dsp/detect.h"

#include <math.h>   // fabs, fmax, fmin, isfinite, NAN, sqrt
#include <string.h> // memcpy, memmove, memset

#include "base/err.h" // LW_E_*

#define RUN_MAX 15 // longest pattern of Nelson's rules

int lw_detect_init(lw_detect *f, const lw_detect_options *o) {
  int rules = o->kind == LW_SHEWHART;
  if (o->kind < 0 || o->kind >= LW_DETECT_N || !isfinite(o->mean) ||
      !(o->sigma >= 0) || !isfinite(o->sigma))
    return LW_E_RANGE;
  if (rules ? !(o->a >= 1 && o->a <= 255) : !(o->b > 0 && isfinite(o->b)))
    return LW_E_RANGE;
  if (!(o->a >= 0) || (o->kind == LW_EWMA_CHART && !(o->a > 0 && o->a <= 1)))
    return LW_E_RANGE;
  if (o->sigma == 0 && !(o->train_n >= 2))
    return LW_E_RANGE;
  f->o = *o;
  lw_detect_reset(f);
  return 0;
}

void lw_detect_reset(lw_detect *f) {
  *f = (lw_detect){
      .o = f->o, .last = NAN, .mean = f->o.mean, .sigma = f->o.sigma};
}

// Welford's update; at the end of training the deviation is fixed.
static void learn(lw_detect *f, double x) {
  f->learnt_n++;
  double before = x - f->mean;
  f->mean += before / f->learnt_n;
  f->m2 += before * (x - f->mean);
  if (f->learnt_n < f->o.train_n)
    return;
  // A perfectly still signal still has a last digit.
  double least = fmax(1e-12 * fabs(f->mean), 1e-300);
  f->sigma = fmax(sqrt(f->m2 / (f->learnt_n - 1)), least);
}

// The larger of two one-sided statistics over the limit; starts over if it
// fires.
static double two_sided(lw_detect *f, double high, double low, double limit) {
  double severity = fmax(high, low) / limit;
  if (severity >= 1) {
    f->why = high >= low ? LW_WHY_HIGH : LW_WHY_LOW;
    memset(f->s, 0, sizeof f->s);
  }
  return severity;
}

static double cusum(lw_detect *f, double z) {
  f->s[0] = fmax(0, f->s[0] + z - f->o.a);
  f->s[1] = fmax(0, f->s[1] - z - f->o.a);
  return two_sided(f, f->s[0], f->s[1], f->o.b);
}

// s: the average, and how much of its start is left, (1 - a)^(2 n) - 1.
static double ewma_chart(lw_detect *f, double z) {
  double a = f->o.a, left = (1 - a) * (1 - a);
  f->s[0] += a * (z - f->s[0]);
  f->s[1] = (f->s[1] + 1) * left - 1;
  double spread = sqrt(a / (2 - a) * -f->s[1]);
  return two_sided(f, f->s[0], -f->s[0], f->o.b * spread);
}

// s: count, mean, rising sum and its least, falling sum and its least. In the
// signal's own unit: its mean is found on the way.
static double page_hinkley(lw_detect *f, double x) {
  double *s = f->s;
  s[0]++;
  s[1] += (x - s[1]) / s[0];
  s[2] += x - s[1] - f->o.a;
  s[3] = fmin(s[3], s[2]);
  s[4] += s[1] - x - f->o.a;
  s[5] = fmin(s[5], s[4]);
  return two_sided(f, s[2] - s[3], s[4] - s[5], f->o.b);
}

// ---------------------------------------------------------- Nelson's rules ---
// s[0..14]: the last deviations, newest first; s[15]: how many there are.

// How many of the last `run` lie beyond `limit` on the side of `sign`.
static int beyond(const double *z, int run, double limit, double sign) {
  int n = 0;
  for (int i = 0; i < run; i++)
    n += sign * z[i] > limit;
  return n;
}

static int beyond_either(const double *z, int run, double limit) {
  int n = 0;
  for (int i = 0; i < run; i++)
    n += fabs(z[i]) > limit;
  return n;
}

// Do the last `run` rise (sign 1) or fall (-1) throughout?
static int trending(const double *z, int run, double sign) {
  for (int i = 0; i + 1 < run; i++)
    if (!(sign * (z[i] - z[i + 1]) > 0))
      return 0;
  return 1;
}

static int alternating(const double *z, int run) {
  for (int i = 0; i + 2 < run; i++)
    if (!((z[i] - z[i + 1]) * (z[i + 1] - z[i + 2]) < 0))
      return 0;
  return 1;
}

static int side_rule(int rule, const double *z, double sign) {
  switch (rule) {
  case 1:
    return beyond(z, 1, 3, sign) == 1;
  case 2:
    return beyond(z, 9, 0, sign) == 9;
  case 3:
    return trending(z, 6, sign);
  case 5:
    return sign * z[0] > 2 && beyond(z, 3, 2, sign) >= 2;
  default:
    return sign * z[0] > 1 && beyond(z, 5, 1, sign) >= 4;
  }
}

static int rule_holds(int rule, const double *z) {
  switch (rule) {
  case 4:
    return alternating(z, 14);
  case 7:
    return beyond_either(z, 15, 1) == 0;
  case 8:
    return beyond_either(z, 8, 1) == 8;
  default:
    return side_rule(rule, z, 1) || side_rule(rule, z, -1);
  }
}

static double shewhart(lw_detect *f, double z) {
  static const int run_of[] = {1, 9, 6, 14, 3, 5, 15, 8};
  double *s = f->s;
  memmove(s + 1, s, (RUN_MAX - 1) * sizeof *s);
  s[0] = z;
  s[RUN_MAX] = fmin(s[RUN_MAX] + 1, RUN_MAX);
  for (int rule = 1; rule <= 8; rule++)
    if (((int)f->o.a >> (rule - 1) & 1) && s[RUN_MAX] >= run_of[rule - 1] &&
        rule_holds(rule, s)) {
      f->why = LW_WHY_RULE1 + rule - 1;
      return fmax(1, fabs(z) / 3);
    }
  return fmin(fabs(z) / 3, 0.999); // without rule 1 this may be beyond
}

static double severity(lw_detect *f, double x) {
  if (f->o.kind == LW_PAGE_HINKLEY)
    return page_hinkley(f, x);
  if (f->sigma == 0) {
    learn(f, x);
    return NAN;
  }
  double z = (x - f->mean) / f->sigma;
  return f->o.kind == LW_CUSUM        ? cusum(f, z)
         : f->o.kind == LW_EWMA_CHART ? ewma_chart(f, z)
                                      : shewhart(f, z);
}

void lw_detect_run(lw_detect *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(x[i]))
      f->last = severity(f, x[i]);
    y[i] = f->last;
  }
}

const char *lw_detect_why(const lw_detect *f) {
  static const char *const words[] = {
      "",
      "shifted up",
      "shifted down",
      "rule 1: one point beyond 3 sigma",
      "rule 2: nine points in a row on one side of the mean",
      "rule 3: six points in a row rising or falling",
      "rule 4: fourteen points in a row alternating",
      "rule 5: two of three points beyond 2 sigma, same side",
      "rule 6: four of five points beyond 1 sigma on one side",
      "rule 7: fifteen points in a row within 1 sigma",
      "rule 8: eight points in a row beyond 1 sigma",
  };
  return words[(int)f->why];
}

// The state is the tail of the struct, all doubles.
_Static_assert(sizeof(lw_detect) - offsetof(lw_detect, last) ==
                   LW_DETECT_STATE * sizeof(double),
               "LW_DETECT_STATE counts the state's numbers");

void lw_detect_save(const lw_detect *f, double *state) {
  memcpy(state, &f->last, LW_DETECT_STATE * sizeof *state);
}

int lw_detect_load(lw_detect *f, const double *state) {
  lw_detect_reset(f);
  for (size_t i = 1; i < LW_DETECT_STATE; i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  if (!(state[1] >= 0 && state[1] < LW_WHY_RULE1 + 8) || !(state[5] >= 0))
    return LW_E_CORRUPT;
  memcpy(&f->last, state, LW_DETECT_STATE * sizeof *state);
  return 0;
}
