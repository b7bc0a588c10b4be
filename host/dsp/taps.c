#include "dsp/taps.h"

#include <math.h> // cos, sin, sqrt

#include "base/err.h" // LW_E_RANGE

#define PI 3.14159265358979323846

// Modified Bessel function of the first kind, order 0, by its power series.
static double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 500 && term > 1e-18 * sum; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

static double window_at(int window, double beta, double t) { // t in 0..1
  double a = 2 * PI * t, edge = 2 * t - 1;
  switch (window) {
  case LW_HANN:
    return 0.5 - 0.5 * cos(a);
  case LW_HAMMING:
    return 0.54 - 0.46 * cos(a);
  case LW_BLACKMAN:
    return 0.42 - 0.5 * cos(a) + 0.08 * cos(2 * a);
  case LW_KAISER:
    return bessel_i0(beta * sqrt(fmax(0, 1 - edge * edge))) / bessel_i0(beta);
  default:
    return 1;
  }
}

void lw_taps_window(int window, double beta, int periodic, size_t n,
                    double *w) {
  double span = (double)(periodic ? n : n - 1);
  for (size_t i = 0; i < n; i++) // the second half exactly as the first
    w[i] = n == 1 ? 1
           : !periodic && i > n - 1 - i
               ? w[n - 1 - i]
               : window_at(window, beta, (double)i / span);
}

// Ideal filter of pass band 0..edge, at distance t from its centre.
static double sinc(double edge, double t) {
  return t == 0 ? 2 * edge : sin(2 * PI * edge * t) / (PI * t);
}

int lw_taps_ideal(double low, double high, int window, double beta, size_t n,
                  double *tap) {
  if (!(low >= 0 && low < high && high <= 0.5) || n < 1 || window < 0 ||
      window >= LW_WINDOW_N || !(beta >= 0 && isfinite(beta)) ||
      (high >= 0.5 && n % 2 == 0))
    return LW_E_RANGE;
  double centre = (double)(n - 1) / 2, gain = 0;
  double at = low <= 0 ? 0 : high >= 0.5 ? 0.5 : (low + high) / 2;
  lw_taps_window(window, beta, 0, n, tap);
  for (size_t i = 0; i < n; i++) {
    double t = (double)i - centre;
    tap[i] *= sinc(high, t) - sinc(low, t);
    gain += tap[i] * cos(2 * PI * at * t);
  }
  for (size_t i = 0; i < n; i++)
    tap[i] /= gain;
  return 0;
}

#define ORDER_MAX 10

// Values at x of the discrete orthonormal polynomials over -m..m (m may be a
// half) and of their derivatives: p[k][d], k <= order, d <= derivative, by
// Gram's three-term recurrence, whose norms are known.
static void gram(double m, double x, int order, int derivative,
                 double p[ORDER_MAX + 1][ORDER_MAX + 1]) {
  double n = 2 * m + 1;
  for (int d = 0; d <= derivative; d++)
    p[0][d] = d ? 0 : 1 / sqrt(n);
  for (int k = 1; k <= order; k++) {
    // a_k x p_{k-1} - (a_k / a_{k-1}) p_{k-2}, orthonormal form
    double a =
        sqrt((4.0 * k * k - 1) / ((double)k * k * (n * n - (double)k * k))) * 2;
    double before = k - 1;
    double c = k > 1 ? a *
                           sqrt(before * before * (n * n - before * before) /
                                (4 * before * before - 1)) /
                           2
                     : 0;
    for (int d = 0; d <= derivative; d++)
      p[k][d] = a * (x * p[k - 1][d] + (d ? d * p[k - 1][d - 1] : 0)) -
                (k > 1 ? c * p[k - 2][d] : 0);
  }
}

int lw_taps_savgol(size_t n, int order, int derivative, size_t lag,
                   double *tap) {
  if (n < 1 || order < 0 || order > ORDER_MAX || (size_t)order >= n ||
      derivative < 0 || derivative > order || lag >= n)
    return LW_E_RANGE;
  double m = (double)(n - 1) / 2, wanted[ORDER_MAX + 1][ORDER_MAX + 1],
         here[ORDER_MAX + 1][ORDER_MAX + 1];
  gram(m, m - (double)lag, order, derivative, wanted);
  for (size_t i = 0; i < n; i++) {
    gram(m, m - (double)i, order, 0, here);
    tap[i] = 0;
    for (int k = 0; k <= order; k++)
      tap[i] += wanted[k][derivative] * here[k][0];
  }
  return 0;
}
