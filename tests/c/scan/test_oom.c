// Every allocation of plan and scan fails once, one after the other: the answer
// is LW_E_NOMEM, nothing crashes and nothing leaks. The allocator is replaced
// for the whole program, which a sanitizer's build does not allow.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "c/image/plans.h"
#include "scan/scan.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
int main(void) {
  printf("skipped: a sanitizer has its own allocator\n");
  return 0;
}
#else

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);
extern void __libc_free(void *p);

static long fuse = -1; // allocations until one fails, negative = never
static long held_n;    // allocations not freed yet

static int must_fail(void) {
  return fuse >= 0 && fuse-- == 0;
}

static void *hold(void *p) {
  held_n += p != NULL;
  return p;
}

void *malloc(size_t n) {
  return must_fail() ? NULL : hold(__libc_malloc(n));
}

void *calloc(size_t n, size_t size) {
  return must_fail() ? NULL : hold(__libc_calloc(n, size));
}

void *realloc(void *p, size_t n) {
  if (must_fail())
    return NULL;
  return p ? __libc_realloc(p, n) : hold(__libc_malloc(n));
}

void *aligned_alloc(size_t alignment, size_t n) {
  return must_fail() ? NULL : hold(__libc_memalign(alignment, n));
}

void free(void *p) {
  held_n -= p != NULL;
  __libc_free(p);
}

// One of everything, as the loader's binding adds it; stops at the first no.
static int build(lw_plan **out) {
  const double window[] = {5, 4};
  lw_plan *p = lw_plan_new();
  *out = p;
  if (!p)
    return LW_E_NOMEM;
  for (int i = 0; i < 20; i++) {
    char name[16];
    snprintf(name, sizeof name, "tag%d", i);
    int rc = lw_plan_add_driver(p, name, name);
    if (rc < 0 || (rc = lw_plan_add_option(p, name, "value")) < 0 ||
        (rc = lw_plan_add_signal(p, name, "degC")) < 0 ||
        (rc = lw_plan_add_tag(p, name)) < 0 ||
        (rc = lw_plan_add_filter(p, (uint32_t)i, "hampel", window, 2)) < 0)
      return rc;
    const lw_plan_rule rule = {.tag = (uint32_t)i, .level = LW_LEVEL_hold};
    if ((rc = lw_plan_add_rule(p, &rule)) < 0)
      return rc;
  }
  return 0;
}

static int code_and_scan(const lw_plan *p) {
  uint8_t *bytes;
  size_t n;
  int rc = lw_plan_encode(p, &bytes, &n);
  if (rc < 0)
    return rc;
  lw_plan *copy;
  lw_scan *scan;
  lw_err e;
  rc = lw_plan_decode(&copy, bytes, n, &e);
  if (rc == 0) {
    const lw_scan_config c = {.plan = copy};
    rc = lw_scan_new(&scan, &c, &e);
    if (rc == 0)
      lw_scan_free(scan);
    lw_plan_free(copy);
  }
  free(bytes);
  return rc;
}

static int whole_life(void) {
  lw_plan *p;
  int rc = build(&p);
  if (rc == 0)
    rc = code_and_scan(p);
  lw_plan_free(p);
  return rc;
}

static void every_allocation_may_fail(void **unused) {
  (void)unused;
  int rc = LW_E_NOMEM;
  long points = 0;
  for (; rc != 0; points++) {
    long before_n = held_n;
    fuse = points;
    rc = whole_life();
    fuse = -1;
    assert_true(rc == 0 || rc == LW_E_NOMEM);
    assert_int_equal(held_n, before_n);
  }
  assert_true(points > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
