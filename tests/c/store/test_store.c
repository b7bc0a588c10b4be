// Runs, bundles, records: what goes in comes out, from another handle too, and
// what is wrong with a file is said in one sentence.
#include "c/store/fixture.h"

#include <sqlite3.h>
#include <sys/stat.h> // chmod
#include <sys/wait.h>
#include <unistd.h> // seteuid

static void a_run_comes_back_as_it_was_entered(void **state) {
  fixture *f = *state;
  lw_run_info got;
  fixture_open(f);
  fixture_begin(f);
  assert_int_equal(f->run.id, 1);
  assert_int_equal(lw_store_run_find(f->s, NULL, &got, NULL), 0);
  assert_true(got.begun_wall_ns > 0);
  assert_memory_equal(&got, &f->run, sizeof got);
  assert_int_equal(lw_store_run_end(f->s, 1, "Complete", NULL), 0);
  assert_int_equal(lw_store_run_get(f->s, 1, &got, NULL), 0);
  assert_string_equal(got.state, "Complete");
  assert_true(got.ended_wall_ns >= got.begun_wall_ns);
}

static void a_run_that_goes_on_is_in_its_newest_state(void **state) {
  fixture *f = *state;
  lw_run_info got;
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  emit(f, LW_RECORD_state, "Starting", "{}", 1);
  emit(f, LW_RECORD_state, "Execute", "{}", 1);
  emit(f, LW_RECORD_note, "Held", "{}", 1);
  lw_store_pump(f->s);
  assert_int_equal(lw_store_run_get(f->s, 1, &got, NULL), 0);
  assert_string_equal(got.state, "Execute");
  assert_int_equal(lw_store_run_end(f->s, 1, "Complete", NULL), 0);
  assert_int_equal(lw_store_run_get(f->s, 1, &got, NULL), 0);
  assert_string_equal(got.state, "Complete");
}

static void the_newest_run_of_a_batch_is_found(void **state) {
  fixture *f = *state;
  lw_run_info run = a_run(), got;
  fixture_open(f);
  for (int i = 0; i < 3; i++) {
    run.id = 0;
    snprintf(run.batch, sizeof run.batch, i == 1 ? "other" : "0417");
    assert_int_equal(lw_store_run_begin(f->s, &run, NULL), 0);
  }
  assert_int_equal(lw_store_run_find(f->s, "0417", &got, NULL), 0);
  assert_int_equal(got.id, 3);
  assert_int_equal(lw_store_run_find(f->s, "other", &got, NULL), 0);
  assert_int_equal(got.id, 2);
  run.id = 0;
  run.batch[0] = '\0';
  assert_int_equal(lw_store_run_begin(f->s, &run, NULL), 0);
  assert_string_equal(run.batch, "0004");
}

static void wrong_runs_are_named(void **state) {
  fixture *f = *state;
  lw_run_info got;
  lw_err e;
  fixture_open(f);
  assert_int_equal(lw_store_run_find(f->s, NULL, &got, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "has no runs yet"));
  assert_int_equal(lw_store_run_find(f->s, "x9", &got, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "has no batch 'x9'"));
  assert_int_equal(lw_store_run_get(f->s, 7, &got, &e), LW_E_NOTFOUND);
  assert_int_equal(lw_store_run_end(f->s, 7, "Complete", &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "has no run 7"));
  fixture_begin(f);
  assert_int_equal(lw_store_run_begin(f->s, &f->run, &e), LW_E_EXISTS);
  assert_non_null(strstr(e.text, "run 1 exists already"));
  assert_int_equal(lw_store_check(f->s, &e), 0); // nothing wrong with the disk
}

