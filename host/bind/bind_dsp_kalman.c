// Lua face of dsp/kalman.h: several readings, several states. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h> // isfinite, NAN

#include "bind/bind.h" // lw_bind_type
#include "bind/dsp_face.h"
#include "dsp/kalman.h"

#define KALMAN "linewright.kalman"

static lw_kalman *check_kalman(lua_State *L) {
  return lw_bind_self(L, KALMAN);
}

static const double *check_matrix(lua_State *L, int arg, size_t rows,
                                  size_t columns) {
  const lw_samples *s = lw_bind_whole(L, arg, 1);
  if (s->n != rows * columns)
    luaL_argerror(L, arg,
                  lua_pushfstring(L, "%d numbers, %d x %d expected", (int)s->n,
                                  (int)rows, (int)columns));
  return s->x;
}

// dsp.kalman(states, readings, transition, observation, process, reading,
// start, spread) -> kalman; the matrices are samples, row by row
static int kalman_new(lua_State *L) {
  size_t n = lw_bind_size(L, 1, 1, LW_KALMAN_STATES_MAX);
  size_t m = lw_bind_size(L, 2, 1, LW_KALMAN_READINGS_MAX);
  lw_kalman_model model = {.state_n = n,
                           .reading_n = m,
                           .transition = check_matrix(L, 3, n, n),
                           .observation = check_matrix(L, 4, m, n),
                           .process = check_matrix(L, 5, n, n),
                           .reading = check_matrix(L, 6, m, m),
                           .start = check_matrix(L, 7, n, 1),
                           .spread = check_matrix(L, 8, n, n)};
  lw_kalman *f = lua_newuserdata(L, sizeof *f);
  if (lw_kalman_init(f, &model) < 0)
    return luaL_error(L, "kalman: covariances must be symmetric, their "
                         "diagonals not negative, that of readings above 0");
  luaL_setmetatable(L, KALMAN);
  return 1;
}

// k:step(z1, ..., zm) -> x1, ..., xn
static int kalman_step(lua_State *L) {
  lw_kalman *f = check_kalman(L);
  double z[LW_KALMAN_READINGS_MAX];
  if (lua_gettop(L) != 1 + (int)f->reading_n)
    return luaL_error(L, "kalman of %d readings: %d values given",
                      (int)f->reading_n, lua_gettop(L) - 1);
  for (int i = 0; i < (int)f->reading_n; i++)
    z[i] = lua_isnil(L, i + 2) ? (double)NAN : luaL_checknumber(L, i + 2);
  lw_kalman_step(f, z);
  for (size_t i = 0; i < f->state_n; i++)
    lua_pushnumber(L, f->x[i]);
  return (int)f->state_n;
}

// k:run(rows) -> rows: readings [n x m] row by row to states [n x states]
static int kalman_run(lua_State *L) {
  lw_kalman *f = check_kalman(L);
  const lw_samples *z = lw_bind_samples(L, 2);
  luaL_argcheck(L, z->n % f->reading_n == 0, 2, "no whole number of rows");
  size_t n = z->n / f->reading_n;
  lw_samples *out = lw_bind_push_samples(L, n * f->state_n);
  lw_kalman_run(f, z->x, n, out->x);
  return 1;
}

// k:surprise() -> squared distance of the last row from its prediction
static int kalman_surprise(lua_State *L) {
  const lw_kalman *f = check_kalman(L);
  if (!isfinite(f->surprise))
    return 0;
  lua_pushnumber(L, f->surprise);
  return 1;
}

// k:spread() -> samples [n x n], the estimate's covariance
static int kalman_spread(lua_State *L) {
  const lw_kalman *f = check_kalman(L);
  lw_samples *out = lw_bind_push_samples(L, f->state_n * f->state_n);
  for (size_t i = 0; i < out->n; i++)
    out->x[i] = f->p[i];
  return 1;
}

// k:primed() -> true: its start is an estimate
static int kalman_primed(lua_State *L) {
  check_kalman(L);
  lua_pushboolean(L, 1);
  return 1;
}

static int kalman_reset(lua_State *L) {
  lw_kalman_reset(check_kalman(L));
  lua_settop(L, 1);
  return 1;
}

static int kalman_save(lua_State *L) {
  const lw_kalman *f = check_kalman(L);
  size_t n = lw_kalman_state_n(f);
  double *state = lua_newuserdata(L, n * sizeof *state);
  lw_kalman_save(f, state);
  lw_bind_push_state(L, "kalman", state, n);
  return 1;
}

static int kalman_load(lua_State *L) {
  lw_kalman *f = check_kalman(L);
  size_t n = lw_kalman_state_n(f);
  double *state = lua_newuserdata(L, n * sizeof *state);
  if (!lw_bind_read_state(luaL_checkstring(L, 2), "kalman", n, state) ||
      lw_kalman_load(f, state) < 0) {
    lw_kalman_reset(f);
    return lw_bind_bad_state(L, "kalman");
  }
  lua_settop(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {{"step", kalman_step},
                                   {"run", kalman_run},
                                   {"surprise", kalman_surprise},
                                   {"spread", kalman_spread},
                                   {"primed", kalman_primed},
                                   {"delay", lw_bind_no_delay},
                                   {"reset", kalman_reset},
                                   {"save", kalman_save},
                                   {"load", kalman_load},
                                   {"__call", kalman_step},
                                   {NULL, NULL}};

static const luaL_Reg functions[] = {{"kalman", kalman_new}, {NULL, NULL}};

void lw_open_dsp_kalman(lua_State *L) {
  lw_bind_type(L, KALMAN, methods, NULL);
  luaL_setfuncs(L, functions, 0);
}
