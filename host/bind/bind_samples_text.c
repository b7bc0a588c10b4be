// Lua face of sample arrays: tables of text. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h>   // fabs, isfinite, NAN
#include <stdio.h>  // snprintf
#include <stdlib.h> // strtod
#include <string.h> // memchr, memcmp, memcpy, strcspn

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
    const char *unit = c.n ? memchr(c.at, '[', c.n) : NULL;
    if (c.n == name_n && memcmp(c.at, name, name_n) == 0)
      return (int)k;
    // "level [bar]" answers to "level" as well
    if (unit && unit > c.at && (size_t)(unit - c.at) - 1 == name_n &&
        memcmp(c.at, name, name_n) == 0)
      return (int)k;
  }
  return -1;
}

static const char *line_end(const char *at, const char *end) {
  const char *stop = memchr(at, '\n', (size_t)(end - at));
  return stop ? stop : end;
}

// A text of lines under a head, or without one.
typedef struct table {
  const char *at, *end; // first row, end of the text
  const char *head;     // the first line, NULL without
  const char *head_end;
  char separator;
} table;

static table open_table(const char *text, size_t n, int has_head) {
  table t = {text, text + n, NULL, NULL, separator_of(text, text + n)};
  if (has_head) {
    t.head = text;
    t.head_end = line_end(text, t.end);
    t.at = t.head_end < t.end ? t.head_end + 1 : t.end;
  }
  return t;
}

// 0-based column that `arg` names by its head or counts from 1, or -1 with e.
static int check_column(lua_State *L, int arg, const table *t, lw_err *e) {
  if (lua_type(L, arg) == LUA_TNUMBER) {
    int column = (int)luaL_checkinteger(L, arg) - 1;
    luaL_argcheck(L, column >= 0, arg, "columns count from 1");
    return column;
  }
  size_t name_n;
  const char *name = luaL_checklstring(L, arg, &name_n);
  int column = t->head
                   ? column_of(t->head, t->head_end, t->separator, name, name_n)
                   : -1;
  if (column < 0)
    lw_err_set(e, LW_E_NOTFOUND, "no column '%s' in the first line", name);
  return column;
}

static size_t row_n_of(const table *t) {
  size_t rows = 0;
  for (const char *p = t->at; p < t->end; p = line_end(p, t->end) + 1)
    rows += line_end(p, t->end) > p;
  return rows;
}

// Push one column as samples.
static lw_samples *push_column(lua_State *L, const table *t, size_t rows,
                               int column) {
  lw_samples *s = lw_bind_push_samples(L, rows);
  size_t i = 0;
  for (const char *p = t->at; p < t->end; p = line_end(p, t->end) + 1)
    if (line_end(p, t->end) > p)
      s->x[i++] = number_of(
          cell_of(p, line_end(p, t->end), (size_t)column, t->separator));
  return s;
}

// A head "level [bar]" names the unit.
static void take_unit(lw_samples *s, const table *t, int column) {
  cell c = t->head ? cell_of(t->head, t->head_end, (size_t)column, t->separator)
                   : (cell){NULL, 0};
  const char *open = c.at ? memchr(c.at, '[', c.n) : NULL;
  const char *close =
      open ? memchr(open, ']', (size_t)(c.at + c.n - open)) : NULL;
  size_t n = close ? (size_t)(close - open - 1) : 0;
  if (n == 0 || n >= sizeof s->unit)
    return;
  memcpy(s->unit, open + 1, n);
  s->unit[n] = 0;
}

// Qualities that s:csv wrote in a column of that name, for the samples on top.
static void take_quality(lua_State *L, const table *t) {
  static const char *const words[] = {"bad", "uncertain"};
  int column = t->head
                   ? column_of(t->head, t->head_end, t->separator, "quality", 7)
                   : -1;
  size_t i = 0;
  if (column < 0)
    return;
  for (const char *p = t->at; p < t->end; p = line_end(p, t->end) + 1) {
    cell c = cell_of(p, line_end(p, t->end), (size_t)column, t->separator);
    if (line_end(p, t->end) == p)
      continue;
    for (int q = LW_MASK_BAD; q < LW_MASK_GOOD && c.at; q++)
      if (c.n >= strlen(words[q]) && !memcmp(c.at, words[q], strlen(words[q])))
        lw_samples_mark(L, lua_gettop(L), i, i + 1, q);
    i++;
  }
}

