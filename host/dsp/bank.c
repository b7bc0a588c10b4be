#include "dsp/bank.h"

#include <math.h>   // isfinite, isnan, NAN
#include <string.h> // memcpy, memset

#include "base/err.h" // LW_E_RANGE
#include "dsp/finite.h"
#include "dsp/isa.h"

// A section with y substituted into the states, as in biquad.c; or, where all
// zeros lie on the unit circle, divided by b0, the gain of all sections being
// given to the first: a third of the products is then none.
typedef struct {
  double b0, c1, c2, n1, n2;
  double gain, b1, a1, a2;
} coefficients;

#define STEP(c, in, out, s1, s2)                                               \
  out = (c).b0 * (in) + (s1);                                                  \
  next = (c).c1 * (in) + (s2);                                                 \
  (s2) = (c).n2 * (s1) + (c).c2 * (in);                                        \
  (s1) = (c).n1 * (s1) + next;
#define UNIT_STEP(c, in, out, s1, s2)                                          \
  out = (in) + (s1);                                                           \
  next = (c).b1 * (in) + (s2);                                                 \
  (s2) = (in) - (c).a2 * out;                                                  \
  (s1) = next - (c).a1 * out;

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
  (const coefficients *c, int unit, double *s, const double *x, size_t n,      \
   size_t stride, double *y, double *odd)
#define PAIR(name)                                                             \
  {                                                                            \
    if (unit)                                                                  \
      name(c, 1, s, x, n, stride, y, odd);                                     \
    else                                                                       \
      name(c, 0, s, x, n, stride, y, odd);                                     \
  }
#ifdef LW_TARGET_AVX512
LW_TARGET_AVX512 static void pair_avx512 PARAMS PAIR(pair_8)
LW_TARGET_AVX2 static void pair_avx2 PARAMS PAIR(pair_4)
#else
#define pair_avx512 pair_4
#define pair_avx2 pair_4
#endif
    static void pair_portable PARAMS PAIR(pair_2)

size_t lw_bank_size(size_t section_n, size_t channel_n) {
  return sizeof(lw_bank) + (4 * section_n + 1) * channel_n * sizeof(double);
}

// Divide each section by its b0 if its zeros lie on the unit circle in all.
static void divide(lw_bank *f) {
  for (size_t k = 0; k < f->section_n; k++)
    if (f->section[k].b0 == 0 || f->section[k].b2 != f->section[k].b0)
      return;
  f->unit = 1;
  for (size_t k = 0; k < f->section_n; k++) {
    lw_section *s = &f->section[k];
    f->gain *= s->b0;
    *s = (lw_section){1, s->b1 / s->b0, 1, s->a1, s->a2};
  }
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
                 .isa = lw_dsp_isa(),
                 .gain = 1};
  memcpy(f->section, section, section_n * sizeof *section);
  divide(f);
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

// Section k, and whether all are in the form for zeros on the unit circle.
static int coefficients_of(const lw_bank *f, size_t k, coefficients *c) {
  const lw_section *s = &f->section[k];
  *c = (coefficients){.b0 = s->b0,
                      .c1 = s->b1 - s->a1 * s->b0,
                      .c2 = s->b2 - s->a2 * s->b0,
                      .n1 = -s->a1,
                      .n2 = -s->a2,
                      .gain = k ? 1 : f->gain,
                      .b1 = s->b1,
                      .a1 = s->a1,
                      .a2 = s->a2};
  return f->unit;
}

// One channel through one section; rows `stride` apart, `odd` as in the tiles.
LW_BODY void single_body(const coefficients *c, int unit, double *s,
                         const double *x, size_t n, size_t stride, double *y,
                         double *odd) {
  double a = s[0], b = s[stride], none = 0, out, next;
  for (size_t i = 0; i < n; i++) {
    double in = x[i * stride];
    none += in - in;
    if (unit) {
      in *= c->gain;
      UNIT_STEP(*c, in, out, a, b)
    } else {
      STEP(*c, in, out, a, b)
    }
    y[i * stride] = out;
  }
  s[0] = a;
  s[stride] = b;
  *odd += none;
}
LW_CLONES(single,
          (const coefficients *c, int unit, double *s, const double *x,
           size_t n, size_t stride, double *y, double *odd),
          (c, unit, s, x, n, stride, y, odd))

