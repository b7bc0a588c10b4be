// The room's one rule for samples that are not finite numbers.
//
// A NaN or an infinity is a missing sample: every streaming filter repeats its
// last output (NaN before the first good sample) and leaves its state alone, so
// that one bad reading can never poison what comes after it.
#ifndef LW_DSP_FINITE_H
#define LW_DSP_FINITE_H

#include <math.h>   // isfinite
#include <stddef.h> // size_t

// Blocks are worked through in pieces of this many samples, which keeps every
// temporary in the first-level cache.
#define LW_CHUNK 512

// How many of the first min(n, LW_CHUNK) samples are finite before the first
// that is not.
//   isa  LW_ISA_*
size_t lw_finite_n(int isa, const double *x, size_t n);

// The same over all n samples, for work that gains from long runs.
static inline size_t lw_finite_run(int isa, const double *x, size_t n) {
  size_t k = lw_finite_n(isa, x, n);
  for (size_t more = k; more == LW_CHUNK && k < n; k += more)
    more = lw_finite_n(isa, x + k, n - k);
  return k;
}

// Write `last` for the samples of x[i..n) that are not finite, up to the next
// good one. Returns its index.
static inline size_t lw_finite_hold(const double *x, size_t i, size_t n,
                                    double last, double *y) {
  for (; i < n && !isfinite(x[i]); i++)
    y[i] = last;
  return i;
}

#endif
