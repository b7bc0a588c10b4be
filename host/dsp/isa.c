#include "dsp/isa.h"

#include <stdlib.h> // getenv
#include <string.h> // strcmp

static int isa_of_cpu(void) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return LW_ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return LW_ISA_AVX2;
#endif
  return LW_ISA_PORTABLE;
}

int lw_dsp_isa(void) {
  int best = isa_of_cpu();
  const char *word = getenv("LW_DSP_ISA");
  for (int isa = LW_ISA_PORTABLE; word && isa < best; isa++)
    if (strcmp(word, lw_dsp_isa_name(isa)) == 0)
      return isa;
  return best;
}

const char *lw_dsp_isa_name(int isa) {
  return isa == LW_ISA_AVX512 ? "avx512"
         : isa == LW_ISA_AVX2 ? "avx2"
                              : "portable";
}
