#include "cmd/session.h"

#include <fcntl.h>  // open
#include <signal.h> // SIGINT
#include <stdio.h>  // printf
#include <string.h> // strcmp
#include <unistd.h> // isatty

#include "base/packml.h"  // LW_STATE_*
#include "cmd/cmd.h"      // LW_EXIT_*
#include "cmd/complain.h" // lw_complain
#include "cmd/door.h"     // lw_door
#include "cmd/view.h"     // lw_view
#include "loop/clock.h"   // lw_clock_real
#include "loop/console.h" // lw_console
#include "loop/local.h"   // lw_local

#define DRAW_EVERY (250 * LW_MS)
#define TELL_EVERY (20 * LW_MS)   // in a pipe only changes are told: miss none
#define STOP_PATIENCE (60 * LW_S) // for the recipe's own stopping handler

typedef struct session {
  const lw_session_config *config;
  lw_loop *loop;
  lw_host *host;
  lw_local *local;
  lw_door door;
  lw_view view;
  lw_console console;
  uint32_t asked_n; // typed command that waits for its verdict, 0 = none
  int must_exit_held;
  int is_asking;       // Ctrl-C was pressed once on a terminal
  int stop_n;          // signals that asked for the end
  int64_t stop_due_ns; // patience with the stop, 0 = none asked
  int exit_code;
  int reload; // its number, to be told when it is done; 0 = none
  int had_terminal;
  int outlives_terminal; // started by nohup
} session;

static void leave(session *s, int code) {
  s->exit_code = code;
  lw_loop_stop(s->loop);
}

// ---------------------------------------------------------------- the end ---

static void enter_end(session *s, const char *state) {
  lw_err e;
  if (lw_store_run_end(s->config->host.store, s->config->run->id, state, &e) <
      0)
    lw_complain_err(s->config->is_json, &e);
}

// The line is still up: its last records go to disk when the host is closed,
// and only then the run's end is entered.
static void on_end(void *arg, lw_host_ending ending, const lw_err *e) {
  session *s = arg;
  lw_host_view v;
  lw_host_look(s->host, &v);
  lw_view_update(&s->view, &v, "");
  lw_view_clear(&s->view);
  if (ending == LW_HOST_FINISHED)
    leave(s, v.state == LW_STATE_Complete ? LW_EXIT_DONE : LW_EXIT_FAILED);
  else if (ending == LW_HOST_BROKEN) {
    lw_complain_err(s->config->is_json, e);
    leave(s, LW_EXIT_REFUSED);
  } else
    leave(s, LW_EXIT_FAILED);
}

// ---------------------------------------------------------------- looking ---

static void on_draw(void *arg);

static void draw_again(session *s) {
  int64_t due_ns =
      lw_now_ns(lw_clock_real()) + (s->view.is_tty ? DRAW_EVERY : TELL_EVERY);
  if (lw_loop_timer(s->loop, due_ns, on_draw, s) < 0)
    leave(s, LW_EXIT_REFUSED);
}

static void say_error(session *s, const lw_err *e);

// The recipe's side may refuse what the host let through.
static void look_for_verdict(session *s, const lw_host_view *v) {
  lw_err e;
  int rc = s->asked_n ? lw_host_verdict(v, s->asked_n, &e) : 0;
  if (rc == LW_E_AGAIN)
    return;
  s->asked_n = 0;
  if (rc < 0)
    say_error(s, &e);
}

static void reload(session *s, const char *who) {
  lw_err e;
  int rc = lw_host_reload(s->host, who, &e);
  if (rc < 0)
    lw_view_say(&s->view, e.text);
  else
    s->reload = rc;
}

static void tell_reload(session *s) {
  const char *text = "";
  int rc = s->reload ? lw_host_reload_look(s->host, s->reload, &text) : 0;
  if (!rc)
    return;
  s->reload = 0;
  if (*text)
    lw_view_say(&s->view, text);
}

static void on_draw(void *arg) {
  session *s = arg;
  lw_host_view v;
  tell_reload(s);
  lw_host_look(s->host, &v);
  look_for_verdict(s, &v);
  lw_view_update(&s->view, &v, s->console.line);
  if (s->stop_due_ns && v.now_ns > s->stop_due_ns) {
    lw_view_say(&s->view, "the recipe does not come to its stop: ended");
    leave(s, LW_EXIT_FAILED);
  } else if (v.has_no_journal && s->must_exit_held) {
    fprintf(stderr, "linewright: %s\n", v.status.reason);
    leave(s, LW_EXIT_REFUSED);
  } else if (v.state == LW_STATE_Held && s->must_exit_held &&
             s->view.last_state == LW_STATE_Held) {
    lw_view_say(&s->view,
                "held without a terminal: ended, outputs are at their stop "
                "values (--on-hold=wait stays; `linewright resume` goes on)");
    leave(s, LW_EXIT_FAILED);
  } else
    draw_again(s);
}

