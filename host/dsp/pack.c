#include "dsp/pack.h"

#include <math.h> // fmax, fmin, INFINITY, isfinite, NAN, rint

#include "dsp/isa.h"

#define CODE_MAX 32767.0

LW_BODY void narrow_body(const double *x, size_t n, float *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = (float)x[i];
}
LW_CLONES(narrow, (const double *x, size_t n, float *out), (x, n, out))

LW_BODY void widen_body(const float *x, size_t n, double *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = (double)x[i];
}
LW_CLONES(widen, (const float *x, size_t n, double *out), (x, n, out))

void lw_pack_f32(const double *x, size_t n, float *out) {
  narrow_at(lw_dsp_isa())(x, n, out);
}

void lw_unpack_f32(const float *x, size_t n, double *out) {
  widen_at(lw_dsp_isa())(x, n, out);
}

// A division, not a product with 1 / gain: a code then comes back as itself.
LW_BODY void encode_body(const double *x, size_t n, double gain, double bias,
                         int16_t *out, size_t *held) {
  size_t beyond = 0;
  for (size_t i = 0; i < n; i++) {
    double code = (x[i] - bias) / gain;
    double kept = code < -CODE_MAX  ? -CODE_MAX
                  : code > CODE_MAX ? CODE_MAX
                                    : code;
    int missing = !(x[i] - x[i] == 0); // NaN or infinite
    beyond += !missing && kept != code;
    // Rounds to nearest by pushing the fraction out of the mantissa.
    double whole = (kept + 6755399441055744.0) - 6755399441055744.0;
    out[i] = missing ? LW_PACK_MISSING : (int16_t)whole;
  }
  *held = beyond;
}
LW_CLONES(encode,
          (const double *x, size_t n, double gain, double bias, int16_t *out,
           size_t *held),
          (x, n, gain, bias, out, held))

size_t lw_pack_i16(const double *x, size_t n, double gain, double bias,
                   int16_t *out) {
  size_t held = 0;
  encode_at(lw_dsp_isa())(x, n, gain, bias, out, &held);
  return held;
}

LW_BODY void decode_body(const int16_t *x, size_t n, double gain, double bias,
                         double *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = x[i] == LW_PACK_MISSING ? (double)NAN : x[i] * gain + bias;
}
LW_CLONES(decode,
          (const int16_t *x, size_t n, double gain, double bias, double *out),
          (x, n, gain, bias, out))

void lw_unpack_i16(const int16_t *x, size_t n, double gain, double bias,
                   double *out) {
  decode_at(lw_dsp_isa())(x, n, gain, bias, out);
}

void lw_pack_scale(const double *x, size_t n, double *gain, double *bias) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < n; i++)
    if (isfinite(x[i])) {
      low = fmin(low, x[i]);
      high = fmax(high, x[i]);
    }
  *gain = 1;
  *bias = low <= high ? low / 2 + high / 2 : 0;
  if (!(low < high))
    return;
  // A hair wider, so that rounding leaves the ends inside.
  double half = fmax(high - *bias, *bias - low) / CODE_MAX * (1 + 1e-15);
  *gain = half > 0 ? half : 1;
}

void lw_mask_of(const double *x, size_t n, uint8_t *mask) {
  for (size_t i = 0; i < n; i++)
    mask[i] = isfinite(x[i]) ? LW_MASK_GOOD : LW_MASK_BAD;
}

void lw_mask_apply(const uint8_t *mask, const double *x, size_t n, int least,
                   double *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = mask[i] >= least ? x[i] : (double)NAN;
}

void lw_mask_worse(const uint8_t *a, const uint8_t *b, size_t n, uint8_t *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = a[i] < b[i] ? a[i] : b[i];
}

size_t lw_mask_count(const uint8_t *mask, size_t n, int least) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += mask[i] >= least;
  return count;
}
