// Lua face of the block functions: spectra, comparison,
// resampling. Documented in lua/meta/linewright/dsp.lua.
#include <math.h>   // atan2, hypot, isfinite
#include <string.h> // memcpy

#include "bind/bind.h" // lw_bind_number
#include "bind/dsp_face.h"
#include "bind/samples.h" // lw_bind_samples
#include "dsp/compare.h"
#include "dsp/resample.h"
#include "dsp/spectrum.h"
#include "dsp/taps.h"
#include "dsp/whiten.h"

#define PI 3.14159265358979323846

lw_samples *lw_bind_whole(lua_State *L, int arg, size_t least) {
  lw_samples *s = lw_bind_samples(L, arg);
  for (size_t i = 0; i < s->n; i++)
    if (!isfinite(s->x[i]))
      luaL_argerror(L, arg,
                    lua_pushfstring(L, "sample %d is missing", (int)i + 1));
  if (s->n < least)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%d samples are too few, at least %d",
                                  (int)s->n, (int)least));
  return s;
}

lw_samples *lw_bind_timed(lua_State *L, int arg, size_t least) {
  lw_samples *s = lw_bind_whole(L, arg, least);
  luaL_argcheck(L, s->rate_hz > 0, arg, "has no rate, set one by rate(hz)");
  return s;
}

size_t lw_bind_size(lua_State *L, int arg, double low, double high) {
  double n = luaL_checknumber(L, arg);
  if (!(n >= low && n <= high && n == (double)(size_t)n))
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "whole number in %f..%f expected", low, high));
  return (size_t)n;
}

// dsp.window(kind, n) -> samples of a symmetric window
static int block_window(lua_State *L) {
  static const char *const kinds[] = {"rectangle", "hann", "hamming",
                                      "blackman", NULL};
  int kind = luaL_checkoption(L, 1, "hann", kinds);
  size_t n = lw_bind_size(L, 2, 1, (double)LW_SAMPLES_MAX);
  lw_samples *out = lw_bind_push_samples(L, n);
  lw_taps_window(kind, 0, 0, n, out->x);
  return 1;
}

// dsp.welch(s, segment) -> density; its rate is bins per Hz, its t0 0 Hz
static int block_welch(lua_State *L) {
  const lw_samples *s = lw_bind_timed(L, 1, 4);
  size_t n = lw_bind_size(L, 2, 4, (double)LW_FFT_MAX);
  luaL_argcheck(L, lw_welch_size(n) && n <= s->n, 2,
                "a power of two, at most the number of samples");
  lw_welch *f = lua_newuserdata(L, lw_welch_size(n));
  lw_samples *out = lw_bind_push_samples(L, n / 2 + 1);
  lw_welch_init(f, n, s->rate_hz);
  lw_welch_run(f, s->x, s->n, out->x);
  out->rate_hz = (double)n / s->rate_hz;
  return 1;
}

// dsp.spectrum(s) -> amplitudes at 0, rate/n, 2 rate/n ... of a power of two
static int block_spectrum(lua_State *L) {
  const lw_samples *s = lw_bind_timed(L, 1, 2);
  size_t n = s->n;
  luaL_argcheck(L, lw_fft_size(n), 1,
                "the number of samples is no power of two");
  lw_fft *f = lua_newuserdata(L, lw_fft_size(n));
  double *re = lua_newuserdata(L, (n + 2) * sizeof *re), *im = re + n / 2 + 1;
  lw_samples *out = lw_bind_push_samples(L, n / 2 + 1);
  lw_fft_init(f, n);
  lw_fft_forward(f, s->x, re, im);
  for (size_t k = 0; k <= n / 2; k++) {
    double share = k == 0 || k == n / 2 ? 1 : 2;
    out->x[k] = share * hypot(re[k], im[k]) / (double)n;
  }
  out->rate_hz = (double)n / s->rate_hz;
  return 1;
}

// dsp.envelope(s, low_hz, high_hz) -> samples
static int block_envelope(lua_State *L) {
  const lw_samples *s = lw_bind_timed(L, 1, 2);
  double low = luaL_checknumber(L, 2) / s->rate_hz;
  double high = luaL_checknumber(L, 3) / s->rate_hz;
  luaL_argcheck(L, lw_fft_size(s->n), 1,
                "the number of samples is no power of two");
  luaL_argcheck(L, low >= 0 && low < high && high <= 0.5, 2,
                "the band must lie between 0 and half the rate");
  lw_fft *f = lua_newuserdata(L, lw_fft_size(s->n));
  double *work = lua_newuserdata(L, (2 * s->n + 2) * sizeof *work);
  lw_samples *out = lw_bind_push_like(L, s, s->n);
  lw_fft_init(f, s->n);
  lw_envelope(f, s->x, low, high, work, out->x);
  return 1;
}

// dsp.whiten(s) -> samples whose frequencies are all equally strong
static int block_whiten(lua_State *L) {
  const lw_samples *s = lw_bind_whole(L, 1, 2);
  luaL_argcheck(L, lw_fft_size(s->n), 1,
                "the number of samples is no power of two");
  lw_fft *f = lua_newuserdata(L, lw_fft_size(s->n));
  double *work = lua_newuserdata(L, (s->n + 2) * sizeof *work);
  lw_samples *out = lw_bind_push_like(L, s, s->n);
  out->unit[0] = 0;
  lw_fft_init(f, s->n);
  lw_whiten(f, s->x, work, out->x);
  return 1;
}

