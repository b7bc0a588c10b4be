// Linewright: run line-independent recipes on production lines.
//
// This is the whole public C API: embed a line in a program of yours, add a
// driver, add a C primitive that recipes can call. Everything else in the
// source tree is private. Handles are opaque; one handle belongs to one thread
// at a time. No function prints or exits.
#ifndef LINEWRIGHT_H
#define LINEWRIGHT_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#ifdef __cplusplus
extern "C" {
#endif

#define LW_API __attribute__((visibility("default"))) // gcc and clang

// X(name, code, sentence): every failure the library can report.
#define LW_ERRORS(X)                                                           \
  X(RANGE, 1, "value out of range")                                            \
  X(UNIT, 2, "units do not fit")                                               \
  X(TYPE, 3, "wrong type")                                                     \
  X(SHAPE, 4, "sizes do not fit")                                              \
  X(NOMEM, 5, "out of memory")                                                 \
  X(IO, 6, "input or output failed")                                           \
  X(FULL, 7, "no room left")                                                   \
  X(STATE, 8, "not allowed in this state")                                     \
  X(NOTFOUND, 9, "not found")                                                  \
  X(TIMEOUT, 10, "timed out")                                                  \
  X(PROTO, 11, "the device answered with an error")                            \
  X(CLOSED, 12, "already closed")                                              \
  X(CORRUPT, 13, "damaged data")                                               \
  X(SYNTAX, 14, "cannot be read")                                              \
  X(UNSUPPORTED, 15, "not supported")                                          \
  X(DENIED, 16, "permission denied")                                           \
  X(EXISTS, 17, "exists already")                                              \
  X(AGAIN, 18, "nothing there yet")                                            \
  X(SCRIPT, 19, "the script failed")                                           \
  X(BUDGET, 20, "budget exceeded")

enum {
#define LW_ERROR_ENUM(name, code, text) LW_E_##name = -(code),
  LW_ERRORS(LW_ERROR_ENUM)
#undef LW_ERROR_ENUM
};

// A failure for a person: the code and one sentence that names the thing, the
// value and what would be right.
typedef struct lw_err {
  int code;       // LW_E_*, 0 = none
  char text[200]; // no newline, cut if longer
} lw_err;

// The library's version, "0.1.0"; static.
LW_API const char *lw_version(void);

// ---------------------------------------------------------------- drivers ---

// How good a reading is; a derived value carries the worst of its inputs.
// LW_OLD is only for drivers: nothing new since the last read, the reading that
// is there stays and ages.
enum { LW_OLD = -1, LW_BAD = 0, LW_UNCERTAIN = 1, LW_GOOD = 2 };

// Word types of a tag on its device.
#define LW_TYPES(X)                                                            \
  X(bool) X(u16) X(s16) X(u32) X(s32) X(f32) X(u64) X(s64) X(f64) X(text)
enum {
#define LW_TYPE_ENUM(name) LW_TYPE_##name,
  LW_TYPES(LW_TYPE_ENUM)
#undef LW_TYPE_ENUM
      LW_TYPE_N
};

#define LW_TEXT_SIZE 64 // bytes of a text reading, its NUL included

enum { LW_READ = 1, LW_WRITE = 2 };          // lw_point.access, bits
enum { LW_BIG_WORDS = 0, LW_LITTLE_WORDS = 1 }; // lw_point.word_order

// One thing on a device that a driver reads or writes. Borrowed for the
// driver's life.
typedef struct lw_point {
  const char *name;    // the channel, for messages: "oven.zones[1].temp"
  const char *address; // in the driver's own notation
  int type;            // LW_TYPE_*
  int word_order;      // LW_BIG_WORDS or LW_LITTLE_WORDS
  int access;          // LW_READ, LW_WRITE or both
  int64_t poll_ns;     // wanted interval between reads [ns], 0 = each scan
} lw_point;

// What a driver read: the device's own number, before scale and offset.
typedef struct lw_sample {
  double value;   // decoded number; NaN when quality is LW_BAD
  int quality;    // LW_OLD, LW_BAD, LW_UNCERTAIN, LW_GOOD
  char *text;     // LW_TYPE_text: LW_TEXT_SIZE bytes to fill; else NULL
} lw_sample;

// An option of a driver's block; nested keys are joined: "watchdog.register".
typedef struct lw_option {
  const char *name;
  const char *value; // as text; durations in seconds ("0.3"), booleans "true"
} lw_option;

// Declares an option, so that `linewright check` can refuse unknown ones.
typedef struct lw_option_spec {
  const char *name;
  char kind;        // 's' text, 'n' number, 'd' duration, 'b' boolean, 'f' file
  char required;    // 1 = must be given
  const char *help; // one line, with unit and default
} lw_option_spec;

// A driver: the way to one kind of device. The host gives each open driver a
// thread of its own (in virtual time it calls from the one thread there is),
// so functions may block up to the driver's time-out and need no locks.
typedef struct lw_driver_ops {
  const char *kind;              // word in `driver "kind" {}`
  const char *help;              // one line
  size_t state_size;             // bytes of zeroed `self` the host provides
  const lw_option_spec *options; // ends with name = NULL

  // Check an address, or values of options ("option NAME = ..."), without any
  // I/O. Returns 0 or LW_E_SYNTAX, LW_E_RANGE with a text that says what would
  // be right. May be NULL: all are fine.
  int (*check_address)(const char *address, int type, int access, lw_err *e);
  int (*check_options)(const lw_option *options, size_t option_n, lw_err *e);

  // Take options and points (borrowed until fini), no I/O yet.
  int (*init)(void *self, const lw_option *options, size_t option_n,
              const lw_point *points, size_t point_n, lw_err *e);

  // Connect. After a failure, or after a negative read or write, the host
  // calls close and tries open again with growing pauses.
  int (*open)(void *self, lw_err *e);

  // Read points due[0..due_n), indices into points; fill out[i] for due[i].
  // A point the device refuses gets LW_BAD and the call goes on; a negative
  // return means the connection is lost and all points are bad. Every out[i]
  // comes in as LW_BAD.
  int (*read)(void *self, int64_t now_ns, const uint32_t *due, size_t due_n,
              lw_sample *out, lw_err *e);

  // Write raw[i] to points which[i]. Returns 0, LW_E_PROTO when the device
  // refused a value (the connection stays), or another code when it is lost.
  int (*write)(void *self, const uint32_t *which, const double *raw, size_t n,
               lw_err *e);

  // Tell the device's dead-man timer that the host is healthy; called only
  // after a good scan, at the interval of option "watchdog.every". May be NULL.
  int (*beat)(void *self, lw_err *e);

  void (*close)(void *self); // drop the connection; may be called twice
  void (*fini)(void *self);  // free what init took; may be NULL
} lw_driver_ops;

// For all lines opened later in this process; ops is kept. LW_E_EXISTS: taken.
LW_API int lw_driver_register(const lw_driver_ops *ops);

// ------------------------------------------------------------- primitives ---

// A function of yours that recipes call as host.NAME(x, ...): finite numbers
// in[in_n], at most LW_PRIMITIVE_RESULTS numbers out. It must depend on its
// arguments only, since a recipe may be replayed, and must return soon.
// Returns how many results, or a negative LW_E_* with *e filled for the recipe.
#define LW_PRIMITIVE_RESULTS 8
typedef int (*lw_primitive)(void *arg, const double *in, size_t in_n,
                            double *out, lw_err *e);
// Make a primitive known to all runs opened later in this process; name, fn and
// arg are kept. LW_E_RANGE for a name that is none, LW_E_EXISTS, LW_E_FULL.
LW_API int lw_primitive_register(const char *name, lw_primitive fn, void *arg);

// ------------------------------------------------------------------- runs ---

// A recipe on a line in virtual time, all in this process: the line's twin, or
// drivers of yours, are stepped together with scan and recipe. The same seed
// gives the same run, bit for bit. The recipe runs on a thread of its own with
// a deep stack while the caller waits; drivers and primitives are called there.
typedef struct lw_run lw_run;

typedef struct lw_run_options {
  const char *recipe, *line; // paths, looked up as the program does
  const char *formula;       // path, or NULL
  const char *const *set;    // "name=value", ends with NULL; or NULL
  const char *db;            // database of the records; NULL = in memory
  uint64_t seed;             // of twin and recipe
  int uses_drivers; // 1: the line's own drivers; 0: its twin for everything
} lw_run_options;

// Check everything and put the line together; the run is Stopped.
// Returns 0, or LW_E_SCRIPT with the first finding.
LW_API int lw_run_open(lw_run **r, const lw_run_options *o, lw_err *e);
// End the run in its database and free it; NULL is fine.
LW_API void lw_run_close(lw_run *r);
// Reset and start: the run is Starting afterwards.
LW_API int lw_run_start(lw_run *r, lw_err *e);
// Let a time pass [s], finite, >= 0.
LW_API int lw_run_advance(lw_run *r, double seconds, lw_err *e);
// Let time pass until a PackML state ("Complete") is reached, at most within_s.
// Returns 0, or LW_E_TIMEOUT with the state it is in, and why.
LW_API int lw_run_until(lw_run *r, const char *state, double within_s,
                        lw_err *e);
// Virtual time since the run was opened [s].
LW_API double lw_run_now_s(lw_run *r);
// The PackML state, "Execute"; as all texts here valid until the next call.
LW_API const char *lw_run_state(lw_run *r);
// Why it is Held, Stopped or Aborted, "" if it is not.
LW_API const char *lw_run_reason(lw_run *r);
// The open question to the operator, "" if none.
LW_API const char *lw_run_question(lw_run *r);
// Answer it. LW_E_STATE when nothing is asked, LW_E_RANGE for no such choice.
LW_API int lw_run_answer(lw_run *r, const char *choice, lw_err *e);
// Command the run: "hold", "unhold", "stop", ... LW_E_STATE with a sentence
// when it is not legal now.
LW_API int lw_run_command(lw_run *r, const char *command, lw_err *e);
// Read a channel, "oven.zones[1].temp", in the recipe's unit; NaN when it never
// was read. quality (may be NULL) is filled with LW_BAD, LW_UNCERTAIN, LW_GOOD.
// Returns 0, LW_E_NOTFOUND or LW_E_TYPE for a text.
LW_API int lw_run_read(lw_run *r, const char *channel, double *value,
                       int *quality, lw_err *e);
// The i-th value, from 0, of r.record(name, ...). LW_E_NOTFOUND if none.
LW_API int lw_run_output(lw_run *r, const char *name, size_t i, double *value,
                         lw_err *e);
// Give a signal of the twin, or a channel it feeds, a fault: "bad", "force"
// (argument: the value), "stuck", "drift" (per second), "spike" (height),
// "delay" (seconds), "noise" (deviation), "lost", "crash"; "none" clears it.
LW_API int lw_run_fault(lw_run *r, const char *signal, const char *fault,
                        double argument, lw_err *e);
// Cut the power, wait outage_s, and resume from the journal: Held afterwards.
LW_API int lw_run_reboot(lw_run *r, double outage_s, lw_err *e);

// Check a recipe on a line (formula may be NULL) without running it: every
// finding, one per line, into text [n], cut at its end.
// Returns 0 when it fits, LW_E_SCRIPT when not.
LW_API int lw_check(const char *recipe, const char *line, const char *formula,
                    char *text, size_t n);

#ifdef __cplusplus
}
#endif

#endif
