#include "dsp/fir.h"

#include <math.h>   // fabs, isfinite, NAN
#include <string.h> // memcpy, memmove, memset

#include "base/err.h" // LW_E_*
#include "dsp/finite.h"
#include "dsp/isa.h"
#include "dsp/zero_phase.h"

static size_t padded(size_t tap_n) {
  return (tap_n + LW_FIR_PAD - 1) / LW_FIR_PAD * LW_FIR_PAD;
}

// 1 when the taps read the same from either end, -1 when but for the sign.
static int mirrored(const double *g, size_t g_n) {
  int same = 1, opposite = 1;
  for (size_t j = 0; j < (g_n + 1) / 2; j++) {
    same &= g[j] == g[g_n - 1 - j];
    opposite &= g[j] == -g[g_n - 1 - j];
  }
  return same - opposite;
}

// The same kernel for vectors of eight, four and two, each of which is one
// register of its level.
#define LANES 8
#define NAME correlate_8
#include "dsp/fir_tile.inc"
#define LANES 4
#define NAME correlate_4
#include "dsp/fir_tile.inc"
#define LANES 2
#define NAME correlate_2
#include "dsp/fir_tile.inc"

#ifdef LW_TARGET_AVX512
LW_TARGET_AVX512 static void correlate_avx512(const double *g, size_t g_n,
                                              const double *x, size_t n,
                                              double *y) {
  correlate_8(g, g_n, x, n, y);
}
LW_TARGET_AVX2 static void correlate_avx2(const double *g, size_t g_n,
                                          const double *x, size_t n,
                                          double *y) {
  correlate_4(g, g_n, x, n, y);
}
#else
#define correlate_avx512 correlate_4
#define correlate_avx2 correlate_4
#endif

void lw_fir_correlate(int isa, const double *g, size_t g_n, const double *x,
                      size_t n, double *y) {
  if (isa == LW_ISA_AVX512)
    correlate_avx512(g, g_n, x, n, y);
  else if (isa == LW_ISA_AVX2)
    correlate_avx2(g, g_n, x, n, y);
  else
    correlate_2(g, g_n, x, n, y);
}

// data[]: taps in reverse, zeros, then the last tap_n - 1 samples.
static double *taps(lw_fir *f) {
  return f->data;
}
static double *past(lw_fir *f) {
  return f->data + padded(f->tap_n);
}

size_t lw_fir_size(size_t tap_n) {
  return sizeof(lw_fir) + (padded(tap_n) + tap_n) * sizeof(double);
}

// Group delay at direct current. A filter that takes the d-th derivative has no
// gain there; its response begins with the d-th moment of the taps, and its
// phase with the next one.
static double delay_of(const double *tap, size_t tap_n) {
  for (int d = 0; d < 12; d++) {
    double moment = 0, size = 0, next = 0;
    for (size_t i = 0; i < tap_n; i++) {
      double term = pow((double)i, d) * tap[i];
      moment += term;
      size += fabs(term);
      next += (double)i * term;
    }
    if (fabs(moment) > 1e-9 * size)
      return next / moment / (d + 1);
  }
  return (double)(tap_n - 1) / 2; // all taps are 0
}

int lw_fir_init(lw_fir *f, const double *tap, size_t tap_n, int settle) {
  if (tap_n < 1 || tap_n > LW_FIR_MAX)
    return LW_E_RANGE;
  for (size_t i = 0; i < tap_n; i++)
    if (!isfinite(tap[i]))
      return LW_E_RANGE;
  *f = (lw_fir){.tap_n = tap_n,
                .delay = delay_of(tap, tap_n),
                .isa = lw_dsp_isa(),
                .settle = settle};
  memset(taps(f), 0, padded(tap_n) * sizeof *tap);
  for (size_t i = 0; i < tap_n; i++)
    taps(f)[i] = tap[tap_n - 1 - i];
  lw_fir_reset(f);
  return 0;
}

void lw_fir_reset(lw_fir *f) {
  f->last = NAN;
  f->seen_n = 0;
  memset(past(f), 0, f->tap_n * sizeof(double));
}

// At most LW_CHUNK finite samples. The padded taps let a tile read on; what
// lies there is multiplied by zero but must be finite.
static void run_chunk(lw_fir *f, const double *x, size_t n, double *y) {
  double buffer[LW_FIR_MAX + LW_CHUNK + 2 * LW_FIR_PAD];
  size_t before = f->tap_n - 1;
  memcpy(buffer, past(f), before * sizeof *x);
  memcpy(buffer + before, x, n * sizeof *x);
  memset(buffer + before + n, 0, 2 * LW_FIR_PAD * sizeof *x);
  lw_fir_correlate(f->isa, taps(f), f->tap_n, buffer, n, y);
  memcpy(past(f), buffer + n, before * sizeof *x);
}

// One sample, without the detour over a buffer.
static double step(lw_fir *f, double x) {
  const double *g = taps(f);
  double *p = past(f), sum = g[f->tap_n - 1] * x;
  for (size_t j = 0; j + 1 < f->tap_n; j++)
    sum += g[j] * p[j];
  if (f->tap_n > 1) {
    memmove(p, p + 1, (f->tap_n - 2) * sizeof *p);
    p[f->tap_n - 2] = x;
  }
  return sum;
}

static void settle(lw_fir *f, double x0) {
  for (size_t j = 0; j + 1 < f->tap_n; j++)
    past(f)[j] = x0;
}

void lw_fir_run(lw_fir *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n;) {
    size_t k = lw_finite_n(f->isa, x + i, n - i);
    if (k && f->settle && isnan(f->last))
      settle(f, x[i]);
    if (k == 1)
      y[i] = step(f, x[i]);
    else
      run_chunk(f, x + i, k, y + i);
    if (k)
      f->last = y[i + k - 1];
    f->seen_n = f->seen_n + k < f->tap_n ? f->seen_n + k : f->tap_n;
    i = lw_finite_hold(x, i + k, n, f->last, y);
  }
}

static void sweep(void *f, double *x, size_t n) {
  settle(f, x[0]);
  lw_fir_run(f, x, n, x);
}

int lw_fir_zero_phase(lw_fir *f, const double *x, size_t n, size_t pad,
                      double *work, double *y) {
  f->last = 0; // each sweep settles by itself
  int rc = lw_zero_phase(sweep, f, x, n, pad, work, y);
  lw_fir_reset(f);
  return rc;
}

int lw_fir_primed(const lw_fir *f) {
  return f->seen_n == f->tap_n;
}

double lw_fir_delay(const lw_fir *f) {
  return f->delay;
}

size_t lw_fir_state_n(const lw_fir *f) {
  return 2 + f->tap_n;
}

void lw_fir_save(const lw_fir *f, double *state) {
  state[0] = f->last;
  state[1] = (double)f->seen_n;
  memcpy(state + 2, f->data + padded(f->tap_n), f->tap_n * sizeof *state);
}

int lw_fir_load(lw_fir *f, const double *state) {
  lw_fir_reset(f);
  if (!(state[1] >= 0 && state[1] <= (double)f->tap_n))
    return LW_E_CORRUPT;
  for (size_t i = 2; i < lw_fir_state_n(f); i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  f->last = state[0];
  f->seen_n = (size_t)state[1];
  memcpy(past(f), state + 2, f->tap_n * sizeof *state);
  return 0;
}
