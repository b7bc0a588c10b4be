// A small line for tests: a pump with safe values and a temperature, both on
// the simulated plant.
#ifndef LW_TESTS_BENCH_LINE_H
#define LW_TESTS_BENCH_LINE_H

#include <math.h>
#include <stdint.h>

#include "image/plan.h"

enum { PUMP, TEMP }; // tags, and signals likewise

static inline void bench_tag(lw_plan *p, int i, const char *address, int access,
                             int signal) {
  lw_plan_tag *t = &p->tags[i];
  t->driver = 0;
  t->address = (uint32_t)lw_plan_add_text(p, address);
  t->unit = t->process_unit = (uint32_t)lw_plan_add_text(p, "1");
  t->access = access;
  t->signal = (uint32_t)signal;
  t->lo = 0;
  t->hi = 100;
}

// Encoded; to free(). NULL when the plan is not sound.
static inline uint8_t *bench_plan(size_t *n, int64_t scan_ns, int64_t tick_ns) {
  lw_plan *p = lw_plan_new();
  uint8_t *bytes = NULL;
  p->line = (uint32_t)lw_plan_add_text(p, "bench line");
  p->profile = (uint32_t)lw_plan_add_text(p, "bench.lua");
  p->revision = p->api = 1;
  p->scan_ns = scan_ns;
  p->tick_ns = tick_ns;
  p->heartbeat_ns = 3 * tick_ns;
  lw_plan_add_driver(p, "sim", "sim (bench.lua:1)");
  int pump_q = lw_plan_add_signal(p, "pump.q", "1");
  int oven_t = lw_plan_add_signal(p, "oven.t", "1");
  lw_plan_add_tag(p, "die.flow");
  lw_plan_add_tag(p, "oven.temp");
  bench_tag(p, PUMP, "pump.q", LW_READ | LW_WRITE, pump_q);
  bench_tag(p, TEMP, "oven.t", LW_READ, oven_t);
  lw_plan_tag *pump = &p->tags[PUMP];
  for (int level = 0; level < LW_LEVEL_N; level++)
    pump->safe[level] = NAN;
  pump->safe[LW_LEVEL_hold] = 7;
  pump->safe[LW_LEVEL_stop] = 0;
  pump->safe[LW_LEVEL_abort] = 0;
  if (lw_plan_check(p, NULL) == 0)
    lw_plan_encode(p, &bytes, n);
  lw_plan_free(p);
  return bytes;
}

#endif
