#include "dsp/remez.h"

#include <math.h> // ceil, cos, fabs, fmax, fmin, INFINITY, isfinite

#include "base/err.h" // LW_E_*

#define PI 3.14159265358979323846
#define CORES_MAX (LW_REMEZ_MAX / 2 + 3) // extremal points
#define DENSITY 32                       // grid points for each of them
#define GRID_MAX (DENSITY * CORES_MAX + 2 * LW_REMEZ_BANDS_MAX)
#define ROUNDS 100

typedef struct {
  size_t core_n; // cosines: the filter is a polynomial of degree core_n - 1
  size_t grid_n;
  double f[GRID_MAX], want[GRID_MAX], weight[GRID_MAX], error[GRID_MAX];
  int edge[GRID_MAX];   // 1: first or last point of a band
  size_t at[CORES_MAX]; // extremal points, core_n + 1
  double x[CORES_MAX], y[CORES_MAX], bary[CORES_MAX];
  double delta;
} exchange;

static int legal(const lw_remez_band *b, size_t band_n, size_t n) {
  if (band_n < 1 || band_n > LW_REMEZ_BANDS_MAX || n < 3 || n > LW_REMEZ_MAX)
    return 0;
  for (size_t i = 0; i < band_n; i++)
    if (!(b[i].low >= (i ? b[i - 1].high + 1e-9 : 0) && b[i].high > b[i].low &&
          b[i].high <= 0.5 && b[i].weight > 0 && isfinite(b[i].weight) &&
          isfinite(b[i].gain)))
      return 0;
  return 1;
}

// Points of the bands; for even n both want and weight take on the factor
// cos(pi f) that such a filter has at any rate.
static void lay_grid(exchange *e, const lw_remez_band *b, size_t band_n,
                     int even) {
  double width = 0;
  for (size_t i = 0; i < band_n; i++)
    width += b[i].high - b[i].low;
  double step = width / (double)(DENSITY * (e->core_n + 1));
  e->grid_n = 0;
  for (size_t i = 0; i < band_n; i++) {
    double high = even ? fmin(b[i].high, 0.5 - step) : b[i].high;
    size_t count = (size_t)ceil((high - b[i].low) / step);
    count = count < 1 ? 1 : count;
    for (size_t k = 0; k <= count && e->grid_n < GRID_MAX; k++) {
      size_t g = e->grid_n++;
      e->f[g] = b[i].low + (high - b[i].low) * (double)k / (double)count;
      double factor = even ? cos(PI * e->f[g]) : 1;
      e->want[g] = b[i].gain / factor;
      e->weight[g] = b[i].weight * factor;
      e->edge[g] = k == 0 || k == count;
    }
  }
}

// Barycentric weights of the points x, kept in range by the factor 2.
static void weigh(exchange *e, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double product = 1;
    for (size_t j = 0; j < n; j++)
      if (j != i)
        product *= 2 * (e->x[i] - e->x[j]);
    e->bary[i] = 1 / product;
  }
}

// The error that alternates on all points, and the polynomial's values there.
static void level(exchange *e) {
  size_t n = e->core_n + 1;
  double num = 0, den = 0, sign = 1;
  for (size_t i = 0; i < n; i++)
    e->x[i] = cos(2 * PI * e->f[e->at[i]]);
  weigh(e, n);
  for (size_t i = 0; i < n; i++, sign = -sign) {
    num += e->bary[i] * e->want[e->at[i]];
    den += e->bary[i] * sign / e->weight[e->at[i]];
  }
  e->delta = num / den;
  sign = 1;
  for (size_t i = 0; i < n; i++, sign = -sign)
    e->y[i] = e->want[e->at[i]] - sign * e->delta / e->weight[e->at[i]];
}

static double value_at(const exchange *e, double f) {
  double x = cos(2 * PI * f), num = 0, den = 0;
  for (size_t i = 0; i <= e->core_n; i++) {
    double apart = x - e->x[i];
    if (fabs(apart) < 1e-14)
      return e->y[i];
    num += e->bary[i] / apart * e->y[i];
    den += e->bary[i] / apart;
  }
  return num / den;
}

