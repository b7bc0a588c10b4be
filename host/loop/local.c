#include "loop/local.h"

#include <errno.h>      // errno
#include <poll.h>       // poll
#include <stdio.h>      // snprintf
#include <stdlib.h>     // calloc, free
#include <string.h>     // strlen, memchr, strerror
#include <sys/socket.h> // socket, bind
#include <sys/stat.h>   // fchmod
#include <sys/time.h>   // timeval
#include <sys/un.h>     // sockaddr_un
#include <unistd.h>     // close, unlink

#include "loop/clock.h" // lw_clock_real

#define CLIENTS_MAX 16
#define CLIENT_PATIENCE (5 * LW_S) // a client that says nothing has to go

typedef struct client {
  lw_local *owner;
  int fd; // -1 = free place
  int64_t timer;
  int64_t since_ns;
  size_t n;
  char request[LW_LOCAL_REQUEST_MAX];
} client;

struct lw_local {
  lw_loop *loop;
  int fd;
  void (*answer)(void *arg, const char *request, char *out);
  void *arg;
  struct sockaddr_un address;
  client clients[CLIENTS_MAX];
  char out[LW_LOCAL_ANSWER_MAX];
  int hand[LW_LOCAL_FDS_MAX]; // goes with the answer that is being made
  size_t hand_n;
};

static int address_init(struct sockaddr_un *a, const char *path, lw_err *e) {
  *a = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof a->sun_path)
    return lw_err_set(e, LW_E_RANGE,
                      "socket path '%s' is longer than %zu bytes", path,
                      sizeof a->sun_path - 1);
  snprintf(a->sun_path, sizeof a->sun_path, "%s", path);
  return 0;
}

static void client_close(client *c) {
  lw_loop_unwatch(c->owner->loop, c->fd);
  lw_loop_timer_drop(c->owner->loop, c->timer);
  close(c->fd);
  c->fd = -1;
}

static void on_client_late(void *arg) {
  client_close(arg);
}

void lw_local_hand(lw_local *s, const int *fds, size_t n) {
  s->hand_n = n < LW_LOCAL_FDS_MAX ? n : LW_LOCAL_FDS_MAX;
  memcpy(s->hand, fds, s->hand_n * sizeof *fds);
}

#define CONTROL_N CMSG_SPACE(LW_LOCAL_FDS_MAX * sizeof(int))

static ssize_t send_answer(int fd, lw_local *s) {
  char control[CONTROL_N] = {0};
  struct iovec text = {.iov_base = s->out, .iov_len = strlen(s->out)};
  struct msghdr m = {.msg_iov = &text, .msg_iovlen = 1};
  if (s->hand_n > 0) {
    m.msg_control = control;
    m.msg_controllen = CMSG_SPACE(s->hand_n * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(s->hand_n * sizeof(int));
    memcpy(CMSG_DATA(c), s->hand, s->hand_n * sizeof(int));
  }
  return sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// The answer fits a socket's buffer, so one send is enough; a client that does
// not read loses it.
static void client_answer(client *c, size_t request_n) {
  lw_local *s = c->owner;
  c->request[request_n] = 0;
  s->out[0] = 0;
  s->hand_n = 0;
  s->answer(s->arg, c->request, s->out);
  ssize_t n = send_answer(c->fd, s);
  (void)n;
  client_close(c);
}

static void on_client(void *arg) {
  client *c = arg;
  ssize_t n = recv(c->fd, c->request + c->n, sizeof c->request - 1 - c->n,
                   MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) {
    client_close(c);
    return;
  }
  c->n += (size_t)n;
  char *end = memchr(c->request, '\n', c->n);
  if (end)
    client_answer(c, (size_t)(end - c->request));
  else if (c->n == sizeof c->request - 1)
    client_close(c);
}

// Whoever knocks is let in: where all places are taken, the client that has
// been there longest is read once more and goes.
static client *free_client(lw_local *s) {
  client *oldest = &s->clients[0];
  for (int i = 0; i < CLIENTS_MAX; i++) {
    client *c = &s->clients[i];
    if (c->fd < 0)
      return c;
    if (c->since_ns < oldest->since_ns)
      oldest = c;
  }
  on_client(oldest);
  if (oldest->fd >= 0)
    client_close(oldest);
  return oldest;
}

static void on_knock(void *arg) {
  lw_local *s = arg;
  int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0)
    return;
  client *c = free_client(s);
  if (lw_loop_watch(s->loop, fd, on_client, c, NULL) < 0) {
    close(fd);
    return;
  }
  c->fd = fd;
  c->n = 0;
  c->since_ns = lw_now_ns(lw_clock_real());
  c->timer =
      lw_loop_timer(s->loop, c->since_ns + CLIENT_PATIENCE, on_client_late, c);
}

// 1 when a host answers the door at this address, or has too many before it.
static int is_alive(const struct sockaddr_un *a) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int ok =
      fd >= 0 && (connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 ||
                  errno == EAGAIN);
  if (fd >= 0)
    close(fd);
  return ok;
}

