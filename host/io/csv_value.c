// Cells as numbers and times; see csv.h.
#include <ctype.h>   // isdigit
#include <math.h>    // NAN, isfinite
#include <stdio.h>   // snprintf, sscanf
#include <stdlib.h>  // strtod
#include <string.h>  // strspn
#include <strings.h> // strcasecmp

#include "io/csv.h"

static int wrong(const lw_csv *c, size_t column, const char *wanted,
                 lw_err *e) {
  return lw_err_set(e, LW_E_SYNTAX, "%s:%zu: column '%.40s': '%.30s' is no %s",
                    c->path, c->line, c->names[column], c->cells[column],
                    wanted);
}

static int is_missing(const char *cell) {
  static const char *const words[] = {"", "nan", "na", "null"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (!strcasecmp(cell, words[i]))
      return 1;
  return 0;
}

// Plain decimal notation only: strtod alone takes hexadecimal, inf and more.
static int parse_decimal(const char *text, char separator, double *out) {
  char buf[64];
  text += strspn(text, " ");
  size_t n = strcspn(text, " ");
  if (n == 0 || n >= sizeof buf || text[n + strspn(text + n, " ")])
    return LW_E_SYNTAX;
  memcpy(buf, text, n);
  buf[n] = '\0';
  char *comma = strchr(buf, ',');
  if (comma && separator != ',' && !strchr(buf, '.'))
    *comma = '.';
  char *end;
  if (buf[strspn(buf, "+-0123456789.eE")])
    return LW_E_SYNTAX;
  *out = strtod(buf, &end);
  return end == buf || *end || !isfinite(*out) ? LW_E_SYNTAX : 0;
}

int lw_csv_number(const lw_csv *c, size_t column, double *out, lw_err *e) {
  *out = NAN;
  if (is_missing(c->cells[column]))
    return 0;
  if (parse_decimal(c->cells[column], c->separator, out) < 0)
    return wrong(c, column, "number", e);
  return 0;
}

// Days since 1970-01-01 of a date of the Gregorian calendar: count years from
// March, so that the leap day comes last.
static int64_t days_of(int year, int month, int day) {
  int64_t y = month > 2 ? year : year - 1;
  int64_t m = month > 2 ? month - 3 : month + 9;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 -
         719468;
}

static int days_in(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && is_leap);
}

// "+01:00", "-0530", "Z", ""; the offset in minutes.
static int parse_zone(const char *s, int *minutes) {
  int h = 0, m = 0, n = 0;
  *minutes = 0;
  if (!*s || !strcmp(s, "Z") || !strcmp(s, "z"))
    return 0;
  int fits = (*s == '+' || *s == '-') &&
             ((sscanf(s + 1, "%2d:%2d%n", &h, &m, &n) == 2 && n == 5) ||
              (sscanf(s + 1, "%2d%2d%n", &h, &m, &n) == 2 && n == 4));
  if (!fits || s[1 + n] || h > 14 || m > 59)
    return LW_E_SYNTAX;
  *minutes = (*s == '-' ? -1 : 1) * (60 * h + m);
  return 0;
}

// ".123456": nanoseconds; leaves *s behind the digits.
static int64_t parse_fraction(const char **s) {
  int64_t ns = 0, unit = 100000000;
  if (**s != '.' && **s != ',')
    return 0;
  for (++*s; isdigit((unsigned char)**s); ++*s, unit /= 10)
    ns += (**s - '0') * unit;
  return ns;
}

static int parse_iso(const char *s, int64_t *out_ns) {
  int year, month, day, h = 0, min = 0, sec = 0, n = 0, zone;
  if (sscanf(s, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 || n < 8)
    return LW_E_SYNTAX;
  // 64 bits of nanoseconds reach from 1677 to 2262.
  if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 ||
      day > days_in(year, month))
    return LW_E_SYNTAX;
  s += n;
  if (*s == 'T' || *s == ' ') {
    if (sscanf(++s, "%2d:%2d%n", &h, &min, &n) != 2)
      return LW_E_SYNTAX;
    s += n;
    if (*s == ':' && sscanf(++s, "%2d%n", &sec, &n) == 1)
      s += n;
  }
  int64_t fraction_ns = parse_fraction(&s);
  if (h < 0 || h > 23 || min < 0 || min > 59 || sec < 0 || sec > 60 ||
      parse_zone(s, &zone) < 0)
    return LW_E_SYNTAX;
  int64_t minutes = days_of(year, month, day) * 1440 + h * 60 + min - zone;
  *out_ns = (minutes * 60 + sec) * INT64_C(1000000000) + fraction_ns;
  return 0;
}

int lw_csv_time(const lw_csv *c, size_t column, int64_t *out_ns, lw_err *e) {
  const char *cell = c->cells[column];
  double seconds;
  if (parse_iso(cell, out_ns) == 0)
    return 0;
  // Beyond +-9e9 s a number of nanoseconds does not fit 64 bits.
  if (parse_decimal(cell, c->separator, &seconds) < 0 || seconds > 9e9 ||
      seconds < -9e9)
    return wrong(c, column, "time in seconds or ISO 8601", e);
  double whole = floor(seconds);
  *out_ns = (int64_t)whole * INT64_C(1000000000) +
            (int64_t)((seconds - whole) * 1e9 + 0.5);
  return 0;
}
