#include "dsp/proto.h"

#include <math.h> // asinh, cosh, exp, fabs, pow, sinh, sqrt

#define PI 3.14159265358979323846

static double complex product(const double complex *root, size_t n) {
  double complex p = 1;
  for (size_t i = 0; i < n; i++)
    p *= -root[i];
  return p;
}

// Gain that makes the response 1 at direct current, times `dc`.
static void normalise(lw_proto *p, double dc) {
  p->gain =
      dc * creal(product(p->pole, p->pole_n) / product(p->zero, p->zero_n));
}

static void butterworth(int order, lw_proto *p) {
  for (int m = -order + 1; m < order; m += 2)
    p->pole[p->pole_n++] = m ? -cexp(I * PI * m / (2 * order)) : -1;
  normalise(p, 1);
}

// Chebyshev's ellipse of poles for ripple factor eps.
static void ellipse(int order, double eps, lw_proto *p) {
  double mu = asinh(1 / eps) / order;
  for (int m = -order + 1; m < order; m += 2) {
    double theta = PI * m / (2 * order);
    p->pole[p->pole_n++] =
        m ? -sinh(mu) * cos(theta) - I * cosh(mu) * sin(theta) : -sinh(mu);
  }
}

static double factor(double db) {
  return sqrt(expm1(db * log(10) / 10));
}

static void chebyshev1(int order, double ripple_db, lw_proto *p) {
  ellipse(order, factor(ripple_db), p);
  normalise(p, order % 2 ? 1 : pow(10, -ripple_db / 20));
}

static void chebyshev2(int order, double stop_db, lw_proto *p) {
  ellipse(order, 1 / factor(stop_db), p);
  for (size_t i = 0; i < p->pole_n; i++)
    p->pole[i] = 1 / p->pole[i];
  for (int m = -order + 1; m < order; m += 2)
    if (m)
      p->zero[p->zero_n++] = I / sin(PI * m / (2 * order));
  normalise(p, 1);
}

// ------------------------------------------------------------- elliptic ---

#define LANDEN_N 8 // moduli fall quadratically: 0.99999 reaches 1e-30 in 7

static double agm(double a, double b) {
  for (int i = 0; i < 40 && fabs(a - b) > 1e-16 * a; i++) {
    double mean = (a + b) / 2;
    b = sqrt(a * b);
    a = mean;
  }
  return a;
}

// Modulus k and its complement kc whose nome is the order-th root of that of
// k1: the degree equation, solved with theta series.
static void degree(int order, double k1, double *k, double *kc) {
  double k1c = sqrt((1 - k1) * (1 + k1));
  double q = exp(-PI * agm(1, k1c) / agm(1, k1) / order);
  double two = 1, three = 1, four = 1, sign = -1;
  for (int m = 1; m < 60; m++, sign = -sign) {
    two += pow(q, m * (m + 1.0));
    three += 2 * pow(q, (double)m * m);
    four += sign * 2 * pow(q, (double)m * m);
  }
  *k = 4 * sqrt(q) * pow(two / three, 2);
  *kc = pow(four / three, 2);
}

// Descending Landen moduli of k; kc is carried along to keep its digits.
static void landen(double k, double kc, double v[LANDEN_N]) {
  for (int i = 0; i < LANDEN_N; i++) {
    v[i] = k = pow(k / (1 + kc), 2);
    kc = 2 * sqrt(kc) / (1 + kc);
  }
}

// cd or sn of quarter-period argument u, given w = cos or sin of u pi/2.
static double complex ascend(double complex w, const double v[LANDEN_N]) {
  for (int i = LANDEN_N; i-- > 0;)
    w = (1 + v[i]) * w / (1 + v[i] * w * w);
  return w;
}

// y such that sn(i y, k1) = i x, in quarter periods.
static double inverse_sn(double x, double k1) {
  double v[LANDEN_N], before = k1;
  landen(k1, sqrt((1 - k1) * (1 + k1)), v);
  for (int i = 0; i < LANDEN_N; before = v[i++])
    x = 2 * x / ((1 + v[i]) * (1 + sqrt(1 + x * x * before * before)));
  return asinh(x) * 2 / PI;
}

