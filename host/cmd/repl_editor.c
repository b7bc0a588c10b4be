#include "cmd/repl_editor.h"

#include <errno.h>     // errno
#include <histedit.h>  // EditLine
#include <stdio.h>     // fwrite
#include <stdlib.h>    // calloc
#include <string.h>    // memcpy
#include <sys/ioctl.h> // TIOCGWINSZ
#include <sys/stat.h>  // chmod
#include <unistd.h>    // read
#include <wchar.h>     // mbrtowc

#include "cmd/repl_candidates.h"

#define HISTORY_MAX 2000
#define LINE_N 16384

struct lw_editor {
  lw_editor_config c;
  lw_loop *loop;
  EditLine *el; // NULL on a dumb terminal
  History *past;
  const char *prompt;
  char keys[256]; // read and not taken yet
  size_t key_n, key_at;
  mbstate_t half; // of a character
  char line[LINE_N];
  int is_reading, is_cut, is_ended;
};

// -------------------------------------------------------------------- keys --

static void on_keys(void *arg) {
  lw_editor *ed = arg;
  lw_loop_stop(ed->loop);
}

// Run the loop until a key was pressed. Returns 0, or -1: cut or ended.
static int wait_keys(lw_editor *ed) {
  lw_err e;
  while (!ed->is_cut && ed->key_at == ed->key_n) {
    if (lw_loop_watch(ed->loop, STDIN_FILENO, on_keys, ed, &e) < 0) {
      ed->is_ended = 1;
      return -1;
    }
    lw_loop_run(ed->loop);
    lw_loop_unwatch(ed->loop, STDIN_FILENO);
    if (ed->is_cut)
      break;
    ssize_t n = read(STDIN_FILENO, ed->keys, sizeof ed->keys);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
      ed->is_ended = 1;
      return -1;
    }
    ed->key_at = 0;
    ed->key_n = n > 0 ? (size_t)n : 0;
  }
  return ed->is_cut ? -1 : 0;
}

// libedit's way to its keys.
static int next_key(EditLine *el, wchar_t *key) {
  lw_editor *ed;
  el_get(el, EL_CLIENTDATA, &ed);
  for (;;) {
    if (wait_keys(ed) < 0) {
      errno = 0;
      return -1;
    }
    size_t n = mbrtowc(key, &ed->keys[ed->key_at], 1, &ed->half);
    ed->key_at++;
    if (n == (size_t)-1) // not a character: leave it out
      memset(&ed->half, 0, sizeof ed->half);
    else if (n != (size_t)-2)
      return 1;
  }
}

// -------------------------------------------------------------- completion --

