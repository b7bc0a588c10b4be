// Where the writer's records come from: many rings at once, and what the
// journal says of those that lie.
#include "c/store/fixture.h"

#include <sqlite3.h>

#include "store/store_private.h"

enum { SOURCE_N = 16, RING_SMALL_N = 1024 };

typedef struct rings {
  uint8_t data[SOURCE_N][RING_SMALL_N];
  _Atomic uint64_t head[SOURCE_N], tail[SOURCE_N], committed[SOURCE_N];
  lw_store_source *sources; // [SOURCE_N] and no more, for the sanitizer
  uint32_t named;           // bit mask of the sources that were distrusted
  lw_err why[SOURCE_N];
} rings;

static void note_distrust(void *arg, uint32_t source, const lw_err *e) {
  rings *r = arg;
  assert_true(source < SOURCE_N);
  assert_false(r->named >> source & 1);
  r->named |= 1u << source;
  r->why[source] = *e;
}

// On virtual time, so that each field of a record is known.
static rings *attach_rings(fixture *f, lw_clock_virtual *clock) {
  rings *r = calloc(1, sizeof *r);
  lw_clock_virtual_init(clock, 1700000000 * LW_S);
  clock->now_ns = 77;
  f->clock = &clock->clock;
  fixture_open(f);
  fixture_begin(f);
  r->sources = calloc(SOURCE_N, sizeof *r->sources);
  for (int i = 0; i < SOURCE_N; i++) {
    lw_ring_init(&r->sources[i].ring, r->data[i], RING_SMALL_N, &r->head[i],
                 &r->tail[i]);
    r->sources[i].committed = &r->committed[i];
  }
  lw_store_config c = a_config(f, 0);
  c.sources = r->sources;
  c.source_n = SOURCE_N;
  c.on_distrust = note_distrust;
  c.arg = r;
  c.on_commit = NULL;
  c.on_stop = NULL;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  return r;
}

static void rings_free(rings *r) {
  free(r->sources);
  free(r);
}

static void put(rings *r, int source, uint64_t seq) {
  uint8_t buffer[64];
  const lw_record record = {.seq = seq, .kind = LW_RECORD_data};
  assert_int_equal(lw_ring_put(&r->sources[source].ring, buffer,
                               lw_record_encode(&record, buffer)),
                   0);
}

static int add_seq(void *arg, int64_t id, const lw_record *r) {
  uint64_t *seqs = arg;
  seqs[id - 1] = r->seq;
  return 0;
}

static void sources_take_turns(void **state) {
  fixture *f = *state;
  lw_clock_virtual clock;
  uint64_t seqs[2 * SOURCE_N] = {0};
  rings *r = attach_rings(f, &clock);
  for (int i = 0; i < SOURCE_N; i++) {
    put(r, i, 100 + (uint64_t)i);
    put(r, i, 200 + (uint64_t)i);
  }
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(lw_store_read(f->s, 1, add_seq, seqs, NULL), 0);
  for (uint64_t i = 0; i < SOURCE_N; i++) {
    assert_int_equal(seqs[i], 100 + i);
    assert_int_equal(seqs[SOURCE_N + i], 200 + i);
    assert_int_equal(r->committed[i], 200 + i);
  }
  lw_store_detach(f->s);
  rings_free(r);
}

static void the_last_source_is_heard_while_the_others_are_silent(void **state) {
  fixture *f = *state;
  lw_clock_virtual clock;
  rings *r = attach_rings(f, &clock);
  put(r, SOURCE_N - 1, 7);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(r->committed[SOURCE_N - 1], 7);
  assert_int_equal(r->committed[0], 0);
  lw_store_detach(f->s);
  rings_free(r);
}

static void all_of_them_may_lie_and_each_is_named_once(void **state) {
  fixture *f = *state;
  lw_clock_virtual clock;
  rings *r = attach_rings(f, &clock);
  for (int again = 0; again < 2; again++) {
    for (int i = 0; i < SOURCE_N; i++)
      lw_ring_put(&r->sources[i].ring, "nonsense", 8);
    assert_int_equal(lw_store_pump(f->s), 0);
    assert_int_equal(r->named, 0xFFFF);
  }
  assert_int_equal(r->why[3].code, LW_E_CORRUPT);
  assert_string_equal(r->why[3].text, "record source 3 sent damaged data and "
                                      "is not read any more");
  lw_store_detach(f->s);
  rings_free(r);
}

