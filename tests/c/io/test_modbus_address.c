#include "lines.h"

#include <math.h>
#include <string.h>

#include "io/modbus_address.h"

static lw_modbus_address parsed(const char *text, int type, int access) {
  lw_modbus_address a = {0};
  lw_err e = {0};
  if (lw_modbus_address_parse(text, type, access, &a, &e) < 0)
    fail_msg("%s", e.text);
  return a;
}

static void assert_address(const char *text, int type, int table, int first,
                           int n) {
  lw_modbus_address a = parsed(text, type, LW_READ);
  assert_int_equal(a.table, table);
  assert_int_equal(a.first, first);
  assert_int_equal(a.n, n);
}

static void reads_both_notations(void **state) {
  (void)state;
  assert_address("hr:11", LW_TYPE_u16, LW_MODBUS_holding_register, 11, 1);
  assert_address("40012", LW_TYPE_u16, LW_MODBUS_holding_register, 11, 1);
  assert_address("400012", LW_TYPE_u16, LW_MODBUS_holding_register, 11, 1);
  assert_address("465536", LW_TYPE_u16, LW_MODBUS_holding_register, 65535, 1);
  assert_address("30101", LW_TYPE_s16, LW_MODBUS_input_register, 100, 1);
  assert_address("00017", LW_TYPE_bool, LW_MODBUS_coil, 16, 1);
  assert_address("000017", LW_TYPE_bool, LW_MODBUS_coil, 16, 1);
  assert_address("10001", LW_TYPE_bool, LW_MODBUS_discrete_input, 0, 1);
  assert_address("di:0", LW_TYPE_bool, LW_MODBUS_discrete_input, 0, 1);
  assert_address("ir:65534", LW_TYPE_f32, LW_MODBUS_input_register, 65534, 2);
  assert_address("hr:0", LW_TYPE_f64, LW_MODBUS_holding_register, 0, 4);
  assert_address("hr:8:4", LW_TYPE_text, LW_MODBUS_holding_register, 8, 4);
  assert_address("hr:8", LW_TYPE_text, LW_MODBUS_holding_register, 8, 16);
  assert_int_equal(parsed("hr:10.3", LW_TYPE_bool, LW_READ).bit, 3);
}

static void refuse(const char *text, int type, int access, const char *why) {
  lw_modbus_address a;
  lw_err e = {0};
  int rc = lw_modbus_address_parse(text, type, access, &a, &e);
  if (rc != LW_E_SYNTAX)
    fail_msg("'%s' was taken", text);
  if (!strstr(e.text, why))
    fail_msg("'%s': %s", text, e.text);
}

static void says_what_is_right_about_a_wrong_one(void **state) {
  (void)state;
  const char *bad[] = {"",         "4001",
                       "40000",    "4000012",
                       "50001",    "hr:",
                       "hr:-1",    "hr: 1",
                       "hr:70000", "hx:1",
                       "hr:1 ",    "40012a",
                       "hr:1.16",  "400000",
                       "465537",   "hr:1:",
                       "hr:1.",    "20001",
                       "hr:0x10",  "web.v",
                       "hr:1.1.1", "hr:99999999999999999999"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    refuse(bad[i], LW_TYPE_bool, LW_READ,
           "is no Modbus address; write hr:N, ir:N, co:N or di:N");
  refuse("30101", LW_TYPE_u16, LW_WRITE,
         "is an input register, which cannot be written");
  refuse("10001", LW_TYPE_bool, LW_READ | LW_WRITE,
         "is a discrete input, which cannot be written");
  refuse("00017", LW_TYPE_u16, LW_READ, "type must be bool, not u16");
  refuse("hr:65535", LW_TYPE_u32, LW_READ, "a u32 needs 2 registers");
  refuse("hr:10.3", LW_TYPE_u16, LW_READ, "only a bool in a register");
  refuse("co:10.3", LW_TYPE_bool, LW_READ, "only a bool in a register");
  refuse("hr:10.3", LW_TYPE_bool, LW_WRITE, "a bit of a register can only");
  refuse("hr:10:4", LW_TYPE_u16, LW_READ, "only a text has a length");
  refuse("hr:10:0", LW_TYPE_text, LW_READ, "only a text has a length");
  refuse("hr:10:4", LW_TYPE_text, LW_WRITE, "a text can only be read");
}

// Words of known numbers, from IEEE 754 and two's complement by hand.
static const struct {
  int type;
  double value;
  int n;
  uint16_t words[4];
} vectors[] = {
    {LW_TYPE_bool, 1, 1, {1}},
    {LW_TYPE_u16, 65535, 1, {0xFFFF}},
    {LW_TYPE_s16, -1, 1, {0xFFFF}},
    {LW_TYPE_s16, -32768, 1, {0x8000}},
    {LW_TYPE_u32, 305419896, 2, {0x1234, 0x5678}},
    {LW_TYPE_s32, -2, 2, {0xFFFF, 0xFFFE}},
    {LW_TYPE_f32, 1.5, 2, {0x3FC0, 0x0000}},
    {LW_TYPE_f32, -118.625, 2, {0xC2ED, 0x4000}},
    {LW_TYPE_u64, 4294967298.0, 4, {0, 1, 0, 2}},
    {LW_TYPE_s64, -3, 4, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFD}},
    {LW_TYPE_f64, 1.0, 4, {0x3FF0, 0, 0, 0}},
    {LW_TYPE_f64, -0.1, 4, {0xBFB9, 0x9999, 0x9999, 0x999A}},
};

