#include "worker/host.h"

#include <errno.h>       // errno
#include <signal.h>      // SIGKILL
#include <stdio.h>       // snprintf
#include <stdlib.h>      // calloc, free
#include <string.h>      // strcmp, strerror
#include <sys/eventfd.h> // eventfd
#include <sys/socket.h>  // socketpair
#include <unistd.h>      // close, read, write

#include "loop/clock.h" // lw_clock_real
#include "worker/host_private.h"

#define LOOK_EVERY (10 * LW_MS)
#define DRIVERS_PATIENCE (3 * LW_S) // for the first answer of every device
#define LOAD_PATIENCE (15 * LW_S)   // for a worker to load its recipe
#define ARGS_MAX 128

static void spawn_worker(lw_host *h, int is_resume);

// ------------------------------------------------------------------- ends ---

void lw_host_end(lw_host *h, lw_host_ending ending, const lw_err *e) {
  if (h->is_ended)
    return;
  h->is_ended = 1;
  h->config.on_end(h->config.arg, ending, e);
}

static void end_broken(lw_host *h, const lw_err *e) {
  lw_scan_trip(lw_line_scan(h->line), LW_CAUSE_driver, LW_LEVEL_stop);
  lw_host_end(h, LW_HOST_BROKEN, e);
}

// ------------------------------------------------------------------ bells ---

void lw_host_ring(lw_host *h) {
  if (h->bell_fd < 0)
    return;
  // A full socket means that the worker has a ring waiting already.
  ssize_t n = send(h->bell_fd, "c", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  (void)n;
}

// On the writer thread: only wake the loop, which owns the worker's bell.
static void on_commit(void *arg) {
  lw_host *h = arg;
  uint64_t one = 1;
  ssize_t n = write(h->commit_fd, &one, sizeof one);
  (void)n;
}

static void on_commit_seen(void *arg) {
  lw_host *h = arg;
  uint64_t count;
  ssize_t n = read(h->commit_fd, &count, sizeof count);
  (void)n;
  lw_host_ring(h);
}

static void close_bell(lw_host *h) {
  if (h->bell_fd < 0)
    return;
  lw_loop_unwatch(h->loop, h->bell_fd);
  close(h->bell_fd);
  h->bell_fd = -1;
}

static void on_bell(void *arg) {
  lw_host *h = arg;
  char bytes[64];
  ssize_t n = recv(h->bell_fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n > 0)
    lw_store_kick(h->config.store);
  else if (n == 0)
    close_bell(h); // the worker is going: its exit is told by itself
}

// --------------------------------------------------------------- spawning ---

typedef struct arguments {
  const char *argv[ARGS_MAX];
  size_t n;
} arguments;

static void add(arguments *a, const char *text) {
  if (a->n < ARGS_MAX - 1)
    a->argv[a->n++] = text;
  a->argv[a->n] = NULL;
}

static void add_role(arguments *a, const lw_host *h, const char *role) {
  add(a, "linewright");
  add(a, "--role");
  add(a, role);
  for (const char *const *arg = h->config.args; *arg; arg++)
    add(a, *arg);
}

static void on_worker_exit(void *arg, int status, int signo);

static int open_worker(lw_host *h, int is_resume, int bell_fd, lw_err *e) {
  char run[24], seed[24];
  snprintf(run, sizeof run, "%lld", (long long)h->config.run);
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)h->config.seed);
  arguments a = {.n = 0};
  add_role(&a, h, "worker");
  const char *own[] = {
      "--db",       h->config.db, "--run",     run,
      "--seed",     seed,         "--bundle",  h->config.bundle->run.bundle,
      "--image-fd", "3",          "--desk-fd", "4",
      "--bell-fd",  "5"};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    add(&a, own[i]);
  if (is_resume)
    add(&a, "--resume");
  if (h->config.is_verbose)
    add(&a, "--verbose");
  int fds[] = {lw_line_image_fd(h->line), lw_line_desk_fd(h->line), bell_fd};
  lw_child_config c = {.file = h->config.self,
                       .argv = a.argv,
                       .fds = fds,
                       .fd_n = 3,
                       .on_exit = on_worker_exit,
                       .arg = h};
  return lw_child_open(h->loop, &c, &h->worker, e);
}

static void spawn_worker(lw_host *h, int is_resume) {
  lw_err e = {0};
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    lw_err_set(&e, LW_E_IO, "no socket pair: %s", strerror(errno));
    end_broken(h, &e);
    return;
  }
  h->bell_fd = ends[0];
  h->spawned_ns = lw_now_ns(lw_clock_real());
  int rc = open_worker(h, is_resume, ends[1], &e);
  close(ends[1]);
  if (rc == 0)
    rc = lw_loop_watch(h->loop, h->bell_fd, on_bell, h, &e);
  if (rc < 0)
    end_broken(h, &e);
}

