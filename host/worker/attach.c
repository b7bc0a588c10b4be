#include "worker/attach.h"

#include <errno.h>      // errno
#include <stdlib.h>     // calloc, free
#include <string.h>     // memcmp
#include <sys/socket.h> // send, recv
#include <unistd.h>     // close

#include "base/hash.h"     // lw_hash_sha256
#include "loop/clock.h"    // lw_clock_real
#include "loop/loop.h"     // lw_loop
#include "worker/region.h" // lw_region

#define FDS_MAX 64

struct lw_worker {
  lw_plan *plan;
  lw_region image, desk;
  int bell_fd;
  lw_port port;
  lw_loop *loop;
  const lw_worker_calls *calls;
  int64_t due_ns;
  uint64_t told_n; // bytes of the record ring that the host was told about
  int result;
  int fds[FDS_MAX]; // of other threads
  size_t fd_n;
};

// ---------------------------------------------------------------- mapping ---

static int check_regions(lw_worker *w, const lw_worker_config *c, lw_err *e) {
  const lw_image *m = w->image.at;
  int rc = lw_image_check(m, w->image.n, e);
  if (rc == 0)
    rc = lw_desk_check(w->desk.at, w->desk.n, w->plan, e);
  if (rc < 0)
    return rc;
  uint8_t digest[LW_HASH_N];
  lw_hash_sha256(c->plan, c->plan_n, digest);
  if (m->tag_n != w->plan->tag_n ||
      memcmp(digest, m->digest, sizeof digest) != 0)
    return lw_err_set(e, LW_E_CORRUPT,
                      "recipe, line or formula changed while the run started: "
                      "the plan is not the host's");
  return 0;
}

static int map_all(lw_worker *w, const lw_worker_config *c, lw_err *e) {
  int rc = lw_plan_decode(&w->plan, c->plan, c->plan_n, e);
  if (rc == 0)
    rc = lw_region_map(&w->image, c->image_fd, /* is_read_only */ 1, e);
  if (rc == 0)
    rc = lw_region_map(&w->desk, c->desk_fd, 0, e);
  return rc < 0 ? rc : check_regions(w, c, e);
}

int lw_worker_open(lw_worker **out, const lw_worker_config *c, lw_err *e) {
  lw_worker *w = calloc(1, sizeof *w);
  if (!w)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the worker");
  w->image = w->desk = LW_REGION_NONE;
  w->bell_fd = c->bell_fd;
  int rc = map_all(w, c, e);
  if (rc < 0) {
    lw_worker_close(w);
    return rc;
  }
  w->port = (lw_port){.plan = w->plan,
                      .image = w->image.at,
                      .desk = w->desk.at,
                      .clock = lw_clock_real()};
  *out = w;
  return 0;
}

void lw_worker_close(lw_worker *w) {
  if (!w)
    return;
  lw_region_close(&w->image);
  lw_region_close(&w->desk);
  if (w->bell_fd >= 0)
    close(w->bell_fd);
  lw_plan_free(w->plan);
  free(w);
}

int lw_worker_await(int bell_fd) {
  char byte;
  ssize_t n;
  do
    n = recv(bell_fd, &byte, 1, 0);
  while (n < 0 && errno == EINTR);
  return n == 1;
}

lw_port *lw_worker_port(lw_worker *w) {
  return &w->port;
}

// ---------------------------------------------------------------- ticking ---

// A full socket means the host has a ring waiting already.
static void ring_bell(lw_worker *w) {
  uint64_t head = atomic_load(&w->port.desk->record_head);
  if (head == w->told_n)
    return;
  w->told_n = head;
  ssize_t n = send(w->bell_fd, "r", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  (void)n;
}

static void finish(lw_worker *w, int result) {
  if (!result)
    return;
  w->result = result;
  lw_loop_stop(w->loop);
}

static void on_tick(void *arg) {
  lw_worker *w = arg;
  int64_t now_ns = lw_now_ns(w->port.clock);
  lw_port_enter(&w->port);
  int result = w->calls->tick(w->calls->arg, now_ns);
  lw_port_leave(&w->port);
  lw_port_beat(&w->port);
  ring_bell(w);
  int64_t period_ns = w->plan->tick_ns;
  w->due_ns += period_ns;
  now_ns = lw_now_ns(w->port.clock);
  if (w->due_ns <= now_ns)
    w->due_ns += (now_ns - w->due_ns) / period_ns * period_ns + period_ns;
  if (!result && lw_loop_timer(w->loop, w->due_ns, on_tick, w) < 0)
    result = LW_E_NOMEM;
  finish(w, result);
}

static void answer(lw_worker *w) {
  lw_port_enter(&w->port);
  int result = w->calls->bell(w->calls->arg);
  lw_port_leave(&w->port);
  ring_bell(w);
  finish(w, result);
}

static void on_bell(void *arg) {
  lw_worker *w = arg;
  char bytes[64];
  ssize_t n = recv(w->bell_fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
    finish(w, LW_E_CLOSED);
    return;
  }
  answer(w);
}

// Every descriptor is emptied: the loop does not say which one rang.
static void on_thread(void *arg) {
  lw_worker *w = arg;
  uint64_t n;
  for (size_t i = 0; i < w->fd_n; i++)
    while (read(w->fds[i], &n, sizeof n) > 0)
      ;
  answer(w);
}

int lw_worker_watch(lw_worker *w, int fd) {
  if (w->fd_n == FDS_MAX)
    return LW_E_FULL;
  w->fds[w->fd_n++] = fd;
  return 0;
}

int lw_worker_run(lw_worker *w, const lw_worker_calls *calls) {
  int rc = lw_loop_new(&w->loop, NULL);
  if (rc < 0)
    return rc;
  w->calls = calls;
  w->result = 0;
  w->due_ns = lw_now_ns(w->port.clock);
  rc = lw_loop_watch(w->loop, w->bell_fd, on_bell, w, NULL);
  for (size_t i = 0; rc == 0 && i < w->fd_n; i++)
    rc = lw_loop_watch(w->loop, w->fds[i], on_thread, w, NULL);
  if (rc == 0 && lw_loop_timer(w->loop, w->due_ns, on_tick, w) < 0)
    rc = LW_E_NOMEM;
  if (rc == 0) {
    lw_port_beat(&w->port); // from here on silence is a fault
    lw_loop_run(w->loop);
    rc = w->result;
  }
  lw_loop_free(w->loop);
  return rc;
}

// ------------------------------------------------------------------- twin ---

int lw_twin_open(lw_sim **sim, int fd, lw_err *e) {
  lw_region r;
  int rc = lw_region_map(&r, fd, 0, e);
  if (rc < 0)
    return rc;
  rc = lw_sim_check(r.at, r.n, e);
  if (rc < 0)
    lw_region_close(&r);
  else
    *sim = r.at; // mapped for the life of the process
  return rc;
}

int lw_twin_run(int64_t period_ns, int (*step)(void *arg, double dt_s),
                void *arg) {
  lw_clock *clock = lw_clock_real();
  int64_t due_ns = lw_now_ns(clock), last_ns = due_ns;
  for (;;) {
    clock->wait_until(clock, due_ns);
    int64_t now_ns = lw_now_ns(clock);
    int result = step(arg, (double)(now_ns - last_ns) / (double)LW_S);
    if (result)
      return result;
    last_ns = now_ns;
    due_ns += period_ns;
    if (due_ns <= now_ns)
      due_ns = now_ns + period_ns;
  }
}
