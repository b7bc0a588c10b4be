// The journal where it hurts: files that somebody changed, disks that fail at
// each single operation, sources that lie, and a writer that was never started.
#include "c/store/fixture.h"

#include <sqlite3.h>

#include "store/store_private.h"

static void run_sql(const char *path, const char *sql) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static lw_store_stats stats_of(const fixture *f) {
  lw_store_stats out;
  lw_store_stats_read(f->s, &out);
  return out;
}

static int count(void *arg, int64_t id, const lw_record *r) {
  (void)id, (void)r;
  ++*(int *)arg;
  return 0;
}

static int never(void *arg, int64_t id, const lw_record *r) {
  (void)arg, (void)id, (void)r;
  fail_msg("a record came out");
  return 1;
}

static int third(void *arg, int64_t id, const lw_record *r) {
  (void)r;
  *(int64_t *)arg = id;
  return id == 3 ? 42 : 0;
}

// A file with n records, closed.
static void make_file(fixture *f, int n) {
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  for (int i = 0; i < n; i++)
    emit(f, LW_RECORD_end, "k#1", "{\"value\":1}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  lw_store_close(f->s);
  f->s = NULL;
}

static void open_to_read(fixture *f) {
  assert_int_equal(lw_store_open(&f->s, f->path, LW_STORE_READ, f->clock, NULL),
                   0);
}

// ------------------------------------------------------------- odd files --

static void a_walk_ends_where_its_caller_says(void **state) {
  fixture *f = *state;
  int64_t newest = 0;
  int n = 0;
  make_file(f, 5);
  open_to_read(f);
  assert_int_equal(lw_store_read(f->s, 1, third, &newest, NULL), 42);
  assert_int_equal(newest, 3);
  assert_int_equal(lw_store_read(f->s, 1, count, &n, NULL), 0);
  assert_int_equal(n, 5);
  assert_int_equal(lw_store_read(f->s, 2, never, NULL, NULL), 0);
  lw_cursor_close(NULL);
}

// No two fields alike, so that none can stand for another.
static void each_field_comes_back_from_its_own_place(void **state) {
  fixture *f = *state;
  uint8_t buffer[256];
  lw_cursor *c;
  lw_record got;
  int64_t id;
  const lw_record r = {.seq = 41,
                       .t_ns = 1001,
                       .wall_ns = 2002,
                       .kind = LW_RECORD_mark,
                       .synced = 1,
                       .durable = 0,
                       .key = "execute/splice#1",
                       .key_n = 16,
                       .data = "{\"at\":58}",
                       .data_n = 9};
  fixture_open(f);
  fixture_begin(f);
  f->run = a_run();
  assert_int_equal(lw_store_run_begin(f->s, &f->run, NULL), 0); // run 2
  fixture_attach(f, 0);
  lw_ring_put(&f->source.ring, buffer, lw_record_encode(&r, buffer));
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(f->committed, 41);
  assert_int_equal(lw_cursor_open(&c, f->s, 2, 0, NULL), 0);
  assert_int_equal(lw_cursor_step(c, &id, &got, NULL), 1);
  assert_int_equal(id, 1);
  assert_int_equal(got.seq, 41);
  assert_int_equal(got.t_ns, 1001);
  assert_int_equal(got.wall_ns, 2002);
  assert_int_equal(got.kind, LW_RECORD_mark);
  assert_int_equal(got.synced, 1);
  assert_int_equal(got.durable, 0);
  assert_int_equal(got.key_n, 16);
  assert_string_equal(got.key, "execute/splice#1");
  assert_int_equal(got.data_n, 9);
  assert_string_equal(got.data, "{\"at\":58}");
  assert_int_equal(lw_cursor_step(c, &id, &got, NULL), 0);
  lw_cursor_close(c);
}

static void a_record_of_no_known_kind_is_named(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  int64_t newest = 0;
  make_file(f, 4);
  run_sql(f->path, "UPDATE record SET kind='rumour' WHERE id=2");
  open_to_read(f);
  assert_int_equal(lw_store_read(f->s, 1, third, &newest, &e), LW_E_CORRUPT);
  assert_int_equal(newest, 1);
  assert_non_null(strstr(e.text, "record 2 has no known kind"));
}

static void a_record_without_a_kind_is_named(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  make_file(f, 1);
  run_sql(f->path, "CREATE TABLE other AS SELECT * FROM record;"
                   "UPDATE other SET kind=NULL;"
                   "DROP TABLE record; ALTER TABLE other RENAME TO record");
  open_to_read(f);
  assert_int_equal(lw_store_read(f->s, 1, never, NULL, &e), LW_E_CORRUPT);
  assert_non_null(strstr(e.text, "record 1 has no known kind"));
}

static void a_file_without_its_records_is_not_read(void **state) {
  fixture *f = *state;
  lw_cursor *c;
  lw_err e = {0};
  make_file(f, 1);
  run_sql(f->path, "DROP TABLE record");
  open_to_read(f);
  assert_true(lw_cursor_open(&c, f->s, 1, 0, &e) < 0);
  assert_null(c);
  assert_non_null(strstr(e.text, "no such table"));
  assert_true(lw_store_read(f->s, 1, never, NULL, NULL) < 0);
}

static int open_to_write(fixture *f, lw_err *e) {
  return lw_store_open(&f->s, f->path, LW_STORE_WRITE, f->clock, e);
}

static void a_file_whose_chain_is_gone_is_not_written(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  make_file(f, 3);
  run_sql(f->path, "UPDATE chain SET head=x'00'");
  assert_int_equal(open_to_write(f, &e), LW_E_CORRUPT);
  assert_non_null(strstr(e.text, "linewright verify"));
  run_sql(f->path, "DELETE FROM chain");
  assert_int_equal(open_to_write(f, NULL), LW_E_CORRUPT);
  run_sql(f->path, "DROP TABLE chain");
  assert_true(open_to_write(f, &e) < 0);
  assert_non_null(strstr(e.text, "no such table"));
  assert_null(f->s);
}

// Of 100 records the last 64 are looked at, where the first only says what the
// next one follows; the older ones are `linewright verify`'s.
static void opening_looks_at_the_newest_records(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  make_file(f, 100);
  run_sql(f->path, "UPDATE record SET key='x' WHERE id=37");
  assert_int_equal(open_to_write(f, NULL), 0);
  lw_store_close(f->s);
  f->s = NULL;
  run_sql(f->path, "UPDATE record SET key='x' WHERE id=38");
  run_sql(f->path, "UPDATE record SET key='x' WHERE id=90");
  assert_int_equal(open_to_write(f, &e), LW_E_CORRUPT);
  assert_non_null(strstr(e.text, "record 38 was changed"));
}

static void opening_looks_at_no_more_than_it_says(void **state) {
  fixture *f = *state;
  make_file(f, 65);
  run_sql(f->path, "UPDATE record SET key='x' WHERE id=2");
  assert_int_equal(open_to_write(f, NULL), 0);
}

static void a_file_that_cannot_be_checked_is_not_written(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  make_file(f, 3);
  run_sql(f->path, "DROP TABLE run");
  assert_true(open_to_write(f, &e) < 0);
  assert_non_null(strstr(e.text, "no such table"));
  assert_null(f->s);
}

// What somebody does to the file of a running host: the next commit fails, says
// why, and is undone whole.
static void meddle(fixture *f, const char *sql, const char *why) {
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  emit(f, LW_RECORD_end, "k#1", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  run_sql(f->path, sql);
  emit(f, LW_RECORD_end, "k#2", "{}", 1);
  emit(f, LW_RECORD_end, "k#3", "{}", 1);
  int rc = lw_store_pump(f->s);
  assert_true(rc < 0);
  assert_int_equal(f->stop.code, rc);
  assert_non_null(strstr(f->stop.text, why));
  assert_int_equal(f->committed, 1);
  assert_int_equal(f->stops, 1);
  assert_int_equal(stats_of(f).records, 1);
}

static void a_file_that_refuses_a_record_stops_the_journal(void **state) {
  meddle(*state,
         "CREATE TRIGGER no BEFORE INSERT ON record WHEN new.id=3 "
         "BEGIN SELECT RAISE(ABORT, 'not this one'); END",
         "writing a record failed");
}

static void a_chain_that_is_taken_away_stops_the_journal(void **state) {
  meddle(*state, "DROP TABLE chain", "no such table");
}

static void a_chain_that_refuses_its_end_stops_the_journal(void **state) {
  meddle(*state,
         "CREATE TRIGGER no BEFORE UPDATE ON chain "
         "BEGIN SELECT RAISE(ABORT, 'not this one'); END",
         "writing failed");
}

// ---------------------------------------------------------------- writer --

static void a_store_without_a_writer_has_nothing_to_do(void **state) {
  fixture *f = *state;
  fixture_open(f);
  lw_store_kick(f->s);
  assert_int_equal(lw_store_pump(f->s), 0);
  lw_store_detach(f->s);
}

static void a_writer_needs_a_source_and_takes_sixteen(void **state) {
  fixture *f = *state;
  lw_store_source sources[17];
  lw_err e = {0};
  fixture_open(f);
  fixture_begin(f);
  for (int i = 0; i < 17; i++)
    sources[i] = f->source;
  lw_store_config c = a_config(f, 0);
  c.sources = sources;
  c.source_n = 0;
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_RANGE);
  assert_string_equal(e.text, "0 record sources, must be 1 to 16");
  c.source_n = 17;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), LW_E_RANGE);
  c.source_n = 16;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  lw_store_detach(f->s);
}

