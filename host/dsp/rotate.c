#include "dsp/rotate.h"

#include <math.h> // atan2, cos, hypot, sin

#define SQRT3 1.7320508075688772935

void lw_rotate_clarke(const double *a, const double *b, const double *c,
                      size_t n, double *alpha, double *beta, double *zero) {
  for (size_t i = 0; i < n; i++) {
    double u = a[i], v = b[i], w = c[i];
    alpha[i] = (2 * u - v - w) / 3;
    beta[i] = (v - w) / SQRT3;
    if (zero)
      zero[i] = (u + v + w) / 3;
  }
}

void lw_rotate_phases(const double *alpha, const double *beta,
                      const double *zero, size_t n, double *a, double *b,
                      double *c) {
  for (size_t i = 0; i < n; i++) {
    double u = alpha[i], v = beta[i], mean = zero ? zero[i] : 0;
    a[i] = u + mean;
    b[i] = (SQRT3 * v - u) / 2 + mean;
    c[i] = (-SQRT3 * v - u) / 2 + mean;
  }
}

void lw_rotate_park(const double *alpha, const double *beta,
                    const double *theta, size_t n, double *d, double *q) {
  for (size_t i = 0; i < n; i++) {
    double u = alpha[i], v = beta[i], c = cos(theta[i]), s = sin(theta[i]);
    d[i] = u * c + v * s;
    q[i] = v * c - u * s;
  }
}

void lw_rotate_stator(const double *d, const double *q, const double *theta,
                      size_t n, double *alpha, double *beta) {
  for (size_t i = 0; i < n; i++) {
    double u = d[i], v = q[i], c = cos(theta[i]), s = sin(theta[i]);
    alpha[i] = u * c - v * s;
    beta[i] = u * s + v * c;
  }
}

void lw_rotate_dq(const double *a, const double *b, const double *c,
                  const double *theta, size_t n, double *d, double *q) {
  for (size_t i = 0; i < n; i++) {
    double alpha, beta, angle = theta[i];
    lw_rotate_clarke(a + i, b + i, c + i, 1, &alpha, &beta, NULL);
    lw_rotate_park(&alpha, &beta, &angle, 1, d + i, q + i);
  }
}

void lw_rotate_polar(const double *alpha, const double *beta, size_t n,
                     double *angle, double *amplitude) {
  for (size_t i = 0; i < n; i++) {
    double u = alpha[i], v = beta[i];
    angle[i] = atan2(v, u);
    amplitude[i] = hypot(u, v);
  }
}