static int bind_and_listen(lw_local *s, lw_err *e) {
  const char *path = s->address.sun_path;
  if (is_alive(&s->address))
    return lw_err_set(e, LW_E_EXISTS, "another host listens at '%s'", path);
  struct stat old;
  if (lstat(path, &old) == 0 && !S_ISSOCK(old.st_mode))
    return lw_err_set(e, LW_E_EXISTS, "'%s' is in the way: it is no socket",
                      path);
  unlink(path);
  s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s->fd < 0)
    return lw_err_set(e, LW_E_IO, "no socket: %s", strerror(errno));
  // The mode must be right before anyone can connect: set it on the socket,
  // bind gives it to the file.
  fchmod(s->fd, 0600);
  if (bind(s->fd, (struct sockaddr *)&s->address, sizeof s->address) < 0 ||
      listen(s->fd, CLIENTS_MAX) < 0)
    return lw_err_set(e, LW_E_IO, "socket '%s': %s", path, strerror(errno));
  return lw_loop_watch(s->loop, s->fd, on_knock, s, e);
}

int lw_local_open(lw_local **out, lw_loop *l, const char *path,
                  void (*answer)(void *arg, const char *request, char *reply),
                  void *arg, lw_err *e) {
  lw_local *s = calloc(1, sizeof *s);
  if (!s)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a socket");
  s->loop = l;
  s->fd = -1;
  s->answer = answer;
  s->arg = arg;
  for (int i = 0; i < CLIENTS_MAX; i++)
    s->clients[i] = (client){.owner = s, .fd = -1};
  int rc = address_init(&s->address, path, e);
  if (rc == 0)
    rc = bind_and_listen(s, e);
  if (rc == 0)
    *out = s;
  else {
    if (s->fd >= 0)
      close(s->fd);
    free(s);
  }
  return rc;
}

void lw_local_close(lw_local *s) {
  if (!s)
    return;
  for (int i = 0; i < CLIENTS_MAX; i++)
    if (s->clients[i].fd >= 0)
      client_close(&s->clients[i]);
  lw_loop_unwatch(s->loop, s->fd);
  close(s->fd);
  unlink(s->address.sun_path);
  free(s);
}

// ----------------------------------------------------------------- asking ---

static int complain_silent(int timeout_ms, lw_err *e) {
  return lw_err_set(e, LW_E_TIMEOUT, "the host did not answer in %d ms",
                    timeout_ms);
}

