#include "dsp/fft.h"

#include <math.h>   // cos, sin
#include <string.h> // memcpy

#include "base/err.h" // LW_E_RANGE
#include "dsp/isa.h"

#define PI 3.14159265358979323846

// data[], with m = n / 2 complex points: three rows of twiddles exp(-2 pi j p
// k / length), k = 1..3, for each radix-4 pass one after the other (2 m in all
// for each of re and im is more than enough), the untangling factors, and two
// pairs of work arrays.
static double *twiddle(lw_fft *f) {
  return f->data;
} // [4 m]
static double *factor(lw_fft *f) {
  return f->data + 2 * f->n;
} // [n + 2]
static double *work(lw_fft *f, size_t i) { // [m] each, 4
  return f->data + 3 * f->n + 2 + i * (f->n / 2);
}

size_t lw_fft_size(size_t n) {
  if (n < 2 || n > LW_FFT_MAX || (n & (n - 1)))
    return 0;
  return sizeof(lw_fft) + (5 * n + 2) * sizeof(double);
}

// exp(-2 pi j p k / length) for k = 1..3: three pairs for each p, or for the
// first pass, which runs over p, six rows.
static void lay_twiddles(double *w, size_t length, int in_rows) {
  size_t quarter = length / 4;
  for (size_t p = 0; p < quarter; p++)
    for (size_t k = 1; k <= 3; k++) {
      double angle = -2 * PI * (double)(k * p) / (double)length;
      size_t at = 2 * (k - 1);
      w[in_rows ? at * quarter + p : 6 * p + at] = cos(angle);
      w[in_rows ? (at + 1) * quarter + p : 6 * p + at + 1] = sin(angle);
    }
}

int lw_fft_init(lw_fft *f, size_t n) {
  if (lw_fft_size(n) == 0)
    return LW_E_RANGE;
  // Wider vectors would straddle cache lines here, where memory is aligned for
  // double only: AVX-512 was measured a third slower.
  int isa = lw_dsp_isa();
  *f = (lw_fft){.n = n, .isa = isa > LW_ISA_AVX2 ? LW_ISA_AVX2 : isa};
  double *w = twiddle(f);
  for (size_t length = n / 2; length >= 4; w += 6 * (length / 4), length /= 4)
    lay_twiddles(w, length, length == n / 2);
  for (size_t k = 0; k <= n / 2; k++) {
    factor(f)[2 * k] = cos(PI * (double)(2 * k) / (double)n);
    factor(f)[2 * k + 1] = -sin(PI * (double)(2 * k) / (double)n);
  }
  return 0;
}

// One radix-4 pass of Stockham's transform: `length` points, each standing for
// `stride` transforms side by side. Six twiddles for each group p.
LW_BODY void pass4_body(size_t length, size_t stride,
                        const double *restrict twiddles,
                        const double *restrict xr, const double *restrict xi,
                        double *restrict yr, double *restrict yi) {
  size_t quarter = length / 4, step = stride * quarter;
  for (size_t p = 0; p < quarter; p++) {
    const double *w = twiddles + 6 * p;
    double w1r = w[0], w1i = w[1], w2r = w[2], w2i = w[3], w3r = w[4],
           w3i = w[5];
    const double *ar = xr + stride * p, *ai = xi + stride * p;
    double *br = yr + 4 * stride * p, *bi = yi + 4 * stride * p;
    for (size_t q = 0; q < stride; q++) {
      double sr = ar[q] + ar[q + 2 * step], si = ai[q] + ai[q + 2 * step];
      double dr = ar[q] - ar[q + 2 * step], di = ai[q] - ai[q + 2 * step];
      double tr = ar[q + step] + ar[q + 3 * step],
             ti = ai[q + step] + ai[q + 3 * step];
      double er = ai[q + step] - ai[q + 3 * step],
             ei = ar[q + 3 * step] - ar[q + step]; // -j (b - d)
      double fr = dr + er, fi = di + ei, gr = sr - tr, gi = si - ti,
             hr = dr - er, hi = di - ei;
      br[q] = sr + tr;
      bi[q] = si + ti;
      br[q + stride] = w1r * fr - w1i * fi;
      bi[q + stride] = w1r * fi + w1i * fr;
      br[q + 2 * stride] = w2r * gr - w2i * gi;
      bi[q + 2 * stride] = w2r * gi + w2i * gr;
      br[q + 3 * stride] = w3r * hr - w3i * hi;
      bi[q + 3 * stride] = w3r * hi + w3i * hr;
    }
  }
}
LW_CLONES(pass4,
          (size_t length, size_t stride, const double *restrict twiddles,
           const double *restrict xr, const double *restrict xi,
           double *restrict yr, double *restrict yi),
          (length, stride, twiddles, xr, xi, yr, yi))