static void elliptic(const lw_design *d, lw_proto *p) {
  double ep = factor(d->ripple_db), k1 = ep / factor(d->stop_db), k, kc;
  double v[LANDEN_N];
  degree(d->order, k1, &k, &kc);
  landen(k, kc, v);
  double v0 = inverse_sn(1 / ep, k1) / d->order;
  for (int i = 1; i <= d->order / 2; i++) {
    double u = (2.0 * i - 1) / d->order;
    double complex zero = I / (k * creal(ascend(cos(u * PI / 2), v)));
    double complex pole = I * ascend(ccos((u - I * v0) * PI / 2), v);
    p->zero[p->zero_n++] = zero;
    p->zero[p->zero_n++] = conj(zero);
    p->pole[p->pole_n++] = pole;
    p->pole[p->pole_n++] = conj(pole);
  }
  if (d->order % 2)
    p->pole[p->pole_n++] = creal(I * ascend(csin(I * v0 * PI / 2), v));
  normalise(p, d->order % 2 ? 1 : pow(10, -d->ripple_db / 20));
}

// --------------------------------------------------------------- Bessel ---

// Reverse Bessel polynomial and its derivative by their recurrence, whose
// terms do not cancel as the sum of powers does.
static double complex bessel_at(int order, double complex s,
                                double complex *slope) {
  double complex a = 1, b = 1 + s, da = 0, db = 1;
  for (int n = 2; n <= order; n++) {
    double complex c = (2 * n - 1) * b + s * s * a;
    double complex dc = (2 * n - 1) * db + 2 * s * a + s * s * da;
    a = b, da = db, b = c, db = dc;
  }
  *slope = db;
  return b;
}

// All roots at once. Source: O. Aberth, "Iteration Methods for Finding all
// Zeros of a Polynomial Simultaneously", Math. Comp. 27, 1973.
static void aberth(int order, double complex *root) {
  for (int i = 0; i < order; i++)
    root[i] = -order * cexp(I * (PI * (i + 0.5) / order - PI / 2));
  for (int turn = 0; turn < 100; turn++) {
    double moved = 0;
    for (int i = 0; i < order; i++) {
      double complex slope, value = bessel_at(order, root[i], &slope), rest = 0;
      for (int j = 0; j < order; j++)
        if (j != i)
          rest += 1 / (root[i] - root[j]);
      double complex step = value / (slope - value * rest);
      root[i] -= step;
      moved = fmax(moved, cabs(step) / cabs(root[i]));
    }
    if (moved < 1e-15)
      return;
  }
}

// Frequency at which the Bessel low-pass of this order falls by 3.01 dB.
static double half_power(int order) {
  double low = 0, high = 2.0 * order + 1;
  double complex slope;
  double dc = cabs(bessel_at(order, 0, &slope));
  for (int i = 0; i < 80; i++) {
    double w = (low + high) / 2, at = cabs(bessel_at(order, I * w, &slope));
    if (at < dc * sqrt(2))
      low = w;
    else
      high = w;
  }
  return (low + high) / 2;
}

static void bessel(int order, lw_proto *p) {
  double complex root[LW_DESIGN_ORDER_MAX];
  double edge = half_power(order);
  aberth(order, root);
  for (int i = 0; i < order; i++) {
    double complex r = root[i] / edge;
    if (fabs(cimag(r)) < 1e-9) {
      p->pole[p->pole_n++] = creal(r);
    } else if (cimag(r) > 0) { // its mirror image exactly, not as found
      p->pole[p->pole_n++] = r;
      p->pole[p->pole_n++] = conj(r);
    }
  }
  normalise(p, 1);
}

void lw_proto_make(const lw_design *d, lw_proto *p) {
  p->zero_n = p->pole_n = 0;
  switch (d->family) {
  case LW_CHEBYSHEV1:
    chebyshev1(d->order, d->ripple_db, p);
    break;
  case LW_CHEBYSHEV2:
    chebyshev2(d->order, d->stop_db, p);
    break;
  case LW_ELLIPTIC:
    elliptic(d, p);
    break;
  case LW_BESSEL:
    bessel(d->order, p);
    break;
  default:
    butterworth(d->order, p);
  }
}
