// The REPL's evaluator as its visible process sees it: a child (role `repl`)
// that holds the Lua VM. It may hang or crash; this side goes on.
//
// Both send frames (base/frame.h) over a socket.
//
//   to the evaluator              from the evaluator
//   E text to evaluate            d "ok", "more", "error", "exit N": evaluated
//   C text before the cursor      c candidates, see cmd/repl_editor.h
//   W "columns rows"
//   L answer to a line's request  l request about the line, see
//                                 cmd/repl_line.h
//
// What it prints comes through a pipe when text is typed, else it goes where
// our own output goes.
#ifndef LW_CMD_REPL_PEER_H
#define LW_CMD_REPL_PEER_H

#include "base/frame.h" // lw_frame
#include "loop/loop.h"  // lw_loop

#define LW_REPL_ARGS_MAX 300

typedef struct lw_repl_peer lw_repl_peer;

typedef struct lw_repl_peer_config {
  const char *const *args; // of the role, ends with NULL; borrowed
  int is_piped;            // 1: its output comes to on_text
  void (*on_frame)(void *arg, const lw_frame *f);
  void (*on_text)(void *arg, const char *text, size_t n);
  // Once; a new evaluator may be opened from here, this one must be closed.
  void (*on_exit)(void *arg, int status, int signo);
  void *arg;
} lw_repl_peer_config;

int lw_repl_peer_open(lw_repl_peer **p, lw_loop *l,
                      const lw_repl_peer_config *c, lw_err *e);
// Ends the evaluator if it still runs.
void lw_repl_peer_close(lw_repl_peer *p);

// fd is handed over with the frame, -1 = none. Returns 0 or LW_E_CLOSED.
int lw_repl_peer_send(lw_repl_peer *p, char kind, const char *data, size_t n,
                      int fd);
// Take in what was printed until now: a frame says that it is complete.
void lw_repl_peer_drain(lw_repl_peer *p);
void lw_repl_peer_signal(lw_repl_peer *p, int signo);

#endif
