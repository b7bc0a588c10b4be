// Memory that runs out: malloc, calloc and realloc of the whole program - ours,
// SQLite's, PCRE2's, zstd's and the C library's - refuse the k-th request, or
// all from the k-th on. Whatever the host does then ends with an answer, and
// every block is given back.
//
// LW_OOM sets how many points (200 by default). The last line says the number,
// the failures and the bound by the rule of three.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bind/regex.h"
#include "image/plan.h"
#include "io/csv.h"
#include "loop/clock.h"
#include "store/historian.h"
#include "store/store.h"

#if defined(__SANITIZE_ADDRESS__)
// The sanitizer's own malloc cannot be taken from it.
static void is_skipped(void **state) {
  (void)state;
  skip();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(is_skipped)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
#else

// Seen by the libraries too, which then ask us.
#pragma GCC visibility push(default)
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *old, size_t n);
void free(void *block);
#pragma GCC visibility pop

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t n);
void __libc_free(void *block);

// One thread works at a time in what is tried here.
static struct {
  int is_armed, is_for_ever;
  size_t asked, refuse_at;
  long live; // blocks taken and not given back
} memory;

static int refuses(void) {
  if (!memory.is_armed)
    return 0;
  memory.asked++;
  return memory.asked == memory.refuse_at ||
         (memory.is_for_ever && memory.asked > memory.refuse_at);
}

void *malloc(size_t n) {
  void *block = refuses() ? NULL : __libc_malloc(n);
  memory.live += block != NULL;
  return block;
}

void *calloc(size_t n, size_t size) {
  void *block = refuses() ? NULL : __libc_calloc(n, size);
  memory.live += block != NULL;
  return block;
}

void *realloc(void *old, size_t n) {
  void *block = refuses() ? NULL : __libc_realloc(old, n);
  memory.live += !old && block;
  return block;
}

void free(void *block) {
  memory.live -= block != NULL;
  __libc_free(block);
}

static char folder[64], path[128];

static void try_regex(void) {
  lw_regex *x;
  lw_regex_found found;
  lw_err e;
  if (lw_regex_new(&x, "(?<a>a+)(b|c)*d", 15, NULL, &e) < 0)
    return;
  lw_regex_search(x, "xxaaabcbcbcd", 12, 0, &found);
  lw_regex_free(x);
}

static int look(void *arg, int64_t id, const lw_record *r) {
  (void)arg, (void)id, (void)r;
  return 0;
}

static void try_store(void) {
  lw_store *s;
  lw_err e;
  lw_run_info run = {.seed = 1};
  char *text;
  size_t n;
  snprintf(path, sizeof path, "%s/a.db", folder);
  if (lw_store_open(&s, path, LW_STORE_WRITE, lw_clock_real(), &e) < 0)
    return;
  if (lw_store_run_begin(s, &run, &e) == 0)
    lw_store_read(s, run.id, look, NULL, &e);
  lw_store_bundle_put(s, "h", "recipe", "x.lua", "s", "return 1", 8, &e);
  if (lw_store_bundle_get(s, "h", "recipe", "x.lua", &text, &n, &e) == 0)
    free(text);
  lw_store_check(s, &e);
  lw_store_close(s);
}

static void try_historian(void) {
  lw_historian *h;
  lw_err e;
  snprintf(path, sizeof path, "%s/history", folder);
  if (lw_historian_open(&h, path, &e) < 0)
    return;
  int tag = lw_historian_tag(h, "a.b", "degC", &e);
  for (int i = 0; tag >= 0 && i < 3; i++) {
    lw_history_value v = {(uint32_t)tag, 2, i};
    lw_historian_put(h, (i + 1) * INT64_C(1000000000), &v, 1, &e);
    lw_historian_commit(h, &e);
  }
  lw_historian_end(h, &e);
  lw_historian_close(h);
}

static void try_csv(void) {
  lw_csv c;
  lw_err e;
  double x;
  snprintf(path, sizeof path, "%s/t.csv", folder);
  if (lw_csv_open(&c, path, 0, &e) < 0)
    return;
  while (lw_csv_next(&c, &e) > 0)
    lw_csv_number(&c, 1, &x, &e);
  lw_csv_close(&c);
}

static void write_table(void) {
  snprintf(path, sizeof path, "%s/t.csv", folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("time,a\n0,1\n1,2\n2,\"3\"\n", file);
  fclose(file);
}

typedef struct trial {
  const char *name;
  void (*run)(void);
} trial;

// Requests of one run; -1 when blocks were left behind.
static long run_once(const trial *t, size_t refuse_at, int is_for_ever) {
  long before = memory.live;
  memory.asked = 0;
  memory.refuse_at = refuse_at;
  memory.is_for_ever = is_for_ever;
  memory.is_armed = 1;
  t->run();
  memory.is_armed = 0;
  long left = memory.live - before;
  if (left > 0)
    print_message("%s: %ld blocks left behind, refused at %zu%s\n", t->name,
                  left, refuse_at, is_for_ever ? " and on" : "");
  return left > 0 ? -1 : (long)memory.asked;
}

static size_t try_points(const trial *t, size_t points, size_t *failed) {
  // Twice: what a library keeps for good is there after the first.
  run_once(t, 0, 0);
  long n = run_once(t, 0, 0);
  size_t done = 0, wanted = points < 2 ? 1 : points / 2;
  assert_true(n > 0);
  print_message("%s: %ld requests\n", t->name, n);
  size_t stride = (size_t)n > wanted ? (size_t)n / wanted : 1;
  for (size_t at = 1; at <= (size_t)n; at += stride)
    for (int is_for_ever = 0; is_for_ever < 2; is_for_ever++, done++)
      *failed += run_once(t, at, is_for_ever) < 0;
  return done;
}

static void leaves_nothing_behind(void **state) {
  (void)state;
  const trial trials[] = {{"regex", try_regex},
                          {"store", try_store},
                          {"historian", try_historian},
                          {"table", try_csv}};
  const char *wanted = getenv("LW_OOM");
  size_t points = wanted ? (size_t)atol(wanted) : 200, done = 0, failed = 0;
  strcpy(folder, "/tmp/linewright-oom-XXXXXX");
  assert_non_null(mkdtemp(folder));
  write_table();
  for (size_t i = 0; i < 4; i++)
    done += try_points(&trials[i], points / 4, &failed);
  print_message(
      "goal 6: memory refused at %zu points, %zu failures: at most %.2g\n",
      done, failed, 3.0 / (double)done);
  snprintf(path, sizeof path, "rm -rf '%s'", folder);
  assert_int_equal(system(path), 0);
  assert_int_equal(failed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(leaves_nothing_behind)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
