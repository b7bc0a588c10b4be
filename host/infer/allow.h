// The models that a host in Production mode may load: a text file with one
// SHA-256 digest a line, `<64 hex digits> [name]`, as sha256sum writes it;
// empty lines and lines that begin with # do not count.
#ifndef LW_INFER_ALLOW_H
#define LW_INFER_ALLOW_H

#include <stddef.h> // size_t

#include "base/err.h"  // lw_err
#include "base/hash.h" // LW_HASH_HEX_N

typedef struct lw_infer_allow {
  char (*digests)[LW_HASH_HEX_N]; // [n]
  size_t n;
} lw_infer_allow;

// Read the list; LW_E_SYNTAX names the line that is none.
int lw_infer_allow_init(lw_infer_allow *a, const char *text, size_t n,
                        lw_err *e);
void lw_infer_allow_fini(lw_infer_allow *a);
int lw_infer_allow_has(const lw_infer_allow *a, const char *digest);

#endif
