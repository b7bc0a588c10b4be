#include "io/native.h"

#include <errno.h>      // errno
#include <math.h>       // isfinite
#include <poll.h>       // poll
#include <signal.h>     // kill
#include <spawn.h>      // posix_spawn
#include <stdio.h>      // snprintf
#include <stdlib.h>     // malloc, strtod
#include <string.h>     // strlen
#include <sys/socket.h> // socketpair
#include <sys/wait.h>   // waitpid
#include <unistd.h>     // close

#include "io/registry.h" // lw_option_text

#define ANSWER_MAX 65536
#define OPEN_MS 5000 // a library may look for its device

extern char **environ;

typedef struct native {
  const char *code, *options;
  const lw_point *points;
  size_t point_n;
  int timeout_ms;
  pid_t pid;    // 0 = none
  int fd;       // -1 = none
  char *answer; // [ANSWER_MAX]
} native;

static const lw_option_spec specs[] = {
    {"file", 's', 1, "Lua file that binds the library, beside the profile"},
    {"timeout", 'd', 0, "longest that a read may take, default 500 ms"},
    {"code", 's', 0, "its text (set by the loader)"},
    {"arguments", 's', 0, "the block's other keys as JSON (set by the loader)"},
    {NULL, 0, 0, NULL}};

static int check_address(const char *address, int type, int access, lw_err *e) {
  (void)address, (void)access;
  if (type == LW_TYPE_text)
    return lw_err_set(e, LW_E_SYNTAX, "a native tag is a number, not a text");
  return 0;
}

static int native_init(void *self, const lw_option *o, size_t n,
                       const lw_point *points, size_t point_n, lw_err *e) {
  native *d = self;
  const char *code = lw_option_text(o, n, "code");
  const char *options = lw_option_text(o, n, "arguments");
  *d = (native){.code = code ? code : "",
                .options = options ? options : "{}",
                .points = points,
                .point_n = point_n,
                .fd = -1};
  double timeout_s = lw_option_number(o, n, "timeout", 0.5);
  if (!(timeout_s >= 0.001 && timeout_s <= 60))
    return lw_err_set(e, LW_E_SYNTAX, "option timeout should be 1 ms to 60 s");
  d->timeout_ms = (int)(timeout_s * 1000);
  d->answer = malloc(ANSWER_MAX);
  return d->answer ? 0 : lw_err_set(e, LW_E_NOMEM, "out of memory");
}

static void native_close(void *self) {
  native *d = self;
  if (d->fd >= 0)
    close(d->fd);
  d->fd = -1;
  if (!d->pid)
    return;
  kill(d->pid, SIGKILL);
  while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
    continue;
  d->pid = 0;
}

static void native_fini(void *self) {
  native *d = self;
  native_close(d);
  free(d->answer);
  d->answer = NULL;
}

// ----------------------------------------------------------- conversation ---

static int lost(native *d, lw_err *e) {
  int status = 0;
  // It is dying or dead: its end says more than a closed socket.
  for (int i = 0; i < 20; i++) {
    if (d->pid && waitpid(d->pid, &status, WNOHANG) == d->pid) {
      d->pid = 0;
      break;
    }
    poll(NULL, 0, 5);
  }
  if (!d->pid && WIFSIGNALED(status))
    return lw_err_set(e, LW_E_CLOSED, "the native process died: %s",
                      strsignal(WTERMSIG(status)));
  return lw_err_set(e, LW_E_CLOSED, "the native process has ended");
}

