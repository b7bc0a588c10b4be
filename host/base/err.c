#include "base/err.h"

#include <stdarg.h> // va_list
#include <stdio.h>  // vsnprintf

int lw_err_set(lw_err *e, int code, const char *fmt, ...) {
  if (!e)
    return code;
  e->code = code;
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(e->text, sizeof e->text, fmt, ap);
  va_end(ap);
  return code;
}

const char *lw_err_text(int code) {
  switch (code) {
#define CASE(name, number, text)                                               \
  case LW_E_##name:                                                            \
    return text;
    LW_ERRORS(CASE)
#undef CASE
  }
  return "unknown error";
}

const char *lw_err_name(int code) {
  switch (code) {
#define CASE(name, number, text)                                               \
  case LW_E_##name:                                                            \
    return "E-" #name;
    LW_ERRORS(CASE)
#undef CASE
  }
  return "E-UNKNOWN";
}