static void a_reader_takes_no_records(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  make_file(f, 1);
  open_to_read(f);
  lw_store_config c = a_config(f, 0);
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_STATE);
  assert_non_null(strstr(e.text, "to read only"));
}

static void a_run_that_cannot_be_read_stops_the_store(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  fixture_open(f);
  fixture_begin(f);
  run_sql(f->path, "DROP TABLE seal; DROP TABLE record; DROP TABLE run");
  lw_store_config c = a_config(f, 0);
  int rc = lw_store_attach(f->s, &c, &e);
  assert_true(rc < 0);
  assert_int_equal(lw_store_check(f->s, NULL), rc);
  c.run = 9;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), rc);
}

static void a_writer_with_a_thread_is_not_pumped(void **state) {
  fixture *f = *state;
  fixture_open(f);
  fixture_begin(f);
  lw_store_config c = a_config(f, 1);
  c.delay_ns = 3600 * LW_S;
  c.run = 9;
  lw_err e = {0};
  assert_int_equal(lw_store_attach(f->s, &c, NULL), LW_E_NOTFOUND);
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "run 9"));
  c.run = 1;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  emit(f, LW_RECORD_data, "k", "{}", 0);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(f->committed, 0);
  lw_store_detach(f->s);
  assert_int_equal(f->committed, 1);
}