static void on_twin_exit(void *arg, int status, int signo) {
  lw_host *h = arg;
  lw_err e;
  h->twin = NULL;
  if (signo)
    lw_err_set(&e, LW_E_SCRIPT, "the twin died by signal %d", signo);
  else
    lw_err_set(&e, LW_E_SCRIPT, "the twin ended with status %d", status);
  end_broken(h, &e);
}

static int spawn_twin(lw_host *h, lw_err *e) {
  char seed[24];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)h->config.seed);
  arguments a = {.n = 0};
  add_role(&a, h, "twin");
  const char *own[] = {"--seed", seed, "--sim-fd", "3"};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    add(&a, own[i]);
  int fd = lw_line_sim_fd(h->line);
  lw_child_config c = {.file = h->config.self,
                       .argv = a.argv,
                       .fds = &fd,
                       .fd_n = 1,
                       .on_exit = on_twin_exit,
                       .arg = h};
  return lw_child_open(h->loop, &c, &h->twin, e);
}

// ----------------------------------------------------------------- deaths ---

static int is_finished(lw_host *h) {
  lw_desk *d = lw_line_desk(h->line);
  return (atomic_load(&d->flags) & LW_FLAG_FINISHED) != 0;
}

// The outputs first: the trip is on them with the next scan, whatever the
// rest of this costs.
static void bury(lw_host *h, int status, int signo) {
  lw_scan_trip(lw_line_scan(h->line), LW_CAUSE_heartbeat, LW_LEVEL_hold);
  h->deaths++;
  char text[160];
  if (signo)
    snprintf(text, sizeof text,
             "{\"text\":\"worker died by signal %d\",\"deaths\":%d}", signo,
             h->deaths);
  else
    snprintf(text, sizeof text,
             "{\"text\":\"worker ended with status %d\",\"deaths\":%d}", status,
             h->deaths);
  lw_line_record(h->line, LW_RECORD_alarm, "host/worker", text);
  lw_err e;
  if (lw_line_renew_desk(h->line, &e) < 0)
    end_broken(h, &e);
  else if (h->deaths < LW_HOST_DEATHS_MAX)
    spawn_worker(h, /* is_resume */ 1);
}

static void on_worker_exit(void *arg, int status, int signo) {
  lw_host *h = arg;
  int has_loaded = atomic_load(&lw_line_desk(h->line)->ready) != 0;
  h->worker = NULL;
  close_bell(h);
  if (h->is_ended)
    return;
  if (is_finished(h)) {
    h->is_over = 1;
    lw_host_end(h, LW_HOST_FINISHED, NULL);
  } else if (!has_loaded && !signo && status > 0)
    lw_host_end(h, LW_HOST_REFUSED, NULL);
  else
    bury(h, status, signo);
}

// -------------------------------------------------------------- the watch ---

static void send_command(lw_host *h, const char *command, const char *who,
                         const char *argument) {
  if (lw_line_command(h->line, command, who, argument) == 0)
    lw_host_ring(h);
}

// A fresh run is reset and started in the host's name; both are journaled.
static void drive_start(lw_host *h, int state) {
  if (h->config.is_resume)
    return;
  if (state == LW_STATE_Stopped && !h->has_reset) {
    h->has_reset = 1;
    send_command(h, "reset", "host", "");
  } else if (state == LW_STATE_Idle && !h->has_start) {
    h->has_start = 1;
    send_command(h, "start", "host", "");
  }
}

static void kill_worker(lw_host *h) {
  if (h->worker)
    lw_child_kill(h->worker, SIGKILL);
}

// The scan has put the outputs safe when it tripped; here only the process
// is ended. A worker that loads for too long never beat at all.
static void watch_worker(lw_host *h, int64_t now_ns) {
  lw_desk *d = lw_line_desk(h->line);
  int is_ready = atomic_load(&d->ready) != 0;
  int64_t silent_ns =
      now_ns - (is_ready ? atomic_load(&d->beat_at_ns) : h->spawned_ns);
  int64_t patience_ns =
      is_ready ? lw_line_plan(h->line)->heartbeat_ns : LOAD_PATIENCE;
  if (silent_ns > patience_ns && !is_finished(h))
    kill_worker(h);
  if (!is_ready)
    return;
  int state = (int)atomic_load(&d->state);
  drive_start(h, state);
}

// 1 all good, 0 not yet; *bad is the first that is not good.
static int are_drivers_good(lw_host *h, lw_io_status *bad) {
  lw_io *io = lw_line_io(h->line);
  for (uint32_t i = 0; i < lw_io_driver_n(io); i++) {
    lw_io_status_read(io, i, bad);
    if (bad->state != LW_IO_GOOD)
      return 0;
  }
  return 1;
}

