// What the system refuses to the journal: memory. The allocator is
// replaced for the whole program, which a sanitizer's build does not allow.
#include "c/store/fixture.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
int main(void) {
  printf("skipped: a sanitizer has its own allocator\n");
  return 0;
}
#else
// Seen by SQLite too, which then asks us; and no place for the compiler to
// reason about what they return.
#pragma GCC visibility push(default)
__attribute__((noinline)) void *malloc(size_t n);
__attribute__((noinline)) void *calloc(size_t n, size_t size);
__attribute__((noinline)) void *realloc(void *old, size_t n);
#pragma GCC visibility pop

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t n);

// The request that is refused, 1 = the next one; 0 or less = none.
static volatile long refuse_at;

void *malloc(size_t n) {
  return refuse_at > 0 && --refuse_at == 0 ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
  return refuse_at > 0 && --refuse_at == 0 ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t n) {
  return refuse_at > 0 && --refuse_at == 0 ? NULL : __libc_realloc(old, n);
}

static int never(void *arg, int64_t id, const lw_record *r) {
  (void)arg, (void)id, (void)r;
  return 1;
}

// SQLite does without some of it; what it cannot do without is told.
static void opening_needs_memory(void **state) {
  fixture *f = *state;
  int rc = LW_E_NOMEM, refused_n = 0;
  fixture_open(f);
  lw_store_close(f->s);
  for (long at = 1; rc < 0 || refuse_at <= 0; at++) {
    lw_err e = {0};
    refuse_at = at;
    rc = lw_store_open(&f->s, f->path, LW_STORE_WRITE, f->clock, &e);
    if (rc < 0) {
      refused_n++;
      assert_null(f->s);
      assert_int_equal(rc, LW_E_NOMEM);
      assert_non_null(strstr(e.text, "memory"));
    } else if (refuse_at <= 0) {
      lw_store_close(f->s);
      f->s = NULL;
    }
  }
  refuse_at = 0;
  assert_true(refused_n > 50);
}

static void reading_needs_memory(void **state) {
  fixture *f = *state;
  lw_cursor *c;
  lw_err e = {0};
  fixture_open(f);
  fixture_begin(f);
  refuse_at = 1;
  assert_int_equal(lw_cursor_open(&c, f->s, 1, 0, &e), LW_E_NOMEM);
  assert_null(c);
  assert_non_null(strstr(e.text, "out of memory reading"));
  refuse_at = 1;
  assert_int_equal(lw_store_read(f->s, 1, never, NULL, NULL), LW_E_NOMEM);
  assert_int_equal(lw_store_read(f->s, 1, never, NULL, NULL), 0);
}

static void a_writer_needs_memory(void **state) {
  fixture *f = *state;
  lw_err e = {0};
  fixture_open(f);
  fixture_begin(f);
  lw_store_config c = a_config(f, 0);
  refuse_at = 1;
  assert_int_equal(lw_store_attach(f->s, &c, &e), LW_E_NOMEM);
  assert_string_equal(e.text, "out of memory for the writer");
  assert_int_equal(lw_store_attach(f->s, &c, NULL), 0);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(opening_needs_memory),
      TEST(reading_needs_memory),
      TEST(a_writer_needs_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
