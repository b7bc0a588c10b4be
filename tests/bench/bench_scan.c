// What a scan costs: 256 readings with three filters each, and a small line of
// 12 tags; every fourth tag is an output. The strip is simulated, and reading
// it is not part of the figures. "All set" is the worst case: every output
// changes and is recorded on each scan.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "image/port.h"
#include "io/io.h"
#include "loop/clock.h"
#include "scan/scan.h"

enum { SCANS = 4000 };

typedef struct {
  lw_plan *plan;
  lw_clock_virtual clock;
  lw_sim *sim;
  lw_io *io;
  lw_image *image;
  lw_desk *desk;
  lw_scan *scan;
  uint64_t recorded_n; // bytes
} bench;

static void check(int rc, const lw_err *e) {
  if (rc >= 0)
    return;
  fprintf(stderr, "bench_scan: %s\n", e->text);
  exit(1);
}

static void count_record(void *arg, const lw_record *r) {
  *(uint64_t *)arg += lw_record_size(r);
}

static void add_filters(lw_plan *p, uint32_t tag) {
  const double hampel[] = {7, 3}, lowpass[] = {2, 4}, ewma[] = {0.5};
  lw_plan_add_filter(p, tag, "hampel", hampel, 2);
  lw_plan_add_filter(p, tag, "lowpass", lowpass, 2);
  lw_plan_add_filter(p, tag, "ewma", ewma, 1);
}

// Every fourth tag can be set; every reading has an interlock.
static lw_plan *make_plan(uint32_t tag_n, int has_filters) {
  lw_plan *p = lw_plan_new();
  lw_plan_add_driver(p, "sim", "sim");
  for (uint32_t i = 0; i < tag_n; i++) {
    char name[16];
    snprintf(name, sizeof name, "tag%u", i);
    lw_plan_add_signal(p, name, "1");
    lw_plan_add_tag(p, name);
    lw_plan_tag *t = &p->tags[i];
    t->driver = 0;
    t->address = t->name;
    if (has_filters)
      add_filters(p, i);
    if (i % 4 == 3) {
      t->access = LW_READ | LW_WRITE;
      t->lo = 0;
      t->hi = 100;
    } else {
      lw_plan_add_rule(p, &(lw_plan_rule){.kind = LW_RULE_INTERLOCK,
                                          .tag = i,
                                          .op = LW_OP_ABOVE,
                                          .limit = 1e6,
                                          .level = LW_LEVEL_abort,
                                          .need_tag = LW_NONE});
    }
  }
  return p;
}

static void bench_init(bench *b, uint32_t tag_n, int has_filters) {
  static const uint8_t digest[32];
  lw_err e;
  *b = (bench){0};
  b->plan = make_plan(tag_n, has_filters);
  check(lw_plan_check(b->plan, &e), &e);
  lw_clock_virtual_init(&b->clock, 0);
  b->sim = calloc(1, lw_sim_size(tag_n));
  lw_sim_init(b->sim, tag_n, 1);
  for (uint32_t i = 0; i < tag_n; i++)
    lw_sim_set(b->sim, i, i);
  check(lw_io_new(&b->io, b->plan, &b->clock.clock, b->sim, 0, &e), &e);
  check(lw_io_start(b->io, &e), &e);
  b->image = calloc(1, lw_image_size(b->plan));
  b->desk = calloc(1, lw_desk_size(b->plan));
  lw_image_init(b->image, b->plan, digest);
  lw_desk_init(b->desk, b->plan);
  const lw_scan_config c = {.plan = b->plan,
                            .image = b->image,
                            .desk = b->desk,
                            .io = b->io,
                            .clock = &b->clock.clock,
                            .record = count_record,
                            .record_arg = &b->recorded_n};
  check(lw_scan_new(&b->scan, &c, &e), &e);
}

static void bench_fini(bench *b) {
  lw_scan_free(b->scan);
  lw_io_stop(b->io);
  lw_io_free(b->io);
  free(b->image);
  free(b->desk);
  free(b->sim);
  lw_plan_free(b->plan);
}

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void run(const char *title, uint32_t tag_n, int has_filters,
                int is_all_set) {
  static int64_t took_ns[SCANS];
  lw_clock *real = lw_clock_real();
  bench b;
  bench_init(&b, tag_n, has_filters);
  lw_port port = {.plan = b.plan,
                  .image = b.image,
                  .desk = b.desk,
                  .clock = &b.clock.clock};
  lw_port_level(&port, LW_LEVEL_none);
  for (int i = 0; i < SCANS; i++) {
    for (uint32_t k = 3; is_all_set && k < tag_n; k += 4)
      lw_port_request(&port, k, i % 100);
    lw_io_poll(b.io, b.clock.now_ns);
    int64_t begin_ns = lw_now_ns(real);
    lw_scan_step(b.scan, b.clock.now_ns);
    took_ns[i] = lw_now_ns(real) - begin_ns;
    b.clock.now_ns += b.plan->scan_ns;
  }
  qsort(took_ns, SCANS, sizeof *took_ns, by_size);
  printf(
      "%-34s median %7.1f us  p99 %7.1f us  max %7.1f us  per tag %5.0f ns\n",
      title, (double)took_ns[SCANS / 2] / 1e3,
      (double)took_ns[SCANS * 99 / 100] / 1e3, (double)took_ns[SCANS - 1] / 1e3,
      (double)took_ns[SCANS / 2] / tag_n);
  bench_fini(&b);
}

int main(void) {
  run("256 tags, 3 filters each", 256, 1, 0);
  run("256 tags, 3 filters each, all set", 256, 1, 1);
  run("256 tags", 256, 0, 0);
  run("256 tags, all set", 256, 0, 1);
  run("12 tags, 3 filters each", 12, 1, 0);
  run("12 tags", 12, 0, 0);
  run("12 tags, all set", 12, 0, 1);
  return 0;
}
