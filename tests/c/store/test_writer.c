// The writer thread: what it acknowledges, when, and how it stops.
#include "c/store/fixture.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static lw_store_stats stats_of(const fixture *f) {
  lw_store_stats out;
  lw_store_stats_read(f->s, &out);
  return out;
}

static void start(fixture *f, int64_t delay_ns) {
  lw_err e = {0};
  fixture_open(f);
  fixture_begin(f);
  lw_store_config c = a_config(f, 1);
  c.delay_ns = delay_ns;
  if (lw_store_attach(f->s, &c, &e) < 0)
    fail_msg("%s", e.text);
}

static void hundred_steps_that_end_together_share_one_commit(void **state) {
  fixture *f = *state;
  start(f, 3600 * LW_S);
  uint64_t before = stats_of(f).commits;
  for (int i = 0; i < 100; i++)
    emit(f, LW_RECORD_end, "k#1", "{\"value\":1}", 1);
  lw_store_kick(f->s);
  WAIT_FOR(f->committed == 100);
  assert_int_equal(stats_of(f).commits - before, 1);
  assert_int_equal(stats_of(f).barriers, 1);
  assert_int_equal(f->commits, 1);
}

static void batched_records_are_written_without_a_kick(void **state) {
  fixture *f = *state;
  start(f, 20 * LW_MS);
  emit(f, LW_RECORD_data, "x", "{}", 0);
  WAIT_FOR(f->committed == 1);
  assert_int_equal(stats_of(f).barriers, 0);
}

static void a_ring_that_fills_up_does_not_wait_for_its_time(void **state) {
  fixture *f = *state;
  start(f, 400 * LW_MS);
  for (int i = 0; i < 40000; i++)
    while (emit(f, LW_RECORD_out, "some.channel", "{\"v\":12.5,\"raw\":125}",
                0) < 0)
      usleep(100);
  lw_store_detach(f->s);
  assert_int_equal(f->committed, 40000);
}

// A clock that the test moves, and that knows how often it was asked. Its time
// lies in the past of the system's, so the thread never sleeps.
typedef struct hand_clock {
  lw_clock clock; // first: pass &h->clock
  _Atomic int64_t now_ns;
  _Atomic int asked_n;
} hand_clock;

static int64_t hand_now_ns(lw_clock *c) {
  ((hand_clock *)c)->asked_n++;
  return ((hand_clock *)c)->now_ns;
}

static int64_t real_now_ns(lw_clock *c) {
  ((hand_clock *)c)->asked_n++;
  return lw_now_ns(lw_clock_real());
}

static void use_hand(fixture *f, hand_clock *h, int64_t (*now_ns)(lw_clock *)) {
  *h = (hand_clock){.clock = *lw_clock_real(), .now_ns = LW_S};
  h->clock.now_ns = now_ns;
  f->clock = &h->clock;
}

// The thread asks no more than three times for each look at the rings.
static void look_on(hand_clock *h) {
  int asked_n = h->asked_n;
  WAIT_FOR(h->asked_n > asked_n + 10);
}

static void batched_records_wait_for_their_time_each_time(void **state) {
  fixture *f = *state;
  hand_clock h;
  use_hand(f, &h, hand_now_ns);
  start(f, LW_S);
  for (uint64_t i = 0; i < 3; i++) {
    look_on(&h);
    emit(f, LW_RECORD_data, "x", "{}", 0);
    look_on(&h);
    assert_int_equal(f->committed, i);
    h.now_ns += LW_S - 1;
    look_on(&h);
    assert_int_equal(f->committed, i);
    h.now_ns += 1;
    WAIT_FOR(f->committed == i + 1);
  }
  lw_store_detach(f->s); // it asks the clock
}

static void a_quarter_of_a_ring_does_not_wait(void **state) {
  fixture *f = *state;
  static const char text[400] = "";
  hand_clock h;
  use_hand(f, &h, hand_now_ns);
  fixture_open(f);
  fixture_begin(f);
  lw_ring_init(&f->source.ring, f->data, 4096, &f->head, &f->tail);
  lw_store_config c = a_config(f, 1);
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  lw_ring_put(&f->source.ring, text, sizeof text); // no record at all
  WAIT_FOR(h.asked_n > 30);
  assert_int_equal(f->distrusts, 0); // it was not looked at
  lw_ring_put(&f->source.ring, text, sizeof text);
  lw_ring_put(&f->source.ring, text, sizeof text);
  WAIT_FOR(f->distrusts == 1);
  lw_store_detach(f->s);
}

