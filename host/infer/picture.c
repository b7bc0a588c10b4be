#include "infer/picture.h"

#include <errno.h>  // errno
#include <stdio.h>  // fopen
#include <stdlib.h> // calloc, free
#include <string.h> // memcmp, memset, strerror

#include "base/err.h" // lw_err_set
#include "infer/picture_private.h"

int lw_picture_init(lw_picture *p, size_t height, size_t width, size_t channels,
                    const char *name, lw_err *e) {
  *p = (lw_picture){0};
  if (height < 1 || width < 1 || channels < 1 || channels > 3 ||
      height > LW_PICTURE_SIDE_MAX || width > LW_PICTURE_SIDE_MAX ||
      height * width * channels > LW_PICTURE_MAX)
    return lw_err_set(e, LW_E_RANGE,
                      "%s: a picture of %zu x %zu pixels, %zu channels: at "
                      "most %d a side and %zu numbers",
                      name, width, height, channels, LW_PICTURE_SIDE_MAX,
                      LW_PICTURE_MAX);
  p->x = calloc(height * width * channels, sizeof *p->x);
  if (!p->x)
    return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", name);
  p->height = height;
  p->width = width;
  p->channels = channels;
  return 0;
}

void lw_picture_fini(lw_picture *p) {
  free(p->x);
  *p = (lw_picture){0};
}

void lw_picture_row(lw_picture *p, size_t y, const void *row, int bits,
                    size_t have) {
  float *out = p->x + y * p->width * p->channels;
  const uint8_t *narrow = row;
  const uint16_t *wide = row;
  for (size_t i = 0; i < p->width; i++)
    for (size_t k = 0; k < p->channels; k++)
      *out++ = bits == 16 ? wide[i * have + k] : narrow[i * have + k];
}

int lw_picture_kind(const uint8_t *data, size_t n) {
  if (n >= 8 && !memcmp(data, "\x89PNG\r\n\x1a\n", 8))
    return LW_PICTURE_PNG;
  if (n >= 3 && !memcmp(data, "\xff\xd8\xff", 3))
    return LW_PICTURE_JPEG;
  if (n >= 4 && (!memcmp(data, "II*\0", 4) || !memcmp(data, "MM\0*", 4)))
    return LW_PICTURE_TIFF;
  if (n >= 2 && data[0] == 'P' && (data[1] == '5' || data[1] == '6'))
    return LW_PICTURE_PNM;
  return 0;
}

int lw_picture_decode(const uint8_t *data, size_t n, const char *name,
                      lw_picture *p, int *bits, lw_err *e) {
  static lw_picture_reader *const readers[] = {
      [LW_PICTURE_PNG] = lw_picture_png,
      [LW_PICTURE_JPEG] = lw_picture_jpeg,
      [LW_PICTURE_TIFF] = lw_picture_tiff,
      [LW_PICTURE_PNM] = lw_picture_pnm};
  int kind = lw_picture_kind(data, n), own_bits;
  *p = (lw_picture){0};
  if (!kind)
    return lw_err_set(e, LW_E_SYNTAX,
                      "%s: no picture (PNG, JPEG, TIFF, PGM and PPM are read)",
                      name);
  int rc = readers[kind](data, n, name, p, bits ? bits : &own_bits, e);
  if (rc < 0)
    lw_picture_fini(p);
  return rc;
}

// The bytes of an open file to *data, which the caller frees.
static int read_all(FILE *file, const char *path, uint8_t **data, size_t *n,
                    lw_err *e) {
  long size = fseek(file, 0, SEEK_END) ? -1 : ftell(file);
  if (size < 0 || fseek(file, 0, SEEK_SET))
    return lw_err_set(e, LW_E_IO, "%s: %s", path, strerror(errno));
  if ((size_t)size > LW_PICTURE_FILE_MAX)
    return lw_err_set(e, LW_E_RANGE, "%s: %ld bytes, at most %zu", path, size,
                      LW_PICTURE_FILE_MAX);
  *data = malloc((size_t)size + 1);
  if (!*data)
    return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", path);
  *n = fread(*data, 1, (size_t)size, file);
  if (*n != (size_t)size)
    return lw_err_set(e, LW_E_IO, "%s: cannot be read", path);
  return 0;
}

int lw_picture_open(const char *path, lw_picture *p, int *bits, lw_err *e) {
  FILE *file = fopen(path, "rb");
  uint8_t *data = NULL;
  size_t n = 0;
  *p = (lw_picture){0};
  if (!file)
    return lw_err_set(e, errno == ENOENT ? LW_E_NOTFOUND : LW_E_IO, "%s: %s",
                      path, strerror(errno));
  int rc = read_all(file, path, &data, &n, e);
  fclose(file);
  if (rc == 0)
    rc = lw_picture_decode(data, n, path, p, bits, e);
  free(data);
  return rc;
}

int lw_picture_raw(const uint8_t *data, size_t n, size_t height, size_t width,
                   size_t channels, int bits, lw_picture *p, lw_err *e) {
  int rc = lw_picture_init(p, height, width, channels, "raw picture", e);
  if (rc < 0)
    return rc;
  size_t count = height * width * channels;
  if ((bits != 8 && bits != 16) || n != count * (size_t)(bits / 8)) {
    lw_picture_fini(p);
    return lw_err_set(e, LW_E_SHAPE,
                      "raw picture: %zu bytes are not %zu x %zu pixels of %zu "
                      "channels of %d bits",
                      n, width, height, channels, bits);
  }
  for (size_t i = 0; i < count; i++)
    p->x[i] = bits == 8 ? (float)data[i]
                        : (float)(data[2 * i] | data[2 * i + 1] << 8);
  return 0;
}

// A number of the header of a PNM file, which may have comments before it.
static int pnm_number(const uint8_t *data, size_t n, size_t *at, size_t *out) {
  while (*at < n && (data[*at] <= ' ' || data[*at] == '#'))
    if (data[(*at)++] == '#')
      while (*at < n && data[*at] != '\n')
        (*at)++;
  size_t from = *at;
  for (*out = 0; *at < n && data[*at] >= '0' && data[*at] <= '9'; (*at)++)
    if ((*out = *out * 10 + data[*at] - '0') > 1000000)
      return -1;
  return *at > from ? 0 : -1;
}

int lw_picture_pnm(const uint8_t *data, size_t n, const char *name,
                   lw_picture *p, int *bits, lw_err *e) {
  size_t at = 2, width, height, most;
  if (pnm_number(data, n, &at, &width) || pnm_number(data, n, &at, &height) ||
      pnm_number(data, n, &at, &most) || (most != 255 && most != 65535) ||
      at >= n)
    return lw_err_set(e, LW_E_SYNTAX,
                      "%s: damaged PNM header (most must be 255 or 65535)",
                      name);
  at++; // one blank ends the header
  int rc = lw_picture_init(p, height, width, data[1] == '6' ? 3 : 1, name, e);
  if (rc < 0)
    return rc;
  *bits = most == 255 ? 8 : 16;
  size_t count = width * height * p->channels, step = most == 255 ? 1 : 2;
  if (n - at < count * step)
    return lw_err_set(e, LW_E_CORRUPT, "%s: ends early", name);
  for (size_t i = 0; i < count; i++, at += step)
    p->x[i] =
        step == 1 ? (float)data[at] : (float)(data[at] << 8 | data[at + 1]);
  return 0;
}
