#include <errno.h>    // errno
#include <inttypes.h> // PRId64
#include <math.h>     // isnan
#include <stdlib.h>   // free
#include <string.h>   // strdup

#include "base/grow.h" // lw_grow
#include "store/history_csv.h"
#include "store/history_private.h" // lw_history

// Rows of the wide form that are worked out at once.
#define BLOCK_N 1024

typedef struct writer {
  const lw_history_csv_wish *w;
  lw_history *h;
  FILE *out;
  char **names, **units; // [n], the tags that are written
  size_t n, room;
  size_t tag; // the one being written
  const lw_scope *scope;
  int64_t scope_from_ns, scope_to_ns; // for which it is known
  int64_t *rows;
} writer;

// ------------------------------------------------------------------ cells --

static void put_text(FILE *out, const char *text) {
  if (!strpbrk(text, ",;\"\n\r\t")) {
    fputs(text, out);
    return;
  }
  putc('"', out);
  for (; *text; text++) {
    if (*text == '"')
      putc('"', out);
    putc(*text, out);
  }
  putc('"', out);
}

// Both columns of a time. Beyond the years that have a name the first is empty.
static void put_time(FILE *out, int64_t t_ns) {
  char day[LW_DAY_NAME_N];
  int64_t number = lw_day_of(t_ns), ns = t_ns - number * LW_DAY_NS;
  if (lw_day_name(number, day) == 0)
    fprintf(out, "%.10sT%02d:%02d:%02d.%09dZ", day, (int)(ns / 3600000000000),
            (int)(ns / 60000000000 % 60), (int)(ns / 1000000000 % 60),
            (int)(ns % 1000000000));
  fprintf(out, ",%" PRId64, t_ns);
}

static void put_value(FILE *out, double x) {
  if (isnan(x)) // whatever its sign bit
    fputs("nan", out);
  else
    fprintf(out, "%.17g", x);
}

static int check_output(const writer *x, lw_err *e) {
  if (!ferror(x->out))
    return 0;
  return lw_err_set(e, LW_E_IO, "cannot write: %s", strerror(errno));
}

// ------------------------------------------------------------------- tags --

static int is_wished(const lw_history_csv_wish *w, const char *name) {
  for (size_t i = 0; i < w->tag_n; i++)
    if (strcmp(w->tags[i], name) == 0)
      return 1;
  return w->tag_n == 0;
}

static int add_tag(void *arg, const char *name, const char *unit) {
  writer *x = arg;
  if (!is_wished(x->w, name))
    return 0;
  size_t room = x->room; // both arrays have the same
  if (lw_grow(&x->names, &room, x->n + 1, sizeof *x->names) < 0 ||
      lw_grow(&x->units, &x->room, x->n + 1, sizeof *x->units) < 0)
    return LW_E_NOMEM;
  x->names[x->n] = strdup(name);
  x->units[x->n] = strdup(unit);
  x->n++;
  return x->names[x->n - 1] && x->units[x->n - 1] ? 0 : LW_E_NOMEM;
}

static int find_tags(writer *x, lw_err *e) {
  const lw_history_csv_wish *w = x->w;
  int rc = lw_history_tags(x->h, w->from_ns, w->to_ns, add_tag, x, e);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < w->tag_n; i++) {
    size_t k = 0;
    while (k < x->n && strcmp(x->names[k], w->tags[i]) != 0)
      k++;
    if (k == x->n)
      return lw_err_set(e, LW_E_NOTFOUND, "%s: no history of '%s' in that time",
                        w->folder, w->tags[i]);
  }
  return 0;
}

// ------------------------------------------------------------------- long --

static void put_scope(writer *x, int64_t t_ns) {
  const lw_scopes *s = x->w->scopes;
  if (!s)
    return;
  if (t_ns < x->scope_from_ns || t_ns >= x->scope_to_ns)
    x->scope = lw_scopes_find(s, t_ns, &x->scope_from_ns, &x->scope_to_ns);
  putc(',', x->out);
  put_text(x->out, x->w->batch);
  putc(',', x->out);
  put_text(x->out, x->scope ? x->scope->path : "");
}

static int put_samples(void *arg, const lw_chunk *c) {
  static const char *const words[] = {"bad", "uncertain", "good"};
  writer *x = arg;
  for (size_t i = 0; i < c->n; i++) {
    put_time(x->out, c->t_ns[i]);
    putc(',', x->out);
    put_text(x->out, x->names[x->tag]);
    putc(',', x->out);
    put_text(x->out, x->units[x->tag]);
    putc(',', x->out);
    put_value(x->out, c->value[i]);
    fprintf(x->out, ",%s", words[c->quality[i] < 3 ? c->quality[i] : 0]);
    put_scope(x, c->t_ns[i]);
    putc('\n', x->out);
    ++*x->rows;
  }
  return ferror(x->out);
}

// Day by day, so that reading it in again opens each day's file once.
static int write_day(writer *x, int64_t day, lw_err *e) {
  int64_t from = day * LW_DAY_NS, to = from + LW_DAY_NS;
  int rc = 0;
  from = from > x->w->from_ns ? from : x->w->from_ns;
  to = to < x->w->to_ns ? to : x->w->to_ns;
  for (x->tag = 0; rc == 0 && x->tag < x->n; x->tag++)
    rc = lw_history_read(x->h, x->names[x->tag], from, to, put_samples, x, e);
  return rc < 0 ? rc : check_output(x, e);
}

