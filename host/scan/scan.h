// The scan: inputs -> scale -> filters -> quality -> interlocks and limits ->
// outputs, at a fixed period, without Lua, allocation or system calls.
#ifndef LW_SCAN_SCAN_H
#define LW_SCAN_SCAN_H

#include "base/clock.h"  // lw_clock
#include "base/record.h" // lw_record
#include "image/image.h" // lw_image, lw_desk
#include "io/io.h"       // lw_io

typedef struct lw_scan lw_scan;

typedef struct lw_scan_config {
  const lw_plan *plan; // borrowed, as all below
  lw_image *image;
  lw_desk *desk;
  lw_io *io;
  lw_clock *clock;
  // Takes `out`, `trip` and `late` records; must not block. NULL: dropped.
  void (*record)(void *arg, const lw_record *r);
  void *record_arg;
  int watch_worker; // 1: a silent worker trips (real time); 0: inline
} lw_scan_config;

int lw_scan_new(lw_scan **s, const lw_scan_config *c, lw_err *e);
void lw_scan_free(lw_scan *s);

// One cycle at now_ns. Order: read, convert, filter, publish; level of the
// worker; trips (outside, worker silent, rules); requests and ramps through the
// guard (scan/guard.h) to the outputs. The level comes before the rules, so
// that a rule which is still violated trips in the very scan of the new epoch.
void lw_scan_step(lw_scan *s, int64_t now_ns);

// Trip from outside the rules (journal stopped, worker killed): the next step
// drives outputs to the level's safe values. Any thread.
void lw_scan_trip(lw_scan *s, int cause, int level);

#endif
