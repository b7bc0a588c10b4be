// Cases that between them show every row of the filter table at work.
#ifndef LW_TEST_KINDS_H
#define LW_TEST_KINDS_H

#include "c/dsp/signals.h"

#include "dsp/filter.h"

#define RATE_HZ 50.0

// Parameters that make each kind do its work on fill_signal's output.
static const struct {
  const char *kind;
  double param[LW_FILTER_PARAM_MAX];
  size_t param_n;
} cases[] = {
    {"lowpass", {2, 4}, 2},
    {"lowpass", {2, 3, 3}, 3},
    {"lowpass", {24.9, 12, 4}, 3},
    {"highpass", {5, 5, 1}, 3},
    {"bandpass", {1, 12, 3, 2}, 4},
    {"bandstop", {1, 12, 3, 0}, 4},
    {"notch", {10, 5}, 2},
    {"ewma", {0.3}, 1},
    {"fir", {4}, 1},
    {"fir", {4, 64}, 2},
    {"fir", {4, 1000}, 2},
    {"equiripple", {4, 7, 40}, 3},
    {"savgol", {11, 3}, 2},
    {"savgol", {11, 3, 1, 0}, 4},
    {"savgol", {1, 0}, 2},
    {"average", {1}, 1},
    {"average", {7}, 1},
    {"average", {101}, 1},
    {"average", {6000}, 1},
    {"deviation", {1}, 1},
    {"deviation", {2}, 1},
    {"deviation", {101}, 1},
    {"median", {1}, 1},
    {"median", {3}, 1},
    {"median", {5}, 1},
    {"median", {7}, 1},
    {"median", {8}, 1},
    {"median", {101}, 1},
    {"median", {16}, 1},
    {"median", {6000}, 1},
    {"quantile", {300, 0.93}, 2},
    {"quantile", {7, 0.9}, 2},
    {"quantile", {16, 0}, 2},
    {"hampel", {3, 3}, 2},
    {"hampel", {5, 3}, 2},
    {"hampel", {7, 3}, 2},
    {"hampel", {7, 3, 3}, 3},
    {"hampel", {12, 2, 11}, 3},
    {"hampel", {51, 3, 25}, 3},
    {"hampel", {16, 1, 3}, 3},
    {"hampel", {100, 0.5, 99}, 3},
    {"hampel", {301, 2}, 2},
    {"hampel", {40, 0}, 2},
    {"rate", {1, 5}, 2},
    {"rate", {3}, 1},
    {"deadband", {0.3}, 1},
    {"hysteresis", {5.2, 4.8}, 2},
    {"hysteresis", {4.8, 5.2}, 2},
    {"debounce", {0.05}, 1},
    {"despike", {2, 3}, 2},
    {"stuck", {0.06, 0}, 2},
    {"alphabeta", {0.5, 0.2}, 2},
    {"integral", {0}, 0},
    {"fill", {1e9}, 1},
    {"minimum", {1}, 1},
    {"minimum", {40}, 1},
    {"maximum", {101}, 1},
    {"mad", {1}, 1},
    {"mad", {25, 1.4826}, 2},
    {"mad", {6000}, 1},
    {"derivative", {0}, 0},
    {"derivative", {0.2}, 1},
    {"kalman", {2, 0.1, 1}, 3},
    {"kalman", {2, 0.01}, 2},
    {"kalman", {5, 0.001, 3}, 3},
    {"adwin", {20}, 1},
    {"zscore", {40, 3}, 2},
    {"ar", {4, 4, 300}, 3},
    {"cusum", {0.5, 4, 200}, 3},
    {"ewma_chart", {0.1, 3, 200}, 3},
    {"page_hinkley", {0.1, 5}, 2},
    {"shewhart", {255, 200}, 2},
    {"shewhart", {7, 2, 5, 1}, 4},
};
#define CASE_N (sizeof cases / sizeof *cases)

// A filter of case c in memory of its own.
static inline void *make(size_t c, const lw_filter_kind **kind) {
  double params[LW_FILTER_PARAM_MAX];
  lw_err e = {0};
  *kind = lw_filter_find(cases[c].kind);
  assert_non_null(*kind);
  int rc = lw_filter_resolve(*kind, cases[c].param, cases[c].param_n, RATE_HZ,
                             params, &e);
  if (rc < 0)
    fail_msg("%s", e.text);
  void *f = malloc(lw_filter_size(*kind, params, RATE_HZ));
  assert_non_null(f);
  rc = lw_filter_init(*kind, f, params, RATE_HZ, &e);
  if (rc < 0)
    fail_msg("%s", e.text);
  return f;
}

#endif
