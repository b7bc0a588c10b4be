// The historian: every sample comes back, from hot table and chunks, over days,
// restarts and kills; sums agree with sums of the samples.
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/day.h"
#include "store/historian.h"
#include "store/history.h"

#define S INT64_C(1000000000)
#define T0 (20000 * LW_DAY_NS + 3600 * S) // one o'clock of some day

typedef struct bench {
  char folder[64];
  lw_historian *h;
  lw_history *r;
  int temp, count; // two tags
  // What was read.
  size_t n, room;
  int64_t *t_ns;
  double *value;
  uint8_t *quality;
} bench;

static void open_writer(bench *b) {
  lw_err e = {0};
  if (lw_historian_open(&b->h, b->folder, &e) < 0)
    fail_msg("%s", e.text);
  b->temp = lw_historian_tag(b->h, "oven.zones[1].temp", "degC", &e);
  b->count = lw_historian_tag(b->h, "line.count", "1", &e);
  assert_true(b->temp >= 0 && b->count >= 0 && b->temp != b->count);
}

static void close_writer(bench *b) {
  lw_historian_close(b->h);
  b->h = NULL;
}

static int up(void **state) {
  bench *b = calloc(1, sizeof *b);
  char dir[48] = "/tmp/lw-hist-XXXXXX";
  assert_non_null(mkdtemp(dir));
  snprintf(b->folder, sizeof b->folder, "%s/hist", dir);
  open_writer(b);
  assert_int_equal(lw_history_open(&b->r, b->folder, NULL), 0);
  *state = b;
  return 0;
}

static int down(void **state) {
  bench *b = *state;
  char command[128];
  close_writer(b);
  lw_history_close(b->r);
  snprintf(command, sizeof command, "rm -rf %.40s", b->folder);
  *strstr(command, "/hist") = '\0';
  assert_int_equal(system(command), 0);
  free(b->t_ns);
  free(b->value);
  free(b->quality);
  free(b);
  return 0;
}

static double temp_at(int64_t i) {
  return i % 1000 == 7 ? -0.0 : floor(800 + 50 * sin((double)i / 100)) / 10;
}

static void put(bench *b, int64_t t_ns, double temp, uint8_t quality) {
  lw_err e = {0};
  lw_history_value v[] = {{(uint32_t)b->temp, quality, temp},
                          {(uint32_t)b->count, 2, (double)(t_ns / S)}};
  if (lw_historian_put(b->h, t_ns, v, 2, &e) < 0)
    fail_msg("%s", e.text);
}

// Samples i = from..to-1, one a second, committed every 50.
static void put_seconds(bench *b, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++) {
    put(b, T0 + i * S, temp_at(i), i % 100 ? 2 : 0);
    if (i % 50 == 49)
      assert_int_equal(lw_historian_commit(b->h, NULL), 0);
  }
  assert_int_equal(lw_historian_commit(b->h, NULL), 0);
}

static int collect(void *arg, const lw_chunk *c) {
  bench *b = arg;
  if (b->n + c->n > b->room) {
    b->room = 2 * (b->n + c->n);
    b->t_ns = realloc(b->t_ns, b->room * sizeof *b->t_ns);
    b->value = realloc(b->value, b->room * sizeof *b->value);
    b->quality = realloc(b->quality, b->room);
  }
  memcpy(b->t_ns + b->n, c->t_ns, c->n * sizeof *c->t_ns);
  memcpy(b->value + b->n, c->value, c->n * sizeof *c->value);
  memcpy(b->quality + b->n, c->quality, c->n);
  b->n += c->n;
  return 0;
}

static void read_back(bench *b, const char *tag, int64_t from, int64_t to) {
  lw_err e = {0};
  b->n = 0;
  if (lw_history_read(b->r, tag, from, to, collect, b, &e) < 0)
    fail_msg("%s", e.text);
}

static void expect_seconds(bench *b, int64_t from, int64_t to) {
  read_back(b, "oven.zones[1].temp", T0 + from * S, T0 + to * S);
  assert_int_equal(b->n, to - from);
  for (int64_t i = from; i < to; i++) {
    double want = temp_at(i);
    assert_int_equal(b->t_ns[i - from], T0 + i * S);
    assert_memory_equal(&b->value[i - from], &want, sizeof want);
    assert_int_equal(b->quality[i - from], i % 100 ? 2 : 0);
  }
}

