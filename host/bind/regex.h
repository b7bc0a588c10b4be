// Regular expressions (PCRE2, 8-bit, Perl's syntax) whose work is bounded: a
// recipe may hand any pattern and any text to it. Limits are of one search; the
// caller's CPU budget counts what many searches take.
#ifndef LW_BIND_REGEX_H
#define LW_BIND_REGEX_H

#include <stddef.h> // size_t

#include "base/err.h" // lw_err

enum {
  LW_REGEX_PATTERN = 1024, // longest pattern [bytes]
  LW_REGEX_TEXT = 8192,    // longest text searched [bytes]
  LW_REGEX_NEST = 32,      // deepest parentheses
  LW_REGEX_GROUPS = 32,    // most capturing groups
};

typedef struct lw_regex lw_regex;

// What a search found, as offsets into the text: [0] is the whole match, [i]
// the i-th group; LW_REGEX_UNSET for a group that took no part.
#define LW_REGEX_UNSET (~(size_t)0)
typedef struct lw_regex_found {
  int n; // groups and the whole match
  size_t start[LW_REGEX_GROUPS + 1], end[LW_REGEX_GROUPS + 1];
} lw_regex_found;

// Where PCRE2's memory comes from; for tests that let it run out. NULL
// functions = malloc and free.
typedef struct lw_regex_memory {
  void *(*take)(size_t n, void *arg);
  void (*give)(void *block, void *arg);
  void *arg;
} lw_regex_memory;

// Compile pattern [n]. Refused beside what Perl refuses: patterns that are too
// long or nested, \C, callouts, and leading verbs such as (*LIMIT_MATCH=),
// which would change the limits. Returns 0, LW_E_SYNTAX, LW_E_RANGE or
// LW_E_NOMEM; *e says what is wrong and at which byte.
int lw_regex_new(lw_regex **out, const char *pattern, size_t n,
                 const lw_regex_memory *memory, lw_err *e);
void lw_regex_free(lw_regex *x); // NULL is fine

// Search text [n] from offset `from` on. 1 and *found, 0 when nothing matches,
// LW_E_BUDGET when the search backtracks too much, LW_E_RANGE when the text is
// too long, LW_E_NOMEM.
int lw_regex_search(lw_regex *x, const char *text, size_t n, size_t from,
                    lw_regex_found *found);

// The i-th named group: its number, and its name in *name. 0 past the last.
int lw_regex_name(const lw_regex *x, int i, const char **name);

#endif
