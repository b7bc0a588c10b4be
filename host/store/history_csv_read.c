#include <ctype.h>   // isdigit
#include <errno.h>   // ERANGE
#include <math.h>    // fabs
#include <stdlib.h>  // getline, strtod
#include <string.h>  // strcmp
#include <strings.h> // strcasecmp

#include "store/day.h" // lw_day_parse
#include "store/history_csv.h"

#define COLUMNS_MAX 4096
#define NONE (-1)

typedef struct reader {
  FILE *in;
  const char *name;
  lw_historian *h;
  int64_t line, *samples;
  char separator;
  char *text; // the line, cut into cells
  size_t room;
  char *cells[COLUMNS_MAX];
  int n; // cells of this line
  // Columns by their names; of the wide form the tags' numbers.
  int time, t_ns, tag, unit, value, quality;
  int tags[COLUMNS_MAX]; // in the historian, NONE = no tag's column
  int column_n;
} reader;

static int wrong(const reader *r, lw_err *e, const char *what,
                 const char *cell) {
  return lw_err_set(e, LW_E_CORRUPT, "%s:%lld: %s: '%.60s'", r->name,
                    (long long)r->line, what, cell);
}

// ------------------------------------------------------------------- time --

// Digits of a fraction into ns; moves *at behind them.
static int64_t fraction(const char **at) {
  int64_t ns = 0, unit = 100000000;
  for (; isdigit((unsigned char)**at); ++*at, unit /= 10)
    ns += (**at - '0') * unit;
  return ns;
}

