#include "cmd/repl_peer.h"

#include <errno.h>      // errno
#include <fcntl.h>      // fcntl
#include <signal.h>     // SIGKILL
#include <stdlib.h>     // calloc
#include <string.h>     // memcpy
#include <sys/socket.h> // socketpair
#include <unistd.h>     // pipe2

#include "cmd/cmd.h" // lw_cmd_self

struct lw_repl_peer {
  lw_repl_peer_config c;
  lw_loop *loop;
  lw_child *child; // NULL once it has ended
  int fd;          // our end of the socket, -1 = none
  int out;         // our end of the pipe of what it prints, -1 = none
  lw_frame_in in;
};

// ------------------------------------------------------------------- input --

static void stop_watching(lw_repl_peer *p, int *fd) {
  if (*fd < 0)
    return;
  lw_loop_unwatch(p->loop, *fd);
  close(*fd);
  *fd = -1;
}

void lw_repl_peer_drain(lw_repl_peer *p) {
  char text[16384];
  while (p->out >= 0) {
    ssize_t n = read(p->out, text, sizeof text);
    if (n > 0)
      p->c.on_text(p->c.arg, text, (size_t)n);
    else if (n == 0)
      stop_watching(p, &p->out);
    else if (errno != EINTR)
      return;
  }
}

static void on_out(void *arg) {
  lw_repl_peer_drain(arg);
}

static void on_socket(void *arg) {
  lw_repl_peer *p = arg;
  size_t room;
  void *at = lw_frame_in_room(&p->in, &room);
  ssize_t n = at ? recv(p->fd, at, room, MSG_DONTWAIT) : 0;
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) { // its exit tells why
    stop_watching(p, &p->fd);
    return;
  }
  lw_frame_in_add(&p->in, (size_t)n);
  lw_frame f;
  while (lw_frame_in_next(&p->in, &f) > 0) {
    lw_repl_peer_drain(p);
    p->c.on_frame(p->c.arg, &f);
  }
}

static void on_child_exit(void *arg, int status, int signo) {
  lw_repl_peer *p = arg;
  p->child = NULL;
  lw_repl_peer_drain(p);
  p->c.on_exit(p->c.arg, status, signo);
}

// ------------------------------------------------------------------ output --

static int send_part(int fd, const char *data, size_t n, int handed) {
  char control[CMSG_SPACE(sizeof(int))] = {0};
  while (n > 0) {
    struct iovec piece = {.iov_base = (void *)data, .iov_len = n};
    struct msghdr m = {.msg_iov = &piece, .msg_iovlen = 1};
    if (handed >= 0) {
      m.msg_control = control;
      m.msg_controllen = sizeof control;
      struct cmsghdr *c = CMSG_FIRSTHDR(&m);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(sizeof handed);
      memcpy(CMSG_DATA(c), &handed, sizeof handed);
    }
    ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return LW_E_CLOSED;
    handed = -1;
    data += sent;
    n -= (size_t)sent;
  }
  return 0;
}

int lw_repl_peer_send(lw_repl_peer *p, char kind, const char *data, size_t n,
                      int fd) {
  char head[LW_FRAME_HEAD];
  if (p->fd < 0)
    return LW_E_CLOSED;
  lw_frame_head(head, kind, n);
  int rc = send_part(p->fd, head, sizeof head, fd);
  return rc < 0 ? rc : send_part(p->fd, data, n, -1);
}

void lw_repl_peer_signal(lw_repl_peer *p, int signo) {
  if (p && p->child)
    lw_child_kill(p->child, signo);
}

// -------------------------------------------------------------- life cycle --

static int start(lw_repl_peer *p, int theirs, int their_out, lw_err *e) {
  const char *argv[LW_REPL_ARGS_MAX + 12] = {"linewright", "--role", "repl",
                                             "--fd", "3"};
  size_t n = 5;
  if (p->c.is_piped) {
    argv[n++] = "--out-fd";
    argv[n++] = "4";
  }
  for (size_t i = 0; p->c.args[i] && i < LW_REPL_ARGS_MAX; i++)
    argv[n++] = p->c.args[i];
  int fds[] = {theirs, their_out};
  lw_child_config c = {.file = lw_cmd_self(),
                       .argv = argv,
                       .fds = fds,
                       .fd_n = p->c.is_piped ? 2 : 1,
                       .is_input_kept = !p->c.is_piped,
                       .on_exit = on_child_exit,
                       .arg = p};
  return lw_child_open(p->loop, &c, &p->child, e);
}

static int open_pipes(lw_repl_peer *p, int theirs[2], lw_err *e) {
  int pair[2], ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return lw_err_set(e, LW_E_IO, "no socket: %s", strerror(errno));
  p->fd = pair[0];
  theirs[0] = pair[1];
  if (!p->c.is_piped)
    return 0;
  if (pipe2(ends, O_CLOEXEC) < 0)
    return lw_err_set(e, LW_E_IO, "no pipe: %s", strerror(errno));
  p->out = ends[0];
  theirs[1] = ends[1];
  fcntl(p->out, F_SETFL, O_NONBLOCK);
  return 0;
}

int lw_repl_peer_open(lw_repl_peer **out, lw_loop *l,
                      const lw_repl_peer_config *c, lw_err *e) {
  int theirs[2] = {-1, -1};
  lw_repl_peer *p = calloc(1, sizeof *p);
  if (!p)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for an evaluator");
  *p = (lw_repl_peer){.c = *c, .loop = l, .fd = -1, .out = -1};
  int rc = open_pipes(p, theirs, e);
  if (rc == 0)
    rc = start(p, theirs[0], theirs[1], e);
  for (int i = 0; i < 2; i++)
    if (theirs[i] >= 0)
      close(theirs[i]);
  if (rc == 0)
    rc = lw_loop_watch(l, p->fd, on_socket, p, e);
  if (rc == 0 && p->out >= 0)
    rc = lw_loop_watch(l, p->out, on_out, p, e);
  if (rc < 0)
    lw_repl_peer_close(p);
  else
    *out = p;
  return rc;
}

void lw_repl_peer_close(lw_repl_peer *p) {
  if (!p)
    return;
  if (p->child) {
    lw_child_kill(p->child, SIGKILL);
    lw_child_disown(p->child);
  }
  stop_watching(p, &p->fd);
  stop_watching(p, &p->out);
  lw_frame_in_fini(&p->in);
  free(p);
}