// --------------------------------------------------------------- keyboard ---

static void say_error(session *s, const lw_err *e) {
  snprintf(s->view.note, sizeof s->view.note, "%s", e->text);
  if (!s->view.is_tty)
    lw_complain_err(s->config->is_json, e);
}

static int give(session *s, const char *name, const char *argument, lw_err *e) {
  s->view.note[0] = 0;
  int rc = lw_door_command(s->host, name, "operator", argument, e);
  s->asked_n = rc < 0 ? 0 : lw_host_sent(s->host);
  return rc;
}

static void command(session *s, const char *name, const char *argument) {
  lw_err e;
  if (give(s, name, argument, &e) < 0)
    say_error(s, &e);
}

static void request_stop(session *s, const char *name) {
  lw_host_view v;
  lw_host_look(s->host, &v);
  int number = lw_packml_command_find(name);
  // Nothing that could be stopped: loading, or at an end already.
  if (lw_packml_command(v.state, number) < 0) {
    if (v.state == 0 || v.state == LW_STATE_Stopped ||
        v.state == LW_STATE_Aborted || v.state == LW_STATE_Complete)
      leave(s, LW_EXIT_FAILED);
    return;
  }
  command(s, name, "");
  s->stop_due_ns = lw_now_ns(lw_clock_real()) + STOP_PATIENCE;
}

static void on_line(session *s, char *line) {
  if (s->is_asking) {
    s->is_asking = 0;
    s->view.note[0] = 0;
    if (strcmp(line, "y") == 0 || strcmp(line, "yes") == 0)
      request_stop(s, "stop");
    else
      s->stop_n = 0;
    return;
  }
  if (!*line)
    return;
  char *rest = line;
  const char *word = strsep(&rest, " ");
  lw_host_view v;
  lw_host_look(s->host, &v);
  lw_err e = {0};
  if (strcmp(word, "reload") == 0) {
    s->view.note[0] = 0;
    reload(s, "operator");
    return;
  }
  if (give(s, word, rest ? rest : "", &e) >= 0)
    return;
  if (rest)
    rest[-1] = ' '; // an answer may have spaces
  if (e.code == LW_E_NOTFOUND && *v.status.prompt)
    command(s, "answer", line);
  else
    say_error(s, &e);
}

static void on_key(void *arg) {
  session *s = arg;
  char line[200];
  int rc = lw_console_read(&s->console, line, sizeof line);
  if (rc < 0) {
    lw_loop_unwatch(s->loop, STDIN_FILENO);
    return;
  }
  if (rc > 0)
    on_line(s, line);
  lw_host_view v;
  lw_host_look(s->host, &v);
  lw_view_update(&s->view, &v, s->console.line);
}

// ---------------------------------------------------------------- signals ---

static void on_signal(void *arg, int signo) {
  session *s = arg;
  int must_ask = signo == SIGINT && s->console.is_open && s->stop_n == 0;
  s->stop_n++;
  if (must_ask) {
    s->is_asking = 1;
    snprintf(s->view.note, sizeof s->view.note,
             "stop the run? y stops, Enter goes on, Ctrl-C again aborts");
    return;
  }
  // Without a terminal the first one stops, on one it was the question.
  int is_abort = signo == SIGINT && s->stop_n >= 2;
  s->is_asking = 0;
  request_stop(s, is_abort ? "abort" : "stop");
}

static int has_terminal(void) {
  int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0)
    close(fd);
  return fd >= 0;
}

