#include "worker/line.h"

#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc, free
#include <string.h> // memcpy

#include "base/hash.h" // lw_hash_sha256
#include "io/sim.h"    // lw_sim_init
#include "worker/line_private.h"

// ------------------------------------------------------------------ plant ---

static void plant_release(lw_plant *plant) {
  if (!plant || --plant->refs > 0)
    return;
  lw_region_close(&plant->sim);
  free(plant);
}

static int plant_new(lw_plant **out, const lw_plan *plan,
                     const lw_line_config *c, lw_err *e) {
  lw_plant *plant = calloc(1, sizeof *plant);
  if (!plant)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the plant");
  plant->refs = 1;
  plant->sim = LW_REGION_NONE;
  lw_clock_virtual_init(&plant->clock, c->wall0_ns);
  *out = plant;
  if (!plan->signal_n)
    return 0;
  int rc = lw_region_open(&plant->sim, c->inline_mode ? NULL : "linewright-sim",
                          lw_sim_size(plan->signal_n), 0, e);
  if (rc == 0)
    lw_sim_init(plant->sim.at, plan->signal_n, c->seed);
  return rc;
}

// The reboot of a line meets the same strip of terminals, or it is no reboot.
static int plant_share(lw_plant **out, const lw_plan *plan,
                       const lw_line_config *c, lw_err *e) {
  lw_line *previous = c->previous;
  if (previous->plan->signal_n != plan->signal_n)
    return lw_err_set(e, LW_E_SHAPE,
                      "the plant has %u signals, the line after the reboot %u",
                      previous->plan->signal_n, plan->signal_n);
  // The line that was cut takes no more records and says nothing more to its
  // devices; the wall clock went on alone.
  lw_line_detach(previous);
  lw_io_drop(previous->io);
  *out = previous->plant;
  (*out)->refs++;
  (*out)->clock.wall0_ns = c->wall0_ns;
  return 0;
}

// ---------------------------------------------------------------- records ---

// Called by the scan: must not block, so a full ring only counts.
static void take_scan_record(void *arg, const lw_record *r) {
  lw_line *l = arg;
  size_t n = lw_record_size(r);
  if (n > sizeof l->scan_scratch) {
    atomic_fetch_add(&l->scan_lost_n, 1);
    return;
  }
  lw_record_encode(r, l->scan_scratch);
  if (lw_ring_put(&l->sources[1].ring, l->scan_scratch, n) < 0)
    atomic_fetch_add(&l->scan_lost_n, 1);
}

static void on_store_commit(void *arg) {
  lw_line *l = arg;
  if (l->on_commit)
    l->on_commit(l->arg);
}

// A journal that takes nothing more must not leave the plant running.
static void on_store_stop(void *arg, const lw_err *e) {
  lw_line *l = arg;
  l->store_error = *e;
  atomic_store(&l->is_store_stopped, 1);
  lw_scan_trip(l->scan, LW_CAUSE_store, LW_LEVEL_hold);
  if (l->on_commit)
    l->on_commit(l->arg);
}

static int records_init(lw_line *l, const lw_line_config *c, lw_err *e) {
  l->scan_data = malloc(LW_LINE_SCAN_RING);
  l->scratch = malloc(LW_RING_MESSAGE_MAX);
  if (!l->scan_data || !l->scratch)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the record rings");
  l->sources[0] = (lw_store_source){lw_image_records(l->image.at, l->desk.at),
                                    &((lw_image *)l->image.at)->committed};
  lw_ring_init(&l->sources[1].ring, l->scan_data, LW_LINE_SCAN_RING,
               &l->scan_head, &l->scan_tail);
  lw_ring_init(&l->sources[2].ring, l->host_data, LW_LINE_HOST_RING,
               &l->host_head, &l->host_tail);
  l->store = c->store;
  l->store_config =
      (lw_store_config){.run = c->run,
                        .sources = l->sources,
                        .source_n = 3,
                        .state = &((lw_image *)l->image.at)->store_state,
                        .on_commit = on_store_commit,
                        .on_stop = on_store_stop,
                        .arg = l,
                        .thread = !l->is_inline};
  return 0;
}

