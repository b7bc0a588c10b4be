// Another profile under a run. A loader process reads it and says what differs;
// the line is exchanged only while the run is Held, its outputs at their safe
// values, and the run resumes Held as after a crash: one path.
#include <errno.h>  // errno
#include <fcntl.h>  // O_CLOEXEC
#include <signal.h> // SIGKILL
#include <stdio.h>  // snprintf
#include <stdlib.h> // realloc, free
#include <string.h> // memcpy, strerror
#include <unistd.h> // pipe2, read, close

#include "loop/clock.h" // lw_clock_real
#include "worker/host_private.h"

#define MESSAGE_MAX ((size_t)64 << 20)
#define PATIENCE (30 * LW_S) // a profile may loop
#define ARGS_MAX 128

enum { TAKEN_UP = 1, NOTHING_TO_DO = 2 };

static void close_pipe(lw_host *h) {
  lw_reload *r = &h->reload;
  if (r->fd < 0)
    return;
  lw_loop_unwatch(h->loop, r->fd);
  close(r->fd);
  r->fd = -1;
}

static void tell(lw_host *h, int result, const char *text, size_t n) {
  lw_reload *r = &h->reload;
  if (n >= sizeof r->text)
    n = sizeof r->text - 1;
  memcpy(r->text, text, n);
  r->text[n] = 0;
  r->result = result;
}

static void tell_error(lw_host *h, const lw_err *e) {
  char text[300];
  int n = snprintf(text, sizeof text, "%s %s", lw_err_name(e->code), e->text);
  tell(h, e->code, text, n > 0 ? (size_t)n : 0);
}

// --------------------------------------------------------------- exchange ---

static int record(lw_host *h, const char *bundle, const char *data) {
  return lw_line_record(h->line, LW_RECORD_reload, bundle, data ? data : "{}");
}

// Only one line may hold the devices: the old one has to let go first.
static int exchange(lw_host *h, const lw_bundle *b, int has_same_twin,
                    lw_err *e) {
  lw_line *old = h->line, *fresh = NULL;
  lw_line_stop(old);
  int rc = lw_host_open_line(h, b, has_same_twin ? old : NULL, &fresh, e);
  if (rc < 0) {
    lw_line_free(fresh);
    fresh = NULL;
    // The line that ran before is known to work: go back to it.
    if (lw_host_open_line(h, h->config.bundle, old, &fresh, NULL) < 0) {
      lw_line_free(fresh);
      lw_host_broken(h, e);
      return rc; // the old one is stopped, not gone
    }
  }
  lw_line_free(old);
  h->line = fresh;
  return rc;
}

static int renew_twin(lw_host *h, lw_err *e) {
  lw_host_let_go_twin(h);
  return h->config.bundle->has_twin ? lw_host_spawn_twin(h, e) : 0;
}

static void resume_held(lw_host *h) {
  if (h->is_ended)
    return;
  h->standby_deaths = 0;
  lw_host_spawn(h, /* is_resume */ 1);
}

static int swap(lw_host *h, int has_same_twin, lw_err *e) {
  lw_reload *r = &h->reload;
  const lw_bundle *old = h->config.bundle, *b = &r->bundle;
  int rc = lw_host_keep(h, b, e);
  if (rc == 0 && (rc = record(h, b->run.bundle, b->reload)) < 0)
    lw_err_set(e, rc, "the reload cannot be recorded: %s", lw_err_text(rc));
  if (rc < 0)
    return rc;
  lw_host_let_go(h);
  rc = exchange(h, b, has_same_twin, e);
  if (rc == 0)
    h->config.bundle = b;
  else
    record(h, old->run.bundle, "{\"failed\":true}");
  if (rc == 0 && !has_same_twin)
    rc = renew_twin(h, e);
  resume_held(h);
  return rc;
}

// ----------------------------------------------------------------- answer ---

// "RELOAD swap same 12\n"
static int parse_head(lw_reload *r, int *is_swap, int *has_same_twin,
                      size_t *text_n, size_t *head_n) {
  char what[8], twin[8];
  int used = 0;
  if (!r->message || sscanf(r->message, "RELOAD %7s %7s %zu%n", what, twin,
                            text_n, &used) != 3)
    return 0;
  *head_n = (size_t)used + 1;
  *is_swap = strcmp(what, "swap") == 0;
  *has_same_twin = strcmp(twin, "same") == 0;
  return *head_n <= r->n && *text_n <= r->n - *head_n;
}

static int is_held(lw_host *h) {
  lw_desk *d = lw_line_desk(h->line);
  return h->worker && atomic_load(&d->ready) &&
         atomic_load(&d->state) == LW_STATE_Held;
}

static void take_up(lw_host *h, char *message, size_t n, int has_same_twin,
                    const char *text, size_t text_n) {
  lw_reload *r = &h->reload;
  lw_err e;
  lw_bundle b;
  if (!is_held(h)) {
    lw_err_set(&e, LW_E_STATE,
               "the run is no longer Held; nothing was changed");
    tell_error(h, &e);
    return;
  }
  if (lw_bundle_parse(&b, message, n, &e) < 0) {
    tell_error(h, &e);
    return;
  }
  char *before = r->kept;
  lw_bundle was = r->bundle;
  int is_ours = h->config.bundle == &r->bundle;
  // The old bundle may have come by a reload as well: it lives until the end
  // of the exchange, which may have to go back to it.
  if (is_ours)
    h->config.bundle = &was;
  r->bundle = b;
  r->kept = r->message;
  r->message = NULL;
  if (swap(h, has_same_twin, &e) < 0) {
    tell_error(h, &e);
    if (h->config.bundle != &r->bundle) {
      free(r->kept);
      r->kept = before;
      r->bundle = was;
      if (is_ours)
        h->config.bundle = &r->bundle;
      return;
    }
  } else
    tell(h, TAKEN_UP, text, text_n);
  free(before);
}

