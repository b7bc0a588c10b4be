// Lua face of filters over several signals at once: dsp/bank.h and the
// complementary filter of dsp/track.h. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h> // isfinite, NAN

#include "bind/bind.h" // lw_bind_type
#include "bind/dsp_face.h"
#include "dsp/bank.h"
#include "dsp/track.h"

#define BANK "linewright.bank"
#define COMPLEMENTARY "linewright.complementary"

#define ROWS 256 // of separate channels brought side by side at a time
// Channels that may come as separate arrays: they are arguments.
#define SEPARATE_MAX 64

// --------------------------------------------------------------------- bank --

static lw_bank *check_bank(lua_State *L) {
  return lw_bind_self(L, BANK);
}

// dsp.bank(channels, kind, rate_hz, ...) -> bank
static int bank_new(lua_State *L) {
  size_t channel_n = lw_bind_size(L, 1, 1, LW_BANK_CHANNELS_MAX);
  const lw_biquad *one = lw_bind_cascade(lw_bind_make_filter(L, 2));
  luaL_argcheck(L, one, 2, "lowpass, highpass, bandpass, bandstop or notch");
  lw_bank *f = lua_newuserdata(L, lw_bank_size(one->section_n, channel_n));
  if (lw_bank_init(f, one->section, one->section_n, channel_n, 1) < 0)
    return luaL_error(L, "bank: value out of range");
  luaL_setmetatable(L, BANK);
  return 1;
}

// b:step(x1, ..., xn) -> y1, ..., yn; nil in and out for a missing one
static int bank_step(lua_State *L) {
  lw_bank *f = check_bank(L);
  double x[LW_BANK_CHANNELS_MAX];
  if (lua_gettop(L) != 1 + (int)f->channel_n)
    return luaL_error(L, "bank of %d channels: %d values given",
                      (int)f->channel_n, lua_gettop(L) - 1);
  for (int k = 0; k < (int)f->channel_n; k++)
    x[k] = lua_isnil(L, k + 2) ? (double)NAN : luaL_checknumber(L, k + 2);
  lw_bank_run(f, x, 1, x);
  luaL_checkstack(L, (int)f->channel_n, "bank");
  for (size_t k = 0; k < f->channel_n; k++) {
    if (isfinite(x[k]))
      lua_pushnumber(L, x[k]);
    else
      lua_pushnil(L);
  }
  return (int)f->channel_n;
}

// Rows side by side in one array.
static int run_interleaved(lua_State *L, lw_bank *f) {
  const lw_samples *in = lw_bind_samples(L, 2);
  luaL_argcheck(L, in->n % f->channel_n == 0, 2, "no whole number of rows");
  lw_samples *out = lw_bind_push_like(L, in, in->n);
  lw_bank_run(f, in->x, in->n / f->channel_n, out->x);
  return 1;
}

// Each channel an array of its own.
static int run_separate(lua_State *L, lw_bank *f) {
  size_t m = f->channel_n, n = lw_bind_samples(L, 2)->n;
  const double *in[SEPARATE_MAX];
  double *out[SEPARATE_MAX];
  luaL_argcheck(L, m <= SEPARATE_MAX, 2, "at most 64 separate channels");
  luaL_checkstack(L, 2 * (int)m, "bank");
  for (size_t k = 0; k < m; k++) {
    const lw_samples *s = lw_bind_samples(L, (int)k + 2);
    luaL_argcheck(L, s->n == n, (int)k + 2, "not as many samples as the first");
    in[k] = s->x;
  }
  double *row = lua_newuserdata(L, ROWS * m * sizeof *row);
  for (size_t k = 0; k < m; k++)
    out[k] = lw_bind_push_like(L, lw_bind_samples(L, (int)k + 2), n)->x;
  for (size_t from = 0; from < n; from += ROWS) {
    size_t rows = n - from < ROWS ? n - from : ROWS;
    for (size_t k = 0; k < m; k++)
      for (size_t i = 0; i < rows; i++)
        row[i * m + k] = in[k][from + i];
    lw_bank_run(f, row, rows, row);
    for (size_t k = 0; k < m; k++)
      for (size_t i = 0; i < rows; i++)
        out[k][from + i] = row[i * m + k];
  }
  return (int)m;
}

// b:run(rows) -> rows;  b:run(s1, ..., sn) -> y1, ..., yn
static int bank_run(lua_State *L) {
  lw_bank *f = check_bank(L);
  if (lua_gettop(L) == 2)
    return run_interleaved(L, f);
  if (lua_gettop(L) != 1 + (int)f->channel_n)
    return luaL_error(L, "bank of %d channels: %d arrays given",
                      (int)f->channel_n, lua_gettop(L) - 1);
  return run_separate(L, f);
}

static int bank_reset(lua_State *L) {
  lw_bank_reset(check_bank(L));
  lua_settop(L, 1);
  return 1;
}

