#include <png.h>    // must come before setjmp.h
#include <setjmp.h> // setjmp, in png_jmpbuf
#include <stdio.h>  // snprintf
#include <stdlib.h> // malloc
#include <string.h> // memcpy

#include "base/err.h" // lw_err_set
#include "infer/picture_private.h"

typedef struct source {
  const uint8_t *data;
  size_t n, at;
  char text[96];
  uint8_t *image; // decoded rows, beyond the reach of longjmp
} source;

static void take(png_structp png, png_bytep out, size_t n) {
  source *s = png_get_io_ptr(png);
  if (n > s->n - s->at)
    png_error(png, "ends early");
  memcpy(out, s->data + s->at, n);
  s->at += n;
}

static void fail(png_structp png, png_const_charp text) {
  source *s = png_get_error_ptr(png);
  snprintf(s->text, sizeof s->text, "%s", text);
  longjmp(png_jmpbuf(png), 1);
}

static void hush(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

// To grey or RGB of 8 or 16 bits in the machine's order, without alpha.
static void simplify(png_structp png, png_infop info) {
  png_set_expand(png); // palettes and 1 to 4 bits
  png_set_strip_alpha(png);
  if (png_get_bit_depth(png, info) == 16)
    png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

static int read_rows(png_structp png, png_infop info, source *s,
                     const char *name, lw_picture *p, int *bits, lw_err *e) {
  if (setjmp(png_jmpbuf(png)))
    return lw_err_set(e, LW_E_CORRUPT, "%s: %s", name, s->text);
  // What is only a little too large is refused below, with its size.
  png_set_user_limits(png, 1 << 20, 1 << 20);
  png_set_read_fn(png, s, take);
  png_read_info(png, info);
  simplify(png, info);
  int rc = lw_picture_init(p, png_get_image_height(png, info),
                           png_get_image_width(png, info),
                           png_get_channels(png, info), name, e);
  if (rc < 0)
    return rc;
  *bits = png_get_bit_depth(png, info);
  size_t row_n = png_get_rowbytes(png, info);
  s->image = malloc(row_n * p->height);
  if (!s->image)
    return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", name);
  // Interlaced pictures come in passes, each over the rows so far.
  int passes = png_set_interlace_handling(png);
  for (int pass = 0; pass < passes; pass++)
    for (size_t y = 0; y < p->height; y++)
      png_read_row(png, s->image + y * row_n, NULL);
  for (size_t y = 0; y < p->height; y++)
    lw_picture_row(p, y, s->image + y * row_n, *bits, p->channels);
  return 0;
}

int lw_picture_png(const uint8_t *data, size_t n, const char *name,
                   lw_picture *p, int *bits, lw_err *e) {
  source s = {.data = data, .n = n};
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, fail, hush);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  int rc = info ? read_rows(png, info, &s, name, p, bits, e)
                : lw_err_set(e, LW_E_NOMEM, "%s: out of memory", name);
  png_destroy_read_struct(&png, &info, NULL);
  free(s.image);
  return rc;
}