int lw_line_attach(lw_line *l, lw_err *e) {
  if (!l->store || l->is_attached)
    return 0;
  int rc = lw_store_attach(l->store, &l->store_config, e);
  l->is_attached = rc == 0;
  return rc;
}

void lw_line_detach(lw_line *l) {
  if (l->is_attached)
    lw_store_detach(l->store);
  l->is_attached = 0;
}

void lw_line_lose(lw_line *l) {
  for (size_t i = 0; i < sizeof l->sources / sizeof *l->sources; i++) {
    const lw_ring *r = &l->sources[i].ring;
    atomic_store(r->tail, atomic_load(r->head));
  }
}

// Without a store a record counts as kept once it was taken.
static int drop_records(lw_line *l) {
  lw_record r;
  int n;
  for (int i = 1; i < 3; i++)
    while (lw_ring_get(&l->sources[i].ring, l->scratch, LW_RING_MESSAGE_MAX) >
           0)
      continue;
  while ((n = lw_ring_get(&l->sources[0].ring, l->scratch,
                          LW_RING_MESSAGE_MAX)) > 0) {
    int rc = lw_record_decode(&r, l->scratch, (size_t)n);
    if (rc < 0)
      return rc;
    atomic_store(l->sources[0].committed, r.seq);
  }
  return n == LW_E_AGAIN ? 0 : n;
}

int lw_line_pump(lw_line *l) {
  return l->store ? lw_store_pump(l->store) : drop_records(l);
}

static void drain(void *arg) {
  lw_line_pump(arg);
}

// --------------------------------------------------------------- assembly ---

static int regions_open(lw_line *l, const uint8_t digest[32], lw_err *e) {
  int rc = lw_region_open(&l->image, l->is_inline ? NULL : "linewright-image",
                          lw_image_size(l->plan), /* is_read_only */ 1, e);
  if (rc == 0)
    rc = lw_region_open(&l->desk, l->is_inline ? NULL : "linewright-desk",
                        lw_desk_size(l->plan), 0, e);
  if (rc < 0)
    return rc;
  lw_image_init(l->image.at, l->plan, digest);
  lw_desk_init(l->desk.at, l->plan);
  return 0;
}

static int parts_new(lw_line *l, lw_err *e) {
  int rc =
      lw_io_new(&l->io, l->plan, l->clock, lw_line_sim(l), !l->is_inline, e);
  if (rc < 0)
    return rc;
  lw_scan_config scan = {.plan = l->plan,
                         .image = l->image.at,
                         .desk = l->desk.at,
                         .io = l->io,
                         .clock = l->clock,
                         .record = take_scan_record,
                         .record_arg = l,
                         .watch_worker = !l->is_inline};
  return lw_scan_new(&l->scan, &scan, e);
}

// Inline parts run from the start: there are no threads to switch on.
static int inline_init(lw_line *l, lw_err *e) {
  l->port = (lw_port){.plan = l->plan,
                      .image = l->image.at,
                      .desk = l->desk.at,
                      .clock = l->clock,
                      .drain = drain,
                      .drain_arg = l};
  l->twin_due_ns = l->scan_due_ns = l->tick_due_ns = lw_now_ns(l->clock);
  int rc = lw_line_attach(l, e);
  if (rc < 0 || (rc = lw_io_start(l->io, e)) < 0)
    return rc;
  lw_line_record_history(l);
  return 0;
}

static int assemble(lw_line *l, const lw_line_config *c, lw_err *e) {
  uint8_t digest[LW_HASH_N];
  int rc = lw_plan_decode(&l->plan, c->plan, c->plan_n, e);
  if (rc < 0)
    return rc;
  lw_hash_sha256(c->plan, c->plan_n, digest);
  rc = c->previous ? plant_share(&l->plant, l->plan, c, e)
                   : plant_new(&l->plant, l->plan, c, e);
  if (rc < 0)
    return rc;
  l->clock = l->is_inline ? &l->plant->clock.clock : lw_clock_real();
  if ((rc = regions_open(l, digest, e)) < 0 ||
      (rc = records_init(l, c, e)) < 0 || (rc = parts_new(l, e)) < 0)
    return rc;
  return l->is_inline ? inline_init(l, e) : 0;
}

