// History out as CSV and in again: every sample with its bits, times in the
// forms that people write, lines that are wrong named; scopes of a run found.
#include "c/store/fixture.h"

#include <math.h>

#include "store/history.h"
#include "store/history_csv.h"

#define S INT64_C(1000000000)
#define T0 (INT64_C(1793491199) * S + 123456789) // a second before midnight

static const double ODD[] = {-0.0,    INFINITY, -INFINITY, 5e-324, 0.1,
                             1.0 / 3, 1e300,    -1,        25,     123456.789};
#define ODD_N (int)(sizeof ODD / sizeof *ODD)

static const char *in_dir(fixture *f, const char *name) {
  static char paths[4][128];
  static int next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", f->dir, name);
  return path;
}

// Two tags over two days.
static void fill(fixture *f) {
  lw_historian *h;
  assert_int_equal(lw_historian_open(&h, in_dir(f, "h"), NULL), 0);
  lw_historian_tag(h, "oven.zones[1].temp", "degC", NULL);
  lw_historian_tag(h, "odd, \"quoted\"", "1", NULL);
  for (int i = 0; i < ODD_N; i++) {
    lw_history_value v[] = {{0, 2, 20 + i}, {1, (uint8_t)(i % 3), ODD[i]}};
    assert_int_equal(lw_historian_put(h, T0 + i * S, v, 2, NULL), 0);
  }
  lw_historian_close(h);
}

static int64_t export(fixture *f, const char *folder, const char *file,
                      lw_history_csv_wish w, lw_err *e) {
  int64_t rows;
  FILE *out = fopen(in_dir(f, file), "w");
  assert_non_null(out);
  w.folder = in_dir(f, folder);
  int rc = lw_history_csv_write(&w, out, &rows, e);
  fclose(out);
  return rc < 0 ? rc : rows;
}

static int64_t import(fixture *f, const char *file, const char *folder,
                      lw_err *e) {
  lw_historian *h = NULL;
  int64_t samples;
  FILE *in = fopen(in_dir(f, file), "r");
  assert_non_null(in);
  if (folder)
    assert_int_equal(lw_historian_open(&h, in_dir(f, folder), NULL), 0);
  int rc = lw_history_csv_read(in, file, h, &samples, e);
  lw_historian_close(h);
  fclose(in);
  return rc < 0 ? rc : samples;
}

static void write_file(fixture *f, const char *name, const char *text) {
  FILE *file = fopen(in_dir(f, name), "w");
  fputs(text, file);
  fclose(file);
}

static const lw_history_csv_wish ALL = {.from_ns = INT64_MIN,
                                        .to_ns = INT64_MAX};

typedef struct got {
  int n;
  lw_instant at[64];
} got;

static int keep(void *arg, const lw_chunk *c) {
  got *g = arg;
  for (size_t i = 0; i < c->n; i++)
    g->at[g->n++] = (lw_instant){c->t_ns[i], c->value[i], c->quality[i]};
  return 0;
}

static got read_tag(fixture *f, const char *folder, const char *tag) {
  lw_history *h;
  got g = {0};
  assert_int_equal(lw_history_open(&h, in_dir(f, folder), NULL), 0);
  assert_int_equal(
      lw_history_read(h, tag, INT64_MIN, INT64_MAX, keep, &g, NULL), 0);
  lw_history_close(h);
  return g;
}

static void every_sample_comes_back_with_its_bits(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  fill(f);
  assert_int_equal(export(f, "h", "a.csv", ALL, &e), 2 * ODD_N);
  assert_int_equal(import(f, "a.csv", NULL, &e), 2 * ODD_N); // only checks
  assert_int_equal(import(f, "a.csv", "again", &e), 2 * ODD_N);
  got g = read_tag(f, "again", "odd, \"quoted\"");
  assert_int_equal(g.n, ODD_N);
  for (int i = 0; i < ODD_N; i++) {
    assert_memory_equal(&g.at[i].value, &ODD[i], sizeof ODD[i]);
    assert_int_equal(g.at[i].t_ns, T0 + i * S);
    assert_int_equal(g.at[i].quality, i % 3);
  }
}

static void a_wide_table_has_what_was_held_at_each_step(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  const char *tags[] = {"oven.zones[1].temp"};
  fill(f);
  const lw_history_csv_wish w = {.from_ns = T0 - S / 2,
                                 .to_ns = T0 + 2 * S,
                                 .tags = tags,
                                 .tag_n = 1,
                                 .every_ns = S};
  assert_int_equal(export(f, "h", "w.csv", w, &e), 3);
  char text[400] = "";
  FILE *in = fopen(in_dir(f, "w.csv"), "r");
  assert_true(fread(text, 1, sizeof text - 1, in) > 0);
  fclose(in);
  assert_string_equal(
      text, "time,t_ns,oven.zones[1].temp [degC]\n"
            "2026-10-31T23:59:58.623456789Z,1793491198623456789,\n"
            "2026-10-31T23:59:59.623456789Z,1793491199623456789,20\n"
            "2026-11-01T00:00:00.623456789Z,1793491200623456789,21\n");
  assert_int_equal(import(f, "w.csv", "again", &e), 2);
  assert_int_equal(read_tag(f, "again", tags[0]).n, 2);
  const lw_history_csv_wish none = {.from_ns = 0,
                                    .to_ns = INT64_MAX,
                                    .tags = (const char *[]){"no"},
                                    .tag_n = 1};
  assert_int_equal(export(f, "h", "n.csv", none, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "no history of 'no'"));
}

