#include <math.h>   // sqrt
#include <stddef.h> // ptrdiff_t
#include <stdlib.h> // malloc

#include "base/err.h" // LW_E_NOMEM
#include "infer/picture.h"

// The number that would stand at k if x[lo..hi] were sorted; smaller ones are
// left of it then, larger ones right. Sorting all took longer than the rest.
// Source: C. A. R. Hoare, "Algorithm 65: Find", CACM 4(7), 1961.
static double find(float *x, ptrdiff_t lo, ptrdiff_t hi, ptrdiff_t k) {
  while (lo < hi) {
    float pivot = x[k];
    ptrdiff_t i = lo, j = hi;
    do {
      for (; x[i] < pivot; i++)
        ;
      for (; pivot < x[j]; j--)
        ;
      if (i <= j) {
        float swapped = x[i];
        x[i++] = x[j];
        x[j--] = swapped;
      }
    } while (i <= j);
    lo = j < k ? i : lo;
    hi = k < i ? j : hi;
  }
  return x[k];
}

// Nearest-rank percentiles, each from where the one before left off.
static void percentiles(float *x, size_t n, double out[LW_LIGHT_N]) {
  ptrdiff_t last = (ptrdiff_t)n - 1;
  ptrdiff_t p1 = (ptrdiff_t)(0.01 * (double)last + 0.5);
  ptrdiff_t p50 = (ptrdiff_t)(0.5 * (double)last + 0.5);
  ptrdiff_t p99 = (ptrdiff_t)(0.99 * (double)last + 0.5);
  out[LW_LIGHT_p1] = find(x, 0, last, p1);
  out[LW_LIGHT_p50] = find(x, p1, last, p50);
  out[LW_LIGHT_p99] = find(x, p50, last, p99);
}

// Mean of the rows top..bottom and columns left..right, ends not included.
static double mean_of(const lw_picture *p, size_t left, size_t right,
                      size_t top, size_t bottom) {
  double sum = 0;
  for (size_t y = top; y < bottom; y++)
    for (size_t x = left * p->channels; x < right * p->channels; x++)
      sum += p->x[y * p->width * p->channels + x];
  size_t n = (right - left) * (bottom - top) * p->channels;
  return n ? sum / (double)n : 0;
}

// Rise over the whole picture, from the outer thirds, whose middles lie two
// thirds apart.
static void slopes(const lw_picture *p, double mean, double *out) {
  size_t w = p->width, h = p->height, third = (w + 2) / 3, row = (h + 2) / 3;
  double per = mean > 0 ? 1.5 / mean : 0;
  out[LW_LIGHT_slope_x] =
      per * (mean_of(p, w - third, w, 0, h) - mean_of(p, 0, third, 0, h));
  out[LW_LIGHT_slope_y] =
      per * (mean_of(p, 0, w, h - row, h) - mean_of(p, 0, w, 0, row));
}

// Variance of the four-neighbour Laplacian over the first channel.
static double focus_of(const lw_picture *p, double mean) {
  size_t c = p->channels, row = p->width * c, n = 0;
  double sum = 0, squares = 0;
  for (size_t y = 1; y + 1 < p->height; y++)
    for (size_t x = 1; x + 1 < p->width; x++, n++) {
      const float *at = p->x + y * row + x * c;
      double bend =
          at[-(ptrdiff_t)c] + at[c] + at[-(ptrdiff_t)row] + at[row] - 4 * at[0];
      sum += bend;
      squares += bend * bend;
    }
  if (n == 0 || !(mean > 0))
    return 0;
  sum /= (double)n;
  return (squares / (double)n - sum * sum) / (mean * mean);
}

int lw_picture_light(const lw_picture *p, double full, double out[LW_LIGHT_N]) {
  size_t n = p->height * p->width * p->channels, clipped = 0, black = 0;
  float *copy = malloc(n * sizeof *copy);
  double sum = 0, squares = 0;
  if (!copy)
    return LW_E_NOMEM;
  for (size_t i = 0; i < n; i++) {
    copy[i] = p->x[i];
    sum += p->x[i];
    squares += (double)p->x[i] * p->x[i];
    clipped += p->x[i] >= full * 254 / 255;
    black += p->x[i] <= full / 255;
  }
  percentiles(copy, n, out);
  double mean = sum / (double)n;
  out[LW_LIGHT_mean] = mean;
  out[LW_LIGHT_sd] = sqrt(fmax(0, squares / (double)n - mean * mean));
  out[LW_LIGHT_clipped] = (double)clipped / (double)n;
  out[LW_LIGHT_black] = (double)black / (double)n;
  slopes(p, mean, out);
  out[LW_LIGHT_focus] = focus_of(p, mean);
  free(copy);
  return 0;
}
