#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <pthread.h>
#include <sched.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/ring.h"

enum { SIZE = 1024 };

typedef struct {
  _Atomic uint64_t head, tail;
  uint8_t data[SIZE];
  lw_ring ring;
} fixture;

static void fixture_init(fixture *f) {
  memset(f, 0, sizeof *f);
  lw_ring_init(&f->ring, f->data, SIZE, &f->head, &f->tail);
}

// The i-th message of a stream that both sides can compute.
static size_t message(uint32_t i, uint8_t *buf) {
  size_t n = i * 37u % 200u;
  for (size_t k = 0; k < n; k++)
    buf[k] = (uint8_t)(i * 31u + k);
  return n;
}

static void messages_come_out_in_order_and_whole(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  uint8_t want[256], got[256];
  uint32_t put = 0, taken = 0;
  while (taken < 2000) {
    while (lw_ring_put(&f.ring, want, message(put, want)) == 0)
      put++;
    for (int k = 0; k < 3; k++) {
      size_t n = message(taken++, want);
      assert_int_equal(lw_ring_get(&f.ring, got, sizeof got), n);
      assert_memory_equal(got, want, n);
    }
  }
}

static void an_empty_ring_has_nothing_yet(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  uint8_t buf[8];
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_AGAIN);
  assert_int_equal(lw_ring_put(&f.ring, NULL, 0), 0);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), 0);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_AGAIN);
}

static void a_full_ring_takes_nothing_half(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  uint8_t buf[SIZE] = {0};
  assert_int_equal(lw_ring_put(&f.ring, buf, SIZE - 4), 0);
  assert_int_equal(lw_ring_put(&f.ring, buf, 1), LW_E_FULL);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), SIZE - 4);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_AGAIN);
}

static void what_never_fits_is_out_of_range(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  static const uint8_t big[LW_RING_MESSAGE_MAX + 1];
  assert_int_equal(lw_ring_put(&f.ring, big, SIZE - 3), LW_E_RANGE);
  assert_int_equal(lw_ring_put(&f.ring, big, sizeof big), LW_E_RANGE);
}

static void the_longest_message_fits(void **unused) {
  (void)unused;
  enum { BIG = 2 * 65536 };
  static uint8_t data[BIG], out[LW_RING_MESSAGE_MAX];
  static uint8_t in[LW_RING_MESSAGE_MAX + 1];
  _Atomic uint64_t head = 0, tail = 0;
  lw_ring r;
  lw_ring_init(&r, data, BIG, &head, &tail);
  in[0] = 1;
  in[LW_RING_MESSAGE_MAX - 1] = 2;
  assert_int_equal(lw_ring_put(&r, in, sizeof in), LW_E_RANGE);
  assert_int_equal(lw_ring_put(&r, in, LW_RING_MESSAGE_MAX), 0);
  assert_int_equal(lw_ring_get(&r, out, sizeof out), LW_RING_MESSAGE_MAX);
  assert_memory_equal(out, in, sizeof out);
  // One more byte is nonsense, even where the ring could hold it.
  const uint32_t length = LW_RING_MESSAGE_MAX + 1;
  lw_ring_init(&r, data, BIG, &head, &tail);
  head = tail = 0;
  lw_ring_put(&r, in, LW_RING_MESSAGE_MAX);
  lw_ring_put(&r, in, 100);
  memcpy(data, &length, sizeof length);
  assert_int_equal(lw_ring_get(&r, out, sizeof out), LW_E_CORRUPT);
}

static void a_message_of_exactly_the_buffer_is_taken(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  uint8_t buf[8];
  lw_ring_put(&f.ring, "12345678", 8);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), 8);
  assert_memory_equal(buf, "12345678", 8);
}

static void a_message_longer_than_the_buffer_is_lost_alone(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  uint8_t buf[8];
  lw_ring_put(&f.ring, "123456789", 9);
  lw_ring_put(&f.ring, "next", 4);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_RANGE);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), 4);
  assert_memory_equal(buf, "next", 4);
}

