#include "lines.h"

#include <math.h>

#include "files.h"
#include "io/csv.h"

// Open a table given as text; the file is gone at once, the table is not.
static int open_text(lw_csv *c, const char *text, lw_err *e) {
  scratch s = scratch_text(text);
  int rc = lw_csv_open(c, s.path, 0, e);
  c->path = "t.csv";
  unlink(s.path);
  return rc;
}

static void reads_header_and_rows(void **state) {
  (void)state;
  lw_csv c;
  lw_err e = {0};
  assert_int_equal(open_text(&c, "t,a,b\n0,1.5,x\n\n1,,y\n", &e), 0);
  assert_int_equal(c.column_n, 3);
  assert_int_equal(lw_csv_column(&c, "b"), 2);
  assert_int_equal(lw_csv_column(&c, "z"), LW_E_NOTFOUND);
  double x;
  assert_int_equal(lw_csv_next(&c, &e), 1);
  assert_int_equal(lw_csv_number(&c, 1, &x, &e), 0);
  assert_true(x == 1.5);
  assert_string_equal(c.cells[2], "x");
  assert_int_equal(lw_csv_next(&c, &e), 1);
  assert_int_equal(c.line, 4);
  assert_int_equal(lw_csv_number(&c, 1, &x, &e), 0);
  assert_true(isnan(x));
  assert_int_equal(lw_csv_next(&c, &e), 0);
  assert_int_equal(lw_csv_next(&c, &e), 0);
  lw_csv_close(&c);
  lw_csv_close(&c);
}

static void takes_the_dialects_of_its_makers(void **state) {
  (void)state;
  const char *texts[] = {
      "t;a\r\n0;1,5\r\n",       // a German spreadsheet
      "t\ta\n0\t1.5",           // no line end at the end
      "\xEF\xBB\xBFt,a\n0,1.5", // byte order mark
      "\"t\",\"a\"\n\"0\",\"1.5\"\n",
      "t|a\n0| 1.5 \n",
      "\n\nt,a\n0,+1.5e0\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    lw_csv c;
    lw_err e = {0};
    double x = 0;
    if (open_text(&c, texts[i], &e) < 0 || lw_csv_next(&c, &e) != 1 ||
        lw_csv_column(&c, "a") != 1 || lw_csv_number(&c, 1, &x, &e) < 0 ||
        x != 1.5)
      fail_msg("text %zu: %g %s", i, x, e.text);
    assert_int_equal(lw_csv_next(&c, &e), 0);
    lw_csv_close(&c);
  }
}

static void undoes_quotes(void **state) {
  (void)state;
  lw_csv c;
  lw_err e = {0};
  open_text(&c, "a,b\n\"x, \"\"y\"\"\nz\",\"\"\nlast,1\n", &e);
  assert_int_equal(lw_csv_next(&c, &e), 1);
  assert_string_equal(c.cells[0], "x, \"y\"\nz");
  assert_string_equal(c.cells[1], "");
  assert_int_equal(lw_csv_next(&c, &e), 1);
  assert_int_equal(c.line, 4);
  lw_csv_close(&c);
}

// Read everything; the first error's text.
static void assert_error(const char *text, const char *wanted) {
  lw_csv c;
  lw_err e = {0};
  int rc = open_text(&c, text, &e);
  double x;
  int64_t t_ns;
  while (rc >= 0 && (rc = lw_csv_next(&c, &e)) > 0)
    if ((rc = lw_csv_time(&c, 0, &t_ns, &e)) == 0 && c.column_n > 1)
      rc = lw_csv_number(&c, 1, &x, &e);
  assert_true(rc < 0);
  lw_csv_close(&c);
  const char *at = strstr(e.text, wanted);
  if (!at)
    fail_msg("'%s' lacks '%s'", e.text, wanted);
}

static void names_file_line_column_and_value_of_an_error(void **state) {
  (void)state;
  assert_error("", "empty, no header line");
  assert_error("\n\r\n\n", "empty, no header line");
  assert_error("t,a,a\n", ":1: two columns are called 'a'");
  assert_error("t,a\n0,1\n1,abc\n", "t.csv:3: column 'a': 'abc' is no number");
  assert_error("t,a\n0,0x10\n", "t.csv:2: column 'a': '0x10' is no number");
  assert_error("t,a\n0,inf\n", "'inf' is no number");
  assert_error("t,a\n0,1e999\n", "'1e999' is no number");
  assert_error("t,a\n0,1 2\n", "'1 2' is no number");
  assert_error("t,a\n0,1\n1\n", "t.csv:3: 1 cells, the header has 2");
  assert_error("t,a\n0,1,2\n", "t.csv:2: 3 cells, the header has 2");
  assert_error("t,a\n0,\"1\n2,3\n", "t.csv:2: a quote is never closed");
  assert_error("t,a\n0,\"1\"2\n", "t.csv:2: text after a closing quote");
  assert_error("t\nnoon\n", "column 't': 'noon' is no time in seconds or ISO");
}