static void judge(lw_host *h, int status, int signo) {
  lw_reload *r = &h->reload;
  lw_err e;
  int is_swap, has_same_twin;
  size_t text_n, head_n;
  if (!parse_head(r, &is_swap, &has_same_twin, &text_n, &head_n)) {
    lw_err_set(&e, LW_E_SCRIPT,
               "the profile could not be read: the loader ended with %s %d; "
               "nothing was changed",
               signo ? "signal" : "status", signo ? signo : status);
    tell_error(h, &e);
    return;
  }
  char *text = r->message + head_n;
  if (is_swap)
    take_up(h, text + text_n, r->n - head_n - text_n, has_same_twin, text,
            text_n);
  else
    tell(h, strncmp(text, "E-", 2) == 0 ? LW_E_STATE : NOTHING_TO_DO, text,
         text_n);
}

// ------------------------------------------------------------- the loader ---

static int make_room(lw_reload *r) {
  if (r->cap - r->n > 1)
    return 1;
  size_t cap = r->cap ? 2 * r->cap : 65536;
  char *message = cap <= MESSAGE_MAX ? realloc(r->message, cap) : NULL;
  if (!message)
    return 0;
  r->message = message;
  r->cap = cap;
  return 1;
}

static void drain_pipe(lw_host *h) {
  lw_reload *r = &h->reload;
  while (r->fd >= 0) {
    ssize_t n =
        make_room(r) ? read(r->fd, r->message + r->n, r->cap - r->n - 1) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (n <= 0) {
      close_pipe(h);
      return;
    }
    r->n += (size_t)n;
    r->message[r->n] = 0;
  }
}

static void on_pipe(void *arg) {
  drain_pipe(arg);
}

static void on_late(void *arg) {
  lw_host *h = arg;
  h->reload.timer = 0;
  if (h->reload.child)
    lw_child_kill(h->reload.child, SIGKILL);
}

static void on_loader_exit(void *arg, int status, int signo) {
  lw_host *h = arg;
  lw_reload *r = &h->reload;
  r->child = NULL;
  lw_loop_timer_drop(h->loop, r->timer);
  drain_pipe(h); // what is left in the pipe
  close_pipe(h);
  if (!h->is_ended)
    judge(h, status, signo);
  free(r->message);
  r->message = NULL;
}

static int open_loader(lw_host *h, int out_fd, lw_err *e) {
  const char *argv[ARGS_MAX] = {"linewright", "--role", "loader"};
  size_t n = 3;
  char run[24];
  snprintf(run, sizeof run, "%lld", (long long)h->config.run);
  const lw_desk *d = lw_line_desk(h->line);
  const char *state = lw_packml_state_name((int)atomic_load(&d->state));
  const char *own[] = {"--out-fd",
                       "3",
                       "--reload",
                       "--db",
                       h->config.db,
                       "--bundle",
                       h->config.bundle->run.bundle,
                       "--run",
                       run,
                       "--state",
                       state ? state : "loading",
                       "--who",
                       h->reload.who};
  for (const char *const *arg = h->config.args; *arg && n < ARGS_MAX - 20;)
    argv[n++] = *arg++;
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    argv[n++] = own[i];
  lw_child_config c = {.file = h->config.self,
                       .argv = argv,
                       .fds = &out_fd,
                       .fd_n = 1,
                       .on_exit = on_loader_exit,
                       .arg = h};
  return lw_child_open(h->loop, &c, &h->reload.child, e);
}

static int begin(lw_host *h, lw_err *e) {
  lw_reload *r = &h->reload;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0)
    return lw_err_set(e, LW_E_IO, "no pipe: %s", strerror(errno));
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  int rc = open_loader(h, ends[1], e);
  close(ends[1]);
  if (rc < 0) {
    close(ends[0]);
    return rc;
  }
  r->fd = ends[0];
  r->n = r->cap = 0;
  r->timer =
      lw_loop_timer(h->loop, lw_now_ns(lw_clock_real()) + PATIENCE, on_late, h);
  return lw_loop_watch(h->loop, r->fd, on_pipe, h, e);
}

int lw_host_reload(lw_host *h, const char *who, lw_err *e) {
  lw_reload *r = &h->reload;
  if (r->child)
    return lw_err_set(e, LW_E_AGAIN, "the profile is being read already");
  if (!h->worker)
    return lw_err_set(e, LW_E_STATE, "no worker runs: nothing to reload for");
  snprintf(r->who, sizeof r->who, "%s", who);
  int rc = begin(h, e);
  if (rc < 0)
    return rc;
  r->result = 0;
  return ++r->number;
}

int lw_host_reload_look(const lw_host *h, int number, const char **text) {
  if (number < 1 || number != h->reload.number)
    return LW_E_NOTFOUND;
  *text = h->reload.text;
  return h->reload.result;
}

void lw_host_reload_fini(lw_host *h) {
  lw_reload *r = &h->reload;
  if (r->child) {
    lw_child_disown(r->child);
    lw_child_kill(r->child, SIGKILL);
    lw_loop_timer_drop(h->loop, r->timer);
  }
  close_pipe(h);
  free(r->message);
  free(r->kept);
}
