#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/names_map.h"
#include "base/packml.h"

static void every_state_has_a_name_in_every_scheme(void **unused) {
  (void)unused;
  for (int state = 1; state <= 17; state++)
    for (int scheme = 0; scheme < LW_SCHEME_N; scheme++)
      assert_non_null(lw_packml_map(state, 0, scheme).name);
}

// Typed from the MTP state table (VDI/VDE/NAMUR 2658-4): one bit per state.
static void mtp_codes_are_the_standards_bits(void **unused) {
  (void)unused;
  static const struct {
    int code;
    const char *name;
  } mtp[] = {{4, "Stopped"},       {8, "Starting"},      {16, "Idle"},
             {32, "Paused"},       {64, "Execute"},      {128, "Stopping"},
             {256, "Aborting"},    {512, "Aborted"},     {1024, "Holding"},
             {2048, "Held"},       {4096, "Unholding"},  {8192, "Pausing"},
             {16384, "Resuming"},  {32768, "Resetting"}, {65536, "Completing"},
             {131072, "Completed"}};
  for (int state = 1; state <= 17; state++) {
    lw_state_name n = lw_packml_map(state, 0, LW_SCHEME_mtp);
    size_t i = 0;
    while (i < 16 && mtp[i].code != n.code)
      i++;
    assert_true(i < 16);
    assert_string_equal(n.name, mtp[i].name);
  }
}

static void batchml_uses_only_its_own_words(void **unused) {
  (void)unused;
  static const char words[] = " Idle Running Complete Pausing Paused Holding "
                              "Held Restarting Stopping Stopped Aborting "
                              "Aborted ";
  for (int state = 1; state <= 17; state++)
    for (int is_paused = 0; is_paused < 2; is_paused++) {
      char word[32] = " ";
      strcat(word, lw_packml_map(state, is_paused, LW_SCHEME_batchml).name);
      assert_non_null(strstr(words, strcat(word, " ")));
    }
}

static void ft_batch_has_its_phase_codes(void **unused) {
  (void)unused;
  assert_int_equal(lw_packml_map(LW_STATE_Unholding, 0, LW_SCHEME_ftbatch).code,
                   40);
  assert_int_equal(lw_packml_map(LW_STATE_Idle, 0, LW_SCHEME_ftbatch).code,
                   100);
  assert_int_equal(lw_packml_map(LW_STATE_Clearing, 0, LW_SCHEME_ftbatch).code,
                   90);
}

static void pause_is_a_flag_of_execute_only(void **unused) {
  (void)unused;
  assert_string_equal(lw_packml_map(LW_STATE_Execute, 1, LW_SCHEME_isa88).name,
                      "Paused");
  assert_int_equal(lw_packml_map(LW_STATE_Execute, 1, LW_SCHEME_mtp).code, 32);
  assert_string_equal(lw_packml_map(LW_STATE_Held, 1, LW_SCHEME_isa88).name,
                      "Held");
}

static void unknown_numbers_have_no_name(void **unused) {
  (void)unused;
  assert_null(lw_packml_map(0, 0, LW_SCHEME_mtp).name);
  assert_null(lw_packml_map(18, 0, LW_SCHEME_mtp).name);
  assert_null(lw_packml_map(1, 0, LW_SCHEME_N).name);
  assert_null(lw_packml_map(1, 0, -1).name);
  assert_string_equal(lw_scheme_name(LW_SCHEME_lads), "lads");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_state_has_a_name_in_every_scheme),
      cmocka_unit_test(mtp_codes_are_the_standards_bits),
      cmocka_unit_test(batchml_uses_only_its_own_words),
      cmocka_unit_test(ft_batch_has_its_phase_codes),
      cmocka_unit_test(pause_is_a_flag_of_execute_only),
      cmocka_unit_test(unknown_numbers_have_no_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
