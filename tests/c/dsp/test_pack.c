// Storage as float32 and int16, and masks.
#include "c/dsp/signals.h"

#include "dsp/pack.h"

#define N 1003

static void check_f32(void) {
  double x[N], back[N];
  float packed[N];
  fill_signal(x, N, 1);
  x[5] = NAN, x[6] = INFINITY, x[7] = 1e300, x[8] = -0.0;
  lw_pack_f32(x, N, packed);
  lw_unpack_f32(packed, N, back);
  for (size_t i = 0; i < N; i++)
    if (i < 5 || i > 8)
      assert_true(fabs(back[i] - x[i]) <= fabs(x[i]) * 6e-8);
  assert_true(isnan(back[5]) && isinf(back[6]) && isinf(back[7]));
  assert_true(back[8] == 0 && signbit(back[8]));
}

static void float32_keeps_seven_digits(void **state) {
  (void)state;
  at_each_isa(check_f32);
}

static void check_i16(void) {
  double x[N], back[N], gain, bias;
  int16_t code[N];
  fill_signal(x, N, 2);
  x[5] = NAN, x[6] = -INFINITY;
  lw_pack_scale(x, N, &gain, &bias);
  assert_int_equal(lw_pack_i16(x, N, gain, bias, code), 0);
  lw_unpack_i16(code, N, gain, bias, back);
  assert_int_equal(code[5], LW_PACK_MISSING);
  assert_true(isnan(back[5]) && isnan(back[6]));
  for (size_t i = 7; i < N; i++)
    assert_true(fabs(back[i] - x[i]) <= gain * 0.5000001);
}

static void int16_is_right_to_half_a_code(void **state) {
  (void)state;
  at_each_isa(check_i16);
}

static void check_codes(void) {
  static int16_t all[65536], again[65536];
  static double x[65536];
  for (int i = 0; i < 65536; i++)
    all[i] = (int16_t)(i - 32768);
  lw_unpack_i16(all, 65536, 0.1, -7.3, x);
  assert_int_equal(lw_pack_i16(x, 65536, 0.1, -7.3, again), 0);
  assert_memory_equal(all, again, sizeof all);
}

static void every_code_comes_back_as_itself(void **state) {
  (void)state;
  at_each_isa(check_codes);
}

static void what_lies_beyond_is_held_and_counted(void **state) {
  (void)state;
  double x[] = {1e9, -1e9, 0.5, 1.5, NAN};
  int16_t code[5], want[] = {32767, -32767, 0, 2, LW_PACK_MISSING};
  assert_int_equal(lw_pack_i16(x, 5, 1, 0, code), 2);
  assert_memory_equal(code, want, sizeof want);
}

static void a_scale_is_found_for_any_signal(void **state) {
  (void)state;
  double gain, bias, still[] = {4, 4, NAN}, none[] = {NAN, INFINITY};
  lw_pack_scale(still, 3, &gain, &bias);
  assert_true(gain == 1 && bias == 4);
  lw_pack_scale(none, 2, &gain, &bias);
  assert_true(gain == 1 && bias == 0);
  lw_pack_scale(NULL, 0, &gain, &bias);
  assert_true(gain == 1 && bias == 0);
  double huge[] = {-1.7e308, 1.7e308}, back[2];
  int16_t code[2];
  lw_pack_scale(huge, 2, &gain, &bias);
  assert_int_equal(lw_pack_i16(huge, 2, gain, bias, code), 0);
  lw_unpack_i16(code, 2, gain, bias, back);
  assert_same(back, huge, 2, 1e-4);
}

static void a_mask_says_how_good_a_sample_is(void **state) {
  (void)state;
  double x[] = {1, NAN, 3, INFINITY, 5}, y[5];
  uint8_t mask[5], other[] = {2, 2, 1, 2, 0}, both[5];
  lw_mask_of(x, 5, mask);
  assert_memory_equal(mask, ((uint8_t[]){2, 0, 2, 0, 2}), 5);
  lw_mask_worse(mask, other, 5, both);
  assert_memory_equal(both, ((uint8_t[]){2, 0, 1, 0, 0}), 5);
  assert_int_equal(lw_mask_count(both, 5, LW_MASK_GOOD), 1);
  assert_int_equal(lw_mask_count(both, 5, LW_MASK_UNCERTAIN), 2);
  lw_mask_apply(both, x, 5, LW_MASK_UNCERTAIN, y);
  assert_same(y, ((double[]){1, NAN, 3, NAN, NAN}), 5, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(float32_keeps_seven_digits),
      cmocka_unit_test(int16_is_right_to_half_a_code),
      cmocka_unit_test(every_code_comes_back_as_itself),
      cmocka_unit_test(what_lies_beyond_is_held_and_counted),
      cmocka_unit_test(a_scale_is_found_for_any_signal),
      cmocka_unit_test(a_mask_says_how_good_a_sample_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
