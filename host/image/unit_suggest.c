#include "image/unit_suggest.h"

#include <ctype.h>   // isalpha, tolower
#include <stdio.h>   // snprintf
#include <string.h>  // strlen, strchr
#include <strings.h> // strcasecmp

#include "base/err.h" // LW_E_NOTFOUND

enum { PART_N = 24 }; // longest part of a unit that is looked at [bytes]

typedef struct {
  int (*known)(void *arg, const char *unit);
  void *arg;
  char text[2 * PART_N]; // best replacement so far
  int distance;          // its edits; PART_N = none yet
} search;

// What factories write, commonest first: of two equally near, the first wins.
static const char *const common[] = {
    "min",     "minute",  "m",       "mm",      "s",          "h",
    "degC",    "K",       "celsius", "kelvin",  "percent",    "rpm",
    "L",       "mL",      "liter",   "litre",   "g",          "kg",
    "bar",     "mbar",    "Pa",      "kPa",     "MPa",        "second",
    "hour",    "day",     "meter",   "metre",   "millimeter", "centimeter",
    "micron",  "um",      "gram",    "tonne",   "milligram",  "kilogram",
    "mg",      "cm",      "km",      "ft",      "foot",       "feet",
    "inch",    "yard",    "mile",    "degF",    "fahrenheit", "N",
    "newton",  "kN",      "pascal",  "psi",     "V",          "mV",
    "volt",    "A",       "mA",      "ampere",  "W",          "kW",
    "watt",    "J",       "kJ",      "joule",   "Hz",         "kHz",
    "hertz",   "ohm",     "siemens", "mol",     "mole",       "radian",
    "degree",  "lb",      "pound",   "gallon",  "lux",        "lumen",
    "tesla",   "farad",   "henry",   "coulomb", "ppm",        "ms",
    "minutes", "seconds", "hours",   "meters",  "liters",     "grams",
};

// Spellings of habit whose right form is not a matter of typing.
static const struct {
  const char *habit, *right;
} habits[] = {
    {"Nm", "N.m"},
    {"rev/min", "rpm"},
    {"1/min.", "1/min"},
    {"lpm", "L/min"},
    {"slpm", "L/min"},
    {"sccm", "mL/min"},
    {"gpm", "gallon/min"},
    {"cfm", "ft3/min"},
    {"fpm", "ft/min"},
    {"mpm", "m/min"},
    {"ccm", "cm3"},
    {"cc", "cm3"},
    {"gsm", "g/m2"},
    {"barg", "bar"},
    {"hrs", "h"},
    {"hr", "h"},
    {"secs", "s"},
    {"mins", "min"},
    {"deg", "degree"},
    {"deg C", "degC"},
    {"degreeC", "degC"},
    {"degreesC", "degC"},
    {"Deg", "degree"},
    {"centigrade", "degC"},
    {"percentage", "percent"},
};

static const char *const prefixes[] = {
    "kilo", "milli", "micro", "mega", "centi", "nano", "hecto", "deci",
};

// Edits (insert, delete, replace, swap of neighbours) from a to b, letters
// compared without case; a case difference alone counts nothing here.
// Source: Damerau 1964, in the optimal string alignment form.
static int edits(const char *a, const char *b) {
  int n = (int)strlen(a), m = (int)strlen(b);
  int d[PART_N + 1][PART_N + 1];
  if (n > PART_N || m > PART_N)
    return PART_N;
  for (int i = 0; i <= n; i++)
    d[i][0] = i;
  for (int j = 0; j <= m; j++)
    d[0][j] = j;
  for (int i = 1; i <= n; i++)
    for (int j = 1; j <= m; j++) {
      int ca = tolower((unsigned char)a[i - 1]);
      int cb = tolower((unsigned char)b[j - 1]);
      int best = d[i - 1][j - 1] + (ca != cb);
      if (d[i - 1][j] + 1 < best)
        best = d[i - 1][j] + 1;
      if (d[i][j - 1] + 1 < best)
        best = d[i][j - 1] + 1;
      if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
          cb == tolower((unsigned char)a[i - 2]) && d[i - 2][j - 2] + 1 < best)
        best = d[i - 2][j - 2] + 1;
      d[i][j] = best;
    }
  return d[n][m];
}

