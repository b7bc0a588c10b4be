// The named scopes of a run - unit procedures, operations, phases - with the
// time each took, read from its journal: what history is joined on.
#ifndef LW_STORE_SCOPES_H
#define LW_STORE_SCOPES_H

#include "store/store.h" // lw_store

typedef struct lw_scope {
  char *path;             // "execute/coat/phase 3"
  int64_t from_ns, to_ns; // UTC since 1970; INT64_MAX while it is open
} lw_scope;

typedef struct lw_scopes {
  lw_scope *at; // [n], in the order they began
  size_t n, room;
} lw_scopes;

// All scopes of a run into *out, also of those that restarts began again.
int lw_scopes_read(lw_scopes *out, lw_store *s, int64_t run, lw_err *e);
void lw_scopes_free(lw_scopes *s);

// The innermost scope at a time, NULL outside of all; *from_ns..*to_ns is the
// span around it for which that is so.
const lw_scope *lw_scopes_find(const lw_scopes *s, int64_t t_ns,
                               int64_t *from_ns, int64_t *to_ns);

#endif
