// Lua face of sample arrays: arithmetic and figures. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h>   // fabs, isnan, NAN, sqrt
#include <string.h> // strcmp

#include "bind/bind.h"    // lw_bind_number
#include "bind/samples.h" // lw_bind_samples
#include "dsp/stat.h"

// An operand: samples, or a number that stands for each of them.
typedef struct operand {
  const lw_samples *s; // NULL for a number
  double number;
} operand;

static operand check_operand(lua_State *L, int arg) {
  if (lua_type(L, arg) == LUA_TNUMBER)
    return (operand){NULL, lua_tonumber(L, arg)};
  return (operand){lw_bind_samples(L, arg), 0};
}

static double at(const operand *o, size_t i) {
  return o->s ? o->s->x[i] : o->number;
}

// Both operands, and new samples for the result on top of the stack.
static lw_samples *prepare(lua_State *L, operand *a, operand *b) {
  *a = check_operand(L, 1);
  *b = check_operand(L, 2);
  const lw_samples *like = a->s ? a->s : b->s;
  if (a->s && b->s && a->s->n != b->s->n)
    luaL_error(L, "samples: %d and %d samples do not fit", (int)a->s->n,
               (int)b->s->n);
  return lw_bind_push_like(L, like, like->n);
}

#define ARITHMETIC(name, expression)                                           \
  static int samples_##name(lua_State *L) {                                    \
    operand left, right;                                                       \
    lw_samples *out = prepare(L, &left, &right);                               \
    for (size_t i = 0; i < out->n; i++) {                                      \
      double a = at(&left, i), b = at(&right, i);                              \
      out->x[i] = expression;                                                  \
    }                                                                          \
    return 1;                                                                  \
  }
ARITHMETIC(add, a + b)
ARITHMETIC(sub, a - b)
ARITHMETIC(mul, a *b)
ARITHMETIC(div, a / b)
ARITHMETIC(atleast, a < b ? b : a)
ARITHMETIC(atmost, a > b ? b : a)

#define EACH(name, expression)                                                 \
  static int samples_##name(lua_State *L) {                                    \
    const lw_samples *s = lw_bind_samples(L, 1);                               \
    lw_samples *out = lw_bind_push_like(L, s, s->n);                           \
    for (size_t i = 0; i < s->n; i++) {                                        \
      double a = s->x[i];                                                      \
      out->x[i] = expression;                                                  \
    }                                                                          \
    return 1;                                                                  \
  }
EACH(unm, -a)
EACH(abs, fabs(a))
EACH(sqrt, a < 0 ? (double)NAN : sqrt(a))
EACH(log, a <= 0 ? (double)NAN : log(a))

static void push_figure(lua_State *L, double x) {
  if (isnan(x))
    lua_pushnil(L);
  else
    lua_pushnumber(L, x);
}

#define FIGURE(name, field)                                                    \
  static int samples_##name(lua_State *L) {                                    \
    const lw_samples *s = lw_bind_samples(L, 1);                               \
    lw_stat stat;                                                              \
    lw_stat_of(s->x, s->n, &stat);                                             \
    push_figure(L, field);                                                     \
    return 1;                                                                  \
  }
FIGURE(count, (double)stat.n)
FIGURE(mean, stat.mean)
FIGURE(std, sqrt(stat.variance))
FIGURE(min, stat.low)
FIGURE(max, stat.high)
FIGURE(peak_to_peak, stat.high - stat.low)
FIGURE(rms, stat.rms)
FIGURE(crest, stat.crest)
FIGURE(skewness, stat.skewness)
FIGURE(kurtosis, stat.kurtosis)

static int samples_sum(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  lua_pushnumber(L, lw_stat_sum(s->x, s->n));
  return 1;
}

static double quantile(lua_State *L, double p) {
  const lw_samples *s = lw_bind_samples(L, 1);
  double *work = lua_newuserdata(L, (s->n + 1) * sizeof *work);
  return lw_stat_quantile(s->x, s->n, p, work);
}

static int samples_median(lua_State *L) {
  push_figure(L, quantile(L, 0.5));
  return 1;
}

static int samples_quantile(lua_State *L) {
  double p = luaL_checknumber(L, 2);
  luaL_argcheck(L, p >= 0 && p <= 1, 2, "p must lie in 0..1");
  push_figure(L, quantile(L, p));
  return 1;
}

static int samples_crossings(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  double level = luaL_optnumber(L, 2, 0), band = luaL_optnumber(L, 3, 0);
  luaL_argcheck(L, band >= 0, 3, "the dead band must not be negative");
  lua_pushnumber(L, (double)lw_stat_crossings(s->x, s->n, level, band));
  return 1;
}

static const luaL_Reg methods[] = {{"__add", samples_add},
                                   {"__sub", samples_sub},
                                   {"__mul", samples_mul},
                                   {"__div", samples_div},
                                   {"__unm", samples_unm},
                                   {"atleast", samples_atleast},
                                   {"atmost", samples_atmost},
                                   {"abs", samples_abs},
                                   {"sqrt", samples_sqrt},
                                   {"log", samples_log},
                                   {"count", samples_count},
                                   {"sum", samples_sum},
                                   {"mean", samples_mean},
                                   {"std", samples_std},
                                   {"min", samples_min},
                                   {"max", samples_max},
                                   {"peak_to_peak", samples_peak_to_peak},
                                   {"rms", samples_rms},
                                   {"crest", samples_crest},
                                   {"skewness", samples_skewness},
                                   {"kurtosis", samples_kurtosis},
                                   {"median", samples_median},
                                   {"quantile", samples_quantile},
                                   {"crossings", samples_crossings},
                                   {NULL, NULL}};

void lw_open_samples_math(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
}
