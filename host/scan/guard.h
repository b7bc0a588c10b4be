// The output guard: the last thing before a number goes to a device, whatever
// Lua, a worker or the network asked for. One pure function, so that each of
// its branches can be tested.
#ifndef LW_SCAN_GUARD_H
#define LW_SCAN_GUARD_H

#include <stdint.h> // uint32_t

#include "image/plan.h" // lw_plan_tag

// X(name, sentence for people)
#define LW_VERDICTS(X)                                                         \
  X(accept, "accepted")                                                        \
  X(reading, "is a reading, it cannot be set")                                 \
  X(stale, "was asked before the newest change of level")                      \
  X(tripped, "was asked while a trip is not acknowledged")                     \
  X(journal, "was asked while the journal is stopped")                         \
  X(nonfinite, "is not a finite number")                                       \
  X(range, "is outside its range")                                             \
  X(unknown, "has a present value that is unknown")                            \
  X(step, "is too large a step")                                               \
  X(rate, "changes too fast")                                                  \
  X(permit, "is not permitted now")                                            \
  X(word, "does not fit the device's word")
enum {
#define LW_VERDICT_ENUM(name, text) LW_VERDICT_##name,
  LW_VERDICTS(LW_VERDICT_ENUM)
#undef LW_VERDICT_ENUM
      LW_VERDICT_N
};

typedef struct lw_guard {
  const lw_plan_tag *tag;
  double value; // about to go out [process unit]
  double goal;  // set-point it is on the way to; the same without a ramp
  double from;  // set-point before `goal`, NaN = unknown
  double last;  // what is on the output now, NaN = unknown
  double dt_s;  // time for the way from last to value
  uint32_t epoch, asked_epoch; // of the line now (0 = none begun yet),
                               // and of the request
  int is_readable;             // the device can be asked for its value
  int is_tripped, is_journal_good, is_permitted;
} lw_guard;

// Decide about one output.
//   raw  the device number to write, filled only when accepted
// Returns LW_VERDICT_*. Every comparison says what is allowed, so that NaN
// anywhere is refused. Safe values do not pass here: the plan's check did it,
// and no fault of a request may keep them from the device.
int lw_guard_check(const lw_guard *g, double *raw);

// 1 when a refusal means nothing by itself (the request crossed a trip or a
// change of level on its way), 0 when somebody asked for what may not be.
int lw_verdict_is_void(int verdict);

const char *lw_verdict_name(int verdict); // "range"; NULL if unknown
const char *lw_verdict_text(int verdict); // the sentence; NULL if unknown

#endif
