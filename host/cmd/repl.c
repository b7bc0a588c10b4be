// `linewright repl`: the visible process of the REPL. It has the terminal, the
// line and its outputs; what is typed is evaluated in a process of its own.
#include <locale.h>    // setlocale
#include <signal.h>    // SIGINT
#include <stdio.h>     // fprintf
#include <stdlib.h>    // free, malloc
#include <string.h>    // strcmp
#include <sys/ioctl.h> // TIOCGWINSZ
#include <unistd.h>    // isatty

#include "base/grow.h" // lw_grow
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/repl_editor.h"
#include "cmd/repl_line.h"
#include "cmd/repl_peer.h"
#include "cmd/repl_terminal.h"

const char lw_cmd_repl_help[] =
    "usage: linewright repl [--line LINE] [--sim] [--db FILE]\n"
    "                       [-e CODE | SCRIPT [ARG...]]\n"
    "\n"
    "Try things out: evaluate Lua with all modules, filters, twins, plots.\n"
    "Without CODE or SCRIPT it reads what is typed or comes down a pipe.\n"
    "`?name` explains, Tab completes, `:help` lists the rest.\n"
    "\n"
    "  --line LINE  bring a line up and look at it: its readings are live "
    "while\n"
    "               you type. Nothing is written to its devices before\n"
    "               arm(\"NAME\", \"10 min\")\n"
    "  --sim        its twin instead of its devices; outputs are free\n"
    "  --db FILE    database to read, and to record into what is armed. Where "
    "a\n"
    "               run is going on there, its line is looked at.\n"
    "               Default linewright.db\n"
    "  -e CODE      evaluate CODE and print its value\n"
    "\n"
    "A script may begin with `#!/usr/bin/env -S linewright repl`.\n"
    "\n"
    "exit code: 0 done, 1 an error in what was evaluated, 2 usage, 3 files,\n"
    "devices refused\n"
    "\n"
    "example:\n"
    "  linewright repl -e 'plot(csv(\"run.csv\", \"temp\"))'\n"
    "  linewright repl --line lines/pilot_a.lua --sim\n";

enum { IDLE, EVALUATING, COMPLETING };

typedef struct repl {
  const char *line, *db, *code;
  int is_sim;
  const char *args[LW_REPL_ARGS_MAX + 1]; // of the evaluator
  lw_loop *loop;
  lw_repl_peer *peer;
  lw_editor *editor;   // NULL unless text is typed
  lw_repl_line *bench; // the line that this process has up; NULL = none yet
  int doing;
  int is_ready; // the evaluator has said that it listens
  int interrupts;
  int end_signal, end_status; // of a dead evaluator
  int is_dead;
  int is_ending;    // the signal that asked us to go
  char status[16];  // of what was evaluated last
  char *candidates; // newest answer
  char *text;       // lines of one piece, joined
  size_t text_n, text_cap;
} repl;

// -------------------------------------------------------------- the line ---

static void say(void *arg, const char *text) {
  repl *r = arg;
  if (r->editor)
    lw_editor_print(r->editor, text, strlen(text));
  else
    fputs(text, stderr);
}

static void hand_image(void *arg, const char *plan, int image_fd) {
  repl *r = arg;
  if (r->peer)
    lw_repl_peer_send(r->peer, 'G', plan, strlen(plan), image_fd);
}

static void serve_line(repl *r, const lw_frame *f) {
  lw_repl_line_config c = {.say = say, .hand = hand_image, .arg = r};
  lw_err e;
  const char *answer = e.text;
  if (r->bench || lw_repl_line_new(&r->bench, r->loop, &c, &e) == 0)
    answer = lw_repl_line_answer(r->bench, f);
  lw_repl_peer_send(r->peer, 'L', answer, strlen(answer), -1);
}

// ------------------------------------------------------------ the evaluator --

