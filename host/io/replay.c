#include "io/replay.h"

#include <errno.h>  // errno
#include <math.h>   // NAN, floor, isfinite, isnan
#include <stdio.h>  // fopen, fread, snprintf
#include <stdlib.h> // calloc
#include <string.h> // strcmp, strerror

#include "io/csv.h"
#include "io/registry.h" // lw_option_text

// A table of one row shows it this long [ns].
#define ROW_ALONE_NS INT64_C(1000000000)

typedef struct replay {
  lw_csv csv;
  const lw_point *points;
  size_t point_n;
  int *columns;    // [point_n]
  int time_column; // -1: rows are period_ns apart
  int64_t period_ns;
  double speed; // 0 = a row per read
  double times; // plays of the file, 0 = for ever

  size_t skip_n; // rows left out at the start
  size_t row_n, room;
  int64_t *t_ns;  // [row_n] since the first row
  double *values; // [row_n x point_n]
  char **texts;   // [row_n x point_n], NULL without text points
  int has_text;

  int64_t start_ns; // clock time of the first row
  int is_started;
  size_t read_n; // reads so far, for speed 0
} replay;

static int take_speed(replay *r, const char *text, lw_err *e) {
  char *end;
  r->speed = 1;
  if (!text || !strcmp(text, "real"))
    return 0;
  r->speed = 0;
  if (!strcmp(text, "max"))
    return 0;
  r->speed = strtod(text, &end);
  if (end == text || *end || !(r->speed > 0 && r->speed <= 1e6))
    return lw_err_set(e, LW_E_SYNTAX,
                      "option speed = '%s' should be real, max or a number "
                      "above 0",
                      text);
  return 0;
}

static int take_skip(replay *r, const lw_option *o, size_t n, lw_err *e) {
  double rows = lw_option_number(o, n, "skip", 0);
  if (!(rows >= 0 && rows <= 1e12) || rows != floor(rows))
    return lw_err_set(e, LW_E_RANGE,
                      "option skip = %s should be a whole number of rows, 0 or "
                      "more",
                      lw_option_text(o, n, "skip"));
  r->skip_n = (size_t)rows;
  return 0;
}

static int take_separator(const char *text, char *out, lw_err *e) {
  *out = 0;
  if (!text || !strcmp(text, "auto"))
    return 0;
  *out = !strcmp(text, "tab") ? '\t' : text[0];
  if (strcmp(text, "tab") && (strlen(text) != 1 || strchr("\"\r\n", *text)))
    return lw_err_set(e, LW_E_SYNTAX,
                      "option separator = '%s' should be one character, tab "
                      "or auto",
                      text);
  return 0;
}

static int find_time(replay *r, const lw_option *o, size_t n, lw_err *e) {
  const char *name = lw_option_text(o, n, "time");
  r->period_ns = (int64_t)(lw_option_number(o, n, "period", 0) * 1e9);
  r->time_column = name ? lw_csv_column(&r->csv, name) : 0;
  if (r->time_column < 0)
    return lw_err_set(e, LW_E_NOTFOUND, "%s: there is no time column '%s'",
                      r->csv.path, name);
  if (!name && r->period_ns > 0)
    r->time_column = -1;
  return 0;
}

static int find_columns(replay *r, lw_err *e) {
  for (size_t i = 0; i < r->point_n; i++) {
    r->columns[i] = lw_csv_column(&r->csv, r->points[i].address);
    if (r->columns[i] < 0)
      return lw_err_set(e, LW_E_NOTFOUND,
                        "%s: %s has no column '%s' (first: '%.40s')",
                        r->points[i].name, r->csv.path, r->points[i].address,
                        r->csv.names[0]);
    r->has_text |= r->points[i].type == LW_TYPE_text;
  }
  return 0;
}

static int grow(replay *r) {
  if (r->row_n < r->room)
    return 0;
  size_t room = r->room ? 2 * r->room : 256, n = room * (r->point_n + 1);
  int64_t *t_ns = realloc(r->t_ns, room * sizeof *t_ns);
  r->t_ns = t_ns ? t_ns : r->t_ns;
  double *values = realloc(r->values, n * sizeof *values);
  r->values = values ? values : r->values;
  char **texts = r->has_text ? realloc(r->texts, n * sizeof *texts) : NULL;
  r->texts = texts ? texts : r->texts;
  if (!t_ns || !values || (r->has_text && !texts))
    return LW_E_NOMEM;
  r->room = room;
  return 0;
}

