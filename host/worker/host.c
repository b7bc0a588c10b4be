#include "worker/host.h"

#include <errno.h>       // errno
#include <signal.h>      // SIGKILL
#include <stdio.h>       // snprintf
#include <stdlib.h>      // calloc, free
#include <string.h>      // strcmp, strerror
#include <sys/eventfd.h> // eventfd
#include <sys/socket.h>  // send
#include <unistd.h>      // close, read, write

#include "loop/clock.h" // lw_clock_real
#include "worker/host_private.h"

#define LOOK_EVERY (10 * LW_MS)
#define DRIVERS_PATIENCE (3 * LW_S) // for the first answer of every device
#define LOAD_PATIENCE (15 * LW_S)   // for a worker to load its recipe
#define STANDBY_AFTER (100 * LW_MS) // let a start have the processor first

// ------------------------------------------------------------------- ends ---

void lw_host_end(lw_host *h, lw_host_ending ending, const lw_err *e) {
  if (h->is_ended)
    return;
  h->is_ended = 1;
  h->config.on_end(h->config.arg, ending, e);
}

void lw_host_broken(lw_host *h, const lw_err *e) {
  lw_scan_trip(lw_line_scan(h->line), LW_CAUSE_driver, LW_LEVEL_stop);
  lw_host_end(h, LW_HOST_BROKEN, e);
}

// ------------------------------------------------------------------ bells ---

void lw_host_ring(lw_host *h) {
  if (!h->worker || h->worker->bell_fd < 0)
    return;
  // A full socket means that the worker has a ring waiting already.
  ssize_t n = send(h->worker->bell_fd, "c", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
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
  char text[200];
  lw_host_say_death(h, status, signo);
  snprintf(text, sizeof text, "{\"text\":\"%s\",\"deaths\":%d}", h->death,
           h->deaths);
  lw_line_record(h->line, LW_RECORD_alarm, "host/worker", text);
  lw_err e;
  if (lw_line_renew_desk(h->line, &e) < 0)
    lw_host_broken(h, &e);
  else if (h->deaths < LW_HOST_DEATHS_MAX)
    lw_host_spawn(h, /* is_resume */ 1);
}

void lw_host_worker_exit(lw_host *h, int status, int signo) {
  int has_loaded = atomic_load(&lw_line_desk(h->line)->ready) != 0;
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
  if (lw_line_command(h->line, command, who, argument) < 0)
    return;
  h->sent_n++;
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
    lw_child_kill(h->worker->child, SIGKILL);
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
  if (silent_ns > patience_ns && !is_finished(h)) {
    h->silent_ns = silent_ns;
    kill_worker(h);
  }
  if (!is_ready)
    return;
  int state = (int)atomic_load(&d->state);
  drive_start(h, state);
  if (now_ns - h->spawned_ns > STANDBY_AFTER)
    lw_host_standby(h);
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
    lw_host_broken(h, &e);
  } else if (is_good) {
    h->is_started = 1;
    lw_host_spawn(h, h->config.is_resume);
  } else if (now_ns - h->opened_ns > DRIVERS_PATIENCE) {
    lw_err e;
    lw_err_set(&e, LW_E_IO, "%s: %s", bad.name,
               *bad.text ? bad.text : "no answer");
    lw_host_broken(h, &e);
  }
}

static void on_look(void *arg);

static int look_again(lw_host *h, int64_t due_ns, lw_err *e) {
  h->look_timer = lw_loop_timer(h->loop, due_ns, on_look, h);
  return h->look_timer < 0
             ? lw_err_set(e, LW_E_NOMEM, "out of memory for a timer")
             : 0;
}

// The line has put its outputs to hold. A worker could keep nothing of what it
// does; the host stays, to be asked, and to open the journal again.
static void lose_journal(lw_host *h, const lw_err *e) {
  if (!h->is_started) {
    lw_host_end(h, LW_HOST_BROKEN, e);
    return;
  }
  if (h->has_no_journal)
    return;
  h->has_no_journal = 1;
  lw_host_let_go(h);
}

static void on_look(void *arg) {
  lw_host *h = arg;
  lw_err e;
  int64_t now_ns = lw_now_ns(lw_clock_real());
  h->look_timer = 0;
  if (h->is_ended)
    return;
  if (lw_line_store_error(h->line, &e) < 0) {
    lose_journal(h, &e);
  } else {
    lw_line_watch_history(h->line);
    lw_host_watch_clock(h);
  }
  if (h->has_no_journal || h->is_ended)
    ; // a person looks after it
  else if (!h->is_started)
    watch_drivers(h, now_ns);
  else if (h->worker)
    watch_worker(h, now_ns);
  if (!h->is_ended && look_again(h, now_ns + LOOK_EVERY, &e) < 0)
    lw_host_broken(h, &e);
}

// ------------------------------------------------------------- life cycle ---

lw_line *lw_host_line(lw_host *h) {
  return h->line;
}

int lw_host_open_line(lw_host *h, const lw_bundle *b, lw_line *previous,
                      lw_line **line, lw_err *e) {
  const lw_host_config *c = &h->config;
  lw_line_config config = {.plan = b->plan,
                           .plan_n = b->plan_n,
                           .store = c->store,
                           .run = c->run,
                           .seed = c->seed,
                           .previous = previous,
                           .on_commit = on_commit,
                           .arg = h};
  int rc = lw_line_new(line, &config, e);
  return rc < 0 ? rc : lw_line_start(*line, e);
}

// Worker and twin take the texts from the store, never from the disk.
int lw_host_keep(lw_host *h, const lw_bundle *b, lw_err *e) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < b->file_n; i++) {
    const lw_bundle_file *f = &b->files[i];
    rc = lw_store_bundle_put(h->config.store, b->run.bundle, f->role, f->path,
                             f->sha, f->text, f->n, e);
  }
  return rc;
}

static int start(lw_host *h, lw_err *e) {
  h->commit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (h->commit_fd < 0)
    return lw_err_set(e, LW_E_IO, "no event descriptor: %s", strerror(errno));
  int rc = lw_loop_watch(h->loop, h->commit_fd, on_commit_seen, h, e);
  if (rc == 0)
    rc = lw_host_keep(h, h->config.bundle, e);
  if (rc == 0)
    rc = lw_host_open_line(h, h->config.bundle, NULL, &h->line, e);
  if (rc == 0 && h->config.bundle->has_twin)
    rc = lw_host_spawn_twin(h, e);
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
  h->commit_fd = -1;
  h->reload.fd = -1;
  lw_host_spawn_init(h);
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

void lw_host_stop(lw_host *h) {
  if (h->is_stopped)
    return;
  h->is_stopped = 1;
  h->is_ended = 1; // nothing is told from here on
  leave_safe(h);
  lw_host_let_go(h);
  lw_host_let_go_twin(h);
  if (h->line)
    lw_line_stop(h->line);
}

void lw_host_close(lw_host *h) {
  if (!h)
    return;
  lw_host_stop(h);
  lw_host_reload_fini(h);
  lw_loop_timer_drop(h->loop, h->look_timer);
  lw_line_free(h->line);
  if (h->commit_fd >= 0) {
    lw_loop_unwatch(h->loop, h->commit_fd);
    close(h->commit_fd);
  }
  free(h);
}
