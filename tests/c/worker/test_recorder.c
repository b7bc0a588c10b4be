// History by exception: what is recorded, what is not, and that a failing
// historian never fails a run.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench_line.h"
#include "loop/clock.h"
#include "store/historian.h"
#include "store/history.h"
#include "worker/line.h"
#include "worker/recorder.h"

#define WALL0 (1700000000 * LW_S)

typedef struct bench {
  char dir[64], folder[80];
  lw_plan *plan;
  lw_image *image;
  lw_clock_virtual clock;
  lw_recorder *r;
  // What was read.
  int n;
  double value[64];
  int quality[64];
  int64_t t_ns[64];
} bench;

static int up(void **state) {
  bench *b = calloc(1, sizeof *b);
  uint8_t digest[32] = {0};
  snprintf(b->dir, sizeof b->dir, "/tmp/lw-rec-XXXXXX");
  assert_non_null(mkdtemp(b->dir));
  snprintf(b->folder, sizeof b->folder, "%s/history", b->dir);
  b->plan = lw_plan_new();
  for (int i = 0; i < 2; i++) {
    int tag = lw_plan_add_tag(b->plan, i ? "flow" : "temp");
    assert_int_equal(tag, i);
    b->plan->tags[tag].process_unit =
        (uint32_t)lw_plan_add_text(b->plan, i ? "L/min" : "degC");
    b->plan->tags[tag].max_age_ns = 3600 * LW_S;
    b->plan->tags[tag].deadband = i ? 0.5 : 0;
  }
  b->plan->scan_ns = 10 * LW_MS;
  b->image = calloc(1, lw_image_size(b->plan));
  lw_image_init(b->image, b->plan, digest);
  lw_clock_virtual_init(&b->clock, WALL0);
  *state = b;
  return 0;
}

static int down(void **state) {
  bench *b = *state;
  char command[100];
  lw_recorder_free(b->r);
  lw_plan_free(b->plan);
  free(b->image);
  snprintf(command, sizeof command, "rm -rf %s", b->dir);
  assert_int_equal(system(command), 0);
  free(b);
  return 0;
}

static void start(bench *b) {
  lw_err e = {0};
  const lw_recorder_config c = {.plan = b->plan,
                                .image = b->image,
                                .clock = &b->clock.clock,
                                .folder = b->folder};
  if (lw_recorder_new(&b->r, &c, &e) < 0)
    fail_msg("%s", e.text);
}

static void reading(bench *b, int tag, double value, int quality) {
  lw_reading r = {.value = value, .quality = quality, .t_ns = b->clock.now_ns};
  lw_slot_write(&lw_image_slots(b->image)[tag], &r);
}

static void go_to(bench *b, int64_t now_ns) {
  b->clock.clock.wait_until(&b->clock.clock, now_ns);
  lw_recorder_step(b->r, now_ns);
}

static int keep(void *arg, const lw_chunk *c) {
  bench *b = arg;
  for (size_t i = 0; i < c->n && b->n < 64; i++, b->n++) {
    b->value[b->n] = c->value[i];
    b->quality[b->n] = c->quality[i];
    b->t_ns[b->n] = c->t_ns[i] - WALL0;
  }
  return 0;
}

static void read_back(bench *b, const char *tag) {
  lw_history *h;
  lw_err e = {0};
  lw_recorder_free(b->r);
  b->r = NULL;
  b->n = 0;
  assert_int_equal(lw_history_open(&h, b->folder, &e), 0);
  if (lw_history_read(h, tag, INT64_MIN, INT64_MAX, keep, b, &e) < 0)
    fail_msg("%s", e.text);
  lw_history_close(h);
}

static void only_changes_are_recorded_and_a_sign_of_life(void **state) {
  bench *b = *state;
  start(b);
  for (int i = 0; i <= 250; i++) { // 25 s, each 100 ms
    b->clock.now_ns = i * 100 * LW_MS;
    reading(b, 0, i < 50 ? 20.0 : 21.5, LW_GOOD);
    go_to(b, b->clock.now_ns);
  }
  read_back(b, "temp");
  assert_int_equal(b->n, 4);
  assert_true(b->value[0] == 20.0 && b->t_ns[0] == 0);
  assert_true(b->value[1] == 21.5 && b->t_ns[1] == 5 * LW_S);
  assert_true(b->t_ns[2] == 15 * LW_S && b->t_ns[3] == 25 * LW_S);
}

