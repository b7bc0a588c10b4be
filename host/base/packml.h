// The PackML state machine as data (ISA-TR88.00.02, 2022 numbering), with
// Linewright's hold set (DSL.md 2.9): exactly 42 of 170 pairs are legal.
#ifndef LW_BASE_PACKML_H
#define LW_BASE_PACKML_H

#include <stddef.h> // size_t

// X(number, name, kind, next when an acting state completes)
#define LW_STATES(X)                                                           \
  X(1, Clearing, 'a', Stopped)                                                 \
  X(2, Stopped, 'w', Stopped) X(3, Starting, 'a', Execute)                     \
      X(4, Idle, 'w', Idle) X(5, Suspended, 'w', Suspended)                    \
          X(6, Execute, 'd', Completing) X(7, Stopping, 'a', Stopped)          \
              X(8, Aborting, 'a', Aborted) X(9, Aborted, 'w', Aborted)         \
                  X(10, Holding, 'a', Held) X(11, Held, 'w', Held)             \
                      X(12, Unholding, 'a', Execute)                           \
                          X(13, Suspending, 'a', Suspended)                    \
                              X(14, Unsuspending, 'a', Execute)                \
                                  X(15, Resetting, 'a', Idle)                  \
                                      X(16, Completing, 'a', Complete)         \
                                          X(17, Complete, 'w', Complete)
enum {
#define LW_STATE_ENUM(no, name, kind, next) LW_STATE_##name = (no),
  LW_STATES(LW_STATE_ENUM)
#undef LW_STATE_ENUM
};

// X(number, name, the acting state it leads to)
#define LW_COMMANDS(X)                                                         \
  X(1, reset, Resetting)                                                       \
  X(2, start, Starting) X(3, stop, Stopping) X(4, hold, Holding)               \
      X(5, unhold, Unholding) X(6, suspend, Suspending)                        \
          X(7, unsuspend, Unsuspending) X(8, abort, Aborting)                  \
              X(9, clear, Clearing) X(10, complete, Completing)
enum {
#define LW_COMMAND_ENUM(no, name, to) LW_COMMAND_##name = (no),
  LW_COMMANDS(LW_COMMAND_ENUM)
#undef LW_COMMAND_ENUM
};

// The ladder of safe outputs (DSL.md section 2); higher is more severe.
#define LW_LEVELS(X) X(none) X(suspend) X(hold) X(stop) X(abort)
enum {
#define LW_LEVEL_ENUM(name) LW_LEVEL_##name,
  LW_LEVELS(LW_LEVEL_ENUM)
#undef LW_LEVEL_ENUM
      LW_LEVEL_N
};

// State that `command` leads to from `state`, or LW_E_STATE when it is not
// legal, LW_E_RANGE when either number is unknown.
int lw_packml_command(int state, int command);
// State that follows when `state` has done its work (itself for wait states),
// or LW_E_RANGE when the number is unknown.
int lw_packml_done(int state);
// Bit mask (1 << command) of what is legal in `state`; 0 for unknown states.
unsigned lw_packml_mask(int state);
const char *lw_packml_state_name(int state);     // NULL if unknown
const char *lw_packml_command_name(int command); // NULL if unknown
int lw_packml_state_find(const char *name);      // number or LW_E_NOTFOUND
int lw_packml_command_find(const char *name);    // number or LW_E_NOTFOUND
const char *lw_level_name(int level);            // NULL if unknown
int lw_level_find(const char *name);             // LW_LEVEL_* or LW_E_NOTFOUND
// "unhold, complete, stop, abort" into buf [n], cut if longer; "" when nothing
// is legal. 48 bytes hold every state's list. Returns buf.
char *lw_packml_legal(int state, char *buf, size_t n);

#endif
