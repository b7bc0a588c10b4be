// Columns of integers as compressed byte planes: byte k of every number lies
// together, each plane is stored as one byte if it is constant, raw if it is
// noise, else as zstd. Private to store/.
#ifndef LW_STORE_PLANES_H
#define LW_STORE_PLANES_H

#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

// Longest column.
#define LW_PLANES_N 2048
// Bytes that a column of n numbers takes at most.
#define LW_PLANES_MAX(width) ((size_t)(width) * (LW_PLANES_N + 2))

typedef struct lw_planes lw_planes; // the compressor's memory, reused

lw_planes *lw_planes_new(void); // NULL when out of memory
void lw_planes_free(lw_planes *p);

// Bytes that the largest of n numbers needs, 0 to 8.
int lw_planes_width(const uint64_t *x, size_t n);
// Write n (1 to LW_PLANES_N) numbers of `width` bytes; returns the length.
size_t lw_planes_write(lw_planes *p, const uint64_t *x, size_t n, int width,
                       uint8_t *out);
// Read them back from at most `size` bytes; returns the length read, or
// LW_E_CORRUPT.
int lw_planes_read(lw_planes *p, const uint8_t *in, size_t size, uint64_t *x,
                   size_t n, int width);

#endif