// SQLite would go on behind the hole, and nobody could read what it wrote.
static void a_log_that_is_cut_short_stops_it(void **state) {
  fixture *f = *state;
  char log[128];
  lw_err e = {0};
  fixture_open(f);
  fixture_begin(f);
  snprintf(log, sizeof log, "%s-wal", f->path);
  assert_int_equal(truncate(log, 0), 0);
  assert_int_equal(lw_store_run_end(f->s, f->run.id, "Complete", &e),
                   LW_E_CORRUPT);
  assert_non_null(strstr(e.text, "t.db-wal was cut short while it was in use"));
  assert_int_equal(lw_store_check(f->s, &e), LW_E_CORRUPT);
  // What had been copied into the file by then is whole.
  lw_store_close(f->s);
  fixture_open(f);
  assert_int_equal(lw_store_check(f->s, &e), 0);
}

static void a_bundle_text_is_kept_once_and_comes_back(void **state) {
  fixture *f = *state;
  char sha[65] = "ba7816bf8f01cfea414140de5dae2223"
                 "b00361a396177a9cb410ff61f20015ad";
  char *text;
  size_t n;
  lw_err e;
  fixture_open(f);
  for (int i = 0; i < 2; i++)
    assert_int_equal(
        lw_store_bundle_put(f->s, "b1", "recipe", "r.lua", sha, "abc", 3, NULL),
        0);
  assert_int_equal(
      lw_store_bundle_get(f->s, "b1", "recipe", "r.lua", &text, &n, NULL), 0);
  assert_int_equal(n, 3);
  assert_string_equal(text, "abc");
  free(text);
  assert_int_equal(
      lw_store_bundle_get(f->s, "b1", "line", "r.lua", &text, &n, &e),
      LW_E_NOTFOUND);
  assert_int_equal(
      lw_store_bundle_put(f->s, "b1", "recipe", "r.lua", sha, "abd", 3, &e),
      LW_E_CORRUPT);
  assert_int_equal(lw_store_bundle_put(f->s, "b1", "recipe", "r.lua",
                                       "e3b0c44298fc1c149afbf4c8996fb924"
                                       "27ae41e4649b934ca495991b7852b855",
                                       "", 0, &e),
                   LW_E_EXISTS);
  assert_non_null(strstr(e.text, "another text for recipe 'r.lua'"));
}

typedef struct seen {
  int64_t last;
  int n, stop_after;
  char keys[64];
} seen;

static int note_record(void *arg, int64_t id, const lw_record *r) {
  seen *w = arg;
  assert_true(id > w->last);
  w->last = id;
  snprintf(w->keys + strlen(w->keys), sizeof w->keys - strlen(w->keys), "%.*s ",
           (int)r->key_n, r->key);
  return ++w->n == w->stop_after ? 7 : 0;
}