// Nobody who wants to hear of commits, stops, or sources that lie.
static void a_writer_may_tell_nobody(void **state) {
  fixture *f = *state;
  int n = 0;
  fixture_open(f);
  fixture_begin(f);
  lw_store_source mute = {.ring = f->source.ring};
  const lw_store_config c = {.run = 1, .sources = &mute, .source_n = 1};
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  emit(f, LW_RECORD_end, "k#1", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  f->head = UINT64_C(0xdeadbeefdeadbeef);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(lw_store_read(f->s, 1, count, &n, NULL), 0);
  assert_int_equal(n, 2); // the record, and the note that the source lied
  pthread_mutex_lock(&f->s->mutex);
  lw_store_stop(f->s, &(lw_err){.code = LW_E_IO});
  pthread_mutex_unlock(&f->s->mutex);
  assert_int_equal(lw_store_pump(f->s), LW_E_IO);
  lw_store_detach(f->s);
  assert_int_equal(f->committed + (uint64_t)f->commits, 0);
}

// The note says so for good: it is durable, and the source is heard no more,
// while its neighbour is.
static void a_source_that_lies_is_left_to_itself(void **state) {
  fixture *f = *state;
  static uint8_t data[4096];
  static _Atomic uint64_t head, tail;
  lw_store_source sources[2] = {f->source};
  fixture_open(f);
  fixture_begin(f);
  lw_ring_init(&sources[1].ring, data, sizeof data, &head, &tail);
  head = sizeof data + 4; // more than there can be
  lw_store_config c = a_config(f, 1);
  c.sources = sources;
  c.source_n = 2;
  c.delay_ns = 10 * LW_MS;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  WAIT_FOR(f->distrusts == 1);
  for (int i = 0; i < 20; i++)
    lw_ring_put(&sources[1].ring, "nonsense", 8);
  for (uint64_t i = 1; i <= 5; i++) {
    emit(f, LW_RECORD_data, "k", "{}", 0);
    WAIT_FOR(f->committed == i);
  }
  lw_store_detach(f->s);
  assert_int_equal(f->distrusts, 1);
  assert_int_equal(stats_of(f).records, 6);
  assert_int_equal(stats_of(f).barriers, 1);
}

static void every_source_that_lies_is_named_once(void **state) {
  fixture *f = *state;
  static uint8_t data[2][4096];
  static _Atomic uint64_t head[2], tail[2];
  lw_store_source sources[3] = {{.ring = f->source.ring}};
  fixture_open(f);
  fixture_begin(f);
  for (int i = 0; i < 2; i++) {
    head[i] = tail[i] = 0;
    lw_ring_init(&sources[i + 1].ring, data[i], sizeof data[i], &head[i],
                 &tail[i]);
  }
  lw_store_config c = a_config(f, 0);
  c.sources = sources;
  c.source_n = 3;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  for (int i = 0; i < 2; i++) {
    lw_ring_put(&sources[i + 1].ring, "nonsense", 8);
    assert_int_equal(lw_store_pump(f->s), 0);
    lw_ring_put(&sources[i + 1].ring, "nonsense", 8);
    assert_int_equal(lw_store_pump(f->s), 0);
    assert_int_equal(f->distrusts, i + 1);
  }
  assert_int_equal(stats_of(f).records, 2);
  lw_store_detach(f->s);
}

// A transaction takes 4 MiB or 4,096 records: a barrier waits for no more.
static void a_flood_is_cut_into_transactions(void **state) {
  fixture *f = *state;
  enum { BIG_N = 1u << 16, ROOM = 8u << 20 };
  static char text[BIG_N];
  lw_ring_init(&f->source.ring, realloc(f->data, ROOM), ROOM, &f->head,
               &f->tail);
  f->data = f->source.ring.data;
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  uint64_t before = stats_of(f).commits;
  for (int i = 0; i < 65; i++) // and a key of 1: 64 bytes short of it
    put_big(&f->source.ring, text, BIG_N - 2);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(stats_of(f).commits - before, 1);
  for (int i = 0; i < 65; i++)
    put_big(&f->source.ring, text, BIG_N - 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(stats_of(f).commits - before, 3);
  for (int i = 0; i < 4097; i++)
    emit(f, LW_RECORD_data, "x", "{}", 0);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(stats_of(f).commits - before, 5);
  assert_int_equal(stats_of(f).barriers, 0);
}

static void stop_it(void *arg) {
  fixture *f = arg;
  pthread_mutex_lock(&f->s->mutex);
  f->s->db.wal_pages = 1 << 20; // due to be copied, were it not stopped
  lw_store_stop(f->s, &(lw_err){.code = LW_E_FULL});
  pthread_mutex_unlock(&f->s->mutex);
}

// The historian shares the file, and its disk error is one of the journal, too.
static void a_stop_by_another_ends_the_writing(void **state) {
  fixture *f = *state;
  fixture_open(f);
  fixture_begin(f);
  lw_store_config c = a_config(f, 0);
  c.on_commit = stop_it;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  emit(f, LW_RECORD_end, "k#1", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), LW_E_FULL);
  assert_int_equal(f->s->db.wal_pages, 1 << 20);
  assert_int_equal(f->committed, 1); // it was on disk
  assert_int_equal(f->stops, 1);
  assert_int_equal((int32_t)f->state, LW_E_FULL);
  emit(f, LW_RECORD_end, "k#1", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), LW_E_FULL);
  assert_int_equal(f->committed, 1);
  assert_int_equal(f->stops, 1);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_walk_ends_where_its_caller_says),
      TEST(each_field_comes_back_from_its_own_place),
      TEST(a_record_of_no_known_kind_is_named),
      TEST(a_record_without_a_kind_is_named),
      TEST(a_file_without_its_records_is_not_read),
      TEST(a_file_whose_chain_is_gone_is_not_written),
      TEST(opening_looks_at_the_newest_records),
      TEST(opening_looks_at_no_more_than_it_says),
      TEST(a_file_that_cannot_be_checked_is_not_written),
      TEST(a_file_that_refuses_a_record_stops_the_journal),
      TEST(a_chain_that_is_taken_away_stops_the_journal),
      TEST(a_chain_that_refuses_its_end_stops_the_journal),
      TEST(a_store_without_a_writer_has_nothing_to_do),
      TEST(a_writer_needs_a_source_and_takes_sixteen),
      TEST(a_reader_takes_no_records),
      TEST(a_run_that_cannot_be_read_stops_the_store),
      TEST(a_writer_with_a_thread_is_not_pumped),
      TEST(a_writer_may_tell_nobody),
      TEST(a_source_that_lies_is_left_to_itself),
      TEST(every_source_that_lies_is_named_once),
      TEST(a_flood_is_cut_into_transactions),
      TEST(a_stop_by_another_ends_the_writing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
