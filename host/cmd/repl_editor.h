// The line that a person types: libedit (emacs or vi keys, history, Ctrl-R) on
// a terminal, plain lines on a dumb one. While it waits for a key it runs the
// loop, so that everything else goes on.
#ifndef LW_CMD_REPL_EDITOR_H
#define LW_CMD_REPL_EDITOR_H

#include <stddef.h> // size_t

#include "loop/loop.h" // lw_loop

typedef struct lw_editor lw_editor;

// Ask for what could follow the text before the cursor. The answer is text
// that lives until the next call, or NULL: a first line with the count of bytes
// at the end of the text that a candidate replaces, then one line each:
// REPLACEMENT \t HINT.
typedef const char *(*lw_editor_complete)(void *arg, const char *text,
                                          size_t n);

typedef struct lw_editor_config {
  const char *history; // file, NULL = none
  int is_dumb;         // no cursor movement, no colours
  lw_editor_complete complete;
  void *arg;
} lw_editor_config;

int lw_editor_open(lw_editor **ed, lw_loop *l, const lw_editor_config *c,
                   lw_err *e);
// Saves the history and gives the terminal back.
void lw_editor_close(lw_editor *ed);

// Read one line, without its newline, into *line, which lives until the next
// call. Returns LW_EDITOR_*.
enum {
  LW_EDITOR_LINE,
  LW_EDITOR_CUT, // lw_editor_cut was called: the line is thrown away
  LW_EDITOR_END  // Ctrl-D, or the terminal is gone
};
int lw_editor_read(lw_editor *ed, const char *prompt, const char **line);
// From a callback of the loop: give up the line that is being typed.
void lw_editor_cut(lw_editor *ed);
int lw_editor_is_reading(const lw_editor *ed);

// Write text; while a line is being typed it comes above it.
void lw_editor_print(lw_editor *ed, const char *text, size_t n);
void lw_editor_resize(lw_editor *ed); // the terminal has another size

#endif
