// What the terminal of a REPL can do, and where its history lies.
#ifndef LW_CMD_REPL_TERMINAL_H
#define LW_CMD_REPL_TERMINAL_H

#include <stddef.h> // size_t

typedef struct lw_terminal {
  int is_dumb;          // TERM is dumb or not set
  int is_ascii;         // the locale is not UTF-8
  int is_color;         // output is a terminal that has colours
  const char *graphics; // "kitty", "sixel" or NULL: pictures it can show
  char columns[16], rows[16];
} lw_terminal;

// Look at standard output and the environment. Pictures are announced by the
// names of terminals that are known to show them, and by LINEWRIGHT_GRAPHICS
// (kitty, sixel or none), which comes first.
void lw_terminal_look(lw_terminal *t);

// File of the typed lines of this working folder, below the user's state
// folder (XDG), made when it is not there. NULL when there is no place for it.
const char *lw_terminal_history(char *out, size_t n);

#endif
