#include "dsp/spectrum.h"

#include <math.h> // cos, fabs, fmax, fmin, isfinite, sin, sqrt

#include "base/err.h" // LW_E_RANGE
#include "dsp/isa.h"
#include "dsp/taps.h" // lw_taps_window

#define PI 3.14159265358979323846

// ------------------------------------------------------------------ Welch ---
// data[]: window [n], segment [n], re and im [n/2 + 1] each, then the lw_fft.

static double *window_of(lw_welch *f) {
  return f->data;
}
static double *segment_of(lw_welch *f) {
  return f->data + f->n;
}
static double *re_of(lw_welch *f) {
  return f->data + 2 * f->n;
}
static double *im_of(lw_welch *f) {
  return re_of(f) + f->n / 2 + 1;
}
static lw_fft *fft_of(lw_welch *f) {
  return (lw_fft *)(f->data + 3 * f->n + 2);
}

size_t lw_welch_size(size_t n) {
  if (n < 4 || lw_fft_size(n) == 0)
    return 0;
  return sizeof(lw_welch) + (3 * n + 2) * sizeof(double) + lw_fft_size(n);
}

int lw_welch_init(lw_welch *f, size_t n, double rate_hz) {
  if (lw_welch_size(n) == 0 || !(rate_hz > 0) || !isfinite(rate_hz))
    return LW_E_RANGE;
  *f = (lw_welch){.n = n, .isa = lw_dsp_isa()};
  double power = 0;
  lw_taps_window(LW_HANN, 0, 1, n, window_of(f));
  for (size_t i = 0; i < n; i++)
    power += window_of(f)[i] * window_of(f)[i];
  f->scale = 1 / (rate_hz * power);
  return lw_fft_init(fft_of(f), n);
}

// y = (x - mean of x) * window
LW_BODY void prepare_body(const double *restrict x, size_t n,
                          const double *restrict window, double *restrict y) {
  double sum[8] = {0};
  for (size_t i = 0; i < n; i += 8)
    for (size_t j = 0; j < 8 && i + j < n; j++)
      sum[j] += x[i + j];
  double mean = (((sum[0] + sum[1]) + (sum[2] + sum[3])) +
                 ((sum[4] + sum[5]) + (sum[6] + sum[7]))) /
                (double)n;
  for (size_t i = 0; i < n; i++)
    y[i] = (x[i] - mean) * window[i];
}
LW_CLONES(prepare,
          (const double *restrict x, size_t n, const double *restrict window,
           double *restrict y),
          (x, n, window, y))

LW_BODY void collect_body(const double *restrict re, const double *restrict im,
                          size_t n, double *restrict power) {
  for (size_t k = 0; k < n; k++)
    power[k] += re[k] * re[k] + im[k] * im[k];
}
LW_CLONES(collect,
          (const double *restrict re, const double *restrict im, size_t n,
           double *restrict power),
          (re, im, n, power))

int lw_welch_run(lw_welch *f, const double *x, size_t n, double *density) {
  size_t bins = f->n / 2 + 1, segments = 0;
  if (n < f->n)
    return 0;
  for (size_t k = 0; k < bins; k++)
    density[k] = 0;
  for (size_t at = 0; at + f->n <= n; at += f->n / 2, segments++) {
    prepare_at(f->isa)(x + at, f->n, window_of(f), segment_of(f));
    lw_fft_forward(fft_of(f), segment_of(f), re_of(f), im_of(f));
    collect_at(f->isa)(re_of(f), im_of(f), bins, density);
  }
  double scale = f->scale / (double)segments;
  for (size_t k = 0; k < bins; k++) {
    int edge = k == 0 || k == f->n / 2; // its mirror image is itself
    density[k] *= edge ? scale : 2 * scale;
  }
  // One sample that is not finite makes every bin of its segment NaN.
  return isfinite(density[0]) ? (int)segments : LW_E_RANGE;
}

// --------------------------------------------------------- single figures ---

void lw_goertzel(const double *x, size_t n, double w, double *re, double *im) {
  // Reinsch's form: the plain recurrence loses its digits near 0 and pi.
  double half = w / 2, s = 0, d = 0, c = cos(half), v = sin(half);
  int low = c * c > 0.5;
  double k = low ? -4 * v * v : 4 * c * c;
  for (size_t i = 0; i < n; i++) {
    if (low) {
      d += x[i] + k * s;
      s += d;
    } else {
      d = x[i] + k * s - d;
      s = d - s;
    }
  }
  // s = s[n-1]; the sum is exp(-j w (n-1)) (s[n-1] - exp(-j w) s[n-2]).
  double before = low ? s - d : d - s;
  double a = s - cos(w) * before, b = sin(w) * before;
  double turn = -w * (double)(n - 1), scale = 2 / (double)n;
  *re = scale * (a * cos(turn) - b * sin(turn));
  *im = scale * (a * sin(turn) + b * cos(turn));
}

double lw_band_power(const double *density, size_t n, double bin_hz,
                     double low_hz, double high_hz) {
  double power = 0;
  for (size_t k = 0; k < n; k++) {
    double from = fmax(low_hz, ((double)k - 0.5) * bin_hz);
    double to = fmin(high_hz, ((double)k + 0.5) * bin_hz);
    if (to > from)
      power += density[k] * (to - from);
  }
  return power;
}

void lw_envelope(lw_fft *f, const double *x, double low, double high,
                 double *work, double *y) {
  size_t n = f->n, bins = n / 2 + 1;
  double *re = work, *im = work + bins, *other = work + 2 * bins;
  lw_fft_forward(f, x, re, im);
  for (size_t k = 0; k < bins; k++) {
    double at = (double)k / (double)n;
    if (at < low || at > high)
      re[k] = im[k] = 0;
  }
  lw_fft_inverse(f, re, im, y);
  // A quarter turn back of every frequency: (re + j im) times -j.
  for (size_t k = 0; k < bins; k++) {
    double t = re[k];
    re[k] = k == 0 || k == n / 2 ? 0 : im[k];
    im[k] = k == 0 || k == n / 2 ? 0 : -t;
  }
  lw_fft_inverse(f, re, im, other);
  for (size_t i = 0; i < n; i++)
    y[i] = sqrt(y[i] * y[i] + other[i] * other[i]);
}
