// A disk that fails at each single operation of a store's life: what was
// acknowledged is there when the disk works again.
#include "c/store/fixture.h"

#include "store/disk.h"
#include "store/store_private.h"

static int open_to_write(fixture *f, lw_err *e) {
  return lw_store_open(&f->s, f->path, LW_STORE_WRITE, f->clock, e);
}

static int count(void *arg, int64_t id, const lw_record *r) {
  (void)id, (void)r;
  ++*(int *)arg;
  return 0;
}

typedef struct life {
  lw_disk disk;
  uint64_t acknowledged;
  int rc; // of the first call that failed
} life;

static int keep(life *l, int rc) {
  if (l->rc == 0 && rc < 0)
    l->rc = rc;
  return rc;
}

// Write a little and a lot, copy the log each time, read.
static void write_and_read(life *l, fixture *f) {
  static char text[60000];
  int n = 0;
  f->run.id = 1;
  lw_store_config c = a_config(f, 0);
  c.on_commit = grow_log;
  int rc = keep(l, lw_store_attach(f->s, &c, NULL));
  for (int i = 0; rc == 0 && i < 3; i++) {
    emit(f, LW_RECORD_end, "k#1", "{}", 1);
    if (i == 1)
      put_big(&f->source.ring, text, sizeof text);
    rc = keep(l, lw_store_pump(f->s));
    l->acknowledged = f->committed;
  }
  if (rc == 0)
    keep(l, lw_store_read(f->s, 1, count, &n, NULL));
}

// A life of two processes: one makes the file, the other goes on with it.
static void live(life *l, fixture *f) {
  lw_run_info run = a_run();
  run.id = 1;
  if (keep(l, open_to_write(f, NULL)) < 0 ||
      keep(l, lw_store_run_begin(f->s, &run, NULL)) < 0)
    return;
  write_and_read(l, f);
  lw_store_close(f->s);
  f->s = NULL;
  if (keep(l, open_to_write(f, NULL)) == 0)
    write_and_read(l, f);
}

// The process ends; what it had in its ring is gone as well.
static void die(fixture *f) {
  lw_store_close(f->s);
  f->s = NULL;
  f->head = f->tail = 0;
  f->committed = f->seq = 0;
  f->stops = 0;
  f->state = 0;
}

static void expect_kept(life *l, fixture *f) {
  lw_err e = {0};
  int n = 0;
  lw_disk_restore(&l->disk);
  if (open_to_write(f, &e) < 0 || lw_store_read(f->s, 1, count, &n, &e) < 0)
    fail_msg("after fault %d at %lld: %s", l->disk.fault,
             (long long)l->disk.fault_at, e.text);
  assert_true((uint64_t)n >= l->acknowledged);
  die(f);
}

// One life for each stride-th operation, with a fault of the disk at that one;
// returns how many of them failed in a way that was said.
static int fail_at_each(fixture *f, int fault, int stride) {
  static life l;
  int said_n = 0;
  int64_t last = 0; // operation of a life without a fault
  for (int64_t at = 0; at <= last; at += at ? stride : 1) {
    l = (life){.disk = {.random = (uint64_t)at}};
    lw_disk_mount(&l.disk, "faults", 1);
    l.disk.fault = fault;
    l.disk.fault_at = at;
    live(&l, f);
    last = at == 0 ? l.disk.op : last;
    said_n += l.rc < 0;
    die(f);
    expect_kept(&l, f);
    lw_disk_fini(&l.disk);
  }
  return said_n;
}

static void no_fault_of_the_disk_loses_what_was_acknowledged(void **state) {
  fixture *f = *state;
  assert_true(fail_at_each(f, LW_DISK_eio, 1) > 200);
  assert_true(fail_at_each(f, LW_DISK_full, 5) > 15);
  assert_true(fail_at_each(f, LW_DISK_fsync, 5) > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(
          no_fault_of_the_disk_loses_what_was_acknowledged, fixture_up,
          fixture_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
