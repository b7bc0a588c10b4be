// Inputs of models on disk, for decisions that are to be computed again: one
// file for each digest, <digest>.zst in a folder, written once.
//
// Each call's input is held in memory for a while; what a decision then names
// is kept. A file is whole or not there at all; when all together take more
// than they may, those that were kept longest ago go.
#ifndef LW_STORE_INPUTS_H
#define LW_STORE_INPUTS_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "base/err.h" // lw_err

// What may wait in memory, and what stays free on the disk whatever is kept.
#define LW_INPUTS_HELD (64 << 20)
#define LW_INPUTS_FREE (64 << 20)

typedef struct lw_inputs lw_inputs;

typedef struct lw_inputs_config {
  const char *folder; // copied; made with the first file
  int64_t most;       // bytes that the files may take
  int has_thread;     // 1: another thread writes; 0: the caller waits
} lw_inputs_config;

// LW_E_NOMEM, LW_E_RANGE.
int lw_inputs_open(lw_inputs **k, const lw_inputs_config *c, lw_err *e);
// Writes what waits. NULL is fine.
void lw_inputs_close(lw_inputs *k);
// Hold a copy of data [n bytes] whose SHA-256 is digest (hex); the oldest ones
// make room. What is too large for the memory is not held.
void lw_inputs_hold(lw_inputs *k, const char *digest, const void *data,
                    size_t n);
// A decision rests on it: to disk with it. With a thread, 0 means that it will
// be written; lw_inputs_failed tells what was not. LW_E_NOTFOUND: not held any
// more; without a thread also LW_E_IO, LW_E_FULL.
int lw_inputs_keep(lw_inputs *k, const char *digest, lw_err *e);
// How many wait to be written.
size_t lw_inputs_waiting(lw_inputs *k);
// 1 and the next input that the thread could not write, with the reason; 0.
int lw_inputs_failed(lw_inputs *k, char digest[65], lw_err *e);

// Read n bytes of an input back. LW_E_NOTFOUND: no such file; LW_E_CORRUPT: it
// is not what was kept, or has another size; LW_E_IO, LW_E_NOMEM.
int lw_inputs_read(const char *folder, const char *digest, void *data, size_t n,
                   lw_err *e);

#endif