static int terminal_columns(void) {
  struct winsize w;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

static unsigned char on_tab(EditLine *el, int key) {
  (void)key;
  lw_editor *ed;
  el_get(el, EL_CLIENTDATA, &ed);
  const LineInfo *line = el_line(el);
  size_t n = (size_t)(line->cursor - line->buffer);
  const char *answer = ed->c.complete(ed->c.arg, line->buffer, n);
  lw_candidates k;
  if (!answer || lw_candidates_parse(&k, answer, line->buffer, n) <= 0)
    return CC_REFRESH_BEEP;
  if (*k.common) {
    if (k.drop)
      el_deletestr(el, (int)k.drop);
    el_insertstr(el, k.common);
    return CC_REFRESH;
  }
  putchar('\n');
  lw_candidates_print(&k, stdout, terminal_columns());
  fflush(stdout);
  return CC_REDISPLAY;
}

// ----------------------------------------------------------------- printing --

// Characters on the screen; the bytes behind a UTF-8 head take no place.
static size_t places(const char *text, const char *end) {
  size_t n = 0;
  for (; text < end && *text; text++)
    n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

// Take the typed line off the screen; it is drawn anew below.
static void lift(lw_editor *ed) {
  const LineInfo *line = el_line(ed->el);
  size_t before = places(ed->prompt, ed->prompt + strlen(ed->prompt)) +
                  places(line->buffer, line->cursor);
  size_t rows = before / (size_t)terminal_columns();
  if (rows > 0)
    printf("\033[%zuA", rows);
  fputs("\r\033[J", stdout);
}

void lw_editor_print(lw_editor *ed, const char *text, size_t n) {
  if (n == 0)
    return;
  int is_above = ed->is_reading && ed->el;
  if (is_above)
    lift(ed);
  else if (ed->is_reading)
    putchar('\n');
  fwrite(text, 1, n, stdout);
  if (ed->is_reading && text[n - 1] != '\n')
    putchar('\n');
  fflush(stdout);
  if (is_above)
    el_set(ed->el, EL_REFRESH);
  else if (ed->is_reading)
    fputs(ed->prompt, stdout), fflush(stdout);
}

// ------------------------------------------------------------------ reading --

// A dumb terminal edits its lines itself.
static int read_plain(lw_editor *ed, const char **out) {
  size_t n = 0;
  fputs(ed->prompt, stdout);
  fflush(stdout);
  while (wait_keys(ed) == 0) {
    char key = ed->keys[ed->key_at++];
    if (key == '\n') {
      ed->line[n] = 0;
      *out = ed->line;
      return LW_EDITOR_LINE;
    }
    if (n < sizeof ed->line - 1)
      ed->line[n++] = key;
  }
  return ed->is_cut ? LW_EDITOR_CUT : LW_EDITOR_END;
}

static int read_edited(lw_editor *ed, const char **out) {
  int n = 0;
  const char *text = el_gets(ed->el, &n);
  if (ed->is_cut)
    return LW_EDITOR_CUT;
  if (!text || n <= 0)
    return LW_EDITOR_END;
  size_t length = (size_t)n;
  if (text[length - 1] == '\n')
    length--;
  if (length >= sizeof ed->line)
    length = sizeof ed->line - 1;
  memcpy(ed->line, text, length);
  ed->line[length] = 0;
  *out = ed->line;
  HistEvent event;
  if (length > 0)
    history(ed->past, &event, H_ENTER, ed->line);
  return LW_EDITOR_LINE;
}

int lw_editor_read(lw_editor *ed, const char *prompt, const char **line) {
  ed->prompt = prompt;
  ed->is_cut = 0;
  ed->is_reading = 1;
  int what = ed->el ? read_edited(ed, line) : read_plain(ed, line);
  ed->is_reading = 0;
  if (what == LW_EDITOR_CUT)
    ed->key_at = ed->key_n = 0;
  if (what != LW_EDITOR_LINE) // the cursor still stands in the line
    putchar('\n');
  fflush(stdout);
  return what;
}

void lw_editor_cut(lw_editor *ed) {
  ed->is_cut = 1;
  lw_loop_stop(ed->loop);
}

int lw_editor_is_reading(const lw_editor *ed) {
  return ed->is_reading;
}

void lw_editor_resize(lw_editor *ed) {
  if (ed->el)
    el_resize(ed->el);
}

// --------------------------------------------------------------- life cycle --

static char *prompt_of(EditLine *el) {
  lw_editor *ed;
  el_get(el, EL_CLIENTDATA, &ed);
  return (char *)ed->prompt;
}

static void set_up(lw_editor *ed) {
  el_set(ed->el, EL_CLIENTDATA, ed);
  el_set(ed->el, EL_PROMPT, prompt_of);
  el_set(ed->el, EL_EDITOR, "emacs");
  el_set(ed->el, EL_GETCFN, next_key);
  el_set(ed->el, EL_HIST, history, ed->past);
  // The narrow form leaks copies of both texts.
  el_wset(ed->el, EL_ADDFN, L"lw-complete", L"complete the word", on_tab);
  el_set(ed->el, EL_BIND, "^I", "lw-complete", NULL);
  el_set(ed->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_source(ed->el, NULL); // a person's own ~/.editrc
}

static int open_libedit(lw_editor *ed, lw_err *e) {
  HistEvent event;
  ed->el = el_init("linewright", stdin, stdout, stderr);
  ed->past = history_init();
  if (!ed->el || !ed->past)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the line editor");
  history(ed->past, &event, H_SETSIZE, HISTORY_MAX);
  history(ed->past, &event, H_SETUNIQUE, 1);
  if (ed->c.history)
    history(ed->past, &event, H_LOAD, ed->c.history);
  set_up(ed);
  return 0;
}

int lw_editor_open(lw_editor **out, lw_loop *l, const lw_editor_config *c,
                   lw_err *e) {
  lw_editor *ed = calloc(1, sizeof *ed);
  if (!ed)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the line editor");
  ed->c = *c;
  ed->loop = l;
  int rc = c->is_dumb ? 0 : open_libedit(ed, e);
  if (rc < 0)
    lw_editor_close(ed);
  else
    *out = ed;
  return rc;
}

void lw_editor_close(lw_editor *ed) {
  if (!ed)
    return;
  HistEvent event;
  if (ed->past && ed->c.history &&
      history(ed->past, &event, H_SAVE, ed->c.history) >= 0)
    chmod(ed->c.history, 0600);
  if (ed->past)
    history_end(ed->past);
  if (ed->el)
    el_end(ed->el);
  free(ed);
}
