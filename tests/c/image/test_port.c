#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c/image/plans.h"
#include "image/port.h"
#include "loop/clock.h"

typedef struct {
  lw_plan *plan;
  lw_clock_virtual clock;
  lw_port port;
  int drained;
} fixture;

static int setup(void **state) {
  static const uint8_t digest[32];
  fixture *f = calloc(1, sizeof *f);
  f->plan = plan_sample();
  lw_clock_virtual_init(&f->clock, INT64_C(1790000000000000000));
  f->port = (lw_port){.plan = f->plan,
                      .image = calloc(1, lw_image_size(f->plan)),
                      .desk = calloc(1, lw_desk_size(f->plan)),
                      .clock = &f->clock.clock};
  lw_image_init(f->port.image, f->plan, digest);
  lw_desk_init(f->port.desk, f->plan);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  lw_plan_free(f->plan);
  free(f->port.image);
  free(f->port.desk);
  free(f);
  return 0;
}

static void publish(fixture *f, uint32_t tag, double value) {
  lw_slot_write(&lw_image_slots(f->port.image)[tag],
                &(lw_reading){.value = value,
                              .t_ns = f->clock.now_ns,
                              .quality = LW_GOOD});
}

static void a_reading_grows_old_after_five_scans(void **state) {
  fixture *f = *state;
  lw_reading r;
  publish(f, PLAN_TEMP, 101.5);
  f->clock.now_ns += 50 * LW_MS;
  lw_port_read(&f->port, PLAN_TEMP, &r);
  assert_true(r.value == 101.5);
  assert_int_equal(r.quality, LW_GOOD);
  f->clock.now_ns += 1;
  lw_port_read(&f->port, PLAN_TEMP, &r);
  assert_int_equal(r.quality, LW_BAD);
  assert_true(r.value == 101.5);
}

static void max_age_and_poll_set_the_age(void **state) {
  fixture *f = *state;
  lw_plan_tag *t = &f->plan->tags[PLAN_TEMP];
  assert_int_equal(lw_plan_max_age_ns(f->plan, PLAN_TEMP), 50 * LW_MS);
  t->poll_ns = LW_S;
  assert_int_equal(lw_plan_max_age_ns(f->plan, PLAN_TEMP), 5 * LW_S);
  t->poll_ns = LW_MS; // faster than the scan: the scan counts
  assert_int_equal(lw_plan_max_age_ns(f->plan, PLAN_TEMP), 50 * LW_MS);
  t->max_age_ns = 3 * LW_S;
  assert_int_equal(lw_plan_max_age_ns(f->plan, PLAN_TEMP), 3 * LW_S);
}

static void a_request_is_checked_at_once(void **state) {
  fixture *f = *state;
  lw_port *p = &f->port;
  assert_int_equal(lw_port_request(p, PLAN_FLOW, 20), LW_E_STATE);
  lw_port_level(p, LW_LEVEL_none);
  assert_int_equal(lw_port_request(p, PLAN_TEMP, 20), LW_E_DENIED);
  assert_int_equal(lw_port_request(p, PLAN_FLOW, 3960.1), LW_E_RANGE);
  assert_int_equal(lw_port_request(p, PLAN_FLOW, -0.1), LW_E_RANGE);
  assert_int_equal(lw_port_request(p, PLAN_FLOW, NAN), LW_E_RANGE);
  assert_int_equal(lw_port_request(p, PLAN_FLOW, INFINITY), LW_E_RANGE);
  assert_int_equal(lw_desk_requests(p->desk)[PLAN_FLOW].count, 0);
  assert_int_equal(lw_port_request(p, PLAN_FLOW, 3960), 0);
  assert_int_equal(lw_port_request(p, PLAN_FLOW, 0), 0);
  assert_int_equal(lw_desk_requests(p->desk)[PLAN_FLOW].count, 2);
}

static void a_step_counts_within_one_epoch(void **state) {
  fixture *f = *state;
  lw_port *p = &f->port;
  lw_port_level(p, LW_LEVEL_none);
  assert_int_equal(lw_port_request(p, PLAN_SPEED, 5), 0);
  assert_int_equal(lw_port_request(p, PLAN_SPEED, 25.5), LW_E_RANGE);
  assert_int_equal(lw_port_request(p, PLAN_SPEED, 25), 0);
  lw_port_level(p, LW_LEVEL_hold);
  assert_int_equal(lw_port_request(p, PLAN_SPEED, 0.5), 0);
}

static void levels_open_epochs(void **state) {
  fixture *f = *state;
  lw_port *p = &f->port;
  uint32_t first = lw_port_level(p, LW_LEVEL_stop);
  assert_int_equal(first, 1);
  assert_false(lw_port_applied(p));
  p->image->applied = p->desk->level;
  assert_true(lw_port_applied(p));
  assert_int_equal(lw_port_level(p, LW_LEVEL_none), 2);
  assert_false(lw_port_applied(p));
  assert_int_equal(p->desk->level, 2 << 8 | LW_LEVEL_none);
}

static void a_new_worker_never_finds_its_level_applied(void **state) {
  fixture *f = *state;
  lw_port *p = &f->port;
  p->image->applied = 7 << 8 | LW_LEVEL_hold; // of the worker before
  assert_int_equal(lw_port_level(p, LW_LEVEL_hold), 8);
  assert_false(lw_port_applied(p));
}

