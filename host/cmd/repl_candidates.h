// What could follow a typed text, as the evaluator answers it.
#ifndef LW_CMD_REPL_CANDIDATES_H
#define LW_CMD_REPL_CANDIDATES_H

#include <stddef.h> // size_t
#include <stdio.h>  // FILE

#define LW_CANDIDATES_MAX 500

typedef struct lw_candidate {
  const char *word, *hint; // not NUL-terminated
  size_t word_n, hint_n;
} lw_candidate;

typedef struct lw_candidates {
  lw_candidate list[LW_CANDIDATES_MAX];
  size_t n;
  size_t drop;      // bytes before the cursor that `common` replaces
  char common[256]; // what to insert now, "" = nothing new is common to all
} lw_candidates;

// Parse an answer (see cmd/repl_editor.h) about text [n]; k points into it.
// Returns how many there are.
int lw_candidates_parse(lw_candidates *k, const char *answer, const char *text,
                        size_t n);
// With hints one a line, without in columns; at most a screenful.
void lw_candidates_print(const lw_candidates *k, FILE *to, int columns);

#endif