static void samples_come_back_from_hot_table_and_chunks(void **state) {
  bench *b = *state;
  lw_historian_stats stats;
  put_seconds(b, 0, 100);
  expect_seconds(b, 0, 100);
  put_seconds(b, 100, 10000);
  lw_historian_stats_read(b->h, &stats);
  assert_int_equal(stats.chunks, 2 * (10000 / LW_CHUNK_N));
  assert_int_equal(stats.samples, 20000);
  expect_seconds(b, 0, 10000);
  expect_seconds(b, 2047, 2049);
  expect_seconds(b, 3000, 9999);
  expect_seconds(b, 8500, 8501);
  read_back(b, "no.such.tag", 0, INT64_MAX);
  assert_int_equal(b->n, 0);
}

static void a_restart_goes_on_where_it_was(void **state) {
  bench *b = *state;
  for (int64_t i = 0; i < 9000; i += 1500) {
    put_seconds(b, i, i + 1500);
    close_writer(b);
    open_writer(b);
  }
  expect_seconds(b, 0, 9000);
}

static void uncommitted_samples_are_not_seen(void **state) {
  bench *b = *state;
  put_seconds(b, 0, 50);
  put(b, T0 + 50 * S, 1, 2);
  read_back(b, "line.count", 0, INT64_MAX);
  assert_int_equal(b->n, 50);
}

static void days_are_files_of_their_own(void **state) {
  bench *b = *state;
  int64_t midnight = 20001 * LW_DAY_NS;
  for (int64_t i = -1500; i < 1500; i++)
    put(b, midnight + i * S, (double)i, 2);
  assert_int_equal(lw_historian_commit(b->h, NULL), 0);
  char path[128];
  snprintf(path, sizeof path, "%s/2024-10-04.db", b->folder);
  assert_int_equal(access(path, R_OK), 0);
  snprintf(path, sizeof path, "%s/2024-10-05.db", b->folder);
  assert_int_equal(access(path, R_OK), 0);
  read_back(b, "oven.zones[1].temp", midnight - 10 * S, midnight + 10 * S);
  assert_int_equal(b->n, 20);
  assert_true(b->value[0] == -10 && b->value[19] == 9);
  read_back(b, "oven.zones[1].temp", INT64_MIN + 1, INT64_MAX);
  assert_int_equal(b->n, 3000);
}

static void a_clock_set_back_loses_nothing(void **state) {
  bench *b = *state;
  put_seconds(b, 0, 3000);
  for (int64_t i = 0; i < 100; i++)
    put(b, T0 + (2000 + i) * S, 1e6, 2); // a thousand seconds back
  for (int64_t i = 0; i < 100; i++)
    put(b, T0 + i * S - LW_DAY_NS, 2e6, 2); // and a whole day
  for (int64_t i = 0; i < 100; i++)
    put(b, T0 + (4000 + i) * S, 3e6, 2);
  assert_int_equal(lw_historian_commit(b->h, NULL), 0);
  read_back(b, "oven.zones[1].temp", 0, INT64_MAX);
  assert_int_equal(b->n, 3300);
  read_back(b, "oven.zones[1].temp", T0 + 2000 * S, T0 + 2100 * S);
  assert_int_equal(b->n, 200);
}

static void a_second_writer_is_refused(void **state) {
  bench *b = *state;
  lw_historian *other;
  lw_err e = {0};
  assert_int_equal(lw_historian_open(&other, b->folder, &e), LW_E_STATE);
  assert_non_null(strstr(e.text, "is being written by process"));
}

static void wrong_use_is_refused(void **state) {
  bench *b = *state;
  lw_history *r;
  lw_bucket out[1];
  lw_err e = {0};
  lw_history_value v = {99, 2, 1};
  assert_int_equal(lw_historian_put(b->h, T0, &v, 1, &e), LW_E_RANGE);
  put_seconds(b, 0, 10); // and that stopped nothing
  assert_int_equal(lw_history_open(&r, "/no/such/folder", &e), LW_E_NOTFOUND);
  assert_int_equal(lw_history_buckets(b->r, "line.count", 5, 5, 1, out, &e),
                   LW_E_RANGE);
}

// --------------------------------------------------------------- questions --

