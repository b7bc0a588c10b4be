// The state machine against a table typed by hand from ISA-TR88.00.02 (see
// STANDARDS.md section 2), not derived from the code under test.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/packml.h"

// Columns: reset start stop hold unhold suspend unsuspend abort clear complete;
// a cell is the number of the state that the command leads to, 0 = refused.
static const int table[18][11] = {
    [1] = {0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0},    // Clearing
    [2] = {0, 15, 0, 0, 0, 0, 0, 0, 8, 0, 0},   // Stopped
    [3] = {0, 0, 0, 7, 0, 0, 0, 0, 8, 0, 0},    // Starting
    [4] = {0, 0, 3, 7, 0, 0, 0, 0, 8, 0, 0},    // Idle
    [5] = {0, 0, 0, 7, 10, 0, 0, 14, 8, 0, 16}, // Suspended
    [6] = {0, 0, 0, 7, 10, 0, 13, 0, 8, 0, 16}, // Execute
    [7] = {0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0},    // Stopping
    [8] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},    // Aborting
    [9] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0},    // Aborted
    [10] = {0, 0, 0, 7, 0, 0, 0, 0, 8, 0, 0},   // Holding
    [11] = {0, 0, 0, 7, 0, 12, 0, 0, 8, 0, 16}, // Held
    [12] = {0, 0, 0, 7, 10, 0, 0, 0, 8, 0, 0},  // Unholding
    [13] = {0, 0, 0, 7, 10, 0, 0, 0, 8, 0, 0},  // Suspending
    [14] = {0, 0, 0, 7, 10, 0, 0, 0, 8, 0, 0},  // Unsuspending
    [15] = {0, 0, 0, 7, 0, 0, 0, 0, 8, 0, 0},   // Resetting
    [16] = {0, 0, 0, 7, 0, 0, 0, 0, 8, 0, 0},   // Completing
    [17] = {0, 15, 0, 7, 0, 0, 0, 0, 8, 0, 0},  // Complete
};

static void legal_pairs_match_the_standard(void **unused) {
  (void)unused;
  int legal = 0;
  for (int state = 1; state <= 17; state++) {
    unsigned mask = 0;
    for (int command = 1; command <= 10; command++) {
      int want = table[state][command];
      assert_int_equal(lw_packml_command(state, command),
                       want ? want : LW_E_STATE);
      legal += want != 0;
      mask |= want ? 1u << command : 0;
    }
    assert_int_equal(lw_packml_mask(state), mask);
  }
  assert_int_equal(legal, 42);
}

static void unknown_numbers_are_refused(void **unused) {
  (void)unused;
  const int wrong[] = {-1, 0, 18, 1000};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(lw_packml_command(wrong[i], LW_COMMAND_abort), LW_E_RANGE);
    assert_int_equal(lw_packml_done(wrong[i]), LW_E_RANGE);
    assert_int_equal(lw_packml_mask(wrong[i]), 0);
    assert_null(lw_packml_state_name(wrong[i]));
  }
  assert_int_equal(lw_packml_command(LW_STATE_Execute, 0), LW_E_RANGE);
  assert_int_equal(lw_packml_command(LW_STATE_Execute, 11), LW_E_RANGE);
  assert_null(lw_packml_command_name(0));
  assert_null(lw_packml_command_name(11));
  assert_null(lw_level_name(-1));
  assert_null(lw_level_name(LW_LEVEL_N));
}

static void acting_states_end_where_the_standard_says(void **unused) {
  (void)unused;
  static const int next[18] = {0, 2,  2,  6, 4, 5, 16, 2,  9,
                               9, 11, 11, 6, 5, 6, 4,  17, 17};
  for (int state = 1; state <= 17; state++)
    assert_int_equal(lw_packml_done(state), next[state]);
}

static void names_go_both_ways(void **unused) {
  (void)unused;
  for (int s = 1; s <= 17; s++)
    assert_int_equal(lw_packml_state_find(lw_packml_state_name(s)), s);
  for (int c = 1; c <= 10; c++)
    assert_int_equal(lw_packml_command_find(lw_packml_command_name(c)), c);
  for (int l = 0; l < LW_LEVEL_N; l++)
    assert_int_equal(lw_level_find(lw_level_name(l)), l);
  assert_int_equal(lw_packml_state_find("execute"), LW_E_NOTFOUND);
  assert_int_equal(lw_packml_command_find("Hold"), LW_E_NOTFOUND);
  assert_int_equal(lw_level_find(""), LW_E_NOTFOUND);
}

static void the_list_of_commands_reads_as_people_say_it(void **unused) {
  (void)unused;
  char text[48];
  assert_string_equal(lw_packml_legal(LW_STATE_Held, text, sizeof text),
                      "unhold, complete, stop, abort");
  assert_string_equal(lw_packml_legal(LW_STATE_Execute, text, sizeof text),
                      "hold, suspend, complete, stop, abort");
  assert_string_equal(lw_packml_legal(LW_STATE_Complete, text, sizeof text),
                      "reset, stop, abort");
  assert_string_equal(lw_packml_legal(LW_STATE_Idle, text, sizeof text),
                      "start, stop, abort");
  assert_string_equal(lw_packml_legal(LW_STATE_Aborted, text, sizeof text),
                      "clear");
  assert_string_equal(lw_packml_legal(LW_STATE_Suspended, text, sizeof text),
                      "unsuspend, hold, complete, stop, abort");
  assert_string_equal(lw_packml_legal(LW_STATE_Aborting, text, sizeof text),
                      "");
  assert_string_equal(lw_packml_legal(99, text, sizeof text), "");
  for (int s = 1; s <= 17; s++)
    assert_true(strlen(lw_packml_legal(s, text, sizeof text)) < 47);
}

static void a_short_buffer_cuts_the_list(void **unused) {
  (void)unused;
  char text[9] = "xxxxxxxx";
  assert_string_equal(lw_packml_legal(LW_STATE_Held, text, 8), "unhold,");
  assert_string_equal(lw_packml_legal(LW_STATE_Held, text, 1), "");
  text[0] = 'x';
  assert_string_equal(lw_packml_legal(LW_STATE_Aborting, text, 1), "");
  text[0] = 'x';
  lw_packml_legal(LW_STATE_Held, text, 0);
  assert_int_equal(text[0], 'x');
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(legal_pairs_match_the_standard),
      cmocka_unit_test(unknown_numbers_are_refused),
      cmocka_unit_test(acting_states_end_where_the_standard_says),
      cmocka_unit_test(names_go_both_ways),
      cmocka_unit_test(the_list_of_commands_reads_as_people_say_it),
      cmocka_unit_test(a_short_buffer_cuts_the_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
