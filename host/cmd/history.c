#include <errno.h>    // errno
#include <stdio.h>    // printf
#include <stdlib.h>   // strtod
#include <string.h>   // strcmp, strerror
#include <sys/stat.h> // stat
#include <unistd.h>   // access

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "loop/clock.h"        // lw_clock_real
#include "store/history.h"     // lw_history_tags
#include "store/history_csv.h" // lw_history_csv_write
#include "store/store.h"       // lw_store

const char lw_cmd_history_help[] =
    "usage: linewright history tags|export|import|prune [options]\n"
    "\n"
    "  tags                 what was recorded: tags with their units\n"
    "  export [TAG...]      as CSV on standard output, a row per sample: "
    "time,\n"
    "                       t_ns,tag,unit,value,quality - a type per column, "
    "as\n"
    "                       DuckDB, pandas and Parquet writers take it\n"
    "  import FILE          add the samples of a CSV file in either form "
    "below\n"
    "  prune                drop whole days, oldest first; the newest stays,\n"
    "                       and what `linewright forward` has yet to send\n"
    "\n"
    "  --db FILE      the history beside that database, default "
    "linewright.db\n"
    "  --folder DIR   a history's folder itself\n"
    "  --batch ID     the time of that batch; export has columns batch and\n"
    "                 phase\n"
    "  --from TIME --to TIME  2026-11-22 or 2026-11-22T06:00:00Z; UTC\n"
    "  --every STEP   export: a column per tag and a row per step (1s, "
    "500ms,\n"
    "                 10min), for spreadsheets\n"
    "  --as FIGURE    of each step: held (the value then), linear (between "
    "two\n"
    "                 samples), or of the samples in it min, max, mean, "
    "first,\n"
    "                 last, weighted (the mean over time); default held\n"
    "  --at TIME      export: a column per tag and one row, the values then\n"
    "  --keep TIME    prune: days that ended longer ago go (90d)\n"
    "  --max SIZE     prune: then more, forwarded or not, until it takes at "
    "most\n"
    "                 so much (20GB)\n"
    "\n"
    "A file is checked as a whole before its first sample is taken; taken "
    "twice\n"
    "it is stored twice. No host may record into the history meanwhile.\n"
    "\n"
    "exit code: 0 done, 1 nothing there, 2 usage, 3 a file was refused\n"
    "\n"
    "example:\n"
    "  linewright history export web.speed --batch 0417 > speed.csv\n";

typedef struct words {
  const char *action, *db, *folder, *batch, *from, *to, *every, *as, *at, *keep,
      *max;
  lw_option_list plain; // action first
  int64_t from_ns, to_ns, every_ns, keep_ns, max_bytes;
  int figure;           // LW_CSV_HELD ...
  char path[4096 + 64]; // of the history's folder
} words;

static int refuse(const lw_err *e) {
  fprintf(stderr, "%s %s\n", lw_err_name(e->code), e->text);
  return e->code == LW_E_NOTFOUND ? LW_EXIT_FAILED : LW_EXIT_REFUSED;
}

// ------------------------------------------------------------------- words --

typedef struct scale {
  const char *name;
  double factor;
} scale;

// "1.5h" with one of the scales; -1 when it is none.
static int64_t quantity(const char *text, const scale *scales) {
  char *end;
  double x = strtod(text, &end);
  while (*end == ' ')
    end++;
  for (; scales->name; scales++)
    if (end != text && strcmp(end, scales->name) == 0 && x > 0 &&
        x * scales->factor < 9e18)
      return (int64_t)(x * scales->factor);
  return -1;
}

static const scale TIMES[] = {{"ms", 1e6},   {"s", 1e9},     {"min", 60e9},
                              {"h", 3600e9}, {"d", 86400e9}, {"", 1e9},
                              {NULL, 0}};
static const scale SIZES[] = {
    {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"", 1}, {NULL, 0}};

static int complain(const char *what, const char *text) {
  fprintf(stderr, "linewright history: %s, not '%s'\n", what, text);
  return 0;
}

static int check_amounts(words *w) {
  if (w->every && (w->every_ns = quantity(w->every, TIMES)) < 0)
    return complain("--every takes a time such as 500ms, 1s, 10min", w->every);
  if (w->keep && (w->keep_ns = quantity(w->keep, TIMES)) < 0)
    return complain("--keep takes a time such as 12h, 90d", w->keep);
  if (w->max && (w->max_bytes = quantity(w->max, SIZES)) < 0)
    return complain("--max takes a size such as 500MB, 20GB", w->max);
  return 1;
}

