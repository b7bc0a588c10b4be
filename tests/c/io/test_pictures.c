#include <math.h> // NAN

#include "lines.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"a.pgm", "b.PGM", "c.pgm", "notes.txt"};

typedef struct cell {
  bench_line l;
  char folder[32];
  uint32_t picture, number, late, missing, trigger;
} cell;

static void save(const cell *c, const char *name, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "%s/%s", c->folder, name);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

// A line with the driver on a folder of three pictures, one of which is none
// when asked; options are name, value, ..., NULL.
static void open_cell(cell *c, const char **options) {
  strcpy(c->folder, "/tmp/lw_test_XXXXXX");
  assert_non_null(mkdtemp(c->folder));
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    save(c, files[i], "P5 1 1 255 x");
  line_init(&c->l);
  lw_plan_add_driver(c->l.plan, "pictures", "camera (c.lua:2)");
  lw_plan_add_option(c->l.plan, "folder", c->folder);
  for (; *options; options += 2)
    lw_plan_add_option(c->l.plan, options[0], options[1]);
  const char *const names[] = {"picture", "number", "late", "missing",
                               "trigger"};
  uint32_t *const tags[] = {&c->picture, &c->number, &c->late, &c->missing,
                            &c->trigger};
  for (int i = 0; i < 5; i++)
    *tags[i] =
        add_tag(c->l.plan,
                &(tag_spec){.name = names[i],
                            .address = names[i],
                            .driver = 1,
                            .type = i ? LW_TYPE_f64 : LW_TYPE_text,
                            .access = i == 4 ? LW_READ | LW_WRITE : LW_READ});
}

static void close_cell(cell *c) {
  char path[64];
  line_fini(&c->l);
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    snprintf(path, sizeof path, "%s/%s", c->folder, files[i]);
    unlink(path);
  }
  rmdir(c->folder);
}

static void assert_picture(const cell *c, const char *name) {
  char text[LW_TEXT_SIZE];
  assert_int_equal(read_tag(&c->l, c->picture).quality, LW_GOOD);
  lw_io_text(c->l.io, c->picture, text);
  assert_string_equal(text, name);
}

static void plays_by_name_at_line_rate(void **state) {
  (void)state;
  cell c;
  open_cell(&c, (const char *[]){"every", "1", NULL});
  line_start(&c.l);
  line_poll(&c.l, 0);
  assert_picture(&c, "a.pgm");
  int64_t taken_ns = read_tag(&c.l, c.picture).t_ns;
  line_poll(&c.l, 900 * LW_MS);
  assert_picture(&c, "a.pgm");
  assert_int_equal(read_tag(&c.l, c.picture).t_ns, taken_ns); // it ages
  line_poll(&c.l, 100 * LW_MS);
  assert_picture(&c, "b.PGM");
  assert_good(&c.l, c.number, 2);
  assert_good(&c.l, c.missing, 0);
  assert_good(&c.l, c.late, 0);
  close_cell(&c);
}

static void counts_pictures_that_are_late_or_missing(void **state) {
  (void)state;
  cell c;
  open_cell(&c, (const char *[]){"every", "1", "loop", "0", NULL});
  line_start(&c.l);
  line_poll(&c.l, 0);
  line_poll(&c.l, 1700 * LW_MS); // 0.7 s after the second was due
  assert_good(&c.l, c.late, 1);
  line_poll(&c.l, 2300 * LW_MS); // the fourth is not seen
  assert_good(&c.l, c.number, 5);
  assert_picture(&c, "b.PGM");
  assert_good(&c.l, c.missing, 2);
  save(&c, "c.pgm", ""); // the sixth
  line_poll(&c.l, 1000 * LW_MS);
  assert_int_equal(read_tag(&c.l, c.picture).quality, LW_BAD);
  assert_good(&c.l, c.missing, 3);
  lw_io_status status;
  lw_io_status_read(c.l.io, 0, &status);
  assert_non_null(strstr(status.text, "c.pgm is gone or empty"));
  line_poll(&c.l, 1000 * LW_MS);
  assert_picture(&c, "a.pgm");
  close_cell(&c);
}

static void ends_bad_after_its_plays(void **state) {
  (void)state;
  cell c;
  open_cell(&c, (const char *[]){"every", "1", NULL});
  line_start(&c.l);
  for (int i = 0; i < 3; i++)
    line_poll(&c.l, i ? LW_S : 0);
  assert_picture(&c, "c.pgm");
  line_poll(&c.l, LW_S);
  assert_int_equal(read_tag(&c.l, c.picture).quality, LW_BAD);
  close_cell(&c);
}

static void pull(cell *c, double number) {
  lw_io_write(c->l.io, c->trigger, number);
  line_poll(&c->l, 100 * LW_MS);
}

static void takes_one_for_each_trigger(void **state) {
  (void)state;
  cell c;
  open_cell(&c, (const char *[]){"trigger", "signal", "loop", "0", NULL});
  line_start(&c.l);
  line_poll(&c.l, LW_S);
  assert_int_equal(read_tag(&c.l, c.picture).quality, LW_BAD); // none yet
  pull(&c, 1);
  assert_picture(&c, "a.pgm");
  pull(&c, 0); // a contact that opens again
  assert_picture(&c, "a.pgm");
  pull(&c, 1);
  assert_picture(&c, "b.PGM");
  pull(&c, 4); // a counter: two parts went by unseen
  assert_good(&c.l, c.number, 5);
  assert_good(&c.l, c.missing, 2);
  pull(&c, 1); // it began anew
  assert_good(&c.l, c.number, 6);
  close_cell(&c);
}

static void refuses_what_it_cannot_play(void **state) {
  (void)state;
  const char *wanted[] = {"give one of every", "should be signal"};
  const char *options[2][5] = {{"loop", "1", NULL}, {"trigger", "line", NULL}};
  for (int i = 0; i < 2; i++) {
    cell c;
    lw_err e = {0};
    open_cell(&c, options[i]);
    assert_true(line_open(&c.l, &e) < 0);
    assert_non_null(strstr(e.text, wanted[i]));
    close_cell(&c);
  }
  lw_err e = {0};
  const lw_driver_ops *ops = lw_io_find("pictures");
  assert_true(ops->check_address("frame", LW_TYPE_text, LW_READ, &e) < 0);
  assert_non_null(strstr(e.text, "picture, number, late"));
  assert_true(ops->check_address("picture", LW_TYPE_f64, LW_READ, &e) < 0);
  assert_true(ops->check_address("late", LW_TYPE_f64, LW_WRITE, &e) < 0);
}

static void refuses_a_folder_without_pictures(void **state) {
  (void)state;
  cell c;
  lw_err e = {0};
  open_cell(&c, (const char *[]){"every", "1", NULL});
  for (size_t i = 0; i < 3; i++) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", c.folder, files[i]);
    unlink(path);
  }
  assert_true(line_open(&c.l, &e) < 0);
  assert_non_null(strstr(e.text, "no PNG, JPEG"));
  close_cell(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plays_by_name_at_line_rate),
      cmocka_unit_test(counts_pictures_that_are_late_or_missing),
      cmocka_unit_test(ends_bad_after_its_plays),
      cmocka_unit_test(takes_one_for_each_trigger),
      cmocka_unit_test(refuses_what_it_cannot_play),
      cmocka_unit_test(refuses_a_folder_without_pictures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
