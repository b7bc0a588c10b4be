#include "dsp/bank.h"

#include <math.h>   // isfinite, isnan, NAN
#include <string.h> // memcpy, memset

#include "base/err.h" // LW_E_RANGE
#include "dsp/finite.h"
#include "dsp/isa.h"

// A section with y substituted into the states, as in biquad.c.
typedef struct {
  double b0, c1, c2, n1, n2;
} coefficients;

#define LANES 8
#define NAME pair_8
#include "dsp/bank_tile.inc"
#define LANES 4
#define NAME pair_4
#include "dsp/bank_tile.inc"
#define LANES 2
#define NAME pair_2
#include "dsp/bank_tile.inc"

#define PARAMS                                                                 \
  (const coefficients *c, double *s, const double *x, size_t n, size_t stride, \
   double *y)
#ifdef LW_TARGET_AVX512
LW_TARGET_AVX512 static void pair_avx512 PARAMS {
  pair_8(c, s, x, n, stride, y);
}
LW_TARGET_AVX2 static void pair_avx2 PARAMS {
  pair_4(c, s, x, n, stride, y);
}
#else
#define pair_avx512 pair_4
#define pair_avx2 pair_4
#endif
static void pair_portable PARAMS {
  pair_2(c, s, x, n, stride, y);
}

size_t lw_bank_size(size_t section_n, size_t channel_n) {
  return sizeof(lw_bank) + (2 * section_n + 1) * channel_n * sizeof(double);
}

int lw_bank_init(lw_bank *f, const lw_section *section, size_t section_n,
                 size_t channel_n, int settle) {
  lw_biquad check;
  if (channel_n < 1 || channel_n > LW_BANK_CHANNELS_MAX ||
      lw_biquad_init(&check, section, section_n, settle) < 0)
    return LW_E_RANGE;
  *f = (lw_bank){.section_n = section_n,
                 .channel_n = channel_n,
                 .settle = settle,
                 .isa = lw_dsp_isa()};
  memcpy(f->section, section, section_n * sizeof *section);
  lw_bank_reset(f);
  return 0;
}

static double *last_of(lw_bank *f) {
  return f->data + 2 * f->section_n * f->channel_n;
}

void lw_bank_reset(lw_bank *f) {
  memset(f->data, 0, 2 * f->section_n * f->channel_n * sizeof(double));
  for (size_t c = 0; c < f->channel_n; c++)
    last_of(f)[c] = NAN;
}

static coefficients of_section(const lw_section *s) {
  return (coefficients){s->b0, s->b1 - s->a1 * s->b0, s->b2 - s->a2 * s->b0,
                        -s->a1, -s->a2};
}

// One channel through one section; rows `stride` apart.
LW_BODY void single_body(const coefficients *c, double *s1, double *s2,
                         const double *x, size_t n, size_t stride, double *y) {
  double a = *s1, b = *s2;
  for (size_t i = 0; i < n; i++) {
    double in = x[i * stride];
    double next = c->c1 * in + b;
    y[i * stride] = c->b0 * in + a;
    b = c->n2 * a + c->c2 * in;
    a = c->n1 * a + next;
  }
  *s1 = a;
  *s2 = b;
}
LW_CLONES(single,
          (const coefficients *c, double *s1, double *s2, const double *x,
           size_t n, size_t stride, double *y),
          (c, s1, s2, x, n, stride, y))

// Channels from..to of section k on, `deep` sections, one at a time.
static void run_singles(lw_bank *f, size_t k, size_t deep, size_t from,
                        size_t to, const double *x, size_t n, double *y) {
  size_t stride = f->channel_n;
  for (size_t ch = from; ch < to; ch++)
    for (size_t j = 0; j < deep; j++) {
      coefficients c = of_section(&f->section[k + j]);
      double *s = f->data + 2 * (k + j) * stride + ch;
      single_at(f->isa)(&c, s, s + stride, (j ? y : x) + ch, n, stride, y + ch);
    }
}

