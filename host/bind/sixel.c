#include "bind/sixel.h"

#include <stdio.h>  // snprintf
#include <stdlib.h> // malloc
#include <string.h> // memset

#include "base/err.h" // LW_E_NOMEM

#define LEVELS 6 // of each of red, green and blue
#define COLORS (LEVELS * LEVELS * LEVELS)
#define BAND 6 // rows that one character of sixel holds

typedef struct pen {
  int (*fn)(void *arg, const void *bytes, size_t n);
  void *arg;
  int is_refused;
} pen;

static void put(pen *p, const char *text, int n) {
  if (!p->is_refused && n > 0)
    p->is_refused = p->fn(p->arg, text, (size_t)n) != 0;
}

static int level(uint32_t byte) {
  return (int)(byte * (LEVELS - 1) + 127) / 255;
}

static uint8_t color_of(uint32_t pixel) {
  int r = level(pixel >> 16 & 0xff), g = level(pixel >> 8 & 0xff),
      b = level(pixel & 0xff);
  return (uint8_t)((r * LEVELS + g) * LEVELS + b);
}

static void put_palette(pen *p) {
  char text[32];
  for (int c = 0; c < COLORS; c++) {
    int r = c / (LEVELS * LEVELS), g = c / LEVELS % LEVELS, b = c % LEVELS;
    put(p, text,
        snprintf(text, sizeof text, "#%d;2;%d;%d;%d", c, r * 20, g * 20,
                 b * 20));
  }
}

// n times one character; runs of four and more have a shorter form.
static void put_run(pen *p, char sixel, int n) {
  char text[16];
  if (n > 3)
    put(p, text, snprintf(text, sizeof text, "!%d%c", n, sixel));
  for (int i = 0; n <= 3 && i < n; i++)
    put(p, &sixel, 1);
}

// What of a band has one colour; 0 at the end is not written.
static void put_color(pen *p, const uint8_t *band, int width, int rows, int c) {
  char text[8], last = 0;
  int run = 0;
  put(p, text, snprintf(text, sizeof text, "#%d", c));
  for (int x = 0; x < width; x++) {
    int bits = 0;
    for (int y = 0; y < rows; y++)
      bits |= (band[y * width + x] == c) << y;
    char sixel = (char)(63 + bits);
    if (sixel != last)
      put_run(p, last, run), run = 0;
    last = sixel;
    run++;
  }
  if (last != 63)
    put_run(p, last, run);
  put(p, "$", 1);
}

static void put_band(pen *p, const uint8_t *band, int width, int rows) {
  uint8_t is_used[COLORS] = {0};
  for (int i = 0; i < width * rows; i++)
    is_used[band[i]] = 1;
  for (int c = 0; c < COLORS; c++)
    if (is_used[c])
      put_color(p, band, width, rows, c);
  put(p, "-", 1);
}

int lw_sixel(const uint32_t *pixels, int width, int height, int stride,
             int (*fn)(void *arg, const void *bytes, size_t n), void *arg) {
  pen p = {fn, arg, 0};
  char text[64];
  uint8_t *band = malloc((size_t)width * BAND);
  if (!band)
    return LW_E_NOMEM;
  put(&p, text,
      snprintf(text, sizeof text, "\033P0;1q\"1;1;%d;%d", width, height));
  put_palette(&p);
  for (int top = 0; top < height; top += BAND) {
    int rows = height - top < BAND ? height - top : BAND;
    for (int y = 0; y < rows; y++)
      for (int x = 0; x < width; x++)
        band[y * width + x] =
            color_of(pixels[(size_t)(top + y) * (size_t)stride + (size_t)x]);
    put_band(&p, band, width, rows);
  }
  put(&p, "\033\\", 2);
  free(band);
  return p.is_refused ? LW_E_NOMEM : 0;
}
