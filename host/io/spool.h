// A folder that holds the newest pictures of a camera, as PGM or PPM files of
// growing numbers.
#ifndef LW_IO_SPOOL_H
#define LW_IO_SPOOL_H

#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

#include "base/err.h" // lw_err

typedef struct lw_spool {
  const char *folder; // borrowed
  uint64_t keep;      // files that stay
  uint64_t newest;    // number of the newest, 0 = none yet
} lw_spool;

typedef struct lw_spool_picture {
  const uint8_t *data; // rows without gaps; 16 bits little-endian
  size_t width, height, channels;
  int bits; // 8 or 16
} lw_spool_picture;

// Make the folder unless it is there, and go on after its newest picture.
// LW_E_IO says why not.
int lw_spool_open(lw_spool *s, lw_err *e);
// Write the next picture, whole or not at all, and delete the oldest.
//   name  filled with the file's name, [32]
int lw_spool_put(lw_spool *s, const lw_spool_picture *p, char *name, lw_err *e);

#endif
