#include <math.h> // log2, exp2

#include "infer/runner_private.h"

#define PER_OCTAVE 3

uint32_t lw_infer_bin(int64_t took_ns) {
  double us = (double)took_ns / 1e3;
  int bin = us <= 1 ? 0 : (int)ceil(log2(us) * PER_OCTAVE);
  return bin < LW_INFER_BINS ? (uint32_t)bin : LW_INFER_BINS - 1;
}

int64_t lw_infer_stats_quantile(const lw_infer_stats *s, double q) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < LW_INFER_BINS; i++)
    total += s->bins[i];
  if (!total)
    return 0;
  double rank = q * (double)total;
  int bin = 0;
  for (; bin < LW_INFER_BINS - 1; bin++) {
    seen += s->bins[bin];
    if ((double)seen >= rank)
      break;
  }
  return (int64_t)(1e3 * exp2((double)bin / PER_OCTAVE));
}
