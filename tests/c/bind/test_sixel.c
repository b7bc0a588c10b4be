#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "bind/sixel.h"

typedef struct text {
  char at[20000];
  size_t n, most;
} text;

static int add(void *arg, const void *bytes, size_t n) {
  text *t = arg;
  if (t->n + n > t->most)
    return 1;
  memcpy(t->at + t->n, bytes, n);
  t->n += n;
  t->at[t->n] = 0;
  return 0;
}

// What a terminal would show, by the rules of the standard and not by ours.
static void decode(const char *s, uint32_t *pixels, int width, int height) {
  uint32_t palette[256] = {0};
  int x = 0, y = 0, color = 0;
  assert_memory_equal(s, "\033P0;1q\"1;1;", 11);
  assert_int_equal(strtol(s + 11, (char **)&s, 10), width);
  assert_int_equal(strtol(s + 1, (char **)&s, 10), height);
  while (*s != '\033') {
    int run = 1;
    if (*s == '#') {
      color = (int)strtol(s + 1, (char **)&s, 10);
      if (*s != ';')
        continue;
      uint32_t rgb = 0;
      assert_int_equal(strtol(s + 1, (char **)&s, 10), 2);
      for (int i = 0; i < 3; i++)
        rgb = rgb << 8 | (uint32_t)(strtol(s + 1, (char **)&s, 10) * 255 / 100);
      palette[color] = rgb;
      continue;
    }
    if (*s == '!')
      run = (int)strtol(s + 1, (char **)&s, 10);
    if (*s == '$' || *s == '-') {
      x = 0;
      y += *s++ == '-' ? 6 : 0;
      continue;
    }
    assert_in_range(*s, '?', '~');
    for (; run > 0; run--, x++)
      for (int bit = 0; bit < 6; bit++)
        if ((*s - '?') >> bit & 1) {
          assert_true(x < width && y + bit < height);
          pixels[(y + bit) * width + x] = palette[color];
        }
    s++;
  }
  assert_string_equal(s, "\033\\");
}

static void a_picture_comes_back_as_it_was(void **unused) {
  (void)unused;
  enum { W = 37, H = 20, STRIDE = 40 }; // no whole number of bands
  static const uint32_t colors[] = {0xffffff, 0x000000, 0xff0000,
                                    0x0000ff, 0x336699, 0x00ff00};
  uint32_t pixels[H * STRIDE], shown[H * W];
  memset(shown, 0xee, sizeof shown);
  for (int i = 0; i < H * STRIDE; i++)
    pixels[i] = colors[(i / 7 + i / STRIDE) % 6] | 0xff000000;
  text t = {.most = sizeof t.at - 1};
  assert_int_equal(lw_sixel(pixels, W, H, STRIDE, add, &t), 0);
  decode(t.at, shown, W, H);
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++)
      assert_int_equal(shown[y * W + x], pixels[y * STRIDE + x] & 0xffffff);
}

static void long_runs_are_short(void **unused) {
  (void)unused;
  uint32_t *pixels = malloc(600 * 6 * sizeof *pixels);
  assert_non_null(pixels);
  memset(pixels, 0xff, 600 * 6 * sizeof *pixels);
  text t = {.most = sizeof t.at - 1};
  assert_int_equal(lw_sixel(pixels, 600, 6, 600, add, &t), 0);
  assert_non_null(strstr(t.at, "#215!600~$-"));
  free(pixels);
}

static void who_takes_no_more_ends_it(void **unused) {
  (void)unused;
  uint32_t pixel = 0;
  text t = {.most = 100};
  assert_int_equal(lw_sixel(&pixel, 1, 1, 1, add, &t), LW_E_NOMEM);
  assert_true(t.n <= 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_picture_comes_back_as_it_was),
      cmocka_unit_test(long_runs_are_short),
      cmocka_unit_test(who_takes_no_more_ends_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