// Buckets by hand, from the samples themselves.
static void expect_buckets(bench *b, int64_t from, int64_t to, size_t n) {
  lw_bucket *out = calloc(n, sizeof *out);
  lw_err e = {0};
  if (lw_history_buckets(b->r, "oven.zones[1].temp", T0 + from * S, T0 + to * S,
                         n, out, &e) < 0)
    fail_msg("%s", e.text);
  int64_t width = (to - from) * S / (int64_t)n;
  for (size_t k = 0; k < n; k++) {
    double sum = 0, min = INFINITY, max = -INFINITY, first = NAN, last = NAN;
    uint64_t count = 0;
    for (int64_t i = from; i < to; i++) {
      if ((i - from) * S / width != (int64_t)k || i % 100 == 0)
        continue;
      double x = temp_at(i);
      sum += x;
      min = fmin(min, x);
      max = fmax(max, x);
      first = count ? first : x;
      last = x;
      count++;
    }
    assert_int_equal(out[k].n, count);
    assert_int_equal(out[k].t_ns, T0 + from * S + (int64_t)k * width);
    assert_true(fabs(out[k].mean - sum / (double)count) < 1e-9);
    assert_true(out[k].min == min && out[k].max == max);
    assert_true(out[k].first == first && out[k].last == last);
  }
  free(out);
}

static void buckets_agree_with_the_samples(void **state) {
  bench *b = *state;
  put_seconds(b, 0, 10000);
  expect_buckets(b, 0, 10000, 1);
  expect_buckets(b, 0, 10000, 10);
  expect_buckets(b, 100, 9900, 98);
  expect_buckets(b, 2000, 2100, 4);
}

// A value that changes seldom weighs as long as it was held.
static void held_means_weigh_by_time(void **state) {
  bench *b = *state;
  lw_bucket out[4];
  put(b, T0 - 5 * S, 7, 2); // held into the span
  put(b, T0 + 10 * S, 1, 2);
  put(b, T0 + 30 * S, 5, 2);
  put(b, T0 + 60 * S, 100, 0); // bad: weighs nothing
  put(b, T0 + 70 * S, 9, 2);
  put(b, T0 + 80 * S, 9, 2);
  assert_int_equal(lw_historian_commit(b->h, NULL), 0);
  assert_int_equal(lw_history_buckets(b->r, "oven.zones[1].temp", T0,
                                      T0 + 80 * S, 4, out, NULL),
                   0);
  assert_true(fabs(out[0].held - (7 * 10 + 1 * 10) / 20.0) < 1e-9);
  assert_true(fabs(out[1].held - (1 * 10 + 5 * 10) / 20.0) < 1e-9);
  assert_true(fabs(out[2].held - 5) < 1e-9);
  assert_true(fabs(out[3].held - 9) < 1e-9);
  assert_int_equal(out[3].n, 1);
  assert_int_equal(out[0].n, 1);
  assert_true(isnan(out[2].mean) && out[2].n == 0);
}

static void held_means_are_the_same_through_chunks(void **state) {
  bench *b = *state;
  lw_bucket whole, parts[100];
  double area = 0;
  for (int64_t i = 0; i < 10001; i++)
    put(b, T0 + i * S, (double)(i % 37), 2);
  assert_int_equal(lw_historian_commit(b->h, NULL), 0);
  const char *tag = "oven.zones[1].temp";
  lw_history_buckets(b->r, tag, T0, T0 + 10000 * S, 1, &whole, NULL);
  lw_history_buckets(b->r, tag, T0, T0 + 10000 * S, 100, parts, NULL);
  for (int k = 0; k < 100; k++)
    area += parts[k].held;
  double sum = 0;
  for (int64_t i = 0; i < 10000; i++)
    sum += (double)(i % 37);
  assert_true(fabs(whole.held - sum / 10000) < 1e-9);
  assert_true(fabs(area / 100 - whole.held) < 1e-9);
}