// Channels from..to of section k on, `deep` sections, one at a time.
static void run_singles(lw_bank *f, size_t k, size_t deep, size_t from,
                        size_t to, const double *x, size_t n, double *y,
                        double *odd) {
  size_t stride = f->channel_n;
  double later = 0;
  for (size_t ch = from; ch < to; ch++)
    for (size_t j = 0; j < deep; j++) {
      coefficients c;
      int unit = coefficients_of(f, k + j, &c);
      double *s = f->data + 2 * (k + j) * stride + ch;
      single_at(f->isa)(&c, unit, s, (j ? y : x) + ch, n, stride, y + ch,
                        j ? &later : odd);
    }
}

// n rows through all sections. Returns 0 when a sample was not finite: states
// and y are then worth nothing.
static int run_rows(lw_bank *f, const double *x, size_t n, double *y) {
  size_t stride = f->channel_n, k = 0;
  size_t wide = f->isa == LW_ISA_AVX512 ? 16 : f->isa == LW_ISA_AVX2 ? 8 : 4;
  double first = 0, later = 0, *odd = &first;
  for (; k + 2 <= f->section_n; k += 2, x = y, odd = &later) {
    coefficients c[2];
    int unit = coefficients_of(f, k, &c[0]);
    coefficients_of(f, k + 1, &c[1]);
    double *s = f->data + 2 * k * stride;
    size_t ch = 0;
    for (; ch + wide <= stride; ch += wide) {
      if (wide == 16)
        pair_avx512(c, unit, s + ch, x + ch, n, stride, y + ch, odd);
      else if (wide == 8)
        pair_avx2(c, unit, s + ch, x + ch, n, stride, y + ch, odd);
      else
        pair_portable(c, unit, s + ch, x + ch, n, stride, y + ch, odd);
    }
    run_singles(f, k, 2, ch, stride, x, n, y, odd);
  }
  if (k < f->section_n)
    run_singles(f, k, 1, 0, stride, x, n, y, odd);
  return first == 0;
}

// Steady state of channel ch for a constant input x0.
static void settle(lw_bank *f, size_t ch, double x0) {
  size_t stride = f->channel_n;
  lw_biquad one;
  lw_biquad_init(&one, f->section, f->section_n, 0); // checked before
  lw_biquad_settle(&one, f->gain * x0);
  for (size_t k = 0; k < f->section_n; k++) {
    f->data[2 * k * stride + ch] = one.s[k][0];
    f->data[(2 * k + 1) * stride + ch] = one.s[k][1];
  }
}

// One row with missing samples, or the first of a channel.
static void run_row(lw_bank *f, const double *x, double *y) {
  double *last = last_of(f), odd = 0;
  for (size_t ch = 0; ch < f->channel_n; ch++) {
    if (isfinite(x[ch])) {
      if (f->settle && isnan(last[ch]))
        settle(f, ch, x[ch]);
      for (size_t k = 0; k < f->section_n; k++)
        run_singles(f, k, 1, ch, ch + 1, k ? y : x, 1, y, &odd);
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

// Rows some of which have missing samples.
static void run_gaps(lw_bank *f, const double *x, size_t n, double *y) {
  size_t stride = f->channel_n;
  for (size_t i = 0; i < n;) {
    size_t rows =
        lw_finite_run(f->isa, x + i * stride, (n - i) * stride) / stride;
    if (rows == 0 || !lw_bank_primed(f)) {
      run_row(f, x + i * stride, y + i * stride);
      i++;
      continue;
    }
    run_rows(f, x + i * stride, rows, y + i * stride);
    i += rows;
    memcpy(last_of(f), y + (i - 1) * stride, stride * sizeof *y);
  }
}

// A piece that stays in the first-level cache, as if no sample were missing;
// when one is, all is put back and done with care.
#define PIECE (4 * LW_CHUNK)
static void run_piece(lw_bank *f, const double *x, size_t n, double *y) {
  size_t stride = f->channel_n, s_n = 2 * f->section_n * stride;
  double *kept = last_of(f) + stride, copy[PIECE];
  if (!lw_bank_primed(f)) {
    run_gaps(f, x, n, y);
    return;
  }
  memcpy(kept, f->data, s_n * sizeof *kept);
  if (x == y)
    memcpy(copy, x, n * stride * sizeof *x);
  if (run_rows(f, x, n, y)) {
    memcpy(last_of(f), y + (n - 1) * stride, stride * sizeof *y);
    return;
  }
  memcpy(f->data, kept, s_n * sizeof *kept);
  run_gaps(f, x == y ? copy : x, n, y);
}

void lw_bank_run(lw_bank *f, const double *x, size_t n, double *y) {
  size_t stride = f->channel_n, most = PIECE / stride;
  for (size_t i = 0, k; i < n; i += k) {
    k = n - i < most ? n - i : most;
    run_piece(f, x + i * stride, k, y + i * stride);
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
