// Small non-linear filters that calm a signal down: dead band, hysteresis,
// debounce, despike.
//
// All take blocks of any length, in place or not, joining bit for bit; a sample
// that is not finite repeats the last output (finite.h). Each is its own state:
// LW_<NAME>_STATE numbers for save and load. What each does is defined beside
// it; there is no paper behind them.
#ifndef LW_DSP_GATE_H
#define LW_DSP_GATE_H

#include <stddef.h> // size_t

// Dead band: the output keeps its value until the input has left it by more
// than `band`, then jumps to the input.
typedef struct lw_deadband {
  double band; // in the signal's unit
  double last; // NaN until the first sample, which passes
} lw_deadband;

// band finite, >= 0, else LW_E_RANGE.
int lw_deadband_init(lw_deadband *f, double band);
void lw_deadband_run(lw_deadband *f, const double *x, size_t n, double *y);
void lw_deadband_reset(lw_deadband *f);
#define LW_DEADBAND_STATE 1
void lw_deadband_save(const lw_deadband *f, double *state);
void lw_deadband_load(lw_deadband *f, const double *state);

// Hysteresis (Schmitt trigger): 1 from x >= on until x <= off, then 0. With
// on < off it works upside down: 1 from x <= on until x >= off.
typedef struct lw_hysteresis {
  double on, off; // in the signal's unit
  double last;    // 0, 1, or NaN until a sample has decided
} lw_hysteresis;

// on and off finite and different, else LW_E_RANGE. The first sample between
// them counts as 0.
int lw_hysteresis_init(lw_hysteresis *f, double on, double off);
void lw_hysteresis_run(lw_hysteresis *f, const double *x, size_t n, double *y);
void lw_hysteresis_reset(lw_hysteresis *f);
#define LW_HYSTERESIS_STATE 1
void lw_hysteresis_save(const lw_hysteresis *f, double *state);
void lw_hysteresis_load(lw_hysteresis *f, const double *state);

// Debounce: a new value is taken only after it has stood, exactly equal, for
// `hold_s`; for switches and other signals of few values.
typedef struct lw_debounce {
  size_t hold_n;     // samples a new value must stand
  size_t standing_n; // samples it has stood
  double candidate;  // the new value; NaN none
  double last;       // NaN until the first sample, which passes
} lw_debounce;

// hold_s finite, >= 0; dt_s finite, > 0 [s]; hold_s / dt_s < 1e9, else
// LW_E_RANGE.
int lw_debounce_init(lw_debounce *f, double hold_s, double dt_s);
void lw_debounce_run(lw_debounce *f, const double *x, size_t n, double *y);
void lw_debounce_reset(lw_debounce *f);
#define LW_DEBOUNCE_STATE 3
void lw_debounce_save(const lw_debounce *f, double *state);
int lw_debounce_load(lw_debounce *f, const double *state); // or LW_E_CORRUPT

// Despike: a sample that jumps by more than `step` from the last output is held
// back; if `most` samples in a row do so, the signal has truly moved and the
// next one passes.
typedef struct lw_despike {
  double step;   // in the signal's unit
  size_t most;   // longest spike [samples]
  size_t held_n; // samples held back in a row
  double last;   // NaN until the first sample, which passes
} lw_despike;

// step finite, >= 0; most in 1..1e9, else LW_E_RANGE.
int lw_despike_init(lw_despike *f, double step, size_t most);
void lw_despike_run(lw_despike *f, const double *x, size_t n, double *y);
void lw_despike_reset(lw_despike *f);
#define LW_DESPIKE_STATE 2
void lw_despike_save(const lw_despike *f, double *state);
int lw_despike_load(lw_despike *f, const double *state); // or LW_E_CORRUPT

#endif
