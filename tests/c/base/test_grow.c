#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>

#include <cmocka.h>

#include "base/bits.h"
#include "base/err.h"
#include "base/grow.h"

static void items_stay_and_room_doubles(void **unused) {
  (void)unused;
  int *items = NULL;
  size_t room = 0, moves = 0;
  for (size_t n = 0; n < 10000; n++) {
    size_t before = room;
    assert_int_equal(lw_grow(&items, &room, n + 1, sizeof *items), 0);
    assert_true(room > n);
    moves += room != before;
    items[n] = (int)n;
  }
  assert_true(moves <= 11);
  for (size_t n = 0; n < 10000; n++)
    assert_int_equal(items[n], n);
  free(items);
}

static void one_wish_beyond_the_double_is_met(void **unused) {
  (void)unused;
  char *bytes = NULL;
  size_t room = 0;
  assert_int_equal(lw_grow(&bytes, &room, 1000, 1), 0);
  assert_int_equal(room, 1000);
  assert_int_equal(lw_grow(&bytes, &room, 1000, 1), 0);
  assert_int_equal(room, 1000);
  assert_int_equal(lw_grow(&bytes, &room, 1001, 1), 0);
  assert_int_equal(room, 2000);
  free(bytes);
}

static void what_no_memory_holds_is_refused(void **unused) {
  (void)unused;
  double *items = NULL;
  size_t room = 0;
  assert_int_equal(lw_grow(&items, &room, 4, sizeof *items), 0);
  double *before = items;
  size_t had = room;
  assert_int_equal(lw_grow(&items, &room, SIZE_MAX / 8 + 1, sizeof *items),
                   LW_E_NOMEM);
  assert_ptr_equal(items, before);
  assert_int_equal(room, had);
  free(items);
}

static void bits_come_back(void **unused) {
  (void)unused;
  assert_true(lw_bits_of_double(-0.0) == (uint64_t)1 << 63);
  assert_true(lw_bits_of_double(1.0) == 0x3FF0000000000000);
  uint64_t odd_nan = 0x7FF8000000000123;
  assert_true(lw_bits_of_double(lw_double_of_bits(odd_nan)) == odd_nan);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(items_stay_and_room_doubles),
      cmocka_unit_test(one_wish_beyond_the_double_is_met),
      cmocka_unit_test(what_no_memory_holds_is_refused),
      cmocka_unit_test(bits_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
