// Kernels of the dsp room beside SciPy and bottleneck, in one run.
//
// Prints ns a sample, the best of several passes over a million samples of
// normal noise, and the ratio to the peer measured by peers_dsp.py (Debian's
// python3-scipy, python3-bottleneck) or by peers_liquid.c (libliquid-dev, which
// computes in float32); "-" where they are not installed.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dsp/bank.h"
#include "dsp/design.h"
#include "dsp/ewma.h"
#include "dsp/filter.h"
#include "dsp/hampel.h"
#include "dsp/isa.h"
#include "dsp/median.h"
#include "dsp/moving.h"
#include "dsp/spectrum.h"

#define N 1000000
#define PASSES 15
#define PEER_MAX 32

typedef struct {
  double *x, *y;
  struct {
    char name[32];
    double ns;
  } peer[PEER_MAX];
  size_t peer_n;
} bench;

// Time of this thread alone: a busy machine must not count.
static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void read_peers(bench *b, const char *command) {
  FILE *f = popen(command, "r");
  while (f && b->peer_n < PEER_MAX &&
         fscanf(f, "%31s %lf", b->peer[b->peer_n].name,
                &b->peer[b->peer_n].ns) == 2)
    b->peer_n++;
  if (f)
    pclose(f);
}

static double peer_ns(const bench *b, const char *name) {
  for (size_t i = 0; i < b->peer_n; i++)
    if (strcmp(b->peer[i].name, name) == 0)
      return b->peer[i].ns;
  return NAN;
}

static void report(const bench *b, const char *name, double ns,
                   const char *peer, double wanted) {
  double ratio = peer_ns(b, peer) / ns;
  if (isnan(ratio))
    printf("%-28s %8.3f ns/sample   peer -\n", name, ns);
  else
    printf("%-28s %8.3f ns/sample   peer %8.3f   %5.1f x   (to reach %g)  %s\n",
           name, ns, peer_ns(b, peer), ratio, wanted,
           ratio >= wanted ? "ok" : "SHORT");
}

// Best time a sample of `run` over the whole input.
static double timed(const bench *b, void (*run)(void *, const bench *),
                    void *f) {
  double least = INFINITY;
  for (int i = 0; i < PASSES; i++) {
    double start = now_ns();
    run(f, b);
    least = fmin(least, now_ns() - start);
  }
  return least / N;
}

static void run_copy(void *f, const bench *b) {
  (void)f;
  memcpy(b->y, b->x, N * sizeof *b->y);
  __asm__ volatile("" ::: "memory");
}

typedef struct {
  const lw_filter_kind *kind;
  void *f;
} streaming;

static void run_kind(void *f, const bench *b) {
  streaming *s = f;
  s->kind->run(s->f, b->x, N, b->y);
}

// A filter of the table, by name and parameters, at 1 sample a second.
static double of_kind(const bench *b, const char *name, const double *param,
                      size_t param_n) {
  double params[LW_FILTER_PARAM_MAX];
  lw_err e;
  streaming s = {.kind = lw_filter_find(name)};
  if (!s.kind || lw_filter_resolve(s.kind, param, param_n, 1, params, &e) < 0 ||
      !(s.f = malloc(lw_filter_size(s.kind, params, 1))) ||
      lw_filter_init(s.kind, s.f, params, 1, &e) < 0) {
    fprintf(stderr, "bench_dsp: cannot make %s\n", name);
    exit(1);
  }
  double ns = timed(b, run_kind, &s);
  free(s.f);
  return ns;
}

static void run_welch(void *f, const bench *b) {
  lw_welch_run(f, b->x, N, b->y);
}

static double of_welch(const bench *b, size_t n) {
  lw_welch *f = malloc(lw_welch_size(n));
  if (!f || lw_welch_init(f, n, 1) < 0)
    exit(1);
  double ns = timed(b, run_welch, f);
  free(f);
  return ns;
}

static void run_bank(void *f, const bench *b) {
  lw_bank_run(f, b->x, N / 16, b->y);
}

static double of_bank(const bench *b) {
  lw_design d = {.family = LW_BUTTERWORTH, .order = 4, .low = 0.05};
  lw_section section[LW_BIQUAD_MAX];
  size_t section_n;
  lw_bank *f = malloc(lw_bank_size(2, 16));
  if (!f || lw_design_sections(&d, section, &section_n) < 0 ||
      lw_bank_init(f, section, section_n, 16, 1) < 0)
    exit(1);
  double ns = timed(b, run_bank, f);
  free(f);
  return ns;
}

#define KIND(b, name, ...)                                                     \
  of_kind(b, name, (double[]){__VA_ARGS__},                                    \
          sizeof((double[]){__VA_ARGS__}) / sizeof(double))

