// The embedder's functions that recipes may call (lw_primitive_register in
// linewright.h adds to them).
#ifndef LW_BIND_PRIMITIVE_H
#define LW_BIND_PRIMITIVE_H

#include "linewright.h" // lw_primitive

typedef struct lw_primitive_row {
  const char *name;
  lw_primitive fn;
  void *arg;
} lw_primitive_row;

// The i-th, or NULL past the end.
const lw_primitive_row *lw_primitive_at(size_t i);

#endif