static int check_figure(words *w) {
  w->figure = lw_history_csv_figure(w->as ? w->as : "held");
  if (w->figure < 0)
    return complain("--as takes held, linear, min, max, mean, first, last or "
                    "weighted",
                    w->as);
  if (w->as && !w->every && !w->at)
    return complain("--as needs --every or --at", w->as);
  if (w->at && (w->every || w->from || w->to || w->figure > LW_CSV_LINEAR))
    return complain("--at goes with neither --every, --from and --to nor a "
                    "figure of many samples",
                    w->at);
  return 1;
}

static int check_times(words *w) {
  w->from_ns = INT64_MIN;
  w->to_ns = INT64_MAX;
  if (w->from && lw_history_csv_time(w->from, &w->from_ns) < 0)
    return complain("--from takes a time such as 2026-11-22T06:00:00Z",
                    w->from);
  if (w->to && lw_history_csv_time(w->to, &w->to_ns) < 0)
    return complain("--to takes a time such as 2026-11-22T06:00:00Z", w->to);
  if (!w->at)
    return 1;
  if (lw_history_csv_time(w->at, &w->from_ns) < 0)
    return complain("--at takes a time such as 2026-11-22T06:00:00Z", w->at);
  w->to_ns = w->from_ns + 1;
  w->every_ns = 1;
  return 1;
}

static int parse(words *w, int argc, char **argv) {
  *w = (words){.db = "linewright.db"};
  const lw_option_def defs[] = {
      {"", 'l', &w->plain},          {"--db", 's', &w->db},
      {"--folder", 's', &w->folder}, {"--batch", 's', &w->batch},
      {"--from", 's', &w->from},     {"--to", 's', &w->to},
      {"--every", 's', &w->every},   {"--as", 's', &w->as},
      {"--at", 's', &w->at},         {"--keep", 's', &w->keep},
      {"--max", 's', &w->max},       {NULL, 0, NULL}};
  if (!lw_options_parse("history", argc, argv, defs))
    return 0;
  w->action = w->plain.n ? w->plain.values[0] : "";
  return check_amounts(w) && check_figure(w) && check_times(w);
}

// ----------------------------------------------------------------- folders --

// A run that was simulated faster than time has a folder of its own.
static void choose_folder(words *w, int64_t run) {
  if (w->folder) {
    snprintf(w->path, sizeof w->path, "%s", w->folder);
    return;
  }
  snprintf(w->path, sizeof w->path, "%.4000s.history/run-%lld", w->db,
           (long long)run);
  if (run == 0 || access(w->path, F_OK) != 0)
    snprintf(w->path, sizeof w->path, "%.4000s.history", w->db);
}

typedef struct span {
  int64_t from_ns, to_ns;
} span;

static int widen(void *arg, int64_t id, const lw_record *r) {
  span *s = arg;
  (void)id;
  s->from_ns = r->wall_ns < s->from_ns ? r->wall_ns : s->from_ns;
  s->to_ns = r->wall_ns > s->to_ns ? r->wall_ns : s->to_ns;
  return 0;
}

// The batch's time, as far as the words do not narrow it, and its scopes.
static int find_batch(words *w, lw_scopes *scopes, lw_err *e) {
  lw_store *s;
  lw_run_info run;
  span found = {INT64_MAX, INT64_MIN};
  int rc = lw_store_open(&s, w->db, LW_STORE_READ, lw_clock_real(), e);
  if (rc < 0)
    return rc;
  rc = lw_store_run_find(s, w->batch, &run, e);
  if (rc == 0)
    rc = lw_store_read(s, run.id, widen, &found, e);
  if (rc == 0)
    rc = lw_scopes_read(scopes, s, run.id, e);
  lw_store_close(s);
  if (rc < 0)
    return rc;
  choose_folder(w, run.id);
  if (found.from_ns > w->from_ns)
    w->from_ns = found.from_ns;
  if (found.to_ns < w->to_ns)
    w->to_ns = found.to_ns + 1;
  return 0;
}

// ----------------------------------------------------------------- actions --

static int print_tag(void *arg, const char *name, const char *unit) {
  ++*(int *)arg;
  printf("%-32s %s\n", name, unit);
  return 0;
}

static int list_tags(words *w) {
  lw_history *h = NULL;
  lw_scopes scopes = {0};
  lw_err e = {0};
  int n = 0;
  int rc = w->batch ? find_batch(w, &scopes, &e) : 0;
  lw_scopes_free(&scopes);
  if (rc == 0)
    rc = lw_history_open(&h, w->path, &e);
  if (rc == 0)
    rc = lw_history_tags(h, w->from_ns, w->to_ns, print_tag, &n, &e);
  lw_history_close(h);
  if (rc == 0 && n == 0)
    rc = lw_err_set(&e, LW_E_NOTFOUND,
                    "%s: no tags in that time; a batch in virtual time has a "
                    "history of its own: --batch ID",
                    w->path);
  return rc < 0 ? refuse(&e) : LW_EXIT_DONE;
}

