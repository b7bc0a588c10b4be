// One driver at work: opens its device, polls, writes, beats, and opens again
// with growing pauses after a failure. Stepped by a thread of its own or by
// lw_io_poll; the same code either way.
#ifndef LW_IO_RUNNER_H
#define LW_IO_RUNNER_H

#include "base/clock.h" // lw_clock
#include "io/board.h"   // lw_board
#include "io/echo.h"    // lw_echo
#include "io/io.h"      // lw_io_status
#include "linewright.h" // lw_driver_ops, lw_point

// Pauses between attempts, doubling: to open a device, which is not to wait
// longer than a second once it is back, and to write what it refuses.
#define LW_PAUSE_MIN_NS (100 * LW_MS)
#define LW_AWAY_MAX_NS (1 * LW_S)
#define LW_PAUSE_MAX_NS (5 * LW_S)

// A group of points that are read together, at one interval.
typedef struct lw_poll_group {
  int64_t interval_ns, due_ns;
  uint32_t first, n; // into reads[]
} lw_poll_group;

// An output of this driver.
typedef struct lw_write_point {
  uint32_t point, tag;
  int64_t retry_ns, pause_ns; // after the device refused the value
  uint32_t refused;           // the count that was refused, 0 = none
  int is_blind; // the device cannot be asked: what it took is what it has
  int is_step;  // the newest that it took was a step of a ramp
  // The device was there all the time and has something else: the scan is to
  // know. Of each output its own: a device that starts anew changes them all.
  _Atomic int is_changed;
  // What it took. Where that may be lost, a device that can be asked is asked,
  // any other is told once more.
  lw_echo echo;
} lw_write_point;

typedef struct lw_runner {
  const lw_driver_ops *ops;
  void *self;      // state of the driver, owned
  lw_clock *clock; // borrowed, as board
  lw_board *board;
  const char *name; // borrowed from the plan
  lw_option *options;
  uint32_t option_n;
  lw_point *points;
  uint32_t *tag_of; // [point_n]
  uint32_t point_n;

  uint32_t *reads; // points that are polled, by group
  uint32_t read_n;
  lw_poll_group *groups;
  uint32_t group_n;
  uint32_t *write_of; // [point_n], into writes; of points that are written
  lw_write_point *writes;
  uint32_t write_n;
  uint32_t *due; // scratch [point_n], as the five below
  lw_sample *samples;
  char (*texts)[LW_TEXT_SIZE];
  double *values;
  uint32_t *counts, *chosen;

  int is_init, is_open;
  int is_proven; // the device has answered since it was opened
  int64_t retry_ns, pause_ns;
  int64_t beat_ns, beat_due_ns; // interval (0 = none), next time
  uint64_t beaten;              // newest `alive` that was passed on
  _Atomic uint64_t alive;       // good scans

  _Atomic int state;       // LW_IO_*
  _Atomic int64_t lost_ns; // since when a device that was there is gone, or 0
  _Atomic uint32_t forgotten; // 1 + an output that came back changed, 0 = none
  _Atomic uint64_t reads_done, writes_done, failures, late_polls;
  lw_note text;
} lw_runner;

// Make room for up to point_max points; options and points are added by io.c
// before lw_runner_init. Returns LW_E_NOMEM.
int lw_runner_alloc(lw_runner *r, uint32_t option_max, uint32_t point_max);
void lw_runner_free(lw_runner *r);

// Options and points are in place: check them, group the polls, let the driver
// take them. Fails with a message that names the driver.
//   scan_ns  interval of points that are read at each scan
int lw_runner_init(lw_runner *r, int64_t scan_ns, lw_err *e);

// Do everything that is due at now_ns; returns when to come back at the latest.
int64_t lw_runner_step(lw_runner *r, int64_t now_ns);
void lw_runner_flush(lw_runner *r, int64_t now_ns); // last outputs, once
// After that: ask for the outputs that do not show yet what their device took.
// Returns 1 as long as asking again can tell something.
int lw_runner_check(lw_runner *r, int64_t now_ns);
// Close; outputs that still show something else are not done.
void lw_runner_close(lw_runner *r);
void lw_runner_drop(lw_runner *r); // close as it is

uint32_t lw_runner_pending(const lw_runner *r);
void lw_runner_status(const lw_runner *r, lw_io_status *out);

#endif
