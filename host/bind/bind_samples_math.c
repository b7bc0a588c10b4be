// Lua face of sample arrays: arithmetic. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h> // exp, fabs, isfinite, NAN, pow, sqrt

#include "bind/bind.h"    // lw_bind_methods
#include "bind/samples.h" // lw_bind_samples

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
ARITHMETIC(pow, pow(a, b))
// 1 or 0; a comparison with a missing sample is missing.
ARITHMETIC(above, isfinite(a) && isfinite(b) ? a > b : (double)NAN)
ARITHMETIC(below, isfinite(a) && isfinite(b) ? a < b : (double)NAN)
ARITHMETIC(otherwise, isfinite(a) ? a : b)
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
EACH(exp, exp(a))
EACH(log, a <= 0 ? (double)NAN : log(a))

static const luaL_Reg methods[] = {{"__add", samples_add},
                                   {"__sub", samples_sub},
                                   {"__mul", samples_mul},
                                   {"__div", samples_div},
                                   {"__pow", samples_pow},
                                   {"__unm", samples_unm},
                                   {"atleast", samples_atleast},
                                   {"atmost", samples_atmost},
                                   {"above", samples_above},
                                   {"below", samples_below},
                                   {"otherwise", samples_otherwise},
                                   {"abs", samples_abs},
                                   {"sqrt", samples_sqrt},
                                   {"exp", samples_exp},
                                   {"log", samples_log},
                                   {NULL, NULL}};

void lw_open_samples_math(lua_State *L) {
  lw_bind_methods(L, LW_SAMPLES, methods);
}