static int write_long(writer *x, lw_err *e) {
  int64_t *days = NULL;
  fprintf(x->out, "time,t_ns,tag,unit,value,quality%s\n",
          x->w->scopes ? ",batch,phase" : "");
  int n = lw_history_days(x->h, lw_day_of(x->w->from_ns),
                          lw_day_of(x->w->to_ns - 1), &days, e);
  int rc = n < 0 ? n : 0;
  for (int i = 0; rc == 0 && i < n; i++)
    rc = write_day(x, days[i], e);
  free(days);
  return rc;
}

// ------------------------------------------------------------------- wide --

static void put_header(writer *x) {
  char name[512];
  fputs("time,t_ns", x->out);
  for (size_t i = 0; i < x->n; i++) {
    snprintf(name, sizeof name, "%s [%s]", x->names[i], x->units[i]);
    putc(',', x->out);
    put_text(x->out, name);
  }
  putc('\n', x->out);
}

int lw_history_csv_figure(const char *name) {
  static const char *const names[] = {"held", "linear", "min",  "max",
                                      "mean", "first",  "last", "weighted"};
  for (int i = 0; i < LW_CSV_FIGURE_N; i++)
    if (strcmp(names[i], name) == 0)
      return i;
  return -1;
}

static double figure_of(const lw_bucket *b, int figure) {
  const double figures[LW_CSV_FIGURE_N] = {
      [LW_CSV_MIN] = b->min,   [LW_CSV_MAX] = b->max,
      [LW_CSV_MEAN] = b->mean, [LW_CSV_FIRST] = b->first,
      [LW_CSV_LAST] = b->last, [LW_CSV_WEIGHTED] = b->held};
  return figures[figure];
}

// What the cells of a block are worked out with.
typedef struct scratch {
  lw_instant instants[BLOCK_N];
  lw_bucket buckets[BLOCK_N];
} scratch;

// One tag's n cells from from_ns on; NaN where one stays empty.
static int fill(writer *x, const char *tag, int64_t from_ns, size_t n,
                scratch *s, double *cells, lw_err *e) {
  int64_t every_ns = x->w->every_ns;
  int figure = x->w->figure, is_linear = figure == LW_CSV_LINEAR;
  if (figure == LW_CSV_HELD || is_linear) {
    int rc = lw_history_grid(x->h, tag, from_ns, every_ns, n,
                             is_linear ? LW_HISTORY_LINEAR : LW_HISTORY_HELD,
                             s->instants, e);
    for (size_t i = 0; rc == 0 && i < n; i++)
      cells[i] = s->instants[i].quality ? s->instants[i].value : NAN;
    return rc;
  }
  int rc = lw_history_buckets(
      x->h, tag, from_ns, from_ns + (int64_t)n * every_ns, n, s->buckets, e);
  for (size_t i = 0; rc == 0 && i < n; i++)
    cells[i] = figure_of(&s->buckets[i], figure);
  return rc;
}

static int write_block(writer *x, int64_t from_ns, size_t n, scratch *s,
                       double *cells, lw_err *e) {
  for (size_t i = 0; i < x->n; i++) {
    int rc = fill(x, x->names[i], from_ns, n, s, cells + i * BLOCK_N, e);
    if (rc < 0)
      return rc;
  }
  for (size_t row = 0; row < n; row++) {
    put_time(x->out, from_ns + (int64_t)row * x->w->every_ns);
    for (size_t i = 0; i < x->n; i++) {
      putc(',', x->out);
      if (!isnan(cells[i * BLOCK_N + row]))
        put_value(x->out, cells[i * BLOCK_N + row]);
    }
    putc('\n', x->out);
  }
  *x->rows += (int64_t)n;
  return check_output(x, e);
}

static int write_wide(writer *x, lw_err *e) {
  const lw_history_csv_wish *w = x->w;
  double *cells = calloc(x->n * BLOCK_N + 1, sizeof *cells);
  scratch *s = calloc(1, sizeof *s);
  int rc = cells && s
               ? 0
               : lw_err_set(e, LW_E_NOMEM, "out of memory for %zu tags", x->n);
  if (rc == 0)
    put_header(x);
  for (int64_t from = w->from_ns; rc == 0 && from < w->to_ns;) {
    int64_t left = (w->to_ns - from - 1) / w->every_ns + 1;
    size_t n = left < BLOCK_N ? (size_t)left : BLOCK_N;
    rc = write_block(x, from, n, s, cells, e);
    from += (int64_t)n * w->every_ns;
  }
  free(cells);
  free(s);
  return rc;
}

int lw_history_csv_write(const lw_history_csv_wish *w, FILE *out, int64_t *rows,
                         lw_err *e) {
  writer x = {.w = w, .out = out, .rows = rows};
  *rows = 0;
  int rc = lw_history_open(&x.h, w->folder, e);
  if (rc == 0)
    rc = find_tags(&x, e);
  if (rc == 0)
    rc = w->every_ns ? write_wide(&x, e) : write_long(&x, e);
  if (rc == 0 && fflush(out) != 0)
    rc = check_output(&x, e);
  for (size_t i = 0; i < x.n; i++) {
    free(x.names[i]);
    free(x.units[i]);
  }
  free(x.names);
  free(x.units);
  lw_history_close(x.h);
  return rc;
}
