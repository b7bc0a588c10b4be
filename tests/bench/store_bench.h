// What the benches of the store share: a folder, clocks, order.
#ifndef LW_BENCH_STORE_H
#define LW_BENCH_STORE_H

#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "loop/clock.h"

#define S INT64_C(1000000000)

static char folder[64] = "/tmp/lw-bench-XXXXXX";

static inline double now_s(void) {
  return (double)lw_now_ns(lw_clock_real()) * 1e-9;
}

static inline double cpu_s(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
         (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

static inline void must(int rc, const lw_err *e) {
  if (rc >= 0)
    return;
  fprintf(stderr, "bench: %s\n", e->text);
  exit(1);
}

static inline const char *in_folder(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static inline int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline void make_folder(void) {
  if (!mkdtemp(folder))
    exit(1);
}

static inline int remove_folder(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) == 0 ? 0 : 1;
}

#endif
