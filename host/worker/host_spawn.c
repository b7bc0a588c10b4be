// The processes of a host: worker, its standby, twin.
#include <errno.h>      // errno
#include <signal.h>     // SIGKILL
#include <stdio.h>      // snprintf
#include <string.h>     // strerror
#include <sys/socket.h> // socketpair, send
#include <unistd.h>     // close

#include "loop/clock.h" // lw_clock_real
#include "worker/host_private.h"

#define ARGS_MAX 128
#define STANDBY_DEATHS_MAX 3 // then restarts take as long as a cold start

void lw_host_spawn_init(lw_host *h) {
  for (int i = 0; i < 2; i++)
    h->posts[i] = (lw_post){.host = h, .bell_fd = -1};
}

static void close_bell(lw_post *p) {
  if (p->bell_fd < 0)
    return;
  lw_loop_unwatch(p->host->loop, p->bell_fd);
  close(p->bell_fd);
  p->bell_fd = -1;
}

static void on_bell(void *arg) {
  lw_post *p = arg;
  char bytes[64];
  ssize_t n = recv(p->bell_fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n > 0)
    lw_store_kick(p->host->config.store);
  else if (n == 0)
    close_bell(p); // it is going: its exit is told by itself
}

// -------------------------------------------------------------- arguments ---

typedef struct arguments {
  const char *argv[ARGS_MAX];
  size_t n;
  char run[24], seed[24];
} arguments;

static void add(arguments *a, const char *text) {
  if (a->n < ARGS_MAX - 1)
    a->argv[a->n++] = text;
  a->argv[a->n] = NULL;
}

static void add_all(arguments *a, const char *const *texts) {
  for (; *texts; texts++)
    add(a, *texts);
}

// What worker and twin have in common: who, and which texts.
static void add_role(arguments *a, const lw_host *h, const char *role) {
  snprintf(a->run, sizeof a->run, "%lld", (long long)h->config.run);
  snprintf(a->seed, sizeof a->seed, "%llu", (unsigned long long)h->config.seed);
  add_all(a, (const char *const[]){"linewright", "--role", role, NULL});
  add_all(a, h->config.args);
  add_all(a, (const char *const[]){"--db", h->config.db, "--bundle",
                                   h->config.bundle->run.bundle, "--seed",
                                   a->seed, NULL});
}

// ---------------------------------------------------------------- workers ---

static void on_post_exit(void *arg, int status, int signo) {
  lw_post *p = arg;
  lw_host *h = p->host;
  p->child = NULL;
  close_bell(p);
  if (p == h->standby) {
    h->standby = NULL;
    h->standby_deaths++;
  } else if (p == h->worker) {
    h->worker = NULL;
    lw_host_worker_exit(h, status, signo);
  }
}

static int open_child(lw_post *p, int is_resume, int is_standby, int bell_fd,
                      lw_err *e) {
  lw_host *h = p->host;
  arguments a = {.n = 0};
  add_role(&a, h, "worker");
  add_all(&a, (const char *const[]){"--run", a.run, "--image-fd", "3",
                                    "--desk-fd", "4", "--bell-fd", "5", NULL});
  if (is_resume)
    add(&a, "--resume");
  if (is_standby)
    add(&a, "--standby");
  if (h->config.is_verbose)
    add(&a, "--verbose");
  int fds[] = {lw_line_image_fd(h->line), lw_line_desk_fd(h->line), bell_fd};
  lw_child_config c = {.file = h->config.self,
                       .argv = a.argv,
                       .fds = fds,
                       .fd_n = 3,
                       .on_exit = on_post_exit,
                       .arg = p};
  return lw_child_open(h->loop, &c, &p->child, e);
}

static int man(lw_post *p, int is_resume, int is_standby, lw_err *e) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return lw_err_set(e, LW_E_IO, "no socket pair: %s", strerror(errno));
  p->bell_fd = ends[0];
  int rc = open_child(p, is_resume, is_standby, ends[1], e);
  close(ends[1]);
  if (rc == 0)
    rc = lw_loop_watch(p->host->loop, p->bell_fd, on_bell, p, e);
  if (rc < 0)
    close_bell(p);
  return rc;
}

static lw_post *free_post(lw_host *h) {
  for (int i = 0; i < 2; i++)
    if (!h->posts[i].child)
      return &h->posts[i];
  return NULL;
}

// 1 when the standby has been called.
static int call_standby(lw_host *h) {
  lw_post *p = h->standby;
  h->standby = NULL;
  if (!p || send(p->bell_fd, "g", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
    return 0;
  h->worker = p;
  return 1;
}

void lw_host_spawn(lw_host *h, int is_resume) {
  lw_err e;
  h->spawned_ns = lw_now_ns(lw_clock_real());
  h->sent_n = 0;
  h->silent_ns = 0;
  if (is_resume && call_standby(h))
    return;
  h->worker = free_post(h);
  if (!h->worker)
    lw_err_set(&e, LW_E_STATE, "two workers are there already");
  else if (man(h->worker, is_resume, 0, &e) == 0)
    return;
  h->worker = NULL;
  lw_host_broken(h, &e);
}

// A standby is a comfort: without it the next restart only takes longer.
void lw_host_standby(lw_host *h) {
  if (h->standby || h->standby_deaths >= STANDBY_DEATHS_MAX ||
      h->deaths + 1 >= LW_HOST_DEATHS_MAX)
    return;
  lw_post *p = free_post(h);
  if (!p)
    return;
  if (man(p, 1, 1, NULL) < 0)
    h->standby_deaths++;
  else
    h->standby = p;
}

static void kill_child(lw_child **child) {
  if (!*child)
    return;
  lw_child_disown(*child);
  lw_child_kill(*child, SIGKILL);
  *child = NULL;
}

void lw_host_let_go(lw_host *h) {
  h->worker = h->standby = NULL;
  for (int i = 0; i < 2; i++) {
    kill_child(&h->posts[i].child);
    close_bell(&h->posts[i]);
  }
}

// ------------------------------------------------------------------- twin ---

static void on_twin_exit(void *arg, int status, int signo) {
  lw_host *h = arg;
  lw_err e;
  h->twin = NULL;
  if (signo)
    lw_err_set(&e, LW_E_SCRIPT, "the twin died by signal %d", signo);
  else
    lw_err_set(&e, LW_E_SCRIPT, "the twin ended with status %d", status);
  lw_host_broken(h, &e);
}

int lw_host_spawn_twin(lw_host *h, lw_err *e) {
  arguments a = {.n = 0};
  add_role(&a, h, "twin");
  add_all(&a, (const char *const[]){"--sim-fd", "3", NULL});
  int fd = lw_line_sim_fd(h->line);
  lw_child_config c = {.file = h->config.self,
                       .argv = a.argv,
                       .fds = &fd,
                       .fd_n = 1,
                       .on_exit = on_twin_exit,
                       .arg = h};
  return lw_child_open(h->loop, &c, &h->twin, e);
}

void lw_host_let_go_twin(lw_host *h) {
  kill_child(&h->twin);
}
