// Inputs on disk: written whole, once, by their digest; what newer ones leave
// no room for goes; a disk that takes nothing is told of.
#include <setjmp.h> // before cmocka
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/rng.h"
#include "store/inputs.h"

#define N 300000 // of noise, which does not shrink

static char folder[64], path[512];
static unsigned char noise[N];

static const char *path_of(const char *digest, const char *ending) {
  snprintf(path, sizeof path, "%s/%s%s", folder, digest, ending);
  return path;
}

static int set_up(void **state) {
  (void)state;
  strcpy(folder, "/tmp/linewright-inputs-XXXXXX");
  return mkdtemp(folder) && rmdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  DIR *d = opendir(folder);
  for (struct dirent *x = d ? readdir(d) : NULL; x; x = readdir(d))
    unlink(path_of(x->d_name, ""));
  if (d)
    closedir(d);
  rmdir(folder);
  return 0;
}

static lw_inputs *opened(int64_t most, int has_thread) {
  lw_inputs_config c = {folder, most, has_thread};
  lw_inputs *k = NULL;
  assert_int_equal(lw_inputs_open(&k, &c, NULL), 0);
  return k;
}

// The i-th of a series of inputs; its digest.
static const char *input(uint32_t i, char digest[65]) {
  lw_rng r;
  lw_rng_init(&r, i + 1, 0);
  for (size_t k = 0; k < N; k++)
    noise[k] = (unsigned char)(lw_rng_uniform(&r) * 256);
  return lw_hash_sha256_hex(noise, N, digest);
}

static void keep(lw_inputs *k, uint32_t i, char digest[65]) {
  lw_inputs_hold(k, input(i, digest), noise, N);
  assert_int_equal(lw_inputs_keep(k, digest, NULL), 0);
}

static void comes_back_by_its_digest(void **state) {
  (void)state;
  for (int has_thread = 0; has_thread < 2; has_thread++) {
    char digest[65], back[N];
    lw_inputs *k = opened(1 << 30, has_thread);
    keep(k, (uint32_t)has_thread, digest);
    assert_int_equal(lw_inputs_keep(k, digest, NULL), 0); // named twice
    lw_inputs_close(k);
    assert_int_equal(lw_inputs_read(folder, digest, back, N, NULL), 0);
    assert_memory_equal(back, noise, N);
  }
}

static void is_refused_when_it_is_not_what_was_kept(void **state) {
  (void)state;
  char one[65], other[65], back[N];
  lw_inputs *k = opened(1 << 30, 0);
  keep(k, 0, one);
  keep(k, 1, other);
  lw_inputs_close(k);
  lw_err e;
  assert_int_equal(lw_inputs_read(folder, one, back, N - 1, &e), LW_E_CORRUPT);
  char from[512];
  strcpy(from, path_of(one, ".zst"));
  assert_int_equal(rename(from, path_of(other, ".zst")), 0);
  assert_int_equal(lw_inputs_read(folder, other, back, N, &e), LW_E_CORRUPT);
  assert_non_null(strstr(e.text, "was changed"));
  assert_int_equal(lw_inputs_read(folder, one, back, N, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, one));
}

static void is_kept_only_while_it_is_held(void **state) {
  (void)state;
  char first[65], digest[65];
  lw_inputs *k = opened(1 << 30, 0);
  lw_inputs_hold(k, input(0, first), noise, N);
  for (uint32_t i = 1; i <= LW_INPUTS_HELD / N; i++) {
    snprintf(digest, sizeof digest, "%064x", i); // its name is all that counts
    lw_inputs_hold(k, digest, noise, N);
  }
  lw_err e;
  assert_int_equal(lw_inputs_keep(k, first, &e), LW_E_NOTFOUND);
  assert_non_null(strstr(e.text, "64 MiB"));
  assert_int_equal(lw_inputs_keep(k, digest, NULL), 0);
  lw_inputs_close(k);
}

// Files age by hand, so that no clock's grain decides.
static void age(const char *digest, time_t at_s) {
  struct timespec t[2] = {{.tv_sec = at_s}, {.tv_sec = at_s}};
  assert_int_equal(utimensat(AT_FDCWD, path_of(digest, ".zst"), t, 0), 0);
}

static void makes_room_by_what_was_named_longest_ago(void **state) {
  (void)state;
  char digest[4][65], back[N];
  lw_inputs *k = opened(3 * N + N / 2, 0);
  for (uint32_t i = 0; i < 3; i++) {
    keep(k, i, digest[i]);
    age(digest[i], 1000 + i);
  }
  assert_int_equal(lw_inputs_keep(k, digest[0], NULL), 0); // named once more
  keep(k, 3, digest[3]);
  lw_inputs_close(k);
  const int stays[] = {1, 0, 1, 1};
  for (int i = 0; i < 4; i++)
    assert_int_equal(lw_inputs_read(folder, digest[i], back, N, NULL) == 0,
                     stays[i]);
}

static void clears_away_what_a_lost_power_left(void **state) {
  (void)state;
  char digest[65];
  mkdir(folder, 0777);
  fclose(fopen(path_of("half", ".tmp"), "w"));
  lw_inputs *k = opened(1 << 30, 0);
  keep(k, 0, digest);
  lw_inputs_close(k);
  assert_int_equal(access(path_of("half", ".tmp"), F_OK), -1);
}

static void tells_what_the_disk_did_not_take(void **state) {
  (void)state;
  char digest[65], told[65];
  struct rlimit was, none;
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &was);
  none = was;
  none.rlim_cur = N / 2;
  setrlimit(RLIMIT_FSIZE, &none);
  lw_err e;
  lw_inputs *k = opened(1 << 30, 0);
  lw_inputs_hold(k, input(0, digest), noise, N);
  int rc = lw_inputs_keep(k, digest, &e);
  lw_inputs_close(k);
  k = opened(1 << 30, 1);
  keep(k, 0, digest); // will be written, says the thread
  while (lw_inputs_waiting(k) > 0)
    usleep(1000);
  setrlimit(RLIMIT_FSIZE, &was);
  assert_int_equal(rc, LW_E_IO);
  assert_int_equal(lw_inputs_failed(k, told, &e), 1);
  assert_string_equal(told, digest);
  assert_non_null(strstr(e.text, "File too large"));
  assert_int_equal(lw_inputs_failed(k, told, &e), 0);
  lw_inputs_close(k);
  assert_int_equal(access(path_of(digest, ".tmp"), F_OK), -1); // no half files
  assert_int_equal(access(path_of(digest, ".zst"), F_OK), -1);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(comes_back_by_its_digest),
      TEST(is_refused_when_it_is_not_what_was_kept),
      TEST(is_kept_only_while_it_is_held),
      TEST(makes_room_by_what_was_named_longest_ago),
      TEST(clears_away_what_a_lost_power_left),
      TEST(tells_what_the_disk_did_not_take),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
