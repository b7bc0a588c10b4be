#include "store/planes.h"

#include <stdlib.h> // calloc
#include <string.h> // memset, memcpy
#include <zstd.h>   // ZSTD_compressCCtx

#include "base/err.h" // LW_E_CORRUPT

// Level 9 gains 2 % for two to three times the work.
#define LEVEL 3

// A plane starts with 16 bits: how it is stored, and how long it is.
#define CONSTANT 0x8000u // one byte follows
#define RAW 0x4000u      // n bytes follow
#define LENGTH 0x3fffu   // that many bytes of zstd follow

struct lw_planes {
  ZSTD_CCtx *compress;
  ZSTD_DCtx *expand;
  uint8_t plane[LW_PLANES_N], packed[LW_PLANES_N];
};

lw_planes *lw_planes_new(void) {
  lw_planes *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  p->compress = ZSTD_createCCtx();
  p->expand = ZSTD_createDCtx();
  if (!p->compress || !p->expand) {
    lw_planes_free(p);
    return NULL;
  }
  ZSTD_CCtx_setParameter(p->compress, ZSTD_c_compressionLevel, LEVEL);
  // The length is known, and the chunk is checked as a whole.
  ZSTD_CCtx_setParameter(p->compress, ZSTD_c_contentSizeFlag, 0);
  return p;
}

void lw_planes_free(lw_planes *p) {
  if (!p)
    return;
  ZSTD_freeCCtx(p->compress);
  ZSTD_freeDCtx(p->expand);
  free(p);
}

int lw_planes_width(const uint64_t *x, size_t n) {
  uint64_t all = 0;
  int width = 0;
  for (size_t i = 0; i < n; i++)
    all |= x[i];
  for (; all; all >>= 8)
    width++;
  return width;
}

static size_t put(uint8_t *out, unsigned head, const uint8_t *bytes, size_t n) {
  out[0] = (uint8_t)head;
  out[1] = (uint8_t)(head >> 8);
  memcpy(out + 2, bytes, n);
  return n + 2;
}

static size_t write_plane(lw_planes *p, size_t n, uint8_t *out) {
  const uint8_t *plane = p->plane;
  if (memcmp(plane, plane + 1, n - 1) == 0)
    return put(out, CONSTANT, plane, 1);
  // A little room less than raw, so that what does not shrink is an error here.
  size_t packed = ZSTD_compress2(p->compress, p->packed, n, plane, n);
  if (ZSTD_isError(packed) || packed >= n)
    return put(out, RAW, plane, n);
  return put(out, (unsigned)packed, p->packed, packed);
}

size_t lw_planes_write(lw_planes *p, const uint64_t *x, size_t n, int width,
                       uint8_t *out) {
  size_t at = 0;
  for (int byte = 0; byte < width; byte++) {
    for (size_t i = 0; i < n; i++)
      p->plane[i] = (uint8_t)(x[i] >> (8 * byte));
    at += write_plane(p, n, out + at);
  }
  return at;
}

// Bytes read, or LW_E_CORRUPT.
static int read_plane(lw_planes *p, const uint8_t *in, size_t size, size_t n) {
  if (size < 3)
    return LW_E_CORRUPT;
  unsigned head = in[0] | (unsigned)in[1] << 8;
  size_t length = head & CONSTANT ? 1 : head & RAW ? n : head & LENGTH;
  if (length > size - 2)
    return LW_E_CORRUPT;
  if (head & CONSTANT)
    memset(p->plane, in[2], n);
  else if (head & RAW)
    memcpy(p->plane, in + 2, n);
  else if (ZSTD_decompressDCtx(p->expand, p->plane, n, in + 2, length) != n)
    return LW_E_CORRUPT;
  return (int)length + 2;
}

int lw_planes_read(lw_planes *p, const uint8_t *in, size_t size, uint64_t *x,
                   size_t n, int width) {
  size_t at = 0;
  memset(x, 0, n * sizeof *x);
  for (int byte = 0; byte < width; byte++) {
    int length = read_plane(p, in + at, size - at, n);
    if (length < 0)
      return length;
    at += (size_t)length;
    for (size_t i = 0; i < n; i++)
      x[i] |= (uint64_t)p->plane[i] << (8 * byte);
  }
  return (int)at;
}