// dsp.tone(s, hz) -> amplitude, phase [rad]
static int block_tone(lua_State *L) {
  const lw_samples *s = lw_bind_timed(L, 1, 1);
  double w = 2 * PI * luaL_checknumber(L, 2) / s->rate_hz, re, im;
  luaL_argcheck(L, w >= 0 && w <= PI, 2,
                "must lie between 0 and half the rate");
  lw_goertzel(s->x, s->n, w, &re, &im);
  lua_pushnumber(L, hypot(re, im));
  lua_pushnumber(L, atan2(im, re));
  return 2;
}

// dsp.band_power(density, low_hz, high_hz) -> power of a density by dsp.welch
static int block_band_power(lua_State *L) {
  const lw_samples *d = lw_bind_timed(L, 1, 2);
  lua_pushnumber(L,
                 lw_band_power(d->x, d->n, 1 / d->rate_hz,
                               luaL_checknumber(L, 2), luaL_checknumber(L, 3)));
  return 1;
}

// A copy of s that may be sorted; pushed.
static double *push_copy(lua_State *L, const lw_samples *s) {
  double *copy = lua_newuserdata(L, s->n * sizeof *copy);
  return memcpy(copy, s->x, s->n * sizeof *copy);
}

// dsp.ks(a, b) -> distance, p
static int block_ks(lua_State *L) {
  const lw_samples *a = lw_bind_whole(L, 1, 1), *b = lw_bind_whole(L, 2, 1);
  double *x = push_copy(L, a), *y = push_copy(L, b), d, p;
  lw_compare_ks(x, a->n, y, b->n, &d, &p);
  lua_pushnumber(L, d);
  lua_pushnumber(L, p);
  return 2;
}

// dsp.psi(reference, s [, bins]) -> index
static int block_psi(lua_State *L) {
  const lw_samples *a = lw_bind_whole(L, 1, 2), *b = lw_bind_whole(L, 2, 1);
  size_t bins = lua_isnoneornil(L, 3) ? 10 : lw_bind_size(L, 3, 2, 1000);
  luaL_argcheck(L, a->n >= bins, 1, "fewer samples than bins");
  lua_pushnumber(L, lw_compare_psi(push_copy(L, a), a->n, b->x, b->n, bins));
  return 1;
}

// dsp.lag(a, b, most) -> samples that b is late, correlation; nil if constant
static int block_lag(lua_State *L) {
  const lw_samples *a = lw_bind_whole(L, 1, 3), *b = lw_bind_whole(L, 2, 3);
  luaL_argcheck(L, a->n == b->n, 2, "not as many samples as the first");
  size_t most = lw_bind_size(L, 3, 0, (double)a->n - 2);
  double correlation,
      lag = lw_compare_lag(a->x, b->x, a->n, most, &correlation);
  if (!isfinite(lag))
    return 0;
  lua_pushnumber(L, lag);
  lua_pushnumber(L, correlation);
  return 2;
}

// dsp.regrid(places, s, from, step, gap, n) -> samples on the grid
static int block_regrid(lua_State *L) {
  const lw_samples *t = lw_bind_whole(L, 1, 1), *s = lw_bind_samples(L, 2);
  double from = lw_bind_number(L, 3, "from"),
         step = lw_bind_number(L, 4, "step");
  double gap = luaL_checknumber(L, 5);
  size_t m = lw_bind_size(L, 6, 0, (double)LW_SAMPLES_MAX);
  luaL_argcheck(L, t->n == s->n, 2, "not as many samples as places");
  luaL_argcheck(L, step > 0, 4, "step must be above 0");
  luaL_argcheck(L, gap > 0, 5, "gap must be above 0");
  lw_samples *out = lw_bind_push_like(L, s, m);
  out->rate_hz = 1 / step;
  out->t0_s = from;
  int rc = lw_resample_grid(t->x, s->x, s->n, from, step, gap, m, out->x);
  return rc < 0 ? luaL_argerror(L, 1, "places must not fall") : 1;
}

// dsp.travel(speed) -> places: the running integral of a speed with a rate
static int block_travel(lua_State *L) {
  const lw_samples *s = lw_bind_timed(L, 1, 1);
  lw_samples *out = lw_bind_push_like(L, s, s->n);
  out->unit[0] = 0;
  lw_resample_travel(s->x, s->n, 1 / s->rate_hz, out->x);
  return 1;
}

// dsp.decimate(s, factor) -> samples
static int block_decimate(lua_State *L) {
  const lw_samples *s = lw_bind_whole(L, 1, 1);
  size_t factor = lw_bind_size(L, 2, 1, LW_DECIMATE_MAX);
  double *work =
      lua_newuserdata(L, LW_DECIMATE_WORK(s->n, factor) * sizeof *work);
  lw_samples *out = lw_bind_push_like(L, s, (s->n + factor - 1) / factor);
  out->rate_hz = s->rate_hz / (double)factor;
  lw_resample_decimate(s->x, s->n, factor, work, out->x);
  return 1;
}

static const luaL_Reg functions[] = {{"window", block_window},
                                     {"welch", block_welch},
                                     {"spectrum", block_spectrum},
                                     {"envelope", block_envelope},
                                     {"whiten", block_whiten},
                                     {"tone", block_tone},
                                     {"band_power", block_band_power},
                                     {"ks", block_ks},
                                     {"psi", block_psi},
                                     {"lag", block_lag},
                                     {"regrid", block_regrid},
                                     {"travel", block_travel},
                                     {"decimate", block_decimate},
                                     {NULL, NULL}};

void lw_open_dsp_block(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
