// How far chance alone takes parts that have not changed: limits of detectors,
// asked of the reference itself. Whole parts are drawn with replacement, once
// for the reference and once for the lot that is watched, since rows of one
// part are alike and both are finite. The limit that few runs exceed is read
// from an exponential tail of the highest twentieth of them.
// Source: A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their
// Application", 1997, section 3.8 (whole parts); J. Pickands, "Statistical
// Inference Using Extreme Order Statistics", Ann. Stat. 3(1), 1975 (tail).
#ifndef LW_INFER_NOMINAL_H
#define LW_INFER_NOMINAL_H

#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

#include "linewright.h" // LW_E_*

#define LW_NOMINAL_RUNS_MIN 200
#define LW_NOMINAL_Z_MAX 3.0 // [sd] one odd part is no drift

typedef struct lw_nominal {
  const double *x; // [first[parts_n] x d] finite, the rows of a part together
  size_t d;
  const size_t *first; // [parts_n + 1] row where each part begins, from 0
  size_t parts_n;      // >= 2
  size_t watched;      // rows of a run that are watched, >= 1
  size_t runs;         // >= LW_NOMINAL_RUNS_MIN
  double share;        // of runs that may lie above the limit, (0, 0.05]
  uint64_t seed;
} lw_nominal;

// Limit of Page's sum, both directions, of one figure (d is 1) standardised and
// held within LW_NOMINAL_Z_MAX, as the detector must.
//   delta   change that is forgiven for ever [sd], >= 0
//   unsure  filled: three standard errors of the mean [sd], forgiven beside
//           delta, since a sum adds up what the reference is wrong by
//   limit   filled, >= 0; 0 for a figure that never moved
// Returns LW_E_RANGE for too few parts or runs, LW_E_NOMEM.
// Source: E. S. Page, Biometrika 41, 1954.
int lw_nominal_page(const lw_nominal *n, double delta, double *unsure,
                    double *limit);

// Limit of the squared distance between the mean of the watched rows and that
// of the reference. Rows are standardised by the caller. Returns as above.
int lw_nominal_shift(const lw_nominal *n, double *limit);

#endif
