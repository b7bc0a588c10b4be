#include "base/str.h"

#include <math.h>   // fabs, isfinite, signbit
#include <stdarg.h> // va_list
#include <stdio.h>  // vsnprintf
#include <stdlib.h> // strtod
#include <string.h> // memcpy

void lw_str_init(lw_str *s, char *text, size_t cap) {
  *s = (lw_str){.text = text, .cap = cap};
  text[0] = 0;
}

void lw_str_add(lw_str *s, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(s->text + s->n, s->cap - s->n, fmt, ap);
  va_end(ap);
  if (n < 0)
    return;
  s->is_cut |= (size_t)n >= s->cap - s->n;
  s->n = s->is_cut ? s->cap - 1 : s->n + (size_t)n;
}

void lw_str_number(lw_str *s, double x) {
  if (!isfinite(x)) {
    lw_str_add(s, "null");
    return;
  }
  // Most set-points are small whole numbers: the short way. Not for -0.
  if (fabs(x) < 1e9 && x == (int)x && (x != 0 || !signbit(x))) {
    lw_str_add(s, "%d", (int)x);
    return;
  }
  char text[32];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, x);
    if (strtod(text, NULL) == x)
      break;
  }
  lw_str_add(s, "%s", text);
}

// Source: Unicode 15, table 3-7.
size_t lw_utf8_n(const char *at, size_t n) {
  const unsigned char *text = (const unsigned char *)at;
  static const struct {
    unsigned char first_lo, first_hi, second_lo, second_hi, n;
  } forms[] = {
      {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2},
      {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
      {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
      {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
      {0xF4, 0xF4, 0x80, 0x8F, 4},
  };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    if (text[0] < forms[i].first_lo || text[0] > forms[i].first_hi)
      continue;
    if (forms[i].n == 1)
      return 1;
    if (n < forms[i].n || text[1] < forms[i].second_lo ||
        text[1] > forms[i].second_hi)
      return 0;
    for (size_t k = 2; k < forms[i].n; k++)
      if (text[k] < 0x80 || text[k] > 0xBF)
        return 0;
    return forms[i].n;
  }
  return 0;
}

static void add_character(lw_str *s, const char *text, size_t n) {
  unsigned char c = (unsigned char)text[0];
  if (n == 0)
    lw_str_add(s, "\xEF\xBF\xBD"); // U+FFFD
  else if (c == '"' || c == '\\')
    lw_str_add(s, "\\%c", c);
  else if (c < 0x20 || c == 0x7F)
    lw_str_add(s, "\\u%04x", c);
  else
    lw_str_add(s, "%.*s", (int)n, text);
}

void lw_str_json(lw_str *s, const char *text, size_t n) {
  lw_str whole = *s;
  lw_str_add(s, "\"");
  for (size_t i = 0; i < n;) {
    size_t length = lw_utf8_n(text + i, n - i);
    add_character(s, text + i, length);
    i += length ? length : 1;
  }
  lw_str_add(s, "\"");
  if (s->is_cut && !whole.is_cut) {
    *s = whole;
    s->text[s->n] = 0;
    lw_str_add(s, "\"\"");
    s->is_cut = 1;
  }
}

int lw_str_is_plain(const char *text) {
  for (size_t n = strlen(text), k; n; text += k, n -= k) {
    k = lw_utf8_n(text, n);
    if (k == 0 || (unsigned char)*text < ' ' || *text == 0x7F)
      return 0;
  }
  return 1;
}