static int export_samples(words *w) {
  lw_scopes scopes = {0};
  lw_err e = {0};
  int64_t rows;
  int rc = w->batch ? find_batch(w, &scopes, &e) : 0;
  const lw_history_csv_wish wish = {.folder = w->path,
                                    .from_ns = w->from_ns,
                                    .to_ns = w->to_ns,
                                    .tags = w->plain.values + 1,
                                    .tag_n = w->plain.n - 1,
                                    .every_ns = w->every_ns,
                                    .figure = w->figure,
                                    .scopes = w->batch ? &scopes : NULL,
                                    .batch = w->batch};
  if (rc == 0 && w->every_ns &&
      (w->from_ns == INT64_MIN || w->to_ns == INT64_MAX))
    rc =
        lw_err_set(&e, LW_E_RANGE, "--every needs --batch, or --from and --to");
  if (rc == 0)
    rc = lw_history_csv_write(&wish, stdout, &rows, &e);
  lw_scopes_free(&scopes);
  return rc < 0 ? refuse(&e) : LW_EXIT_DONE;
}

static int import_checked(const words *w, FILE *in, lw_err *e) {
  lw_historian *h = NULL;
  const char *name = w->plain.values[1];
  int64_t samples;
  int rc = lw_history_csv_read(in, name, NULL, &samples, e);
  if (rc == 0 && fseek(in, 0, SEEK_SET) < 0)
    rc = lw_err_set(e, LW_E_IO, "%s: must be a file that can be read twice",
                    name);
  if (rc == 0)
    rc = lw_historian_open(&h, w->path, e);
  if (rc == 0)
    rc = lw_history_csv_read(in, name, h, &samples, e);
  lw_historian_close(h);
  if (rc == 0)
    printf("%lld samples into %s\n", (long long)samples, w->path);
  return rc;
}

// The file, or NULL. A pipe or device is not opened to read: it may never come
// to an end, and cannot be read twice.
static FILE *open_plain(const char *path, lw_err *e) {
  struct stat st;
  if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
    lw_err_set(e, LW_E_IO, "%s: must be a file that can be read twice", path);
    return NULL;
  }
  FILE *in = fopen(path, "r");
  if (!in)
    lw_err_set(e, LW_E_IO, "cannot read %s: %s", path, strerror(errno));
  return in;
}

static int import_samples(const words *w) {
  lw_err e = {0};
  if (w->plain.n != 2) {
    fprintf(stderr, "linewright history: which file? import FILE\n");
    return LW_EXIT_USAGE;
  }
  FILE *in = open_plain(w->plain.values[1], &e);
  int rc = in ? import_checked(w, in, &e) : LW_E_IO;
  if (in)
    fclose(in);
  if (rc == 0)
    return LW_EXIT_DONE;
  fprintf(stderr, "%s %s\n", lw_err_name(e.code), e.text);
  return LW_EXIT_REFUSED;
}

static int prune(const words *w) {
  lw_clock *clock = lw_clock_real();
  lw_err e;
  if (!w->keep && !w->max) {
    fprintf(stderr, "linewright history: prune needs --keep or --max\n");
    return LW_EXIT_USAGE;
  }
  lw_historian_pruned n;
  int rc = lw_historian_prune(
      w->path, w->keep ? clock->wall_ns(clock) - w->keep_ns : INT64_MIN,
      w->max_bytes, &n, &e);
  if (rc < 0)
    return refuse(&e);
  printf("%d days dropped", n.dropped);
  if (n.unsent)
    printf(", %d of them not forwarded", n.unsent);
  if (n.waiting)
    printf("; %d more wait to be forwarded", n.waiting);
  printf("\n");
  return LW_EXIT_DONE;
}

int lw_cmd_history(int argc, char **argv) {
  words w;
  if (!parse(&w, argc, argv))
    return LW_EXIT_USAGE;
  choose_folder(&w, 0);
  if (strcmp(w.action, "tags") == 0)
    return list_tags(&w);
  if (strcmp(w.action, "export") == 0)
    return export_samples(&w);
  if (strcmp(w.action, "import") == 0)
    return import_samples(&w);
  if (strcmp(w.action, "prune") == 0)
    return prune(&w);
  const char *const known[] = {"tags", "export", "import", "prune", NULL};
  const char *near = lw_options_nearest(w.action, known);
  fprintf(stderr, "linewright history: say tags, export, import or prune%s%s\n",
          near && *w.action ? "; did you mean " : "",
          near && *w.action ? near : "");
  return LW_EXIT_USAGE;
}
