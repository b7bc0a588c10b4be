#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "base/err.h"
#include "scan/rule.h"

static void comparisons_say_yes_no_or_nothing(void **unused) {
  (void)unused;
  static const struct {
    int op;
    double value;
    int holds, is_clear;
  } cases[] = {
      {LW_OP_ABOVE, 150.1, 1, 0},    {LW_OP_ABOVE, 150, 0, 1},
      {LW_OP_ABOVE, 149.9, 0, 1},    {LW_OP_ABOVE, NAN, 0, 0},
      {LW_OP_BELOW, 149.9, 1, 0},    {LW_OP_BELOW, 150, 0, 1},
      {LW_OP_BELOW, 150.1, 0, 1},    {LW_OP_BELOW, NAN, 0, 0},
      {LW_OP_IS, 150, 1, 0},         {LW_OP_IS, 149.9, 0, 1},
      {LW_OP_IS, 150.1, 0, 1},       {LW_OP_IS, NAN, 0, 0},
      {LW_OP_IS_NOT, 150, 0, 1},     {LW_OP_IS_NOT, 149.9, 1, 0},
      {LW_OP_IS_NOT, 150.1, 1, 0},   {LW_OP_IS_NOT, NAN, 0, 0},
      {LW_OP_ABOVE, INFINITY, 1, 0}, {LW_OP_BELOW, -INFINITY, 1, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(lw_rule_holds(cases[i].op, cases[i].value, 150),
                     cases[i].holds);
    assert_int_equal(lw_rule_is_clear(cases[i].op, cases[i].value, 150),
                     cases[i].is_clear);
  }
}

static void an_interlock_needs_proof_that_all_is_well(void **unused) {
  (void)unused;
  const lw_plan_rule r = {.op = LW_OP_ABOVE, .limit = 150};
  static const struct {
    double value;
    int quality, look;
  } cases[] = {
      {149, LW_GOOD, LW_RULE_CLEAR},      {151, LW_GOOD, LW_RULE_HELD},
      {149, LW_UNCERTAIN, LW_RULE_CLEAR}, {151, LW_UNCERTAIN, LW_RULE_HELD},
      {149, LW_BAD, LW_RULE_BAD},         {NAN, LW_GOOD, LW_RULE_HELD},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const lw_rule_input in = {cases[i].value, cases[i].quality};
    assert_int_equal(lw_interlock_look(&r, &in), cases[i].look);
  }
}

static void a_permit_counts_only_where_it_applies(void **unused) {
  (void)unused;
  const lw_plan_rule r = {.op = LW_OP_ABOVE,
                          .limit = 50,
                          .need_op = LW_OP_ABOVE,
                          .need_limit = 0.3};
  const lw_rule_input moving = {5, LW_GOOD}, standing = {0.3, LW_GOOD},
                      doubtful = {5, LW_UNCERTAIN}, lost = {5, LW_BAD},
                      nothing = {NAN, LW_GOOD};
  assert_true(lw_permit_allows(&r, 50, &standing));
  assert_true(lw_permit_allows(&r, NAN, &standing));
  assert_true(lw_permit_allows(&r, 50.1, &moving));
  assert_false(lw_permit_allows(&r, 50.1, &standing));
  assert_false(lw_permit_allows(&r, 50.1, &doubtful));
  assert_false(lw_permit_allows(&r, 50.1, &lost));
  assert_false(lw_permit_allows(&r, 50.1, &nothing));
}

static void a_condition_has_to_last(void **unused) {
  (void)unused;
  lw_rule_state s = {0};
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 20, 100));
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 20, 119));
  assert_false(lw_rule_step(&s, LW_RULE_CLEAR, 20, 119));
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 20, 120));
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 20, 139));
  assert_true(lw_rule_step(&s, LW_RULE_HELD, 20, 140));
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 20, 141));
}

static void without_lasting_it_trips_at_once(void **unused) {
  (void)unused;
  lw_rule_state s = {0};
  assert_true(lw_rule_step(&s, LW_RULE_HELD, 0, 0));
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 0, 0));
}

static void a_bad_input_does_not_wait(void **unused) {
  (void)unused;
  lw_rule_state s = {0};
  assert_true(lw_rule_step(&s, LW_RULE_BAD, 1000, 5));
  // A violation after the bad time is the same activation.
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 1000, 6));
  assert_true(s.is_active);
  lw_rule_rearm(&s, LW_LEVEL_abort, LW_LEVEL_none);
  assert_true(lw_rule_step(&s, LW_RULE_HELD, 1000, 7));
}

static void only_a_milder_epoch_arms_it_again(void **unused) {
  (void)unused;
  lw_rule_state s = {0};
  lw_rule_step(&s, LW_RULE_HELD, 0, 0);
  lw_rule_rearm(&s, LW_LEVEL_stop, LW_LEVEL_abort);
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 0, 1));
  lw_rule_rearm(&s, LW_LEVEL_stop, LW_LEVEL_stop);
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 0, 2));
  lw_rule_rearm(&s, LW_LEVEL_stop, LW_LEVEL_hold);
  assert_true(lw_rule_step(&s, LW_RULE_HELD, 0, 3));
  assert_false(lw_rule_step(&s, LW_RULE_HELD, 0, 4));
}

static void a_clear_look_forgets_everything(void **unused) {
  (void)unused;
  lw_rule_state s = {0};
  lw_rule_step(&s, LW_RULE_BAD, 0, 10);
  assert_false(lw_rule_step(&s, LW_RULE_CLEAR, 0, 11));
  assert_false(s.is_active || s.is_fired || s.is_held);
  assert_int_equal(s.since_ns, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comparisons_say_yes_no_or_nothing),
      cmocka_unit_test(an_interlock_needs_proof_that_all_is_well),
      cmocka_unit_test(a_permit_counts_only_where_it_applies),
      cmocka_unit_test(a_condition_has_to_last),
      cmocka_unit_test(without_lasting_it_trips_at_once),
      cmocka_unit_test(a_bad_input_does_not_wait),
      cmocka_unit_test(only_a_milder_epoch_arms_it_again),
      cmocka_unit_test(a_clear_look_forgets_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