static void small_moves_stay_inside_the_dead_band(void **state) {
  bench *b = *state;
  static const double moves[] = {10, 10.4, 10.5, 9.6, 10.6, 11.0, 11.2};
  start(b);
  for (int i = 0; i < 7; i++) {
    b->clock.now_ns = i * 100 * LW_MS;
    reading(b, 1, moves[i], LW_GOOD);
    go_to(b, b->clock.now_ns);
  }
  read_back(b, "flow");
  assert_int_equal(b->n, 3); // 10; 10.6, against 10; 11.2, against 10.6
  assert_true(b->value[0] == 10 && b->value[1] == 10.6 && b->value[2] == 11.2);
}

static void a_change_of_quality_is_always_recorded(void **state) {
  bench *b = *state;
  start(b);
  reading(b, 1, 10, LW_GOOD);
  go_to(b, 0);
  reading(b, 1, 10, LW_BAD);
  go_to(b, 100 * LW_MS);
  reading(b, 1, NAN, LW_BAD);
  go_to(b, 200 * LW_MS);
  go_to(b, 300 * LW_MS); // NaN again is no news
  reading(b, 1, 10, LW_UNCERTAIN);
  go_to(b, 400 * LW_MS);
  read_back(b, "flow");
  assert_int_equal(b->n, 4);
  assert_int_equal(b->quality[0], LW_GOOD);
  assert_int_equal(b->quality[1], LW_BAD);
  assert_true(isnan(b->value[2]));
  assert_int_equal(b->quality[3], LW_UNCERTAIN);
}

static void a_reading_too_old_is_recorded_as_bad(void **state) {
  bench *b = *state;
  b->plan->tags[0].max_age_ns = LW_S;
  start(b);
  reading(b, 0, 5, LW_GOOD);
  for (int i = 0; i <= 20; i++)
    go_to(b, i * 100 * LW_MS);
  read_back(b, "temp");
  assert_int_equal(b->n, 3); // the last one at the end
  assert_int_equal(b->quality[1], LW_BAD);
  assert_true(b->t_ns[1] == 1100 * LW_MS);
}

static void the_end_says_how_long_a_value_stood(void **state) {
  bench *b = *state;
  start(b);
  reading(b, 0, 5, LW_GOOD);
  go_to(b, 0);
  go_to(b, 3 * LW_S);
  read_back(b, "temp");
  assert_int_equal(b->n, 2);
  assert_true(b->t_ns[0] == 0 && b->t_ns[1] == 3 * LW_S);
  assert_true(b->value[1] == 5 && b->quality[1] == LW_GOOD);
}

// ------------------------------------------------------------- with a line --

// The line's plan when its history may have that share of the disk.
static uint8_t *plan_with_share(size_t *n, double share) {
  lw_plan *p;
  uint8_t *plain = bench_plan(n, 10 * LW_MS, 100 * LW_MS), *plan = NULL;
  assert_int_equal(lw_plan_decode(&p, plain, *n, NULL), 0);
  p->history_share = share;
  assert_int_equal(lw_plan_encode(p, &plan, n), 0);
  lw_plan_free(p);
  free(plain);
  return plan;
}

static lw_line *line_with_store(bench *b, lw_store **s, double share) {
  lw_err e = {0};
  char db[80];
  size_t n;
  lw_run_info run = {.batch = "b", .recipe = "r"};
  lw_line *l;
  snprintf(db, sizeof db, "%s/t.db", b->dir);
  if (lw_store_open(s, db, LW_STORE_WRITE, &b->clock.clock, &e) < 0 ||
      lw_store_run_begin(*s, &run, &e) < 0)
    fail_msg("%s", e.text);
  uint8_t *plan = plan_with_share(&n, share);
  const lw_line_config c = {.plan = plan,
                            .plan_n = n,
                            .store = *s,
                            .run = run.id,
                            .inline_mode = 1,
                            .wall0_ns = WALL0,
                            .seed = 1};
  if (lw_line_new(&l, &c, &e) < 0)
    fail_msg("%s", e.text);
  free(plan);
  return l;
}

static void run_seconds(lw_line *l, int64_t seconds) {
  uint64_t id;
  while (lw_line_step(l, seconds * LW_S, &id) != LW_STEP_LIMIT)
    continue;
}

