// Lua face of the designs behind linear filters: sections, taps, responses,
// filters of one's own, filters without delay. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h> // atan2, cos, hypot, isnan, NAN, sin

#include "bind/bind.h" // lw_bind_methods
#include "bind/dsp_face.h"
#include "dsp/remez.h"
#include "dsp/taps.h"

#define PI 3.14159265358979323846

// ----------------------------------------------------- filters of one's own --

// Rows like those of the filter table, for sections and taps that were given.
#define ROW(name_, x)                                                          \
  static void x##_run(void *f, const double *in, size_t n, double *out) {      \
    lw_##x##_run(f, in, n, out);                                               \
  }                                                                            \
  static void x##_reset(void *f) {                                             \
    lw_##x##_reset(f);                                                         \
  }                                                                            \
  static size_t x##_state_n(const void *f) {                                   \
    return lw_##x##_state_n(f);                                                \
  }                                                                            \
  static void x##_save(const void *f, double *state) {                         \
    lw_##x##_save(f, state);                                                   \
  }                                                                            \
  static int x##_load(void *f, const double *state) {                          \
    return lw_##x##_load(f, state);                                            \
  }                                                                            \
  static const lw_filter_kind x##_kind = {.name = name_,                       \
                                          .run = x##_run,                      \
                                          .reset = x##_reset,                  \
                                          .primed = x##_primed,                \
                                          .delay = x##_delay,                  \
                                          .state_n = x##_state_n,              \
                                          .save = x##_save,                    \
                                          .load = x##_load};

static int biquad_primed(const void *f) {
  return !isnan(((const lw_biquad *)f)->last);
}
static double biquad_delay(const void *f) {
  return lw_biquad_delay(f, 0);
}
ROW("cascade", biquad)

static int fir_primed(const void *f) {
  return lw_fir_primed(f);
}
static double fir_delay(const void *f) {
  return lw_fir_delay(f);
}
ROW("taps", fir)

lw_biquad *lw_bind_cascade(lw_filter_face *f) {
  int is =
      f->kind == &biquad_kind || f->kind->run == lw_filter_find("lowpass")->run;
  return is ? lw_filter_block(f) : NULL;
}

lw_fir *lw_bind_fir(lw_filter_face *f) {
  int is = f->kind == &fir_kind || f->kind->run == lw_filter_find("fir")->run;
  return is ? lw_filter_block(f) : NULL;
}

static double check_rate(lua_State *L, int arg) {
  double rate_hz = lw_bind_number(L, arg, "rate_hz");
  luaL_argcheck(L, rate_hz > 0, arg, "the rate must be above 0");
  return rate_hz;
}

// dsp.cascade(rate_hz, sections [, settle]) -> filter
static int design_cascade(lua_State *L) {
  double rate_hz = check_rate(L, 1);
  const lw_samples *s = lw_bind_whole(L, 2, 5);
  luaL_argcheck(L, s->n % 5 == 0 && s->n / 5 <= LW_BIQUAD_MAX, 2,
                "b0, b1, b2, a1, a2 of 1 to 12 sections expected");
  int settle = lua_toboolean(L, 3);
  lw_filter_face *f =
      lw_bind_push_filter(L, &biquad_kind, rate_hz, sizeof(lw_biquad));
  if (lw_biquad_init(lw_filter_block(f), (const lw_section *)s->x, s->n / 5,
                     settle) < 0)
    return luaL_argerror(L, 2, "a section is not stable");
  return 1;
}

// dsp.fir(rate_hz, taps [, settle]) -> filter
static int design_fir(lua_State *L) {
  double rate_hz = check_rate(L, 1);
  const lw_samples *s = lw_bind_whole(L, 2, 1);
  int settle = lua_toboolean(L, 3);
  luaL_argcheck(L, s->n <= LW_FIR_MAX, 2, "at most 4096 taps");
  lw_filter_face *f =
      lw_bind_push_filter(L, &fir_kind, rate_hz, lw_fir_size(s->n));
  lw_fir_init(lw_filter_block(f), s->x, s->n, settle);
  return 1;
}

// ------------------------------------------------------------ what is inside
// --

// f:sections() -> samples b0, b1, b2, a1, a2 of each; nil without any
static int filter_sections(lua_State *L) {
  const lw_biquad *b = lw_bind_cascade(lw_bind_filter(L, 1));
  if (!b)
    return 0;
  lw_samples *out = lw_bind_push_samples(L, 5 * b->section_n);
  for (size_t i = 0; i < b->section_n; i++)
    ((lw_section *)out->x)[i] = b->section[i];
  return 1;
}

// f:taps() -> samples, the newest sample's tap first; nil without any
static int filter_taps(lua_State *L) {
  const lw_fir *b = lw_bind_fir(lw_bind_filter(L, 1));
  if (!b)
    return 0;
  lw_samples *out = lw_bind_push_samples(L, b->tap_n);
  for (size_t i = 0; i < b->tap_n; i++)
    out->x[i] = b->data[b->tap_n - 1 - i];
  return 1;
}

// Complex gain of taps at w, and the group delay in samples.
static double fir_gain(const lw_fir *b, double w, double gain[2]) {
  double re = 0, im = 0, slope_re = 0, slope_im = 0;
  for (size_t i = 0; i < b->tap_n; i++) {
    double h = b->data[b->tap_n - 1 - i], at = w * (double)i;
    re += h * cos(at);
    im -= h * sin(at);
    slope_re += (double)i * h * cos(at);
    slope_im -= (double)i * h * sin(at);
  }
  gain[0] = re;
  gain[1] = im;
  return (slope_re * re + slope_im * im) / (re * re + im * im);
}