static void damaged_lengths_empty_the_ring(void **unused) {
  (void)unused;
  const uint32_t lengths[] = {UINT32_MAX, UINT32_MAX - 3, SIZE, 13,
                              LW_RING_MESSAGE_MAX + 1};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    fixture f;
    fixture_init(&f);
    uint8_t buf[SIZE];
    lw_ring_put(&f.ring, "ABCDEFGHIJ", 10);
    memcpy(f.data, &lengths[i], 4);
    assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_CORRUPT);
    assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_AGAIN);
    assert_int_equal(lw_ring_put(&f.ring, "again", 5), 0);
    assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), 5);
  }
}

static void a_damaged_head_empties_the_ring(void **unused) {
  (void)unused;
  const uint64_t heads[] = {1, 3, SIZE + 4, UINT64_MAX};
  for (size_t i = 0; i < 2 * sizeof heads / sizeof *heads; i++) {
    fixture f;
    fixture_init(&f);
    uint8_t buf[SIZE];
    f.tail = i % 2 ? 400 : 0; // where it stands makes no difference
    f.head = f.tail + heads[i / 2];
    assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_CORRUPT);
    assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_AGAIN);
  }
}

static void a_tail_between_messages_empties_the_ring(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  uint8_t buf[SIZE];
  for (uint64_t off = 1; off < 4; off++) {
    lw_ring_put(&f.ring, "ABCDEFGHIJ", 10);
    f.tail += off;
    assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_CORRUPT);
  }
  // A length that reaches beyond what was put, in the second round.
  fixture_init(&f);
  f.head = f.tail = 2 * SIZE;
  lw_ring_put(&f.ring, "ABCDEFGHIJ", 10);
  const uint32_t length = 13;
  memcpy(f.data, &length, sizeof length);
  assert_int_equal(lw_ring_get(&f.ring, buf, sizeof buf), LW_E_CORRUPT);
}

static void a_damaged_tail_makes_the_ring_full(void **unused) {
  (void)unused;
  fixture f;
  fixture_init(&f);
  f.tail = 12345;
  assert_int_equal(lw_ring_put(&f.ring, "x", 1), LW_E_FULL);
  f.tail = UINT64_MAX - SIZE;
  assert_int_equal(lw_ring_put(&f.ring, "x", 1), LW_E_FULL);
}

enum { STREAM_N = 20000 };

static void *produce(void *arg) {
  fixture *f = arg;
  uint8_t buf[256];
  for (uint32_t i = 0; i < STREAM_N; i++) {
    size_t n = message(i, buf);
    while (lw_ring_put(&f->ring, buf, n) != 0)
      sched_yield();
  }
  return NULL;
}

static void two_threads_lose_and_change_nothing(void **unused) {
  (void)unused;
  static fixture f;
  fixture_init(&f);
  pthread_t producer;
  assert_int_equal(pthread_create(&producer, NULL, produce, &f), 0);
  uint8_t want[256], got[256];
  for (uint32_t i = 0; i < STREAM_N; i++) {
    size_t n = message(i, want);
    int rc;
    while ((rc = lw_ring_get(&f.ring, got, sizeof got)) == LW_E_AGAIN)
      sched_yield();
    assert_int_equal(rc, n);
    assert_memory_equal(got, want, n);
  }
  pthread_join(producer, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_come_out_in_order_and_whole),
      cmocka_unit_test(an_empty_ring_has_nothing_yet),
      cmocka_unit_test(a_full_ring_takes_nothing_half),
      cmocka_unit_test(what_never_fits_is_out_of_range),
      cmocka_unit_test(the_longest_message_fits),
      cmocka_unit_test(a_message_of_exactly_the_buffer_is_taken),
      cmocka_unit_test(a_message_longer_than_the_buffer_is_lost_alone),
      cmocka_unit_test(damaged_lengths_empty_the_ring),
      cmocka_unit_test(a_damaged_head_empties_the_ring),
      cmocka_unit_test(a_tail_between_messages_empties_the_ring),
      cmocka_unit_test(a_damaged_tail_makes_the_ring_full),
      cmocka_unit_test(two_threads_lose_and_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
