// Run by peers_liquid.sh: prints "name ns" a sample, the best of several
// passes.
#include <complex.h>
#include <liquid/liquid.h>
#include <stdio.h>
#include <time.h>

#define N 1000000
#define PASSES 7

static float x[N], y[N];

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(void) {
  unsigned seed = 1;
  for (int i = 0; i < N; i++) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = (float)seed / 4294967296.0f - 0.5f;
  }
  iirfilt_rrrf low =
      iirfilt_rrrf_create_prototype(LIQUID_IIRDES_BUTTER, LIQUID_IIRDES_LOWPASS,
                                    LIQUID_IIRDES_SOS, 4, 0.05f, 0, 1, 60);
  float taps[64];
  liquid_firdes_kaiser(64, 0.1f, 60, 0, taps);
  firfilt_rrrf fir = firfilt_rrrf_create(taps, 64);
  double low_ns = 1e18, fir_ns = 1e18;
  for (int pass = 0; pass < PASSES; pass++) {
    double start = now_ns();
    iirfilt_rrrf_execute_block(low, x, N, y);
    double mid = now_ns(), took;
    firfilt_rrrf_execute_block(fir, x, N, y);
    low_ns = mid - start < low_ns ? mid - start : low_ns;
    took = now_ns() - mid;
    fir_ns = took < fir_ns ? took : fir_ns;
  }
  printf("liquid-lowpass4 %g\nliquid-fir64 %g\n", low_ns / N, fir_ns / N);
  iirfilt_rrrf_destroy(low);
  firfilt_rrrf_destroy(fir);
  return 0;
}
