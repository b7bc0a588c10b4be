// The codec: every bit comes back, sizes stay small, damage is told.
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "store/chunk.h"

typedef struct bench {
  lw_coder *coder;
  lw_chunk in, out;
  uint8_t blob[LW_CHUNK_MAX];
  unsigned random;
} bench;

static int up(void **state) {
  bench *b = calloc(1, sizeof *b);
  b->coder = lw_coder_new();
  b->random = 11;
  *state = b;
  return b->coder ? 0 : -1;
}

static int down(void **state) {
  bench *b = *state;
  lw_coder_free(b->coder);
  free(b);
  return 0;
}

static double uniform(bench *b) {
  return rand_r(&b->random) / (RAND_MAX + 1.0);
}

// Bytes a sample for the values in b->in, after a round trip of each bit.
static double values_size(bench *b) {
  size_t n = b->in.n;
  size_t size =
      lw_chunk_write_values(b->coder, b->in.value, b->in.quality, n, b->blob);
  assert_true(size <= LW_CHUNK_MAX);
  assert_int_equal(lw_chunk_read_values(b->coder, b->blob, size, b->out.value,
                                        b->out.quality),
                   n);
  assert_memory_equal(b->in.value, b->out.value, n * sizeof *b->in.value);
  assert_memory_equal(b->in.quality, b->out.quality, n);
  return (double)size / (double)n;
}

static double times_size(bench *b) {
  size_t n = b->in.n;
  size_t size = lw_chunk_write_times(b->coder, b->in.t_ns, n, b->blob);
  assert_true(size <= LW_CHUNK_MAX);
  assert_int_equal(lw_chunk_read_times(b->coder, b->blob, size, b->out.t_ns),
                   n);
  assert_memory_equal(b->in.t_ns, b->out.t_ns, n * sizeof *b->in.t_ns);
  return (double)size / (double)n;
}

static void odd_values_come_back_bit_for_bit(void **state) {
  bench *b = *state;
  static const uint64_t nan_payload = UINT64_C(0x7ff4000000000123);
  double odd[] = {0.0,       -0.0,
                  NAN,       -NAN,
                  INFINITY,  -INFINITY,
                  DBL_MIN,   -DBL_MIN,
                  DBL_MAX,   DBL_TRUE_MIN,
                  1e300,     0.1,
                  0.1 + 0.2, 9007199254740993.0,
                  1.0 / 3,   0};
  memcpy(&odd[15], &nan_payload, sizeof nan_payload);
  for (int kind = 0; kind < 4; kind++) { // among what they are put
    for (size_t i = 0; i < LW_CHUNK_N; i++) {
      b->in.value[i] = kind == 0   ? odd[i % 16]
                       : kind == 1 ? floor(uniform(b) * 1000) / 10
                       : kind == 2 ? (double)(float)uniform(b)
                                   : uniform(b);
      b->in.quality[i] = (uint8_t)(i % 3);
    }
    for (size_t i = 0; i < 16; i++)
      b->in.value[i * 128] = odd[i];
    b->in.n = LW_CHUNK_N;
    values_size(b);
  }
}

static void any_number_of_samples_will_do(void **state) {
  bench *b = *state;
  for (size_t n = 1; n <= LW_CHUNK_N; n += n < 20 ? 1 : 97) {
    b->in.n = n;
    for (size_t i = 0; i < n; i++) {
      b->in.value[i] = sin((double)i);
      b->in.quality[i] = (uint8_t)(uniform(b) * 3);
      b->in.t_ns[i] = (int64_t)(uniform(b) * 1e18);
    }
    values_size(b);
    times_size(b);
  }
}

static void any_bits_come_back(void **state) {
  bench *b = *state;
  b->in.n = LW_CHUNK_N;
  for (size_t i = 0; i < LW_CHUNK_N; i++) {
    uint64_t bits = (uint64_t)rand_r(&b->random) << 40 ^
                    (uint64_t)rand_r(&b->random) << 20 ^
                    (uint64_t)rand_r(&b->random);
    memcpy(&b->in.value[i], &bits, sizeof bits);
    memcpy(&b->in.t_ns[i], &bits, sizeof bits);
    b->in.quality[i] = (uint8_t)bits;
  }
  values_size(b);
  times_size(b);
  b->in.t_ns[0] = INT64_MIN;
  b->in.t_ns[1] = INT64_MAX;
  times_size(b);
}