// n rows, all finite, through all sections.
static void run_rows(lw_bank *f, const double *x, size_t n, double *y) {
  size_t stride = f->channel_n, k = 0;
  size_t wide = f->isa == LW_ISA_AVX512 ? 16 : f->isa == LW_ISA_AVX2 ? 8 : 4;
  for (; k + 2 <= f->section_n; k += 2, x = y) {
    coefficients c[2] = {of_section(&f->section[k]),
                         of_section(&f->section[k + 1])};
    double *s = f->data + 2 * k * stride;
    size_t ch = 0;
    for (; ch + wide <= stride; ch += wide) {
      if (wide == 16)
        pair_avx512(c, s + ch, x + ch, n, stride, y + ch);
      else if (wide == 8)
        pair_avx2(c, s + ch, x + ch, n, stride, y + ch);
      else
        pair_portable(c, s + ch, x + ch, n, stride, y + ch);
    }
    run_singles(f, k, 2, ch, stride, x, n, y);
  }
  if (k < f->section_n)
    run_singles(f, k, 1, 0, stride, x, n, y);
}

// Steady state of channel ch for a constant input x0.
static void settle(lw_bank *f, size_t ch, double x0) {
  size_t stride = f->channel_n;
  lw_biquad one;
  lw_biquad_init(&one, f->section, f->section_n, 0); // checked before
  lw_biquad_settle(&one, x0);
  for (size_t k = 0; k < f->section_n; k++) {
    f->data[2 * k * stride + ch] = one.s[k][0];
    f->data[(2 * k + 1) * stride + ch] = one.s[k][1];
  }
}

// One row with missing samples, or the first of a channel.
static void run_row(lw_bank *f, const double *x, double *y) {
  double *last = last_of(f);
  for (size_t ch = 0; ch < f->channel_n; ch++) {
    if (isfinite(x[ch])) {
      if (f->settle && isnan(last[ch]))
        settle(f, ch, x[ch]);
      for (size_t k = 0; k < f->section_n; k++)
        run_singles(f, k, 1, ch, ch + 1, k ? y : x, 1, y);
      last[ch] = y[ch];
    }
    y[ch] = last[ch];
  }
}

int lw_bank_primed(const lw_bank *f) {
  const double *last = f->data + 2 * f->section_n * f->channel_n;
  for (size_t ch = 0; ch < f->channel_n; ch++)
    if (isnan(last[ch]))
      return 0;
  return 1;
}

void lw_bank_run(lw_bank *f, const double *x, size_t n, double *y) {
  size_t stride = f->channel_n;
  int begun = lw_bank_primed(f);
  for (size_t i = 0; i < n;) {
    size_t rows =
        lw_finite_n(f->isa, x + i * stride, (n - i) * stride) / stride;
    if (rows == 0 || !begun) {
      run_row(f, x + i * stride, y + i * stride);
      begun = begun || lw_bank_primed(f);
      i++;
      continue;
    }
    run_rows(f, x + i * stride, rows, y + i * stride);
    i += rows;
    memcpy(last_of(f), y + (i - 1) * stride, stride * sizeof *y);
  }
}

double lw_bank_delay(const lw_bank *f, double w) {
  lw_biquad one;
  lw_biquad_init(&one, f->section, f->section_n, 0); // checked before
  return lw_biquad_delay(&one, w);
}

size_t lw_bank_state_n(const lw_bank *f) {
  return (2 * f->section_n + 1) * f->channel_n;
}

void lw_bank_save(const lw_bank *f, double *state) {
  memcpy(state, f->data, lw_bank_state_n(f) * sizeof *state);
}

int lw_bank_load(lw_bank *f, const double *state) {
  lw_bank_reset(f);
  for (size_t i = 0; i < 2 * f->section_n * f->channel_n; i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  memcpy(f->data, state, lw_bank_state_n(f) * sizeof *state);
  return 0;
}
