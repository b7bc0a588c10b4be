// The process image: what host and worker share.
//
// Two regions, so that a broken worker can spoil only its own:
//   image  written by the host, mapped read-only by the worker: readings,
//   trips,
//          acknowledgements, commands
//   desk   written by the worker: requests, heartbeat, status, records
// In inline mode both are ordinary memory of one process: same code.
#ifndef LW_IMAGE_IMAGE_H
#define LW_IMAGE_IMAGE_H

#include <stdatomic.h> // _Atomic
#include <stddef.h>    // size_t
#include <stdint.h>    // uint32_t

#include "base/ring.h"  // lw_ring
#include "image/plan.h" // lw_plan
#include "image/text.h" // lw_text_slot

// A reading in the process unit, guarded by a sequence lock: odd = being
// written. Fields are atomics so that the race is defined.
typedef struct lw_slot {
  _Atomic uint32_t seq;
  _Atomic uint32_t quality; // LW_BAD, LW_UNCERTAIN, LW_GOOD
  _Atomic uint64_t value;   // bits of a double
  _Atomic int64_t t_ns;     // when it was read
} lw_slot;

typedef struct lw_reading {
  double value; // [process unit]
  int64_t t_ns;
  int quality;
} lw_reading;

void lw_slot_write(lw_slot *s, const lw_reading *r);
// Never blocks for long: retries while the writer is inside, and gives up with
// NaN, LW_BAD when the writer stays there (its process died).
void lw_slot_read(const lw_slot *s, lw_reading *r);

// Why the scan drove outputs to safe values by itself.
#define LW_CAUSES(X)                                                           \
  X(none, "")                                                                  \
  X(interlock, "interlock")                                                    \
  X(permit, "permit lost")                                                     \
  X(refused, "set-point refused")                                              \
  X(heartbeat, "worker silent")                                                \
  X(store, "journal stopped")                                                  \
  X(scan, "scan late")                                                         \
  X(driver, "driver lost")                                                     \
  X(busy, "worker busy for longer than tick_cpu")                              \
  X(restart, "device has lost its set-points")                                 \
  X(changed, "output is not what it was told")
enum {
#define LW_CAUSE_ENUM(name, text) LW_CAUSE_##name,
  LW_CAUSES(LW_CAUSE_ENUM)
#undef LW_CAUSE_ENUM
      LW_CAUSE_N
};

// A trip packed into one word, so that it is read and written whole.
typedef struct lw_trip {
  uint32_t seq;   // counts trips, 0 = never
  uint32_t index; // rule or tag, 0xFFFF = none
  int cause;      // LW_CAUSE_*
  int level;      // LW_LEVEL_*
} lw_trip;
uint64_t lw_trip_pack(const lw_trip *t);
lw_trip lw_trip_unpack(uint64_t word);

#define LW_DEATH_TEXT 144

typedef struct lw_image {
  uint32_t magic, version;
  uint64_t size;
  uint8_t digest[32]; // SHA-256 of the encoded plan
  uint32_t tag_n;
  uint32_t text_n;              // tags of type text or with a detector
  uint32_t command_size;        // bytes of the command ring
  _Atomic uint64_t scan_n;      // scans done
  _Atomic uint64_t scan_late_n; // scans that missed their time
  _Atomic int64_t scan_at_ns;   // start of the newest scan
  _Atomic uint64_t applied;     // last level word put on the outputs
  _Atomic uint64_t trip;        // lw_trip_pack
  _Atomic uint64_t committed;   // worker records up to here are on disk
  _Atomic uint32_t store_state; // 0 good, else the LW_E_* that stopped it
  _Atomic uint32_t mode;        // 1 Production, 2 Maintenance, 3 Manual
  char death[LW_DEATH_TEXT];    // how the worker before ended, "" = none did
  _Atomic uint64_t command_head;
  _Atomic uint64_t record_tail;
  // lw_slot slots[tag_n]; lw_text_slot texts[text_n];
  // uint8_t commands[command_size];
} lw_image;

#define LW_COMMAND_RING (16u * 1024u)  // bytes, host -> worker
#define LW_RECORD_RING (1024u * 1024u) // bytes, worker -> host
#define LW_STATUS_TEXT 256
#define LW_VERDICT_BITS 48 // what a Lua number holds exactly

