// JSON text, written once from front to back into a buffer of fixed size.
#ifndef LW_CMD_JSON_H
#define LW_CMD_JSON_H

#include <stddef.h> // size_t

typedef struct lw_json {
  char *text; // [cap], NUL-terminated
  size_t cap, n;
  int needs_comma;
  int is_cut; // 1: something did not fit; the text is then not valid JSON
} lw_json;

void lw_json_init(lw_json *j, char *text, size_t cap);
// key is NULL inside an array and at the top.
void lw_json_open(lw_json *j, const char *key, char bracket); // '{' or '['
void lw_json_close(lw_json *j, char bracket);                 // '}' or ']'
void lw_json_text(lw_json *j, const char *key, const char *value);
void lw_json_number(lw_json *j, const char *key, double value); // NaN: null
void lw_json_bool(lw_json *j, const char *key, int value);

#endif
