#include "cmd/json.h"

#include <math.h>   // isfinite
#include <stdio.h>  // snprintf
#include <string.h> // strlen

void lw_json_init(lw_json *j, char *text, size_t cap) {
  *j = (lw_json){.text = text, .cap = cap};
  text[0] = 0;
}

static void put(lw_json *j, const char *s, size_t n) {
  if (n >= j->cap - j->n) {
    j->is_cut = 1;
    return;
  }
  memcpy(j->text + j->n, s, n);
  j->n += n;
  j->text[j->n] = 0;
}

static void put_char(lw_json *j, char c) {
  put(j, &c, 1);
}

static void put_quoted(lw_json *j, const char *s) {
  put_char(j, '"');
  for (; *s; s++) {
    char escape[8];
    if (*s == '"' || *s == '\\') {
      put_char(j, '\\');
      put_char(j, *s);
    } else if ((unsigned char)*s < 0x20) {
      snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*s);
      put(j, escape, 6);
    } else
      put_char(j, *s);
  }
  put_char(j, '"');
}

static void begin(lw_json *j, const char *key) {
  if (j->needs_comma)
    put_char(j, ',');
  j->needs_comma = 1;
  if (key) {
    put_quoted(j, key);
    put_char(j, ':');
  }
}

void lw_json_open(lw_json *j, const char *key, char bracket) {
  begin(j, key);
  put_char(j, bracket);
  j->needs_comma = 0;
}

void lw_json_close(lw_json *j, char bracket) {
  put_char(j, bracket);
  j->needs_comma = 1;
}

void lw_json_text(lw_json *j, const char *key, const char *value) {
  begin(j, key);
  put_quoted(j, value);
}

void lw_json_number(lw_json *j, const char *key, double value) {
  char text[32];
  begin(j, key);
  if (isfinite(value))
    snprintf(text, sizeof text, "%.15g", value);
  else
    snprintf(text, sizeof text, "null");
  put(j, text, strlen(text));
}

void lw_json_bool(lw_json *j, const char *key, int value) {
  begin(j, key);
  put(j, value ? "true" : "false", value ? 4 : 5);
}
