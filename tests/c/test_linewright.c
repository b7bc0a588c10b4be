// The public API, as an embedding program uses it.
//
// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linewright.h"

#define RECIPE "recipes/electrode_coating.lua"
#define LINE "examples/lines/pilot_a.lua"

static lw_run *open_run(const char *const *set) {
  const lw_run_options o = {
      .recipe = RECIPE, .line = LINE, .set = set, .seed = 3};
  lw_run *r;
  lw_err e = {0};
  if (lw_run_open(&r, &o, &e) < 0)
    fail_msg("open: %s", e.text);
  return r;
}

static void coats_in_virtual_time(void **state) {
  (void)state;
  const char *const set[] = {"run_length=60 m", "tolerance=4", NULL};
  lw_run *r = open_run(set);
  lw_err e = {0};
  double value;
  int quality;
  assert_string_equal(lw_run_state(r), "Stopped");
  assert_true(lw_run_now_s(r) == 0);
  assert_int_equal(lw_run_start(r, &e), 0);
  assert_int_equal(lw_run_until(r, "Complete", 3 * 3600.0, &e), 0);
  assert_string_equal(lw_run_state(r), "Complete");
  assert_int_equal(lw_run_output(r, "coat_weight", 0, &value, &e), 0);
  assert_true(fabs(value - 118) < 4);
  assert_int_equal(lw_run_output(r, "coat_weight", 99, &value, &e),
                   LW_E_NOTFOUND);
  assert_int_equal(lw_run_read(r, "die.flow", &value, &quality, &e), 0);
  assert_true(value == 0 && quality == LW_GOOD);
  lw_run_close(r);
}

static void says_what_a_person_did_wrong(void **state) {
  (void)state;
  lw_run *r = open_run(NULL);
  lw_err e = {0};
  double value;
  assert_int_equal(lw_run_command(r, "unhold", &e), LW_E_STATE);
  assert_non_null(strstr(e.text, "'unhold' is not allowed in state Stopped"));
  assert_int_equal(lw_run_answer(r, "yes", &e), LW_E_STATE);
  assert_string_equal(e.text, "nothing is asked");
  assert_int_equal(lw_run_read(r, "die.flwo", &value, NULL, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "'die.flwo'"));
  assert_int_equal(lw_run_fault(r, "no.such", "bad", 0, &e), LW_E_NOTFOUND);
  assert_int_equal(lw_run_advance(r, -1, &e), LW_E_RANGE);
  assert_int_equal(lw_run_advance(r, NAN, &e), LW_E_RANGE);
  assert_int_equal(lw_run_until(r, "Execute", 5, &e), LW_E_TIMEOUT);
  assert_non_null(strstr(e.text, "Stopped"));
  assert_true(lw_run_now_s(r) == 5);
  lw_run_close(r);
}

static void refuses_what_does_not_fit(void **state) {
  (void)state;
  lw_run *r;
  lw_err e = {0};
  const char *const fast[] = {"speed=15 m/min", NULL};
  lw_run_options o = {.recipe = RECIPE, .line = LINE, .set = fast};
  assert_int_equal(lw_run_open(&r, &o, &e), LW_E_SCRIPT);
  assert_null(r);
  assert_non_null(strstr(e.text, "dryer residence is 24 s"));
  const char *const odd[] = {"speed", NULL};
  o.set = odd;
  assert_int_equal(lw_run_open(&r, &o, &e), LW_E_SYNTAX);
  o.set = NULL;
  o.recipe = "no_such_recipe.lua";
  assert_true(lw_run_open(&r, &o, &e) < 0);
  assert_non_null(strstr(e.text, "no_such_recipe.lua"));
}

static void checks_without_running(void **state) {
  (void)state;
  char text[2000];
  assert_int_equal(lw_check(RECIPE, LINE, NULL, text, sizeof text), 0);
  assert_int_equal(lw_check(LINE, LINE, NULL, text, sizeof text), LW_E_SCRIPT);
  assert_true(strlen(text) > 0);
}