// "Z", "+01:00", "-0530" or nothing; in seconds, or INT64_MIN.
static int64_t zone(const char *at) {
  int hours, minutes = 0;
  char sign, end;
  if (strcmp(at, "Z") == 0 || *at == 0)
    return 0;
  if (sscanf(at, "%c%2d:%2d%c", &sign, &hours, &minutes, &end) != 3 &&
      sscanf(at, "%c%2d%2d%c", &sign, &hours, &minutes, &end) != 3)
    return INT64_MIN;
  if (sign != '+' && sign != '-')
    return INT64_MIN;
  return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

// In 2262, the last one whose ns are told in 63 bits in each zone.
#define LAST_DAY 106740

// 1 when it was ISO 8601.
static int parse_iso(const char *text, int64_t *t_ns) {
  char date[16], name[24];
  int hour = 0, minute = 0, read = 0;
  double second = 0;
  if (sscanf(text, "%10[0-9-]%n", date, &read) != 1 || read != 10)
    return 0;
  snprintf(name, sizeof name, "%s.db", date);
  int64_t day = lw_day_parse(name), ns = 0, shift_s = 0;
  if (day < 0)
    return 0;
  const char *at = text + 10;
  if (*at) {
    int whole = 0, used = 0;
    if ((*at != 'T' && *at != ' ') ||
        sscanf(at + 1, "%2d:%2d:%2d%n", &hour, &minute, &whole, &used) != 3)
      return 0;
    second = whole;
    at += 1 + used;
    if (*at == '.' || *at == ',') {
      at++;
      ns = fraction(&at);
    }
    shift_s = zone(at);
  }
  if (shift_s == INT64_MIN || day > LAST_DAY || hour < 0 || hour > 24 ||
      minute < 0 || minute > 59 || second < 0 || second > 60)
    return 0;
  *t_ns = day * LW_DAY_NS +
          (hour * 3600 + minute * 60 + (int64_t)second - shift_s) * 1000000000 +
          ns;
  return 1;
}

int lw_history_csv_time(const char *text, int64_t *t_ns) {
  char *end;
  if (parse_iso(text, t_ns))
    return 0;
  double s = strtod(text, &end);
  if (end == text || *end || !(fabs(s) < 9e9))
    return LW_E_RANGE;
  // Whole and broken part apart: a double has no ns left after the seconds.
  double whole = floor(s);
  *t_ns = (int64_t)whole * 1000000000 + (int64_t)llround((s - whole) * 1e9);
  return 0;
}

// ------------------------------------------------------------------- lines --

// Cut a quoted cell at *at; returns the end of the cell.
static char *unquote(char *at) {
  char *to = at;
  for (at++; *at; at++) {
    if (*at == '"' && at[1] != '"')
      break;
    at += *at == '"';
    *to++ = *at;
  }
  at += *at == '"';
  char *end = at;
  *to = 0;
  return end;
}

static void cut(reader *r) {
  char *at = r->text;
  at[strcspn(at, "\r\n")] = 0;
  for (r->n = 0; r->n < COLUMNS_MAX;) {
    r->cells[r->n++] = at;
    if (*at == '"')
      at = unquote(at);
    at = strchr(at, r->separator);
    if (!at)
      return;
    *at++ = 0;
  }
}

// 1 a line with something in it, 0 the end.
static int next_line(reader *r) {
  while (getline(&r->text, &r->room, r->in) >= 0) {
    r->line++;
    if (r->text[strspn(r->text, " \t\r\n")] == 0)
      continue;
    cut(r);
    return 1;
  }
  return 0;
}

// ------------------------------------------------------------------ header --

static void choose_separator(reader *r) {
  r->separator = strchr(r->text, ';')    ? ';'
                 : strchr(r->text, ',')  ? ','
                 : strchr(r->text, '\t') ? '\t'
                                         : ',';
}

static int column_of(const reader *r, const char *name) {
  for (int i = 0; i < r->n; i++)
    if (strcasecmp(r->cells[i], name) == 0)
      return i;
  return NONE;
}

// "oven.temp [degC]" is a tag with its unit.
static int add_column(reader *r, int i, lw_err *e) {
  char *name = r->cells[i], *unit = strstr(name, " [");
  size_t n = strlen(name);
  r->tags[i] = 0;
  if (*name == 0)
    return wrong(r, e, "a column without a name", "");
  if (unit && name[n - 1] == ']') {
    name[n - 1] = 0;
    *unit = 0;
    unit += 2;
  } else
    unit = NULL;
  for (int k = 0; k < i; k++)
    if (strcmp(r->cells[k], name) == 0)
      return wrong(r, e, "two columns have this name", name);
  if (r->h)
    r->tags[i] = lw_historian_tag(r->h, name, unit ? unit : "1", e);
  return r->tags[i] < 0 ? r->tags[i] : 0;
}

static int read_header(reader *r, lw_err *e) {
  static const char *const names[] = {"time", "datetime", "timestamp", "date"};
  if (getline(&r->text, &r->room, r->in) < 0)
    return ferror(r->in)
               ? lw_err_set(e, LW_E_IO, "%s: cannot be read", r->name)
               : lw_err_set(e, LW_E_CORRUPT, "%s: empty, a header was expected",
                            r->name);
  r->line = 1;
  if (strncmp(r->text, "\xef\xbb\xbf", 3) == 0) // a byte order mark
    memmove(r->text, r->text + 3, strlen(r->text) - 2);
  choose_separator(r);
  cut(r);
  r->column_n = r->n;
  r->time = NONE;
  for (size_t i = 0; r->time == NONE && i < 4; i++)
    r->time = column_of(r, names[i]);
  r->t_ns = column_of(r, "t_ns");
  r->tag = column_of(r, "tag");
  r->value = column_of(r, "value");
  r->unit = column_of(r, "unit");
  r->quality = column_of(r, "quality");
  if (r->time == NONE && r->t_ns == NONE)
    return wrong(r, e, "no column time or t_ns in the header", r->cells[0]);
  int rc = 0;
  for (int i = 0; rc == 0 && r->tag == NONE && i < r->n; i++) {
    r->tags[i] = NONE;
    if (i != r->time && i != r->t_ns)
      rc = add_column(r, i, e);
  }
  if (r->tag != NONE && r->value == NONE)
    return wrong(r, e, "a column tag, but none called value", r->cells[r->tag]);
  return rc;
}

// ------------------------------------------------------------------- rows --

static int read_time(const reader *r, int64_t *t_ns, lw_err *e) {
  const char *cell = r->cells[r->t_ns != NONE ? r->t_ns : r->time];
  char *end;
  errno = 0;
  if (r->t_ns != NONE) {
    *t_ns = strtoll(cell, &end, 10);
    if (*end || end == cell || errno == ERANGE)
      return wrong(r, e, "no whole number of ns", cell);
  } else if (lw_history_csv_time(cell, t_ns) < 0)
    return wrong(r, e, "no time", cell);
  // Days before 1970 have no file that is found again.
  return *t_ns < 0 ? wrong(r, e, "a time before 1970", cell) : 0;
}

static int read_value(const reader *r, const char *cell, double *out,
                      lw_err *e) {
  char *end;
  *out = strtod(cell, &end);
  return *end || end == cell ? wrong(r, e, "no number", cell) : 0;
}

static int read_quality(const reader *r, uint8_t *out, lw_err *e) {
  static const char *const words[] = {"bad", "uncertain", "good"};
  *out = 2;
  if (r->quality == NONE)
    return 0;
  for (uint8_t i = 0; i < 3; i++)
    if (strcasecmp(r->cells[r->quality], words[i]) == 0) {
      *out = i;
      return 0;
    }
  return wrong(r, e, "no quality (good, uncertain, bad)", r->cells[r->quality]);
}

static int keep(reader *r, int64_t t_ns, int tag, uint8_t quality, double value,
                lw_err *e) {
  lw_history_value v = {(uint32_t)tag, quality, value};
  ++*r->samples;
  return r->h ? lw_historian_put(r->h, t_ns, &v, 1, e) : 0;
}

static int read_long(reader *r, int64_t t_ns, lw_err *e) {
  double value = 0;
  uint8_t quality = 2;
  int tag = 0;
  const char *name = r->cells[r->tag];
  int rc = *name ? 0 : wrong(r, e, "a row without a tag", "");
  if (rc == 0)
    rc = read_value(r, r->cells[r->value], &value, e);
  if (rc == 0)
    rc = read_quality(r, &quality, e);
  if (rc == 0 && r->h)
    tag = lw_historian_tag(r->h, name,
                           r->unit == NONE ? "1" : r->cells[r->unit], e);
  if (rc == 0 && tag < 0)
    rc = tag;
  return rc < 0 ? rc : keep(r, t_ns, tag, quality, value, e);
}

static int read_wide(reader *r, int64_t t_ns, lw_err *e) {
  int rc = 0;
  for (int i = 0; rc == 0 && i < r->n; i++) {
    double value = 0;
    if (r->tags[i] == NONE || *r->cells[i] == 0)
      continue;
    rc = read_value(r, r->cells[i], &value, e);
    if (rc == 0)
      rc = keep(r, t_ns, r->tags[i], 2, value, e);
  }
  return rc;
}

static int read_row(reader *r, lw_err *e) {
  int64_t t_ns;
  if (r->n != r->column_n)
    return lw_err_set(e, LW_E_CORRUPT, "%s:%lld: %d cells, the header has %d",
                      r->name, (long long)r->line, r->n, r->column_n);
  int rc = read_time(r, &t_ns, e);
  if (rc < 0)
    return rc;
  return r->tag == NONE ? read_wide(r, t_ns, e) : read_long(r, t_ns, e);
}

int lw_history_csv_read(FILE *in, const char *name, lw_historian *h,
                        int64_t *samples, lw_err *e) {
  reader *r = calloc(1, sizeof *r);
  *samples = 0;
  if (!r)
    return lw_err_set(e, LW_E_NOMEM, "out of memory reading %s", name);
  r->in = in;
  r->name = name;
  r->h = h;
  r->samples = samples;
  int rc = read_header(r, e);
  while (rc == 0 && next_line(r))
    rc = read_row(r, e);
  free(r->text);
  free(r);
  if (rc == 0 && ferror(in))
    rc = lw_err_set(e, LW_E_IO, "%s: cannot be read", name);
  return rc < 0 || !h ? rc : lw_historian_end_day(h, e);
}