// A host that stands still takes no call: connect() waits for a place, too.
static void limit_wait(int fd, int timeout_ms) {
  struct timeval limit = {.tv_sec = timeout_ms / 1000,
                          .tv_usec = timeout_ms % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int door_open(const char *path, int timeout_ms, int *fd, lw_err *e) {
  struct sockaddr_un a;
  int rc = address_init(&a, path, e);
  if (rc < 0)
    return rc;
  *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (*fd < 0)
    return lw_err_set(e, LW_E_IO, "no socket: %s", strerror(errno));
  limit_wait(*fd, timeout_ms);
  if (connect(*fd, (struct sockaddr *)&a, sizeof a) == 0)
    return 0;
  int reason = errno;
  close(*fd);
  if (reason == EAGAIN)
    return complain_silent(timeout_ms, e);
  if (reason == ENOENT || reason == ECONNREFUSED)
    return lw_err_set(e, LW_E_NOTFOUND, "no running host listens at '%s'",
                      path);
  return lw_err_set(e, LW_E_IO, "socket '%s': %s", path, strerror(reason));
}

// Where descriptors go that come with an answer.
typedef struct taken {
  int *fds;
  size_t n;
} taken;

static void keep_fds(struct msghdr *m, taken *t) {
  struct cmsghdr *c = CMSG_FIRSTHDR(m);
  if (!c || c->cmsg_type != SCM_RIGHTS)
    return;
  int got[LW_LOCAL_FDS_MAX];
  size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(got, CMSG_DATA(c), n * sizeof(int));
  for (size_t i = 0; i < n; i++)
    if (t->fds && t->n < LW_LOCAL_FDS_MAX)
      t->fds[t->n++] = got[i];
    else
      close(got[i]);
}

static ssize_t receive(int fd, char *out, size_t n, taken *t) {
  char control[CONTROL_N];
  struct iovec text = {.iov_base = out, .iov_len = n};
  struct msghdr m = {.msg_iov = &text,
                     .msg_iovlen = 1,
                     .msg_control = control,
                     .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
  if (got >= 0)
    keep_fds(&m, t);
  return got;
}

static int take_answer(int fd, int timeout_ms, char *out, size_t n, taken *t,
                       lw_err *e) {
  size_t used = 0;
  for (;;) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int rc = poll(&p, 1, timeout_ms);
    if (rc == 0)
      return complain_silent(timeout_ms, e);
    ssize_t got = rc < 0 ? -1 : receive(fd, out + used, n - 1 - used, t);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return lw_err_set(e, LW_E_IO, "the host's answer: %s", strerror(errno));
    used += (size_t)got;
    out[used] = 0;
    if (got == 0 && used == 0)
      return lw_err_set(e, LW_E_CLOSED, "the host hung up without an answer");
    if (got == 0 || used == n - 1)
      return 0;
  }
}

static int ask(const char *path, const char *request, int timeout_ms, char *out,
               size_t n, taken *t, lw_err *e) {
  char line[LW_LOCAL_REQUEST_MAX];
  int length = snprintf(line, sizeof line, "%s\n", request);
  if (length < 0 || (size_t)length >= sizeof line)
    return lw_err_set(e, LW_E_RANGE, "request is longer than %d bytes",
                      LW_LOCAL_REQUEST_MAX - 2);
  int fd;
  int rc = door_open(path, timeout_ms, &fd, e);
  if (rc < 0)
    return rc;
  out[0] = 0;
  if (send(fd, line, (size_t)length, MSG_NOSIGNAL) != length)
    rc = lw_err_set(e, LW_E_IO, "request to the host: %s", strerror(errno));
  else
    rc = take_answer(fd, timeout_ms, out, n, t, e);
  close(fd);
  return rc;
}

int lw_local_ask(const char *path, const char *request, int timeout_ms,
                 char *out, size_t n, lw_err *e) {
  taken none = {NULL, 0};
  return ask(path, request, timeout_ms, out, n, &none, e);
}

int lw_local_ask_fds(const char *path, const char *request, int timeout_ms,
                     char *out, size_t n, int *fds, size_t *fd_n, lw_err *e) {
  taken t = {fds, 0};
  int rc = ask(path, request, timeout_ms, out, n, &t, e);
  for (size_t i = 0; rc < 0 && i < t.n; i++)
    close(fds[i]);
  *fd_n = rc < 0 ? 0 : t.n;
  return rc;
}
