#include <math.h>     // NAN
#include <sys/stat.h> // mkfifo

#include "lines.h"

#include "files.h"

static const char recording[] = "time,temp,lot\n"
                                "100,20.5,A1\n"
                                "101,21.5,A1\n"
                                "102,,A2\n"
                                "104,23.5,\n";

// A line that plays a recording; options are name, value, ..., NULL.
static void play(bench_line *l, scratch *s, const char *text,
                 const char **options) {
  *s = scratch_text(text);
  line_init(l);
  lw_plan_add_driver(l->plan, "replay", "recorder (r.lua:2)");
  lw_plan_add_option(l->plan, "file", s->path);
  for (; options && *options; options += 2)
    lw_plan_add_option(l->plan, options[0], options[1]);
}

static uint32_t column(bench_line *l, const char *name, int type) {
  return add_tag(
      l->plan,
      &(tag_spec){.name = name, .address = name, .driver = 1, .type = type});
}

static void stop(bench_line *l, scratch *s) {
  line_fini(l);
  unlink(s->path);
}

static void plays_in_real_time_and_ends_bad(void **state) {
  (void)state;
  bench_line l;
  scratch s;
  play(&l, &s, recording, NULL);
  uint32_t temp = column(&l, "temp", LW_TYPE_f64);
  uint32_t lot = column(&l, "lot", LW_TYPE_text);
  char text[LW_TEXT_SIZE];
  line_start(&l);
  line_poll(&l, 0);
  assert_good(&l, temp, 20.5);
  lw_io_text(l.io, lot, text);
  assert_string_equal(text, "A1");
  line_poll(&l, 990 * LW_MS);
  assert_good(&l, temp, 20.5); // between rows the older one holds
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, temp, 21.5);
  line_poll(&l, 1500 * LW_MS); // an empty cell is a bad reading
  assert_int_equal(read_tag(&l, temp).quality, LW_BAD);
  lw_io_text(l.io, lot, text);
  assert_string_equal(text, "A2");
  line_poll(&l,
            3490 * LW_MS); // 5.99 s: the last row, as long as the one before
  assert_good(&l, temp, 23.5);
  line_poll(&l, 10 * LW_MS);
  assert_int_equal(read_tag(&l, temp).quality, LW_BAD);
  lw_io_status status;
  lw_io_status_read(l.io, 0, &status);
  assert_non_null(strstr(status.text, "the recording has ended"));
  stop(&l, &s);
}

static void plays_faster_than_real(void **state) {
  (void)state;
  bench_line l;
  scratch s;
  play(&l, &s, recording, (const char *[]){"speed", "10", NULL});
  uint32_t temp = column(&l, "temp", LW_TYPE_f64);
  line_start(&l);
  line_poll(&l, 0);
  line_poll(&l, 100 * LW_MS);
  assert_good(&l, temp, 21.5);
  line_poll(&l, 300 * LW_MS);
  assert_good(&l, temp, 23.5);
  stop(&l, &s);
}

static void plays_a_row_per_read(void **state) {
  (void)state;
  bench_line l;
  scratch s;
  play(&l, &s, recording, (const char *[]){"speed", "max", NULL});
  uint32_t temp = column(&l, "temp", LW_TYPE_f64);
  line_start(&l);
  const double rows[] = {20.5, 21.5, 0, 23.5};
  for (int i = 0; i < 4; i++) {
    line_poll(&l, 10 * LW_MS);
    if (i == 2)
      assert_int_equal(read_tag(&l, temp).quality, LW_BAD);
    else
      assert_good(&l, temp, rows[i]);
  }
  line_poll(&l, 10 * LW_MS);
  assert_int_equal(read_tag(&l, temp).quality, LW_BAD);
  stop(&l, &s);
}

static void loops_as_often_as_asked(void **state) {
  (void)state;
  const char *times[] = {"2", "0"};
  for (int i = 0; i < 2; i++) {
    bench_line l;
    scratch s;
    play(&l, &s, recording, (const char *[]){"loop", times[i], NULL});
    uint32_t temp = column(&l, "temp", LW_TYPE_f64);
    line_start(&l);
    line_poll(&l, 0);
    line_poll(&l, 6 * LW_S); // one play lasts 6 s
    assert_good(&l, temp, 20.5);
    line_poll(&l, 6 * LW_S);
    if (i == 0)
      assert_int_equal(read_tag(&l, temp).quality, LW_BAD);
    else
      assert_good(&l, temp, 20.5);
    stop(&l, &s);
  }
}

