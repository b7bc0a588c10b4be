// Lua face of the REPL's link: what its evaluator and its visible process tell
// each other (see cmd/repl_peer.h), and Ctrl-C as the end of what is evaluated.
// Documented in lua/meta/linewright/link.lua.
#include <errno.h>        // errno
#include <math.h>         // ceil
#include <poll.h>         // poll
#include <pthread.h>      // pthread_create
#include <signal.h>       // sigaddset
#include <stdio.h>        // fflush
#include <stdlib.h>       // malloc
#include <string.h>       // memcpy, strerror
#include <sys/signalfd.h> // signalfd
#include <sys/socket.h>   // recvmsg
#include <unistd.h>       // close, dup2

#include "base/frame.h"   // lw_frame
#include "bind/bind.h"    // lw_bind_type
#include "bind/modules.h" // lw_open_link
#include "bind/vm.h"      // lw_vm_budget

#define LINK "linewright.link"

typedef struct peer {
  int fd;          // -1 once closed
  lw_frame_in in;  // bytes received and not taken yet
  int newest_fd;   // handed over by the other side, -1 = none
  int is_watching; // the thread runs
  int signals;     // its signalfd
  pthread_t thread;
  lw_budget *budget;
} peer;

static peer *check_link(lua_State *L) {
  peer *k = luaL_checkudata(L, 1, LINK);
  if (k->fd < 0)
    luaL_error(L, "link: already closed");
  return k;
}

static int link_close(lua_State *L) {
  peer *k = luaL_checkudata(L, 1, LINK);
  if (k->is_watching) {
    pthread_cancel(k->thread);
    pthread_join(k->thread, NULL);
    close(k->signals);
  }
  k->is_watching = 0;
  if (k->fd >= 0)
    close(k->fd);
  if (k->newest_fd >= 0)
    close(k->newest_fd);
  k->fd = k->newest_fd = -1;
  lw_frame_in_fini(&k->in);
  return 0;
}

// link.open(fd) -> link
static int link_open(lua_State *L) {
  double fd = luaL_checknumber(L, 1);
  luaL_argcheck(L, fd >= 0 && fd < 65536, 1, "not a file descriptor");
  peer *k = lua_newuserdata(L, sizeof *k);
  *k = (peer){.fd = (int)fd, .newest_fd = -1};
  k->budget = lw_vm_budget(lw_vm_of(L));
  luaL_setmetatable(L, LINK);
  return 1;
}

// ------------------------------------------------------------------ frames --

// Take what has come in. Returns bytes, 0 at the end, -1 with errno.
static ssize_t take_in(peer *k, void *at, size_t n) {
  char control[CMSG_SPACE(sizeof(int))];
  struct iovec piece = {.iov_base = at, .iov_len = n};
  struct msghdr m = {.msg_iov = &piece,
                     .msg_iovlen = 1,
                     .msg_control = control,
                     .msg_controllen = sizeof control};
  ssize_t got = recvmsg(k->fd, &m, MSG_CMSG_CLOEXEC);
  struct cmsghdr *c = got >= 0 ? CMSG_FIRSTHDR(&m) : NULL;
  if (c && c->cmsg_type == SCM_RIGHTS) {
    if (k->newest_fd >= 0)
      close(k->newest_fd);
    memcpy(&k->newest_fd, CMSG_DATA(c), sizeof(int));
  }
  return got;
}

// Receive until a frame is whole. 1, 0 when the time is over, -1 at the end.
static int receive(peer *k, int timeout_ms, lw_frame *out) {
  for (;;) {
    int whole = lw_frame_in_next(&k->in, out);
    if (whole != 0)
      return whole;
    struct pollfd p = {.fd = k->fd, .events = POLLIN};
    int ready = poll(&p, 1, timeout_ms);
    if (ready == 0)
      return 0;
    if (ready < 0 && errno == EINTR)
      continue;
    size_t room;
    void *at = lw_frame_in_room(&k->in, &room);
    ssize_t n = at ? take_in(k, at, room) : -1;
    if (n <= 0 && !(n < 0 && (errno == EINTR || errno == EAGAIN)))
      return -1;
    lw_frame_in_add(&k->in, n > 0 ? (size_t)n : 0);
  }
}

