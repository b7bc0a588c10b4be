// Watches several signals together: Hotelling's T^2, the squared Mahalanobis
// distance of a row of readings from the good ones it was trained on.
//
// A motor current of 3 A may be fine and a pressure of 2 bar too, but not both
// at once: single limits do not see that, the distance does.
//
// Source: H. Hotelling, "Multivariate Quality Control", in "Techniques of
// Statistical Analysis", 1947; P. C. Mahalanobis, Proc. Nat. Inst. Sci. India
// 2(1), 1936.
#ifndef LW_DSP_MONITOR_H
#define LW_DSP_MONITOR_H

#include <stddef.h> // size_t

#define LW_MONITOR_CHANNELS_MAX 32
#define LW_MONITOR_TRAIN_MAX 100000

// Head of a caller's block of lw_monitor_size() bytes.
typedef struct lw_monitor {
  size_t channel_n, train_n, row_n; // row_n: rows trained on so far
  double factor, ridge;
  double limit;       // of T^2; NaN while training
  double last;        // severity; NaN while training
  size_t blame;       // channel with the largest share of T^2 in the last row
  double blame_sigma; // how far it was from its mean
  double data[];
} lw_monitor;

size_t lw_monitor_size(size_t channel_n, size_t train_n);

// Set up in lw_monitor_size() bytes aligned for double.
//   channel_n  1..LW_MONITOR_CHANNELS_MAX
//   train_n    rows to learn from, > channel_n, <= LW_MONITOR_TRAIN_MAX
//   factor     limit over the largest T^2 of the training rows, finite, > 0
//   ridge      added to the correlation matrix's diagonal, finite, > 0: keeps
//              channels that move in step from dividing by nothing; 0.01
// Returns 0, or LW_E_RANGE.
int lw_monitor_init(lw_monitor *f, size_t channel_n, size_t train_n,
                    double factor, double ridge);

// Take one row x [channel_n]. Returns its severity T^2 / limit, 1 and more an
// alarm; NaN while training. A row with a value that is not finite repeats the
// last severity and is not learnt.
double lw_monitor_step(lw_monitor *f, const double *x);

// T^2 of a row against what was learnt; NaN while training.
double lw_monitor_distance(lw_monitor *f, const double *x);

void lw_monitor_reset(lw_monitor *f); // and learns anew

// State as plain data, lw_monitor_state_n() numbers: what was learnt, or the
// training rows so far. load refuses nonsense with LW_E_CORRUPT and resets.
size_t lw_monitor_state_n(const lw_monitor *f);
void lw_monitor_save(const lw_monitor *f, double *state);
int lw_monitor_load(lw_monitor *f, const double *state);

#endif