static void codes_words_in_both_orders(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
    uint16_t big[4] = {0}, little[4] = {0}, turned[4] = {0};
    int type = vectors[i].type, n = vectors[i].n;
    assert_int_equal(
        lw_modbus_encode(vectors[i].value, type, LW_BIG_WORDS, big), 0);
    assert_memory_equal(big, vectors[i].words, (size_t)n * 2);
    lw_modbus_encode(vectors[i].value, type, LW_LITTLE_WORDS, little);
    for (int k = 0; k < n; k++)
      turned[k] = big[n - 1 - k];
    assert_memory_equal(little, turned, (size_t)n * 2);
    assert_true(lw_modbus_decode(big, type, LW_BIG_WORDS) == vectors[i].value);
    assert_true(lw_modbus_decode(little, type, LW_LITTLE_WORDS) ==
                vectors[i].value);
  }
}

static void refuses_numbers_that_a_word_cannot_carry(void **state) {
  (void)state;
  const struct {
    int type;
    double value;
  } bad[] = {{LW_TYPE_u16, 65536},
             {LW_TYPE_u16, -1},
             {LW_TYPE_u16, 1.5},
             {LW_TYPE_s16, 32768},
             {LW_TYPE_u16, NAN},
             {LW_TYPE_f32, 1e39},
             {LW_TYPE_f64, INFINITY},
             {LW_TYPE_bool, 2},
             {LW_TYPE_u64, 9007199254740994.0},
             {LW_TYPE_s32, 2147483648.0}};
  uint16_t words[4];
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(
        lw_modbus_encode(bad[i].value, bad[i].type, LW_BIG_WORDS, words),
        LW_E_RANGE);
}

static void reads_texts_up_to_their_end(void **state) {
  (void)state;
  const uint16_t words[] = {0x4C6F, 0x7420, 0x3137, 0x2020};
  char buf[64], small[4];
  lw_modbus_decode_text(words, 4, LW_BIG_WORDS, buf, sizeof buf);
  assert_string_equal(buf, "Lot 17");
  lw_modbus_decode_text(words, 4, LW_BIG_WORDS, small, sizeof small);
  assert_string_equal(small, "Lot");
  lw_modbus_decode_text(words, 4, LW_LITTLE_WORDS, buf, sizeof buf);
  assert_string_equal(buf, "oL t71");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_both_notations),
      cmocka_unit_test(says_what_is_right_about_a_wrong_one),
      cmocka_unit_test(codes_words_in_both_orders),
      cmocka_unit_test(refuses_numbers_that_a_word_cannot_carry),
      cmocka_unit_test(reads_texts_up_to_their_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
