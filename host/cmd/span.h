// Which time of which run a question is about, and what happened in it.
#ifndef LW_CMD_SPAN_H
#define LW_CMD_SPAN_H

#include "store/store.h" // lw_run_info

#define LW_SPAN_TIME_N 32 // "2026-11-22T08:55:43.100000000Z" and its NUL

typedef struct lw_span {
  lw_store *store;
  lw_run_info run;
  char folder[4096 + 64]; // where the run's history is
  int64_t from_ns, to_ns; // UTC since 1970; to is exclusive
} lw_span;

// Open a database to read, find the run (batch NULL: the newest) and its span:
// from its begin to its newest record, or only the last part of that.
//   last_ns  length of the part, 0 = all
// Returns 0, LW_E_NOTFOUND, or why the file cannot be read.
int lw_span_open(lw_span *s, const char *db, const char *batch, int64_t last_ns,
                 lw_err *e);
void lw_span_close(lw_span *s); // twice is fine

// "90s", "10 min", "1.5h", "2d" in ns, or -1.
int64_t lw_span_parse(const char *text);

// "2026-11-22T08:55:43.100Z" with `between` date and time, and as many digits
// of a second as there are (is_exact) or none; into out [LW_SPAN_TIME_N].
char *lw_span_time(int64_t t_ns, const char *between, int is_exact, char *out);

// The axis of time under a plot, with states and alarms of the run.
//   indent   columns left of the plot
//   columns  of the plot
void lw_span_print_axis(const lw_span *s, int indent, int columns);

#endif
