#include "dsp/slide.h"

#include <math.h>   // fabs, sqrt
#include <stdint.h> // int64_t, uintptr_t
#include <string.h> // memcpy, memmove, memset

#include "dsp/isa.h"
#include "dsp/moving.h" // LW_MOVING_MEAN

// Why a run of blocks ended early.
enum { BROKEN = 1, LOST };

#define LANES 8
#define NAME slide_8
#include "dsp/slide_tile.inc"
#define LANES 4
#define NAME slide_4
#include "dsp/slide_tile.inc"
#define LANES 2
#define NAME slide_2
#include "dsp/slide_tile.inc"

#define PARAMS                                                                 \
  (lw_slide * f, const double *x, size_t block_n, double *y, int *end)
#define CALL(name)                                                             \
  { return name##_blocks(f, x, block_n, y, end); }
#ifdef LW_TARGET_AVX512
LW_TARGET_AVX512 static size_t blocks_avx512 PARAMS CALL(slide_8)
LW_TARGET_AVX2 static size_t blocks_avx2 PARAMS CALL(slide_4)
#else
#define blocks_avx512 blocks_portable
#define blocks_avx2 blocks_portable
#endif
    static size_t blocks_portable PARAMS CALL(slide_2)

        static size_t blocks PARAMS {
  return f->lanes == 8   ? blocks_avx512(f, x, block_n, y, end)
         : f->lanes == 4 ? blocks_avx2(f, x, block_n, y, end)
                         : blocks_portable(f, x, block_n, y, end);
}

// Deviations of the windows that end at x[0..n), in two passes each, about the
// newest sample: a still signal gives 0.
LW_BODY void plain_body(size_t window, const double *x, size_t n, size_t side,
                        double *y) {
  double inv = 1 / (double)window, mean[LW_SLIDE_LANES], m2[LW_SLIDE_LANES];
  for (size_t i = 0; i < n; i += side) {
    memset(mean, 0, sizeof mean);
    memset(m2, 0, sizeof m2);
    for (size_t j = 0; j < window; j++)
      for (size_t k = 0; k < side; k++)
        mean[k] += (x[i + k - j] - x[i + k]) * inv;
    for (size_t j = 0; j < window; j++)
      for (size_t k = 0; k < side; k++) {
        double d = x[i + k - j] - x[i + k] - mean[k];
        m2[k] += d * d;
      }
    for (size_t k = 0; k < side; k++)
      y[i + k] = sqrt(m2[k] * inv);
  }
}
#define PLAIN_PARAMS (size_t window, const double *x, size_t n, double *y)
#ifdef LW_TARGET_AVX512
LW_TARGET_AVX512 static void plain_avx512 PLAIN_PARAMS {
  plain_body(window, x, n, 8, y);
}
LW_TARGET_AVX2 static void plain_avx2 PLAIN_PARAMS {
  plain_body(window, x, n, 4, y);
}
#else
#define plain_avx512 plain_portable
#define plain_avx2 plain_portable
#endif
static void plain_portable PLAIN_PARAMS {
  plain_body(window, x, n, 2, y);
}

static void plain(const lw_slide *f, const double *x, double *y) {
  if (f->lanes == 8)
    plain_avx512(f->window, x, f->block_n, y);
  else if (f->lanes == 4)
    plain_avx2(f->window, x, f->block_n, y);
  else
    plain_portable(f->window, x, f->block_n, y);
}

static size_t lanes_of(int isa, size_t window) {
#ifdef LW_TARGET_AVX512
  size_t lanes = isa == LW_ISA_AVX512 ? 8 : isa == LW_ISA_AVX2 ? 4 : 2;
#else
  (void)isa;
  size_t lanes = 2;
#endif
  while (lanes > window) // the level below then serves
    lanes /= 2;
  return lanes;
}

size_t lw_slide_work_n(size_t window) {
  return 5 * window + 5 * LW_SLIDE_LANES + 2 * LW_SLIDE_LANES;
}

// The first place from *at on at which no vector straddles two cache lines;
// *at moves on by n.
static double *place(double **at, size_t n) {
  size_t line = LW_SLIDE_LANES * sizeof(double), over = (uintptr_t)*at % line;
  double *here = over ? *at + (line - over) / sizeof(double) : *at;
  *at = here + n;
  return here;
}

static lw_slide made(int isa, int figure, size_t window, double *work) {
  size_t lanes = lanes_of(isa, window), n = window - window % lanes;
  lw_slide f = {.window = window,
                .lanes = lanes,
                .block_n = n,
                .figure = figure,
                .inverse = 1 / (double)window,
                .history_n = n + lanes};
  f.tail = place(&work, n);
  f.tail2 = place(&work, n);
  f.aside = place(&work, n);
  f.flat = work;
  return f;
}

// The tails of the block x anew, about its sample nearest to the mean: that of
// a still signal is exactly its value.
static void prime(lw_slide *f, const double *x) {
  size_t n = f->block_n;
  double mean = 0, nearest = x[0];
  for (size_t i = 0; i < n; i++)
    mean += x[i] / (double)n;
  for (size_t i = 0; i < n; i++)
    if (fabs(x[i] - mean) < fabs(nearest - mean))
      nearest = x[i];
  f->shift = nearest;
  int end = 0;
  blocks(f, x, 1, f->aside, &end);
}

static void begin(lw_slide *f, const double *past) {
  size_t older = f->history_n - f->window;
  memset(f->flat, 0, older * sizeof *past);
  memcpy(f->flat + older, past, f->window * sizeof *past);
  memset(f->tail, 0, f->block_n * sizeof *past);
  memset(f->tail2, 0, f->block_n * sizeof *past);
  memset(f->before, 0, sizeof f->before);
  memcpy(f->before + f->lanes, f->flat, f->lanes * sizeof *past);
  prime(f, f->flat + f->lanes);
}

// Blocks of x [n], as many as go, to y; `keep`: only one, and the signal is
// followed in f->flat, because x will be overwritten or does not reach back.
// Returns how many samples were taken, 0 before one that is not finite.
static size_t advance(lw_slide *f, int keep, const double *x, size_t n,
                      double *y) {
  size_t size = f->block_n, block_n = keep ? 1 : n / size, done;
  double *flat = f->flat + f->history_n;
  int end = 0;
  if (keep)
    memcpy(flat, x, size * sizeof *x);
  done = blocks(f, keep ? flat : x, block_n, y, &end) * size;
  if (keep && end == BROKEN)
    memcpy(y, flat, size * sizeof *x); // y may be x
  if (end == LOST) {                   // the last of them is computed anew
    const double *here = keep ? flat : x + done - size;
    plain(f, here, y + done - size);
    memcpy(f->before, here - 2 * f->lanes, 2 * f->lanes * sizeof *x);
    prime(f, here);
  }
  if (keep && done)
    memmove(f->flat, f->flat + size, f->history_n * sizeof *x);
  return done;
}

size_t lw_slide_run(int isa, int figure, size_t window, double *past,
                    double *work, const double *x, size_t n, double *y) {
  lw_slide f = made(isa, figure, window, work);
  int in_place = x == y;
  size_t done = 0;
  for (begin(&f, past); n - done >= f.block_n;) {
    int keep = in_place || done < f.history_n;
    size_t k = advance(&f, keep, x + done, n - done, y + done);
    if (!k)
      break;
    done += k;
  }
  size_t new = done < window ? done : window, left = window - new;
  memmove(past, past + new, left * sizeof *past);
  memcpy(past + left, in_place ? f.flat + f.history_n - new : x + done - new,
         new * sizeof *past);
  return done;
}
