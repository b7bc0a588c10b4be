// Pattern and text, parted by the first line feed: refused, found or cut, in a
// bounded time.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bind/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  const uint8_t *end = memchr(data, '\n', n);
  size_t pattern_n = end ? (size_t)(end - data) : n;
  const char *text = (const char *)data + pattern_n + (end != NULL);
  size_t text_n = n - pattern_n - (end != NULL);
  lw_regex *x;
  lw_regex_found found;
  lw_err e;
  const char *name;
  if (lw_regex_new(&x, (const char *)data, pattern_n, NULL, &e) < 0)
    return 0;
  for (size_t from = 0; from <= text_n; from = found.end[0] + 1) {
    if (lw_regex_search(x, text, text_n, from, &found) <= 0)
      break;
    if (found.start[0] > found.end[0] || found.end[0] > text_n)
      abort();
    if (found.end[0] < from)
      break;
  }
  for (int i = 0; lw_regex_name(x, i, &name); i++)
    if (strlen(name) == 0)
      abort();
  lw_regex_free(x);
  return 0;
}
