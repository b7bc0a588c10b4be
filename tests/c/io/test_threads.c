// Drivers in threads of their own, on the real clock. Nothing here asserts how
// long something took: each wait is for a state, with ample patience.
#include "lines.h"

#include <string.h>

#include "support/modbus_peer.h"

#define PATIENCE_MS 10000

typedef struct real_line {
  lw_plan *plan;
  lw_io *io;
} real_line;

static void add_device(real_line *l, int port, const char *timeout_s) {
  char text[8];
  snprintf(text, sizeof text, "%d", port);
  lw_plan_add_driver(l->plan, "modbus_tcp", text);
  lw_plan_add_option(l->plan, "host", "127.0.0.1");
  lw_plan_add_option(l->plan, "port", text);
  lw_plan_add_option(l->plan, "timeout", timeout_s);
  lw_plan_add_option(l->plan, "watchdog.register", "hr:899");
  lw_plan_add_option(l->plan, "watchdog.every", "0.02");
}

static void start_line(real_line *l) {
  lw_err e = {0};
  if (lw_io_new(&l->io, l->plan, lw_clock_real(), NULL, 1, &e) < 0)
    fail_msg("%s", e.text);
  assert_int_equal(lw_io_start(l->io, &e), 0);
}

static int is_good(const real_line *l, uint32_t tag, double value) {
  lw_reading r;
  lw_io_read(l->io, tag, &r);
  return r.quality == LW_GOOD && r.value == value;
}

static int state_of(const real_line *l, uint32_t driver) {
  lw_io_status s;
  lw_io_status_read(l->io, driver, &s);
  return s.state;
}

#define WAIT_FOR(condition)                                                    \
  do {                                                                         \
    int left_ms = PATIENCE_MS;                                                 \
    for (; !(condition) && left_ms > 0; left_ms--)                             \
      usleep(1000);                                                            \
    assert_true(left_ms > 0);                                                  \
  } while (0)

static void reads_writes_and_beats(void **state) {
  (void)state;
  real_line l = {.plan = lw_plan_new()};
  peer device = {0};
  assert_int_equal(peer_start(&device), 0);
  add_device(&l, device.port, "2");
  uint32_t in = add_tag(l.plan, &(tag_spec){.name = "in",
                                            .address = "ir:0",
                                            .driver = 1,
                                            .type = LW_TYPE_u16});
  uint32_t out = add_tag(l.plan, &(tag_spec){.name = "out",
                                             .address = "hr:1",
                                             .driver = 1,
                                             .type = LW_TYPE_u16,
                                             .access = LW_READ | LW_WRITE});
  device.m->input_registers[0] = 42;
  start_line(&l);
  WAIT_FOR(is_good(&l, in, 42));
  assert_int_equal(device.m->registers[899], 0);
  lw_io_write(l.io, out, 7);
  WAIT_FOR(device.m->registers[1] == 7 && !lw_io_pending(l.io));
  WAIT_FOR((lw_io_alive(l.io), device.m->registers[899] >= 3));
  lw_io_write(l.io, out, 8);
  lw_io_stop(l.io); // flushes
  assert_int_equal(device.m->registers[1], 8);
  lw_io_free(l.io);
  lw_plan_free(l.plan);
  peer_fini(&device);
}

