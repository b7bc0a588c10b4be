// Retention and forwarders: an old day waits until each of them has all of it;
// a full disk does not wait.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/day.h"
#include "store/historian.h"
#include "store/sent.h"

#define DAYS 5
#define CHUNKS INT64_C(2) // of each day, one a tag
#define DAY0 20000        // since 1970
#define T0 (DAY0 * LW_DAY_NS + LW_DAY_NS / 2)

typedef struct bench {
  char folder[64];
} bench;

// Five days of two tags, one sample each.
static int up(void **state) {
  bench *b = calloc(1, sizeof *b);
  lw_historian *h;
  snprintf(b->folder, sizeof b->folder, "/tmp/lw-keep-XXXXXX");
  assert_non_null(mkdtemp(b->folder));
  assert_int_equal(lw_historian_open(&h, b->folder, NULL), 0);
  assert_int_equal(lw_historian_tag(h, "temp", "degC", NULL), 0);
  assert_int_equal(lw_historian_tag(h, "count", "1", NULL), 1);
  for (int day = 0; day < DAYS; day++) {
    lw_history_value v[] = {{0, 2, day}, {1, 2, -day}};
    assert_int_equal(lw_historian_put(h, T0 + day * LW_DAY_NS, v, 2, NULL), 0);
  }
  lw_historian_close(h);
  *state = b;
  return 0;
}

static int down(void **state) {
  bench *b = *state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", b->folder);
  assert_int_equal(system(command), 0);
  free(b);
  return 0;
}

// Bytes of a day's file, 0 when it is gone.
static int64_t day_size(const bench *b, int day) {
  char name[LW_DAY_NAME_N], path[128];
  struct stat info;
  lw_day_name(DAY0 + day, name);
  snprintf(path, sizeof path, "%s/%s", b->folder, name);
  return stat(path, &info) == 0 ? info.st_size : 0;
}

static int64_t all_size(const bench *b) {
  int64_t size = 0;
  for (int day = 0; day < DAYS; day++)
    size += day_size(b, day);
  return size;
}

// The days that are there, "01234".
static const char *days_left(const bench *b) {
  static char left[DAYS + 1];
  int n = 0;
  for (int day = 0; day < DAYS; day++)
    if (day_size(b, day))
      left[n++] = (char)('0' + day);
  left[n] = 0;
  return left;
}

// A forwarder tells of a day; of none when it has only come.
static void tell(const bench *b, const char *who, int day, int64_t chunk) {
  lw_sent s;
  assert_int_equal(lw_sent_open(&s, b->folder, who, NULL), 0);
  if (day >= 0)
    assert_int_equal(lw_sent_note(&s, DAY0 + day, chunk, NULL), 0);
  assert_int_equal(lw_sent_save(&s, NULL), 0);
  lw_sent_fini(&s);
}

static lw_historian_pruned prune(const bench *b, int64_t before_ns,
                                 int64_t max_bytes) {
  lw_historian_pruned n;
  assert_int_equal(
      lw_historian_prune(b->folder, before_ns, max_bytes, &n, NULL), 0);
  return n;
}

static void a_day_waits_until_all_of_it_is_sent(void **state) {
  bench *b = *state;
  tell(b, "plant", -1, 0);
  assert_int_equal(prune(b, INT64_MAX, 0).waiting, DAYS - 1);
  tell(b, "plant", 0, CHUNKS - 1);
  assert_int_equal(prune(b, INT64_MAX, 0).waiting, DAYS - 1);
  tell(b, "plant", 0, CHUNKS);
  lw_historian_pruned n = prune(b, INT64_MAX, 0);
  assert_int_equal(n.dropped, 1);
  assert_int_equal(n.unsent, 0);
  assert_int_equal(n.waiting, DAYS - 2);
  assert_string_equal(days_left(b), "1234");
}

static void it_waits_for_each_forwarder_that_is_not_forgotten(void **state) {
  bench *b = *state;
  for (int day = 0; day < 2; day++)
    tell(b, "plant", day, CHUNKS);
  tell(b, "office", 0, CHUNKS);
  assert_int_equal(prune(b, INT64_MAX, 0).dropped, 1);
  assert_string_equal(days_left(b), "1234");
  assert_int_equal(lw_sent_forget(b->folder, "office", NULL), 1);
  assert_int_equal(lw_sent_forget(b->folder, "office", NULL), 0);
  assert_int_equal(prune(b, INT64_MAX, 0).dropped, 1);
  assert_string_equal(days_left(b), "234");
}

// What is sent goes first, though it is younger; then the oldest.
static void a_full_disk_does_not_wait(void **state) {
  bench *b = *state;
  tell(b, "plant", 2, CHUNKS);
  lw_historian_pruned n = prune(b, INT64_MIN, all_size(b) - 1);
  assert_int_equal(n.dropped, 1);
  assert_int_equal(n.unsent, 0);
  assert_string_equal(days_left(b), "0134");
  n = prune(b, INT64_MAX, all_size(b) - day_size(b, 0) - 1);
  assert_int_equal(n.dropped, 2);
  assert_int_equal(n.unsent, 2);
  assert_int_equal(n.waiting, 1);
  assert_string_equal(days_left(b), "34");
}

// A forwarder's file that was cut by a power failure claims less, never more.
static void a_damaged_file_makes_days_wait(void **state) {
  bench *b = *state;
  char command[200];
  for (int day = 0; day < DAYS; day++)
    tell(b, "plant", day, CHUNKS);
  snprintf(command, sizeof command, "truncate -s 20 %s/forward-*.sent",
           b->folder);
  assert_int_equal(system(command), 0);
  assert_int_equal(prune(b, INT64_MAX, 0).dropped, 1);
  assert_string_equal(days_left(b), "1234");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_day_waits_until_all_of_it_is_sent),
      TEST(it_waits_for_each_forwarder_that_is_not_forgotten),
      TEST(a_full_disk_does_not_wait),
      TEST(a_damaged_file_makes_days_wait),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
