// What the rows of the filter table have in common; for kinds_*.c only.
#ifndef LW_DSP_KINDS_OPS_H
#define LW_DSP_KINDS_OPS_H

#include "dsp/kinds.h"

#define TEN_DAYS_S 864000.0
#define ANY 1e300 // any finite number of the signal's own unit

// The parts of a row that only change types.
#define RUN_AND_RESET(x)                                                       \
  static void x##_run(void *f, const double *in, size_t n, double *out) {      \
    lw_##x##_run(f, in, n, out);                                               \
  }                                                                            \
  static void x##_reset(void *f) {                                             \
    lw_##x##_reset(f);                                                         \
  }                                                                            \
  static void x##_save(const void *f, double *state) {                         \
    lw_##x##_save(f, state);                                                   \
  }
// Filters of fixed size whose load cannot or can fail.
#define FIXED(x)                                                               \
  static size_t x##_size(const double *p, double rate_hz) {                    \
    (void)p, (void)rate_hz;                                                    \
    return sizeof(lw_##x);                                                     \
  }                                                                            \
  static int x##_primed(const void *f) {                                       \
    return !isnan(((const lw_##x *)f)->last);                                  \
  }
#define STATE(x, n)                                                            \
  static size_t x##_state_n(const void *f) {                                   \
    (void)f;                                                                   \
    return n;                                                                  \
  }
#define LOAD_ANY(x)                                                            \
  static int x##_load(void *f, const double *state) {                          \
    lw_##x##_load(f, state);                                                   \
    return 0;                                                                  \
  }
#define LOAD(x)                                                                \
  static int x##_load(void *f, const double *state) {                          \
    return lw_##x##_load(f, state);                                            \
  }
// Filters over a window of samples.
#define WINDOWED(x)                                                            \
  static size_t x##_size(const double *p, double rate_hz) {                    \
    (void)rate_hz;                                                             \
    return lw_##x##_size((size_t)p[0]);                                        \
  }                                                                            \
  static int x##_primed(const void *f) {                                       \
    return lw_##x##_primed(f);                                                 \
  }                                                                            \
  static double x##_delay(const void *f) {                                     \
    return lw_##x##_delay(f);                                                  \
  }                                                                            \
  static size_t x##_state_n(const void *f) {                                   \
    return lw_##x##_state_n(f);                                                \
  }
// The functions of a row, in the order of lw_filter_kind; init may differ.
#define OPS(x, init_, delay_)                                                  \
  .size = x##_size, .init = init_, .run = x##_run, .reset = x##_reset,         \
  .primed = x##_primed, .delay = delay_, .state_n = x##_state_n,               \
  .save = x##_save, .load = x##_load

// For filters whose output is never late.
static inline double no_delay(const void *f) {
  (void)f;
  return 0;
}

// rc, its fixed sentence in e with the filter's name.
static inline int said(int rc, lw_err *e, const char *name) {
  return rc < 0 ? lw_err_set(e, rc, "filter '%s': %s", name, lw_err_text(rc))
                : 0;
}

#endif
