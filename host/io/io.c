#include "io/io.h"

#include <errno.h>     // EINTR
#include <math.h>      // NAN
#include <pthread.h>   // pthread_create
#include <semaphore.h> // sem_clockwait
#include <signal.h>    // pthread_sigmask
#include <stdlib.h>    // calloc
#include <string.h>    // strcmp
#include <time.h>      // struct timespec

#include "base/str.h" // lw_str
#include "io/board.h"
#include "io/registry.h"
#include "io/runner.h"
#include "io/sim_driver.h" // lw_sim_driver_bind

#define CHECK_NS (100 * LW_MS)

// A driver and the thread that steps it.
typedef struct station {
  lw_runner runner;
  pthread_t thread;
  int has_thread;
  sem_t kick;            // an output is waiting
  _Atomic int is_kicked; // so that the semaphore never counts above one
  _Atomic int is_stopping;
} station;

struct lw_io {
  const lw_plan *plan; // borrowed, as clock and sim
  lw_clock *clock;
  lw_sim *sim;
  int threads;
  lw_board board;
  station *stations; // one per driver of the plan, then one for the twin
  uint32_t station_n;
  uint32_t *station_of; // [tag_n], LW_NONE = nothing feeds the tag
  int is_started;
};

// Which driver works for a tag: its own, the twin's, or none.
static uint32_t find_station(const lw_io *io, const lw_plan_tag *tag) {
  const char *address = lw_plan_text(io->plan, tag->address);
  if (tag->driver != LW_NONE && strcmp(address, "none"))
    return tag->driver;
  if (tag->signal != LW_NONE && io->sim)
    return io->plan->driver_n;
  return LW_NONE;
}

static void add_point(lw_runner *r, const lw_plan *plan, uint32_t tag,
                      uint32_t address, int access) {
  const lw_plan_tag *t = &plan->tags[tag];
  r->tag_of[r->point_n] = tag;
  r->points[r->point_n++] = (lw_point){.name = lw_plan_text(plan, t->name),
                                       .address = lw_plan_text(plan, address),
                                       .type = t->type,
                                       .word_order = t->word_order,
                                       .access = access,
                                       .poll_ns = t->poll_ns};
}

// A writable tag with a feedback is two points: one written, one read.
static void add_tag(lw_runner *r, const lw_plan *plan, uint32_t tag) {
  const lw_plan_tag *t = &plan->tags[tag];
  int has_feedback = *lw_plan_text(plan, t->feedback) != '\0';
  if (has_feedback)
    add_point(r, plan, tag, t->feedback, LW_READ);
  int access = has_feedback ? t->access & ~LW_READ : t->access;
  if (access)
    add_point(r, plan, tag, t->address, access);
}

static int add_points(lw_io *io, uint32_t k, lw_runner *r) {
  const lw_plan *plan = io->plan;
  const lw_plan_driver *d = k < plan->driver_n ? &plan->drivers[k] : NULL;
  uint32_t tag_n = 0, option_n = d ? d->option_n : 0;
  for (uint32_t i = 0; i < plan->tag_n; i++)
    tag_n += io->station_of[i] == k;
  if (lw_runner_alloc(r, option_n, 2 * tag_n) < 0)
    return LW_E_NOMEM;
  for (uint32_t i = 0; i < option_n; i++) {
    const lw_plan_option *o = &plan->options[d->option_first + i];
    r->options[r->option_n++] =
        (lw_option){lw_plan_text(plan, o->name), lw_plan_text(plan, o->value)};
  }
  for (uint32_t i = 0; i < plan->tag_n; i++)
    if (io->station_of[i] == k)
      add_tag(r, plan, i);
  return 0;
}

static int init_station(lw_io *io, uint32_t k, lw_err *e) {
  const lw_plan *plan = io->plan;
  lw_runner *r = &io->stations[k].runner;
  const char *kind = "sim";
  r->name = "twin";
  if (k < plan->driver_n) {
    kind = lw_plan_text(plan, plan->drivers[k].kind);
    r->name = lw_plan_text(plan, plan->drivers[k].name);
  }
  r->ops = lw_io_find(kind);
  if (!r->ops)
    return lw_err_set(e, LW_E_NOTFOUND, "%s: there is no driver '%s'", r->name,
                      kind);
  r->clock = io->clock;
  r->board = &io->board;
  if (add_points(io, k, r) < 0)
    return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", r->name);
  if (r->ops == &lw_sim_ops)
    lw_sim_driver_bind(r->self, io->sim, plan, r->tag_of);
  return lw_runner_init(r, plan->scan_ns, e);
}