static int bank_primed(lua_State *L) {
  lua_pushboolean(L, lw_bank_primed(check_bank(L)));
  return 1;
}

static int bank_delay(lua_State *L) {
  lua_pushnumber(L, lw_bank_delay(check_bank(L), 0));
  return 1;
}

static int bank_save(lua_State *L) {
  const lw_bank *f = check_bank(L);
  size_t n = lw_bank_state_n(f);
  double *state = lua_newuserdata(L, n * sizeof *state);
  lw_bank_save(f, state);
  lw_bind_push_state(L, "bank", state, n);
  return 1;
}

static int bank_load(lua_State *L) {
  lw_bank *f = check_bank(L);
  size_t n = lw_bank_state_n(f);
  double *state = lua_newuserdata(L, n * sizeof *state);
  if (!lw_bind_read_state(luaL_checkstring(L, 2), "bank", n, state) ||
      lw_bank_load(f, state) < 0) {
    lw_bank_reset(f);
    return lw_bind_bad_state(L, "bank");
  }
  lua_settop(L, 1);
  return 1;
}

// ------------------------------------------------------------ complementary --

static lw_complementary *check_complementary(lua_State *L) {
  return lw_bind_self(L, COMPLEMENTARY);
}

// dsp.complementary(rate_hz, tau_s) -> complementary
static int complementary_new(lua_State *L) {
  double rate_hz = lw_bind_number(L, 1, "rate_hz");
  double tau_s = lw_bind_number(L, 2, "tau_s");
  lw_complementary *f = lua_newuserdata(L, sizeof *f);
  if (lw_complementary_init(f, tau_s, 1 / rate_hz) < 0)
    return luaL_error(L, "complementary(rate_hz, tau_s): both must be above 0");
  luaL_setmetatable(L, COMPLEMENTARY);
  return 1;
}

// c:step(level, rate) -> level, or nil before the first
static int complementary_step(lua_State *L) {
  lw_complementary *f = check_complementary(L);
  double level = luaL_optnumber(L, 2, (double)NAN);
  double rate = luaL_optnumber(L, 3, (double)NAN);
  lw_complementary_run(f, &level, &rate, 1, &level);
  if (!isfinite(level))
    return 0;
  lua_pushnumber(L, level);
  return 1;
}

// c:run(level, rate [, out]) -> out
static int complementary_run(lua_State *L) {
  lw_complementary *f = check_complementary(L);
  lua_settop(L, 4);
  const lw_samples *level = lw_bind_samples(L, 2),
                   *rate = lw_bind_samples(L, 3);
  luaL_argcheck(L, level->n == rate->n, 3, "not as many samples as the first");
  lw_samples *out = lw_bind_output(L, 4, level);
  lw_complementary_run(f, level->x, rate->x, level->n, out->x);
  return 1;
}

static int complementary_primed(lua_State *L) {
  double state[LW_COMPLEMENTARY_STATE];
  lw_complementary_save(check_complementary(L), state);
  lua_pushboolean(L, isfinite(state[0]));
  return 1;
}

static int complementary_reset(lua_State *L) {
  lw_complementary_reset(check_complementary(L));
  lua_settop(L, 1);
  return 1;
}

static int complementary_save(lua_State *L) {
  double state[LW_COMPLEMENTARY_STATE];
  lw_complementary_save(check_complementary(L), state);
  lw_bind_push_state(L, "complementary", state, LW_COMPLEMENTARY_STATE);
  return 1;
}

static int complementary_load(lua_State *L) {
  lw_complementary *f = check_complementary(L);
  double state[LW_COMPLEMENTARY_STATE];
  if (!lw_bind_read_state(luaL_checkstring(L, 2), "complementary",
                          LW_COMPLEMENTARY_STATE, state)) {
    lw_complementary_reset(f);
    return lw_bind_bad_state(L, "complementary");
  }
  lw_complementary_load(f, state);
  lua_settop(L, 1);
  return 1;
}

static const luaL_Reg bank_methods[] = {
    {"step", bank_step},     {"run", bank_run},     {"reset", bank_reset},
    {"primed", bank_primed}, {"delay", bank_delay}, {"save", bank_save},
    {"load", bank_load},     {"__call", bank_step}, {NULL, NULL}};

static const luaL_Reg complementary_methods[] = {{"step", complementary_step},
                                                 {"run", complementary_run},
                                                 {"primed", complementary_primed},
                                                 {"delay", lw_bind_no_delay},
                                                 {"reset", complementary_reset},
                                                 {"save", complementary_save},
                                                 {"load", complementary_load},
                                                 {"__call", complementary_step},
                                                 {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"bank", bank_new}, {"complementary", complementary_new}, {NULL, NULL}};

void lw_open_dsp_bank(lua_State *L) {
  lw_bind_type(L, BANK, bank_methods, NULL);
  lw_bind_type(L, COMPLEMENTARY, complementary_methods, NULL);
  luaL_setfuncs(L, functions, 0);
}