// f:response(hz) -> gain, phase [rad], group delay [s] | nil, message, code
static int filter_response(lua_State *L) {
  lw_filter_face *f = lw_bind_filter(L, 1);
  double w = 2 * PI * lw_bind_number(L, 2, "hz") / f->rate_hz, gain[2], delay_n;
  const lw_biquad *b = lw_bind_cascade(f);
  const lw_fir *taps = lw_bind_fir(f);
  luaL_argcheck(L, w >= 0 && w <= PI, 2,
                "must lie between 0 and half the rate");
  if (!b && !taps) {
    lw_err e;
    lw_err_set(&e, LW_E_UNSUPPORTED,
               "filter '%s' has neither sections nor taps", f->kind->name);
    return lw_bind_fail(L, &e);
  }
  if (b) {
    lw_biquad_gain(b, w, gain);
    delay_n = lw_biquad_delay(b, w);
  } else {
    delay_n = fir_gain(taps, w, gain);
  }
  lua_pushnumber(L, hypot(gain[0], gain[1]));
  lua_pushnumber(L, atan2(gain[1], gain[0]));
  lua_pushnumber(L, delay_n / f->rate_hz);
  return 3;
}

// f:settle(x0) -> f, as if x0 had been there for ever; nil for other filters
static int filter_settle(lua_State *L) {
  lw_biquad *b = lw_bind_cascade(lw_bind_filter(L, 1));
  double x0 = lw_bind_number(L, 2, "x0");
  if (!b)
    return 0;
  lw_biquad_settle(b, x0);
  lua_settop(L, 1);
  return 1;
}

// --------------------------------------------------------------------- taps --

// dsp.taps(n, low, high [, window [, beta]]) -> taps passing low..high, in
// parts of the sample rate, 0..0.5
static int design_taps(lua_State *L) {
  static const char *const windows[] = {"rectangle", "hann",   "hamming",
                                        "blackman",  "kaiser", NULL};
  size_t n = lw_bind_size(L, 1, 1, LW_FIR_MAX);
  double low = luaL_checknumber(L, 2), high = luaL_checknumber(L, 3);
  int window = luaL_checkoption(L, 4, "hamming", windows);
  double beta = luaL_optnumber(L, 5, 8);
  lw_samples *out = lw_bind_push_samples(L, n);
  if (lw_taps_ideal(low, high, window, beta, n, out->x) < 0)
    return luaL_error(L, "taps(n, low, high, window, beta): 0 <= low < high <= "
                         "0.5 of the rate; n odd when high is 0.5");
  return 1;
}

// dsp.remez(n, low, high, gain, weight, low, high, gain, weight ...) -> taps,
// ripple | nil, message, code
static int design_remez(lua_State *L) {
  size_t n = lw_bind_size(L, 1, 3, LW_REMEZ_MAX);
  int given = lua_gettop(L) - 1, band_n = given / 4;
  lw_remez_band band[LW_REMEZ_BANDS_MAX];
  double ripple;
  luaL_argcheck(L,
                given % 4 == 0 && band_n >= 1 && band_n <= LW_REMEZ_BANDS_MAX,
                2, "low, high, gain and weight of 1 to 8 bands expected");
  for (int i = 0; i < band_n; i++)
    band[i] = (lw_remez_band){
        luaL_checknumber(L, 4 * i + 2), luaL_checknumber(L, 4 * i + 3),
        luaL_checknumber(L, 4 * i + 4), luaL_checknumber(L, 4 * i + 5)};
  lw_samples *out = lw_bind_push_samples(L, n);
  int rc = lw_remez(band, (size_t)band_n, n, out->x, &ripple);
  if (rc == LW_E_RANGE)
    return luaL_error(L, "remez(n, low, high, gain, weight, ...): bands must "
                         "rise and lie apart in 0..0.5 of the rate, weights "
                         "above 0");
  if (rc < 0)
    return lw_bind_fail_code(L, rc);
  lua_pushnumber(L, ripple);
  return 2;
}

// --------------------------------------------------------------- zero phase --

// dsp.zero_phase(s, kind, ...) -> samples: any sections or taps, forward and
// backward
static int design_zero_phase(lua_State *L) {
  const lw_samples *s = lw_bind_timed(L, 1, 2);
  lua_pushnumber(L, s->rate_hz);
  lua_insert(L, 3);
  lw_filter_face *filter = lw_bind_make_filter(L, 2);
  lw_biquad *f = lw_bind_cascade(filter);
  lw_fir *taps = lw_bind_fir(filter);
  luaL_argcheck(L, f || taps, 2,
                "zero_phase takes filters of sections or taps: lowpass, "
                "highpass, bandpass, bandstop, notch, fir, equiripple, savgol");
  size_t pad = f ? lw_biquad_pad(f) : LW_FIR_REACH * taps->tap_n;
  pad = pad < s->n ? pad : s->n - 1;
  double *work = lua_newuserdata(L, (s->n + 2 * pad) * sizeof *work);
  lw_samples *out = lw_bind_push_like(L, s, s->n);
  if (f)
    lw_biquad_zero_phase(f, s->x, s->n, pad, work, out->x);
  else
    lw_fir_zero_phase(taps, s->x, s->n, pad, work, out->x);
  return 1;
}

static const luaL_Reg methods[] = {{"sections", filter_sections},
                                   {"taps", filter_taps},
                                   {"response", filter_response},
                                   {"settle", filter_settle},
                                   {NULL, NULL}};

static const luaL_Reg functions[] = {{"cascade", design_cascade},
                                     {"fir", design_fir},
                                     {"taps", design_taps},
                                     {"remez", design_remez},
                                     {"zero_phase", design_zero_phase},
                                     {NULL, NULL}};

void lw_open_dsp_design(lua_State *L) {
  lw_bind_methods(L, LW_FILTER, methods);
  luaL_setfuncs(L, functions, 0);
}
