// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_line.h"
#include "loop/clock.h"
#include "worker/attach.h"
#include "worker/line.h"

static lw_line *new_line(const lw_line_config *wish, int64_t scan_ns,
                         int64_t tick_ns) {
  lw_line_config c = *wish;
  lw_line *l;
  lw_err e = {0};
  size_t n;
  uint8_t *plan = bench_plan(&n, scan_ns, tick_ns);
  c.plan = plan;
  c.plan_n = n;
  if (lw_line_new(&l, &c, &e) < 0)
    fail_msg("line: %s", e.text);
  free(plan);
  return l;
}

static lw_line *new_inline(int64_t scan_ns, int64_t tick_ns) {
  const lw_line_config c = {.inline_mode = 1, .seed = 1, .wall0_ns = 5 * LW_S};
  return new_line(&c, scan_ns, tick_ns);
}

// Step until limit and write what happened: t twin, k tick, digits timers.
static void run(lw_line *l, int64_t limit_ns, char *trace) {
  uint64_t id = 0;
  for (;;) {
    int what = lw_line_step(l, limit_ns, &id);
    if (what == LW_STEP_LIMIT)
      break;
    *trace++ = what == LW_STEP_TWIN   ? 't'
               : what == LW_STEP_TICK ? 'k'
                                      : (char)('0' + id);
  }
  *trace = 0;
}

// ----------------------------------------------------------------- inline ---

static void steps_twin_then_timers_then_tick_at_one_instant(void **state) {
  (void)state;
  lw_line *l = new_inline(10 * LW_MS, 100 * LW_MS);
  char trace[64];
  assert_int_equal(lw_line_timer(l, 100 * LW_MS, 2), 0);
  assert_int_equal(lw_line_timer(l, 100 * LW_MS, 1), 0);
  assert_int_equal(lw_line_timer(l, 50 * LW_MS, 3), 0);
  run(l, 100 * LW_MS, trace);
  assert_string_equal(trace, "tk3t21k");
  assert_int_equal(lw_now_ns(lw_line_clock(l)), 100 * LW_MS);
  // Scans at 0, 10, ... 100 ms.
  assert_int_equal(atomic_load(&lw_line_image(l)->scan_n), 11);
  run(l, 105 * LW_MS, trace);
  assert_string_equal(trace, "");
  assert_int_equal(lw_now_ns(lw_line_clock(l)), 105 * LW_MS);
  lw_line_free(l);
}

static void a_request_reaches_the_twin_with_the_next_scan(void **state) {
  (void)state;
  lw_line *l = new_inline(10 * LW_MS, 100 * LW_MS);
  lw_port *port = lw_line_port(l);
  char trace[64];
  lw_sim_set(lw_line_sim(l), TEMP, 33);
  run(l, 0, trace);
  lw_port_level(port, LW_LEVEL_none);
  run(l, 10 * LW_MS, trace);
  assert_true(lw_port_applied(port));
  assert_int_equal(lw_port_request(port, PUMP, 42), 0);
  run(l, 20 * LW_MS, trace);
  assert_true(lw_sim_get(lw_line_sim(l), PUMP) == 42);
  lw_reading r;
  lw_port_read(port, TEMP, &r);
  assert_true(r.value == 33 && r.quality == LW_GOOD);
  lw_port_level(port, LW_LEVEL_hold);
  run(l, 30 * LW_MS, trace);
  assert_true(lw_sim_get(lw_line_sim(l), PUMP) == 7);
  lw_line_free(l);
}

static void a_reboot_keeps_time_and_plant_whoever_is_freed_first(void **state) {
  (void)state;
  char trace[64];
  for (int order = 0; order < 2; order++) {
    lw_line *before = new_inline(10 * LW_MS, 100 * LW_MS);
    lw_sim_set(lw_line_sim(before), TEMP, 55);
    run(before, 250 * LW_MS, trace);
    const lw_line_config c = {.inline_mode = 1, .previous = before};
    lw_line *after = new_line(&c, 10 * LW_MS, 100 * LW_MS);
    assert_int_equal(lw_now_ns(lw_line_clock(after)), 250 * LW_MS);
    assert_true(lw_sim_get(lw_line_sim(after), TEMP) == 55);
    if (order)
      lw_line_free(before);
    run(after, 250 * LW_MS, trace);
    assert_string_equal(trace, "tk");
    if (!order)
      lw_line_free(before);
    assert_true(lw_sim_get(lw_line_sim(after), TEMP) == 55);
    lw_line_free(after);
  }
}