static void records_come_back_in_order_to_any_reader(void **state) {
  fixture *f = *state;
  lw_store *reader;
  seen all = {0}, some = {.stop_after = 2};
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  emit(f, LW_RECORD_begin, "a#1", "", 0);
  emit(f, LW_RECORD_end, "a#1", "{\"value\":3}", 1);
  emit(f, LW_RECORD_state, "b", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(f->committed, 3);
  assert_int_equal(f->commits, 1);
  assert_int_equal(
      lw_store_open(&reader, f->path, LW_STORE_READ, f->clock, NULL), 0);
  assert_int_equal(lw_store_read(reader, 1, note_record, &all, NULL), 0);
  assert_string_equal(all.keys, "a#1 a#1 b ");
  assert_int_equal(lw_store_read(f->s, 1, note_record, &some, NULL), 7);
  assert_int_equal(some.n, 2);
  lw_store_close(reader);
}

static void a_cursor_gives_every_field_and_starts_where_asked(void **state) {
  fixture *f = *state;
  lw_cursor *c;
  lw_record r;
  int64_t id;
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  emit(f, LW_RECORD_begin, "x", "", 0);
  emit(f, LW_RECORD_alarm, "y#2", "{\"n\":1}", 1);
  lw_store_pump(f->s);
  assert_int_equal(lw_cursor_open(&c, f->s, 1, 1, NULL), 0);
  assert_int_equal(lw_cursor_step(c, &id, &r, NULL), 1);
  assert_int_equal(id, 2);
  assert_int_equal(r.seq, 2);
  assert_int_equal(r.t_ns, 2 * LW_MS);
  assert_int_equal(r.wall_ns, 1700000000 * LW_S + 1);
  assert_int_equal(r.kind, LW_RECORD_alarm);
  assert_int_equal(r.durable, 1);
  assert_int_equal(r.synced, 1);
  assert_int_equal(r.key_n, 3);
  assert_memory_equal(r.key, "y#2", 3);
  assert_memory_equal(r.data, "{\"n\":1}", r.data_n);
  assert_int_equal(lw_cursor_step(c, &id, &r, NULL), 0);
  lw_cursor_close(c);
}

static void writing_goes_on_under_an_open_cursor(void **state) {
  fixture *f = *state;
  lw_cursor *c;
  lw_record r;
  int64_t id;
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  for (int i = 0; i < 50; i++)
    emit(f, LW_RECORD_note, "k", "", 0);
  lw_store_pump(f->s);
  assert_int_equal(lw_cursor_open(&c, f->s, 1, 0, NULL), 0);
  for (int i = 0; i < 50; i++) {
    assert_int_equal(lw_cursor_step(c, &id, &r, NULL), 1);
    emit(f, LW_RECORD_end, "k", "", 1);
    assert_int_equal(lw_store_pump(f->s), 0);
  }
  lw_cursor_close(c);
  assert_int_equal(f->committed, 100);
}

static void
a_second_writer_is_refused_and_told_who_holds_the_file(void **state) {
  fixture *f = *state;
  lw_store *other;
  lw_err e;
  char want[64];
  fixture_open(f);
  snprintf(want, sizeof want, "is being written by process %ld",
           (long)getpid());
  assert_int_equal(lw_store_open(&other, f->path, LW_STORE_WRITE, f->clock, &e),
                   LW_E_STATE);
  assert_non_null(strstr(e.text, want));
  lw_store_close(f->s);
  f->s = NULL;
  fixture_open(f); // the lock went with its holder
}

// A process that dies while it forks leaves its lock to the child for a moment.
static void the_lock_of_a_dead_process_is_waited_for(void **state) {
  fixture *f = *state;
  int told[2];
  assert_int_equal(pipe(told), 0);
  pid_t owner = fork();
  if (owner == 0) {
    if (lw_store_open(&f->s, f->path, LW_STORE_WRITE, f->clock, NULL) < 0)
      _exit(1);
    if (fork() == 0) { // inherits the lock, and goes on after its parent
      usleep(300000);
      _exit(0);
    }
    _exit(write(told[1], "x", 1) != 1);
  }
  char byte;
  assert_int_equal(read(told[0], &byte, 1), 1);
  assert_int_equal(waitpid(owner, NULL, 0), owner);
  fixture_open(f);
  close(told[0]);
  close(told[1]);
}

static void readers_may_not_write(void **state) {
  fixture *f = *state;
  lw_run_info run = a_run();
  lw_err e;
  fixture_open(f);
  fixture_begin(f);
  lw_store_close(f->s);
  assert_int_equal(lw_store_open(&f->s, f->path, LW_STORE_READ, f->clock, &e),
                   0);
  lw_store_config c = a_config(f, 0);
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_STATE);
  assert_int_equal(lw_store_run_begin(f->s, &run, &e), LW_E_STATE);
  assert_non_null(strstr(e.text, "read only"));
}

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void run_sql(const char *path, const char *sql) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void expect_refusal(fixture *f, int mode, int code, const char *words) {
  lw_err e = {0};
  lw_store *s;
  int rc = lw_store_open(&s, f->path, mode, f->clock, &e);
  assert_int_equal(rc, code);
  assert_null(s);
  if (!strstr(e.text, words))
    fail_msg("'%s' does not say '%s'", e.text, words);
}

