// Small lines for the tests of io/: a plan built tag by tag, polled on a clock
// that stands still until told to move.
#ifndef TESTS_IO_LINES_H
#define TESTS_IO_LINES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "io/io.h"
#include "loop/clock.h"

// What a test wants of a tag; zero means the default.
typedef struct tag_spec {
  const char *name, *address, *feedback;
  int driver; // index + 1
  int signal; // index + 1
  int type, word_order, access;
  double scale;
  int64_t poll_ns;
} tag_spec;

static inline uint32_t add_tag(lw_plan *p, const tag_spec *s) {
  int i = lw_plan_add_tag(p, s->name);
  assert_true(i >= 0);
  int address = lw_plan_add_text(p, s->address ? s->address : "");
  int feedback = lw_plan_add_text(p, s->feedback ? s->feedback : "");
  lw_plan_tag *t = &p->tags[i];
  t->address = (uint32_t)address;
  t->feedback = (uint32_t)feedback;
  t->driver = s->driver ? (uint32_t)s->driver - 1 : LW_NONE;
  t->signal = s->signal ? (uint32_t)s->signal - 1 : LW_NONE;
  t->type = s->type;
  t->word_order = s->word_order;
  t->access = s->access ? s->access : LW_READ;
  t->scale = s->scale != 0 ? s->scale : 1;
  t->poll_ns = s->poll_ns;
  return (uint32_t)i;
}

// A line without threads on a virtual clock.
typedef struct bench_line {
  lw_plan *plan;
  lw_clock_virtual clock;
  lw_sim *sim;
  lw_io *io;
} bench_line;

static inline void line_init(bench_line *l) {
  *l = (bench_line){.plan = lw_plan_new()};
  assert_non_null(l->plan);
  lw_clock_virtual_init(&l->clock, 0);
  l->clock.now_ns = LW_S;
}

// Signals are added to the plan before this.
static inline void line_twin(bench_line *l, uint64_t seed) {
  uint32_t n = l->plan->signal_n;
  l->sim = calloc(1, lw_sim_size(n));
  assert_non_null(l->sim);
  lw_sim_init(l->sim, n, seed);
}

static inline int line_open(bench_line *l, lw_err *e) {
  return lw_io_new(&l->io, l->plan, &l->clock.clock, l->sim, 0, e);
}

static inline void line_start(bench_line *l) {
  lw_err e = {0};
  if (line_open(l, &e) < 0)
    fail_msg("%s", e.text);
  assert_int_equal(lw_io_start(l->io, &e), 0);
}

// Let dt_ns pass, then poll once.
static inline void line_poll(bench_line *l, int64_t dt_ns) {
  l->clock.now_ns += dt_ns;
  lw_io_poll(l->io, l->clock.now_ns);
}

static inline void line_fini(bench_line *l) {
  lw_io_free(l->io);
  lw_plan_free(l->plan);
  free(l->sim);
}

static inline lw_reading read_tag(const bench_line *l, uint32_t tag) {
  lw_reading r;
  lw_io_read(l->io, tag, &r);
  return r;
}

static inline void assert_good(const bench_line *l, uint32_t tag,
                               double value) {
  lw_reading r = read_tag(l, tag);
  assert_int_equal(r.quality, LW_GOOD);
  assert_true(r.value == value);
}

#endif