static void a_bad_gauge_holds_and_a_power_cut_is_survived(void **state) {
  (void)state;
  lw_run *r = open_run(NULL);
  lw_err e = {0};
  assert_int_equal(lw_run_start(r, &e), 0);
  assert_int_equal(lw_run_advance(r, 1200, &e), 0);
  assert_string_equal(lw_run_state(r), "Execute");
  assert_int_equal(lw_run_fault(r, "gauge.m", "bad", 0, &e), 0);
  assert_int_equal(lw_run_until(r, "Held", 60, &e), 0);
  assert_string_equal(lw_run_reason(r), "coat-weight gauge signal is bad");
  assert_int_equal(lw_run_fault(r, "gauge.m", "none", 0, &e), 0);
  assert_int_equal(lw_run_reboot(r, 600, &e), 0);
  assert_string_equal(lw_run_state(r), "Held");
  assert_int_equal(lw_run_fault(r, "oven.t2", "force", 170, &e), 0);
  assert_int_equal(lw_run_until(r, "Aborted", 10, &e), 0);
  lw_run_close(r);
}

static void the_same_seed_gives_the_same_run(void **state) {
  (void)state;
  double first = 0, value;
  const char *const set[] = {"run_length=6 m", NULL};
  for (int i = 0; i < 2; i++) {
    lw_run *r = open_run(set);
    assert_int_equal(lw_run_start(r, NULL), 0);
    assert_int_equal(lw_run_until(r, "Complete", 3 * 3600.0, NULL), 0);
    assert_int_equal(lw_run_output(r, "coat_weight", 0, &value, NULL), 0);
    if (i)
      assert_memory_equal(&value, &first, sizeof value);
    first = value;
    lw_run_close(r);
  }
}

// ------------------------------------------------------------- primitives ---

static int sum(void *arg, const double *in, size_t in_n, double *out,
               lw_err *e) {
  if (in_n == 0) {
    snprintf(e->text, sizeof e->text, "nothing to add");
    return LW_E_RANGE;
  }
  out[0] = *(double *)arg;
  for (size_t i = 0; i < in_n; i++)
    out[0] += in[i];
  return 1;
}

static void write_recipe(const char *path, const char *expression) {
  FILE *f = fopen(path, "w");
  fprintf(f,
          "return recipe \"adds\" { api = 1, version = \"1\",\n"
          "  needs = { web = cap \"web_transport@1\" {} },\n"
          "  execute = function(r, eq)\n"
          "    r.record(\"sum\", %s, \"1\")\n"
          "  end }\n",
          expression);
  fclose(f);
}

static void a_primitive_is_called_and_its_error_holds(void **state) {
  (void)state;
  static double offset = 100;
  char path[] = "/tmp/lw-embed-XXXXXX.lua";
  int fd = mkstemps(path, 4);
  assert_true(fd >= 0);
  fclose(fdopen(fd, "w"));
  assert_int_equal(lw_primitive_register("no name", sum, NULL), LW_E_RANGE);
  assert_int_equal(lw_primitive_register("sum", sum, &offset), 0);
  assert_int_equal(lw_primitive_register("sum", sum, &offset), LW_E_EXISTS);
  const struct {
    const char *expression, *reason;
  } cases[] = {{"host.sum(1, 2, 3)", NULL},
               {"host.sum()", "nothing to add"},
               {"host.sum(0/0)", "finite"},
               {"host.sum(\"x\")", "number"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_recipe(path, cases[i].expression);
    const lw_run_options o = {.recipe = path, .line = LINE};
    lw_run *r;
    lw_err e = {0};
    double value = 0;
    if (lw_run_open(&r, &o, &e) < 0)
      fail_msg("open: %s", e.text);
    assert_int_equal(lw_run_start(r, &e), 0);
    assert_int_equal(
        lw_run_until(r, cases[i].reason ? "Held" : "Complete", 60, &e), 0);
    if (cases[i].reason)
      assert_non_null(strstr(lw_run_reason(r), cases[i].reason));
    else
      assert_int_equal(lw_run_output(r, "sum", 0, &value, &e), 0);
    assert_true(cases[i].reason || value == 106);
    lw_run_close(r);
  }
  remove(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(coats_in_virtual_time),
      cmocka_unit_test(says_what_a_person_did_wrong),
      cmocka_unit_test(refuses_what_does_not_fit),
      cmocka_unit_test(checks_without_running),
      cmocka_unit_test(a_bad_gauge_holds_and_a_power_cut_is_survived),
      cmocka_unit_test(the_same_seed_gives_the_same_run),
      cmocka_unit_test(a_primitive_is_called_and_its_error_holds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
