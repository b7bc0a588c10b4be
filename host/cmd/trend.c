#include <langinfo.h>  // nl_langinfo
#include <locale.h>    // newlocale
#include <math.h>      // fmin
#include <stdio.h>     // printf
#include <stdlib.h>    // strtod
#include <string.h>    // strcmp
#include <sys/ioctl.h> // TIOCGWINSZ
#include <unistd.h>    // access

#include "base/err.h" // lw_err_name
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/plot.h"
#include "cmd/span.h"
#include "loop/clock.h"    // lw_clock_real
#include "store/history.h" // lw_history

#define LABEL_N 11 // characters left of the axis
#define COLUMNS_MIN 20
#define COLUMNS_MAX 400

const char lw_cmd_trend_help[] =
    "usage: linewright trend [TAG]... [--batch ID] [--db FILE] [--last TIME]\n"
    "                        [--rows N] [--columns N] [--csv]\n"
    "\n"
    "Plot what was recorded of tags during a run, with its states and alarms\n"
    "under it. Without a tag: list the tags. Times are UTC.\n"
    "\n"
    "  --batch ID   which run, default the newest\n"
    "  --db FILE    database of the run, default linewright.db\n"
    "  --last TIME  only the end of it, such as 90s, 10min, 1h, 2d\n"
    "  --rows N     height of each plot, default 8\n"
    "  --columns N  width, default the terminal's\n"
    "  --csv        every sample as time,tag,value,quality,unit instead\n"
    "\n"
    "exit code: 0 done, 1 no such batch or tag, 2 usage, 3 files refused\n"
    "\n"
    "example:\n"
    "  linewright trend web.speed 'oven.zones[1].temp' --last 10min\n";

typedef struct trend {
  lw_history *history;
  lw_span span;
  const lw_option_list *tags;
  int rows, columns, is_ascii;
  const char *tag; // the one being worked on
  char unit[32];
  int is_found;
} trend;

static int refuse(int code, const lw_err *e) {
  fprintf(stderr, "%s %s\n", lw_err_name(e->code), e->text);
  return code;
}

static int list_tag(void *arg, const char *name, const char *unit) {
  (void)arg;
  printf("%-32s %s\n", name, unit);
  return 0;
}

static int match_tag(void *arg, const char *name, const char *unit) {
  trend *t = arg;
  if (strcmp(name, t->tag) != 0)
    return 0;
  snprintf(t->unit, sizeof t->unit, "%s", unit);
  t->is_found = 1;
  return 1;
}

// ---------------------------------------------------------------------- csv --

static int print_samples(void *arg, const lw_chunk *c) {
  static const char *const words[] = {"bad", "uncertain", "good"};
  const trend *t = arg;
  char at[LW_SPAN_TIME_N];
  for (size_t i = 0; i < c->n; i++)
    printf("%s,%s,%.17g,%s,%s\n", lw_span_time(c->t_ns[i], "T", 1, at), t->tag,
           c->value[i], c->quality[i] < 3 ? words[c->quality[i]] : "bad",
           t->unit);
  return 0;
}

static int print_csv(trend *t, lw_err *e) {
  return lw_history_read(t->history, t->tag, t->span.from_ns, t->span.to_ns,
                         print_samples, t, e);
}

// --------------------------------------------------------------------- plot --

static void print_label(const lw_plot *p, int row) {
  int dots = p->rows - 1;
  if (row == 0 || row == dots || (dots > 4 && row == dots / 2))
    printf("%*.5g ", LABEL_N - 1, p->hi - (p->hi - p->lo) * row / dots);
  else
    printf("%*s", LABEL_N, "");
  fputs(p->is_ascii ? "|" : "\xe2\x94\x82", stdout);
}

static void draw(lw_plot *p, const lw_bucket *b) {
  double last = NAN; // drawn through buckets without a sample
  for (int x = 0; x < lw_plot_dots_x(p); x++) {
    if (b[x].n) {
      lw_plot_bar(p, x, isnan(last) ? b[x].first : last, b[x].first);
      lw_plot_bar(p, x, b[x].min, b[x].max);
      last = b[x].last;
    } else {
      // A value that is not held, since it went bad, leaves a gap.
      last = isnan(b[x].held) ? NAN : b[x].held;
      lw_plot_bar(p, x, last, last);
    }
  }
}

static void print_plot(const trend *t, const lw_plot *p) {
  char row[4 * COLUMNS_MAX + 1];
  printf("%s [%s]\n", t->tag, t->unit);
  for (int i = 0; i < t->rows; i++) {
    print_label(p, i);
    printf("%s\n", lw_plot_row(p, i, row));
  }
}

static int plot_buckets(const trend *t, const lw_bucket *b, size_t n) {
  lw_plot p;
  double lo = INFINITY, hi = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    lo = fmin(lo, fmin(b[i].min, b[i].held));
    hi = fmax(hi, fmax(b[i].max, b[i].held));
  }
  if (!(lo <= hi)) {
    printf("%s [%s]\n%*s no good value in this time\n", t->tag, t->unit,
           LABEL_N, "");
    return 0;
  }
  int rc = lw_plot_init(&p, t->columns, t->rows, t->is_ascii, lo, hi);
  if (rc < 0)
    return rc;
  draw(&p, b);
  print_plot(t, &p);
  lw_plot_fini(&p);
  return 0;
}