static void takes_a_table_without_time_stamps(void **state) {
  (void)state;
  bench_line l;
  scratch s;
  play(&l, &s, "x;y\n1;2\n3;4,5\n", (const char *[]){"period", "0.5", NULL});
  uint32_t y = column(&l, "y", LW_TYPE_f64);
  line_start(&l);
  line_poll(&l, 0);
  assert_good(&l, y, 2);
  line_poll(&l, 500 * LW_MS);
  assert_good(&l, y, 4.5);
  stop(&l, &s);
}

static void takes_any_column_as_time(void **state) {
  (void)state;
  bench_line l;
  scratch s;
  play(&l, &s, "x,when\n1,2026-03-09 10:00:00\n2,2026-03-09 10:00:10\n",
       (const char *[]){"time", "when", NULL});
  uint32_t x = column(&l, "x", LW_TYPE_f64);
  line_start(&l);
  line_poll(&l, 0);
  line_poll(&l, 10 * LW_S);
  assert_good(&l, x, 2);
  stop(&l, &s);
}

static void assert_refused(const char *text, const char **options,
                           const char *address, const char *wanted) {
  bench_line l;
  scratch s;
  play(&l, &s, text, options);
  column(&l, address, LW_TYPE_f64);
  lw_err e = {0};
  assert_true(line_open(&l, &e) < 0);
  if (!strstr(e.text, wanted))
    fail_msg("'%s' lacks '%s'", e.text, wanted);
  stop(&l, &s);
}

static void says_what_is_wrong_before_anything_moves(void **state) {
  (void)state;
  assert_refused(recording, NULL, "tmp", "has no column 'tmp'");
  assert_refused("t,a\n0,1\n-1,2\n", NULL, "a",
                 ":3: column 't': '-1' goes back in time");
  assert_refused("t,a\n0,1\n1,two\n", NULL, "a",
                 ":3: column 'a': 'two' is no number");
  assert_refused("t,a\n", NULL, "a", "no rows under the header");
  assert_refused(recording, (const char *[]){"time", "when", NULL}, "temp",
                 "there is no time column 'when'");
  assert_refused(recording, (const char *[]){"skip", "-1", NULL}, "temp",
                 "option skip = -1 should be a whole number of rows");
  assert_refused(recording, (const char *[]){"skip", "1e300", NULL}, "temp",
                 "option skip = 1e300 should be a whole number of rows");
  assert_refused(recording, (const char *[]){"speed", "fast", NULL}, "temp",
                 "option speed = 'fast' should be real, max or a number");
  assert_refused(recording, (const char *[]){"separator", "::", NULL}, "temp",
                 "option separator = '::' should be one character");
}

// play(), for bytes that are no text.
static void play_raw(bench_line *l, scratch *s, const float *x, size_t n,
                     const char *skip) {
  *s = scratch_file((const char *)x, n * sizeof *x);
  line_init(l);
  lw_plan_add_driver(l->plan, "replay", "recorder (r.lua:2)");
  lw_plan_add_option(l->plan, "file", s->path);
  lw_plan_add_option(l->plan, "format", "f32");
  lw_plan_add_option(l->plan, "speed", "max");
  if (skip)
    lw_plan_add_option(l->plan, "skip", skip);
}

static void plays_raw_samples_from_where_it_is_told(void **state) {
  (void)state;
  const float x[] = {1.5f, -2, NAN, 4};
  bench_line l;
  scratch s;
  play_raw(&l, &s, x, 4, "1");
  lw_plan_add_option(l.plan, "period", "0.001");
  uint32_t tag = column(&l, "acceleration", LW_TYPE_f64);
  line_start(&l);
  line_poll(&l, 0);
  assert_good(&l, tag, -2);
  line_poll(&l, 100 * LW_MS);
  assert_int_equal(read_tag(&l, tag).quality, LW_BAD);
  line_poll(&l, 100 * LW_MS);
  assert_good(&l, tag, 4);
  line_poll(&l, 100 * LW_MS); // the end
  assert_int_equal(read_tag(&l, tag).quality, LW_BAD);
  stop(&l, &s);
}

