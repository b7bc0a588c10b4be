#include "cmd/span.h"

#include <stdio.h>  // printf
#include <stdlib.h> // strtod
#include <string.h> // memset, strcmp
#include <time.h>   // gmtime_r
#include <unistd.h> // access

#include "loop/clock.h" // lw_clock_real

static int note_time(void *arg, int64_t id, const lw_record *r) {
  lw_span *s = arg;
  (void)id;
  if (s->from_ns == 0 || r->wall_ns < s->from_ns)
    s->from_ns = r->wall_ns;
  if (r->wall_ns >= s->to_ns)
    s->to_ns = r->wall_ns + 1;
  return 0;
}

// A simulated run has a folder of its own.
static void find_folder(lw_span *s) {
  const char *db = lw_store_path(s->store);
  snprintf(s->folder, sizeof s->folder, "%s.history/run-%lld", db,
           (long long)s->run.id);
  if (access(s->folder, F_OK) != 0)
    snprintf(s->folder, sizeof s->folder, "%s.history", db);
}

int lw_span_open(lw_span *s, const char *db, const char *batch, int64_t last_ns,
                 lw_err *e) {
  *s = (lw_span){0};
  int rc = lw_store_open(&s->store, db, LW_STORE_READ, lw_clock_real(), e);
  if (rc == 0)
    rc = lw_store_run_find(s->store, batch, &s->run, e);
  if (rc == 0)
    rc = lw_store_read(s->store, s->run.id, note_time, s, e);
  if (rc < 0)
    return rc;
  if (s->from_ns == 0)
    return lw_err_set(e, LW_E_NOTFOUND, "%s: batch '%s' has no records", db,
                      s->run.batch);
  if (last_ns > 0 && s->to_ns - s->from_ns > last_ns)
    s->from_ns = s->to_ns - last_ns;
  find_folder(s);
  return 0;
}

void lw_span_close(lw_span *s) {
  lw_store_close(s->store);
  s->store = NULL;
}

int64_t lw_span_parse(const char *text) {
  static const struct {
    const char *word;
    double seconds;
  } units[] = {{"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
  char *end;
  double n = strtod(text, &end);
  while (*end == ' ')
    end++;
  for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++)
    if (strcmp(end, units[i].word) == 0 && n > 0 && n * units[i].seconds < 9e9)
      return (int64_t)(n * units[i].seconds * 1e9);
  return -1;
}

char *lw_span_time(int64_t t_ns, const char *between, int is_exact, char *out) {
  time_t s = (time_t)(t_ns / LW_S - (t_ns % LW_S < 0));
  int64_t rest = t_ns - (int64_t)s * LW_S;
  struct tm tm;
  gmtime_r(&s, &tm);
  int n = snprintf(out, LW_SPAN_TIME_N, "%04d-%02d-%02d%s%02d:%02d:%02d",
                   (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday,
                   between, tm.tm_hour, tm.tm_min, tm.tm_sec);
  if (is_exact && rest == 0)
    snprintf(out + n, (size_t)(LW_SPAN_TIME_N - n), "Z");
  else if (is_exact)
    snprintf(out + n, (size_t)(LW_SPAN_TIME_N - n), ".%09lldZ",
             (long long)rest);
  return out;
}

// --------------------------------------------------------------------- axis --

#define COLUMNS_MAX 511
#define STATES_MAX 256

typedef struct strip {
  const lw_span *span;
  int columns, state_n;
  struct {
    int at; // column
    char name[16];
  } states[STATES_MAX];
  char text[COLUMNS_MAX + 1], alarms[COLUMNS_MAX + 1];
} strip;

static int mark(void *arg, int64_t id, const lw_record *r) {
  strip *s = arg;
  const lw_span *span = s->span;
  (void)id;
  if (r->wall_ns < span->from_ns || r->wall_ns >= span->to_ns)
    return 0;
  int at = (int)((double)(r->wall_ns - span->from_ns) /
                 (double)(span->to_ns - span->from_ns) * s->columns);
  if (r->kind == LW_RECORD_state && s->state_n < STATES_MAX) {
    s->states[s->state_n].at = at;
    snprintf(s->states[s->state_n++].name, sizeof s->states->name, "%.*s",
             (int)r->key_n, r->key);
  }
  if (r->kind == LW_RECORD_alarm || r->kind == LW_RECORD_trip)
    s->alarms[at] = '!';
  return 0;
}

// Names of states that last long enough to hold them; the last one always, it
// says how the run stands.
static void lay_out(strip *s) {
  int edge = s->columns;
  for (int i = s->state_n - 1; i >= 0; i--) {
    int n = (int)strlen(s->states[i].name), at = s->states[i].at;
    int is_last = i == s->state_n - 1;
    if (is_last && at + n > edge)
      at = edge - n;
    if (at < 0 || at + n > edge)
      continue;
    memcpy(s->text + at, s->states[i].name, (size_t)n);
    edge = at - 1;
  }
}

static void print_strip(int indent, const char *name, const char *row) {
  if (row[strspn(row, " ")])
    printf("%-*s%s\n", indent, name, row);
}

void lw_span_print_axis(const lw_span *s, int indent, int columns) {
  char from[LW_SPAN_TIME_N], to[LW_SPAN_TIME_N];
  strip *marks = calloc(1, sizeof *marks);
  lw_span_time(s->from_ns, " ", 0, from);
  lw_span_time(s->to_ns - 1, " ", 0, to);
  // The day is said once.
  const char *right = strncmp(from, to, 10) == 0 ? to + 11 : to;
  int gap = columns - (int)strlen(from) - (int)strlen(right);
  printf("%*s%s%*s%s\n", indent, "", from, gap > 1 ? gap : 1, "", right);
  if (!marks)
    return;
  marks->span = s;
  marks->columns = columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
  memset(marks->text, ' ', (size_t)marks->columns);
  memset(marks->alarms, ' ', (size_t)marks->columns);
  lw_store_read(s->store, s->run.id, mark, marks, NULL);
  lay_out(marks);
  print_strip(indent, "states", marks->text);
  print_strip(indent, "alarms", marks->alarms);
  free(marks);
}
