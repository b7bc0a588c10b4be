// kill -9 of a writing process at random instants: nothing acknowledged is
// lost, nothing is there twice, the chain is whole, the next writer can start.
//
// LW_KILLS sets how many (200 by default, some seconds).
#include "c/store/fixture.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

// What the child tells its parent while it lives.
typedef struct ledger {
  _Atomic uint64_t acknowledged; // seq that the store said is on disk
  _Atomic int is_writing;
} ledger;

static ledger *shared_ledger(void) {
  ledger *l = mmap(NULL, sizeof *l, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(l, MAP_FAILED);
  return l;
}

// The child: a worker's steps and outputs, without end.
static void write_for_ever(fixture *f, ledger *l, uint64_t from) {
  f->s = NULL;
  f->seq = from;
  fixture_open(f);
  f->run.id = 1;
  fixture_attach(f, 1);
  l->is_writing = 1;
  for (;;) {
    emit(f, LW_RECORD_begin, "coat/step#1", "", 0);
    int64_t seq = emit(f, LW_RECORD_end, "coat/step#1", "{\"value\":1}", 1);
    lw_store_kick(f->s);
    while (seq > 0 && f->committed < (uint64_t)seq)
      usleep(20);
    l->acknowledged = f->committed;
  }
}

static int in_order(void *arg, int64_t id, const lw_record *r) {
  uint64_t *last = arg;
  (void)id;
  if (r->seq != *last + 1)
    fail_msg("record %llu follows %llu", (unsigned long long)r->seq,
             (unsigned long long)*last);
  *last = r->seq;
  return 0;
}

static int tell(void *arg, int64_t record, const char *text) {
  (void)arg;
  print_error("record %lld: %s\n", (long long)record, text);
  return 0;
}

static uint64_t read_back(fixture *f) {
  lw_verify_result result;
  lw_err e = {0};
  uint64_t last = 0;
  fixture_open(f); // as a writer: recovers, and checks the tail by itself
  assert_int_equal(lw_store_read(f->s, 1, in_order, &last, &e), 0);
  assert_int_equal(lw_store_verify_from(f->s, 1, tell, NULL, &result, &e), 0);
  assert_int_equal(result.findings, 0);
  lw_store_close(f->s);
  f->s = NULL;
  return last;
}

// One life of the writer; returns the last record found after its death.
static uint64_t live_and_die(fixture *f, ledger *l, uint64_t from,
                             unsigned *random) {
  l->is_writing = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    write_for_ever(f, l, from);
  for (int i = 0; !l->is_writing && i < 10000; i++)
    usleep(100);
  assert_true(l->is_writing);
  usleep((useconds_t)(rand_r(random) % 12000));
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, NULL, 0), child);
  return read_back(f);
}

static void nothing_acknowledged_is_lost(void **state) {
  fixture *f = *state;
  ledger *l = shared_ledger();
  unsigned random = 7;
  const char *wish = getenv("LW_KILLS");
  int kills = wish ? atoi(wish) : 200, unacknowledged = 0;
  fixture_open(f);
  fixture_begin(f);
  lw_store_close(f->s);
  f->s = NULL;
  uint64_t last = 0;
  for (int i = 0; i < kills; i++) {
    uint64_t found = live_and_die(f, l, last, &random);
    if (found < l->acknowledged)
      fail_msg("kill %d: acknowledged %llu, found %llu", i,
               (unsigned long long)l->acknowledged, (unsigned long long)found);
    unacknowledged += found > l->acknowledged;
    last = found;
  }
  print_message("%d kills, %llu records, 0 acknowledged lost (at most %.2f %% "
                "by the rule of three); %d times more was on disk than said\n",
                kills, (unsigned long long)last, 300.0 / kills, unacknowledged);
  assert_true(last > 0);
  munmap(l, sizeof *l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_acknowledged_is_lost, fixture_up,
                                      fixture_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
