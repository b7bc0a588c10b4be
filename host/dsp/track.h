// Trackers: filters with a model of how the signal moves, and its integral and
// derivative.
#ifndef LW_DSP_TRACK_H
#define LW_DSP_TRACK_H

#include <stddef.h> // size_t

// Alpha-beta filter: estimates a value and its slope, so that a ramp is
// followed without lag where a low-pass trails behind.
//   prediction p = value + slope dt;  value = p + alpha (x - p);
//   slope += beta (x - p) / dt
// Source: J. Sklansky, "Optimizing the Dynamic Parameters of a Track-While-Scan
// System", RCA Review 18, 1957.
typedef struct lw_alphabeta {
  double alpha, beta, dt_s;
  double last;  // value; NaN until the first sample
  double slope; // per second
} lw_alphabeta;

// alpha in (0, 1], beta in (0, 4 - 2 alpha), dt_s finite > 0, else LW_E_RANGE.
int lw_alphabeta_init(lw_alphabeta *f, double alpha, double beta, double dt_s);
void lw_alphabeta_run(lw_alphabeta *f, const double *x, size_t n, double *y);
void lw_alphabeta_reset(lw_alphabeta *f);
#define LW_ALPHABETA_STATE 2
void lw_alphabeta_save(const lw_alphabeta *f, double *state);
int lw_alphabeta_load(lw_alphabeta *f, const double *state); // or LW_E_CORRUPT

// Integral over time by trapezoids [unit s], its rounding errors carried along
// (Neumaier), so that a year of small steps still adds up. A missing sample is
// bridged by the trapezoid to the next good one.
typedef struct lw_integral {
  double dt_s;
  double last;   // integral so far; NaN until the first sample
  double rest;   // what did not fit into it
  double before; // newest good sample
  double gap_n;  // intervals since then
} lw_integral;

int lw_integral_init(lw_integral *f, double dt_s); // finite > 0 or LW_E_RANGE
void lw_integral_run(lw_integral *f, const double *x, size_t n, double *y);
void lw_integral_reset(lw_integral *f);
#define LW_INTEGRAL_STATE 4
void lw_integral_save(const lw_integral *f, double *state);
int lw_integral_load(lw_integral *f, const double *state); // or LW_E_CORRUPT

// Bridges gaps: a missing sample repeats the last good one for at most `most`
// samples in a row, then the signal is missing (NaN).
typedef struct lw_fill {
  double most;
  double last; // last output; NaN until the first sample
  double held_n;
} lw_fill;

int lw_fill_init(lw_fill *f, double most); // 0..1e9 or LW_E_RANGE
void lw_fill_run(lw_fill *f, const double *x, size_t n, double *y);
void lw_fill_reset(lw_fill *f);
#define LW_FILL_STATE 2
void lw_fill_save(const lw_fill *f, double *state);
int lw_fill_load(lw_fill *f, const double *state); // or LW_E_CORRUPT

// Complementary filter: joins a reading that is right in the long run (level: a
// noisy tilt, a coarse tank level) with the rate that is right in the short run
// (rate: a gyroscope, an in-flow); what is faster than tau comes from the rate,
// what is slower from the level.
//   p = y + rate dt;  y = p + (1 - exp(-dt / tau)) (level - p)
// A missing level leaves the rate alone at work, a missing rate counts as 0;
// with both missing the output repeats. NaN until the first level.
// Source: W. T. Higgins, "A Comparison of Complementary and Kalman Filtering",
// IEEE Trans. AES-11(3), 1975.
typedef struct lw_complementary {
  double gain, dt_s;
  double last; // NaN until the first level
} lw_complementary;

// tau_s, dt_s finite > 0 [s] or LW_E_RANGE.
int lw_complementary_init(lw_complementary *f, double tau_s, double dt_s);
// level [n] in the signal's unit, rate [n] in that per second, y [n] may be
// either.
void lw_complementary_run(lw_complementary *f, const double *level,
                          const double *rate, size_t n, double *y);
void lw_complementary_reset(lw_complementary *f);
#define LW_COMPLEMENTARY_STATE 1
void lw_complementary_save(const lw_complementary *f, double *state);
void lw_complementary_load(lw_complementary *f, const double *state);

// Slope per second of the first-order lag of the signal, which is the slope of
// a ramp itself once the lag has settled. 0 at the first sample.
typedef struct lw_derivative {
  double gain, dt_s;
  double mean; // the lag's output; NaN until the first sample
  double last; // slope; NaN until the first sample
} lw_derivative;

// tau_s finite >= 0 [s], 0: difference of neighbours; dt_s finite > 0 [s]; or
// LW_E_RANGE.
int lw_derivative_init(lw_derivative *f, double tau_s, double dt_s);
void lw_derivative_run(lw_derivative *f, const double *x, size_t n, double *y);
void lw_derivative_reset(lw_derivative *f);
double lw_derivative_delay(const lw_derivative *f); // [samples]
#define LW_DERIVATIVE_STATE 2
void lw_derivative_save(const lw_derivative *f, double *state);
int lw_derivative_load(lw_derivative *f, const double *state); // E_CORRUPT

#endif
