#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "c/image/plans.h"
#include "image/image.h"

typedef struct {
  lw_plan *plan;
  lw_image *image;
  lw_desk *desk;
} fixture;

static const uint8_t digest[32] = {1, 2, 3};

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->plan = plan_sample();
  f->image = calloc(1, lw_image_size(f->plan));
  f->desk = calloc(1, lw_desk_size(f->plan));
  lw_image_init(f->image, f->plan, digest);
  lw_desk_init(f->desk, f->plan);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  lw_plan_free(f->plan);
  free(f->image);
  free(f->desk);
  free(f);
  return 0;
}

static void slots_start_bad(void **state) {
  fixture *f = *state;
  for (int i = 0; i < PLAN_TAG_N; i++) {
    lw_reading r;
    lw_slot_read(&lw_image_slots(f->image)[i], &r);
    assert_int_equal(r.quality, LW_BAD);
    assert_true(isnan(r.value));
  }
}

static void a_slot_gives_back_what_was_written(void **state) {
  fixture *f = *state;
  lw_slot *s = &lw_image_slots(f->image)[1];
  lw_slot_write(s,
                &(lw_reading){.value = -0.5, .t_ns = 77, .quality = LW_GOOD});
  lw_reading r;
  lw_slot_read(s, &r);
  assert_true(r.value == -0.5);
  assert_int_equal(r.t_ns, 77);
  assert_int_equal(r.quality, LW_GOOD);
}

static void a_writer_that_died_inside_leaves_a_bad_reading(void **state) {
  fixture *f = *state;
  lw_slot *s = &lw_image_slots(f->image)[1];
  lw_slot_write(s, &(lw_reading){.value = 1, .quality = LW_GOOD});
  s->seq |= 1;
  lw_reading r;
  lw_slot_read(s, &r);
  assert_int_equal(r.quality, LW_BAD);
  assert_true(isnan(r.value));
  // The next writer mends it.
  lw_slot_write(s, &(lw_reading){.value = 2, .quality = LW_GOOD});
  lw_slot_read(s, &r);
  assert_true(r.value == 2);
}

static void a_request_is_counted(void **state) {
  fixture *f = *state;
  lw_request *q = &lw_desk_requests(f->desk)[2];
  lw_wish w;
  assert_int_equal(lw_request_read(q, &w), 0);
  assert_int_equal(w.count, 0);
  lw_request_write(q, 6.5, 3);
  lw_request_write(q, 7.5, 4);
  assert_int_equal(lw_request_read(q, &w), 0);
  assert_true(w.value == 7.5);
  assert_int_equal(w.epoch, 4);
  assert_int_equal(w.count, 2);
  q->seq |= 1; // the worker died inside
  assert_int_equal(lw_request_read(q, &w), LW_E_AGAIN);
}

enum { ROUNDS = 30000 };

static void *write_slot(void *arg) {
  lw_slot *s = arg;
  for (int i = 1; i <= ROUNDS; i++)
    lw_slot_write(s,
                  &(lw_reading){.value = i, .t_ns = 3 * i, .quality = i % 3});
  return NULL;
}

static void two_threads_never_see_a_torn_reading(void **state) {
  fixture *f = *state;
  lw_slot *s = &lw_image_slots(f->image)[0];
  pthread_t writer;
  lw_slot_write(s, &(lw_reading){.value = 0});
  assert_int_equal(pthread_create(&writer, NULL, write_slot, s), 0);
  lw_reading r = {0};
  double last = 0;
  while (r.value < ROUNDS) {
    lw_slot_read(s, &r);
    assert_int_equal(r.t_ns, 3 * (int64_t)r.value);
    assert_int_equal(r.quality, (int)r.value % 3);
    assert_true(r.value >= last);
    last = r.value;
  }
  pthread_join(writer, NULL);
}

static void a_trip_fits_one_word(void **unused) {
  (void)unused;
  const lw_trip in = {.seq = UINT32_MAX,
                      .index = 0xFFFF,
                      .cause = LW_CAUSE_driver,
                      .level = LW_LEVEL_abort};
  lw_trip out = lw_trip_unpack(lw_trip_pack(&in));
  assert_int_equal(out.seq, in.seq);
  assert_int_equal(out.index, in.index);
  assert_int_equal(out.cause, in.cause);
  assert_int_equal(out.level, in.level);
  out = lw_trip_unpack(0);
  assert_int_equal(out.seq, 0);
}