static int count_names(void *arg, const char *name, const char *unit) {
  (void)name;
  (void)unit;
  ++*(int *)arg;
  return 0;
}

static void every_scan_is_recorded_when_asked_for(void **state) {
  bench *b = *state;
  b->plan->tags[0].history = LW_TAG_EACH_SCAN;
  b->plan->tags[1].history = LW_TAG_UNRECORDED;
  start(b);
  for (int i = 0; i < 50; i++) { // 10 ms apart; the value does not move
    b->clock.now_ns = i * 10 * LW_MS;
    reading(b, 0, 20.5, i == 30 ? LW_UNCERTAIN : LW_GOOD);
    reading(b, 1, i, LW_GOOD);
    lw_recorder_scan(b->r);
    go_to(b, b->clock.now_ns);
  }
  read_back(b, "temp");
  assert_int_equal(b->n, 50);
  for (int i = 0; i < 50; i++) {
    assert_int_equal(b->t_ns[i], i * 10 * LW_MS);
    assert_int_equal(b->quality[i], i == 30 ? LW_UNCERTAIN : LW_GOOD);
  }
  read_back(b, "flow");
  assert_int_equal(b->n, 0);
}

// With a thread: handed over from the scan's, nothing missing, in order.
static void scans_reach_the_disk_through_a_thread(void **state) {
  bench *b = *state;
  lw_err e = {0};
  lw_recorder_counts counts;
  b->plan->tags[0].history = LW_TAG_EACH_SCAN;
  b->plan->tags[0].max_age_ns = INT64_MAX / 2;
  const lw_recorder_config c = {.plan = b->plan,
                                .image = b->image,
                                .clock = lw_clock_real(),
                                .folder = b->folder,
                                .thread = 1};
  assert_int_equal(lw_recorder_new(&b->r, &c, &e), 0);
  for (int i = 0; i < 60; i++) {
    reading(b, 0, i, LW_GOOD);
    lw_recorder_scan(b->r);
    usleep(2000);
  }
  lw_recorder_counts_read(b->r, &counts);
  assert_int_equal(counts.scans_lost, 0);
  read_back(b, "temp");
  assert_int_equal(b->n, 60);
  for (int i = 0; i < 60; i++)
    assert_true(b->value[i] == i);
}

// More at once than there is room for: counted, and nothing else suffers.
static void scans_that_find_no_room_are_counted(void **state) {
  bench *b = *state;
  lw_recorder_counts counts;
  b->plan->tags[0].history = LW_TAG_EACH_SCAN;
  b->plan->tags[0].max_age_ns = INT64_MAX / 2;
  const lw_recorder_config c = {.plan = b->plan,
                                .image = b->image,
                                .clock = lw_clock_real(),
                                .folder = b->folder,
                                .period_ns = 500 * LW_MS,
                                .thread = 1};
  assert_int_equal(lw_recorder_new(&b->r, &c, NULL), 0);
  reading(b, 0, 1, LW_GOOD);
  for (int i = 0; i < 200000; i++)
    lw_recorder_scan(b->r);
  lw_recorder_counts_read(b->r, &counts);
  assert_true(counts.scans_lost > 0 && counts.scans_lost < 200000);
  assert_int_equal(lw_recorder_check(b->r, NULL), 0);
}

// Eleven days end with WALL0's.
static void make_days(bench *b) {
  lw_err e = {0};
  lw_historian *h;
  assert_int_equal(lw_historian_open(&h, b->folder, &e), 0);
  lw_history_value v = {0, LW_GOOD, 1};
  assert_int_equal(lw_historian_tag(h, "temp", "degC", &e), 0);
  for (int day = -10; day <= 0; day++)
    assert_int_equal(lw_historian_put(h, WALL0 + day * 86400 * LW_S, &v, 1, &e),
                     0);
  lw_historian_close(h);
}

static lw_recorder_counts with_days(bench *b) {
  lw_recorder_counts counts;
  make_days(b);
  start(b);
  lw_recorder_counts_read(b->r, &counts);
  return counts;
}

static void days_go_by_their_share_of_the_disk(void **state) {
  bench *b = *state;
  b->plan->history_share = 1e-9; // of any disk: less than two days take
  assert_int_equal(with_days(b).days_dropped, 10);
  read_back(b, "temp");
  assert_int_equal(b->n, 2); // the newest stays: its sample, and the end's
}

