#include "dsp/whiten.h"

#include <math.h> // hypot, sqrt

void lw_whiten(lw_fft *f, const double *x, double *work, double *y) {
  size_t half = f->n / 2;
  double *re = work, *im = work + half + 1;
  // So that white noise of deviation 1 comes out as it went in.
  double height = sqrt((double)f->n);
  lw_fft_forward(f, x, re, im);
  for (size_t k = 0; k <= half; k++) {
    double magnitude = hypot(re[k], im[k]);
    double gain = magnitude > 0 ? height / magnitude : 0;
    re[k] *= gain;
    im[k] *= gain;
  }
  lw_fft_inverse(f, re, im, y);
}
