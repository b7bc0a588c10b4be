// Samples as they are stored: float32 and int16 records in half and a quarter
// of the room, and the mask that says how good each sample is.
//
// Kernels work on float64; these convert. All vectorise; no array may overlap
// another.
#ifndef LW_DSP_PACK_H
#define LW_DSP_PACK_H

#include <stddef.h> // size_t
#include <stdint.h> // int16_t, uint8_t

// float64 to float32, rounded to nearest; beyond its range infinite.
void lw_pack_f32(const double *x, size_t n, float *out);
void lw_unpack_f32(const float *x, size_t n, double *out);

// float64 to int16: code = (x - bias) / gain, rounded to nearest, held to
// -32767..32767. A sample that is not finite becomes LW_PACK_MISSING.
//   gain  unit of a code, finite, not 0;  bias  finite
// The error is at most gain / 2 within the range. Returns how many samples were
// held at an end of the range.
#define LW_PACK_MISSING INT16_MIN
size_t lw_pack_i16(const double *x, size_t n, double gain, double bias,
                   int16_t *out);

// x = code gain + bias; LW_PACK_MISSING gives NaN.
void lw_unpack_i16(const int16_t *x, size_t n, double gain, double bias,
                   double *out);

// The finest gain and its bias by which all finite samples of x [n] fit.
// A constant signal gets gain 1; without finite samples gain 1, bias 0.
void lw_pack_scale(const double *x, size_t n, double *gain, double *bias);

// How good a sample is; the numbers of the line's own LW_BAD, LW_UNCERTAIN,
// LW_GOOD.
enum { LW_MASK_BAD, LW_MASK_UNCERTAIN, LW_MASK_GOOD };

// mask [n] from x [n]: good where finite, else bad.
void lw_mask_of(const double *x, size_t n, uint8_t *mask);

// y [n] = x where mask is at least `least`, else NaN; y may be x.
void lw_mask_apply(const uint8_t *mask, const double *x, size_t n, int least,
                   double *y);

// out [n] = the worse of a and b [n]; out may be one of them.
void lw_mask_worse(const uint8_t *a, const uint8_t *b, size_t n, uint8_t *out);

// How many of mask [n] are at least `least`.
size_t lw_mask_count(const uint8_t *mask, size_t n, int least);

#endif
