#include "loop/console.h"

#include <errno.h>  // errno
#include <stdio.h>  // snprintf
#include <string.h> // memset
#include <unistd.h> // isatty, read

int lw_console_is_behind(int fd) {
  pid_t front = tcgetpgrp(fd);
  return front > 0 && front != getpgrp();
}

void lw_console_open(lw_console *c) {
  memset(c, 0, sizeof *c);
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
      lw_console_is_behind(STDIN_FILENO) ||
      tcgetattr(STDIN_FILENO, &c->before) < 0)
    return;
  struct termios quiet = c->before;
  quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO); // ISIG stays: Ctrl-C is a signal
  quiet.c_cc[VMIN] = 0;                        // a read never waits
  quiet.c_cc[VTIME] = 0;
  c->is_open = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
}

void lw_console_close(lw_console *c) {
  if (c->is_open)
    tcsetattr(STDIN_FILENO, TCSANOW, &c->before);
  c->is_open = 0;
}

// A whole character goes, however many bytes it has.
static void erase(lw_console *c) {
  while (c->n > 0 && ((unsigned char)c->line[c->n - 1] & 0xc0) == 0x80)
    c->n--;
  if (c->n > 0)
    c->n--;
}

static int take(lw_console *c, char key, char *out, size_t n) {
  if (key == '\n' || key == '\r') {
    c->line[c->n] = 0;
    snprintf(out, n, "%s", c->line);
    c->n = 0;
  } else if (key == 0x7f || key == '\b')
    erase(c);
  else if (key == 0x15) // Ctrl-U
    c->n = 0;
  else if ((unsigned char)key >= 0x20 && c->n < sizeof c->line - 1)
    c->line[c->n++] = key;
  c->line[c->n] = 0;
  return key == '\n' || key == '\r';
}

int lw_console_read(lw_console *c, char *out, size_t n) {
  char key;
  for (;;) {
    ssize_t got = read(STDIN_FILENO, &key, 1);
    if (got < 0)
      return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (got == 0)
      return 0;
    if (take(c, key, out, n))
      return 1;
  }
}
