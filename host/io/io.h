// The drivers of a line at work: polls tags into raw values, carries outputs to
// devices, reconnects with growing pauses, and knows how every device fares.
#ifndef LW_IO_IO_H
#define LW_IO_IO_H

#include <stdint.h> // uint32_t

#include "base/clock.h"  // lw_clock
#include "image/image.h" // lw_reading
#include "io/sim.h"      // lw_sim

typedef struct lw_io lw_io;

enum { LW_IO_CLOSED, LW_IO_OPENING, LW_IO_GOOD, LW_IO_BROKEN };

typedef struct lw_io_status {
  const char *name;       // the driver's name in the plan
  int state;              // LW_IO_*
  uint64_t reads, writes; // calls to the device that succeeded
  uint64_t failures;      // connection losses and refused calls
  uint64_t late_polls;    // polls that began over one interval late
  char text[200];         // last error, "" if none
} lw_io_status;

// Find drivers, check their options and addresses, make them ready.
//   sim      the twin's block for driver "sim" and for tags with a signal and
//            no driver, or NULL
//   threads  1: a thread per driver (real time); 0: lw_io_poll does the work
// Fails with the driver's own message; nothing is opened yet.
int lw_io_new(lw_io **io, const lw_plan *plan, lw_clock *clock, lw_sim *sim,
              int threads, lw_err *e);
int lw_io_start(lw_io *io, lw_err *e); // open devices, start threads
// Flush pending outputs, join, close. With threads, what a device that was
// there does not take is tried for LW_IO_TELL_NS, and what it took and does not
// show is waited for up to LW_IO_END_NS.
#define LW_IO_TELL_NS (2 * LW_S)
#define LW_IO_END_NS (5 * LW_S)
void lw_io_stop(lw_io *io);
// Without threads: close as a process that dies does, pending outputs are gone.
void lw_io_drop(lw_io *io);
void lw_io_free(lw_io *io);

// Without threads: read what is due and write what is pending, now.
void lw_io_poll(lw_io *io, int64_t now_ns);

// Newest device value of a tag (feedback if declared), in the *device's*
// number.
void lw_io_read(const lw_io *io, uint32_t tag, lw_reading *raw);
// Hand a device number over for writing; the newest wins. Never blocks.
void lw_io_write(lw_io *io, uint32_t tag, double raw);
// The same for the next step of a ramp: a device that can be asked is asked
// first, and not told when it is no longer where the step before had put it.
void lw_io_ramp(lw_io *io, uint32_t tag, double raw);
// How many outputs handed over have not reached their device yet.
uint32_t lw_io_pending(const lw_io *io);
// After lw_io_stop: the outputs that a device which had answered before did not
// take, or took and does not show, in words, "" when there are none: "a.b, a.c
// and 2 more: no connection". Returns how many.
uint32_t lw_io_undone(const lw_io *io, char *buf, size_t n);
// Text tags: copies the newest text into buf [64].
void lw_io_text(const lw_io *io, uint32_t tag, char *buf);
// A scan was good: devices with a dead-man timer may be told so.
void lw_io_alive(lw_io *io);

// An output whose device was there and has been gone for LW_IO_LOST_NS, or
// LW_NONE: what it does now, nobody knows. Any thread.
#define LW_IO_LOST_NS (1 * LW_S)
uint32_t lw_io_lost(const lw_io *io, int64_t now_ns);

// An output whose device came back from a loss of connection without what it
// had been told, or LW_NONE; told once for each loss. The scan's thread.
uint32_t lw_io_forgotten(lw_io *io);
// An output that shows another value than its device had taken, the connection
// having been there all the time: the device lost or ignored it, or somebody
// else writes there, too. LW_NONE when there is none; told once each. The
// scan's thread.
uint32_t lw_io_changed(lw_io *io);
// Is this tag an output of the same device as that one?
int lw_io_is_beside(const lw_io *io, uint32_t tag, uint32_t that);

uint32_t lw_io_driver_n(const lw_io *io);
void lw_io_status_read(const lw_io *io, uint32_t driver, lw_io_status *out);

// The registry (lw_driver_register in linewright.h adds to it).
const lw_driver_ops *lw_io_find(const char *kind); // NULL if unknown
const lw_driver_ops *lw_io_kind(uint32_t i);       // NULL past the end

// Version of the libmodbus that is loaded, into buf [n]; returns buf.
char *lw_io_library(char *buf, size_t n);

#endif
