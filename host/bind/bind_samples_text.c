// Lua face of sample arrays: text and bytes. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h>   // isfinite, NAN, round
#include <stdint.h> // int16_t
#include <stdio.h>  // snprintf
#include <stdlib.h> // strtod
#include <string.h> // memchr, memcpy, strcspn

#include "bind/bind.h"    // lw_bind_fail
#include "bind/samples.h" // lw_bind_samples

typedef struct cell {
  const char *at;
  size_t n;
} cell;

// The k-th cell (from 0) of the line [at, end); n = 0 and at = NULL beyond it.
static cell cell_of(const char *at, const char *end, size_t k, char separator) {
  for (;; k--) {
    const char *stop = memchr(at, separator, (size_t)(end - at));
    stop = stop ? stop : end;
    if (k == 0)
      return (cell){at, (size_t)(stop - at)};
    if (stop == end)
      return (cell){NULL, 0};
    at = stop + 1;
  }
}

// The cell as a number; NaN when it is none.
static double number_of(cell c) {
  char text[64], *end;
  if (c.n == 0 || c.n >= sizeof text)
    return NAN;
  memcpy(text, c.at, c.n);
  text[c.n] = 0;
  double x = strtod(text, &end);
  end += strspn(end, " \r");
  return end == text || *end || !isfinite(x) ? (double)NAN : x;
}

static char separator_of(const char *text, const char *end) {
  for (const char *p = text; p < end && *p != '\n'; p++)
    if (*p == ';' || *p == '\t' || *p == ',')
      return *p;
  return ',';
}

// Place of the column whose head is `name`, or -1.
static int column_of(const char *at, const char *end, char separator,
                     const char *name, size_t name_n) {
  cell c;
  for (size_t k = 0; (c = cell_of(at, end, k, separator)).at; k++) {
    if (c.n && c.at[c.n - 1] == '\r')
      c.n--;
    if (c.n == name_n && memcmp(c.at, name, name_n) == 0)
      return (int)k;
  }
  return -1;
}

static const char *line_end(const char *at, const char *end) {
  const char *stop = memchr(at, '\n', (size_t)(end - at));
  return stop ? stop : end;
}

// dsp.csv(text, column) -> samples | nil, message, code. column is a head's
// text, or a number for text without a head; a cell that is no number is a
// missing sample.
static int text_csv(lua_State *L) {
  size_t n, name_n = 0, rows = 0;
  const char *text = luaL_checklstring(L, 1, &n), *end = text + n;
  char separator = separator_of(text, end);
  int column = -1;
  if (lua_type(L, 2) == LUA_TNUMBER) {
    column = (int)luaL_checkinteger(L, 2) - 1;
    luaL_argcheck(L, column >= 0, 2, "columns count from 1");
  } else {
    const char *name = luaL_checklstring(L, 2, &name_n);
    const char *stop = line_end(text, end);
    column = column_of(text, stop, separator, name, name_n);
    if (column < 0) {
      lw_err e;
      lw_err_set(&e, LW_E_NOTFOUND, "no column '%s' in the first line", name);
      return lw_bind_fail(L, &e);
    }
    text = stop < end ? stop + 1 : end;
  }
  for (const char *p = text; p < end; p = line_end(p, end) + 1)
    rows += line_end(p, end) > p;
  lw_samples *s = lw_bind_push_samples(L, rows);
  size_t i = 0;
  for (const char *p = text; p < end; p = line_end(p, end) + 1)
    if (line_end(p, end) > p)
      s->x[i++] =
          number_of(cell_of(p, line_end(p, end), (size_t)column, separator));
  return 1;
}

// s:csv() -> text, one number a line, after the time [s] when there is a rate;
// a missing sample is an empty cell
static int samples_csv(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < s->n; i++) {
    char line[80];
    int n = 0;
    if (s->rate_hz > 0)
      n = snprintf(line, sizeof line, "%.14g,",
                   s->t0_s + (double)i / s->rate_hz);
    if (isfinite(s->x[i]))
      n += snprintf(line + n, sizeof line - (size_t)n, "%.17g", s->x[i]);
    line[n++] = '\n';
    luaL_addlstring(&b, line, (size_t)n);
  }
  luaL_pushresult(&b);
  return 1;
}

enum { F64, F32, I16 };
static const char *const layouts[] = {"f64", "f32", "i16", NULL};
static const size_t sizes[] = {8, 4, 2};
#define I16_MISSING INT16_MIN

static double read_one(const char *p, int layout, double scale) {
  double x;
  float f;
  int16_t i;
  switch (layout) {
  case F64:
    memcpy(&x, p, sizeof x);
    return x;
  case F32:
    memcpy(&f, p, sizeof f);
    return (double)f;
  default:
    memcpy(&i, p, sizeof i);
    return i == I16_MISSING ? (double)NAN : i * scale;
  }
}

static void write_one(char *p, double x, int layout, double scale) {
  float f = (float)x;
  int16_t i = I16_MISSING;
  double level = round(x / scale);
  if (layout == I16 && isfinite(level)) // beyond the range: its end
    i = (int16_t)(level > 32767 ? 32767 : level < -32767 ? -32767 : level);
  switch (layout) {
  case F64:
    memcpy(p, &x, sizeof x);
    break;
  case F32:
    memcpy(p, &f, sizeof f);
    break;
  default:
    memcpy(p, &i, sizeof i);
  }
}

static double check_scale(lua_State *L, int arg) {
  double scale = lua_isnoneornil(L, arg) ? 1 : lw_bind_number(L, arg, "scale");
  luaL_argcheck(L, scale > 0, arg, "scale must be above 0");
  return scale;
}

// s:pack(layout [, scale]) -> bytes of "f64", "f32" or "i16" (x / scale),
// in the machine's order (little-endian on all that this runs on)
static int samples_pack(lua_State *L) {
  const lw_samples *s = lw_bind_samples(L, 1);
  int layout = luaL_checkoption(L, 2, "f64", layouts);
  double scale = check_scale(L, 3);
  char *bytes = lua_newuserdata(L, s->n * sizes[layout] + 1);
  for (size_t i = 0; i < s->n; i++)
    write_one(bytes + i * sizes[layout], s->x[i], layout, scale);
  lua_pushlstring(L, bytes, s->n * sizes[layout]);
  return 1;
}

// dsp.unpack(bytes, layout [, scale]) -> samples
static int text_unpack(lua_State *L) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  int layout = luaL_checkoption(L, 2, "f64", layouts);
  double scale = check_scale(L, 3);
  if (n % sizes[layout])
    luaL_argerror(L, 1,
                  lua_pushfstring(L, "%d bytes are no whole number of %s",
                                  (int)n, layouts[layout]));
  lw_samples *s = lw_bind_push_samples(L, n / sizes[layout]);
  for (size_t i = 0; i < s->n; i++)
    s->x[i] = read_one(bytes + i * sizes[layout], layout, scale);
  return 1;
}

static const luaL_Reg methods[] = {
    {"csv", samples_csv}, {"pack", samples_pack}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"csv", text_csv}, {"unpack", text_unpack}, {NULL, NULL}};

void lw_open_samples_text(lua_State *L) {
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -2);
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}
