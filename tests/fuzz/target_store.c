// A damaged journal: the input is laid over a good database at the place that
// its first two bytes say. Opening, checking and reading it end, each with an
// answer.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/clock.h"
#include "store/store.h"

static char path[64];
static uint8_t good[1 << 20];
static size_t good_n;

static int count(void *arg, int64_t id, const lw_record *r) {
  (void)id;
  *(size_t *)arg += r->data_n;
  return 0;
}

static void make_good(void) {
  lw_store *s;
  lw_err e;
  lw_run_info run = {.seed = 1};
  snprintf(path, sizeof path, "/dev/shm/linewright-fuzz-%d.db", (int)getpid());
  unlink(path);
  if (lw_store_open(&s, path, LW_STORE_WRITE, lw_clock_real(), &e) < 0)
    abort();
  lw_store_run_begin(s, &run, &e);
  lw_store_bundle_put(s, "h", "recipe", "x.lua", "s", "return 1", 8, &e);
  lw_store_close(s);
  FILE *file = fopen(path, "rb");
  good_n = file ? fread(good, 1, sizeof good, file) : 0;
  if (!file || good_n == 0)
    abort();
  fclose(file);
}

static void lay(const uint8_t *data, size_t n) {
  size_t at = (((size_t)data[0] << 8 | data[1]) * 16) % good_n;
  FILE *file = fopen(path, "wb");
  if (!file)
    abort();
  fwrite(good, 1, good_n, file);
  fseek(file, (long)at, SEEK_SET);
  fwrite(data + 2, 1, n - 2, file);
  fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  lw_store *s;
  lw_err e;
  size_t bytes = 0;
  lw_run_info run;
  char *text;
  if (n < 2)
    return 0;
  if (good_n == 0)
    make_good();
  lay(data, n);
  if (lw_store_open(&s, path, LW_STORE_READ, lw_clock_real(), &e) == 0) {
    lw_store_check(s, &e);
    if (lw_store_run_find(s, NULL, &run, &e) == 0)
      lw_store_read(s, run.id, count, &bytes, &e);
    if (lw_store_bundle_get(s, "h", "recipe", "x.lua", &text, &n, &e) == 0)
      free(text);
    lw_store_close(s);
  }
  unlink(path);
  return 0;
}