static int say(native *d, const char *text, size_t n, lw_err *e) {
  while (n > 0) {
    ssize_t sent = send(d->fd, text, n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return lost(d, e);
    text += sent;
    n -= (size_t)sent;
  }
  return 0;
}

// One line into d->answer, without its newline.
static int hear(native *d, int timeout_ms, lw_err *e) {
  size_t n = 0;
  while (n < ANSWER_MAX - 1) {
    struct pollfd p = {.fd = d->fd, .events = POLLIN};
    int rc = poll(&p, 1, timeout_ms);
    if (rc < 0 && errno == EINTR)
      continue;
    if (rc == 0)
      return lw_err_set(e, LW_E_TIMEOUT, "no answer from the library in %d ms",
                        timeout_ms);
    ssize_t got = recv(d->fd, d->answer + n, ANSWER_MAX - 1 - n, 0);
    if (got <= 0)
      return lost(d, e);
    n += (size_t)got;
    d->answer[n] = 0;
    if (d->answer[n - 1] == '\n') {
      d->answer[n - 1] = 0;
      return 0;
    }
  }
  return lw_err_set(e, LW_E_PROTO, "the native process talks without end");
}

static int ask(native *d, const char *text, const char *wanted, int timeout_ms,
               lw_err *e) {
  int rc = say(d, text, strlen(text), e);
  if (rc == 0)
    rc = hear(d, timeout_ms, e);
  if (rc < 0)
    return rc;
  if (strncmp(d->answer, "error ", 6) == 0)
    return lw_err_set(e, LW_E_PROTO, "%s", d->answer + 6);
  if (strncmp(d->answer, wanted, strlen(wanted)) != 0)
    return lw_err_set(e, LW_E_PROTO, "the native process said '%.40s'",
                      d->answer);
  return 0;
}

// ---------------------------------------------------------------- opening ---

static int spawn(native *d, int fd, lw_err *e) {
  posix_spawn_file_actions_t actions;
  char *const argv[] = {"linewright", "--role", "native", NULL};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);
  posix_spawn_file_actions_adddup2(&actions, fd, 3);
  int rc =
      posix_spawn(&d->pid, "/proc/self/exe", &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (rc == 0)
    return 0;
  d->pid = 0;
  return lw_err_set(e, LW_E_IO, "no native process: %s", strerror(rc));
}

static int tell_block(native *d, const char *name, const char *text,
                      lw_err *e) {
  char head[48];
  size_t n = strlen(text);
  snprintf(head, sizeof head, "%s %zu\n", name, n);
  int rc = say(d, head, strlen(head), e);
  return rc < 0 ? rc : say(d, text, n, e);
}

static int tell_points(native *d, lw_err *e) {
  char line[300];
  snprintf(line, sizeof line, "points %zu\n", d->point_n);
  int rc = say(d, line, strlen(line), e);
  for (size_t i = 0; rc == 0 && i < d->point_n; i++) {
    snprintf(line, sizeof line, "%s\n", d->points[i].address);
    rc = say(d, line, strlen(line), e);
  }
  return rc;
}

static int native_open(void *self, lw_err *e) {
  native *d = self;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return lw_err_set(e, LW_E_IO, "no socket pair: %s", strerror(errno));
  d->fd = ends[0];
  int rc = spawn(d, ends[1], e);
  close(ends[1]);
  if (rc == 0)
    rc = tell_block(d, "code", d->code, e);
  if (rc == 0)
    rc = tell_block(d, "options", d->options, e);
  if (rc == 0)
    rc = tell_points(d, e);
  return rc < 0 ? rc : ask(d, "", "ready", OPEN_MS, e);
}

// --------------------------------------------------------- reads and writes
// ---

static int native_read(void *self, int64_t now_ns, const uint32_t *due,
                       size_t due_n, lw_sample *out, lw_err *e) {
  native *d = self;
  (void)now_ns;
  int rc = ask(d, "read\n", "values", d->timeout_ms, e);
  // An error of the file's own code is told, and what it read is bad.
  if (rc == LW_E_PROTO)
    return strncmp(d->answer, "error ", 6) == 0 ? 0 : rc;
  if (rc < 0)
    return rc;
  const char *at = d->answer + strlen("values");
  size_t next = 0;
  for (size_t i = 0; i < d->point_n && next < due_n; i++) {
    char *end;
    double value = strtod(at, &end);
    if (end == at)
      return lw_err_set(e, LW_E_PROTO, "the native process gave %zu of %zu", i,
                        d->point_n);
    at = end;
    if (due[next] != i)
      continue;
    if (isfinite(value)) {
      out[next].value = value;
      out[next].quality = LW_GOOD;
    }
    next++;
  }
  return 0;
}

static int native_write(void *self, const uint32_t *which, const double *raw,
                        size_t n, lw_err *e) {
  native *d = self;
  for (size_t i = 0; i < n; i++) {
    char line[64];
    snprintf(line, sizeof line, "write %u %.17g\n", which[i] + 1, raw[i]);
    int rc = ask(d, line, "ok", d->timeout_ms, e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

const lw_driver_ops lw_native_ops = {
    .kind = "native",
    .help = "a vendor's library, bound by LuaJIT's FFI",
    .state_size = sizeof(native),
    .options = specs,
    .check_address = check_address,
    .init = native_init,
    .open = native_open,
    .read = native_read,
    .write = native_write,
    .close = native_close,
    .fini = native_fini};
