// What the writer asks of threads: one of its own, and locks that it holds when
// it gives them back. The calls are looked at on their way to the system.
#include "c/store/fixture.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#pragma GCC visibility push(default)
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*start)(void *), void *arg);
int pthread_mutex_lock(pthread_mutex_t *m);
int pthread_mutex_unlock(pthread_mutex_t *m);
#pragma GCC visibility pop

static volatile int is_refused;     // no thread is started
static _Atomic int lock_n, stray_n; // locks taken; given back by no holder
static _Thread_local int held_n;

typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                      void *);
typedef int mutex_fn(pthread_mutex_t *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*start)(void *), void *arg) {
  create_fn *next = (create_fn *)dlsym(RTLD_NEXT, "pthread_create");
  return is_refused ? EAGAIN : next(thread, attributes, start, arg);
}

int pthread_mutex_lock(pthread_mutex_t *m) {
  int rc = ((mutex_fn *)dlsym(RTLD_NEXT, "pthread_mutex_lock"))(m);
  lock_n++;
  held_n++;
  return rc;
}

int pthread_mutex_unlock(pthread_mutex_t *m) {
  stray_n += held_n-- <= 0;
  return ((mutex_fn *)dlsym(RTLD_NEXT, "pthread_mutex_unlock"))(m);
}

static void a_writer_needs_its_thread(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  fixture_open(f);
  fixture_begin(f);
  lw_store_config c = a_config(f, 1);
  is_refused = 1;
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_NOMEM);
  is_refused = 0;
  assert_string_equal(e.text, "cannot start the writer thread");
  c.thread = 0; // and the place is free again
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
}

static void each_lock_is_given_back_by_its_holder(void **state) {
  fixture *f = *state;
  fixture_open(f);
  fixture_begin(f);
  fixture_attach(f, 1);
  for (uint64_t i = 1; i <= 5; i++) {
    emit(f, LW_RECORD_end, "k#1", "{}", 1);
    lw_store_kick(f->s);
    WAIT_FOR(f->committed == i);
  }
  lw_store_detach(f->s);
  assert_true(lock_n > 20); // they were seen
  assert_int_equal(stray_n, 0);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_writer_needs_its_thread),
      TEST(each_lock_is_given_back_by_its_holder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
