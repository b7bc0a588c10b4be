#include <stdlib.h> // free
#include <string.h> // memcpy
#include <tiffio.h>

#include "base/err.h" // lw_err_set
#include "infer/picture_private.h"

typedef struct source {
  const uint8_t *data;
  size_t n, at;
} source;

static tmsize_t take(thandle_t handle, void *out, tmsize_t n) {
  source *s = handle;
  size_t left = s->n - s->at;
  size_t count = (size_t)n < left ? (size_t)n : left;
  memcpy(out, s->data + s->at, count);
  s->at += count;
  return (tmsize_t)count;
}

static tmsize_t refuse(thandle_t handle, void *out, tmsize_t n) {
  (void)handle;
  (void)out;
  (void)n;
  return -1;
}

static toff_t seek(thandle_t handle, toff_t to, int from) {
  source *s = handle;
  toff_t at = from == SEEK_CUR ? s->at + to : from == SEEK_END ? s->n + to : to;
  if (at > s->n)
    return (toff_t)-1;
  s->at = (size_t)at;
  return at;
}

static int keep_open(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size_of(thandle_t handle) {
  return ((source *)handle)->n;
}

// A line's picture is one strip-organised plane of whole 8- or 16-bit numbers;
// what else TIFF can hold is refused by name.
static int check(TIFF *t, const char *name, int *bits, uint16_t *have,
                 lw_err *e) {
  uint16_t depth, config, form, light;
  TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &depth);
  TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, have);
  TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &config);
  TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLEFORMAT, &form);
  if (!TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &light))
    light = *have >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  *bits = depth;
  if ((depth != 8 && depth != 16) || form != SAMPLEFORMAT_UINT ||
      config != PLANARCONFIG_CONTIG || TIFFIsTiled(t) || *have < 1 ||
      (light != PHOTOMETRIC_MINISBLACK && light != PHOTOMETRIC_RGB) ||
      (light == PHOTOMETRIC_RGB && *have < 3))
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "%s: TIFF of %d bits, %d channels, photometric %d; grey "
                      "or RGB in strips of 8 or 16 bits is read",
                      name, depth, *have, light);
  if (light == PHOTOMETRIC_RGB)
    return 3;
  return 1;
}

static int read_rows(TIFF *t, const char *name, lw_picture *p, int *bits,
                     lw_err *e) {
  uint16_t have;
  uint32_t width = 0, height = 0;
  int channels = check(t, name, bits, &have, e);
  if (channels < 0)
    return channels;
  TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(t, TIFFTAG_IMAGELENGTH, &height);
  int rc = lw_picture_init(p, height, width, (size_t)channels, name, e);
  if (rc < 0)
    return rc;
  tmsize_t row_n = TIFFScanlineSize(t);
  if (row_n < (tmsize_t)(p->width * have * (size_t)*bits / 8))
    return lw_err_set(e, LW_E_CORRUPT, "%s: damaged rows", name);
  void *row = malloc((size_t)row_n);
  if (!row)
    return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", name);
  for (uint32_t y = 0; y < height && rc == 0; y++) {
    if (TIFFReadScanline(t, row, y, 0) < 0)
      rc = lw_err_set(e, LW_E_CORRUPT, "%s: damaged at row %u", name, y + 1);
    else
      lw_picture_row(p, y, row, *bits, have);
  }
  free(row);
  return rc;
}

int lw_picture_tiff(const uint8_t *data, size_t n, const char *name,
                    lw_picture *p, int *bits, lw_err *e) {
  source s = {.data = data, .n = n};
  // The library would print; our own sentence is enough.
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
  TIFF *t = TIFFClientOpen(name, "rm", &s, take, refuse, seek, keep_open,
                           size_of, NULL, NULL);
  if (!t)
    return lw_err_set(e, LW_E_CORRUPT, "%s: damaged TIFF", name);
  int rc = read_rows(t, name, p, bits, e);
  TIFFClose(t);
  return rc;
}
