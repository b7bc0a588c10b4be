// The clocks. The only code that asks the system for the time.
#ifndef LW_LOOP_CLOCK_H
#define LW_LOOP_CLOCK_H

#include <time.h> // clockid_t

#include "base/clock.h" // lw_clock

// Real time, shared by the whole process; needs no free.
lw_clock *lw_clock_real(void);

// Virtual time: stands still until told to move.
typedef struct lw_clock_virtual {
  lw_clock clock; // first: pass &v->clock
  int64_t now_ns;
  int64_t wall0_ns; // wall time at now_ns = 0
} lw_clock_virtual;
void lw_clock_virtual_init(lw_clock_virtual *v, int64_t wall0_ns);

// Time on a clock of the system [ns], e.g. a thread's CPU clock. May be called
// in a signal handler.
int64_t lw_clock_read(clockid_t id);

#endif
