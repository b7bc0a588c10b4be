#include "dsp/finite.h"

#include "dsp/isa.h"

// A product with zero is zero for finite numbers only; many sums hide the
// latency of the addition and vectorise.
#define SUMS 16
LW_BODY void all_body(const double *x, size_t n, int *all) {
  double sum[SUMS] = {0}, total = 0;
  for (size_t i = 0; i + SUMS <= n; i += SUMS)
    for (size_t j = 0; j < SUMS; j++)
      sum[j] += x[i + j] * 0.0;
  for (size_t j = 0; j < SUMS / 2; j++)
    sum[j] += sum[j + SUMS / 2];
  for (size_t j = 0; j < SUMS / 2; j++)
    total += sum[j];
  for (size_t i = n - n % SUMS; i < n; i++)
    total += x[i] * 0.0;
  *all = total == 0;
}
LW_CLONES(all, (const double *x, size_t n, int *all), (x, n, all))

size_t lw_finite_n(int isa, const double *x, size_t n) {
  if (n > LW_CHUNK)
    n = LW_CHUNK;
  size_t i = 0;
  if (n >= SUMS) {
    int all = 0;
    all_at(isa)(x, n, &all);
    if (all)
      return n;
  }
  while (i < n && isfinite(x[i]))
    i++;
  return i;
}