// l:receive([timeout_s]) -> kind, payload | nil when the time is over | false
// when the other side is gone
static int link_receive(lua_State *L) {
  peer *k = check_link(L);
  int timeout_ms = -1;
  if (!lua_isnoneornil(L, 2)) {
    double s = lw_bind_number(L, 2, "timeout_s");
    timeout_ms = s <= 0 ? 0 : s > 1e6 ? 1000000000 : (int)ceil(s * 1000);
  }
  lw_frame f;
  int rc = receive(k, timeout_ms, &f);
  if (rc == 0) {
    lua_pushnil(L);
    return 1;
  }
  if (rc < 0) {
    lua_pushboolean(L, 0);
    return 1;
  }
  lua_pushlstring(L, &f.kind, 1);
  lua_pushlstring(L, f.data, f.n);
  return 2;
}

static int send_all(int fd, const char *data, size_t n) {
  while (n > 0) {
    ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return -1;
    data += sent;
    n -= (size_t)sent;
  }
  return 0;
}

// l:send(kind, payload) -> true | false when the other side is gone. What was
// printed before comes first.
static int link_send(lua_State *L) {
  peer *k = check_link(L);
  size_t kind_n, n;
  const char *kind = luaL_checklstring(L, 2, &kind_n);
  const char *data = luaL_optlstring(L, 3, "", &n);
  luaL_argcheck(L, kind_n == 1, 2, "a kind is one character");
  luaL_argcheck(L, n <= LW_FRAME_MAX, 3, "too long");
  char head[LW_FRAME_HEAD];
  lw_frame_head(head, *kind, n);
  fflush(stdout);
  int ok =
      send_all(k->fd, head, sizeof head) == 0 && send_all(k->fd, data, n) == 0;
  lua_pushboolean(L, ok);
  return 1;
}

// l:take_fd() -> descriptor that came last, now the caller's | nil
static int link_take_fd(lua_State *L) {
  peer *k = check_link(L);
  if (k->newest_fd < 0)
    return 0;
  lua_pushinteger(L, k->newest_fd);
  k->newest_fd = -1;
  return 1;
}

// l:print_to(fd): standard output and error go there from now on, line by line
static int link_print_to(lua_State *L) {
  check_link(L);
  int fd = (int)luaL_checkinteger(L, 2);
  fflush(stdout);
  if (dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
    return luaL_error(L, "link: %s", strerror(errno));
  close(fd);
  setvbuf(stdout, NULL, _IOLBF, 0);
  return 0;
}

// ------------------------------------------------------------------ Ctrl-C --

static void *watch(void *arg) {
  peer *k = arg;
  struct signalfd_siginfo info;
  while (read(k->signals, &info, sizeof info) == (ssize_t)sizeof info)
    lw_budget_stop(k->budget);
  return NULL;
}

// l:stop_on_interrupt() -> true | nil, message, code: SIGUSR1, which the role
// blocked before any thread was made, ends the script that runs.
static int link_stop_on_interrupt(lua_State *L) {
  peer *k = check_link(L);
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGUSR1);
  if (lw_budget_make_stoppable(k->budget) < 0)
    return lw_bind_fail_code(L, LW_E_IO);
  k->signals = signalfd(-1, &interrupt, SFD_CLOEXEC);
  if (k->signals < 0 || pthread_create(&k->thread, NULL, watch, k) != 0)
    return lw_bind_fail_code(L, LW_E_IO);
  k->is_watching = 1;
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"receive", link_receive},
    {"send", link_send},
    {"take_fd", link_take_fd},
    {"print_to", link_print_to},
    {"close", link_close},
    {"stop_on_interrupt", link_stop_on_interrupt},
    {NULL, NULL}};
static const luaL_Reg functions[] = {{"open", link_open}, {NULL, NULL}};

int lw_open_link(lua_State *L) {
  lw_bind_type(L, LINK, methods, link_close);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