static int init_stations(lw_io *io, lw_err *e) {
  // Without a twin's block there is no station for it.
  io->station_n = io->plan->driver_n;
  for (uint32_t i = 0; i < io->plan->tag_n; i++) {
    io->station_of[i] = find_station(io, &io->plan->tags[i]);
    if (io->station_of[i] != LW_NONE && io->station_of[i] >= io->station_n)
      io->station_n = io->station_of[i] + 1;
  }
  for (uint32_t k = 0; k < io->station_n; k++) {
    int rc = init_station(io, k, e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

int lw_io_new(lw_io **out, const lw_plan *plan, lw_clock *clock, lw_sim *sim,
              int threads, lw_err *e) {
  lw_io *io = calloc(1, sizeof *io);
  if (!io)
    return lw_err_set(e, LW_E_NOMEM, "drivers: out of memory");
  *io = (lw_io){.plan = plan, .clock = clock, .sim = sim, .threads = threads};
  io->stations = calloc(plan->driver_n + 1, sizeof *io->stations);
  io->station_of = calloc(plan->tag_n + 1, sizeof *io->station_of);
  int rc = 0;
  if (!io->stations || !io->station_of || lw_board_init(&io->board, plan) < 0)
    rc = lw_err_set(e, LW_E_NOMEM, "drivers: out of memory");
  for (uint32_t k = 0; rc == 0 && k <= plan->driver_n; k++)
    sem_init(&io->stations[k].kick, 0, 0);
  if (rc == 0)
    rc = init_stations(io, e);
  if (rc < 0) {
    lw_io_free(io);
    return rc;
  }
  *out = io;
  return 0;
}

void lw_io_free(lw_io *io) {
  if (!io)
    return;
  lw_io_stop(io);
  for (uint32_t k = 0; io->stations && k < io->station_n; k++)
    lw_runner_free(&io->stations[k].runner);
  for (uint32_t k = 0; io->stations && k <= io->plan->driver_n; k++)
    sem_destroy(&io->stations[k].kick);
  lw_board_fini(&io->board);
  free(io->station_of);
  free(io->stations);
  free(io);
}

// Sleep until t_ns or until an output arrives. lw_clock counts the same
// CLOCK_MONOTONIC that the semaphore waits by.
static void wait_kick(station *s, int64_t t_ns) {
  struct timespec t = {.tv_sec = t_ns / LW_S, .tv_nsec = t_ns % LW_S};
  while (sem_clockwait(&s->kick, CLOCK_MONOTONIC, &t) < 0 && errno == EINTR)
    ;
  atomic_store(&s->is_kicked, 0);
}

static void kick(station *s) {
  if (!atomic_exchange(&s->is_kicked, 1))
    sem_post(&s->kick);
}

// A device that never was there has kept nothing of ours.
static int was_there(const lw_runner *r) {
  return atomic_load(&r->reads_done) || atomic_load(&r->writes_done);
}

// One lost answer must not leave a machine on, and outputs that their device
// has taken and does not show may only be late.
static void close_station(station *s) {
  lw_runner *r = &s->runner;
  int64_t start_ns = lw_now_ns(r->clock), now_ns = start_ns;
  for (;;) {
    lw_runner_flush(r, now_ns);
    int is_pending = lw_runner_pending(r) && was_there(r) &&
                     now_ns - start_ns < LW_IO_TELL_NS;
    if (!is_pending &&
        !(lw_runner_check(r, now_ns) && now_ns - start_ns < LW_IO_END_NS))
      break;
    wait_kick(s, now_ns + CHECK_NS);
    now_ns = lw_now_ns(r->clock);
  }
  lw_runner_close(r);
}

static void *run_station(void *arg) {
  station *s = arg;
  lw_clock *clock = s->runner.clock;
  while (!atomic_load(&s->is_stopping))
    wait_kick(s, lw_runner_step(&s->runner, lw_now_ns(clock)));
  close_station(s);
  return NULL;
}

// Signals are the main thread's business; a driver in the middle of a call to
// its device must not be interrupted by them.
static int start_thread(station *s) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = pthread_create(&s->thread, NULL, run_station, s);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (rc == 0)
    pthread_setname_np(s->thread, "lw-driver");
  s->has_thread = rc == 0;
  return rc;
}

int lw_io_start(lw_io *io, lw_err *e) {
  if (io->is_started)
    return lw_err_set(e, LW_E_STATE, "drivers: started already");
  io->is_started = 1;
  for (uint32_t k = 0; io->threads && k < io->station_n; k++) {
    atomic_store(&io->stations[k].is_stopping, 0);
    int rc = start_thread(&io->stations[k]);
    if (rc != 0) {
      lw_io_stop(io);
      return lw_err_set(e, LW_E_IO, "drivers: no thread: %s", strerror(rc));
    }
  }
  return 0;
}

void lw_io_stop(lw_io *io) {
  if (!io->is_started)
    return;
  io->is_started = 0;
  for (uint32_t k = 0; k < io->station_n; k++) {
    station *s = &io->stations[k];
    if (!io->threads) {
      lw_runner_flush(&s->runner, lw_now_ns(io->clock));
      lw_runner_drop(&s->runner);
    }
    atomic_store(&s->is_stopping, 1);
    kick(s);
  }
  for (uint32_t k = 0; k < io->station_n; k++)
    if (io->stations[k].has_thread) {
      pthread_join(io->stations[k].thread, NULL);
      io->stations[k].has_thread = 0;
    }
}

void lw_io_drop(lw_io *io) {
  if (!io->is_started || io->threads)
    return;
  io->is_started = 0;
  for (uint32_t k = 0; k < io->station_n; k++)
    lw_runner_drop(&io->stations[k].runner);
}

void lw_io_poll(lw_io *io, int64_t now_ns) {
  if (!io->is_started || io->threads)
    return;
  for (uint32_t k = 0; k < io->station_n; k++)
    lw_runner_step(&io->stations[k].runner, now_ns);
}

void lw_io_read(const lw_io *io, uint32_t tag, lw_reading *raw) {
  *raw = (lw_reading){.value = NAN, .quality = LW_BAD};
  if (tag < io->board.tag_n)
    lw_cell_read(&io->board.raw[tag], raw);
}

static void hand_over(lw_io *io, uint32_t tag, double raw, int is_step) {
  if (tag >= io->board.tag_n || io->station_of[tag] == LW_NONE)
    return;
  lw_output_put(&io->board.out[tag], raw, is_step);
  if (io->threads)
    kick(&io->stations[io->station_of[tag]]);
}

void lw_io_write(lw_io *io, uint32_t tag, double raw) {
  hand_over(io, tag, raw, 0);
}

void lw_io_ramp(lw_io *io, uint32_t tag, double raw) {
  hand_over(io, tag, raw, 1);
}

uint32_t lw_io_pending(const lw_io *io) {
  uint32_t n = 0;
  for (uint32_t k = 0; k < io->station_n; k++)
    n += lw_runner_pending(&io->stations[k].runner);
  return n;
}

uint32_t lw_io_undone(const lw_io *io, char *buf, size_t n) {
  enum { NAMED = 3 };
  uint32_t found = 0;
  lw_io_status why = {.text = ""};
  lw_str s;
  lw_str_init(&s, buf, n);
  for (uint32_t tag = 0; tag < io->board.tag_n; tag++) {
    double value;
    uint32_t count, at = io->station_of[tag];
    if (at == LW_NONE || !was_there(&io->stations[at].runner) ||
        !lw_output_get(&io->board.out[tag], &value, &count))
      continue;
    if (found++ < NAMED)
      lw_str_add(&s, "%s%s", found > 1 ? ", " : "",
                 lw_plan_text(io->plan, io->plan->tags[tag].name));
    lw_runner_status(&io->stations[at].runner, &why);
  }
  if (found > NAMED)
    lw_str_add(&s, " and %u more", found - NAMED);
  if (*why.text)
    lw_str_add(&s, ": %s", why.text);
  return found;
}

void lw_io_text(const lw_io *io, uint32_t tag, char *buf) {
  *buf = '\0';
  if (tag < io->board.tag_n && io->board.texts[tag])
    lw_note_read(io->board.texts[tag], buf, LW_TEXT_SIZE);
}

void lw_io_alive(lw_io *io) {
  for (uint32_t k = 0; k < io->station_n; k++)
    atomic_fetch_add(&io->stations[k].runner.alive, 1);
}

uint32_t lw_io_lost(const lw_io *io, int64_t now_ns) {
  for (uint32_t k = 0; k < io->station_n; k++) {
    const lw_runner *r = &io->stations[k].runner;
    int64_t lost_ns = atomic_load(&r->lost_ns);
    if (r->write_n && lost_ns && now_ns - lost_ns >= LW_IO_LOST_NS)
      return r->writes[0].tag;
  }
  return LW_NONE;
}

uint32_t lw_io_forgotten(lw_io *io) {
  for (uint32_t k = 0; k < io->station_n; k++) {
    uint32_t found = atomic_exchange(&io->stations[k].runner.forgotten, 0);
    if (found)
      return found - 1;
  }
  return LW_NONE;
}

uint32_t lw_io_changed(lw_io *io) {
  for (uint32_t k = 0; k < io->station_n; k++) {
    lw_runner *r = &io->stations[k].runner;
    for (uint32_t i = 0; i < r->write_n; i++)
      if (atomic_load(&r->writes[i].is_changed)) {
        atomic_store(&r->writes[i].is_changed, 0);
        return r->writes[i].tag;
      }
  }
  return LW_NONE;
}

int lw_io_is_beside(const lw_io *io, uint32_t tag, uint32_t that) {
  return io->station_of[tag] == io->station_of[that];
}

uint32_t lw_io_driver_n(const lw_io *io) {
  return io->station_n;
}

void lw_io_status_read(const lw_io *io, uint32_t driver, lw_io_status *out) {
  *out = (lw_io_status){.name = ""};
  if (driver < io->station_n)
    lw_runner_status(&io->stations[driver].runner, out);
}
