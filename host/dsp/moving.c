#include "dsp/moving.h"

#include <math.h>   // floor, isfinite, NAN, sqrt
#include <string.h> // memcpy, memset

#include "base/err.h" // LW_E_*
#include "dsp/finite.h"
#include "dsp/isa.h"

#define ROWS 4 // blocks side by side, whose sums do not wait for each other

// Rows of data[], each window + 1 long. rest_mean(k)[j] and rest_m2(k)[j] tell
// of a block's samples from j to its end: mean (LW_MOVING_MEAN: plain sum) and
// sum of squared deviations. k = 0 is the block before this one, 1..ROWS the
// ones worked on side by side.
static size_t row_n(size_t window) {
  return window + 1;
}
static double *row(lw_moving *f, size_t i) {
  return f->data + i * row_n(f->window);
}
static double *samples(lw_moving *f) {
  return row(f, 0);
} // this block's
static double *past(lw_moving *f) {
  return row(f, 1);
} // the one before
static double *inverse(lw_moving *f) {
  return row(f, 2);
} // 1 / k
static double *rest_mean(lw_moving *f, size_t k) {
  return row(f, 3 + k);
}
static double *rest_m2(lw_moving *f, size_t k) {
  return row(f, 4 + ROWS + k);
}
#define ROW_N (5 + 2 * ROWS)

// Figures of the beginning of this block.
typedef struct {
  double mean, m2; // or the plain sum in mean
} figures;
static figures *begun(lw_moving *f) {
  return (figures *)row(f, ROW_N);
}

size_t lw_moving_size(size_t window) {
  return sizeof(lw_moving) + ROW_N * row_n(window) * sizeof(double) +
         sizeof(figures);
}

int lw_moving_init(lw_moving *f, size_t window, int figure) {
  if (window < 1 || window > LW_MOVING_MAX || figure < 0 ||
      figure > LW_MOVING_STD)
    return LW_E_RANGE;
  *f = (lw_moving){.window = window, .figure = figure, .isa = lw_dsp_isa()};
  inverse(f)[0] = 0;
  for (size_t i = 1; i <= window; i++)
    inverse(f)[i] = 1 / (double)i;
  lw_moving_reset(f);
  return 0;
}

void lw_moving_reset(lw_moving *f) {
  f->at = f->full = 0;
  f->last = NAN;
  *begun(f) = (figures){0, 0};
  rest_mean(f, 0)[f->window] = rest_m2(f, 0)[f->window] = 0;
}

// Welford's step: one more sample, of which there are now 1/inverse.
LW_BODY void add(figures *g, double x, double inverse_n) {
  double before = x - g->mean;
  g->mean += before * inverse_n;
  g->m2 += before * (x - g->mean);
}

// Deviation of `window` samples of which the `begun_n` last are g and the
// others have mean, m2.
LW_BODY double merged(const figures *g, double mean, double m2, double share,
                      double inverse_w) {
  double apart = g->mean - mean;
  return (g->m2 + m2 + apart * apart * share) * inverse_w;
}

// Lay down the rests of one block in rows k.
static void lay_down(lw_moving *f, const double *block, size_t k) {
  size_t w = f->window;
  const double *inv = inverse(f);
  double *mean = rest_mean(f, k), *m2 = rest_m2(f, k);
  figures g = {0, 0};
  mean[w] = m2[w] = 0;
  for (size_t j = w; j-- > 0;) {
    if (f->figure == LW_MOVING_MEAN)
      g.mean += block[j];
    else
      add(&g, block[j], inv[w - j]);
    mean[j] = g.mean;
    m2[j] = g.m2;
  }
}

// The block at samples() is complete: it becomes the one before.
static void turn(lw_moving *f) {
  lay_down(f, samples(f), 0);
  memcpy(past(f), samples(f), f->window * sizeof(double));
  f->at = 0;
  f->full = 1;
  *begun(f) = (figures){0, 0};
}

static double step(lw_moving *f, double x) {
  figures *g = begun(f);
  size_t at = f->at++, w = f->window, n = f->full ? w : f->at;
  const double *inv = inverse(f);
  double y;
  samples(f)[at] = x;
  if (f->figure == LW_MOVING_MEAN) {
    g->mean += x;
    y = (g->mean + (f->full ? rest_mean(f, 0)[at + 1] : 0)) * inv[n];
  } else {
    add(g, x, inv[at + 1]);
    double share = (double)(at + 1) * (double)(w - at - 1) * inv[w];
    y = sqrt(f->full ? merged(g, rest_mean(f, 0)[at + 1], rest_m2(f, 0)[at + 1],
                              share, inv[w])
                     : g->m2 * inv[n]);
  }
  if (f->at == w)
    turn(f);
  return y;
}

// ------------------------------------------------- ROWS blocks side by side
// ---

// ROWS blocks, from the rests of the one before in row 0 to their own after it.
LW_BODY void mean_rows_body(size_t w, double *rest, double inv, const double *x,
                            double *y) {
  double *before = rest, *r0 = rest + row_n(w), *r1 = r0 + row_n(w),
         *r2 = r1 + row_n(w), *r3 = r2 + row_n(w);
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  r0[w] = r1[w] = r2[w] = r3[w] = 0;
  for (size_t j = w; j-- > 0;) {
    r0[j] = s0 += x[j];
    r1[j] = s1 += x[w + j];
    r2[j] = s2 += x[2 * w + j];
    r3[j] = s3 += x[3 * w + j];
  }
  s0 = s1 = s2 = s3 = 0;
  for (size_t i = 0; i < w; i++) {
    s0 += x[i], s1 += x[w + i], s2 += x[2 * w + i], s3 += x[3 * w + i];
    y[i] = (s0 + before[i + 1]) * inv;
    y[w + i] = (s1 + r0[i + 1]) * inv;
    y[2 * w + i] = (s2 + r1[i + 1]) * inv;
    y[3 * w + i] = (s3 + r2[i + 1]) * inv;
  }
}
LW_CLONES(mean_rows,
          (size_t w, double *rest, double inv, const double *x, double *y),
          (w, rest, inv, x, y))