// The first pass, whose stride is 1: over p instead, from six rows of twiddles.
LW_BODY void first4_body(size_t quarter, const double *restrict w,
                         const double *restrict xr, const double *restrict xi,
                         double *restrict yr, double *restrict yi) {
  for (size_t p = 0; p < quarter; p++) {
    double sr = xr[p] + xr[p + 2 * quarter], si = xi[p] + xi[p + 2 * quarter];
    double dr = xr[p] - xr[p + 2 * quarter], di = xi[p] - xi[p + 2 * quarter];
    double tr = xr[p + quarter] + xr[p + 3 * quarter],
           ti = xi[p + quarter] + xi[p + 3 * quarter];
    double er = xi[p + quarter] - xi[p + 3 * quarter],
           ei = xr[p + 3 * quarter] - xr[p + quarter];
    double fr = dr + er, fi = di + ei, gr = sr - tr, gi = si - ti, hr = dr - er,
           hi = di - ei;
    yr[4 * p] = sr + tr;
    yr[4 * p + 1] = w[p] * fr - w[quarter + p] * fi;
    yr[4 * p + 2] = w[2 * quarter + p] * gr - w[3 * quarter + p] * gi;
    yr[4 * p + 3] = w[4 * quarter + p] * hr - w[5 * quarter + p] * hi;
    yi[4 * p] = si + ti;
    yi[4 * p + 1] = w[p] * fi + w[quarter + p] * fr;
    yi[4 * p + 2] = w[2 * quarter + p] * gi + w[3 * quarter + p] * gr;
    yi[4 * p + 3] = w[4 * quarter + p] * hi + w[5 * quarter + p] * hr;
  }
}
LW_CLONES(first4,
          (size_t quarter, const double *restrict w, const double *restrict xr,
           const double *restrict xi, double *restrict yr, double *restrict yi),
          (quarter, w, xr, xi, yr, yi))

// The last pass where the length is not a power of four.
static void pass2(size_t stride, const double *restrict xr,
                  const double *restrict xi, double *restrict yr,
                  double *restrict yi) {
  for (size_t q = 0; q < stride; q++) {
    yr[q] = xr[q] + xr[q + stride];
    yi[q] = xi[q] + xi[q + stride];
    yr[q + stride] = xr[q] - xr[q + stride];
    yi[q + stride] = xi[q] - xi[q + stride];
  }
}

// Transform the m points in work 0 (re) and 1 (im). Returns the index, 0 or 2,
// of the work arrays that hold the result.
static size_t complex_fft(lw_fft *f) {
  size_t length = f->n / 2, stride = 1, from = 0;
  const double *w = twiddle(f);
  for (; length >= 4; length /= 4, stride *= 4, from = 2 - from) {
    double *xr = work(f, from), *xi = work(f, from + 1);
    double *yr = work(f, 2 - from), *yi = work(f, 3 - from);
    if (stride == 1)
      first4_at(f->isa)(length / 4, w, xr, xi, yr, yi);
    else
      pass4_at(f->isa)(length, stride, w, xr, xi, yr, yi);
    w += 6 * (length / 4);
  }
  if (length == 2) {
    pass2(stride, work(f, from), work(f, from + 1), work(f, 2 - from),
          work(f, 3 - from));
    from = 2 - from;
  }
  return from;
}

LW_BODY void untangle_body(size_t m, const double *restrict factors,
                           const double *restrict zr, const double *restrict zi,
                           double *restrict re, double *restrict im) {
  for (size_t k = 1; k < m; k++) {
    double er = (zr[k] + zr[m - k]) / 2, ei = (zi[k] - zi[m - k]) / 2;
    double odd_r = (zi[k] + zi[m - k]) / 2, oi = (zr[m - k] - zr[k]) / 2;
    double c = factors[2 * k], s = factors[2 * k + 1];
    re[k] = er + c * odd_r - s * oi;
    im[k] = ei + c * oi + s * odd_r;
  }
  re[0] = zr[0] + zi[0];
  re[m] = zr[0] - zi[0];
  im[0] = im[m] = 0;
}
LW_CLONES(untangle,
          (size_t m, const double *restrict factors, const double *restrict zr,
           const double *restrict zi, double *restrict re, double *restrict im),
          (m, factors, zr, zi, re, im))

LW_BODY void split_body(const double *restrict x, size_t m, double *restrict zr,
                        double *restrict zi) {
  for (size_t i = 0; i < m; i++) {
    zr[i] = x[2 * i];
    zi[i] = x[2 * i + 1];
  }
}
LW_CLONES(split,
          (const double *restrict x, size_t m, double *restrict zr,
           double *restrict zi),
          (x, m, zr, zi))

void lw_fft_forward(lw_fft *f, const double *x, double *re, double *im) {
  size_t m = f->n / 2;
  split_at(f->isa)(x, m, work(f, 0), work(f, 1));
  size_t at = complex_fft(f);
  untangle_at(f->isa)(m, factor(f), work(f, at), work(f, at + 1), re, im);
}

void lw_fft_inverse(lw_fft *f, const double *re, const double *im, double *x) {
  size_t m = f->n / 2;
  double *zr = work(f, 0), *zi = work(f, 1);
  // Tangle, with real and imaginary part exchanged, which turns the forward
  // transform into the inverse.
  for (size_t k = 0; k < m; k++) {
    double ai = k ? im[k] : 0, bi = k ? im[m - k] : 0;
    double er = (re[k] + re[m - k]) / 2, ei = (ai - bi) / 2;
    double dr = (re[k] - re[m - k]) / 2, di = (ai + bi) / 2;
    double c = factor(f)[2 * k], s = -factor(f)[2 * k + 1];
    double odd_r = c * dr - s * di, oi = c * di + s * dr;
    zi[k] = er - oi;
    zr[k] = ei + odd_r;
  }
  size_t at = complex_fft(f);
  for (size_t i = 0; i < m; i++) {
    x[2 * i] = work(f, at + 1)[i] / (double)m;
    x[2 * i + 1] = work(f, at)[i] / (double)m;
  }
}