static void a_tag_is_known_at_any_instant(void **state) {
  bench *b = *state;
  lw_instant at;
  const char *tag = "line.count";
  put_seconds(b, 0, 5000);
  assert_int_equal(
      lw_history_at(b->r, tag, T0 + 77 * S, LW_HISTORY_HELD, &at, NULL), 0);
  assert_int_equal(at.t_ns, T0 + 77 * S);
  assert_int_equal(
      lw_history_at(b->r, tag, T0 + 77 * S + S / 4, LW_HISTORY_HELD, &at, NULL),
      0);
  assert_int_equal(at.t_ns, T0 + 77 * S);
  assert_int_equal(lw_history_at(b->r, tag, T0 + 77 * S + S / 4,
                                 LW_HISTORY_LINEAR, &at, NULL),
                   0);
  assert_true(fabs(at.value - ((double)(T0 / S) + 77.25)) < 1e-6);
  assert_int_equal(
      lw_history_at(b->r, tag, INT64_MAX, LW_HISTORY_LINEAR, &at, NULL), 0);
  assert_int_equal(at.t_ns, T0 + 4999 * S);
  // Days later, nothing newer.
  assert_int_equal(
      lw_history_at(b->r, tag, T0 + 3 * LW_DAY_NS, LW_HISTORY_HELD, &at, NULL),
      0);
  assert_int_equal(at.t_ns, T0 + 4999 * S);
  assert_int_equal(lw_history_at(b->r, tag, T0 - 1, LW_HISTORY_HELD, &at, NULL),
                   LW_E_NOTFOUND);
}

static int join(void *arg, const char *name, const char *unit) {
  char *text = arg;
  sprintf(text + strlen(text), "%s[%s] ", name, unit);
  return 0;
}

static void a_grid_agrees_with_the_instants(void **state) {
  bench *b = *state;
  static lw_instant grid[900];
  put_seconds(b, 0, 5000);
  for (int how = LW_HISTORY_HELD; how <= LW_HISTORY_LINEAR; how++) {
    assert_int_equal(lw_history_grid(b->r, "line.count", T0 - 20 * S, 7 * S / 2,
                                     900, how, grid, NULL),
                     0);
    for (int i = 0; i < 900; i++) {
      lw_instant at = {.value = NAN};
      int64_t t_ns = T0 - 20 * S + i * (7 * S / 2);
      lw_history_at(b->r, "line.count", t_ns, how, &at, NULL);
      assert_true(at.quality == grid[i].quality && t_ns == grid[i].t_ns);
      assert_true(at.value == grid[i].value || (i < 6 && isnan(at.value)));
    }
  }
}

static void names_are_listed_once(void **state) {
  bench *b = *state;
  char text[200] = "";
  put_seconds(b, 0, 10);
  put(b, T0 + LW_DAY_NS, 1, 2);
  lw_historian_commit(b->h, NULL);
  assert_int_equal(
      lw_history_tags(b->r, T0, T0 + 2 * LW_DAY_NS, join, text, NULL), 0);
  assert_string_equal(text, "line.count[1] oven.zones[1].temp[degC] ");
}

// --------------------------------------------------------------- retention --

static int prune(const bench *b, int64_t before_ns, int64_t max_bytes) {
  lw_historian_pruned n;
  assert_int_equal(
      lw_historian_prune(b->folder, before_ns, max_bytes, &n, NULL), 0);
  return n.dropped;
}

static void old_days_are_dropped_and_the_newest_stays(void **state) {
  bench *b = *state;
  for (int day = 0; day < 5; day++)
    put(b, T0 + day * LW_DAY_NS, day, 2);
  lw_historian_commit(b->h, NULL);
  assert_int_equal(prune(b, T0 + 2 * LW_DAY_NS, 0), 2);
  read_back(b, "line.count", 0, INT64_MAX);
  assert_int_equal(b->n, 3);
  assert_int_equal(prune(b, 0, 1), 2);
  read_back(b, "line.count", 0, INT64_MAX);
  assert_int_equal(b->n, 1);
  assert_int_equal(prune(b, INT64_MAX, 1), 0);
}

