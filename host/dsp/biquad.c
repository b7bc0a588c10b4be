#include "dsp/biquad.h"

#include <complex.h> // cexp
#include <math.h>    // fabs, isfinite, NAN
#include <string.h>  // memcpy

#include "base/err.h" // LW_E_*
#include "dsp/finite.h"
#include "dsp/isa.h"
#include "dsp/zero_phase.h"

static int stable(const lw_section *c) {
  // The triangle of stability; written so that NaN fails.
  return isfinite(c->b0) && isfinite(c->b1) && isfinite(c->b2) &&
         fabs(c->a2) < 1 && fabs(c->a1) < 1 + c->a2;
}

int lw_biquad_init(lw_biquad *f, const lw_section *section, size_t section_n,
                   int settle) {
  if (section_n < 1 || section_n > LW_BIQUAD_MAX)
    return LW_E_RANGE;
  for (size_t i = 0; i < section_n; i++)
    if (!stable(&section[i]))
      return LW_E_RANGE;
  *f = (lw_biquad){.section_n = section_n,
                   .last = NAN,
                   .settle = settle,
                   .isa = lw_dsp_isa()};
  memcpy(f->section, section, section_n * sizeof *section);
  return 0;
}

// One sample through one section; s1 and s2 see x, not y. The products with s1
// come first so that the compiler fuses those: they are what the next sample
// waits for.
#define SECTION(k, in, out)                                                    \
  double out = b0##k * (in) + s1##k, t##k = c1##k * (in) + s2##k;              \
  s2##k = n2##k * s1##k + c2##k * (in);                                        \
  s1##k = n1##k * s1##k + t##k;
#define LOAD(k, c, s)                                                          \
  double b0##k = (c).b0, a1##k = (c).a1, a2##k = (c).a2;                       \
  double c1##k = (c).b1 - a1##k * b0##k, c2##k = (c).b2 - a2##k * b0##k;       \
  double n1##k = -a1##k, n2##k = -a2##k, s1##k = (s)[0], s2##k = (s)[1];
#define STORE(k, s)                                                            \
  (s)[0] = s1##k;                                                              \
  (s)[1] = s2##k;

// Two sections in one pass: the second works on the sample before while the
// first waits for its own state.
LW_BODY void pair_body(const lw_section *c, double (*s)[2], const double *x,
                       size_t n, double *y) {
  LOAD(a, c[0], s[0])
  LOAD(b, c[1], s[1])
  for (size_t i = 0; i < n; i++) {
    SECTION(a, x[i], u)
    SECTION(b, u, v)
    y[i] = v;
  }
  STORE(a, s[0])
  STORE(b, s[1])
}
LW_CLONES(pair,
          (const lw_section *c, double (*s)[2], const double *x, size_t n,
           double *y),
          (c, s, x, n, y))

LW_BODY void single_body(const lw_section *c, double (*s)[2], const double *x,
                         size_t n, double *y) {
  LOAD(a, c[0], s[0])
  for (size_t i = 0; i < n; i++) {
    SECTION(a, x[i], u)
    y[i] = u;
  }
  STORE(a, s[0])
}
LW_CLONES(single,
          (const lw_section *c, double (*s)[2], const double *x, size_t n,
           double *y),
          (c, s, x, n, y))

static void cascade(lw_biquad *f, const double *x, size_t n, double *y) {
  size_t k = 0;
  for (; k + 2 <= f->section_n; k += 2, x = y)
    pair_at(f->isa)(f->section + k, f->s + k, x, n, y);
  if (k < f->section_n)
    single_at(f->isa)(f->section + k, f->s + k, x, n, y);
}

void lw_biquad_run(lw_biquad *f, const double *x, size_t n, double *y) {
  for (size_t i = 0; i < n;) {
    size_t k = lw_finite_n(f->isa, x + i, n - i);
    if (k) {
      if (f->settle && isnan(f->last))
        lw_biquad_settle(f, x[i]);
      cascade(f, x + i, k, y + i);
      f->last = y[i + k - 1];
    }
    i = lw_finite_hold(x, i + k, n, f->last, y);
  }
}

void lw_biquad_settle(lw_biquad *f, double x0) {
  for (size_t i = 0; i < f->section_n; i++) {
    const lw_section *c = &f->section[i];
    double y0 = x0 * (c->b0 + c->b1 + c->b2) / (1 + c->a1 + c->a2);
    f->s[i][1] = c->b2 * x0 - c->a2 * y0;
    f->s[i][0] = y0 - c->b0 * x0;
    x0 = y0;
  }
}

size_t lw_biquad_pad(const lw_biquad *f) {
  size_t zeros = 0, poles = 0; // sections of first order count less
  for (size_t i = 0; i < f->section_n; i++) {
    zeros += f->section[i].b2 == 0;
    poles += f->section[i].a2 == 0;
  }
  return 3 * (2 * f->section_n + 1 - (zeros < poles ? zeros : poles));
}

static void sweep(void *f, double *x, size_t n) {
  lw_biquad_settle(f, x[0]);
  cascade(f, x, n, x);
}

int lw_biquad_zero_phase(lw_biquad *f, const double *x, size_t n, size_t pad,
                         double *work, double *y) {
  int rc = lw_zero_phase(sweep, f, x, n, pad, work, y);
  lw_biquad_reset(f);
  return rc;
}

void lw_biquad_reset(lw_biquad *f) {
  memset(f->s, 0, sizeof f->s);
  f->last = NAN;
}

void lw_biquad_gain(const lw_biquad *f, double w, double out[2]) {
  double complex z1 = cexp(-I * w), gain = 1;
  for (size_t i = 0; i < f->section_n; i++) {
    const lw_section *c = &f->section[i];
    gain *=
        (c->b0 + z1 * (c->b1 + z1 * c->b2)) / (1 + z1 * (c->a1 + z1 * c->a2));
  }
  out[0] = creal(gain);
  out[1] = cimag(gain);
}

// Delay of the polynomial p0 + p1 z^-1 + p2 z^-2: Re(sum k p_k z^-k / sum p_k
// z^-k); 1 at a zero on the circle, the limit from both sides.
static double delay_of(double p0, double p1, double p2, double w) {
  double complex z1 = cexp(-I * w), p = p0 + z1 * (p1 + z1 * p2);
  double scale = fabs(p0) + fabs(p1) + fabs(p2);
  if (cabs(p) < 1e-12 * scale)
    return fabs(p2) > 0 ? 1 : 0.5;
  return creal(z1 * (p1 + 2 * p2 * z1) / p);
}

double lw_biquad_delay(const lw_biquad *f, double w) {
  double delay = 0;
  for (size_t i = 0; i < f->section_n; i++) {
    const lw_section *c = &f->section[i];
    delay += delay_of(c->b0, c->b1, c->b2, w) - delay_of(1, c->a1, c->a2, w);
  }
  return delay;
}

size_t lw_biquad_state_n(const lw_biquad *f) {
  return 1 + 2 * f->section_n;
}

void lw_biquad_save(const lw_biquad *f, double *state) {
  state[0] = f->last;
  memcpy(state + 1, f->s, 2 * f->section_n * sizeof(double));
}

int lw_biquad_load(lw_biquad *f, const double *state) {
  lw_biquad_reset(f);
  for (size_t i = 1; i < lw_biquad_state_n(f); i++)
    if (!isfinite(state[i]))
      return LW_E_CORRUPT;
  f->last = state[0];
  memcpy(f->s, state + 1, 2 * f->section_n * sizeof(double));
  return 0;
}