static void raw_samples_need_a_period_and_samples(void **state) {
  (void)state;
  const float x[] = {1, 2};
  for (int skip = 0; skip < 2; skip++) {
    bench_line l;
    scratch s;
    lw_err e = {0};
    play_raw(&l, &s, x, 2, skip ? "2" : NULL);
    if (skip)
      lw_plan_add_option(l.plan, "period", "0.001");
    column(&l, "a", LW_TYPE_f64);
    assert_true(line_open(&l, &e) < 0);
    assert_non_null(strstr(e.text, skip ? "no samples after the first 2"
                                        : "format = 'f32' needs a period"));
    stop(&l, &s);
  }
  assert_refused(recording, (const char *[]){"format", "f64", NULL}, "temp",
                 "option format = 'f64' should be csv or f32");
}

static void leaves_out_rows_at_the_start(void **state) {
  (void)state;
  bench_line l;
  scratch s;
  play(&l, &s, recording, (const char *[]){"skip", "3", "speed", "max", NULL});
  uint32_t temp = column(&l, "temp", LW_TYPE_f64);
  line_start(&l);
  line_poll(&l, 0);
  assert_good(&l, temp, 23.5);
  stop(&l, &s);
}

static void a_missing_file_is_named(void **state) {
  (void)state;
  bench_line l;
  line_init(&l);
  lw_plan_add_driver(l.plan, "replay", "recorder (r.lua:2)");
  lw_plan_add_option(l.plan, "file", "/nowhere.csv");
  lw_err e = {0};
  assert_int_equal(line_open(&l, &e), LW_E_NOTFOUND);
  assert_string_equal(
      e.text, "recorder (r.lua:2): /nowhere.csv: No such file or directory");
  line_fini(&l);
}

static void a_named_pipe_is_not_waited_for(void **state) {
  (void)state;
  char path[] = "/tmp/linewright-pipe-XXXXXX", wanted[128];
  assert_non_null(mkdtemp(path));
  char pipe[64];
  snprintf(pipe, sizeof pipe, "%s/x.csv", path);
  assert_int_equal(mkfifo(pipe, 0600), 0);
  bench_line l;
  line_init(&l);
  lw_plan_add_driver(l.plan, "replay", "recorder (r.lua:2)");
  lw_plan_add_option(l.plan, "file", pipe);
  lw_err e = {0};
  assert_int_equal(line_open(&l, &e), LW_E_SYNTAX);
  snprintf(wanted, sizeof wanted,
           "recorder (r.lua:2): %s: empty, no header line", pipe);
  assert_string_equal(e.text, wanted);
  line_fini(&l);
  unlink(pipe);
  rmdir(path);
}

static void a_recording_cannot_be_written(void **state) {
  (void)state;
  bench_line l;
  scratch s;
  play(&l, &s, recording, NULL);
  add_tag(l.plan, &(tag_spec){.name = "web.speed",
                              .address = "temp",
                              .driver = 1,
                              .type = LW_TYPE_f64,
                              .access = LW_READ | LW_WRITE});
  lw_err e = {0};
  assert_int_equal(line_open(&l, &e), LW_E_SYNTAX);
  assert_string_equal(e.text,
                      "web.speed: 'temp': a recording can only be read");
  stop(&l, &s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plays_in_real_time_and_ends_bad),
      cmocka_unit_test(plays_faster_than_real),
      cmocka_unit_test(plays_a_row_per_read),
      cmocka_unit_test(loops_as_often_as_asked),
      cmocka_unit_test(takes_a_table_without_time_stamps),
      cmocka_unit_test(takes_any_column_as_time),
      cmocka_unit_test(says_what_is_wrong_before_anything_moves),
      cmocka_unit_test(plays_raw_samples_from_where_it_is_told),
      cmocka_unit_test(raw_samples_need_a_period_and_samples),
      cmocka_unit_test(leaves_out_rows_at_the_start),
      cmocka_unit_test(a_missing_file_is_named),
      cmocka_unit_test(a_named_pipe_is_not_waited_for),
      cmocka_unit_test(a_recording_cannot_be_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