static void assert_time(const char *cell, int64_t wanted_ns) {
  char text[80];
  snprintf(text, sizeof text, "t|x\n%s|\n", cell);
  lw_csv c;
  lw_err e = {0};
  int64_t t_ns = -1;
  assert_int_equal(open_text(&c, text, &e), 0);
  assert_int_equal(lw_csv_next(&c, &e), 1);
  if (lw_csv_time(&c, 0, &t_ns, &e) < 0 || t_ns != wanted_ns)
    fail_msg("%s: %lld %s", cell, (long long)t_ns, e.text);
  lw_csv_close(&c);
}

// Seconds since 1970 by `date -u -d ... +%s`.
static void reads_times(void **state) {
  (void)state;
  assert_time("0", 0);
  assert_time("1.25", 1250000000);
  assert_time("-0.5", -500000000);
  assert_time("1970-01-01", 0);
  assert_time("2000-02-29 00:00:00", INT64_C(951782400) * LW_S);
  assert_time("2026-03-09T10:14:33Z", INT64_C(1773051273) * LW_S);
  assert_time("2026-03-09T10:14:33.25+01:00",
              INT64_C(1773047673) * LW_S + 250000000);
  assert_time("2026-03-09 10:14", INT64_C(1773051240) * LW_S);
  assert_time("2026-03-09T10:14:33-0530", INT64_C(1773071073) * LW_S);
  assert_time("1969-12-31 23:59:59", -LW_S);
}

static void refuses_times_that_do_not_exist(void **state) {
  (void)state;
  const char *bad[] = {"2026-02-29",
                       "2026-13-01",
                       "2026-00-10",
                       "2026-03-09T25:00",
                       "2026-03-09T10:60",
                       "2026-03-09T10:14:33X",
                       "2026-03-09T10:14:33+1",
                       "2026-03-09 10",
                       "2026-03-09T10:14:33+15:00",
                       "1e12",
                       ""};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char text[80];
    snprintf(text, sizeof text, "t|x\n%s|\n", bad[i]);
    assert_error(text, "is no time");
  }
}

static void says_why_a_file_cannot_be_read(void **state) {
  (void)state;
  lw_csv c;
  lw_err e = {0};
  assert_int_equal(lw_csv_open(&c, "/nowhere/x.csv", 0, &e), LW_E_NOTFOUND);
  assert_string_equal(e.text, "/nowhere/x.csv: No such file or directory");
  assert_int_equal(lw_csv_open(&c, "/tmp", 0, &e), LW_E_IO);
  assert_string_equal(e.text, "/tmp: Is a directory");
}

// Damage a good table in all ways a byte can be damaged: it is read or refused,
// never crashed on (run under ASan).
static void survives_any_single_damaged_byte(void **state) {
  (void)state;
  const char good[] = "t,\"a\"\"b\",c\r\n2026-03-09T10:14:33.5Z,\"1\",x\n2,3,4";
  char text[sizeof good];
  const char bytes[] = {'"', '\n', '\r', ',', ';', '\0', (char)0xEF, '9', ' '};
  for (size_t i = 0; i + 1 < sizeof good; i++)
    for (size_t k = 0; k < sizeof bytes; k++) {
      memcpy(text, good, sizeof good);
      text[i] = bytes[k];
      scratch s = scratch_file(text, sizeof good - 1);
      lw_csv c;
      lw_err e = {0};
      int rc = lw_csv_open(&c, s.path, 0, &e), rows = 0;
      double x;
      int64_t t_ns;
      while (rc >= 0 && (rc = lw_csv_next(&c, &e)) > 0 && rows++ < 10)
        for (size_t col = 0; col < c.column_n; col++) {
          lw_csv_number(&c, col, &x, &e);
          lw_csv_time(&c, col, &t_ns, &e);
        }
      assert_true(rows < 10);
      lw_csv_close(&c);
      unlink(s.path);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_header_and_rows),
      cmocka_unit_test(takes_the_dialects_of_its_makers),
      cmocka_unit_test(undoes_quotes),
      cmocka_unit_test(names_file_line_column_and_value_of_an_error),
      cmocka_unit_test(reads_times),
      cmocka_unit_test(refuses_times_that_do_not_exist),
      cmocka_unit_test(says_why_a_file_cannot_be_read),
      cmocka_unit_test(survives_any_single_damaged_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