static void files_that_are_no_store_are_refused_with_the_reason(void **state) {
  fixture *f = *state;
  expect_refusal(f, LW_STORE_READ, LW_E_NOTFOUND, "no such file");
  write_file(f->path, "");
  expect_refusal(f, LW_STORE_READ, LW_E_AGAIN, "is empty");
  write_file(f->path, "This is a text, and it is longer than a page header is: "
                      "one hundred bytes are what it takes to look like one.");
  expect_refusal(f, LW_STORE_READ, LW_E_CORRUPT, "not a database");
  expect_refusal(f, LW_STORE_WRITE, LW_E_CORRUPT, "not a database");
  unlink(f->path);
  run_sql(f->path, "CREATE TABLE theirs(x)");
  expect_refusal(f, LW_STORE_READ, LW_E_UNSUPPORTED, "of another program");
  expect_refusal(f, LW_STORE_WRITE, LW_E_UNSUPPORTED, "of another program");
  snprintf(f->path, sizeof f->path, "%s/no/t.db", f->dir);
  expect_refusal(f, LW_STORE_WRITE, LW_E_IO, "No such file or directory");
  snprintf(f->path, sizeof f->path, "%s", f->dir);
  expect_refusal(f, LW_STORE_WRITE, LW_E_IO, "Is a directory");
}

// Root may write anywhere: it asks as somebody else.
static void a_folder_that_cannot_be_written_is_said_to_be(void **state) {
  fixture *f = *state;
  int is_root = geteuid() == 0;
  assert_int_equal(chmod(f->dir, 0555), 0);
  assert_true(!is_root || seteuid(65534) == 0);
  expect_refusal(f, LW_STORE_WRITE, LW_E_IO, "Permission denied");
  assert_true(!is_root || seteuid(0) == 0);
  assert_int_equal(chmod(f->dir, 0755), 0);
}

static void a_newer_schema_is_refused(void **state) {
  fixture *f = *state;
  fixture_open(f);
  lw_store_close(f->s);
  f->s = NULL;
  run_sql(f->path, "PRAGMA user_version=99");
  expect_refusal(f, LW_STORE_READ, LW_E_UNSUPPORTED, "version 99");
  expect_refusal(f, LW_STORE_WRITE, LW_E_UNSUPPORTED, "newer program");
}

static void a_damaged_tail_refuses_writers_but_not_readers(void **state) {
  fixture *f = *state;
  lw_store *reader;
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  for (int i = 0; i < 100; i++)
    emit(f, LW_RECORD_end, "k", "{}", 1);
  lw_store_pump(f->s);
  lw_store_close(f->s);
  f->s = NULL;
  run_sql(f->path, "UPDATE record SET data='{\"n\":1}' WHERE id=90");
  expect_refusal(f, LW_STORE_WRITE, LW_E_CORRUPT, "record 90 was changed");
  assert_int_equal(
      lw_store_open(&reader, f->path, LW_STORE_READ, f->clock, NULL), 0);
  lw_store_close(reader);
}

static void memory_works_as_a_file_does(void **state) {
  fixture *f = *state;
  seen all = {0};
  snprintf(f->path, sizeof f->path, ":memory:");
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  emit(f, LW_RECORD_end, "k", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(lw_store_read(f->s, 1, note_record, &all, NULL), 0);
  assert_int_equal(all.n, 1);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_run_comes_back_as_it_was_entered),
      TEST(a_run_that_goes_on_is_in_its_newest_state),
      TEST(the_newest_run_of_a_batch_is_found),
      TEST(a_log_that_is_cut_short_stops_it),
      TEST(wrong_runs_are_named),
      TEST(a_bundle_text_is_kept_once_and_comes_back),
      TEST(records_come_back_in_order_to_any_reader),
      TEST(a_cursor_gives_every_field_and_starts_where_asked),
      TEST(writing_goes_on_under_an_open_cursor),
      TEST(a_second_writer_is_refused_and_told_who_holds_the_file),
      TEST(the_lock_of_a_dead_process_is_waited_for),
      TEST(readers_may_not_write),
      TEST(files_that_are_no_store_are_refused_with_the_reason),
      TEST(a_folder_that_cannot_be_written_is_said_to_be),
      TEST(a_newer_schema_is_refused),
      TEST(a_damaged_tail_refuses_writers_but_not_readers),
      TEST(memory_works_as_a_file_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
