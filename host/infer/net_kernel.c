#include "infer/net_kernel.h"

#include <string.h> // memcpy

#include "dsp/isa.h" // LW_TARGET_AVX2

// Which sums are fused with their product is written out, never the compiler's
// choice: this file is built with -ffp-contract=off. The levels with the
// instruction fuse all of them and agree to the bit; the portable one fuses
// none.
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h> // _mm512_fmadd_ps
#endif

#define UNROLL _Pragma("GCC unroll 16")

// ----------------------------------------------------------------- levels ---

#if defined(__x86_64__) && defined(__GNUC__)
#define LANES 16
#define SINGLE 4
#define ROWS 6
#define WIDE 4
#define TARGET LW_TARGET_AVX512
#define FUSE(a, b, c) __builtin_fmaf(a, b, c)
#define FUSE_VEC(a, b, c)                                                      \
  (VEC) _mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c))
#define SUFFIX _avx512
#include "infer/net_kernel.inc"

#define LANES 8
#define SINGLE 8
#define ROWS 6
#define WIDE 2
#define TARGET LW_TARGET_AVX2
#define FUSE(a, b, c) __builtin_fmaf(a, b, c)
#define FUSE_VEC(a, b, c)                                                      \
  (VEC) _mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c))
#define SUFFIX _avx2
#include "infer/net_kernel.inc"
#endif

#define LANES 4
#define SINGLE 8
#define ROWS 4
#define WIDE 2
#define TARGET
#define FUSE(a, b, c) ((a) * (b) + (c))
#define FUSE_VEC(a, b, c) ((a) * (b) + (c))
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