// What the worker tells people; the host never acts on it.
typedef struct lw_status {
  char operation[LW_STATUS_TEXT]; // "coat > lip purge"
  char step[LW_STATUS_TEXT];
  char waits[LW_STATUS_TEXT];    // "all oven zones within 2 K"
  char reason[LW_STATUS_TEXT];   // why it is Held, Stopped or Aborted
  char readings[LW_STATUS_TEXT]; // "web 30.0 m/min, coat weight 117.9 g/m2"
  char prompt[LW_STATUS_TEXT];   // open question and its choices
  char where[LW_STATUS_TEXT];    // "execute > heat-up (recipes/..:46)"
  char can[LW_STATUS_TEXT];      // what may be commanded: "complete, stop"
  char proves[LW_STATUS_TEXT];   // what an unhold would prove again
  char doubt[LW_STATUS_TEXT];    // once-step that nobody knows to have happened
  char budgets[LW_STATUS_TEXT];  // what the recipe uses of its limits
  int64_t until_ns;              // clock time at which the wait expires, 0 none
  char verdict[LW_STATUS_TEXT];  // why the newest command was refused, or ""
  int32_t state;                 // PackML number that all this was said in
  uint32_t verdict_n;            // commands that this worker has taken
  uint64_t refused; // which of the newest LW_VERDICT_BITS: bit 0 the newest
} lw_status;

// A set-point wanted by the worker.
typedef struct lw_request {
  _Atomic uint32_t seq; // sequence lock, as in lw_slot
  _Atomic uint32_t epoch;
  _Atomic uint64_t value; // bits of a double [process unit]
  _Atomic uint64_t count; // requests ever made; a new one is a new count
} lw_request;

typedef struct lw_wish {
  double value;   // [process unit]
  uint32_t epoch; // in which it was made
  uint64_t count; // requests ever made for this tag
} lw_wish;

void lw_request_write(lw_request *q, double value, uint32_t epoch);
// Returns 0, or LW_E_AGAIN when the worker is (or died) inside its write: the
// scan never waits for it.
int lw_request_read(const lw_request *q, lw_wish *out);

enum { LW_FLAG_PAUSED = 1, LW_FLAG_FINISHED = 2 }; // lw_desk.flags, bits

typedef struct lw_desk {
  uint32_t magic, version;
  uint64_t size;
  uint32_t record_size;   // bytes of the record ring
  _Atomic uint32_t ready; // 1 once the run is loaded; heartbeat counts then
  _Atomic uint64_t beat;  // ticks done
  _Atomic int64_t beat_at_ns;
  _Atomic uint64_t turn;  // odd while the worker computes, even while it waits
  _Atomic uint64_t level; // level word: epoch << 8 | LW_LEVEL_*
  _Atomic uint32_t trip_ack; // seq of the newest trip the worker acted on
  _Atomic uint32_t state;    // PackML number
  _Atomic uint32_t flags;    // LW_FLAG_*; finished: the worker may exit
  _Atomic uint64_t record_head;
  _Atomic uint64_t command_tail;
  _Atomic uint32_t status_seq;
  lw_status status;
  // lw_request requests[tag_n]; uint8_t records[record_size];
} lw_desk;

// Bytes of each region for a plan.
size_t lw_image_size(const lw_plan *p);
size_t lw_desk_size(const lw_plan *p);

// Lay out zeroed memory of that size; every slot starts bad.
void lw_image_init(lw_image *m, const lw_plan *p, const uint8_t digest[32]);
void lw_desk_init(lw_desk *d, const lw_plan *p);

// Check a mapped region before use (sizes, magic, version, tag count).
int lw_image_check(const lw_image *m, size_t mapped, lw_err *e);
int lw_desk_check(const lw_desk *d, size_t mapped, const lw_plan *p, lw_err *e);

lw_slot *lw_image_slots(lw_image *m);
lw_text_slot *lw_image_texts(lw_image *m);
// The slot of a text tag; NULL for a number.
lw_text_slot *lw_image_text(lw_image *m, uint32_t tag);
lw_request *lw_desk_requests(lw_desk *d);
// The two rings, bound to both regions.
lw_ring lw_image_commands(lw_image *m, lw_desk *d); // host -> worker
lw_ring lw_image_records(lw_image *m, lw_desk *d);  // worker -> host

void lw_status_write(lw_desk *d, const lw_status *s);
// Returns 0, or LW_E_AGAIN when the worker keeps writing (crashed inside).
int lw_status_read(const lw_desk *d, lw_status *s);

#endif
