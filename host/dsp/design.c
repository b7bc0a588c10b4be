#include "dsp/design.h"

#include <complex.h> // double complex
#include <math.h>    // fabs, isfinite, tan
#include <string.h>  // memset

#include "base/err.h" // LW_E_RANGE
#include "dsp/proto.h"

#define PI 3.14159265358979323846
#define ROOT_MAX (2 * LW_DESIGN_ORDER_MAX)

static int legal(const lw_design *d) {
  int banded = d->band == LW_BANDPASS || d->band == LW_BANDSTOP;
  int rippled = d->family == LW_CHEBYSHEV1 || d->family == LW_ELLIPTIC;
  int stopped = d->family == LW_CHEBYSHEV2 || d->family == LW_ELLIPTIC;
  if (d->family < 0 || d->family >= LW_FAMILY_N || d->band < 0 ||
      d->band >= LW_BAND_N || d->order < 1 || d->order > LW_DESIGN_ORDER_MAX)
    return 0;
  if (!(d->low > 0 && d->low < 0.5))
    return 0;
  if (banded && !(d->high > d->low && d->high < 0.5))
    return 0;
  if (rippled && !(d->ripple_db > 0 && isfinite(d->ripple_db)))
    return 0;
  return !stopped ||
         (d->stop_db > (rippled ? d->ripple_db : 0) && isfinite(d->stop_db));
}

// s -> s/w: move the edge from 1 to w.
static void scale_edge(lw_proto *p, double w) {
  for (size_t i = 0; i < p->zero_n; i++)
    p->zero[i] *= w;
  for (size_t i = 0; i < p->pole_n; i++)
    p->pole[i] *= w;
  p->gain *= pow(w, (double)(p->pole_n - p->zero_n));
}

// s -> w/s: roots turn over; zeros at infinity come to 0.
static void to_highpass(lw_proto *p, double w) {
  double complex num = 1, den = 1;
  for (size_t i = 0; i < p->zero_n; i++)
    num *= -p->zero[i], p->zero[i] = w / p->zero[i];
  for (size_t i = 0; i < p->pole_n; i++)
    den *= -p->pole[i], p->pole[i] = w / p->pole[i];
  p->gain *= creal(num / den);
  while (p->zero_n < p->pole_n)
    p->zero[p->zero_n++] = 0;
}

// Each root r becomes the two solutions of s^2 - 2 half s + w0^2 = 0.
static void split_roots(double complex *root, size_t n, double w0) {
  for (size_t i = 0; i < n; i++) {
    double complex half = root[i], d = csqrt(half * half - w0 * w0);
    root[i] = half + d;
    root[n + i] = half - d;
  }
}

// s -> (s^2 + w0^2) / (width s)
static void to_bandpass(lw_proto *p, double w0, double width) {
  size_t excess = p->pole_n - p->zero_n;
  scale_edge(p, width / 2);
  p->gain *= pow(2, (double)excess);
  split_roots(p->zero, p->zero_n, w0);
  split_roots(p->pole, p->pole_n, w0);
  p->zero_n *= 2;
  p->pole_n *= 2;
  while (excess--)
    p->zero[p->zero_n++] = 0;
}

// s -> width s / (s^2 + w0^2)
static void to_bandstop(lw_proto *p, double w0, double width) {
  to_highpass(p, width / 2);
  split_roots(p->zero, p->zero_n, w0);
  split_roots(p->pole, p->pole_n, w0);
  p->zero_n *= 2;
  p->pole_n *= 2;
}

// z = (1 + s) / (1 - s); zeros at infinity come to -1.
static void bilinear(lw_proto *p) {
  double complex num = 1, den = 1;
  for (size_t i = 0; i < p->zero_n; i++) {
    num *= 1 - p->zero[i];
    p->zero[i] = (1 + p->zero[i]) / (1 - p->zero[i]);
  }
  for (size_t i = 0; i < p->pole_n; i++) {
    den *= 1 - p->pole[i];
    p->pole[i] = (1 + p->pole[i]) / (1 - p->pole[i]);
  }
  p->gain *= creal(num / den);
  while (p->zero_n < p->pole_n)
    p->zero[p->zero_n++] = -1;
}

static int digital(const lw_design *d, lw_proto *p) {
  if (!legal(d))
    return LW_E_RANGE;
  double low = tan(PI * d->low), high = tan(PI * d->high);
  lw_proto_make(d, p);
  if (d->band == LW_LOWPASS)
    scale_edge(p, low);
  else if (d->band == LW_HIGHPASS)
    to_highpass(p, low);
  else if (d->band == LW_BANDPASS)
    to_bandpass(p, sqrt(low * high), high - low);
  else
    to_bandstop(p, sqrt(low * high), high - low);
  bilinear(p);
  return 0;
}

