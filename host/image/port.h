// The worker's way to its line: read, ask, tell. One port per worker; the same
// in a process of its own and inline.
#ifndef LW_IMAGE_PORT_H
#define LW_IMAGE_PORT_H

#include "base/clock.h"  // lw_clock
#include "base/record.h" // lw_record
#include "image/image.h" // lw_image, lw_desk

typedef struct lw_port {
  const lw_plan *plan; // borrowed
  lw_image *image;     // borrowed; read-only in a worker process
  lw_desk *desk;       // borrowed
  lw_clock *clock;     // borrowed
  uint64_t seq;        // records emitted so far
  // Called when the record ring is full; inline mode empties it there. NULL:
  // wait for the host's writer for up to a second.
  void (*drain)(void *arg);
  void *drain_arg;
} lw_port;

// Newest reading of tag (0-based). A value older than its max_age is bad; its
// number is the last one known, NaN when there never was one and for texts.
void lw_port_read(lw_port *p, uint32_t tag, lw_reading *out);

// Newest text of a tag, as the device gave it, bad when too old. Returns 1, or
// 0 with nothing filled when the tag is a number.
int lw_port_text(lw_port *p, uint32_t tag, lw_text *out);

// Why a detector of the tag's filters fired last ("cusum: ...") and when, by
// the stamp of the sample. Returns 1, or 0 when none ever did or there is none.
int lw_port_fired(lw_port *p, uint32_t tag, lw_text *out);

// Ask the scan for a set-point [process unit]. Checks first what the scan will
// check again: writable, finite, inside the range, step from the last request
// of this epoch. Returns 0, LW_E_DENIED (a reading), LW_E_RANGE, LW_E_STATE
// before the first lw_port_level.
int lw_port_request(lw_port *p, uint32_t tag, double value);

// Ask for the safe values of a level (LW_LEVEL_none: just open a new epoch, the
// outputs stay). Requests made before are void. Returns the new epoch.
uint32_t lw_port_level(lw_port *p, int level);
// 1 once the scan has put the newest level on the outputs.
int lw_port_applied(const lw_port *p);

// Newest trip, 1 if the worker has not acknowledged it yet, else 0.
int lw_port_trip(const lw_port *p, lw_trip *out);
void lw_port_trip_ack(lw_port *p, uint32_t seq);

// Send a record; stamps seq, t_ns, wall_ns, synced. Returns its seq (> 0, as
// int64), or LW_E_FULL when the host does not take records, LW_E_RANGE when too
// long.
int64_t lw_port_emit(lw_port *p, lw_record *r);
uint64_t lw_port_committed(const lw_port *p);

// Next command of the host as text into buf [n], closed by a NUL; its length,
// LW_E_AGAIN when there is none, LW_E_RANGE when it did not fit (it is lost).
// Form: "COMMAND\tWHO\tARGUMENT", e.g. "hold\tope\tinspection".
int lw_port_command(lw_port *p, char *buf, size_t n);

// A tick was done. The first beat also says that the run is loaded: from then
// on silence is a fault.
void lw_port_beat(lw_port *p);
// A tick or an answer to the bell begins, and has come back: what the scan sees
// go on for longer than the profile's tick_cpu is a script that ran away.
void lw_port_enter(lw_port *p);
void lw_port_leave(lw_port *p);
void lw_port_state(lw_port *p, int state); // PackML number, for people
void lw_port_flags(lw_port *p, int paused, int finished);

#endif