// A device that answers, but refuses a register or a watchdog: the profile is
// wrong, and a run must not begin on it. A run that is resumed is Held anyway.
static int find_refusal(lw_host *h, lw_io_status *bad) {
  lw_io *io = lw_line_io(h->line);
  for (uint32_t i = 0; !h->config.is_resume && i < lw_io_driver_n(io); i++) {
    lw_io_status_read(io, i, bad);
    if (*bad->text)
      return 1;
  }
  return 0;
}

static void watch_drivers(lw_host *h, int64_t now_ns) {
  lw_io_status bad;
  int is_good = are_drivers_good(h, &bad);
  if (is_good && find_refusal(h, &bad)) {
    lw_err e;
    lw_err_set(&e, LW_E_PROTO, "%s: %s", bad.name, bad.text);
    end_broken(h, &e);
  } else if (is_good) {
    h->is_started = 1;
    spawn_worker(h, h->config.is_resume);
  } else if (now_ns - h->opened_ns > DRIVERS_PATIENCE) {
    lw_err e;
    lw_err_set(&e, LW_E_IO, "%s: %s", bad.name,
               *bad.text ? bad.text : "no answer");
    end_broken(h, &e);
  }
}

static void on_look(void *arg);

static int look_again(lw_host *h, int64_t due_ns, lw_err *e) {
  h->look_timer = lw_loop_timer(h->loop, due_ns, on_look, h);
  return h->look_timer < 0
             ? lw_err_set(e, LW_E_NOMEM, "out of memory for a timer")
             : 0;
}

static void on_look(void *arg) {
  lw_host *h = arg;
  lw_err e;
  int64_t now_ns = lw_now_ns(lw_clock_real());
  h->look_timer = 0;
  if (h->is_ended)
    return;
  if (lw_line_store_error(h->line, &e) < 0) {
    lw_host_end(h, LW_HOST_BROKEN, &e); // the line has put its outputs to hold
    return;
  }
  lw_line_watch_history(h->line);
  if (!h->is_started)
    watch_drivers(h, now_ns);
  else if (h->worker)
    watch_worker(h, now_ns);
  if (!h->is_ended && look_again(h, now_ns + LOOK_EVERY, &e) < 0)
    end_broken(h, &e);
}

// ------------------------------------------------------------- life cycle ---

lw_line *lw_host_line(lw_host *h) {
  return h->line;
}

static int open_line(lw_host *h, lw_err *e) {
  const lw_host_config *c = &h->config;
  lw_line_config config = {.plan = c->bundle->plan,
                           .plan_n = c->bundle->plan_n,
                           .store = c->store,
                           .run = c->run,
                           .seed = c->seed,
                           .on_commit = on_commit,
                           .arg = h};
  int rc = lw_line_new(&h->line, &config, e);
  return rc < 0 ? rc : lw_line_start(h->line, e);
}

static int start(lw_host *h, lw_err *e) {
  h->commit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (h->commit_fd < 0)
    return lw_err_set(e, LW_E_IO, "no event descriptor: %s", strerror(errno));
  int rc = lw_loop_watch(h->loop, h->commit_fd, on_commit_seen, h, e);
  if (rc == 0)
    rc = open_line(h, e);
  if (rc == 0 && h->config.bundle->has_twin)
    rc = spawn_twin(h, e);
  h->opened_ns = lw_now_ns(lw_clock_real());
  return rc < 0 ? rc : look_again(h, h->opened_ns, e);
}

int lw_host_open(lw_host **out, lw_loop *loop, const lw_host_config *c,
                 lw_err *e) {
  lw_host *h = calloc(1, sizeof *h);
  if (!h)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a host");
  h->config = *c;
  h->loop = loop;
  h->bell_fd = h->commit_fd = -1;
  int rc = start(h, e);
  if (rc < 0)
    lw_host_close(h);
  else
    *out = h;
  return rc;
}

// Whoever closes a run that is under way leaves a plant with no one at it.
static void leave_safe(lw_host *h) {
  lw_err e;
  if (h->line && !h->is_over && lw_line_store_error(h->line, &e) == 0)
    lw_scan_trip(lw_line_scan(h->line), LW_CAUSE_heartbeat, LW_LEVEL_stop);
}

static void let_go(lw_child *child) {
  if (!child)
    return;
  lw_child_disown(child);
  lw_child_kill(child, SIGKILL);
}

void lw_host_close(lw_host *h) {
  if (!h)
    return;
  h->is_ended = 1; // nothing is told from here on
  leave_safe(h);
  let_go(h->worker);
  let_go(h->twin);
  lw_loop_timer_drop(h->loop, h->look_timer);
  close_bell(h);
  lw_line_free(h->line);
  if (h->commit_fd >= 0) {
    lw_loop_unwatch(h->loop, h->commit_fd);
    close(h->commit_fd);
  }
  free(h);
}
