// Lua patterns (Lua 5.4 manual, section 6.4.1) with a step budget.
//
// The engines' own matchers backtrack inside one C call, which no hook can
// stop: four `a-` before a `b` on a long text run for hours. This one counts.
// A pattern is compiled first, so that a malformed one is refused before any
// matching, and then matched with recursion no deeper than it has quantifiers.
#ifndef LW_BIND_MATCH_H
#define LW_BIND_MATCH_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

#include "base/err.h" // lw_err

enum {
  LW_MATCH_CAPTURES = 32, // most captures
  LW_MATCH_PATTERN = 1024 // longest pattern [bytes]
};

// One piece of a pattern.
typedef struct lw_match_item {
  uint8_t op;       // MATCH_* of match.c
  uint8_t quantity; // 0, or one of * + - ?
  uint8_t a, b;     // a character, a capture, or the pair of %b
  uint32_t set[8];  // bits of the 256 bytes that match
} lw_match_item;

typedef struct lw_pattern {
  int is_anchored; // begins with ^
  int capture_n;
  size_t item_n;
  lw_match_item items[LW_MATCH_PATTERN + 1];
} lw_pattern;

// A found match; offsets into the text. The length of a position capture is
// LW_MATCH_POSITION.
#define LW_MATCH_POSITION SIZE_MAX
typedef struct lw_match {
  size_t start, end;
  size_t capture_start[LW_MATCH_CAPTURES];
  size_t capture_n[LW_MATCH_CAPTURES]; // lengths
} lw_match;

// Compile pattern [n] into *p. `has_anchor` 0: a leading ^ is an ordinary
// character, as in gmatch. Returns 0, or LW_E_SYNTAX with what is malformed,
// LW_E_RANGE when it is too long.
int lw_pattern_init(lw_pattern *p, const char *pattern, size_t n,
                    int has_anchor, lw_err *e);

// First match in text [n] at or after `from`. *steps is counted down.
// Returns 1 and fills *m, 0 when there is none, LW_E_BUDGET when the steps are
// used up.
int lw_pattern_run(const lw_pattern *p, const char *text, size_t n, size_t from,
                   uint64_t *steps, lw_match *m);

#endif
