#include "cmd/complain.h"

#include <stdarg.h> // va_list
#include <stdio.h>  // fprintf
#include <string.h> // strcmp

#include "cmd/json.h" // lw_json

void lw_complain(int is_json, const char *head, const char *fmt, ...) {
  char text[2048], line[5000];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (!is_json) {
    fprintf(stderr, "%s %s\n", head, text);
    return;
  }
  lw_json j;
  lw_json_init(&j, line, sizeof line);
  lw_json_open(&j, NULL, '{');
  lw_json_bool(&j, "ok", 0);
  lw_json_text(&j, "code", strncmp(head, "E-", 2) == 0 ? head : "E-USAGE");
  lw_json_text(&j, "text", text);
  lw_json_close(&j, '}');
  fprintf(stderr, "%s\n", j.text);
}

void lw_complain_err(int is_json, const lw_err *e) {
  lw_complain(is_json, lw_err_name(e->code), "%s", e->text);
}

int lw_complain_wants_json(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--json") == 0)
      return 1;
  return 0;
}
