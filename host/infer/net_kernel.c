#include "infer/net_kernel.h"

#include <string.h> // memcpy

#include "dsp/isa.h" // LW_TARGET_AVX2

#define UNROLL _Pragma("GCC unroll 16")

// ------------------------------------------------------------------- maps ---

// tanh as an odd rational function, relative error below 1e-8 on [-8.3, 8.3],
// beyond which tanh rounds to 1 in float. Our own minimax fit: iteratively
// reweighted linear least squares on Chebyshev nodes.
#define TANH_END 8.3f
LW_BODY float tanh_of(float x) {
  x = x > TANH_END ? TANH_END : x;
  x = x < -TANH_END ? -TANH_END : x;
  float t = x * x;
  float p = 1.46482146e-08f;
  p = p * t + 2.15085062e-05f;
  p = p * t + 3.5491715e-03f;
  p = p * t + 1.3425873e-01f;
  p = p * t + 9.99999991e-01f;
  float q = 8.29510323e-07f;
  q = q * t + 3.37395311e-04f;
  q = q * t + 2.60799604e-02f;
  q = q * t + 4.67591979e-01f;
  q = q * t + 1.0f;
  return x * p / q;
}

// exp by 2^n times a polynomial of the rest, |rest| <= ln(2)/2; relative error
// below 2e-7. The coefficients are those of the series: six terms suffice.
LW_BODY float exp_of(float x) {
  x = x > 88.0f ? 88.0f : x;
  x = x < -87.0f ? -87.0f : x;
  float n = x * 1.44269504f;
  n += n < 0 ? -0.5f : 0.5f;
  int32_t k = n == n ? (int32_t)n : 0;   // NaN stays in r
  float r = x - (float)k * 0.693359375f; // ln 2 in two parts
  r -= (float)k * -2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  union {
    int32_t i;
    float f;
  } scale = {(k + 127) * (1 << 23)};
  return p * scale.f;
}

// log(1 + exp(x)) without overflow, by tanh's sister series.
LW_BODY float softplus_of(float x) {
  float ax = x < 0 ? -x : x, u = exp_of(-ax);
  // log(1 + u) = 2 atanh(u / (2 + u)), u in (0, 1]
  float s = u / (2.0f + u), t = s * s;
  float p = 1.0f / 13;
  p = p * t + 1.0f / 11;
  p = p * t + 1.0f / 9;
  p = p * t + 1.0f / 7;
  p = p * t + 1.0f / 5;
  p = p * t + 1.0f / 3;
  p = p * t + 1.0f;
  return (x > 0 ? x : 0.0f) + 2.0f * s * p;
}

#define EACH(expression)                                                       \
  for (size_t i = 0; i < n; i++) {                                             \
    float x = y[i];                                                            \
    y[i] = (expression);                                                       \
  }

// Comparisons are written so that NaN comes out as NaN.
LW_BODY void map_body(int map, float a, float b, size_t n, float *restrict y) {
  switch (map) {
  case LW_MAP_relu:
    EACH(x < 0 ? 0.0f : x)
    break;
  case LW_MAP_leaky_relu:
    EACH(x < 0 ? a * x : x)
    break;
  case LW_MAP_tanh:
    EACH(tanh_of(x))
    break;
  case LW_MAP_sigmoid:
    EACH(0.5f * tanh_of(0.5f * x) + 0.5f)
    break;
  case LW_MAP_clip:
    EACH(x < a ? a : x > b ? b : x)
    break;
  case LW_MAP_elu:
    EACH(x < 0 ? a * (exp_of(x) - 1.0f) : x)
    break;
  case LW_MAP_softplus:
    EACH(softplus_of(x))
    break;
  }
}

// ----------------------------------------------------------------- levels ---

#if defined(__x86_64__) && defined(__GNUC__)
#define LANES 16
#define SINGLE 4
#define ROWS 6
#define WIDE 4
#define TARGET LW_TARGET_AVX512
#define SUFFIX _avx512
#include "infer/net_kernel.inc"

#define LANES 8
#define SINGLE 8
#define ROWS 6
#define WIDE 2
#define TARGET LW_TARGET_AVX2
#define SUFFIX _avx2
#include "infer/net_kernel.inc"
#endif

#define LANES 4
#define SINGLE 8
#define ROWS 4
#define WIDE 2
#define TARGET
#define SUFFIX _portable
#include "infer/net_kernel.inc"

lw_net_dense lw_net_dense_at(int isa) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (isa == LW_ISA_AVX512)
    return dense_avx512;
  if (isa == LW_ISA_AVX2)
    return dense_avx2;
#endif
  (void)isa;
  return dense_portable;
}

lw_net_map lw_net_map_at(int isa) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (isa == LW_ISA_AVX512)
    return map_avx512;
  if (isa == LW_ISA_AVX2)
    return map_avx2;
#endif
  (void)isa;
  return map_portable;
}