static void foreign_memory_is_refused(void **state) {
  fixture *f = *state;
  size_t image_n = lw_image_size(f->plan), desk_n = lw_desk_size(f->plan);
  assert_int_equal(lw_image_check(f->image, image_n, NULL), 0);
  assert_int_equal(lw_desk_check(f->desk, desk_n, f->plan, NULL), 0);
  assert_int_equal(lw_image_check(f->image, image_n - 1, NULL), LW_E_CORRUPT);
  assert_int_equal(lw_desk_check(f->desk, desk_n - 1, f->plan, NULL),
                   LW_E_CORRUPT);
  assert_int_equal(lw_image_check(f->image, 8, NULL), LW_E_CORRUPT);
  assert_int_equal(lw_desk_check(f->desk, 8, f->plan, NULL), LW_E_CORRUPT);
  f->image->tag_n = UINT32_MAX;
  assert_int_equal(lw_image_check(f->image, image_n, NULL), LW_E_CORRUPT);
  f->image->tag_n = PLAN_TAG_N;
  f->image->command_size *= 2;
  assert_int_equal(lw_image_check(f->image, image_n, NULL), LW_E_CORRUPT);
  f->desk->record_size *= 2;
  assert_int_equal(lw_desk_check(f->desk, desk_n, f->plan, NULL), LW_E_CORRUPT);
  f->image->version = f->desk->version = 99;
  assert_int_equal(lw_image_check(f->image, image_n, NULL), LW_E_UNSUPPORTED);
  assert_int_equal(lw_desk_check(f->desk, desk_n, f->plan, NULL),
                   LW_E_UNSUPPORTED);
  f->image->magic = f->desk->magic = 0;
  assert_int_equal(lw_image_check(f->image, image_n, NULL), LW_E_CORRUPT);
  assert_int_equal(lw_desk_check(f->desk, desk_n, f->plan, NULL), LW_E_CORRUPT);
}

static void the_rings_end_where_the_regions_end(void **state) {
  fixture *f = *state;
  lw_ring commands = lw_image_commands(f->image, f->desk);
  lw_ring records = lw_image_records(f->image, f->desk);
  assert_ptr_equal(commands.data + commands.size,
                   (uint8_t *)f->image + lw_image_size(f->plan));
  assert_ptr_equal(records.data + records.size,
                   (uint8_t *)f->desk + lw_desk_size(f->plan));
  // A worker that lies about sizes moves nothing.
  f->desk->record_size = UINT32_MAX;
  assert_int_equal(lw_image_records(f->image, f->desk).size, LW_RECORD_RING);
}

static void status_texts_are_closed_and_whole(void **state) {
  fixture *f = *state;
  lw_status in, out;
  memset(&in, 'x', sizeof in);
  in.until_ns = 5;
  strcpy(in.operation, "coat > lip purge");
  strcpy(in.step, "a\nHELD\r\033[2J\x7f \xc2\x9b 20 \xc2\xb5m\xc2");
  lw_status_write(f->desk, &in);
  assert_int_equal(lw_status_read(f->desk, &out), 0);
  assert_string_equal(out.operation, "coat > lip purge");
  assert_string_equal(out.step, "a HELD ?[2J? ?? 20 \xc2\xb5m\xc2");
  assert_int_equal(strlen(out.where), LW_STATUS_TEXT - 1);
  assert_int_equal(out.until_ns, 5);
  f->desk->status_seq |= 1;
  assert_int_equal(lw_status_read(f->desk, &out), LW_E_AGAIN);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(slots_start_bad),
      TEST(a_slot_gives_back_what_was_written),
      TEST(a_writer_that_died_inside_leaves_a_bad_reading),
      TEST(a_request_is_counted),
      TEST(two_threads_never_see_a_torn_reading),
      TEST(a_trip_fits_one_word),
      TEST(foreign_memory_is_refused),
      TEST(the_rings_end_where_the_regions_end),
      TEST(status_texts_are_closed_and_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