int lw_line_new(lw_line **out, const lw_line_config *c, lw_err *e) {
  *out = NULL;
  lw_line *l = calloc(1, sizeof *l);
  if (!l)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a line");
  l->is_inline = c->inline_mode;
  l->image = l->desk = LW_REGION_NONE;
  l->realtime.dma_fd = -1;
  if (c->previous) // it is over, and its history goes on with this one
    lw_line_end_history(c->previous);
  l->on_commit = c->on_commit;
  l->arg = c->arg;
  lw_heap_init(&l->timers);
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  // The scan must not wait behind a thread that the kernel prefers less.
  pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&l->scan_lock, &attr);
  pthread_mutexattr_destroy(&attr);
  int rc = assemble(l, c, e);
  if (rc < 0)
    lw_line_free(l);
  else
    *out = l;
  return rc;
}

void lw_line_free(lw_line *l) {
  if (!l)
    return;
  lw_line_stop(l);
  if (l->scan)
    lw_scan_free(l->scan);
  if (l->io)
    lw_io_free(l->io);
  lw_region_close(&l->image);
  lw_region_close(&l->desk);
  plant_release(l->plant);
  lw_heap_fini(&l->timers);
  pthread_mutex_destroy(&l->scan_lock);
  free(l->scan_data);
  free(l->scratch);
  lw_plan_free(l->plan);
  free(l);
}

// -------------------------------------------------------------- accessors ---

const lw_plan *lw_line_plan(const lw_line *l) {
  return l->plan;
}

lw_port *lw_line_port(lw_line *l) {
  return &l->port;
}

lw_image *lw_line_image(lw_line *l) {
  return l->image.at;
}

lw_desk *lw_line_desk(lw_line *l) {
  return l->desk.at;
}

lw_io *lw_line_io(lw_line *l) {
  return l->io;
}

lw_scan *lw_line_scan(lw_line *l) {
  return l->scan;
}

lw_sim *lw_line_sim(lw_line *l) {
  return l->plant->sim.at;
}

lw_clock *lw_line_clock(lw_line *l) {
  return l->clock;
}

int lw_line_image_fd(const lw_line *l) {
  return l->image.fd;
}

int lw_line_desk_fd(const lw_line *l) {
  return l->desk.fd;
}

int lw_line_sim_fd(const lw_line *l) {
  return l->plant->sim.fd;
}

const lw_latency *lw_line_latency(const lw_line *l) {
  return &l->latency;
}

const char *lw_line_realtime(const lw_line *l) {
  return l->realtime_text;
}

int lw_line_store_error(lw_line *l, lw_err *e) {
  if (!atomic_load(&l->is_store_stopped))
    return 0;
  return lw_err_set(e, l->store_error.code, "%s", l->store_error.text);
}

int lw_line_record(lw_line *l, int kind, const char *key, const char *data) {
  uint8_t buf[1024];
  lw_record r = {.t_ns = lw_now_ns(l->clock),
                 .wall_ns = l->clock->wall_ns(l->clock),
                 .kind = (uint8_t)kind,
                 .durable = 1,
                 .synced = (uint8_t)l->clock->is_synced(l->clock),
                 .key = key,
                 .key_n = strlen(key),
                 .data = data,
                 .data_n = strlen(data)};
  size_t n = lw_record_size(&r);
  if (n > sizeof buf)
    return LW_E_RANGE;
  lw_record_encode(&r, buf);
  int rc = lw_ring_put(&l->sources[2].ring, buf, n);
  if (rc == 0 && l->is_attached)
    lw_store_kick(l->store);
  return rc;
}

int lw_line_command(lw_line *l, const char *command, const char *who,
                    const char *argument) {
  char text[512];
  int n = snprintf(text, sizeof text, "%s\t%s\t%s", command, who, argument);
  if (n < 0 || (size_t)n >= sizeof text)
    return LW_E_RANGE;
  lw_ring ring = lw_image_commands(l->image.at, l->desk.at);
  return lw_ring_put(&ring, text, (size_t)n);
}
