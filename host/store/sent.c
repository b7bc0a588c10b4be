#include "store/sent.h"

#include <dirent.h>   // scandir
#include <errno.h>    // errno
#include <inttypes.h> // PRId64
#include <stdio.h>    // fopen
#include <stdlib.h>   // free
#include <string.h>   // strdup, strerror
#include <unistd.h>   // access, unlink

#include "base/grow.h" // lw_grow
#include "base/hash.h" // lw_hash_sha256_hex
#include "store/day.h"

#define PREFIX "forward-"
#define SUFFIX ".sent"

static int fail(const char *path, lw_err *e) {
  return lw_err_set(e, LW_E_IO, "%s: %s", path, strerror(errno));
}

// FOLDER/forward-1a2b3c4d.sent, or NULL.
static char *path_of(const char *folder, const char *who) {
  char hash[2 * LW_HASH_N + 1], *path;
  lw_hash_sha256_hex(who, strlen(who), hash);
  return asprintf(&path, "%s/" PREFIX "%.8s" SUFFIX, folder, hash) < 0 ? NULL
                                                                       : path;
}

// ------------------------------------------------------------- reading it ---

static lw_sent_day *find(const lw_sent *s, int64_t day) {
  for (size_t i = 0; i < s->n; i++)
    if (s->days[i].day == day)
      return &s->days[i];
  return NULL;
}

int lw_sent_note(lw_sent *s, int64_t day, int64_t chunk, lw_err *e) {
  lw_sent_day *known = find(s, day);
  if (known && known->chunk == chunk)
    return 0;
  s->is_changed = 1;
  if (known) {
    known->chunk = chunk;
    return 0;
  }
  if (lw_grow(&s->days, &s->room, s->n + 1, sizeof *s->days) < 0)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for %s", s->path);
  s->days[s->n++] = (lw_sent_day){day, chunk};
  return 0;
}

// A file that does not exist yet or was cut short claims less: its forwarder
// tells the rest again.
static int read_file(lw_sent *s, lw_err *e) {
  char date[11], name[sizeof date + sizeof ".db"];
  int64_t chunk;
  int rc = 0;
  FILE *in = fopen(s->path, "r");
  if (!in && errno != ENOENT)
    return fail(s->path, e);
  while (in && rc == 0 && fscanf(in, "%10s %" SCNd64, date, &chunk) == 2) {
    snprintf(name, sizeof name, "%s.db", date);
    int64_t day = lw_day_parse(name);
    rc = day < 0 ? 0 : lw_sent_note(s, day, chunk, e);
  }
  s->is_changed = !in;
  if (in)
    fclose(in);
  return rc;
}

// Takes the path.
static int open_path(lw_sent *s, const char *folder, char *path, lw_err *e) {
  *s = (lw_sent){.folder = folder, .path = path};
  int rc = path ? read_file(s, e)
                : lw_err_set(e, LW_E_NOMEM, "out of memory for %s", folder);
  if (rc < 0)
    lw_sent_fini(s);
  return rc;
}

int lw_sent_open(lw_sent *s, const char *folder, const char *who, lw_err *e) {
  return open_path(s, folder, path_of(folder, who), e);
}

void lw_sent_fini(lw_sent *s) {
  free(s->path);
  free(s->days);
  *s = (lw_sent){.n = 0};
}

// ------------------------------------------------------------- writing it ---

static int has_file(const lw_sent *s, const char *name) {
  char path[4096];
  return snprintf(path, sizeof path, "%s/%s", s->folder, name) <
             (int)sizeof path &&
         access(path, F_OK) == 0;
}

static int write_days(const lw_sent *s, FILE *out) {
  char name[LW_DAY_NAME_N];
  for (size_t i = 0; i < s->n; i++)
    if (lw_day_name(s->days[i].day, name) == 0 && has_file(s, name))
      fprintf(out, "%.10s %" PRId64 "\n", name, s->days[i].chunk);
  return fclose(out) == 0 ? 0 : -1;
}

// Never half written: the new one takes the old one's place.
int lw_sent_save(lw_sent *s, lw_err *e) {
  char *fresh;
  if (!s->is_changed)
    return 0;
  if (asprintf(&fresh, "%s.new", s->path) < 0)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for %s", s->path);
  FILE *out = fopen(fresh, "w");
  int is_written =
      out && write_days(s, out) == 0 && rename(fresh, s->path) == 0;
  // On a disk that is only read nothing can be dropped, either.
  int rc = is_written || errno == EROFS ? 0 : fail(fresh, e);
  free(fresh);
  s->is_changed = rc < 0;
  return rc;
}

int lw_sent_forget(const char *folder, const char *who, lw_err *e) {
  char *path = path_of(folder, who);
  if (!path)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for %s", folder);
  int rc = unlink(path) == 0 ? 1 : errno == ENOENT ? 0 : fail(path, e);
  free(path);
  return rc;
}

// ------------------------------------------------------------- asking it ----

static int is_sent_file(const struct dirent *entry) {
  size_t n = strlen(entry->d_name), end = strlen(SUFFIX);
  return strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 && n > end &&
         strcmp(entry->d_name + n - end, SUFFIX) == 0;
}

// The newest chunk of a day; INT64_MAX while samples wait for theirs.
static int64_t last_chunk(const char *folder, int64_t day) {
  lw_day file;
  int64_t chunk = INT64_MAX, waiting = 0;
  if (lw_day_open(&file, folder, day, LW_DB_READ, NULL) < 0)
    return INT64_MAX;
  if (lw_db_number(&file.db, "SELECT max(id) FROM chunk", "reading", &chunk,
                   NULL) < 0 ||
      lw_db_number(&file.db, "SELECT count(*) FROM hot", "reading", &waiting,
                   NULL) < 0 ||
      waiting)
    chunk = INT64_MAX;
  lw_day_close(&file, 1);
  return chunk;
}

static int tells_all(const char *folder, const char *name, int64_t day,
                     int64_t chunk) {
  lw_sent s;
  char *path;
  if (asprintf(&path, "%s/%s", folder, name) < 0 ||
      open_path(&s, folder, path, NULL) < 0)
    return 0;
  const lw_sent_day *known = find(&s, day);
  int is_all = known && known->chunk >= chunk;
  lw_sent_fini(&s);
  return is_all;
}

int lw_sent_has(const char *folder, int64_t day) {
  struct dirent **files;
  int n = scandir(folder, &files, is_sent_file, NULL);
  int64_t chunk = n > 0 ? last_chunk(folder, day) : 0;
  int is_all = n >= 0;
  for (int i = 0; i < n; i++) {
    is_all = is_all && tells_all(folder, files[i]->d_name, day, chunk);
    free(files[i]);
  }
  if (n >= 0)
    free(files);
  return is_all;
}
