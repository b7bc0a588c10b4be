// What an output's own address shows against what its device was told: a
// device may forget it with the connection or without losing it, and somebody
// else may write there, too.
#ifndef LW_IO_ECHO_H
#define LW_IO_ECHO_H

#include <stdint.h> // int64_t

#include "base/clock.h" // LW_S

// A coil that the device takes back by itself does so sooner than this.
#define LW_ECHO_PULSE_NS (2 * LW_S)

// A device that has taken a value shows it sooner than this, or in twice the
// time that it has needed before.
#define LW_ECHO_LATE_NS (10 * LW_S)

// So often does a register that is an echo show at once what it was told.
#define LW_ECHO_SURE 3

enum {
  LW_ECHO_FINE,      // what it was told, or nothing to say about it
  LW_ECHO_FORGOTTEN, // the device came back without it
  LW_ECHO_CHANGED    // the device was there all the time, and has another
};

typedef struct lw_echo {
  double taken;    // newest value that the device took, NaN before the first
  double shown;    // what its address has shown since, NaN = not asked yet
  double before;   // what it showed last, whatever it was told then
  int64_t same_ns; // since when it shows what was taken, < 0 = it does not yet
  int is_heeded;   // it has shown what was taken, since that was
  // It went to a value other than zero and stood there: it keeps what it is
  // told. Zero proves nothing: a pulse that the device takes back ends there.
  int is_kept;
  int is_moved;    // it came to where it stands from elsewhere
  int64_t owed_ns; // since when it shows the same, far from what it was told
  int64_t slow_ns; // the longest that it took to show what it was told
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

// Does a device that should have it by now still show what it showed before?
// Also of one that was never seen to keep a value, unless it shows zero: for a
// last word about an output, not for a hold. `type` as for lw_echo_look.
int lw_echo_is_owed(const lw_echo *e, int type);

// The output's address shows `value` at now_ns.
//   type        LW_TYPE_* of its word: what was told is compared as it arrives
//   is_gradual  1 for a step of a ramp: no pulse, each look counts
// Returns LW_ECHO_*; a loss is told once, and only of what was seen there
// before; what a device ignores that kept values before is told again and
// again.
int lw_echo_look(lw_echo *e, int type, double value, int is_gradual,
                 int64_t now_ns);

#endif