static void on_frame(void *arg, const lw_frame *f) {
  repl *r = arg;
  if (f->kind == 'd') {
    snprintf(r->status, sizeof r->status, "%s", f->data);
    if (!r->is_ready)
      r->is_ready = 1;
    r->doing = IDLE;
    lw_loop_stop(r->loop);
  } else if (f->kind == 'c' && r->doing == COMPLETING) {
    free(r->candidates);
    r->candidates = strdup(f->data);
    r->doing = IDLE;
    lw_loop_stop(r->loop);
  } else if (f->kind == 'l')
    serve_line(r, f);
}

static void on_text(void *arg, const char *text, size_t n) {
  repl *r = arg;
  lw_editor_print(r->editor, text, n);
}

static void on_exit_of_peer(void *arg, int status, int signo) {
  repl *r = arg;
  r->is_dead = 1;
  r->end_status = status;
  r->end_signal = signo;
  if (r->bench)
    lw_repl_line_orphan(r->bench);
  if (r->editor && lw_editor_is_reading(r->editor))
    lw_editor_cut(r->editor);
  else
    lw_loop_stop(r->loop);
}

static int open_peer(repl *r) {
  lw_repl_peer_config c = {.args = r->args,
                           .is_piped = r->editor != NULL,
                           .on_frame = on_frame,
                           .on_text = on_text,
                           .on_exit = on_exit_of_peer,
                           .arg = r};
  lw_err e;
  r->is_dead = r->is_ready = 0;
  r->doing = EVALUATING; // it says when it is ready
  if (lw_repl_peer_open(&r->peer, r->loop, &c, &e) == 0)
    return 0;
  fprintf(stderr, "linewright repl: %s\n", e.text);
  return -1;
}

// Run the loop until the evaluator has answered or died.
static void wait_answer(repl *r) {
  while (r->doing != IDLE && !r->is_dead)
    lw_loop_run(r->loop);
}

// The lines before count too: a call may be open there.
static int ask_candidates(repl *r, const char *text, size_t n) {
  char *whole = malloc(r->text_n + n + 2);
  if (!whole)
    return LW_E_NOMEM;
  size_t before = r->text_n;
  if (before > 0) {
    memcpy(whole, r->text, before);
    whole[before++] = '\n';
  }
  memcpy(whole + before, text, n);
  int rc = lw_repl_peer_send(r->peer, 'C', whole, before + n, -1);
  free(whole);
  return rc;
}

static const char *complete(void *arg, const char *text, size_t n) {
  repl *r = arg;
  if (r->doing != IDLE || r->is_dead || ask_candidates(r, text, n) < 0)
    return NULL;
  r->doing = COMPLETING;
  wait_answer(r);
  return r->candidates;
}

static const char *cause_of(const repl *r) {
  return r->end_signal ? strsignal(r->end_signal) : "it ended by itself";
}

// The evaluator is gone: its variables too, but nothing else.
static int revive(repl *r) {
  lw_repl_peer_close(r->peer);
  r->peer = NULL;
  char text[200];
  int n = snprintf(text, sizeof text,
                   "E-CRASH the evaluator died (%s): its variables are gone; "
                   "a new one is ready\n",
                   cause_of(r));
  lw_editor_print(r->editor, text, (size_t)n);
  r->text_n = 0;
  if (open_peer(r) < 0)
    return -1;
  wait_answer(r);
  return r->is_dead ? -1 : 0;
}

// ------------------------------------------------------------------ signals --

#define KILL_AFTER 2 // presses of Ctrl-C, while nothing stops

static void on_interrupt(void *arg, int signo) {
  repl *r = arg;
  (void)signo;
  if (r->editor && lw_editor_is_reading(r->editor) && r->doing == IDLE) {
    r->text_n = 0;
    fputs("^C", stdout);
    lw_editor_cut(r->editor);
    return;
  }
  r->interrupts++;
  if (r->editor)
    lw_editor_print(r->editor, "\n", 1);
  lw_repl_peer_signal(r->peer, SIGUSR1);
  if (r->interrupts > KILL_AFTER)
    lw_repl_peer_signal(r->peer, SIGKILL);
  else if (r->interrupts == KILL_AFTER && r->editor) {
    static const char text[] = "it does not stop yet; Ctrl-C once more ends "
                               "the evaluator with its variables\n";
    lw_editor_print(r->editor, text, sizeof text - 1);
  }
}

