// A scan on a virtual clock over a simulated terminal strip, for tests: the
// sample plan with one signal per tag, a worker's port, and the records kept.
#ifndef LW_TESTS_SCAN_RIG_H
#define LW_TESTS_SCAN_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "c/image/plans.h"
#include "image/port.h"
#include "io/io.h"
#include "io/sim.h"
#include "loop/clock.h"
#include "scan/scan.h"

typedef struct {
  lw_plan *plan;
  lw_clock_virtual clock;
  lw_sim *sim;
  lw_io *io;
  lw_port port;
  lw_scan *scan;
  char records[65536]; // "trip oven.temp {...}\n" and so on
  size_t record_n;
} rig;

static void rig_record(void *arg, const lw_record *r) {
  rig *g = arg;
  g->record_n += (size_t)snprintf(
      g->records + g->record_n, sizeof g->records - g->record_n,
      "%s %.*s %.*s\n", lw_record_kind_name(r->kind), (int)r->key_n, r->key,
      (int)r->data_n, r->data);
}

// The sample plan, every number tag fed by a signal of its own name.
static inline lw_plan *rig_plan(void) {
  lw_plan *p = plan_sample();
  const char *names[] = {"oven.temp", "die.flow", "web.speed", "die.lips"};
  for (int i = 0; i < 4; i++) {
    int signal = lw_plan_add_signal(p, names[i], "1");
    p->tags[i].signal = (uint32_t)signal;
  }
  p->tags[PLAN_LABEL].driver = LW_NONE;
  return p;
}

// One output and one reading, no more: tag 0 is the output, rule 0 its permit.
enum { SMALL_VALVE, SMALL_PRESSURE };
static inline lw_plan *rig_small_plan(void) {
  lw_plan *p = lw_plan_new();
  lw_plan_add_driver(p, "sim", "sim");
  const char *names[] = {"valve", "pressure"};
  for (uint32_t i = 0; i < 2; i++) {
    lw_plan_add_tag(p, names[i]);
    lw_plan_add_signal(p, names[i], "1");
    p->tags[i].driver = 0;
    p->tags[i].signal = i;
    p->tags[i].address = p->tags[i].name;
  }
  lw_plan_tag *valve = &p->tags[SMALL_VALVE];
  valve->access = LW_READ | LW_WRITE;
  valve->lo = 0;
  valve->hi = 10;
  valve->safe[LW_LEVEL_suspend] = 3;
  valve->safe[LW_LEVEL_hold] = 2;
  valve->safe[LW_LEVEL_stop] = 1;
  valve->safe[LW_LEVEL_abort] = 0;
  const lw_plan_rule permit = {.kind = LW_RULE_PERMIT,
                               .tag = SMALL_VALVE,
                               .op = LW_OP_ABOVE,
                               .level = LW_LEVEL_hold,
                               .limit = 5,
                               .need_tag = SMALL_PRESSURE,
                               .need_op = LW_OP_BELOW,
                               .need_limit = 4};
  lw_plan_add_rule(p, &permit);
  return p;
}

// Takes the plan. Twin at rest: 25 degC, all else 0.
static inline void rig_init(rig *g, lw_plan *plan, int watch_worker) {
  static const uint8_t digest[32];
  *g = (rig){.plan = plan};
  lw_clock_virtual_init(&g->clock, 0);
  g->sim = calloc(1, lw_sim_size(plan->signal_n));
  lw_sim_init(g->sim, plan->signal_n, 1);
  for (uint32_t i = 0; i < plan->signal_n; i++)
    lw_sim_set(g->sim, i,
               plan->tag_n == PLAN_TAG_N && i == plan->tags[PLAN_TEMP].signal
                   ? 25
                   : 0);
  lw_err e;
  if (lw_io_new(&g->io, plan, &g->clock.clock, g->sim, 0, &e) < 0 ||
      lw_io_start(g->io, &e) < 0)
    abort();
  g->port = (lw_port){.plan = plan,
                      .image = calloc(1, lw_image_size(plan)),
                      .desk = calloc(1, lw_desk_size(plan)),
                      .clock = &g->clock.clock};
  lw_image_init(g->port.image, plan, digest);
  lw_desk_init(g->port.desk, plan);
  const lw_scan_config c = {.plan = plan,
                            .image = g->port.image,
                            .desk = g->port.desk,
                            .io = g->io,
                            .clock = &g->clock.clock,
                            .record = rig_record,
                            .record_arg = g,
                            .watch_worker = watch_worker};
  if (lw_scan_new(&g->scan, &c, &e) != 0)
    abort();
}

static inline void rig_fini(rig *g) {
  lw_scan_free(g->scan);
  lw_io_stop(g->io);
  lw_io_free(g->io);
  free(g->sim);
  free(g->port.image);
  free(g->port.desk);
  lw_plan_free(g->plan);
}

// One scan, as inline mode does it, then time moves on by `step_ns`.
static inline void rig_scan_by(rig *g, int64_t step_ns) {
  lw_io_poll(g->io, g->clock.now_ns);
  lw_scan_step(g->scan, g->clock.now_ns);
  lw_io_poll(g->io, g->clock.now_ns);
  g->clock.now_ns += step_ns;
}

static inline void rig_scan(rig *g, int n) {
  for (int i = 0; i < n; i++)
    rig_scan_by(g, g->plan->scan_ns);
}

static inline void rig_signal(rig *g, uint32_t tag, double value) {
  lw_sim_set(g->sim, g->plan->tags[tag].signal, value);
}

static inline void rig_fault(rig *g, uint32_t tag, int fault) {
  lw_sim_fault(g->sim, g->plan->tags[tag].signal, fault, 0);
}

// What the twin sees on an output [twin unit = tag unit].
static inline double rig_output(const rig *g, uint32_t tag) {
  return lw_sim_get(g->sim, g->plan->tags[tag].signal);
}

static inline int rig_told(const rig *g, const char *text) {
  return strstr(g->records, text) != NULL;
}

static inline void rig_forget(rig *g) {
  g->record_n = 0;
  g->records[0] = 0;
}

// The worker opens an epoch and the scan puts it on the outputs.
static inline void rig_level(rig *g, int level) {
  lw_port_level(&g->port, level);
  rig_scan(g, 1);
}

static inline lw_trip rig_trip(const rig *g) {
  lw_trip t;
  lw_port_trip(&g->port, &t);
  return t;
}

// What the runtime does with a trip: the level, then the acknowledgement.
static inline void rig_obey(rig *g, int level) {
  lw_port_level(&g->port, level);
  lw_port_trip_ack(&g->port, rig_trip(g).seq);
  rig_scan(g, 1);
}

#endif
