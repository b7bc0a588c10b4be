// A piece of memory that another process may map: a memory file in process
// mode, plain memory inline.
#ifndef LW_WORKER_REGION_H
#define LW_WORKER_REGION_H

#include <stddef.h> // size_t

#include "base/err.h" // lw_err

typedef struct lw_region {
  void *at; // zeroed, 64-byte aligned; NULL = nothing
  size_t n;
  int fd; // memory file for the other process, -1 inline
} lw_region;

// An empty region, so that _close may always be called.
#define LW_REGION_NONE ((lw_region){NULL, 0, -1})

// Make n zeroed bytes. name is for /proc only; NULL = inline memory.
//   is_read_only  the other process gets a descriptor that cannot be mapped
//                 for writing
// Returns 0, LW_E_NOMEM or LW_E_IO.
int lw_region_open(lw_region *r, const char *name, size_t n, int is_read_only,
                   lw_err *e);
// Map a region that another process made, given its descriptor, which is taken
// on success. Returns 0, LW_E_CORRUPT when it is not a memory file, LW_E_IO.
int lw_region_map(lw_region *r, int fd, int is_read_only, lw_err *e);
void lw_region_close(lw_region *r); // may be called twice

#endif