// Nothing is no record either; and the note can be found, dated and quoted.
static void the_note_of_a_source_that_lies_is_whole(void **state) {
  fixture *f = *state;
  lw_clock_virtual clock;
  lw_cursor *c;
  lw_record got;
  int64_t id;
  static const char data[] =
      "{\"text\":\"damaged data from this source, it is not read any more\"}";
  rings *r = attach_rings(f, &clock);
  assert_int_equal(lw_ring_put(&r->sources[5].ring, "", 0), 0);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(lw_cursor_open(&c, f->s, 1, 0, NULL), 0);
  assert_int_equal(lw_cursor_step(c, &id, &got, NULL), 1);
  assert_int_equal(got.kind, LW_RECORD_note);
  assert_int_equal(got.t_ns, 77);
  assert_int_equal(got.wall_ns, 1700000000 * LW_S + 77);
  assert_int_equal(got.synced, 1);
  assert_int_equal(got.durable, 1);
  assert_int_equal(got.key_n, 5);
  assert_string_equal(got.key, "store");
  assert_int_equal(got.data_n, sizeof data - 1);
  assert_string_equal(got.data, data);
  assert_int_equal(lw_cursor_step(c, &id, &got, NULL), 0);
  lw_cursor_close(c);
  lw_store_detach(f->s);
  rings_free(r);
}

static void a_note_that_cannot_be_written_stops_the_journal(void **state) {
  fixture *f = *state;
  lw_clock_virtual clock;
  sqlite3 *db;
  lw_err e = {0};
  rings *r = attach_rings(f, &clock);
  assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db,
                                "CREATE TRIGGER no BEFORE INSERT ON record "
                                "BEGIN SELECT RAISE(ABORT, 'no'); END",
                                NULL, NULL, NULL),
                   SQLITE_OK);
  sqlite3_close(db);
  assert_int_equal(lw_ring_put(&r->sources[0].ring, "nonsense", 8), 0);
  assert_true(lw_store_pump(f->s) < 0);
  assert_true(lw_store_check(f->s, &e) < 0);
  assert_non_null(strstr(e.text, "writing a record failed"));
  lw_store_detach(f->s);
  rings_free(r);
}

static void detaching_without_a_thread_writes_what_is_pending(void **state) {
  fixture *f = *state;
  lw_clock_virtual clock;
  rings *r = attach_rings(f, &clock);
  put(r, 2, 9);
  lw_store_detach(f->s);
  assert_int_equal(r->committed[2], 9);
  rings_free(r);
}

static void the_log_is_copied_after_a_commit(void **state) {
  fixture *f = *state;
  fixture_open(f);
  fixture_begin(f);
  lw_store_config c = a_config(f, 0);
  c.on_commit = grow_log;
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
  emit(f, LW_RECORD_end, "k#1", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), 0);
  assert_int_equal(f->s->db.wal_pages, 0);
  assert_int_equal(lw_store_check(f->s, NULL), 0);
}

// Somebody removed the lock file and started a second host on the same file.
static void a_second_writer_is_named_by_the_journal_that_stops(void **state) {
  fixture *f = *state;
  lw_store *other;
  lw_run_info run = a_run();
  char lock[112];
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 0);
  snprintf(lock, sizeof lock, "%s.lock", f->path);
  assert_int_equal(unlink(lock), 0);
  assert_int_equal(
      lw_store_open(&other, f->path, LW_STORE_WRITE, f->clock, NULL), 0);
  assert_int_equal(lw_store_run_begin(other, &run, NULL), 0);
  fixture theirs = {.s = other, .run = run, .data = malloc(RING_N)};
  fixture_ring(&theirs);
  fixture_attach(&theirs, 0);
  emit(&theirs, LW_RECORD_end, "k#1", "{}", 1);
  assert_int_equal(lw_store_pump(other), 0);
  emit(f, LW_RECORD_end, "k#1", "{}", 1);
  assert_int_equal(lw_store_pump(f->s), LW_E_EXISTS);
  assert_non_null(strstr(f->stop.text, "another process has written to it"));
  lw_store_close(other);
  free(theirs.data);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(sources_take_turns),
      TEST(the_last_source_is_heard_while_the_others_are_silent),
      TEST(all_of_them_may_lie_and_each_is_named_once),
      TEST(the_note_of_a_source_that_lies_is_whole),
      TEST(a_note_that_cannot_be_written_stops_the_journal),
      TEST(detaching_without_a_thread_writes_what_is_pending),
      TEST(the_log_is_copied_after_a_commit),
      TEST(a_second_writer_is_named_by_the_journal_that_stops),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
