// Lua face of sample arrays: figures of one block. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h> // fabs, isnan, sqrt

#include "bind/bind.h"    // lw_bind_methods
#include "bind/samples.h" // lw_bind_samples
#include "dsp/stat.h"

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

// Median of the distances from the median, of the samples that are there.
static int samples_mad(lua_State *L) {
  double middle = quantile(L, 0.5);
  const lw_samples *s = lw_bind_samples(L, 1);
  double *work = lua_newuserdata(L, 2 * (s->n + 1) * sizeof *work);
  for (size_t i = 0; i < s->n; i++)
    work[i] = fabs(s->x[i] - middle);
  push_figure(L, lw_stat_quantile(work, s->n, 0.5, work + s->n));
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

static const luaL_Reg methods[] = {{"count", samples_count},
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
                                   {"mad", samples_mad},
                                   {"quantile", samples_quantile},
                                   {"crossings", samples_crossings},
                                   {NULL, NULL}};

void lw_open_samples_figures(lua_State *L) {
  lw_bind_methods(L, LW_SAMPLES, methods);
}
