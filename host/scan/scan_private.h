// Inside of the scan, shared by the files scan*.c only.
#ifndef LW_SCAN_SCAN_PRIVATE_H
#define LW_SCAN_SCAN_PRIVATE_H

#include "scan/guard.h"
#include "scan/input.h"
#include "scan/rule.h"
#include "scan/scan.h"
#include "scan/setpoint.h"

#define LW_SCAN_GRACE_NS (2 * LW_S) // for inputs never read yet
#define LW_SCAN_STALL_NS LW_S       // a gap this long is a fault of the host
#define LW_SCAN_TURN_SPARE_NS (25 * LW_MS) // above tick_cpu, for the machine
#define LW_SCAN_LATE_EVERY_NS LW_S // at most one `late` record in this time
#define LW_SCAN_TEXT_EVERY_NS LW_S // at most one record of a text in this time
#define LW_SCAN_RECORD_N 1024      // bytes of a record's data

// A tag with a text, its own or why its detector fired, and what the journal
// has of it.
typedef struct lw_scan_text {
  uint32_t tag;
  int is_recorded;  // changes are told
  int is_firing;    // the newest sample was an alarm
  int64_t told_ns;  // when one was last told, < 0 = never
  char told[LW_TEXT_SIZE];
} lw_scan_text;

struct lw_scan {
  lw_scan_config c;
  lw_input *inputs;       // [tag_n]
  lw_setpoint *setpoints; // [tag_n], of use where a tag can be written
  lw_rule_state *rules;   // [rule_n]
  lw_scan_text *texts;    // [text_n]
  uint32_t text_n;
  uint8_t *has_permit;      // [tag_n], 1 where some rule is a permit of the tag
  int64_t now_ns, began_ns; // this scan, the first
  double dt_s;              // what ramps may use of the time between scans

  uint64_t word; // newest level word that was applied
  lw_trip trip;  // newest trip that was published
  // A trip above the level of its time is over only with a newer epoch than
  // this; 0 = its acknowledgement is enough.
  uint32_t locked_epoch;
  _Atomic uint32_t wishes[LW_LEVEL_N]; // lw_scan_trip's: cause + 1, 0 = none

  uint64_t beat; // newest of the worker's, and when it was first seen
  int64_t beat_at_ns;
  int is_silent;   // has tripped for this silence
  uint64_t turn;   // newest of the worker's, how long the scan has seen it
  int64_t turn_ns; // go on, and whether it has tripped for it
  int is_turn_over;
  int is_lost; // has tripped for this loss of a driver

  int is_synced; // the wall clock, asked once a second: it is a system call
  int64_t synced_due_ns;

  uint64_t late_n; // missed scans not recorded yet
  int64_t late_at_ns;
};

static inline uint32_t lw_scan_epoch(const lw_scan *s) {
  return (uint32_t)(s->word >> 8);
}

int lw_scan_level(const lw_scan *s); // LW_LEVEL_* in force by the worker's word

// What a trip or a refusal was about, for its record.
typedef struct lw_scan_reason {
  int cause, level;
  uint32_t index; // rule or tag, 0xFFFF = none
  int verdict;    // LW_VERDICT_* of a refused set-point
  double value;   // of the input, or the set-point that was refused
  double from;    // set-point before the refused one
} lw_scan_reason;

// scan_trip.c: levels, trips, safe values.
void lw_scan_take_level(lw_scan *s);
void lw_scan_take_wish(lw_scan *s);
void lw_scan_do_trip(lw_scan *s, const lw_scan_reason *why);
int lw_scan_is_locked(const lw_scan *s); // 1: requests are void

// scan_rules.c
void lw_scan_judge(lw_scan *s);
int lw_scan_permits(const lw_scan *s, uint32_t tag, double goal, double value);

// scan_text.c
int lw_scan_text_init(lw_scan *s); // or LW_E_NOMEM; texts is freed with s
void lw_scan_texts(lw_scan *s);    // publish texts and alarms, tell changes

// scan_record.c
void lw_scan_tell_text(lw_scan *s, const lw_scan_text *t, const char *now);
void lw_scan_tell_fired(lw_scan *s, uint32_t tag, const char *why);
void lw_scan_tell_out(lw_scan *s, uint32_t tag, const char *why);
void lw_scan_tell_trip(lw_scan *s, const lw_scan_reason *why);
void lw_scan_tell_late(lw_scan *s, uint64_t missed_n);

#endif