// What the scan does for 256 tags with three filters each: one sample through
// every chain. Returns microseconds a scan, the least of many.
static double of_scan(const bench *b) {
  enum { TAGS = 256, CHAIN = 3, SCANS = 2000 };
  static const char *const names[CHAIN] = {"hampel", "lowpass", "deadband"};
  const double given[CHAIN][2] = {{7, 3}, {2, 4}, {0.1, NAN}};
  static struct {
    const lw_filter_kind *kind;
    void *f;
  } chain[TAGS * CHAIN];
  double params[LW_FILTER_PARAM_MAX], least = INFINITY;
  for (size_t i = 0; i < TAGS * CHAIN; i++) {
    const lw_filter_kind *kind = lw_filter_find(names[i % CHAIN]);
    if (!kind ||
        lw_filter_resolve(kind, given[i % CHAIN], kind->param_n < 2 ? 1 : 2,
                          100, params, NULL) < 0 ||
        !(chain[i].f = malloc(lw_filter_size(kind, params, 100))) ||
        lw_filter_init(kind, chain[i].f, params, 100, NULL) < 0)
      exit(1);
    chain[i].kind = kind;
  }
  for (size_t scan = 0; scan < SCANS; scan++) {
    double start = now_ns();
    for (size_t tag = 0; tag < TAGS; tag++) {
      double y = b->x[scan * TAGS + tag];
      for (size_t k = tag * CHAIN; k < (tag + 1) * CHAIN; k++)
        chain[k].kind->run(chain[k].f, &y, 1, &y);
      b->y[tag] = y;
    }
    least = fmin(least, now_ns() - start);
  }
  for (size_t i = 0; i < TAGS * CHAIN; i++)
    free(chain[i].f);
  return least / 1000;
}

static void beside_median(const char *name, double ns, double median_ns) {
  printf("%-28s %8.3f ns/sample   %5.2f of the median (at most 1.5)  %s\n",
         name, ns, ns / median_ns, ns <= 1.5 * median_ns ? "ok" : "SHORT");
}

// A hundred million samples through the moving figures: how far the last window
// is from that of a filter that saw nothing else. In whole numbers the mean is
// exact.
static void report_drift(const bench *b) {
  enum { W = 101, ROUNDS = 100 };
  double *x = malloc(N * sizeof *x), last[W];
  lw_moving *f = malloc(lw_moving_size(W)), *fresh = malloc(lw_moving_size(W));
  for (int figure = LW_MOVING_MEAN; x && f && fresh && figure <= LW_MOVING_STD;
       figure++) {
    lw_moving_init(f, W, figure);
    lw_moving_init(fresh, W, figure);
    for (size_t i = 0; i < N; i++)
      x[i] = floor(1e6 * b->x[i]);
    for (int round = 0; round < ROUNDS; round++)
      lw_moving_run(f, x, N, b->y);
    lw_moving_run(fresh, x + N - W, W, last);
    double off = fabs(b->y[N - 1] - last[W - 1]) / fabs(last[W - 1]);
    printf("%-28s %8.1e relative after 1e8 samples (at most 1e-15)  %s\n",
           figure == LW_MOVING_MEAN ? "drift of mean 101" : "drift of std 101",
           off, off <= 1e-15 ? "ok" : "SHORT");
  }
  free(x), free(f), free(fresh);
}

static void fill(double *x, size_t n) {
  uint64_t seed = 1;
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (int k = 0; k < 12; k++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      sum += (double)(seed >> 11) / 9007199254740992.0;
    }
    x[i] = sum - 6;
  }
}

int main(void) {
  bench b = {.x = aligned_alloc(64, N * sizeof(double)),
             .y = aligned_alloc(64, N * sizeof(double))};
  if (!b.x || !b.y)
    return 1;
  fill(b.x, N);
  memset(b.y, 0, N * sizeof(double));
  read_peers(&b, "/usr/bin/python3 tests/bench/peers_dsp.py 2>/dev/null");
  read_peers(&b, "sh tests/bench/peers_liquid.sh 2>/dev/null");
  printf("level %s\n", lw_dsp_isa_name(lw_dsp_isa()));
  double lowpass4 = KIND(&b, "lowpass", 0.05, 4);
  report(&b, "low-pass order 4", lowpass4, "lowpass4", 2.5);
  report(&b, "low-pass 4 (liquid, float)", lowpass4, "liquid-lowpass4", 1);
  double bank = of_bank(&b), copy = timed(&b, run_copy, NULL);
  report(&b, "the same, 16 channels", bank, "lowpass4x16", 12);
  printf("%-28s %8.3f ns/sample   %5.2f of it (at most 1.5)  %s\n",
         "  beside a copy", copy, bank / copy,
         bank <= 1.5 * copy ? "ok" : "SHORT");
  report(&b, "ewma", KIND(&b, "ewma", 10), "ewma", 4);
  double fir64 = KIND(&b, "fir", 0.1, 64);
  report(&b, "fir 64", fir64, "fir64", 6);
  report(&b, "fir 64 (liquid, float)", fir64, "liquid-fir64", 1);
  report(&b, "fir 64 (oaconvolve)", fir64, "fir64-oa", 6);
  report(&b, "savgol 11/3", KIND(&b, "savgol", 11, 3), "savgol", 4);
  report(&b, "welch 1024", of_welch(&b, 1024), "welch1024", 4);
  report(&b, "mean 101", KIND(&b, "average", 101), "mean101", 2);
  report(&b, "std 101", KIND(&b, "deviation", 101), "std101", 2);
  double median7 = KIND(&b, "median", 7), hampel7 = KIND(&b, "hampel", 7, 3);
  report(&b, "median 7", median7, "median7", 8);
  report(&b, "median 101", KIND(&b, "median", 101), "median101", 2);
  report(&b, "median 1001", KIND(&b, "median", 1001), "median1001", 2);
  beside_median("hampel 7", hampel7, median7);
  beside_median("hampel 31", KIND(&b, "hampel", 31, 3), KIND(&b, "median", 31));
  beside_median("hampel 101", KIND(&b, "hampel", 101, 3),
                KIND(&b, "median", 101));
  double scan_us = of_scan(&b);
  printf("%-28s %8.3f us/scan (at most 40)  %s\n", "256 tags x 3 filters",
         scan_us, scan_us <= 40 ? "ok" : "SHORT");
  report_drift(&b);
  free(b.x);
  free(b.y);
  return 0;
}