static int take_time(replay *r, int64_t *first_ns, lw_err *e) {
  int64_t t_ns = (int64_t)r->row_n * r->period_ns;
  if (r->time_column >= 0) {
    int rc = lw_csv_time(&r->csv, (size_t)r->time_column, &t_ns, e);
    if (rc < 0)
      return rc;
  }
  if (r->row_n == 0)
    *first_ns = t_ns;
  t_ns -= *first_ns;
  if (r->row_n > 0 && t_ns < r->t_ns[r->row_n - 1])
    return lw_err_set(e, LW_E_SYNTAX,
                      "%s:%zu: column '%.40s': '%.30s' goes "
                      "back in time",
                      r->csv.path, r->csv.line, r->csv.names[r->time_column],
                      r->csv.cells[r->time_column]);
  r->t_ns[r->row_n] = t_ns;
  return 0;
}

static int take_cells(replay *r, lw_err *e) {
  for (size_t i = 0; i < r->point_n; i++) {
    size_t at = r->row_n * r->point_n + i, column = (size_t)r->columns[i];
    int is_text = r->points[i].type == LW_TYPE_text;
    r->values[at] = NAN;
    if (r->has_text)
      r->texts[at] = r->csv.cells[column];
    int rc = is_text ? 0 : lw_csv_number(&r->csv, column, &r->values[at], e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int load_rows(replay *r, lw_err *e) {
  int64_t first_ns = 0;
  int rc;
  for (size_t i = 0; i < r->skip_n; i++)
    if ((rc = lw_csv_next(&r->csv, e)) <= 0)
      break;
  while ((rc = lw_csv_next(&r->csv, e)) > 0) {
    if (grow(r) < 0)
      return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", r->csv.path);
    if ((rc = take_time(r, &first_ns, e)) < 0 || (rc = take_cells(r, e)) < 0)
      return rc;
    r->row_n++;
  }
  if (rc == 0 && r->row_n == 0)
    return lw_err_set(e, LW_E_SYNTAX, "%s: no rows under the header",
                      r->csv.path);
  return rc;
}

// A file of nothing but little-endian float32: one signal, for every point.
static int load_raw(replay *r, const char *path, lw_err *e) {
  float x[1024];
  size_t n;
  FILE *file;
  r->csv.path = path;
  r->time_column = -1;
  int rc = lw_csv_file(path, &file, e);
  if (rc < 0)
    return rc;
  if (fseek(file, (long)(r->skip_n * sizeof *x), SEEK_SET)) {
    fclose(file);
    return lw_err_set(e, LW_E_NOTFOUND, "%s: %s", path, strerror(errno));
  }
  while ((n = fread(x, sizeof *x, 1024, file)) > 0)
    for (size_t i = 0; i < n; i++) {
      if (grow(r) < 0) {
        fclose(file);
        return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", path);
      }
      r->t_ns[r->row_n] = (int64_t)r->row_n * r->period_ns;
      for (size_t k = 0; k < r->point_n; k++)
        r->values[r->row_n * r->point_n + k] =
            isfinite(x[i]) ? (double)x[i] : (double)NAN;
      r->row_n++;
    }
  fclose(file);
  if (r->row_n == 0)
    return lw_err_set(e, LW_E_SYNTAX, "%s: no samples after the first %zu",
                      path, r->skip_n);
  return 0;
}

// ... which needs a period, and points that are numbers.
static int open_raw(replay *r, const lw_option *o, size_t n, lw_err *e) {
  r->period_ns = (int64_t)(lw_option_number(o, n, "period", 0) * 1e9);
  if (r->period_ns <= 0)
    return lw_err_set(e, LW_E_SYNTAX, "format = 'f32' needs a period");
  for (size_t i = 0; i < r->point_n; i++)
    if (r->points[i].type == LW_TYPE_text)
      return lw_err_set(e, LW_E_TYPE, "%s: format = 'f32' has no texts",
                        r->points[i].name);
  return load_raw(r, lw_option_text(o, n, "file"), e);
}

static int take_format(const char *text, int *is_raw, lw_err *e) {
  *is_raw = text && !strcmp(text, "f32");
  if (text && !*is_raw && strcmp(text, "csv"))
    return lw_err_set(e, LW_E_SYNTAX,
                      "option format = '%s' should be csv or f32", text);
  return 0;
}

static int replay_init(void *self, const lw_option *o, size_t n,
                       const lw_point *points, size_t point_n, lw_err *e) {
  replay *r = self;
  char separator;
  int is_raw;
  r->points = points;
  r->point_n = point_n;
  r->times = lw_option_number(o, n, "loop", 1);
  r->columns = calloc(point_n ? point_n : 1, sizeof *r->columns);
  if (!r->columns)
    return lw_err_set(e, LW_E_NOMEM, "out of memory");
  int rc = take_skip(r, o, n, e);
  if (rc == 0)
    rc = take_speed(r, lw_option_text(o, n, "speed"), e);
  if (rc == 0)
    rc = take_format(lw_option_text(o, n, "format"), &is_raw, e);
  if (rc == 0 && is_raw)
    return open_raw(r, o, n, e);
  if (rc == 0)
    rc = take_separator(lw_option_text(o, n, "separator"), &separator, e);
  if (rc == 0)
    rc = lw_csv_open(&r->csv, lw_option_text(o, n, "file"), separator, e);
  if (rc == 0)
    rc = find_time(r, o, n, e);
  if (rc == 0)
    rc = find_columns(r, e);
  return rc < 0 ? rc : load_rows(r, e);
}

static void replay_fini(void *self) {
  replay *r = self;
  free(r->texts);
  free(r->values);
  free(r->t_ns);
  free(r->columns);
  lw_csv_close(&r->csv);
  *r = (replay){.point_n = 0};
}

static int replay_open(void *self, lw_err *e) {
  (void)self, (void)e; // everything was loaded by init
  return 0;
}

static void replay_close(void *self) {
  (void)self;
}

// One play lasts to the end of the last row, which is as long as the one
// before.
static int64_t length_ns(const replay *r) {
  int64_t last = r->t_ns[r->row_n - 1];
  int64_t step = r->row_n > 1 ? last - r->t_ns[r->row_n - 2] : ROW_ALONE_NS;
  return last + (step > 0 ? step : 1);
}

// Newest row at or before t_ns, which is not before the first.
static size_t row_at(const replay *r, int64_t t_ns) {
  size_t lo = 0, hi = r->row_n;
  while (hi - lo > 1) {
    size_t mid = lo + (hi - lo) / 2;
    if (r->t_ns[mid] <= t_ns)
      lo = mid;
    else
      hi = mid;
  }
  return lo;
}

// The row that shows now, or -1 after the end.
static int64_t row_now(replay *r, int64_t now_ns) {
  if (!r->is_started) {
    r->is_started = 1;
    r->start_ns = now_ns;
  }
  double plays;
  size_t row;
  if (r->speed == 0) {
    plays = (double)(r->read_n / r->row_n);
    row = r->read_n++ % r->row_n;
  } else {
    double length = (double)length_ns(r);
    double t = (double)(now_ns - r->start_ns) * r->speed;
    plays = floor(t / length);
    row = row_at(r, (int64_t)(t - plays * length));
  }
  return r->times > 0 && plays >= r->times ? -1 : (int64_t)row;
}

static int replay_read(void *self, int64_t now_ns, const uint32_t *due,
                       size_t due_n, lw_sample *out, lw_err *e) {
  replay *r = self;
  int64_t row = row_now(r, now_ns);
  if (row < 0) {
    lw_err_set(e, 0, "%s: the recording has ended", r->csv.path);
    return 0; // everything comes in as bad
  }
  for (size_t i = 0; i < due_n; i++) {
    size_t at = (size_t)row * r->point_n + due[i];
    if (out[i].text) {
      snprintf(out[i].text, LW_TEXT_SIZE, "%s", r->texts[at]);
      out[i].quality = *r->texts[at] ? LW_GOOD : LW_BAD;
    } else if (!isnan(r->values[at])) {
      out[i].value = r->values[at];
      out[i].quality = LW_GOOD;
    }
  }
  return 0;
}

static int check_address(const char *address, int type, int access, lw_err *e) {
  (void)type;
  if (access & LW_WRITE)
    return lw_err_set(e, LW_E_SYNTAX, "'%.60s': a recording can only be read",
                      address);
  if (!*address)
    return lw_err_set(e, LW_E_SYNTAX,
                      "an empty address; write the name of a column");
  return 0;
}

static const lw_option_spec replay_options[] = {
    {"file", 'f', 1, "table with a header line"},
    {"format", 's', 0,
     "csv (default), or f32: nothing but float32 samples, little-endian"},
    {"skip", 'n', 0, "rows left out at the start, default 0"},
    {"separator", 's', 0, "one character, tab or auto (default)"},
    {"time", 's', 0, "column of time stamps, default the first"},
    {"period", 'd', 0, "time from row to row, for a table without time stamps"},
    {"speed", 's', 0, "real (default), N times real, or max: a row per read"},
    {"loop", 'n', 0, "how many times it is played, 0 = for ever, default 1"},
    {NULL, 0, 0, NULL}};

const lw_driver_ops lw_replay_ops = {.kind = "replay",
                                     .help = "a recorded table",
                                     .state_size = sizeof(replay),
                                     .options = replay_options,
                                     .check_address = check_address,
                                     .init = replay_init,
                                     .open = replay_open,
                                     .read = replay_read,
                                     .close = replay_close,
                                     .fini = replay_fini};