// Go, but in order: outputs that are lent go back first.
static void on_terminate(void *arg, int signo) {
  repl *r = arg;
  r->is_ending = signo;
  lw_repl_peer_signal(r->peer, SIGKILL);
}

static void on_resize(void *arg, int signo) {
  repl *r = arg;
  struct winsize w;
  char text[32];
  (void)signo;
  if (!r->editor || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
    return;
  lw_editor_resize(r->editor);
  int n = snprintf(text, sizeof text, "%d %d", w.ws_col, w.ws_row);
  if (r->peer)
    lw_repl_peer_send(r->peer, 'W', text, (size_t)n, -1);
}

// -------------------------------------------------------------- interactive --

static int add_text(repl *r, const char *line) {
  size_t n = strlen(line);
  if (lw_grow(&r->text, &r->text_cap, r->text_n + n + 2, 1) < 0)
    return -1;
  if (r->text_n)
    r->text[r->text_n++] = '\n';
  memcpy(r->text + r->text_n, line, n + 1);
  r->text_n += n;
  return 0;
}

// Evaluate what was typed so far. Returns -1 at the end, with *code.
static int evaluate(repl *r, int *code) {
  r->doing = EVALUATING;
  r->interrupts = 0;
  if (lw_repl_peer_send(r->peer, 'E', r->text, r->text_n, -1) == 0)
    wait_answer(r);
  if (r->is_dead)
    return r->is_ending ? -1 : revive(r);
  if (strcmp(r->status, "more") != 0)
    r->text_n = 0;
  if (strncmp(r->status, "exit", 4) != 0)
    return 0;
  *code = atoi(r->status + 4);
  return -1;
}

static int converse(repl *r) {
  int code = LW_EXIT_DONE;
  const char *line;
  for (;;) {
    int what = lw_editor_read(r->editor, r->text_n ? "..> " : "lw> ", &line);
    if (r->is_ending)
      return code;
    if (r->is_dead) {
      if (revive(r) < 0)
        return LW_EXIT_REFUSED;
    } else if (what == LW_EDITOR_END)
      return LW_EXIT_DONE;
    else if (what == LW_EDITOR_LINE &&
             (add_text(r, line) < 0 || evaluate(r, &code) < 0))
      return code;
  }
}

static int interactive(repl *r, const lw_terminal *t) {
  char history[512];
  lw_err e;
  setlocale(LC_CTYPE, ""); // the editor counts characters
  lw_editor_config c = {.history = lw_terminal_history(history, sizeof history),
                        .is_dumb = t->is_dumb,
                        .complete = complete,
                        .arg = r};
  if (lw_editor_open(&r->editor, r->loop, &c, &e) < 0) {
    fprintf(stderr, "linewright repl: %s\n", e.text);
    return LW_EXIT_REFUSED;
  }
  int code = LW_EXIT_REFUSED;
  if (open_peer(r) == 0) {
    wait_answer(r);
    code = r->is_dead ? LW_EXIT_REFUSED : converse(r);
  }
  lw_editor_close(r->editor);
  r->editor = NULL;
  return code;
}

// ----------------------------------------------------------------- unattended
// --

static int unattended(repl *r) {
  if (open_peer(r) < 0)
    return LW_EXIT_REFUSED;
  while (!r->is_dead)
    lw_loop_run(r->loop);
  if (r->interrupts)
    return 128 + SIGINT;
  if (r->is_ending)
    return LW_EXIT_DONE; // lw_cmd_repl says by what
  if (r->end_signal) {
    fprintf(stderr, "E-CRASH the evaluator died (%s)\n", cause_of(r));
    return LW_EXIT_FAILED;
  }
  return r->end_status;
}

// -------------------------------------------------------------- command line
// --

// Words up to the script; what follows it is the script's own.
static int own_words(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--line") == 0 || strcmp(argv[i], "--db") == 0 ||
        strcmp(argv[i], "-e") == 0)
      i++;
    else if (argv[i][0] != '-' || !argv[i][1])
      return i;
  }
  return argc;
}