// Times [s] as a time base when they are regular to a millionth of a step.
static void take_rate(lw_samples *s, const lw_samples *t) {
  double step = s->n > 1 ? (t->x[s->n - 1] - t->x[0]) / (double)(s->n - 1) : 0;
  if (!(step > 0))
    return;
  for (size_t i = 0; i < s->n; i++)
    if (!(fabs(t->x[i] - t->x[0] - (double)i * step) <= 1e-6 * step))
      return;
  s->rate_hz = 1 / step;
  s->t0_s = t->x[0];
}

// dsp.csv(text, column [, time]) -> samples [, times] | nil, message, code.
// column and time are a head's text, or a number, which with a column by number
// is of a text without a head; a cell that is no number is a missing sample.
static int text_csv(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  lua_settop(L, 3);
  table t = open_table(text, n, lua_type(L, 2) != LUA_TNUMBER);
  lw_err e = {0};
  int column = check_column(L, 2, &t, &e);
  int time = lua_isnil(L, 3) || column < 0 ? 0 : check_column(L, 3, &t, &e);
  if (column < 0 || time < 0)
    return lw_bind_fail(L, &e);
  size_t rows = row_n_of(&t);
  lw_samples *s = push_column(L, &t, rows, column);
  take_unit(s, &t, column);
  take_quality(L, &t);
  if (lua_isnil(L, 3))
    return 1;
  take_rate(s, push_column(L, &t, rows, time));
  return 2;
}

static void add_head(luaL_Buffer *b, const lw_samples *s, const char *name) {
  if (s->rate_hz > 0)
    luaL_addstring(b, "time,");
  luaL_addstring(b, name);
  if (s->unit[0]) {
    luaL_addstring(b, " [");
    luaL_addstring(b, s->unit);
    luaL_addstring(b, "]");
  }
  luaL_addstring(b, s->root->mask ? ",quality\n" : "\n");
}

// s:csv([name]) -> text, one number a line, after the time [s] when there is a
// rate; a missing sample is an empty cell. With a name under a head, and with
// the qualities when there are any.
static int samples_csv(lua_State *L) {
  static const char *const words[] = {",bad", ",uncertain", ",good"};
  const lw_samples *s = lw_bind_samples_any(L, 1);
  const char *name = luaL_optstring(L, 2, NULL);
  if (name)
    luaL_argcheck(L, !name[strcspn(name, ",;\t\r\n\"[]")], 2,
                  "a head without separators, quotes and brackets");
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  if (name)
    add_head(&b, s, name);
  for (size_t i = 0; i < s->n; i++) {
    char line[96];
    int n = 0;
    double x = lw_samples_get(s, i);
    if (s->rate_hz > 0)
      n = snprintf(line, sizeof line, "%.14g,",
                   s->t0_s + (double)i / s->rate_hz);
    if (isfinite(x))
      n += snprintf(line + n, sizeof line - (size_t)n, "%.17g", x);
    if (name && s->root->mask)
      n += snprintf(line + n, sizeof line - (size_t)n, "%s",
                    words[lw_samples_quality(s, i)]);
    line[n++] = '\n';
    luaL_addlstring(&b, line, (size_t)n);
  }
  luaL_pushresult(&b);
  return 1;
}

static const luaL_Reg methods[] = {{"csv", samples_csv}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"csv", text_csv}, {NULL, NULL}};

void lw_open_samples_text(lua_State *L) {
  lw_bind_methods(L, LW_SAMPLES, methods);
  luaL_setfuncs(L, functions, 0);
}