static int plot_tag(trend *t, lw_err *e) {
  size_t n = (size_t)(t->is_ascii ? t->columns : 2 * t->columns);
  lw_bucket *b = calloc(n, sizeof *b);
  if (!b)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a plot");
  int rc = lw_history_buckets(t->history, t->tag, t->span.from_ns,
                              t->span.to_ns, n, b, e);
  if (rc == 0)
    rc = plot_buckets(t, b, n);
  free(b);
  return rc;
}

// -------------------------------------------------------------------- faces --

static int each_tag(trend *t, int is_csv) {
  lw_err e = {0};
  for (size_t i = 0; i < t->tags->n; i++) {
    t->tag = t->tags->values[i];
    t->is_found = 0;
    int rc = lw_history_tags(t->history, t->span.from_ns, t->span.to_ns,
                             match_tag, t, &e);
    if (rc >= 0 && !t->is_found)
      return refuse(LW_EXIT_FAILED,
                    (lw_err_set(&e, LW_E_NOTFOUND,
                                "nothing was recorded of '%s'; `linewright "
                                "trend` without a tag lists what there is",
                                t->tag),
                     &e));
    if (rc >= 0)
      rc = is_csv ? print_csv(t, &e) : plot_tag(t, &e);
    if (rc < 0)
      return refuse(LW_EXIT_REFUSED, &e);
  }
  if (!is_csv)
    lw_span_print_axis(&t->span, LABEL_N + 1, t->columns);
  return LW_EXIT_DONE;
}

static int work(trend *t, const char *db, const char *batch, int64_t last_ns,
                int is_csv) {
  lw_err e = {0};
  int rc = lw_span_open(&t->span, db, batch, last_ns, &e);
  if (rc < 0)
    return refuse(rc == LW_E_NOTFOUND && access(db, F_OK) == 0
                      ? LW_EXIT_FAILED
                      : LW_EXIT_REFUSED,
                  &e);
  rc = lw_history_open(&t->history, t->span.folder, &e);
  if (rc < 0)
    return refuse(LW_EXIT_REFUSED, &e);
  if (t->tags->n)
    return each_tag(t, is_csv);
  rc = lw_history_tags(t->history, t->span.from_ns, t->span.to_ns, list_tag,
                       NULL, &e);
  return rc < 0 ? refuse(LW_EXIT_REFUSED, &e) : LW_EXIT_DONE;
}

static int is_utf8(void) {
  locale_t user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  if (!user)
    return 0;
  int yes = strcmp(nl_langinfo_l(CODESET, user), "UTF-8") == 0;
  freelocale(user);
  return yes;
}

static int terminal_columns(void) {
  struct winsize w;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
    return 80;
  return w.ws_col;
}

// A whole number of an option, or -1 after saying what is wrong.
static int number_of(const char *name, const char *text, int lo, int hi,
                     int otherwise) {
  unsigned long long n;
  if (!text)
    return otherwise;
  if (lw_options_u64(text, &n) && n >= (unsigned)lo && n <= (unsigned)hi)
    return (int)n;
  fprintf(stderr, "linewright trend: %s takes a whole number from %d to %d\n",
          name, lo, hi);
  return -1;
}

int lw_cmd_trend(int argc, char **argv) {
  const char *db = "linewright.db", *batch = NULL, *last = NULL, *rows = NULL,
             *columns = NULL;
  int is_csv = 0;
  lw_option_list tags = {.n = 0};
  const lw_option_def defs[] = {
      {"--db", 's', &db},      {"--batch", 's', &batch},
      {"--last", 's', &last},  {"--rows", 's', &rows},
      {"--csv", 'f', &is_csv}, {"--columns", 's', &columns},
      {"", 'l', &tags},        {NULL, 0, NULL}};
  if (!lw_options_parse("trend", argc, argv, defs))
    return LW_EXIT_USAGE;
  int64_t last_ns = last ? lw_span_parse(last) : 0;
  if (last_ns < 0) {
    fprintf(stderr,
            "linewright trend: --last takes a time such as 90s, 10min, "
            "1h, 2d, not '%s'\n",
            last);
    return LW_EXIT_USAGE;
  }
  int fit = terminal_columns() - LABEL_N - 1;
  fit = fit < COLUMNS_MIN ? COLUMNS_MIN : fit > COLUMNS_MAX ? COLUMNS_MAX : fit;
  trend t = {.tags = &tags, .is_ascii = !is_utf8()};
  t.rows = number_of("--rows", rows, 2, 100, 8);
  t.columns = number_of("--columns", columns, COLUMNS_MIN, COLUMNS_MAX, fit);
  if (t.rows < 0 || t.columns < 0)
    return LW_EXIT_USAGE;
  int code = work(&t, db, batch, last_ns, is_csv);
  lw_history_close(t.history);
  lw_span_close(&t.span);
  return code;
}