static void offer(search *s, const char *prefix, const char *name,
                  int distance) {
  char text[2 * PART_N];
  if (distance >= s->distance)
    return;
  snprintf(text, sizeof text, "%s%s", prefix, name);
  if (!s->known(s->arg, text))
    return;
  memcpy(s->text, text, sizeof text);
  s->distance = distance;
}

static void among_common(search *s, const char *prefix, const char *part) {
  // A short part is near to everything: allow it less.
  int most = strlen(part) >= 4 ? 2 : 1;
  for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
    int distance = edits(part, common[i]);
    if (distance <= most && strlen(common[i]) > (size_t)distance)
      offer(s, prefix, common[i], distance);
  }
}

static void among_prefixed(search *s, const char *part) {
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    size_t n = strlen(prefixes[i]);
    if (strncasecmp(part, prefixes[i], n) == 0 && strlen(part) >= n + 3)
      among_common(s, prefixes[i], part + n);
  }
}

// Anything the library knows that is one edit away, for the rarer units.
static void among_all(search *s, const char *part) {
  size_t n = strlen(part);
  char text[PART_N + 2];
  if (n < 4 || n >= PART_N)
    return;
  for (size_t i = 0; i < n; i++) { // one letter less
    memcpy(text, part, i);
    memcpy(text + i, part + i + 1, n - i);
    offer(s, "", text, 1);
  }
  for (size_t i = 0; i <= n; i++) // one letter more, or another one
    for (char letter = 'a'; letter <= 'z'; letter++) {
      memcpy(text, part, i);
      text[i] = letter;
      memcpy(text + i + 1, part + i, n - i + 1);
      offer(s, "", text, 1);
      if (i < n) {
        memcpy(text + i + 1, part + i + 1, n - i);
        offer(s, "", text, 1);
      }
    }
}

static int nearest(search *s, const char *part) {
  for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
    if (strcmp(part, habits[i].habit) == 0)
      offer(s, "", habits[i].right, 0);
  among_common(s, "", part);
  among_prefixed(s, part);
  if (s->distance > 1)
    among_all(s, part);
  return s->distance < PART_N;
}

static int is_letter(char c) {
  return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

// Length of the run of letters at the start of text.
static size_t letters(const char *text) {
  size_t n = 0;
  while (text[n] && is_letter(text[n]))
    n++;
  return n;
}

// Replace the part at unit[at..at+n) and see whether the whole is then valid.
static int replace(const char *unit, size_t at, size_t n, search *s, char *buf,
                   size_t size) {
  char part[PART_N + 1];
  if (n > PART_N)
    return LW_E_NOTFOUND;
  memcpy(part, unit + at, n);
  part[n] = 0;
  if (s->known(s->arg, part) || !nearest(s, part))
    return LW_E_NOTFOUND;
  int length =
      snprintf(buf, size, "%.*s%s%s", (int)at, unit, s->text, unit + at + n);
  if (length < 0 || (size_t)length >= size || !s->known(s->arg, buf))
    return LW_E_NOTFOUND;
  return 0;
}

int lw_unit_suggest(const char *unit, int (*known)(void *arg, const char *unit),
                    void *arg, char *buf, size_t n) {
  search s = {.known = known, .arg = arg, .distance = PART_N};
  for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
    if (strcmp(unit, habits[i].habit) == 0 && known(arg, habits[i].right)) {
      snprintf(buf, n, "%s", habits[i].right);
      return 0;
    }
  for (size_t at = 0; unit[at];) {
    size_t length = letters(unit + at);
    s.distance = PART_N;
    if (length && replace(unit, at, length, &s, buf, n) == 0)
      return 0;
    at += length ? length : 1;
  }
  return LW_E_NOTFOUND;
}
