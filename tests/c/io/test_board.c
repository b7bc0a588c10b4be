#include "lines.h"

#include <pthread.h>
#include <string.h>

#include "io/board.h"

typedef struct traffic {
  lw_cell cell;
  lw_note note;
  _Atomic int is_done;
} traffic;

// Writes readings whose three parts belong together, and texts of one letter.
static void *write_all(void *arg) {
  traffic *t = arg;
  char text[100];
  for (int i = 1; i <= 400000; i++) {
    lw_cell_write(
        &t->cell,
        &(lw_reading){.value = i, .t_ns = (int64_t)i * 3, .quality = i % 3});
    memset(text, 'a' + i % 26, sizeof text);
    text[i % 90] = '\0';
    if (i % 8 == 0)
      lw_note_write(&t->note, text);
  }
  atomic_store(&t->is_done, 1);
  return NULL;
}

static void readers_never_see_half_a_write(void **state) {
  (void)state;
  static traffic t;
  pthread_t writer;
  char text[200];
  double last = 0;
  assert_int_equal(pthread_create(&writer, NULL, write_all, &t), 0);
  while (!atomic_load(&t.is_done)) {
    lw_reading r;
    lw_cell_read(&t.cell, &r);
    assert_true(r.t_ns == (int64_t)r.value * 3);
    assert_true(r.quality == (int)r.value % 3);
    assert_true(r.value >= last);
    last = r.value;
    lw_note_read(&t.note, text, sizeof text);
    for (size_t i = 1; i < strlen(text); i++)
      assert_true(text[i] == text[0]);
  }
  pthread_join(writer, NULL);
}

// A writer that was preempted for ever in the middle of its write, as a driver
// is by a scan of higher priority, must not hold the reader up.
static void a_stopped_writer_stops_no_reader(void **state) {
  (void)state;
  lw_cell c = {0};
  lw_reading r;
  lw_cell_write(&c, &(lw_reading){.value = 5, .t_ns = 50, .quality = 2});
  // Half of the next write: its half is filled, its turn is not told.
  atomic_store(&c.half[(c.turn + 1) & 1].t_ns, 99);
  lw_cell_read(&c, &r);
  assert_true(r.value == 5 && r.t_ns == 50 && r.quality == 2);
}

static void texts_are_cut_to_the_readers_room(void **state) {
  (void)state;
  lw_note n = {0};
  char text[300], small[4];
  memset(text, 'x', sizeof text);
  text[299] = '\0';
  lw_note_write(&n, text);
  lw_note_read(&n, text, sizeof text);
  assert_int_equal(strlen(text), 199);
  lw_note_read(&n, small, sizeof small);
  assert_string_equal(small, "xxx");
  lw_note_write(&n, "");
  lw_note_read(&n, small, sizeof small);
  assert_string_equal(small, "");
}

static void the_newest_output_is_the_one_that_counts(void **state) {
  (void)state;
  lw_output o = {0};
  double value;
  uint32_t count, older;
  assert_int_equal(lw_output_get(&o, &value, &count), 0);
  lw_output_put(&o, 1, 0);
  assert_int_equal(lw_output_get(&o, &value, &older), 1);
  lw_output_put(&o, 2, 0); // while the first is on its way
  lw_output_done(&o, older);
  assert_int_equal(lw_output_get(&o, &value, &count), 1);
  assert_true(value == 2);
  lw_output_done(&o, count);
  assert_int_equal(lw_output_get(&o, &value, &count), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(readers_never_see_half_a_write),
      cmocka_unit_test(a_stopped_writer_stops_no_reader),
      cmocka_unit_test(texts_are_cut_to_the_readers_room),
      cmocka_unit_test(the_newest_output_is_the_one_that_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