static void old_days_go_by_age_and_are_counted(void **state) {
  bench *b = *state;
  b->plan->history_keep_ns = 3 * 86400 * LW_S;
  assert_int_equal(with_days(b).days_dropped, 7);
  read_back(b, "temp");
  assert_int_equal(b->n, 5); // one a day, and the end's
}

static void a_line_with_a_database_has_a_history(void **state) {
  bench *b = *state;
  lw_store *s;
  lw_line *l = line_with_store(b, &s, 0);
  int names = 0;
  run_seconds(l, 30);
  int tags = (int)lw_line_plan(l)->tag_n;
  lw_line_free(l);
  lw_store_close(s);
  snprintf(b->folder, sizeof b->folder, "%.40s/t.db.history/run-1", b->dir);
  lw_history *h;
  assert_int_equal(lw_history_open(&h, b->folder, NULL), 0);
  assert_int_equal(
      lw_history_tags(h, WALL0, WALL0 + 30 * LW_S, count_names, &names, NULL),
      0);
  assert_int_equal(names, tags);
  lw_history_close(h);
}

static int find_alarm(void *arg, int64_t id, const lw_record *r) {
  (void)id;
  if (r->kind == LW_RECORD_alarm && r->key_n == 12 &&
      memcmp(r->key, "host/history", 12) == 0)
    ++*(int *)arg;
  return 0;
}

static int find_unsent(void *arg, int64_t id, const lw_record *r) {
  (void)id;
  if (r->kind == LW_RECORD_alarm && strstr(r->data, ": 10 days of history "))
    ++*(int *)arg;
  return 0;
}

static void a_history_that_cannot_be_written_is_an_alarm_only(void **state) {
  bench *b = *state;
  lw_store *s;
  char path[96];
  int alarms = 0;
  snprintf(path, sizeof path, "%s/t.db.history", b->dir);
  FILE *file = fopen(path, "w"); // a file where the folder should be
  assert_non_null(file);
  fclose(file);
  lw_line *l = line_with_store(b, &s, 0);
  run_seconds(l, 5);
  lw_line_watch_history(l);
  lw_line_watch_history(l);
  assert_int_equal(lw_line_pump(l), 0);
  lw_line_free(l);
  assert_int_equal(lw_store_read(s, 1, find_alarm, &alarms, NULL), 0);
  assert_int_equal(alarms, 1);
  lw_store_close(s);
}

// A forwarder has come, but the disk's share is full before it has sent a day.
static void days_that_go_unsent_are_an_alarm(void **state) {
  bench *b = *state;
  lw_store *s;
  char forwarder[128];
  int alarms = 0;
  snprintf(b->folder, sizeof b->folder, "%.40s/t.db.history", b->dir);
  assert_int_equal(mkdir(b->folder, 0777), 0);
  snprintf(b->folder, sizeof b->folder, "%.40s/t.db.history/run-1", b->dir);
  make_days(b);
  snprintf(forwarder, sizeof forwarder, "%s/forward-plant.sent", b->folder);
  FILE *file = fopen(forwarder, "w");
  assert_non_null(file);
  fclose(file);
  lw_line *l = line_with_store(b, &s, 1e-9); // of any disk: next to nothing
  run_seconds(l, 1);
  lw_line_watch_history(l);
  assert_int_equal(lw_line_pump(l), 0);
  lw_line_free(l);
  assert_int_equal(lw_store_read(s, 1, find_unsent, &alarms, NULL), 0);
  assert_int_equal(alarms, 1);
  lw_store_close(s);
  read_back(b, "temp");
  assert_int_equal(b->n, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(only_changes_are_recorded_and_a_sign_of_life),
      TEST(small_moves_stay_inside_the_dead_band),
      TEST(a_change_of_quality_is_always_recorded),
      TEST(a_reading_too_old_is_recorded_as_bad),
      TEST(the_end_says_how_long_a_value_stood),
      TEST(every_scan_is_recorded_when_asked_for),
      TEST(scans_reach_the_disk_through_a_thread),
      TEST(scans_that_find_no_room_are_counted),
      TEST(days_go_by_their_share_of_the_disk),
      TEST(old_days_go_by_age_and_are_counted),
      TEST(a_line_with_a_database_has_a_history),
      TEST(a_history_that_cannot_be_written_is_an_alarm_only),
      TEST(days_that_go_unsent_are_an_alarm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