static void a_writer_with_nothing_to_do_sleeps(void **state) {
  fixture *f = *state;
  hand_clock h;
  use_hand(f, &h, real_now_ns);
  start(f, 3600 * LW_S);
  emit(f, LW_RECORD_end, "k#1", "{}", 1);
  lw_store_kick(f->s);
  WAIT_FOR(f->committed == 1);
  int asked_n = h.asked_n;
  usleep(20000);
  assert_true(h.asked_n < asked_n + 20); // it ends that look, and no more
  lw_store_detach(f->s);
}

static void detaching_writes_what_is_pending(void **state) {
  fixture *f = *state;
  start(f, 3600 * LW_S);
  for (int i = 0; i < 9000; i++) // more than one transaction takes
    emit(f, LW_RECORD_data, "x", "{}", 0);
  lw_store_detach(f->s);
  assert_int_equal(f->committed, 9000);
  fixture_attach(f, 1); // and a new attach goes on
  emit(f, LW_RECORD_end, "x", "{}", 1);
  lw_store_kick(f->s);
  WAIT_FOR(f->committed == 9001);
}

static void one_writer_serves_one_run_at_a_time(void **state) {
  fixture *f = *state;
  lw_err e;
  start(f, 0);
  lw_store_config c = a_config(f, 1);
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_STATE);
  assert_non_null(strstr(e.text, "run 1 already"));
  lw_store_detach(f->s);
  c.run = 5;
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_NOTFOUND);
  c.run = 1;
  c.source_n = 17;
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_RANGE);
}

// A second source beside the fixture's own.
typedef struct other_ring {
  uint8_t data[4096];
  _Atomic uint64_t head, tail, committed;
} other_ring;