static void records_without_a_store_count_as_kept(void **state) {
  (void)state;
  lw_line *l = new_inline(10 * LW_MS, 100 * LW_MS);
  lw_record r = {.kind = LW_RECORD_note, .key = "k", .key_n = 1};
  int64_t seq = lw_port_emit(lw_line_port(l), &r);
  assert_int_equal(seq, 1);
  assert_int_equal(lw_port_committed(lw_line_port(l)), 0);
  assert_int_equal(lw_line_pump(l), 0);
  assert_int_equal(lw_port_committed(lw_line_port(l)), 1);
  lw_line_free(l);
}

static int count_record(void *arg, int64_t id, const lw_record *r) {
  (void)id;
  int *counts = arg;
  counts[r->kind]++;
  return 0;
}

static void records_of_worker_and_scan_reach_the_store(void **state) {
  (void)state;
  lw_store *store;
  lw_clock_virtual clock;
  lw_clock_virtual_init(&clock, 0);
  lw_run_info info = {.recipe = "r", .line = "l"};
  assert_int_equal(
      lw_store_open(&store, ":memory:", LW_STORE_WRITE, &clock.clock, NULL), 0);
  assert_int_equal(lw_store_run_begin(store, &info, NULL), 0);
  const lw_line_config c = {
      .inline_mode = 1, .store = store, .run = info.id, .seed = 1};
  lw_line *l = new_line(&c, 10 * LW_MS, 100 * LW_MS);
  char trace[64];
  lw_record r = {.kind = LW_RECORD_note, .durable = 1, .key = "k", .key_n = 1};
  assert_int_equal(lw_port_emit(lw_line_port(l), &r), 1);
  lw_port_level(lw_line_port(l), LW_LEVEL_none);
  run(l, 10 * LW_MS, trace);
  lw_port_request(lw_line_port(l), PUMP, 42);
  run(l, 20 * LW_MS, trace);
  assert_int_equal(lw_line_pump(l), 0);
  assert_int_equal(lw_port_committed(lw_line_port(l)), 1);
  int counts[LW_RECORD_N] = {0};
  assert_int_equal(lw_store_read(store, info.id, count_record, counts, NULL),
                   0);
  assert_int_equal(counts[LW_RECORD_note], 1);
  assert_int_equal(counts[LW_RECORD_out], 1);
  lw_line_free(l);
  lw_store_close(store);
}

static void a_damaged_plan_is_refused(void **state) {
  (void)state;
  size_t n;
  uint8_t *plan = bench_plan(&n, 10 * LW_MS, 100 * LW_MS);
  lw_line *l;
  lw_err e = {0};
  lw_line_config c = {.plan = plan, .plan_n = n / 2, .inline_mode = 1};
  assert_true(lw_line_new(&l, &c, &e) < 0);
  assert_null(l);
  assert_true(strlen(e.text) > 0);
  free(plan);
}

// ---------------------------------------------------------------- process ---

// Wait, without an opinion on how fast the machine is, until cond holds.
#define EVENTUALLY(cond)                                                       \
  do {                                                                         \
    int tries = 0;                                                             \
    while (!(cond) && tries++ < 5000)                                          \
      usleep(1000);                                                            \
    assert_true(cond);                                                         \
  } while (0)

typedef struct ticker {
  lw_port *port;
  int ticks, limit;
} ticker;

static int tick(void *arg, int64_t now_ns) {
  ticker *t = arg;
  (void)now_ns;
  t->ticks++;
  if (t->ticks == 1)
    lw_port_level(t->port, LW_LEVEL_none);
  else if (lw_port_applied(t->port))
    lw_port_request(t->port, PUMP, 42);
  return t->ticks >= t->limit;
}

static int bell(void *arg) {
  (void)arg;
  return 0;
}

