// Which vector instructions the kernels of this room may use.
//
// Every kernel is plain C, compiled once for each level by LW_CLONES; the level
// is chosen when an object is set up or a block function is called. No shared
// state: a test or a user who compares two machines digit for digit lowers the
// level with the environment variable LW_DSP_ISA (portable, avx2 or avx512).
#ifndef LW_DSP_ISA_H
#define LW_DSP_ISA_H

// Levels, each including the ones before it.
enum { LW_ISA_PORTABLE, LW_ISA_AVX2, LW_ISA_AVX512 };

// The best level that this processor has and LW_DSP_ISA allows. An unknown
// word in LW_DSP_ISA counts as absent. About 50 ns.
int lw_dsp_isa(void);

// The level's word, "portable", "avx2" or "avx512"; never NULL.
const char *lw_dsp_isa_name(int isa);

// Bodies are inlined into each clone so that they take on its target.
#define LW_BODY static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__GNUC__)
#if defined(__clang__)
#define LW_TARGET_AVX512                                                       \
  __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma")))
#else
#define LW_TARGET_AVX512                                                       \
  __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma,"              \
                        "prefer-vector-width=512")))
#endif
#define LW_TARGET_AVX2 __attribute__((target("avx2,fma")))

// Compile name##_body for each level and define name(isa, ...), which calls
// the right one.
//   params  parenthesised parameter list of name##_body
//   args    the same names, parenthesised, for the call
#define LW_CLONES(name, params, args)                                          \
  LW_TARGET_AVX512 static void name##_avx512 params {                          \
    name##_body args;                                                          \
  }                                                                            \
  LW_TARGET_AVX2 static void name##_avx2 params {                              \
    name##_body args;                                                          \
  }                                                                            \
  static void name##_portable params {                                         \
    name##_body args;                                                          \
  }                                                                            \
  static inline void(*name##_at(int isa)) params {                             \
    return isa == LW_ISA_AVX512 ? name##_avx512                                \
           : isa == LW_ISA_AVX2 ? name##_avx2                                  \
                                : name##_portable;                             \
  }
#else
#define LW_CLONES(name, params, args)                                          \
  static void name##_portable params {                                         \
    name##_body args;                                                          \
  }                                                                            \
  static inline void(*name##_at(int isa)) params {                             \
    (void)isa;                                                                 \
    return name##_portable;                                                    \
  }
#endif

#endif
