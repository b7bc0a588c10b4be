#include "infer/allow.h"

#include <ctype.h>  // isxdigit, tolower
#include <stdlib.h> // realloc, free
#include <string.h> // memchr, strcmp

#define HEX_N (LW_HASH_HEX_N - 1)

// A line's digest in lower case; 0 when the line holds none.
static int take(const char *line, size_t n, char digest[LW_HASH_HEX_N]) {
  if (n < HEX_N || (n > HEX_N && line[HEX_N] != ' ' && line[HEX_N] != '\r'))
    return 0;
  for (size_t i = 0; i < HEX_N; i++) {
    if (!isxdigit((unsigned char)line[i]))
      return 0;
    digest[i] = (char)tolower((unsigned char)line[i]);
  }
  digest[HEX_N] = '\0';
  return 1;
}

static int add(lw_infer_allow *a, const char *line, size_t n, unsigned number,
               lw_err *e) {
  char digest[LW_HASH_HEX_N];
  if (n == 0 || *line == '#' || *line == '\r')
    return 0;
  if (!take(line, n, digest))
    return lw_err_set(e, LW_E_SYNTAX,
                      "allow-list, line %u: 64 hex digits of a SHA-256 are "
                      "expected, then a space and a name",
                      number);
  void *grown = realloc(a->digests, (a->n + 1) * sizeof *a->digests);
  if (!grown)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the allow-list");
  a->digests = grown;
  memcpy(a->digests[a->n++], digest, sizeof digest);
  return 0;
}

int lw_infer_allow_init(lw_infer_allow *a, const char *text, size_t n,
                        lw_err *e) {
  *a = (lw_infer_allow){0};
  const char *end = text + n;
  for (unsigned number = 1; text < end; number++) {
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    size_t length = (size_t)((stop ? stop : end) - text);
    int rc = add(a, text, length, number, e);
    if (rc < 0) {
      lw_infer_allow_fini(a);
      return rc;
    }
    text += length + 1;
  }
  return 0;
}

void lw_infer_allow_fini(lw_infer_allow *a) {
  free(a->digests);
  *a = (lw_infer_allow){0};
}

int lw_infer_allow_has(const lw_infer_allow *a, const char *digest) {
  for (size_t i = 0; i < a->n; i++)
    if (!strcmp(a->digests[i], digest))
      return 1;
  return 0;
}