static int is_ignored(int signo) {
  struct sigaction now;
  return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

// A hang-up: of the terminal that is gone, with nobody at the run any more
// unless nohup has said that it is to go on; or a word to a program that has
// none: read your files again.
static void on_hangup(void *arg, int signo) {
  session *s = arg;
  int is_lost = s->had_terminal && !has_terminal();
  if (!is_lost)
    reload(s, "SIGHUP");
  else if (s->outlives_terminal)
    s->had_terminal = 0;
  else
    on_signal(s, signo);
}

// Ctrl-Z of habit: a host that stands still scans nothing, and its outputs stay
// as they are.
static void on_suspend(void *arg, int signo) {
  session *s = arg;
  (void)signo;
  lw_view_say(&s->view, "a run is not put aside: its scan would stand still");
}

static int watch_signals(session *s, lw_err *e) {
  const struct {
    int signo;
    void (*fn)(void *arg, int signo);
  } rows[] = {{SIGINT, on_signal},
              {SIGTERM, on_signal},
              {SIGQUIT, on_signal}, // Ctrl-\: outputs go to their stop values
              {SIGHUP, on_hangup},
              {SIGTSTP, on_suspend}};
  s->outlives_terminal = is_ignored(SIGHUP);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int rc = lw_loop_signal(s->loop, rows[i].signo, rows[i].fn, s, e);
    if (rc < 0)
      return rc;
  }
  // Another job has the terminal: that is no reason to stand still, either.
  signal(SIGTTIN, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);
  return 0;
}

// ------------------------------------------------------------- life cycle ---

static int open_door(session *s, lw_err *e) {
  char path[512];
  s->door = (lw_door){.host = s->host,
                      .run = s->config->run,
                      .db = s->config->host.db,
                      .plan = LW_REGION_NONE};
  lw_door_path(s->config->host.db, path, sizeof path);
  int rc = lw_local_open(&s->local, s->loop, path, lw_door_answer, &s->door, e);
  s->door.local = s->local;
  return rc;
}

static int open_all(session *s, lw_err *e) {
  int rc = lw_loop_new(&s->loop, e);
  if (rc < 0)
    return rc;
  lw_host_config config = s->config->host;
  config.on_end = on_end;
  config.arg = s;
  if ((rc = watch_signals(s, e)) < 0 ||
      (rc = lw_host_open(&s->host, s->loop, &config, e)) < 0 ||
      (rc = open_door(s, e)) < 0)
    return rc;
  lw_console_open(&s->console);
  if (s->console.is_open)
    rc = lw_loop_watch(s->loop, STDIN_FILENO, on_key, s, e);
  return rc;
}

int lw_session_knows(const char *on_hold) {
  return !on_hold || !strcmp(on_hold, "wait") || !strcmp(on_hold, "exit");
}

static int waits_when_held(const session *s) {
  const char *wish = s->config->on_hold;
  return wish ? strcmp(wish, "wait") == 0 : s->console.is_open;
}

// Where to look after a run, with a command that can be copied.
static void tell_records(const session *s) {
  if (!s->config->is_json)
    printf("records   linewright report '%s' --db '%s'\n",
           s->config->run->batch, s->config->host.db);
}

static void tell_undone(const session *s) {
  const char *text = lw_line_undone(lw_host_line(s->host));
  if (*text)
    lw_complain(s->config->is_json, "E-IO", "%s", text);
}

static void close_all(session *s) {
  lw_host_view v = {0};
  int was_up = s->host != NULL;
  if (was_up)
    lw_host_look(s->host, &v);
  lw_view_clear(&s->view);
  lw_console_close(&s->console);
  if (s->local)
    lw_region_close(&s->door.plan);
  lw_local_close(s->local);
  if (was_up) {
    lw_host_stop(s->host);
    tell_undone(s);
  }
  lw_host_close(s->host);
  int is_over = v.state == LW_STATE_Complete || v.state == LW_STATE_Stopped ||
                v.state == LW_STATE_Aborted;
  if (was_up && is_over && s->exit_code != LW_EXIT_REFUSED) {
    enter_end(s, lw_packml_state_name(v.state));
    tell_records(s);
  }
  lw_loop_free(s->loop);
}

int lw_session_run(const lw_session_config *c) {
  session s = {.config = c,
               .exit_code = LW_EXIT_REFUSED,
               .had_terminal = has_terminal()};
  // Who reads our output may go; the line must not stop for that.
  signal(SIGPIPE, SIG_IGN);
  lw_err e;
  lw_view_init(&s.view, c->run, c->is_json);
  if (open_all(&s, &e) < 0)
    lw_complain_err(c->is_json, &e);
  else {
    s.must_exit_held = !waits_when_held(&s);
    draw_again(&s);
    lw_loop_run(s.loop);
  }
  close_all(&s);
  clearerr(stdout); // the batch counts, not who still listened
  return s.exit_code;
}
