#include "dsp/finite.h"

#include "dsp/isa.h"

// A product with zero is zero for finite numbers only; eight sums hide the
// latency of the addition and vectorise.
LW_BODY void all_body(const double *x, size_t n, int *all) {
  double sum[8] = {0};
  for (size_t i = 0; i + 8 <= n; i += 8)
    for (size_t j = 0; j < 8; j++)
      sum[j] += x[i + j] * 0.0;
  double total = 0;
  for (size_t j = 0; j < 8; j++)
    total += sum[j];
  for (size_t i = n & ~(size_t)7; i < n; i++)
    total += x[i] * 0.0;
  *all = total == 0;
}

size_t lw_finite_n(const double *x, size_t n) {
  if (n > LW_CHUNK)
    n = LW_CHUNK;
  size_t i = 0;
  if (n >= 16) {
    int all = 0;
    all_body(x, n, &all);
    if (all)
      return n;
  }
  while (i < n && isfinite(x[i]))
    i++;
  return i;
}
