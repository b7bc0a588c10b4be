// A line that the REPL brings up itself: its drivers, scan and records in the
// visible process, so that it goes on whatever is being typed or evaluated.
//
// With real devices it comes up to be looked at: a plan without outputs and
// interlocks. `arm` brings up the whole line for a time (a lease): set-points
// pass the same guard as a recipe's. When the lease ends, by its time, by
// `disarm`, by a trip or because the evaluator or this process goes, each
// output that was set returns to what it was before, and the line is looked at
// again. With a twin there is nothing to arm.
//
// Requests of the evaluator (frame l), answered by frame L, "ok\n..." or a code
// word and its sentence. Fields are parted by tabs.
//   open  SIM PATH DB \n MESSAGE   bring up: SIM 0 or 1; MESSAGE
//   worker/bundle.h arm   SECONDS WHO LINE \n MESSAGE   ... of the whole line
//   disarm
//   set   TAG VALUE                0-based
//   look                           state of the lease and of the drivers
//
// Whenever another image is the line's, the evaluator gets frame G with it:
// "view" or "full", the plan that it belongs to.
#ifndef LW_CMD_REPL_LINE_H
#define LW_CMD_REPL_LINE_H

#include "base/frame.h" // lw_frame
#include "loop/loop.h"  // lw_loop

typedef struct lw_repl_line lw_repl_line;

typedef struct lw_repl_line_config {
  void (*say)(void *arg, const char *text); // lines for the person
  void (*hand)(void *arg, const char *plan, int image_fd); // frame G
  void *arg;
} lw_repl_line_config;

int lw_repl_line_new(lw_repl_line **r, lw_loop *l, const lw_repl_line_config *c,
                     lw_err *e);
// Undoes what was set, ends the line and its records.
void lw_repl_line_free(lw_repl_line *r);

// Answer a request. The text lives until the next call.
const char *lw_repl_line_answer(lw_repl_line *r, const lw_frame *f);

// The evaluator is gone: nobody looks after the outputs any more.
void lw_repl_line_orphan(lw_repl_line *r);

#endif
