// Kalman filter: the best linear estimate of what a model's states are, from
// noisy readings of some of them.
//
//   x[k] = transition x[k-1] + w,  w of covariance process
//   z[k] = observation x[k] + v,   v of covariance reading
//
// Each step predicts, then corrects in Joseph's form, which keeps the
// covariance symmetric and positive whatever the rounding. Readings that are
// not finite are left out of the correction; without any the prediction stands.
//
// Source: R. E. Kalman, "A New Approach to Linear Filtering and Prediction
// Problems", J. Basic Eng. 82(1), 1960; P. D. Joseph's form after B. D. O.
// Anderson, J. B. Moore, "Optimal Filtering", 1979, section 6.5.
#ifndef LW_DSP_KALMAN_H
#define LW_DSP_KALMAN_H

#include <stddef.h> // size_t

#define LW_KALMAN_STATES_MAX 8
#define LW_KALMAN_READINGS_MAX 8

// Matrices are row-major, borrowed for lw_kalman_init.
typedef struct lw_kalman_model {
  size_t state_n;            // n, 1..LW_KALMAN_STATES_MAX
  size_t reading_n;          // m, 1..LW_KALMAN_READINGS_MAX
  const double *transition;  // [n x n]
  const double *observation; // [m x n]
  const double *process;     // [n x n], symmetric, diagonal >= 0
  const double *reading;     // [m x m], symmetric, diagonal > 0
  const double *start;       // x before the first step [n]
  const double *spread;      // its covariance [n x n], symmetric, diagonal >= 0
} lw_kalman_model;

#define LW_KALMAN_N_ LW_KALMAN_STATES_MAX
#define LW_KALMAN_M_ LW_KALMAN_READINGS_MAX
typedef struct lw_kalman {
  size_t state_n, reading_n;
  double transition[LW_KALMAN_N_ * LW_KALMAN_N_];
  double observation[LW_KALMAN_M_ * LW_KALMAN_N_];
  double process[LW_KALMAN_N_ * LW_KALMAN_N_];
  double reading[LW_KALMAN_M_ * LW_KALMAN_M_];
  double start[LW_KALMAN_N_], spread[LW_KALMAN_N_ * LW_KALMAN_N_];
  // State: the estimate, its covariance, and how surprising the last row was.
  double x[LW_KALMAN_N_], p[LW_KALMAN_N_ * LW_KALMAN_N_];
  double surprise; // NaN until the first row with a reading
} lw_kalman;

// Set up in the caller's storage. Returns 0, or LW_E_RANGE when a number is not
// finite or a matrix is not as written above, and leaves *f as it was.
int lw_kalman_init(lw_kalman *f, const lw_kalman_model *model);

// Take one row of readings z [reading_n], NaN for a missing one. Returns its
// surprise: the squared distance of the readings from their prediction in units
// of its covariance, about the number of readings on average (a chi-squared
// number if the model is true); NaN when all are missing. f->x is the estimate.
double lw_kalman_step(lw_kalman *f, const double *z);

// Take n rows z [n x reading_n]; the estimates to y [n x state_n]; may not
// overlap. Blocks join bit for bit.
void lw_kalman_run(lw_kalman *f, const double *z, size_t n, double *y);

void lw_kalman_reset(lw_kalman *f); // back to start and spread

// State as plain data, lw_kalman_state_n() numbers; load refuses nonsense with
// LW_E_CORRUPT and resets.
size_t lw_kalman_state_n(const lw_kalman *f);
void lw_kalman_save(const lw_kalman *f, double *state);
int lw_kalman_load(lw_kalman *f, const double *state);

// The same for one signal that moves smoothly: its value, slope and bend are
// states counted in samples (f->k.x), the first reading as the start. Samples
// that are not finite repeat the last value (finite.h). A ramp (order 2) is
// followed without lag.
typedef struct lw_tracker {
  lw_kalman k;
  double last; // value; NaN until the first sample
} lw_tracker;

// order   1 a level, 2 with slope, 3 with bend; else LW_E_RANGE
// noise   standard deviation of a reading, finite, > 0
// wander  standard deviation by which the highest state changes from sample to
//         sample, as it moves the value, finite, > 0
int lw_tracker_init(lw_tracker *f, int order, double noise, double wander);
void lw_tracker_run(lw_tracker *f, const double *x, size_t n, double *y);
void lw_tracker_reset(lw_tracker *f);
size_t lw_tracker_state_n(const lw_tracker *f);
void lw_tracker_save(const lw_tracker *f, double *state);
int lw_tracker_load(lw_tracker *f, const double *state); // or LW_E_CORRUPT

#endif
