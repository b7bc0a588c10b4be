// Lua face of sample arrays: least, largest and mean of equal parts, for plots
// of signals that are longer than the screen is wide. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h> // isfinite, NAN

#include "bind/bind.h"    // lw_bind_methods
#include "bind/samples.h" // lw_bind_samples

#define PARTS_MAX 1000000

typedef struct figures {
  double lo, hi, sum;
  size_t n;
} figures;

static void look(const double *x, size_t n, figures *f) {
  *f = (figures){.lo = INFINITY, .hi = -INFINITY};
  for (size_t i = 0; i < n; i++) {
    double v = x[i];
    if (!isfinite(v))
      continue;
    f->lo = v < f->lo ? v : f->lo;
    f->hi = v > f->hi ? v : f->hi;
    f->sum += v;
    f->n++;
  }
}

// s:parts(n) -> lo, hi, mean: samples of n places, missing where the part has
// no sample
static int samples_parts(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  double parts = luaL_checknumber(L, 2);
  luaL_argcheck(L, parts >= 1 && parts <= PARTS_MAX, 2, "not 1 to 1e6 parts");
  size_t n = (size_t)parts;
  lw_samples *out[3];
  for (int i = 0; i < 3; i++) {
    out[i] = lw_bind_push_like(L, s, n);
    out[i]->rate_hz = s->n ? s->rate_hz * (double)n / (double)s->n : 0;
  }
  for (size_t i = 0; i < n; i++) {
    size_t from = i * s->n / n, to = (i + 1) * s->n / n;
    figures f;
    look(s->x + from, to - from, &f);
    out[0]->x[i] = f.n ? f.lo : (double)NAN;
    out[1]->x[i] = f.n ? f.hi : (double)NAN;
    out[2]->x[i] = f.n ? f.sum / (double)f.n : (double)NAN;
  }
  return 3;
}

static const luaL_Reg methods[] = {{"parts", samples_parts}, {NULL, NULL}};

void lw_open_samples_parts(lua_State *L) {
  lw_bind_methods(L, LW_SAMPLES, methods);
}