static void dates_are_right(void **state) {
  (void)state;
  char name[LW_DAY_NAME_N];
  static const struct {
    int64_t day;
    const char *name;
  } known[] = {{0, "1970-01-01.db"},     {-1, "1969-12-31.db"},
               {11016, "2000-02-29.db"}, {11017, "2000-03-01.db"},
               {47540, "2100-02-28.db"}, {47541, "2100-03-01.db"},
               {20779, "2026-11-22.db"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    assert_int_equal(lw_day_name(known[i].day, name), 0);
    assert_string_equal(name, known[i].name);
    if (known[i].day >= 0)
      assert_int_equal(lw_day_parse(name), known[i].day);
  }
  assert_int_equal(lw_day_parse("2025-02-29.db"), -1);
  assert_int_equal(lw_day_parse("2025-02-28.db-wal"), -1);
  assert_int_equal(lw_day_of(-1), -1);
}

// ------------------------------------------------------------------ faults --

static void a_kill_loses_nothing_committed(void **state) {
  bench *b = *state;
  _Atomic int64_t *committed = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  close_writer(b);
  unsigned random = 5;
  int64_t have = 0;
  for (int life = 0; life < 25; life++) {
    pid_t child = fork();
    if (child == 0) {
      open_writer(b);
      for (int64_t i = have;; i++) {
        put(b, T0 + i * S, temp_at(i), i % 100 ? 2 : 0);
        if (i % 100 == 99 && lw_historian_commit(b->h, NULL) == 0)
          *committed = i + 1;
      }
    }
    // Some lives are killed at once, the others after some commits.
    int64_t enough = life % 5 ? *committed + 200 : 0;
    for (int i = 0; *committed < enough && i < 20000; i++)
      usleep(500);
    usleep((useconds_t)(rand_r(&random) % 8000));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    read_back(b, "line.count", 0, INT64_MAX);
    assert_true((int64_t)b->n >= *committed);
    have = (int64_t)b->n;
    expect_seconds(b, 0, have);
  }
  assert_true(have > LW_CHUNK_N);
  munmap((void *)committed, 4096);
}

// What is written then has no name: nobody would ever read it.
static void a_day_that_is_removed_stops_it(void **state) {
  bench *b = *state;
  lw_err e = {0};
  char path[128];
  put_seconds(b, 0, 100);
  snprintf(path, sizeof path, "%s/2024-10-04.db", b->folder);
  assert_int_equal(unlink(path), 0);
  put(b, T0 + 200 * S, 1, 2);
  assert_int_equal(lw_historian_commit(b->h, &e), LW_E_IO);
  assert_non_null(
      strstr(e.text, "was removed or replaced while it was in use"));
}

static void a_full_disk_stops_it(void **state) {
  bench *b = *state;
  struct rlimit limit = {.rlim_cur = 1u << 20, .rlim_max = RLIM_INFINITY};
  lw_err e = {0};
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  lw_history_value v = {(uint32_t)b->temp, 2, 0};
  int64_t committed = 0, i = 0;
  int rc = 0;
  for (; rc == 0 && i < 1000000; i++) {
    v.value = sin((double)i);
    rc = lw_historian_put(b->h, T0 + i * 1000000, &v, 1, &e);
    if (rc == 0 && i % 50 == 49 && (rc = lw_historian_commit(b->h, &e)) == 0)
      committed = i + 1;
  }
  limit.rlim_cur = RLIM_INFINITY;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_true(rc == LW_E_FULL || rc == LW_E_IO);
  lw_err again = {0};
  assert_int_equal(lw_historian_put(b->h, T0, &v, 1, &again), rc);
  assert_string_equal(again.text, e.text);
  close_writer(b);
  open_writer(b);
  put(b, T0 + LW_DAY_NS / 2, 1, 2);
  assert_int_equal(lw_historian_commit(b->h, NULL), 0);
  read_back(b, "oven.zones[1].temp", 0, INT64_MAX);
  assert_true((int64_t)b->n >= committed + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(samples_come_back_from_hot_table_and_chunks),
      TEST(a_restart_goes_on_where_it_was),
      TEST(uncommitted_samples_are_not_seen),
      TEST(days_are_files_of_their_own),
      TEST(a_clock_set_back_loses_nothing),
      TEST(a_second_writer_is_refused),
      TEST(wrong_use_is_refused),
      TEST(buckets_agree_with_the_samples),
      TEST(held_means_weigh_by_time),
      TEST(held_means_are_the_same_through_chunks),
      TEST(a_tag_is_known_at_any_instant),
      TEST(a_grid_agrees_with_the_instants),
      TEST(names_are_listed_once),
      TEST(old_days_are_dropped_and_the_newest_stays),
      TEST(a_day_that_is_removed_stops_it),
      cmocka_unit_test(dates_are_right),
      TEST(a_kill_loses_nothing_committed),
      TEST(a_full_disk_stops_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
