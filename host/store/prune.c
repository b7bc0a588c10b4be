// Retention: whole days are dropped.
#include <dirent.h>   // scandir
#include <errno.h>    // errno
#include <stdio.h>    // snprintf
#include <stdlib.h>   // free
#include <string.h>   // strerror
#include <sys/stat.h> // stat
#include <unistd.h>   // unlink

#include "store/day.h"
#include "store/historian.h"

static int is_day(const struct dirent *entry) {
  return lw_day_parse(entry->d_name) >= 0;
}

// A day's file and its log.
static int64_t size_of(const char *folder, const char *name) {
  static const char *const ends[] = {"", "-wal"};
  int64_t size = 0;
  for (int i = 0; i < 2; i++) {
    char path[4096];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s%s", folder, name, ends[i]);
    if (stat(path, &info) == 0)
      size += info.st_size;
  }
  return size;
}

static int drop(const char *folder, const char *name, lw_err *e) {
  static const char *const ends[] = {"", "-wal", "-shm"};
  for (int i = 0; i < 3; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, ends[i]);
    if (unlink(path) < 0 && errno != ENOENT)
      return lw_err_set(e, LW_E_IO, "cannot remove %s: %s", path,
                        strerror(errno));
  }
  return 0;
}

// Names sort by date. Returns how many days went, or the error.
static int drop_days(const char *folder, struct dirent **days, int n,
                     int64_t before_ns, int64_t max_bytes, lw_err *e) {
  int64_t total = 0;
  int dropped = 0;
  for (int i = 0; i < n; i++)
    total += size_of(folder, days[i]->d_name);
  for (int i = 0; i + 1 < n; i++) {
    int64_t end_ns = (lw_day_parse(days[i]->d_name) + 1) * LW_DAY_NS;
    if (end_ns > before_ns && (max_bytes <= 0 || total <= max_bytes))
      break;
    total -= size_of(folder, days[i]->d_name);
    int rc = drop(folder, days[i]->d_name, e);
    if (rc < 0)
      return rc;
    dropped++;
  }
  return dropped;
}

int lw_historian_prune(const char *folder, int64_t before_ns, int64_t max_bytes,
                       lw_err *e) {
  struct dirent **days;
  int n = scandir(folder, &days, is_day, alphasort);
  if (n < 0)
    return lw_err_set(e, errno == ENOENT ? LW_E_NOTFOUND : LW_E_IO, "%s: %s",
                      folder, strerror(errno));
  int rc = drop_days(folder, days, n, before_ns, max_bytes, e);
  for (int i = 0; i < n; i++)
    free(days[i]);
  free(days);
  return rc;
}
