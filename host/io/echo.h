// What an output's own address shows against what its device was told: a
// device may forget it with the connection or without losing it, and somebody
// else may write there, too.
#ifndef LW_IO_ECHO_H
#define LW_IO_ECHO_H

#include <stdint.h> // int64_t

#include "base/clock.h" // LW_S

// A coil that the device takes back by itself does so sooner than this.
#define LW_ECHO_PULSE_NS (2 * LW_S)

// So often does a register that is an echo show at once what it was told.
#define LW_ECHO_SURE 3

enum {
  LW_ECHO_FINE,      // what it was told, or nothing to say about it
  LW_ECHO_FORGOTTEN, // the device came back without it
  LW_ECHO_CHANGED    // the device was there all the time, and it is gone
};

typedef struct lw_echo {
  double taken;    // newest value that the device took, NaN before the first
  double shown;    // what its address has shown since, NaN = not asked yet
  double before;   // what it showed last, whatever it was told then
  int64_t same_ns; // since when it shows what was taken, < 0 = it does not yet
  int is_lost;     // the connection was, since: the device may have forgotten
  int sure_n; // changes that it showed at the first look, up to LW_ECHO_SURE
  // Before it was sure it went through values that nobody told: a register of
  // what the machine does, not of what it is to do. Nothing is learnt from it.
  int is_reading;
} lw_echo;

void lw_echo_init(lw_echo *e);
// The device took `value`, in its own numbers.
void lw_echo_take(lw_echo *e, double value);
void lw_echo_lose(lw_echo *e); // the connection is lost

// May a look tell a change?
int lw_echo_is_telling(const lw_echo *e);

// The output's address shows `value` at now_ns.
//   type        LW_TYPE_* of its word: what was told is compared as it arrives
//   is_gradual  1 for a step of a ramp: no pulse, each look counts
// Returns LW_ECHO_*; a loss is told once, and only of what was seen there
// before.
int lw_echo_look(lw_echo *e, int type, double value, int is_gradual,
                 int64_t now_ns);

#endif