static int add_mode(repl *r, size_t n, int argc, char **argv) {
  int is_typed = 0;
  if (r->code) {
    r->args[n++] = "--eval";
    r->args[n++] = r->code;
  } else if (argc > 0) {
    r->args[n++] = "--script";
    for (int i = 0; i < argc && n < LW_REPL_ARGS_MAX; i++)
      r->args[n++] = argv[i];
  } else {
    is_typed = isatty(STDIN_FILENO);
    r->args[n++] = is_typed ? "--interactive" : "--stdin";
  }
  r->args[n] = NULL;
  return is_typed;
}

// Returns 1 when text will be typed.
static int make_args(repl *r, const lw_terminal *t, int argc, char **argv) {
  size_t n = 0;
  const struct {
    const char *name, *value;
  } pairs[] = {{"--line", r->line},
               {"--db", r->db},
               {"--columns", t->columns},
               {"--rows", t->rows},
               {"--graphics", t->graphics}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (pairs[i].value) {
      r->args[n++] = pairs[i].name;
      r->args[n++] = pairs[i].value;
    }
  if (r->is_sim)
    r->args[n++] = "--sim";
  if (t->is_color)
    r->args[n++] = "--color";
  if (t->is_ascii)
    r->args[n++] = "--ascii";
  return add_mode(r, n, argc, argv);
}

static int watch_signals(repl *r) {
  lw_err e;
  int rc = lw_loop_signal(r->loop, SIGINT, on_interrupt, r, &e);
  if (rc == 0)
    rc = lw_loop_signal(r->loop, SIGWINCH, on_resize, r, &e);
  if (rc == 0)
    rc = lw_loop_signal(r->loop, SIGTERM, on_terminate, r, &e);
  if (rc == 0)
    rc = lw_loop_signal(r->loop, SIGHUP, on_terminate, r, &e);
  if (rc < 0)
    fprintf(stderr, "linewright repl: %s\n", e.text);
  return rc;
}

int lw_cmd_repl(int argc, char **argv) {
  repl r = {.doing = IDLE};
  lw_terminal t;
  lw_err e;
  const lw_option_def defs[] = {{"--line", 's', &r.line},
                                {"--sim", 'f', &r.is_sim},
                                {"--db", 's', &r.db},
                                {"-e", 's', &r.code},
                                {NULL, 0, NULL}};
  int own = own_words(argc, argv);
  if (!lw_options_parse("repl", own, argv, defs))
    return LW_EXIT_USAGE;
  if (r.code && own < argc) {
    fprintf(stderr, "linewright repl: -e and the script '%s': one of them\n",
            argv[own]);
    return LW_EXIT_USAGE;
  }
  lw_terminal_look(&t);
  int is_typed = make_args(&r, &t, argc - own, argv + own);
  if (lw_loop_new(&r.loop, &e) < 0) {
    fprintf(stderr, "linewright repl: %s\n", e.text);
    return LW_EXIT_REFUSED;
  }
  int code = LW_EXIT_REFUSED;
  if (watch_signals(&r) == 0)
    code = is_typed ? interactive(&r, &t) : unattended(&r);
  lw_repl_peer_close(r.peer);
  r.peer = NULL;
  lw_repl_line_free(r.bench);
  lw_loop_free(r.loop);
  free(r.candidates);
  free(r.text);
  return r.is_ending ? 128 + r.is_ending : code;
}
