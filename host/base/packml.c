#include "base/packml.h"

#include <stdio.h>  // snprintf
#include <string.h> // strcmp

#include "base/err.h" // LW_E_*

enum {
#define COUNT(no, name, kind, next) +1
  STATE_N = 1 LW_STATES(COUNT), // numbers start at 1
#undef COUNT
#define COUNT(no, name, to) +1
  COMMAND_N = 1 LW_COMMANDS(COUNT)
#undef COUNT
};

#define BIT(command) (1u << LW_COMMAND_##command)
#define ENDS (BIT(stop) | BIT(abort))

// Legal commands by state: STANDARDS.md section 2 with hold configured for
// Execute, Suspending, Suspended, Unsuspending and Unholding.
static const unsigned mask_of[STATE_N] = {
    [LW_STATE_Clearing] = BIT(abort),
    [LW_STATE_Stopped] = BIT(reset) | BIT(abort),
    [LW_STATE_Starting] = ENDS,
    [LW_STATE_Idle] = BIT(start) | ENDS,
    [LW_STATE_Suspended] = BIT(unsuspend) | BIT(hold) | BIT(complete) | ENDS,
    [LW_STATE_Execute] = BIT(hold) | BIT(suspend) | BIT(complete) | ENDS,
    [LW_STATE_Stopping] = BIT(abort),
    [LW_STATE_Aborting] = 0,
    [LW_STATE_Aborted] = BIT(clear),
    [LW_STATE_Holding] = ENDS,
    [LW_STATE_Held] = BIT(unhold) | BIT(complete) | ENDS,
    [LW_STATE_Unholding] = BIT(hold) | ENDS,
    [LW_STATE_Suspending] = BIT(hold) | ENDS,
    [LW_STATE_Unsuspending] = BIT(hold) | ENDS,
    [LW_STATE_Resetting] = ENDS,
    [LW_STATE_Completing] = ENDS,
    [LW_STATE_Complete] = BIT(reset) | ENDS,
};

static const int done_of[STATE_N] = {
#define NEXT(no, name, kind, next) [no] = LW_STATE_##next,
    LW_STATES(NEXT)
#undef NEXT
};

static const int target_of[COMMAND_N] = {
#define TARGET(no, name, to) [no] = LW_STATE_##to,
    LW_COMMANDS(TARGET)
#undef TARGET
};

static const char *const state_names[STATE_N] = {
#define NAME(no, name, kind, next) [no] = #name,
    LW_STATES(NAME)
#undef NAME
};

static const char *const command_names[COMMAND_N] = {
#define NAME(no, name, to) [no] = #name,
    LW_COMMANDS(NAME)
#undef NAME
};

static const char *const level_names[LW_LEVEL_N] = {
#define NAME(name) #name,
    LW_LEVELS(NAME)
#undef NAME
};

static int is_state(int state) {
  return state > 0 && state < STATE_N;
}

static int is_command(int command) {
  return command > 0 && command < COMMAND_N;
}

// Index of name in names[from..n), or LW_E_NOTFOUND.
static int find(const char *const *names, int from, int n, const char *name) {
  for (int i = from; i < n; i++)
    if (strcmp(names[i], name) == 0)
      return i;
  return LW_E_NOTFOUND;
}

unsigned lw_packml_mask(int state) {
  return is_state(state) ? mask_of[state] : 0;
}

int lw_packml_command(int state, int command) {
  if (!is_state(state) || !is_command(command))
    return LW_E_RANGE;
  return mask_of[state] >> command & 1 ? target_of[command] : LW_E_STATE;
}

int lw_packml_done(int state) {
  return is_state(state) ? done_of[state] : LW_E_RANGE;
}

const char *lw_packml_state_name(int state) {
  return is_state(state) ? state_names[state] : NULL;
}

const char *lw_packml_command_name(int command) {
  return is_command(command) ? command_names[command] : NULL;
}

int lw_packml_state_find(const char *name) {
  return find(state_names, 1, STATE_N, name);
}

int lw_packml_command_find(const char *name) {
  return find(command_names, 1, COMMAND_N, name);
}

const char *lw_level_name(int level) {
  return level >= 0 && level < LW_LEVEL_N ? level_names[level] : NULL;
}

int lw_level_find(const char *name) {
  return find(level_names, 0, LW_LEVEL_N, name);
}

char *lw_packml_legal(int state, char *buf, size_t n) {
  // The way on first, the ways out last: the order in which people think.
  static const int shown[] = {
      LW_COMMAND_reset,   LW_COMMAND_start,     LW_COMMAND_clear,
      LW_COMMAND_unhold,  LW_COMMAND_unsuspend, LW_COMMAND_hold,
      LW_COMMAND_suspend, LW_COMMAND_complete,  LW_COMMAND_stop,
      LW_COMMAND_abort,
  };
  unsigned mask = lw_packml_mask(state);
  size_t at = 0;
  if (n > 0)
    buf[0] = 0;
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
    if (!(mask >> shown[i] & 1) || at >= n)
      continue;
    at += (size_t)snprintf(buf + at, n - at, "%s%s", at ? ", " : "",
                           command_names[shown[i]]);
  }
  return buf;
}