static void times_are_read_as_people_write_them(void **state) {
  (void)state;
  const struct {
    const char *text;
    int64_t t_ns;
  } good[] = {
      {"1970-01-01", 0},
      {"2026-11-01T00:00:00Z", INT64_C(1793491200) * S},
      {"2026-11-01 00:00:00.5", INT64_C(1793491200) * S + S / 2},
      {"2026-11-01T01:30:00.000000001+01:30", INT64_C(1793491200) * S + 1},
      {"2026-10-31T19:00:00-0500", INT64_C(1793491200) * S},
      {"1793491200.25", INT64_C(1793491200) * S + S / 4},
      {"-1.5", -3 * S / 2}};
  int64_t t;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_int_equal(lw_history_csv_time(good[i].text, &t), 0);
    assert_int_equal(t, good[i].t_ns);
  }
  const char *bad[] = {
      "",           "yesterday",           "2026-13-01",
      "2026-02-30", "2026-11-01T25:00:00", "2026-11-01T00:00:00X",
      "1e400",      "9999-12-31",          "2026-11-01T-5:-3:-2"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(lw_history_csv_time(bad[i], &t), LW_E_RANGE);
}

static void a_wrong_line_is_named(void **state) {
  fixture *f = *state;
  const struct {
    const char *text, *message;
  } wrong[] = {
      {"", "x.csv: empty, a header was expected"},
      {"a,b\n1,2\n", "x.csv:1: no column time or t_ns in the header: 'a'"},
      {"time,a [m],a [s]\n", "x.csv:1: two columns have this name: 'a'"},
      {"time,tag\n", "x.csv:1: a column tag, but none called value: 'tag'"},
      {"time,a\n2020-01-01,1\n\n2020-01-02,x\n", "x.csv:4: no number: 'x'"},
      {"time,a\n2020-01-01,1,2\n", "x.csv:2: 3 cells, the header has 2"},
      {"time,a\n1969-12-30,1\n", "x.csv:2: no time: '1969-12-30'"},
      {"time,a\n-1.5,1\n", "x.csv:2: a time before 1970: '-1.5'"},
      {"t_ns,a\n99999999999999999999,1\n",
       "x.csv:2: no whole number of ns: '99999999999999999999'"},
      {"t_ns;a\n12x;1\n", "x.csv:2: no whole number of ns: '12x'"},
      {"time,tag,value,quality\n2020-01-01,a,1,fine\n",
       "x.csv:2: no quality (good, uncertain, bad): 'fine'"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    lw_err e = {0};
    write_file(f, "x.csv", wrong[i].text);
    assert_int_equal(import(f, "x.csv", NULL, &e), LW_E_CORRUPT);
    assert_string_equal(e.text, wrong[i].message);
  }
}

static void samples_are_joined_with_their_phase(void **state) {
  fixture *f = *state;
  lw_scopes s;
  int64_t from, to;
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  emit(f, LW_RECORD_begin, "execute/coat#1", "{\"scope\":\"phase\"}", 1);
  emit(f, LW_RECORD_begin, "execute/coat/step#1", "{\"at\":\"r:1\"}", 1);
  emit(f, LW_RECORD_begin, "execute/coat/in#1", "{\"scope\":\"phase\"}", 1);
  emit(f, LW_RECORD_end, "execute/coat/in#1", "{}", 1);
  emit(f, LW_RECORD_end, "execute/coat#1", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(lw_scopes_read(&s, f->s, f->run.id, NULL), 0);
  assert_int_equal(s.n, 2);
  const lw_scope *outer = &s.at[0], *inner = &s.at[1];
  assert_string_equal(outer->path, "execute/coat");
  assert_true(outer->from_ns < inner->from_ns && inner->to_ns < outer->to_ns);
  assert_null(lw_scopes_find(&s, outer->from_ns - 1, &from, &to));
  assert_true(to == outer->from_ns);
  assert_ptr_equal(lw_scopes_find(&s, outer->from_ns, &from, &to), outer);
  assert_true(from == outer->from_ns && to == inner->from_ns);
  assert_ptr_equal(lw_scopes_find(&s, inner->from_ns, &from, &to), inner);
  assert_ptr_equal(lw_scopes_find(&s, inner->to_ns, &from, &to), outer);
  assert_null(lw_scopes_find(&s, outer->to_ns, &from, &to));
  lw_scopes_free(&s);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(every_sample_comes_back_with_its_bits),
      TEST(a_wide_table_has_what_was_held_at_each_step),
      TEST(times_are_read_as_people_write_them),
      TEST(a_wrong_line_is_named),
      TEST(samples_are_joined_with_their_phase),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
