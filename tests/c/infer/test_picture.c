// Decoders against files that the libraries themselves wrote; damage; kernels.
#include "infer/picture.h"

#include <math.h>   // fabs
#include <setjmp.h> // cmocka.h
#include <stdarg.h> // cmocka.h
#include <stdio.h>  // tmpfile
#include <stdlib.h> // malloc
#include <string.h> // memcpy
#include <unistd.h> // close

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>

enum { W = 7, H = 5 };

// One number of a made-up picture.
static unsigned number_at(int bits, size_t i) {
  return bits == 16 ? (unsigned)(i * 911 % 65536) : (unsigned)(i * 37 % 256);
}

static size_t write_png(uint8_t *out, size_t room, int bits, int channels) {
  uint8_t image[W * H * 6];
  FILE *f = fmemopen(out, room, "wb");
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, f);
  png_set_IHDR(png, info, W, H, bits,
               channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, 0, 0,
               0);
  png_write_info(png, info);
  for (int i = 0; i < W * H * channels; i++) {
    unsigned v = number_at(bits, (size_t)i);
    if (bits == 8)
      image[i] = (uint8_t)v;
    else {
      image[2 * i] = (uint8_t)(v >> 8);
      image[2 * i + 1] = (uint8_t)v;
    }
  }
  for (int y = 0; y < H; y++)
    png_write_row(png, image + y * W * channels * bits / 8);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  long n = ftell(f);
  fclose(f);
  return (size_t)n;
}

static void check_numbers(const uint8_t *data, size_t n, int bits,
                          size_t channels) {
  lw_picture p;
  lw_err e = {0};
  int got = 0;
  assert_int_equal(lw_picture_decode(data, n, "x", &p, &got, &e), 0);
  assert_int_equal(got, bits);
  assert_int_equal(p.width, W);
  assert_int_equal(p.height, H);
  assert_int_equal(p.channels, channels);
  for (size_t i = 0; i < W * H * channels; i++)
    assert_true(p.x[i] == (float)number_at(bits, i));
  lw_picture_fini(&p);
}

static void reads_png(void **state) {
  (void)state;
  static uint8_t data[65536];
  for (int bits = 8; bits <= 16; bits += 8)
    for (int channels = 1; channels <= 3; channels += 2)
      check_numbers(data, write_png(data, sizeof data, bits, channels), bits,
                    (size_t)channels);
}

static void reads_tiff(void **state) {
  (void)state;
  static uint8_t data[65536];
  for (int bits = 8; bits <= 16; bits += 8)
    for (int channels = 1; channels <= 3; channels += 2) {
      char path[] = "/tmp/lw-picture-XXXXXX";
      close(mkstemp(path));
      TIFF *t = TIFFOpen(path, "w");
      TIFFSetField(t, TIFFTAG_IMAGEWIDTH, W);
      TIFFSetField(t, TIFFTAG_IMAGELENGTH, H);
      TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, bits);
      TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, channels);
      TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
      TIFFSetField(t, TIFFTAG_PHOTOMETRIC,
                   channels == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
      for (int y = 0; y < H; y++) {
        uint16_t wide[W * 3];
        uint8_t narrow[W * 3];
        for (int i = 0; i < W * channels; i++) {
          wide[i] = (uint16_t)number_at(bits, (size_t)(y * W * channels + i));
          narrow[i] = (uint8_t)wide[i];
        }
        TIFFWriteScanline(t, bits == 16 ? (void *)wide : narrow, (uint32_t)y,
                          0);
      }
      TIFFClose(t);
      FILE *f = fopen(path, "rb");
      size_t n = fread(data, 1, sizeof data, f);
      fclose(f);
      remove(path);
      check_numbers(data, n, bits, (size_t)channels);
    }
}

static size_t write_jpeg(uint8_t **out, int channels) {
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned long n = 0;
  uint8_t row[16 * 3];
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, out, &n);
  jpeg.image_width = 16;
  jpeg.image_height = 16;
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  for (int i = 0; i < 16 * channels; i++)
    row[i] = channels == 1 ? 100 : (uint8_t)(i % 3 == 0 ? 200 : 40);
  JSAMPROW rows[] = {row};
  for (int y = 0; y < 16; y++)
    jpeg_write_scanlines(&jpeg, rows, 1);
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  return n;
}

static void reads_jpeg(void **state) {
  (void)state;
  for (int channels = 1; channels <= 3; channels += 2) {
    uint8_t *data = NULL;
    size_t n = write_jpeg(&data, channels);
    lw_picture p;
    lw_err e = {0};
    assert_int_equal(lw_picture_decode(data, n, "x", &p, NULL, &e), 0);
    assert_int_equal(p.channels, channels);
    assert_true(fabs(p.x[0] - (channels == 1 ? 100 : 200)) <= 3);
    if (channels == 3)
      assert_true(fabs(p.x[1] - 40) <= 3);
    lw_picture_fini(&p);
    // A file that ends early is damage, not a grey half.
    assert_int_equal(lw_picture_decode(data, n / 2, "x", &p, NULL, &e),
                     LW_E_CORRUPT);
    assert_null(p.x);
    free(data);
  }
}

static void refuses_damage(void **state) {
  (void)state;
  static uint8_t data[65536], bad[65536];
  size_t n = write_png(data, sizeof data, 8, 3);
  uint32_t dice = 1;
  lw_picture p;
  lw_err e = {0};
  for (size_t cut = 0; cut < n; cut += 3) {
    lw_picture_decode(data, cut, "x", &p, NULL, &e);
    lw_picture_fini(&p);
  }
  assert_int_equal(lw_picture_decode(data, n / 2, "x.png", &p, NULL, &e),
                   LW_E_CORRUPT);
  assert_memory_equal(e.text, "x.png: ", 7);
  for (int round = 0; round < 300; round++) {
    memcpy(bad, data, n);
    for (int k = 0; k < 3; k++) {
      dice = dice * 1664525u + 1013904223u;
      bad[(dice >> 8) % n] ^= (uint8_t)(1 + (dice >> 24) % 255);
    }
    lw_picture_decode(bad, n, "x", &p, NULL, &e);
    lw_picture_fini(&p);
  }
  assert_int_equal(lw_picture_decode((const uint8_t *)"P5 60000 60000 255\nx",
                                     20, "x", &p, NULL, &e),
                   LW_E_RANGE);
  assert_int_equal(
      lw_picture_decode((const uint8_t *)"hello", 5, "x", &p, NULL, &e),
      LW_E_SYNTAX);
  assert_int_equal(lw_picture_open("/nowhere.png", &p, NULL, &e),
                   LW_E_NOTFOUND);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_png), cmocka_unit_test(reads_tiff),
      cmocka_unit_test(reads_jpeg), cmocka_unit_test(refuses_damage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