// A worker in this very process, over descriptors of its own.
static lw_worker *attach(lw_line *l, int bell_fd, int64_t tick_ns) {
  size_t n;
  lw_err e = {0};
  lw_worker *w;
  uint8_t *plan = bench_plan(&n, 2 * LW_MS, tick_ns);
  lw_worker_config c = {.image_fd = dup(lw_line_image_fd(l)),
                        .desk_fd = dup(lw_line_desk_fd(l)),
                        .bell_fd = bell_fd,
                        .plan = plan,
                        .plan_n = n};
  if (lw_worker_open(&w, &c, &e) < 0) {
    print_message("%s\n", e.text);
    w = NULL;
    close(c.image_fd);
    close(c.desk_fd);
  }
  free(plan);
  return w;
}

static void
a_silent_worker_costs_a_hold_and_the_next_one_goes_on(void **state) {
  (void)state;
  const lw_line_config c = {.seed = 1};
  lw_line *l = new_line(&c, 2 * LW_MS, 10 * LW_MS);
  lw_sim *sim = lw_line_sim(l);
  assert_int_equal(lw_line_start(l, NULL), 0);
  assert_true(strlen(lw_line_realtime(l)) > 0);
  for (int life = 0; life < 2; life++) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    lw_worker *w = attach(l, ends[1], 10 * LW_MS);
    assert_non_null(w);
    ticker t = {.port = lw_worker_port(w), .limit = 30};
    lw_trip trip;
    if (life == 1) { // the trip of the first life is still to be taken note of
      assert_true(lw_port_trip(t.port, &trip));
      assert_int_equal(trip.cause, LW_CAUSE_heartbeat);
      lw_port_trip_ack(t.port, trip.seq);
    }
    const lw_worker_calls calls = {tick, bell, &t};
    assert_int_equal(lw_worker_run(w, &calls), 1);
    assert_int_equal(t.ticks, 30);
    // Nobody beats any more: the scan itself puts the hold value out.
    EVENTUALLY(lw_sim_get(sim, PUMP) == 7);
    EVENTUALLY(lw_trip_unpack(atomic_load(&lw_line_image(l)->trip)).seq ==
               (uint32_t)life + 1);
    lw_worker_close(w);
    close(ends[0]);
    assert_int_equal(lw_line_renew_desk(l, NULL), 0);
  }
  lw_line_free(l);
}

static void the_worker_is_told_when_the_host_is_gone(void **state) {
  (void)state;
  const lw_line_config c = {.seed = 1};
  lw_line *l = new_line(&c, 2 * LW_MS, 10 * LW_MS);
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  lw_worker *w = attach(l, ends[1], 10 * LW_MS);
  ticker t = {.port = lw_worker_port(w), .limit = 1000};
  close(ends[0]);
  const lw_worker_calls calls = {tick, bell, &t};
  assert_int_equal(lw_worker_run(w, &calls), LW_E_CLOSED);
  lw_worker_close(w);
  lw_line_free(l);
}

static void a_worker_with_another_plan_is_refused(void **state) {
  (void)state;
  const lw_line_config c = {.seed = 1};
  lw_line *l = new_line(&c, 2 * LW_MS, 10 * LW_MS);
  assert_null(attach(l, -1, 20 * LW_MS));
  lw_line_free(l);
}

static void the_worker_cannot_write_the_image(void **state) {
  (void)state;
  const lw_line_config c = {.seed = 1};
  lw_line *l = new_line(&c, 2 * LW_MS, 10 * LW_MS);
  void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
                  lw_line_image_fd(l), 0);
  assert_ptr_equal(at, MAP_FAILED);
  assert_int_equal(ftruncate(lw_line_desk_fd(l), 0), -1);
  lw_line_free(l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_twin_then_timers_then_tick_at_one_instant),
      cmocka_unit_test(a_request_reaches_the_twin_with_the_next_scan),
      cmocka_unit_test(a_reboot_keeps_time_and_plant_whoever_is_freed_first),
      cmocka_unit_test(records_without_a_store_count_as_kept),
      cmocka_unit_test(records_of_worker_and_scan_reach_the_store),
      cmocka_unit_test(a_damaged_plan_is_refused),
      cmocka_unit_test(a_silent_worker_costs_a_hold_and_the_next_one_goes_on),
      cmocka_unit_test(the_worker_is_told_when_the_host_is_gone),
      cmocka_unit_test(a_worker_with_another_plan_is_refused),
      cmocka_unit_test(the_worker_cannot_write_the_image),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
