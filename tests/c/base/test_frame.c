#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/frame.h"

static void put(lw_frame_in *in, const char *bytes, size_t n) {
  while (n > 0) {
    size_t room;
    char *at = lw_frame_in_room(in, &room);
    size_t part = n < room ? n : room;
    assert_non_null(at);
    memcpy(at, bytes, part);
    lw_frame_in_add(in, part);
    bytes += part;
    n -= part;
  }
}

static size_t write_frame(char *to, char kind, const char *data, size_t n) {
  lw_frame_head(to, kind, n);
  memcpy(to + LW_FRAME_HEAD, data, n);
  return LW_FRAME_HEAD + n;
}

static void messages_come_out_whole_however_the_bytes_are_cut(void **unused) {
  (void)unused;
  char bytes[200];
  size_t n = write_frame(bytes, 'a', "first", 5);
  n += write_frame(bytes + n, 'b', "", 0);
  n += write_frame(bytes + n, 'c', "x\0y", 3);
  for (size_t cut = 1; cut <= n; cut++) {
    lw_frame_in in = {0};
    lw_frame f;
    char kinds[4] = "";
    size_t seen = 0;
    for (size_t at = 0; at < n; at += cut) {
      put(&in, bytes + at, n - at < cut ? n - at : cut);
      while (lw_frame_in_next(&in, &f) == 1) {
        kinds[seen++] = f.kind;
        assert_int_equal(f.data[f.n], 0); // text can be read as a string
        if (f.kind == 'a')
          assert_string_equal(f.data, "first");
        if (f.kind == 'c')
          assert_memory_equal(f.data, "x\0y", 3);
      }
    }
    assert_string_equal(kinds, "abc");
    lw_frame_in_fini(&in);
  }
}

static void a_long_message_is_taken_in_pieces(void **unused) {
  (void)unused;
  size_t n = 300000;
  char *data = malloc(n), *bytes = malloc(n + LW_FRAME_HEAD);
  assert_true(data && bytes);
  for (size_t i = 0; i < n; i++)
    data[i] = (char)i;
  lw_frame_in in = {0};
  lw_frame f;
  put(&in, bytes, write_frame(bytes, 'z', data, n));
  assert_int_equal(lw_frame_in_next(&in, &f), 1);
  assert_int_equal(f.n, n);
  assert_memory_equal(f.data, data, n);
  assert_int_equal(lw_frame_in_next(&in, &f), 0);
  lw_frame_in_fini(&in);
  free(data);
  free(bytes);
}

static void a_length_beyond_the_limit_is_no_message(void **unused) {
  (void)unused;
  lw_frame_in in = {0};
  lw_frame f;
  put(&in,
      "\xff\xff\xff\xff"
      "a\0\0\0",
      8);
  assert_int_equal(lw_frame_in_next(&in, &f), -1);
  lw_frame_in_fini(&in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_come_out_whole_however_the_bytes_are_cut),
      cmocka_unit_test(a_long_message_is_taken_in_pieces),
      cmocka_unit_test(a_length_beyond_the_limit_is_no_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