static void a_source_that_sends_nonsense_is_dropped_alone(void **state) {
  fixture *f = *state;
  static other_ring bad;
  lw_store_source sources[2];
  fixture_open(f);
  fixture_begin(f);
  sources[0] = f->source;
  lw_ring_init(&sources[1].ring, bad.data, sizeof bad.data, &bad.head,
               &bad.tail);
  sources[1].committed = &bad.committed;
  lw_store_config c = a_config(f, 0);
  c.sources = sources;
  c.source_n = 2;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  assert_int_equal(lw_ring_put(&sources[1].ring, "not a record", 12), 0);
  emit(f, LW_RECORD_end, "k", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  bad.head = UINT64_C(0xdeadbeefdeadbeef);
  emit(f, LW_RECORD_end, "k", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(f->committed, 2);
  assert_int_equal(bad.committed, 0);
  assert_int_equal(f->distrusts, 1);
  assert_int_equal(f->stops, 0);
  lw_cursor *cursor;
  lw_record r;
  int64_t id;
  int notes = 0;
  assert_int_equal(lw_cursor_open(&cursor, f->s, 1, 0, NULL), 0);
  while (lw_cursor_step(cursor, &id, &r, NULL) > 0)
    notes += r.kind == LW_RECORD_note;
  lw_cursor_close(cursor);
  assert_int_equal(notes, 1);
  lw_store_detach(f->s); // it borrows the sources
}

// Fill the disk under a store until it stops; then every promise is checked.
static void write_until_it_stops(fixture *f) {
  for (int i = 0; f->stops == 0 && i < 100000; i++) {
    if (emit(f, LW_RECORD_end, "some/long/path/step#1",
             "{\"value\":\"0123456789012345678901234567890123456789\"}", 1) < 0)
      usleep(1000);
    lw_store_kick(f->s);
  }
}

static void expect_stopped(fixture *f) {
  lw_err e = {0};
  lw_run_info run = a_run();
  assert_int_equal(f->stops, 1);
  assert_true(f->stop.code == LW_E_FULL || f->stop.code == LW_E_IO);
  assert_int_equal((int32_t)f->state, f->stop.code);
  assert_int_equal(lw_store_check(f->s, &e), f->stop.code);
  assert_string_equal(e.text, f->stop.text);
  assert_int_equal(lw_store_run_begin(f->s, &run, NULL), f->stop.code);
  assert_true(f->seq > f->committed);
}

static int count_record(void *arg, int64_t id, const lw_record *r) {
  (void)id;
  assert_int_equal(r->seq, ++*(uint64_t *)arg);
  return 0;
}

static int say(void *arg, int64_t record, const char *text) {
  (void)arg;
  print_error("record %lld: %s\n", (long long)record, text);
  return 0;
}

// Everything acknowledged is there, in order, and the chain is whole.
static void expect_acknowledged(fixture *f) {
  uint64_t n = 0;
  lw_verify_result result;
  fixture_open(f);
  assert_int_equal(lw_store_read(f->s, 1, count_record, &n, NULL), 0);
  assert_true(n >= f->committed);
  assert_int_equal(lw_store_verify(f->s, say, NULL, &result, NULL), 0);
  assert_int_equal(result.findings, 0);
  assert_int_equal(result.records, n);
}

static void fill_and_recover(fixture *f) {
  start(f, 0);
  write_until_it_stops(f);
  expect_stopped(f);
  lw_store_close(f->s);
  f->s = NULL;
}

static void a_full_disk_stops_it_and_loses_nothing_acknowledged(void **state) {
  fixture *f = *state;
  // A file system of its own, in a name space of its own.
  if (unshare(CLONE_NEWNS) < 0 ||
      mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount("tmpfs", f->dir, "tmpfs", 0, "size=2m") < 0)
    skip();
  fill_and_recover(f);
  // A person makes room and opens it again.
  assert_int_equal(mount("tmpfs", f->dir, "tmpfs", MS_REMOUNT, "size=64m"), 0);
  expect_acknowledged(f);
  lw_store_close(f->s);
  f->s = NULL;
  assert_int_equal(umount(f->dir), 0);
}

// In a child, since the limit cannot be taken back by all users.
static void limit_and_fill(fixture *f) {
  struct rlimit limit = {.rlim_cur = 1u << 20, .rlim_max = RLIM_INFINITY};
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  fill_and_recover(f);
  limit.rlim_cur = RLIM_INFINITY;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  signal(SIGXFSZ, SIG_DFL);
  expect_acknowledged(f);
}

static void a_file_that_may_not_grow_stops_it_too(void **state) {
  fixture *f = *state;
  limit_and_fill(f);
  lw_run_info run = a_run();
  run.id = 0;
  assert_int_equal(lw_store_run_begin(f->s, &run, NULL), 0);
}

static void inline_mode_reports_the_stop_from_the_pump(void **state) {
  fixture *f = *state;
  struct rlimit limit = {.rlim_cur = 1u << 18, .rlim_max = RLIM_INFINITY};
  signal(SIGXFSZ, SIG_IGN);
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  int rc = 0;
  for (int i = 0; rc == 0 && i < 10000; i++) {
    emit(f, LW_RECORD_end, "k#1", "{\"value\":1}", 1);
    rc = lw_store_pump(f->s);
  }
  limit.rlim_cur = RLIM_INFINITY;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_int_equal(rc, f->stop.code);
  assert_int_equal(lw_store_pump(f->s), rc);
  expect_stopped(f);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(hundred_steps_that_end_together_share_one_commit),
      TEST(batched_records_are_written_without_a_kick),
      TEST(a_ring_that_fills_up_does_not_wait_for_its_time),
      TEST(batched_records_wait_for_their_time_each_time),
      TEST(a_quarter_of_a_ring_does_not_wait),
      TEST(a_writer_with_nothing_to_do_sleeps),
      TEST(detaching_writes_what_is_pending),
      TEST(one_writer_serves_one_run_at_a_time),
      TEST(a_source_that_sends_nonsense_is_dropped_alone),
      TEST(a_full_disk_stops_it_and_loses_nothing_acknowledged),
      TEST(a_file_that_may_not_grow_stops_it_too),
      TEST(inline_mode_reports_the_stop_from_the_pump),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
