#include "cmd/repl_terminal.h"

#include <langinfo.h>  // nl_langinfo_l
#include <limits.h>    // PATH_MAX
#include <locale.h>    // newlocale
#include <stdio.h>     // snprintf
#include <stdlib.h>    // getenv
#include <string.h>    // strcmp
#include <sys/ioctl.h> // TIOCGWINSZ
#include <sys/stat.h>  // mkdir
#include <unistd.h>    // isatty

static int is_utf8(void) {
  locale_t user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  if (!user)
    return 0;
  int yes = strcmp(nl_langinfo_l(CODESET, user), "UTF-8") == 0;
  freelocale(user);
  return yes;
}

static int is_one_of(const char *word, const char *const *words) {
  for (; *words; words++)
    if (strcmp(word, *words) == 0)
      return 1;
  return 0;
}

static const char *graphics_of(const char *term) {
  static const char *const kitty[] = {"xterm-kitty", "xterm-ghostty", NULL};
  static const char *const kitty_programs[] = {"WezTerm", "ghostty", NULL};
  static const char *const sixel[] = {"foot",    "foot-extra",    "mlterm",
                                      "contour", "yaft-256color", NULL};
  const char *asked = getenv("LINEWRIGHT_GRAPHICS");
  const char *program = getenv("TERM_PROGRAM");
  if (asked && *asked)
    return strcmp(asked, "kitty") == 0   ? "kitty"
           : strcmp(asked, "sixel") == 0 ? "sixel"
                                         : NULL;
  if (getenv("TMUX")) // which keeps pictures to itself
    return NULL;
  if (is_one_of(term, kitty) || (program && is_one_of(program, kitty_programs)))
    return "kitty";
  return is_one_of(term, sixel) ? "sixel" : NULL;
}

void lw_terminal_look(lw_terminal *t) {
  const char *term = getenv("TERM");
  struct winsize w = {0};
  term = term ? term : "";
  int is_tty = isatty(STDOUT_FILENO);
  *t = (lw_terminal){.is_ascii = !is_utf8()};
  t->is_dumb = !*term || strcmp(term, "dumb") == 0;
  t->is_color = is_tty && !t->is_dumb && !getenv("NO_COLOR");
  t->graphics = is_tty && !t->is_dumb ? graphics_of(term) : NULL;
  if (is_tty)
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &w);
  snprintf(t->columns, sizeof t->columns, "%d", w.ws_col ? w.ws_col : 80);
  snprintf(t->rows, sizeof t->rows, "%d", w.ws_row ? w.ws_row : 24);
}

// The folder as one name: its last bytes, slashes as percent signs.
static void folder_name(char *out, size_t n) {
  char cwd[PATH_MAX];
  if (!getcwd(cwd, sizeof cwd))
    strcpy(cwd, "unknown");
  size_t length = strlen(cwd);
  size_t kept = length < n ? length : n - 1;
  memcpy(out, cwd + length - kept, kept + 1);
  for (; *out; out++)
    if (*out == '/')
      *out = '%';
}

const char *lw_terminal_history(char *out, size_t n) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  char dir[300], name[210];
  if (state && *state == '/')
    snprintf(dir, sizeof dir, "%s/linewright", state);
  else if (home && *home == '/')
    snprintf(dir, sizeof dir, "%s/.local/state/linewright", home);
  else
    return NULL;
  for (char *at = strchr(dir + 1, '/'); at; at = strchr(at + 1, '/')) {
    *at = 0;
    mkdir(dir, 0700);
    *at = '/';
  }
  mkdir(dir, 0700);
  if (access(dir, W_OK) < 0)
    return NULL;
  folder_name(name, sizeof name);
  int length = snprintf(out, n, "%s/%s.history", dir, name);
  return length > 0 && (size_t)length < n ? out : NULL;
}
