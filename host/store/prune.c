// Retention: whole days are dropped, when a forwarder has them if there is one.
#include <dirent.h>   // scandir
#include <errno.h>    // errno
#include <stdio.h>    // snprintf
#include <stdlib.h>   // free
#include <string.h>   // strerror
#include <sys/stat.h> // stat
#include <unistd.h>   // unlink

#include "store/day.h"
#include "store/historian.h"
#include "store/sent.h"

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

// What pruning works on.
typedef struct folder {
  const char *path;
  struct dirent **days; // [n], names sort by date
  int n;
  int64_t total, before_ns, max_bytes;
  lw_historian_pruned *out;
} folder;

static int drop_day(folder *f, int i, lw_err *e) {
  int64_t size = size_of(f->path, f->days[i]->d_name);
  int rc = drop(f->path, f->days[i]->d_name, e);
  if (rc < 0)
    return rc;
  f->days[i]->d_name[0] = 0;
  f->total -= size;
  f->out->dropped++;
  return 0;
}

static int is_too_large(const folder *f) {
  return f->max_bytes > 0 && f->total > f->max_bytes;
}

// Those that are safe elsewhere, or are nobody's concern but ours.
static int drop_sent(folder *f, lw_err *e) {
  int rc = 0;
  for (int i = 0; rc == 0 && i + 1 < f->n; i++) {
    int64_t day = lw_day_parse(f->days[i]->d_name);
    int is_old = (day + 1) * LW_DAY_NS <= f->before_ns;
    if (!is_old && !is_too_large(f))
      break;
    if (lw_sent_has(f->path, day))
      rc = drop_day(f, i, e);
    else
      f->out->waiting += is_old;
  }
  return rc;
}

// A full disk would end the recording of today.
static int drop_unsent(folder *f, lw_err *e) {
  int rc = 0;
  for (int i = 0; rc == 0 && i + 1 < f->n && is_too_large(f); i++) {
    if (!f->days[i]->d_name[0])
      continue;
    int64_t end_ns = (lw_day_parse(f->days[i]->d_name) + 1) * LW_DAY_NS;
    rc = drop_day(f, i, e);
    f->out->unsent += rc == 0;
    f->out->waiting -= rc == 0 && end_ns <= f->before_ns;
  }
  return rc;
}

int lw_historian_prune(const char *path, int64_t before_ns, int64_t max_bytes,
                       lw_historian_pruned *out, lw_err *e) {
  folder f = {
      .path = path, .before_ns = before_ns, .max_bytes = max_bytes, .out = out};
  *out = (lw_historian_pruned){.dropped = 0};
  f.n = scandir(path, &f.days, is_day, alphasort);
  if (f.n < 0)
    return lw_err_set(e, errno == ENOENT ? LW_E_NOTFOUND : LW_E_IO, "%s: %s",
                      path, strerror(errno));
  for (int i = 0; i < f.n; i++)
    f.total += size_of(path, f.days[i]->d_name);
  int rc = drop_sent(&f, e);
  if (rc == 0)
    rc = drop_unsent(&f, e);
  for (int i = 0; i < f.n; i++)
    free(f.days[i]);
  free(f.days);
  return rc;
}
