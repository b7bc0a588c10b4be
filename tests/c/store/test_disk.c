// The disk for trials, as SQLite meets it.
#include "c/store/fixture.h"

#include <sqlite3.h>

#include "store/disk.h"

static sqlite3 *open_on(const lw_disk *d) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open_v2("t.db", &db,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                   d->name),
                   SQLITE_OK);
  return db;
}

static void run(sqlite3 *db, const char *sql) {
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int count(sqlite3 *db) {
  sqlite3_stmt *q;
  assert_int_equal(
      sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &q, NULL),
      SQLITE_OK);
  assert_int_equal(sqlite3_step(q), SQLITE_ROW);
  int n = sqlite3_column_int(q, 0);
  sqlite3_finalize(q);
  return n;
}

// One whose log is copied has nothing left to do when it closes but to delete
// that; by then it is another one's.
static void what_the_dead_close_is_not_taken_from_the_living(void **state) {
  (void)state;
  lw_disk d = {.random = 1};
  assert_int_equal(lw_disk_mount(&d, "mortal", 0), 0);
  sqlite3 *dead = open_on(&d);
  run(dead, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE t(x); PRAGMA wal_checkpoint");
  lw_disk_restore(&d);
  sqlite3 *living = open_on(&d);
  run(living, "PRAGMA synchronous=FULL; INSERT INTO t VALUES(1)");
  sqlite3_close(dead);
  run(living, "INSERT INTO t VALUES(2)");
  lw_disk_restore(&d);
  sqlite3 *next = open_on(&d);
  assert_int_equal(count(next), 2);
  sqlite3_close(next);
  sqlite3_close(living);
  lw_disk_fini(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_the_dead_close_is_not_taken_from_the_living),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