static void trips_wait_for_their_acknowledgement(void **state) {
  fixture *f = *state;
  lw_port *p = &f->port;
  lw_trip t;
  assert_int_equal(lw_port_trip(p, &t), 0);
  p->image->trip = lw_trip_pack(&(lw_trip){.seq = 3,
                                           .index = 1,
                                           .cause = LW_CAUSE_interlock,
                                           .level = LW_LEVEL_stop});
  assert_int_equal(lw_port_trip(p, &t), 1);
  assert_int_equal(t.cause, LW_CAUSE_interlock);
  assert_int_equal(t.index, 1);
  lw_port_trip_ack(p, t.seq);
  assert_int_equal(lw_port_trip(p, &t), 0);
}

static void records_are_stamped_and_numbered(void **state) {
  fixture *f = *state;
  lw_port *p = &f->port;
  lw_record r = {.kind = LW_RECORD_note, .key = "k", .key_n = 1}, got;
  f->clock.now_ns = 5;
  assert_int_equal(lw_port_emit(p, &r), 1);
  assert_int_equal(lw_port_emit(p, &r), 2);
  lw_ring ring = lw_image_records(p->image, p->desk);
  uint8_t buf[256];
  for (unsigned i = 1; i <= 2; i++) {
    int n = lw_ring_get(&ring, buf, sizeof buf);
    assert_int_equal(lw_record_decode(&got, buf, (size_t)n), 0);
    assert_int_equal(got.seq, i);
    assert_int_equal(got.t_ns, 5);
    assert_int_equal(got.wall_ns, INT64_C(1790000000000000005));
  }
}

static char big[LW_RING_MESSAGE_MAX];

static lw_record big_record(void) {
  return (lw_record){.kind = LW_RECORD_data, .data = big, .data_n = 90000};
}

static void a_record_that_never_fits_is_refused(void **state) {
  fixture *f = *state;
  lw_record r = {.kind = LW_RECORD_data, .data = big, .data_n = sizeof big};
  assert_int_equal(lw_port_emit(&f->port, &r), LW_E_RANGE);
  assert_int_equal(f->port.seq, 0);
}

static void a_host_that_takes_nothing_is_told_after_a_second(void **state) {
  fixture *f = *state;
  lw_record r = big_record();
  int64_t rc, sent = 0;
  while ((rc = lw_port_emit(&f->port, &r)) > 0)
    sent = rc;
  assert_int_equal(rc, LW_E_FULL);
  assert_int_equal(sent, LW_RECORD_RING / 90044);
  assert_in_range(f->clock.now_ns, LW_S, LW_S + 2 * LW_MS);
}

static void drain(void *arg) {
  fixture *f = arg;
  lw_ring ring = lw_image_records(f->port.image, f->port.desk);
  while (lw_ring_get(&ring, big, sizeof big) > 0)
    f->drained++;
}

static void inline_mode_empties_the_ring_itself(void **state) {
  fixture *f = *state;
  f->port.drain = drain;
  f->port.drain_arg = f;
  lw_record r = big_record();
  for (int i = 1; i <= 50; i++)
    assert_int_equal(lw_port_emit(&f->port, &r), i);
  assert_int_equal(f->clock.now_ns, 0);
  assert_true(f->drained >= 39);
}

static void commands_arrive_as_text(void **state) {
  fixture *f = *state;
  lw_ring ring = lw_image_commands(f->port.image, f->port.desk);
  char buf[32];
  assert_int_equal(lw_port_command(&f->port, buf, sizeof buf), LW_E_AGAIN);
  assert_string_equal(buf, "");
  lw_ring_put(&ring, "hold\tope\tinspection", 19);
  lw_ring_put(&ring, "12345678901234567890123456789012", 32);
  lw_ring_put(&ring, "stop\t\t", 6);
  assert_int_equal(lw_port_command(&f->port, buf, sizeof buf), 19);
  assert_string_equal(buf, "hold\tope\tinspection");
  assert_int_equal(lw_port_command(&f->port, buf, sizeof buf), LW_E_RANGE);
  assert_string_equal(buf, "");
  assert_int_equal(lw_port_command(&f->port, buf, sizeof buf), 6);
  assert_int_equal(lw_port_command(&f->port, buf, 0), LW_E_RANGE);
}

static void the_worker_says_how_it_fares(void **state) {
  fixture *f = *state;
  lw_desk *d = f->port.desk;
  f->clock.now_ns = 42;
  assert_int_equal(d->ready, 0);
  lw_port_beat(&f->port);
  assert_int_equal(d->ready, 1);
  assert_int_equal(d->beat, 1);
  assert_int_equal(d->beat_at_ns, 42);
  lw_port_state(&f->port, LW_STATE_Execute);
  assert_int_equal(d->state, 6);
  lw_port_flags(&f->port, 1, 1);
  assert_int_equal(d->flags, LW_FLAG_PAUSED | LW_FLAG_FINISHED);
  lw_port_flags(&f->port, 0, 0);
  assert_int_equal(d->flags, 0);
  f->port.image->committed = 9;
  assert_int_equal(lw_port_committed(&f->port), 9);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(a_reading_grows_old_after_five_scans),
      TEST(max_age_and_poll_set_the_age),
      TEST(a_request_is_checked_at_once),
      TEST(a_step_counts_within_one_epoch),
      TEST(levels_open_epochs),
      TEST(a_new_worker_never_finds_its_level_applied),
      TEST(trips_wait_for_their_acknowledgement),
      TEST(records_are_stamped_and_numbered),
      TEST(a_record_that_never_fits_is_refused),
      TEST(a_host_that_takes_nothing_is_told_after_a_second),
      TEST(inline_mode_empties_the_ring_itself),
      TEST(commands_arrive_as_text),
      TEST(the_worker_says_how_it_fares),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
