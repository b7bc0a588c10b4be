// Lua patterns of recipes: pattern and text, parted by the first line feed.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bind/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static lw_pattern p;
  const uint8_t *end = memchr(data, '\n', n);
  size_t pattern_n = end ? (size_t)(end - data) : n;
  const char *text = (const char *)data + pattern_n + (end != NULL);
  size_t text_n = n - pattern_n - (end != NULL);
  uint64_t steps = 100000;
  lw_match m;
  lw_err e;
  if (lw_pattern_init(&p, (const char *)data, pattern_n, 1, &e) < 0)
    return 0;
  if (lw_pattern_run(&p, text, text_n, 0, &steps, &m) == 1 &&
      (m.start > m.end || m.end > text_n))
    abort();
  return 0;
}
