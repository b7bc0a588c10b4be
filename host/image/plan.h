// The plan: a line profile bound to a recipe's channels, flat and checked.
//
// Lua (lua/linewright/line.lua) builds it through linewright.plan; the host,
// which never runs Lua, gets it encoded. All structs are plain data; text is an
// offset into one arena (0 = the empty string).
#ifndef LW_IMAGE_PLAN_H
#define LW_IMAGE_PLAN_H

#include <stddef.h> // size_t
#include <stdint.h> // uint32_t

#include "base/err.h"    // lw_err
#include "base/packml.h" // LW_LEVEL_N

#define LW_NONE UINT32_MAX
#define LW_FILTER_PARAMS 6
#define LW_PLAN_ITEM_MAX 65534u // tags, rules: an index fits a trip
#define LW_PLAN_TEXT_MAX (UINT32_C(1) << 24) // bytes of all texts together

typedef struct lw_plan_driver {
  uint32_t kind;         // text: "modbus_tcp"
  uint32_t name;         // text: how messages call it, "plc (examples/..:4)"
  uint32_t option_first; // into options[]
  uint32_t option_n;
} lw_plan_driver;

typedef struct lw_plan_option {
  uint32_t name, value; // texts; durations in seconds
} lw_plan_option;

// A signal of the twin, in the twin's own unit.
typedef struct lw_plan_signal {
  uint32_t name, unit;
} lw_plan_signal;

typedef struct lw_plan_filter {
  uint32_t kind; // text: "hampel"
  uint32_t param_n;
  double param[LW_FILTER_PARAMS]; // in the order of the filter's own table
} lw_plan_filter;

// A channel of the recipe, or a tag that only interlocks use.
//   device number --scale, offset--> tag unit --gain, bias--> process unit
// A limit that is absent is NaN.
typedef struct lw_plan_tag {
  uint32_t name;         // "oven.zones[1].temp"
  uint32_t driver;       // index, LW_NONE = only the twin (or nothing) feeds it
  uint32_t address;      // text in the driver's notation
  uint32_t feedback;     // text: address of the true reading, 0 = none
  uint32_t unit;         // tag's unit, text
  uint32_t process_unit; // contract's unit, text: what recipes see
  uint32_t signal;       // twin signal, LW_NONE = none
  int32_t type;          // LW_TYPE_*
  int32_t word_order;    // LW_BIG_WORDS, LW_LITTLE_WORDS
  int32_t access;        // LW_READ | LW_WRITE
  uint32_t filter_first; // into filters[]
  uint32_t filter_n;
  double scale, offset;            // device number * scale + offset = tag unit
  double gain, bias;               // tag unit * gain + bias = process unit
  double signal_gain, signal_bias; // twin unit -> tag unit
  double lo, hi;                   // range [process unit]
  double step_max;                 // largest single change [process unit]
  double rate_max;                 // ramp [process unit / s]
  double deadband;                 // [process unit], for the historian
  double safe[LW_LEVEL_N];         // [process unit]; NaN = keep
  int64_t max_age_ns;              // older readings are bad
  int64_t poll_ns;                 // 0 = each scan
  int32_t history;                 // LW_TAG_*: what the historian takes
} lw_plan_tag;

// When it changed by more than its dead band; at each scan; never.
enum { LW_TAG_ON_CHANGE, LW_TAG_EACH_SCAN, LW_TAG_UNRECORDED };

enum { LW_OP_ABOVE, LW_OP_BELOW, LW_OP_IS, LW_OP_IS_NOT };
enum { LW_RULE_INTERLOCK, LW_RULE_PERMIT };

// interlock: trips when `tag op limit` has held for lasting_ns, or tag is bad.
// permit: while the set-point of `tag` satisfies `op limit`, `need_tag need_op
// need_limit` must hold with good quality.
typedef struct lw_plan_rule {
  int32_t kind;
  uint32_t tag;
  int32_t op;
  int32_t level; // LW_LEVEL_*; a permit's is hold
  double limit;  // [process unit]
  int64_t lasting_ns;
  uint32_t need_tag;
  int32_t need_op;
  double need_limit;
  uint32_t text; // what the operator reads
} lw_plan_rule;

typedef struct lw_plan {
  uint32_t line;    // text: name of the line
  uint32_t profile; // text: path of the profile, for messages
  int32_t revision;
  int32_t api;
  int64_t scan_ns;         // scan period
  int64_t tick_ns;         // worker period
  int64_t heartbeat_ns;    // worker silent for longer = dead
  int64_t tick_cpu_ns;     // CPU budget of one tick
  int64_t memory_bytes;    // cap of the worker's Lua heap
  int64_t history_keep_ns; // days of history go when this old, 0 = never
  double history_share;    // of the disk that history may take, 0 = 8 GiB
  lw_plan_driver *drivers;
  uint32_t driver_n;
  lw_plan_option *options;
  uint32_t option_n;
  lw_plan_signal *signals;
  uint32_t signal_n;
  lw_plan_tag *tags;
  uint32_t tag_n;
  lw_plan_filter *filters;
  uint32_t filter_n;
  lw_plan_rule *rules;
  uint32_t rule_n;
  char *text; // arena; text[0] = 0
  uint32_t text_n;
  uint32_t *index; // of the texts, for lw_plan_add_text only; not encoded
  uint32_t index_n, index_used;
} lw_plan;

// An empty plan with defaults: scan 10 ms, tick 100 ms, heartbeat 250 ms, CPU
// 50 ms, 64 MiB. NULL when out of memory.
lw_plan *lw_plan_new(void);
void lw_plan_free(lw_plan *p);

// Append; each returns the index, or LW_E_NOMEM. Tags start as readable f64
// with scale and gains 1, all limits NaN, driver, signal LW_NONE. An option
// belongs to the newest driver (LW_E_STATE without one); the filters of a tag
// are added one after another (LW_E_STATE when another tag's came between, and
// LW_E_RANGE for an unknown tag or too many numbers).
int lw_plan_add_driver(lw_plan *p, const char *kind, const char *name);
int lw_plan_add_option(lw_plan *p, const char *name, const char *value);
int lw_plan_add_signal(lw_plan *p, const char *name, const char *unit);
int lw_plan_add_tag(lw_plan *p, const char *name);
int lw_plan_add_filter(lw_plan *p, uint32_t tag, const char *kind,
                       const double *param, size_t param_n);
int lw_plan_add_rule(lw_plan *p, const lw_plan_rule *rule);
// Intern text; returns its offset or LW_E_NOMEM.
int lw_plan_add_text(lw_plan *p, const char *s);
const char *lw_plan_text(const lw_plan *p, uint32_t offset); // never NULL

// Index of the tag called name, or LW_E_NOTFOUND.
int lw_plan_find(const lw_plan *p, const char *name);

// Age [ns] beyond which a reading of tag is bad: its max_age, else five polls
// (a poll faster than the scan counts as the scan).
int64_t lw_plan_max_age_ns(const lw_plan *p, uint32_t tag);

// Every index, text and number in bounds, every output with range and safe
// values. Returns 0 or a negative code with the first fault.
int lw_plan_check(const lw_plan *p, lw_err *e);

// To and from bytes (little-endian, versioned, one allocation to free()).
// Decoding checks everything lw_plan_check does: the bytes come from a process
// that ran a profile.
int lw_plan_encode(const lw_plan *p, uint8_t **bytes, size_t *n);
int lw_plan_decode(lw_plan **p, const uint8_t *bytes, size_t n, lw_err *e);

#endif
