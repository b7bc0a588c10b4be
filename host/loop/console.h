// The keyboard of a run: a line at a time, while the live block above it is
// drawn anew, so that the terminal itself may not echo.
#ifndef LW_LOOP_CONSOLE_H
#define LW_LOOP_CONSOLE_H

#include <stddef.h>  // size_t
#include <termios.h> // struct termios

typedef struct lw_console {
  int is_open;
  struct termios before;
  char line[200]; // typed so far, NUL-terminated
  size_t n;
} lw_console;

// Has another job of the terminal behind fd its keys and its screen?
int lw_console_is_behind(int fd);

// Take the terminal on standard input; does nothing when there is none, or when
// another job has it.
void lw_console_open(lw_console *c);
void lw_console_close(lw_console *c); // gives it back as it was

// Read what was typed. Returns 1 when a line is complete, in out [n]; 0 when
// not yet; -1 when the terminal is gone.
int lw_console_read(lw_console *c, char *out, size_t n);

#endif
