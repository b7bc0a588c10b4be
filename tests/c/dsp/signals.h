// Signals and comparisons for the kernel tests.
#ifndef LW_TEST_SIGNALS_H
#define LW_TEST_SIGNALS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/isa.h"

// Uniform noise in [-1, 1) from Knuth's MMIX generator: the same everywhere.
static inline double noise(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)*seed / 9223372036854775808.0;
}

// A walk with spikes and plateaus: something of everything a filter may see.
static inline void fill_signal(double *x, size_t n, uint64_t seed) {
  double level = 5;
  for (size_t i = 0; i < n; i++) {
    double u = noise(&seed), v = noise(&seed);
    level += 0.1 * u;
    x[i] = v > 0.96 ? level + 40 * u : v < -0.7 && i ? x[i - 1] : level;
  }
}

// Equal as a reader of results sees it: NaN equals NaN, 0 equals -0.
static inline void assert_same(const double *a, const double *b, size_t n,
                               double relative) {
  double scale = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(b[i]))
      scale = fmax(scale, fabs(b[i]));
  for (size_t i = 0; i < n; i++) {
    int same = a[i] == b[i] || (isnan(a[i]) && isnan(b[i])) ||
               fabs(a[i] - b[i]) <= relative * scale;
    if (!same)
      fail_msg("sample %zu is %.17g, not %.17g (scale %.3g)", i, a[i], b[i],
               scale);
  }
}

// Run `test` once at each level that this processor has.
static inline void at_each_isa(void (*test)(void)) {
  static const char *const words[] = {"portable", "avx2", "avx512"};
  for (int isa = 0; isa <= LW_ISA_AVX512; isa++) {
    setenv("LW_DSP_ISA", words[isa], 1);
    if (lw_dsp_isa() == isa)
      test();
  }
  unsetenv("LW_DSP_ISA");
}

// Reference numbers of tests/data/dsp/NAME.txt, one line per array: its name,
// its length and its numbers. Returns a malloc'ed array; n filled.
static inline double *reference(const char *file, const char *name, size_t *n) {
  char path[256], word[64];
  snprintf(path, sizeof path, "tests/data/dsp/%s.txt", file);
  FILE *f = fopen(path, "r");
  if (!f)
    fail_msg("cannot open %s", path);
  while (fscanf(f, "%63s %zu", word, n) == 2) {
    double *x = malloc((*n + 1) * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < *n; i++)
      assert_int_equal(fscanf(f, "%lf", &x[i]), 1);
    if (strcmp(word, name) == 0) {
      fclose(f);
      return x;
    }
    free(x);
  }
  fclose(f);
  fail_msg("%s has no array '%s'", path, name);
  return NULL;
}

#endif