int lw_design_zpk(const lw_design *d, lw_zpk *out) {
  lw_proto p;
  int rc = digital(d, &p);
  if (rc < 0)
    return rc;
  memset(out, 0, sizeof *out);
  out->zero_n = p.zero_n;
  out->pole_n = p.pole_n;
  out->gain = p.gain;
  for (size_t i = 0; i < p.zero_n; i++)
    out->zero[i][0] = creal(p.zero[i]), out->zero[i][1] = cimag(p.zero[i]);
  for (size_t i = 0; i < p.pole_n; i++)
    out->pole[i][0] = creal(p.pole[i]), out->pole[i][1] = cimag(p.pole[i]);
  return 0;
}

// ------------------------------------------------------------- sections ---

// Two roots, or one when `single`: z^2 + c1 z + c2 = (z - a)(z - b).
typedef struct {
  double complex a, b;
  int single;
} root_pair;

static void sort_values(const double *s, size_t n, double *sorted) {
  for (size_t i = 0; i < n; i++) {
    size_t j = i;
    for (; j > 0 && sorted[j - 1] > s[i]; j--)
      sorted[j] = sorted[j - 1];
    sorted[j] = s[i];
  }
}

// Conjugates together; real ones lowest with highest, so that a band-pass gets
// its zeros at 1 and -1 in one section. An odd real root stands alone.
static size_t pair_roots(const double complex *root, size_t n, root_pair *out) {
  double real[ROOT_MAX], sorted[ROOT_MAX];
  size_t real_n = 0, pair_n = 0;
  for (size_t i = 0; i < n; i++) {
    if (fabs(cimag(root[i])) <= 1e-14 * cabs(root[i]))
      real[real_n++] = creal(root[i]);
    else if (cimag(root[i]) > 0)
      out[pair_n++] = (root_pair){root[i], conj(root[i]), 0};
  }
  sort_values(real, real_n, sorted);
  size_t low = 0, high = real_n;
  for (; low + 1 < high; low++, high--)
    out[pair_n++] = (root_pair){sorted[low], sorted[high - 1], 0};
  if (low < high)
    out[pair_n++] = (root_pair){sorted[low], 0, 1};
  return pair_n;
}

static double nearness(const root_pair *pole) {
  return fmin(fabs(1 - cabs(pole->a)),
              pole->single ? 1 : fabs(1 - cabs(pole->b)));
}

// Index of the zero pair nearest to the pole pair, of the same kind (single or
// double); taken ones are marked by `used`.
static size_t nearest(const root_pair *pole, const root_pair *zero, size_t n,
                      const int *used) {
  size_t best = n;
  double least = INFINITY;
  for (size_t i = 0; i < n; i++) {
    double d = fmin(cabs(zero[i].a - pole->a), cabs(zero[i].b - pole->a));
    if (!used[i] && zero[i].single == pole->single && d < least)
      least = d, best = i;
  }
  return best;
}

static lw_section section_of(const root_pair *zero, const root_pair *pole) {
  return (lw_section){
      .b0 = 1,
      .b1 = -creal(zero->a + (zero->single ? 0 : zero->b)),
      .b2 = zero->single ? 0 : creal(zero->a * zero->b),
      .a1 = -creal(pole->a + (pole->single ? 0 : pole->b)),
      .a2 = pole->single ? 0 : creal(pole->a * pole->b),
  };
}

int lw_design_sections(const lw_design *d, lw_section *out, size_t *section_n) {
  lw_proto p;
  int rc = digital(d, &p);
  if (rc < 0)
    return rc;
  root_pair pole[ROOT_MAX], zero[ROOT_MAX];
  int pole_used[ROOT_MAX] = {0}, zero_used[ROOT_MAX] = {0};
  size_t n = pair_roots(p.pole, p.pole_n, pole);
  size_t zero_n = pair_roots(p.zero, p.zero_n, zero);
  for (size_t k = n; k-- > 0;) { // from the last section, nearest the circle
    size_t at = n;
    for (size_t i = 0; i < n; i++)
      if (!pole_used[i] &&
          (at == n || nearness(&pole[i]) < nearness(&pole[at])))
        at = i;
    size_t z = nearest(&pole[at], zero, zero_n, zero_used);
    if (z == zero_n)
      return LW_E_RANGE; // an edge so extreme that roots lost their partners
    pole_used[at] = zero_used[z] = 1;
    out[k] = section_of(&zero[z], &pole[at]);
  }
  out[0].b0 *= p.gain, out[0].b1 *= p.gain, out[0].b2 *= p.gain;
  *section_n = n;
  return 0;
}

int lw_design_notch(double f0, double q, lw_section *out) {
  if (!(f0 > 0 && f0 < 0.5) || !(q > 0 && isfinite(q)))
    return LW_E_RANGE;
  double w = 2 * PI * f0, gain = 1 / (1 + tan(w / q / 2)), c = cos(w);
  *out = (lw_section){.b0 = gain,
                      .b1 = -2 * gain * c,
                      .b2 = gain,
                      .a1 = -2 * gain * c,
                      .a2 = 2 * gain - 1};
  return 0;
}
