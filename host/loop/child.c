// Children: other roles of the same program, with descriptors handed down.
#include <errno.h>  // errno
#include <fcntl.h>  // O_CLOEXEC
#include <stdlib.h> // calloc, realloc
#include <string.h> // strerror
#include <unistd.h> // pipe2, read, close

#include "loop/clock.h" // lw_clock_real
#include "loop/loop_private.h"

#define FDS_MAX 8

static void on_closed_free(uv_handle_t *handle) {
  free(handle);
}

static void forget(lw_child *child) {
  for (lw_child **at = &child->loop->children; *at; at = &(*at)->next)
    if (*at == child) {
      *at = child->next;
      return;
    }
}

static void on_process_exit(uv_process_t *process, int64_t status, int signo) {
  lw_child *child = (lw_child *)process;
  child->is_running = 0;
  forget(child);
  if (child->on_exit)
    child->on_exit(child->arg, signo ? -1 : (int)status, signo);
  uv_close((uv_handle_t *)process, on_closed_free);
}

static uv_stdio_container_t inherit(int fd) {
  return (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fd};
}

int lw_child_open(lw_loop *l, const lw_child_config *c, lw_child **out,
                  lw_err *e) {
  uv_stdio_container_t stdio[3 + FDS_MAX] = {{.flags = UV_IGNORE}};
  if (c->fd_n > FDS_MAX)
    return lw_err_set(e, LW_E_RANGE, "%zu descriptors for a child, at most %d",
                      c->fd_n, FDS_MAX);
  lw_child *child = calloc(1, sizeof *child);
  if (!child)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a child");
  if (c->is_input_kept)
    stdio[0] = inherit(0);
  stdio[1] = inherit(c->output > 0 ? c->output : 1);
  stdio[2] = inherit(2);
  for (size_t i = 0; i < c->fd_n; i++)
    stdio[3 + i] = inherit(c->fds[i]);
  child->loop = l;
  child->on_exit = c->on_exit;
  child->arg = c->arg;
  uv_process_options_t options = {.file = c->file,
                                  .args = (char **)c->argv,
                                  .stdio = stdio,
                                  .stdio_count = (int)(3 + c->fd_n),
                                  .exit_cb = on_process_exit};
  int rc = uv_spawn(&l->uv, &child->process, &options);
  if (rc < 0) {
    uv_close((uv_handle_t *)&child->process, on_closed_free);
    return lw_err_set(e, LW_E_IO, "'%s' does not start: %s", c->file,
                      uv_strerror(rc));
  }
  child->is_running = 1;
  child->next = l->children;
  l->children = child;
  *out = child;
  return 0;
}

void lw_child_kill(lw_child *child, int signo) {
  uv_process_kill(&child->process, signo);
}

void lw_child_disown(lw_child *child) {
  child->on_exit = NULL;
}

pid_t lw_child_pid(const lw_child *child) {
  return child->process.pid;
}

// ---------------------------------------------------- one child to its end ---

typedef struct capture {
  lw_loop *loop;
  lw_child *child;
  int fd;       // our end of the pipe, -1 once it is closed
  int is_ended; // the child was reaped
  int failure;  // LW_E_* for which we killed it
  char *text;
  size_t n, cap, limit;
  int status, signo;
} capture;

static void stop_when_done(capture *k) {
  if (k->is_ended && k->fd < 0)
    lw_loop_stop(k->loop);
}

static void close_pipe(capture *k) {
  lw_loop_unwatch(k->loop, k->fd);
  close(k->fd);
  k->fd = -1;
  stop_when_done(k);
}

static int make_room(capture *k) {
  if (k->cap - k->n > 1)
    return 1;
  size_t cap = k->cap ? 2 * k->cap : 65536;
  char *text = k->n < k->limit ? realloc(k->text, cap) : NULL;
  if (!text)
    return 0;
  k->text = text;
  k->cap = cap;
  return 1;
}

// Its own children may hold the pipe open: do not wait for them.
static void give_up(capture *k, int failure) {
  k->failure = failure;
  if (!k->is_ended)
    lw_child_kill(k->child, SIGKILL);
  if (k->fd >= 0)
    close_pipe(k);
}

static void on_late(void *arg) {
  give_up(arg, LW_E_TIMEOUT);
}

static void on_pipe(void *arg) {
  capture *k = arg;
  if (!make_room(k)) {
    give_up(k, LW_E_FULL);
    return;
  }
  ssize_t n = read(k->fd, k->text + k->n, k->cap - k->n - 1);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0)
    close_pipe(k);
  else
    k->n += (size_t)n;
}

static void on_capture_exit(void *arg, int status, int signo) {
  capture *k = arg;
  k->is_ended = 1;
  k->status = status;
  k->signo = signo;
  stop_when_done(k);
}

static int capture_open(capture *k, const lw_child_config *c, lw_err *e) {
  int ends[2] = {-1, -1};
  int has_message = k->limit > 0;
  lw_child_config config = *c;
  config.on_exit = on_capture_exit;
  config.arg = k;
  if (has_message) {
    if (pipe2(ends, O_CLOEXEC) < 0)
      return lw_err_set(e, LW_E_IO, "no pipe: %s", strerror(errno));
    config.fds = &ends[1];
    config.fd_n = 1;
  }
  int rc = lw_child_open(k->loop, &config, &k->child, e);
  if (has_message)
    close(ends[1]);
  k->fd = ends[0];
  if (rc == 0 && has_message)
    rc = lw_loop_watch(k->loop, k->fd, on_pipe, k, e);
  return rc;
}

static void on_swallowed(void *arg, int signo) {
  (void)arg;
  (void)signo;
}

static int capture_run(capture *k, const lw_child_config *c, int64_t timeout_ns,
                       lw_err *e) {
  // Ctrl-C reaches the child as well: it decides, we report its end.
  int rc = lw_loop_signal(k->loop, SIGINT, on_swallowed, NULL, e);
  if (rc == 0 && timeout_ns > 0 &&
      lw_loop_timer(k->loop, lw_now_ns(lw_clock_real()) + timeout_ns, on_late,
                    k) < 0)
    rc = lw_err_set(e, LW_E_NOMEM, "out of memory for a timer");
  if (rc == 0)
    rc = capture_open(k, c, e);
  if (rc < 0)
    return rc;
  lw_loop_run(k->loop);
  if (k->failure == LW_E_FULL)
    return lw_err_set(e, LW_E_FULL, "its message is over %zu bytes", k->limit);
  if (k->failure)
    return lw_err_set(e, LW_E_TIMEOUT, "no end after %g s",
                      (double)timeout_ns / (double)LW_S);
  return 0;
}

int lw_child_run(const lw_child_config *c, size_t limit, int64_t timeout_ns,
                 lw_child_end *end, lw_err *e) {
  *end = (lw_child_end){.status = -1};
  capture k = {.fd = -1, .limit = limit};
  int rc = lw_loop_new(&k.loop, e);
  if (rc < 0)
    return rc;
  rc = capture_run(&k, c, timeout_ns, e);
  lw_loop_free(k.loop);
  if (k.fd >= 0)
    close(k.fd);
  if (rc < 0) {
    free(k.text);
    return rc;
  }
  if (k.text)
    k.text[k.n] = 0;
  *end = (lw_child_end){k.status, k.signo, k.text, k.n};
  return 0;
}