static void fill(bench *b, double (*f)(bench *b, size_t i)) {
  b->in.n = LW_CHUNK_N;
  for (size_t i = 0; i < LW_CHUNK_N; i++) {
    b->in.value[i] = f(b, i);
    b->in.quality[i] = 2;
  }
}

static double float_noise(bench *b, size_t i) {
  (void)i;
  return (double)(float)(50 + uniform(b));
}

static double slow_tenths(bench *b, size_t i) {
  return round(10 * (80 + 5 * sin((double)i / 300) + 0.1 * uniform(b))) / 10;
}

static double float_tenths(bench *b, size_t i) {
  return (double)(float)slow_tenths(b, i);
}

static double steps(bench *b, size_t i) {
  (void)b;
  return (double)(i / 500);
}

static double counter(bench *b, size_t i) {
  (void)b;
  return 1e6 + (double)i;
}

static void sizes_are_what_the_design_promises(void **state) {
  bench *b = *state;
  fill(b, float_noise);
  assert_true(values_size(b) <= 3.1);
  fill(b, slow_tenths);
  assert_true(values_size(b) <= 0.6);
  fill(b, float_tenths);
  assert_true(values_size(b) <= 0.6);
  fill(b, steps);
  assert_true(values_size(b) <= 0.1);
  fill(b, counter);
  assert_true(values_size(b) <= 0.1);
}

static void regular_times_cost_next_to_nothing(void **state) {
  bench *b = *state;
  b->in.n = LW_CHUNK_N;
  for (size_t i = 0; i < LW_CHUNK_N; i++)
    b->in.t_ns[i] = 1700000000123456789 + (int64_t)i * 10000000;
  assert_true(times_size(b) < 0.02);
  for (size_t i = 0; i < LW_CHUNK_N; i++) // a millisecond early or late
    b->in.t_ns[i] += 1000000 * (int64_t)(uniform(b) * 3 - 1);
  assert_true(times_size(b) < 0.6);
}

static void damage_is_told_and_never_read_past(void **state) {
  bench *b = *state;
  fill(b, slow_tenths);
  b->in.value[5] = NAN;
  size_t size = lw_chunk_write_values(b->coder, b->in.value, b->in.quality,
                                      b->in.n, b->blob);
  for (size_t cut = 0; cut < size; cut++) {
    uint8_t *exact = malloc(cut ? cut : 1); // so that ASan sees the end
    memcpy(exact, b->blob, cut);
    assert_int_equal(lw_chunk_read_values(b->coder, exact, cut, b->out.value,
                                          b->out.quality),
                     LW_E_CORRUPT);
    free(exact);
  }
  for (int i = 0; i < 20000; i++) { // any answer will do, but no crash
    size_t at = (size_t)rand_r(&b->random) % size;
    uint8_t keep = b->blob[at];
    b->blob[at] = (uint8_t)rand_r(&b->random);
    lw_chunk_read_values(b->coder, b->blob, size, b->out.value, b->out.quality);
    lw_chunk_read_times(b->coder, b->blob, size, b->out.t_ns);
    b->blob[at] = keep;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(odd_values_come_back_bit_for_bit, up,
                                      down),
      cmocka_unit_test_setup_teardown(any_number_of_samples_will_do, up, down),
      cmocka_unit_test_setup_teardown(any_bits_come_back, up, down),
      cmocka_unit_test_setup_teardown(sizes_are_what_the_design_promises, up,
                                      down),
      cmocka_unit_test_setup_teardown(regular_times_cost_next_to_nothing, up,
                                      down),
      cmocka_unit_test_setup_teardown(damage_is_told_and_never_read_past, up,
                                      down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