// Stopped while its outputs stay on: whoever reads "Stopped" is to know.
static void a_device_that_ignores_its_last_outputs_is_named(void **state) {
  (void)state;
  real_line l = {.plan = lw_plan_new()};
  peer device = {0};
  char text[180];
  assert_int_equal(peer_start(&device), 0);
  add_device(&l, device.port, "2");
  tag_spec out = {
      .driver = 1, .type = LW_TYPE_u16, .access = LW_READ | LW_WRITE};
  uint32_t tags[3];
  const char *names[] = {"a", "b", "c"}, *at[] = {"hr:1", "hr:2", "hr:9"};
  for (int i = 0; i < 3; i++) {
    out.name = names[i];
    out.address = at[i];
    tags[i] = add_tag(l.plan, &out);
  }
  device.m->registers[1] = device.m->registers[2] = 40;
  start_line(&l);
  for (int i = 0; i < 3; i++)
    WAIT_FOR(is_good(&l, tags[i], i < 2 ? 40 : 0));
  device.m->is_deaf = 1;
  lw_io_write(l.io, tags[0], 0);
  lw_io_write(l.io, tags[1], 40); // has it already
  lw_io_write(l.io, tags[2], 1);  // shows zero: may be a pulse
  lw_io_stop(l.io);
  assert_int_equal(lw_io_undone(l.io, text, sizeof text), 1);
  assert_string_equal(text,
                      "a: taken, but what it showed before is there still");
  lw_io_free(l.io);
  lw_plan_free(l.plan);
  peer_fini(&device);
}

// The last outputs are safe values: they outlive a few spoilt answers.
static void last_outputs_are_tried_again(void **state) {
  (void)state;
  real_line l = {.plan = lw_plan_new()};
  peer device = {0};
  char text[180];
  assert_int_equal(peer_start(&device), 0);
  add_device(&l, device.port, "0.1");
  uint32_t out = add_tag(l.plan, &(tag_spec){.name = "out",
                                             .address = "hr:1",
                                             .driver = 1,
                                             .type = LW_TYPE_u16,
                                             .access = LW_READ | LW_WRITE});
  device.m->registers[1] = 40;
  start_line(&l);
  WAIT_FOR(is_good(&l, out, 40));
  device.m->garbled = 3;
  lw_io_write(l.io, out, 0);
  lw_io_stop(l.io);
  assert_int_equal(lw_io_undone(l.io, text, sizeof text), 0);
  assert_int_equal(device.m->registers[1], 0);
  lw_io_free(l.io);
  lw_plan_free(l.plan);
  peer_fini(&device);
}

static void a_dead_device_costs_a_live_one_nothing(void **state) {
  (void)state;
  real_line l = {.plan = lw_plan_new()};
  peer live = {0}, dead = {0};
  assert_int_equal(peer_start(&live), 0);
  assert_int_equal(peer_start(&dead), 0);
  dead.m->is_mute = 1; // accepts, never answers
  add_device(&l, live.port, "2");
  add_device(&l, dead.port, "5");
  uint32_t a = add_tag(l.plan, &(tag_spec){.name = "a",
                                           .address = "ir:0",
                                           .driver = 1,
                                           .type = LW_TYPE_u16});
  uint32_t b = add_tag(l.plan, &(tag_spec){.name = "b",
                                           .address = "ir:0",
                                           .driver = 2,
                                           .type = LW_TYPE_u16});
  start_line(&l);
  WAIT_FOR(dead.m->requests > 0);
  // While the dead one is still within its first time-out, the live one polls.
  WAIT_FOR(live.m->requests > 50);
  assert_int_equal(dead.m->requests, 1);
  assert_true(is_good(&l, a, 0));
  lw_reading r;
  lw_io_read(l.io, b, &r);
  assert_int_equal(r.quality, LW_BAD);
  assert_int_equal(state_of(&l, 0), LW_IO_GOOD);
  assert_int_not_equal(state_of(&l, 1), LW_IO_GOOD);
  peer_kill(&dead); // ends its read, so that the line stops at once
  lw_io_free(l.io);
  lw_plan_free(l.plan);
  peer_fini(&live);
  peer_fini(&dead);
}

