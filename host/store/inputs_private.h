// The files of inputs.h. Private to inputs*.c.
#ifndef LW_STORE_INPUTS_PRIVATE_H
#define LW_STORE_INPUTS_PRIVATE_H

#include "store/inputs.h"

typedef struct lw_inputs_folder {
  char *path;
  int64_t most;  // bytes
  int64_t taken; // bytes; -1: not counted yet
  int is_synced; // each file is on disk before it has its name
} lw_inputs_folder;

// Write one input unless it is there already, then drop the oldest files when
// all of them take too much.
int lw_inputs_write(lw_inputs_folder *f, const char *digest, const void *data,
                    size_t n, lw_err *e);
// Is it there? It counts as kept just now.
int lw_inputs_touch(const lw_inputs_folder *f, const char *digest);

#endif
