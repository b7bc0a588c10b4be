#include "dsp/slide.h"

#include <math.h>   // fabs, sqrt
#include <stdint.h> // int64_t, uintptr_t
#include <string.h> // memcpy, memmove, memset

#include "dsp/isa.h"
#include "dsp/moving.h" // LW_MOVING_MEAN

#define LANES 8
#define NAME slide_8
#include "dsp/slide_tile.inc"
#define LANES 4
#define NAME slide_4
#include "dsp/slide_tile.inc"
#define LANES 2
#define NAME slide_2
#include "dsp/slide_tile.inc"

// A block: -1 when a sample is not finite, and nothing is written; 0 when
// digits were lost; else 1.
#define PARAMS (lw_slide * f, const double *x, double *y)
#define BLOCK(name)                                                            \
  { return name##_finite(x, f->block_n) ? name##_block(f, x, y) : -1; }
#ifdef LW_TARGET_AVX512
LW_TARGET_AVX512 static int block_avx512 PARAMS BLOCK(slide_8)
LW_TARGET_AVX2 static int block_avx2 PARAMS BLOCK(slide_4)
#else
#define block_avx512 block_portable
#define block_avx2 block_portable
#endif
    static int block_portable PARAMS BLOCK(slide_2)

        static int block PARAMS {
  return f->lanes == 8   ? block_avx512(f, x, y)
         : f->lanes == 4 ? block_avx2(f, x, y)
                         : block_portable(f, x, y);
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
  block(f, x, f->aside);
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

// One block; 0 when it has a sample that is not finite. `keep`: the signal is
// followed in f->flat, because x will be overwritten or does not reach back.
static int advance(lw_slide *f, int keep, const double *x, double *y) {
  size_t n = f->block_n;
  double before[2 * LW_SLIDE_LANES], *flat = f->flat + f->history_n;
  const double *here = keep ? flat : x;
  if (keep)
    memcpy(flat, x, n * sizeof *x);
  memcpy(before, f->before, sizeof before);
  int ok = block(f, x, y);
  if (ok < 0)
    return 0;
  if (!ok) {
    plain(f, here, y);
    memcpy(f->before, before, sizeof before);
    prime(f, here);
  }
  if (keep)
    memmove(f->flat, f->flat + n, f->history_n * sizeof *x);
  return 1;
}

size_t lw_slide_run(int isa, int figure, size_t window, double *past,
                    double *work, const double *x, size_t n, double *y) {
  lw_slide f = made(isa, figure, window, work);
  int in_place = x == y, deviation = figure != LW_MOVING_MEAN;
  size_t done = 0;
  for (begin(&f, past); n - done >= f.block_n; done += f.block_n) {
    int keep = in_place || (deviation && done < f.history_n);
    if (!advance(&f, keep, x + done, y + done))
      break;
  }
  size_t new = done < window ? done : window, left = window - new;
  memmove(past, past + new, left * sizeof *past);
  memcpy(past + left, in_place ? f.flat + f.history_n - new : x + done - new,
         new * sizeof *past);
  return done;
}
