// Recorded tables for the replay driver: rows or one error with line and
// column.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>

#include "io/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static int fd = -1;
  char path[64];
  lw_csv c;
  lw_err e;
  double x;
  int64_t t_ns;
  if (fd < 0)
    fd = memfd_create("table", 0);
  if (ftruncate(fd, 0) < 0 || pwrite(fd, data, n, 0) != (ssize_t)n)
    abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (lw_csv_open(&c, path, 0, &e) < 0)
    return 0;
  while (lw_csv_next(&c, &e) > 0)
    for (size_t i = 0; i < c.column_n; i++) {
      lw_csv_number(&c, i, &x, &e);
      lw_csv_time(&c, i, &t_ns, &e);
    }
  lw_csv_close(&c);
  return 0;
}
