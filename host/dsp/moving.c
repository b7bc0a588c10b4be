#include "dsp/moving.h"

#include <math.h>   // floor, isfinite, NAN, sqrt
#include <stdint.h> // SIZE_MAX
#include <string.h> // memcpy, memset

#include "base/err.h" // LW_E_*
#include "dsp/finite.h"
#include "dsp/isa.h"
#include "dsp/slide.h"

// Rows of data[], each window + 1 long. rest_mean[j] and rest_m2[j] tell of the
// samples from j to the end of the block before this one: mean (LW_MOVING_MEAN:
// plain sum) and sum of squared deviations.
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
static double *rest_mean(lw_moving *f) {
  return row(f, 3);
}
static double *rest_m2(lw_moving *f) {
  return row(f, 4);
}
#define ROW_N 5

// Figures of the beginning of this block.
typedef struct {
  double mean, m2; // or the plain sum in mean
} figures;
static figures *begun(lw_moving *f) {
  return (figures *)row(f, ROW_N);
}
// Room for long blocks: the window before one, then what lw_slide_run needs.
static double *slide_work(lw_moving *f) {
  return (double *)(begun(f) + 1);
}

size_t lw_moving_size(size_t window) {
  return sizeof(lw_moving) + sizeof(figures) +
         (ROW_N * row_n(window) + window + lw_slide_work_n(window)) *
             sizeof(double);
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
  rest_mean(f)[f->window] = rest_m2(f)[f->window] = 0;
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

// Lay down the rests of one block.
static void lay_down(lw_moving *f, const double *block) {
  size_t w = f->window;
  const double *inv = inverse(f);
  double *mean = rest_mean(f), *m2 = rest_m2(f);
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
  lay_down(f, samples(f));
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
    y = (g->mean + (f->full ? rest_mean(f)[at + 1] : 0)) * inv[n];
  } else {
    add(g, x, inv[at + 1]);
    double share = (double)(at + 1) * (double)(w - at - 1) * inv[w];
    y = sqrt(f->full ? merged(g, rest_mean(f)[at + 1], rest_m2(f)[at + 1],
                              share, inv[w])
                     : g->m2 * inv[n]);
  }
  if (f->at == w)
    turn(f);
  return y;
}

// ------------------------------------------------------------ long blocks ---

// Worth the preparation with so many finite samples ahead.
static size_t long_n(size_t window) {
  return window < LW_SLIDE_LEAST ? SIZE_MAX : 4 * window + 64;
}

// A full window and at least long_n() finite samples; returns how many were
// taken, none if their sums are not finite. The block begun is given up for one
// that ends here.
static size_t run_long(lw_moving *f, const double *x, size_t n, double *y) {
  size_t w = f->window, at = f->at;
  double *now = samples(f), *last = slide_work(f);
  memcpy(last, past(f) + at, (w - at) * sizeof *last);
  memcpy(last + w - at, now, at * sizeof *last);
  size_t k = lw_slide_run(f->isa, f->figure, w, last, last + w, x, n, y);
  if (k) {
    memcpy(now, last, w * sizeof *now);
    turn(f);
    f->last = y[k - 1];
  }
  return k;
}

static int all_finite(int isa, const double *x, size_t n) {
  for (size_t i = 0, k; i < n; i += k)
    if ((k = lw_finite_n(isa, x + i, n - i)) == 0)
      return 0;
  return 1;
}

// Up to the next start of a block or a sample that is not finite.
static size_t run_steps(lw_moving *f, const double *x, size_t n, double *y) {
  size_t k = lw_finite_n(f->isa, x, n), left = f->window - f->at;
  if (k > left)
    k = left;
  for (size_t i = 0; i < k; i++)
    f->last = y[i] = step(f, x[i]);
  return k;
}

void lw_moving_run(lw_moving *f, const double *x, size_t n, double *y) {
  size_t least = long_n(f->window);
  if (n == 1 && isfinite(*x)) { // a recipe's step
    *y = f->last = step(f, *x);
    return;
  }
  for (size_t i = 0; i < n;) {
    size_t k = 0;
    if (f->full && n - i >= least && all_finite(f->isa, x + i, least))
      k = run_long(f, x + i, n - i, y + i);
    i += k ? k : run_steps(f, x + i, n - i, y + i);
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