LW_BODY void std_rows_body(size_t w, double *rest, double *rest2,
                           const double *inv, const double *x, double *y) {
  figures g[ROWS];
  size_t n = row_n(w);
  for (size_t k = 0; k < ROWS; k++) {
    g[k] = (figures){0, 0};
    rest[(k + 1) * n + w] = rest2[(k + 1) * n + w] = 0;
  }
  for (size_t j = w; j-- > 0;)
    for (size_t k = 0; k < ROWS; k++) {
      add(&g[k], x[k * w + j], inv[w - j]);
      rest[(k + 1) * n + j] = g[k].mean;
      rest2[(k + 1) * n + j] = g[k].m2;
    }
  for (size_t k = 0; k < ROWS; k++)
    g[k] = (figures){0, 0};
  for (size_t i = 0; i < w; i++) {
    double share = (double)(i + 1) * (double)(w - i - 1) * inv[w];
    for (size_t k = 0; k < ROWS; k++) {
      add(&g[k], x[k * w + i], inv[i + 1]);
      y[k * w + i] = merged(&g[k], rest[k * n + i + 1], rest2[k * n + i + 1],
                            share, inv[w]);
    }
  }
  for (size_t i = 0; i < ROWS * w; i++)
    y[i] = sqrt(y[i]);
}
LW_CLONES(std_rows,
          (size_t w, double *rest, double *rest2, const double *inv,
           const double *x, double *y),
          (w, rest, rest2, inv, x, y))

// ROWS whole blocks from the start of one, after a complete one.
static void run_rows(lw_moving *f, const double *x, double *y) {
  size_t w = f->window;
  // Short interleaved streams escape the hardware's prefetcher.
  for (size_t i = 0; i < ROWS * w; i += 8)
    __builtin_prefetch(y + i, 1);
  memcpy(past(f), x + (ROWS - 1) * w, w * sizeof(double));
  if (f->figure == LW_MOVING_MEAN)
    mean_rows_at(f->isa)(w, rest_mean(f, 0), inverse(f)[w], x, y);
  else
    std_rows_at(f->isa)(w, rest_mean(f, 0), rest_m2(f, 0), inverse(f), x, y);
  memcpy(rest_mean(f, 0), rest_mean(f, ROWS), row_n(w) * sizeof(double));
  memcpy(rest_m2(f, 0), rest_m2(f, ROWS), row_n(w) * sizeof(double));
}

static int all_finite(const double *x, size_t n) {
  for (size_t i = 0, k; i < n; i += k)
    if ((k = lw_finite_n(x + i, n - i)) == 0)
      return 0;
  return 1;
}

void lw_moving_run(lw_moving *f, const double *x, size_t n, double *y) {
  size_t rows_n = ROWS * f->window;
  for (size_t i = 0; i < n;) {
    if (f->at == 0 && f->full && n - i >= rows_n && all_finite(x + i, rows_n)) {
      run_rows(f, x + i, y + i);
      i += rows_n;
      f->last = y[i - 1];
    } else { // up to the next start of a block
      size_t k = lw_finite_n(x + i, n - i), left = f->window - f->at;
      for (size_t end = i + (k < left ? k : left); i < end; i++)
        f->last = y[i] = step(f, x[i]);
    }
    i = lw_finite_hold(x, i, n, f->last, y);
  }
}

int lw_moving_primed(const lw_moving *f) {
  return f->full != 0;
}

double lw_moving_delay(const lw_moving *f) {
  return (double)(f->window - 1) / 2;
}

// ------------------------------------------------------------------ state ---
// last, at, full, samples of the block before [window], of this one [window].

size_t lw_moving_state_n(const lw_moving *f) {
  return 3 + 2 * f->window;
}

void lw_moving_save(const lw_moving *f, double *state) {
  size_t w = f->window;
  const double *now = f->data, *before = f->data + row_n(w);
  memset(state, 0, lw_moving_state_n(f) * sizeof *state);
  state[0] = f->last;
  state[1] = (double)f->at;
  state[2] = (double)f->full;
  if (f->full)
    memcpy(state + 3, before, w * sizeof *state);
  memcpy(state + 3 + w, now, f->at * sizeof *state);
}

int lw_moving_load(lw_moving *f, const double *state) {
  size_t w = f->window;
  double at = state[1], full = state[2];
  lw_moving_reset(f);
  if (!(at >= 0 && at < (double)w && at == floor(at)) ||
      !(full == 0 || full == 1))
    return LW_E_CORRUPT;
  for (size_t i = 3; i < lw_moving_state_n(f); i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  if (full != 0) {
    memcpy(samples(f), state + 3, w * sizeof *state);
    turn(f);
  }
  for (size_t i = 0; i < (size_t)at; i++)
    step(f, state[3 + w + i]);
  f->last = state[0];
  return 0;
}
