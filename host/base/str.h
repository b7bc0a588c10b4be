// Text built in a buffer of the caller's, never beyond its end and without
// allocation, so that the scan may use it.
#ifndef LW_BASE_STR_H
#define LW_BASE_STR_H

#include <stddef.h> // size_t

#include "base/err.h" // LW_PRINTF

typedef struct lw_str {
  char *text; // [cap], always closed by a NUL
  size_t n, cap;
  int is_cut; // 1: something did not fit and was left out
} lw_str;

// Bind to text [cap], cap > 0, and make it empty.
void lw_str_init(lw_str *s, char *text, size_t cap);

// Append a formatted text, cut at the end of the buffer.
void lw_str_add(lw_str *s, const char *fmt, ...) LW_PRINTF(2, 3);

// Append a number with the fewest digits (15 to 17) that read back as the same
// double; "null" when it is not finite, as JSON has no word for that.
void lw_str_number(lw_str *s, double x);

// Append text [n] as a JSON string with its quotes. Control characters are
// escaped; bytes that are no UTF-8 become U+FFFD, so that any name of a device
// gives valid JSON. A text that does not fit is left out whole ("").
void lw_str_json(lw_str *s, const char *text, size_t n);

// Bytes of the UTF-8 character that text [n], n > 0, begins with; 0 when it is
// none (overlong forms and surrogates are none).
size_t lw_utf8_n(const char *text, size_t n);

// 1 if people can be shown it as a name in one line: UTF-8 without control
// characters.
int lw_str_is_plain(const char *text);

#endif
