// Every streaming filter behind one table, so that a line profile can declare
// a chain, the scan can run it and the Lua face can be generated from the rows.
//
//   const lw_filter_kind *kind = lw_filter_find("lowpass");
//   double given[] = {2, 4}; // cutoff 2 Hz, order 4; the rest by default
//   double params[LW_FILTER_PARAM_MAX];
//   if (lw_filter_resolve(kind, given, 2, rate_hz, params, e) < 0) ...
//   void *f = place_for(lw_filter_size(kind, params, rate_hz));
//   lw_filter_init(kind, f, params, rate_hz, e);
//   kind->run(f, x, n, y);
//
// A filter is one flat block of memory without pointers: it may be copied with
// memcpy and needs no fini.
#ifndef LW_DSP_FILTER_H
#define LW_DSP_FILTER_H

#include <stddef.h> // size_t

#include "base/err.h" // lw_err

#define LW_FILTER_PARAM_MAX 6

// What a parameter measures, so that a reader of profiles can convert units.
enum {
  LW_PARAM_COUNT,  // whole number
  LW_PARAM_NUMBER, // plain number
  LW_PARAM_HZ,     // frequency [Hz]
  LW_PARAM_S,      // time [s]
  LW_PARAM_DB,     // attenuation [dB], positive
  LW_PARAM_VALUE,  // the filtered signal's own unit (a difference: no offset)
  LW_PARAM_LEVEL,  // the filtered signal's own unit (a place: with offset)
  LW_PARAM_RATE,   // the filtered signal's unit per second
  LW_PARAM_CHOICE  // a word of `words`, given as its place, from 0
};

typedef struct lw_filter_param {
  const char *name;  // "cutoff"
  int measure;       // LW_PARAM_*
  double low, high;  // legal range, both ends legal
  double fallback;   // used when not given; NaN: must be given
  const char *words; // LW_PARAM_CHOICE: "butterworth bessel"; else NULL
  const char *help;  // one line
} lw_filter_param;

typedef struct lw_filter_kind {
  const char *name; // "lowpass"
  const char *help; // one line
  size_t param_n;
  lw_filter_param param[LW_FILTER_PARAM_MAX];

  // All below take resolved parameters and an initialised filter. size gives
  // the bytes; init returns 0 or a negative code with its text in e.
  size_t (*size)(const double *params, double rate_hz);
  int (*init)(void *f, const double *params, double rate_hz, lw_err *e);

  // x [n] to y [n], in place allowed, blocks join; cannot fail. A sample that
  // is not finite repeats the last output.
  void (*run)(void *f, const double *x, size_t n, double *y);
  void (*reset)(void *f);

  // One sample dt_s [s] after the one before, for filters that go by the clock;
  // NULL for those that go by samples.
  double (*step_dt)(void *f, double x, double dt_s);

  // 1 once the output no longer depends on how the filter was started (a full
  // window), or for recursive filters once a sample has come.
  int (*primed)(const void *f);
  double (*delay)(const void *f); // at direct current [samples]

  // Detectors only, else NULL: why the last alarm came, "" when there was none.
  // Their output is a severity: 1 and more is an alarm.
  const char *(*why)(const void *f);

  // State as plain data, [state_n]; load returns 0, or LW_E_CORRUPT and resets.
  size_t (*state_n)(const void *f);
  void (*save)(const void *f, double *state);
  int (*load)(void *f, const double *state);
} lw_filter_kind;

// The row called name, or NULL.
const lw_filter_kind *lw_filter_find(const char *name);

// Row i, or NULL beyond the last: for those who list them.
const lw_filter_kind *lw_filter_at(size_t i);

// Fill params [LW_FILTER_PARAM_MAX] from given [given_n]: in the order of the
// row, NaN and missing ones by default. Checks every range and that
// frequencies lie below half of rate_hz (finite, > 0). Returns 0, or LW_E_RANGE
// with a text that names filter, parameter, value and what would be right.
int lw_filter_resolve(const lw_filter_kind *kind, const double *given,
                      size_t given_n, double rate_hz, double *params,
                      lw_err *e);

// Bytes, a multiple of 16, for resolved params.
size_t lw_filter_size(const lw_filter_kind *kind, const double *params,
                      double rate_hz);

// Set up in lw_filter_size() bytes aligned for double. Returns 0, or a negative
// code when the parameters do not go together, with a text.
int lw_filter_init(const lw_filter_kind *kind, void *f, const double *params,
                   double rate_hz, lw_err *e);

#endif
