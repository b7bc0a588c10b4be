#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/record.h"

static lw_record sample(void) {
  return (lw_record){.seq = 7,
                     .t_ns = -3,
                     .wall_ns = INT64_C(1790000000000000000),
                     .kind = LW_RECORD_end,
                     .durable = 1,
                     .synced = 1,
                     .key = "execute/coat#1",
                     .key_n = 14,
                     .data = "{\"v\":1}",
                     .data_n = 7};
}

static void a_record_survives_the_journey(void **unused) {
  (void)unused;
  lw_record in = sample(), out;
  uint8_t buf[256];
  size_t n = lw_record_encode(&in, buf);
  assert_int_equal(n, lw_record_size(&in));
  assert_int_equal(lw_record_decode(&out, buf, n), 0);
  assert_int_equal(out.seq, in.seq);
  assert_int_equal(out.t_ns, in.t_ns);
  assert_int_equal(out.wall_ns, in.wall_ns);
  assert_int_equal(out.kind, in.kind);
  assert_int_equal(out.durable, 1);
  assert_int_equal(out.synced, 1);
  assert_int_equal(out.key_n, in.key_n);
  assert_memory_equal(out.key, in.key, in.key_n);
  assert_int_equal(out.data_n, in.data_n);
  assert_memory_equal(out.data, in.data, in.data_n);
}

static void empty_key_and_data_are_fine(void **unused) {
  (void)unused;
  lw_record in = {.kind = LW_RECORD_note}, out;
  uint8_t buf[64];
  size_t n = lw_record_encode(&in, buf);
  assert_int_equal(lw_record_decode(&out, buf, n), 0);
  assert_int_equal(out.key_n, 0);
  assert_int_equal(out.data_n, 0);
}

static void every_other_length_is_corrupt(void **unused) {
  (void)unused;
  lw_record in = sample(), out;
  uint8_t buf[256] = {0};
  size_t n = lw_record_encode(&in, buf);
  for (size_t i = 0; i < sizeof buf; i++)
    if (i != n)
      assert_int_equal(lw_record_decode(&out, buf, i), LW_E_CORRUPT);
}

// Whatever a crashed script leaves in the ring: an error, or a record whose
// texts lie inside the message.
static void flipped_bits_never_point_outside(void **unused) {
  (void)unused;
  lw_record in = sample(), out;
  uint8_t clean[256], buf[256];
  size_t n = lw_record_encode(&in, clean);
  for (size_t bit = 0; bit < 8 * n; bit++) {
    memcpy(buf, clean, n);
    buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
    int rc = lw_record_decode(&out, buf, n);
    if (rc == 0) {
      assert_true(out.kind < LW_RECORD_N);
      assert_ptr_equal(out.data, out.key + out.key_n);
      assert_ptr_equal(out.data + out.data_n, (const char *)buf + n);
    } else {
      assert_int_equal(rc, LW_E_CORRUPT);
    }
  }
}

static void wrong_bytes_are_corrupt_one_by_one(void **unused) {
  (void)unused;
  static const struct {
    int at, value; // 32 kind, 33 durable, 34 synced
  } wrong[] = {{32, LW_RECORD_N}, {32, 255}, {33, 2}, {34, 2}};
  lw_record in = sample(), out;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    uint8_t buf[256];
    size_t n = lw_record_encode(&in, buf);
    buf[wrong[i].at] = (uint8_t)wrong[i].value;
    assert_int_equal(lw_record_decode(&out, buf, n), LW_E_CORRUPT);
  }
  uint8_t buf[256];
  in.kind = LW_RECORD_N - 1;
  assert_int_equal(lw_record_decode(&out, buf, lw_record_encode(&in, buf)), 0);
}

static void kinds_have_names_and_defaults(void **unused) {
  (void)unused;
  for (int k = 0; k < LW_RECORD_N; k++)
    assert_int_equal(lw_record_kind_find(lw_record_kind_name(k)), k);
  assert_null(lw_record_kind_name(-1));
  assert_null(lw_record_kind_name(LW_RECORD_N));
  assert_int_equal(lw_record_kind_find("begins"), LW_E_NOTFOUND);
  assert_int_equal(lw_record_kind_durable(LW_RECORD_end), 1);
  assert_int_equal(lw_record_kind_durable(LW_RECORD_begin), 0);
  assert_int_equal(lw_record_kind_durable(-1), 0);
  assert_int_equal(lw_record_kind_durable(LW_RECORD_N), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_record_survives_the_journey),
      cmocka_unit_test(empty_key_and_data_are_fine),
      cmocka_unit_test(every_other_length_is_corrupt),
      cmocka_unit_test(flipped_bits_never_point_outside),
      cmocka_unit_test(wrong_bytes_are_corrupt_one_by_one),
      cmocka_unit_test(kinds_have_names_and_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