static int is_peak(const exchange *e, size_t g) {
  double here = fabs(e->error[g]);
  double before =
      g && !(e->edge[g] && e->edge[g - 1]) && e->error[g] * e->error[g - 1] > 0
          ? fabs(e->error[g - 1])
          : 0;
  double after = g + 1 < e->grid_n && !(e->edge[g] && e->edge[g + 1]) &&
                         e->error[g] * e->error[g + 1] > 0
                     ? fabs(e->error[g + 1])
                     : 0;
  return here >= before && here > after && here > 0;
}

// Peaks of alternating sign, the larger of neighbours that agree in it.
static size_t find_peaks(const exchange *e, size_t *peak) {
  size_t n = 0;
  for (size_t g = 0; g < e->grid_n; g++) {
    if (!is_peak(e, g))
      continue;
    if (n && e->error[g] * e->error[peak[n - 1]] > 0) {
      if (fabs(e->error[g]) > fabs(e->error[peak[n - 1]]))
        peak[n - 1] = g;
    } else {
      peak[n++] = g;
    }
  }
  return n;
}

// Too many: the smaller end goes, or the smallest pair in the middle.
static size_t thin_out(const exchange *e, size_t *peak, size_t n) {
  while (n > e->core_n + 1) {
    size_t first = 0, gone = 1;
    if (n == e->core_n + 2) {
      first = fabs(e->error[peak[0]]) < fabs(e->error[peak[n - 1]]) ? 0 : n - 1;
    } else {
      double least = INFINITY;
      for (size_t i = 0; i + 1 < n; i++) {
        double pair =
            fmax(fabs(e->error[peak[i]]), fabs(e->error[peak[i + 1]]));
        if (pair < least) {
          least = pair;
          first = i;
        }
      }
      gone = 2;
    }
    for (size_t i = first; i + gone < n; i++)
      peak[i] = peak[i + gone];
    n -= gone;
  }
  return n;
}

// One round: 1 when the points stay where they are, 0 to go on, or a failure.
static int round_of(exchange *e) {
  size_t peak[GRID_MAX];
  double largest = 0;
  level(e);
  for (size_t g = 0; g < e->grid_n; g++) {
    e->error[g] = (e->want[g] - value_at(e, e->f[g])) * e->weight[g];
    largest = fmax(largest, fabs(e->error[g]));
  }
  if (!isfinite(largest))
    return LW_E_AGAIN;
  if (largest <= fabs(e->delta) * (1 + 1e-9))
    return 1;
  size_t n = thin_out(e, peak, find_peaks(e, peak));
  if (n < e->core_n + 1)
    return LW_E_AGAIN;
  for (size_t i = 0; i <= e->core_n; i++)
    e->at[i] = peak[i];
  return 0;
}

// Taps from the amplitude at n equally spaced frequencies.
static void sample_taps(const exchange *e, size_t n, double *tap) {
  int even = n % 2 == 0;
  double middle = (double)(n - 1) / 2;
  for (size_t i = 0; i < n; i++) {
    double sum = value_at(e, 0);
    for (size_t k = 1; k <= (n - 1) / 2; k++) {
      double f = (double)k / (double)n, gain = value_at(e, f);
      gain *= even ? cos(PI * f) : 1;
      sum += 2 * gain * cos(2 * PI * f * ((double)i - middle));
    }
    tap[i] = sum / (double)n; // for even n the amplitude at 0.5 is 0
  }
}

int lw_remez(const lw_remez_band *band, size_t band_n, size_t n, double *tap,
             double *ripple) {
  if (!legal(band, band_n, n))
    return LW_E_RANGE;
  exchange e = {.core_n = n % 2 ? n / 2 + 1 : n / 2};
  lay_grid(&e, band, band_n, n % 2 == 0);
  for (size_t i = 0; i <= e.core_n; i++)
    e.at[i] = i * (e.grid_n - 1) / e.core_n;
  int rc = 0;
  for (int i = 0; i < ROUNDS && rc == 0; i++)
    rc = round_of(&e);
  if (rc != 1)
    return LW_E_AGAIN;
  sample_taps(&e, n, tap);
  if (ripple)
    *ripple = fabs(e.delta);
  return 0;
}