static void comes_back_by_itself(void **state) {
  (void)state;
  real_line l = {.plan = lw_plan_new()};
  peer device = {0};
  assert_int_equal(peer_start(&device), 0);
  add_device(&l, device.port, "2");
  uint32_t in = add_tag(l.plan, &(tag_spec){.name = "in",
                                            .address = "ir:0",
                                            .driver = 1,
                                            .type = LW_TYPE_u16});
  start_line(&l);
  WAIT_FOR(is_good(&l, in, 0));
  peer_kill(&device);
  WAIT_FOR(state_of(&l, 0) == LW_IO_BROKEN);
  assert_int_equal(peer_start(&device), 0);
  device.m->input_registers[0] = 5;
  WAIT_FOR(is_good(&l, in, 5));
  lw_io_free(l.io);
  lw_plan_free(l.plan);
  peer_fini(&device);
}

// A driver of an embedder, with a thread of its own like any other.
typedef struct counter {
  int reads;
} counter;

static int counter_init(void *self, const lw_option *o, size_t o_n,
                        const lw_point *p, size_t p_n, lw_err *e) {
  (void)self, (void)o, (void)o_n, (void)p, (void)p_n, (void)e;
  return 0;
}

static int counter_open(void *self, lw_err *e) {
  (void)self, (void)e;
  return 0;
}

static int counter_read(void *self, int64_t now_ns, const uint32_t *due,
                        size_t due_n, lw_sample *out, lw_err *e) {
  (void)now_ns, (void)due, (void)e;
  counter *c = self;
  c->reads++;
  for (size_t i = 0; i < due_n; i++)
    out[i].value = c->reads, out[i].quality = LW_GOOD;
  return 0;
}

static void counter_close(void *self) {
  (void)self;
}

static void takes_a_driver_of_an_embedder(void **state) {
  (void)state;
  static const lw_driver_ops ops = {.kind = "counter",
                                    .help = "counts its reads",
                                    .state_size = sizeof(counter),
                                    .init = counter_init,
                                    .open = counter_open,
                                    .read = counter_read,
                                    .close = counter_close};
  static const lw_driver_ops taken = {.kind = "modbus_tcp",
                                      .init = counter_init,
                                      .open = counter_open,
                                      .read = counter_read,
                                      .close = counter_close};
  static const lw_driver_ops hollow = {.kind = "hollow"};
  assert_int_equal(lw_driver_register(&ops), 0);
  assert_int_equal(lw_driver_register(&ops), LW_E_EXISTS);
  assert_int_equal(lw_driver_register(&taken), LW_E_EXISTS);
  assert_int_equal(lw_driver_register(&hollow), LW_E_RANGE);
  assert_ptr_equal(lw_io_find("counter"), &ops);
  real_line l = {.plan = lw_plan_new()};
  lw_plan_add_driver(l.plan, "counter", "counter");
  uint32_t n = add_tag(
      l.plan, &(tag_spec){.name = "n", .driver = 1, .type = LW_TYPE_u32});
  start_line(&l);
  lw_reading r = {0};
  WAIT_FOR((lw_io_read(l.io, n, &r), r.quality == LW_GOOD && r.value >= 3));
  lw_io_free(l.io);
  lw_plan_free(l.plan);
}

static void an_unknown_driver_is_named(void **state) {
  (void)state;
  real_line l = {.plan = lw_plan_new()};
  lw_err e = {0};
  lw_plan_add_driver(l.plan, "opcua", "plc (c.lua:3)");
  assert_int_equal(lw_io_new(&l.io, l.plan, lw_clock_real(), NULL, 1, &e),
                   LW_E_NOTFOUND);
  assert_string_equal(e.text, "plc (c.lua:3): there is no driver 'opcua'");
  lw_plan_free(l.plan);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_writes_and_beats),
      cmocka_unit_test(a_device_that_ignores_its_last_outputs_is_named),
      cmocka_unit_test(last_outputs_are_tried_again),
      cmocka_unit_test(a_dead_device_costs_a_live_one_nothing),
      cmocka_unit_test(comes_back_by_itself),
      cmocka_unit_test(takes_a_driver_of_an_embedder),
      cmocka_unit_test(an_unknown_driver_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
