#include <setjmp.h> // setjmp
#include <stdio.h>  // FILE, for jpeglib.h
#include <stdlib.h> // free

#include <jpeglib.h>

#include "base/err.h" // lw_err_set
#include "infer/picture_private.h"

typedef struct reader {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jmp_buf back;
  char text[JMSG_LENGTH_MAX];
} reader;

static void fail(j_common_ptr jpeg) {
  reader *r = jpeg->client_data;
  jpeg->err->format_message(jpeg, r->text);
  longjmp(r->back, 1);
}

// A warning means lost data (an early end is filled with grey): for a picture
// that decides over a part, that is damage.
static void warn(j_common_ptr jpeg, int level) {
  if (level < 0)
    fail(jpeg);
}

static int read_rows(reader *r, const uint8_t *data, size_t n, const char *name,
                     lw_picture *p, lw_err *e) {
  struct jpeg_decompress_struct *jpeg = &r->jpeg;
  if (setjmp(r->back))
    return lw_err_set(e, LW_E_CORRUPT, "%s: %s", name, r->text);
  jpeg_create_decompress(jpeg);
  jpeg_mem_src(jpeg, data, (unsigned long)n);
  jpeg_read_header(jpeg, TRUE);
  if (jpeg->num_components != 1 && jpeg->num_components != 3)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "%s: a JPEG of %d colours (CMYK?); grey or RGB is read",
                      name, jpeg->num_components);
  jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_calc_output_dimensions(jpeg);
  int rc = lw_picture_init(p, jpeg->output_height, jpeg->output_width,
                           (size_t)jpeg->output_components, name, e);
  if (rc < 0)
    return rc;
  jpeg_start_decompress(jpeg);
  JSAMPARRAY row = jpeg->mem->alloc_sarray(
      (j_common_ptr)jpeg, JPOOL_IMAGE,
      jpeg->output_width * (JDIMENSION)jpeg->output_components, 1);
  while (jpeg->output_scanline < jpeg->output_height) {
    size_t y = jpeg->output_scanline;
    jpeg_read_scanlines(jpeg, row, 1);
    lw_picture_row(p, y, row[0], 8, p->channels);
  }
  return 0;
}

int lw_picture_jpeg(const uint8_t *data, size_t n, const char *name,
                    lw_picture *p, int *bits, lw_err *e) {
  reader r = {0};
  r.jpeg.err = jpeg_std_error(&r.errors);
  r.jpeg.client_data = &r;
  r.errors.error_exit = fail;
  r.errors.emit_message = warn;
  *bits = 8;
  int rc = read_rows(&r, data, n, name, p, e);
  jpeg_destroy_decompress(&r.jpeg);
  return rc;
}
