#include <dirent.h>      // scandir
#include <errno.h>       // errno
#include <fcntl.h>       // open, AT_FDCWD
#include <limits.h>      // PATH_MAX
#include <stdio.h>       // snprintf, rename
#include <stdlib.h>      // malloc, free, qsort
#include <string.h>      // strcmp, strerror
#include <sys/stat.h>    // mkdir, stat
#include <sys/statvfs.h> // statvfs
#include <unistd.h>      // write, fdatasync, unlink
#include <zstd.h>        // ZSTD_compress

#include "base/hash.h" // lw_hash_sha256_hex
#include "store/inputs_private.h"

// Pixels shrink to a quarter at the quickest level, and little more beyond.
#define LEVEL 1
#define ENDING ".zst"
#define UNFINISHED ".tmp"

static void path_of(char *path, const char *folder, const char *digest,
                    const char *ending) {
  snprintf(path, PATH_MAX, "%s/%s%s", folder, digest, ending);
}

static int refuse(lw_err *e, const char *act, const char *path) {
  int code = errno == ENOENT                      ? LW_E_NOTFOUND
             : errno == ENOSPC || errno == EDQUOT ? LW_E_FULL
                                                  : LW_E_IO;
  return lw_err_set(e, code, "cannot %s %s: %s", act, path, strerror(errno));
}

int lw_inputs_touch(const lw_inputs_folder *f, const char *digest) {
  char path[PATH_MAX];
  path_of(path, f->path, digest, ENDING);
  return utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

// --------------------------------------------------------------- retention ---

typedef struct kept {
  char name[80];
  int64_t bytes, at_ns;
} kept;

static int has_ending(const char *name, const char *ending) {
  size_t n = strlen(name), m = strlen(ending);
  return n > m && strcmp(name + n - m, ending) == 0;
}

static int is_ours(const struct dirent *d) {
  return has_ending(d->d_name, ENDING) || has_ending(d->d_name, UNFINISHED);
}

static int by_age(const void *a, const void *b) {
  const kept *x = a, *y = b;
  if (x->at_ns != y->at_ns)
    return x->at_ns < y->at_ns ? -1 : 1;
  return strcmp(x->name, y->name);
}

// Size and age of one file; what a lost power left unfinished goes.
static int look(const char *folder, const char *name, kept *out) {
  char path[PATH_MAX];
  struct stat st;
  path_of(path, folder, name, "");
  if (has_ending(name, UNFINISHED)) {
    unlink(path);
    return 0;
  }
  if (strlen(name) >= sizeof out->name || stat(path, &st) < 0)
    return 0;
  memcpy(out->name, name, strlen(name) + 1);
  out->bytes = st.st_size;
  out->at_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
  return 1;
}

// The folder's files by age. Returns how many, or LW_E_*.
static int list(const char *folder, kept **out, lw_err *e) {
  struct dirent **names;
  int n = scandir(folder, &names, is_ours, NULL), found = 0;
  if (n < 0)
    return refuse(e, "list", folder);
  *out = malloc((size_t)n * sizeof **out + 1);
  for (int i = 0; i < n; i++) {
    found += *out && look(folder, names[i]->d_name, *out + found);
    free(names[i]);
  }
  free(names);
  if (!*out)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for %d names", n);
  qsort(*out, (size_t)found, sizeof **out, by_age);
  return found;
}

// Count what there is, and make room: a tenth more than must be, so that not
// every input has to.
static int prune(lw_inputs_folder *f, lw_err *e) {
  kept *files;
  int n = list(f->path, &files, e);
  if (n < 0)
    return n;
  f->taken = 0;
  for (int i = 0; i < n; i++)
    f->taken += files[i].bytes;
  int64_t goal = f->taken > f->most ? f->most - f->most / 10 : f->most;
  for (int i = 0; i + 1 < n && f->taken > goal; i++) {
    char path[PATH_MAX];
    path_of(path, f->path, files[i].name, "");
    if (unlink(path) == 0)
      f->taken -= files[i].bytes;
  }
  free(files);
  return 0;
}

// ----------------------------------------------------------------- writing ---

static int write_all(int fd, const char *data, size_t n) {
  while (n > 0) {
    ssize_t done = write(fd, data, n);
    if (done < 0 && errno != EINTR)
      return -1;
    data += done > 0 ? done : 0;
    n -= done > 0 ? (size_t)done : 0;
  }
  return 0;
}

// Whole under its own name, or not at all.
static int write_named(const lw_inputs_folder *f, const char *digest,
                       const void *data, size_t n, lw_err *e) {
  char path[PATH_MAX], unfinished[PATH_MAX];
  path_of(path, f->path, digest, ENDING);
  path_of(unfinished, f->path, digest, UNFINISHED);
  int fd = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return refuse(e, "write", path);
  int rc = write_all(fd, data, n);
  if (rc == 0 && f->is_synced)
    rc = fdatasync(fd);
  rc = close(fd) < 0 ? -1 : rc;
  if (rc == 0 && rename(unfinished, path) == 0)
    return 0;
  rc = refuse(e, "write", path);
  unlink(unfinished);
  return rc;
}

// A disk that inputs have filled would stop the records.
static int check_room(const lw_inputs_folder *f, size_t n, lw_err *e) {
  struct statvfs disk;
  if (statvfs(f->path, &disk) < 0 ||
      disk.f_bavail * disk.f_frsize >= LW_INPUTS_FREE + n)
    return 0;
  return lw_err_set(e, LW_E_FULL,
                    "less than %d MiB would be free on the disk of %s",
                    LW_INPUTS_FREE >> 20, f->path);
}

static int write_packed(lw_inputs_folder *f, const char *digest,
                        const void *data, size_t n, lw_err *e) {
  size_t room = ZSTD_compressBound(n);
  void *packed = malloc(room);
  if (!packed)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for an input of %zu bytes",
                      n);
  size_t size = ZSTD_compress(packed, room, data, n, LEVEL);
  int rc = ZSTD_isError(size)
               ? lw_err_set(e, LW_E_NOMEM, "an input cannot be packed: %s",
                            ZSTD_getErrorName(size))
               : check_room(f, size, e);
  if (rc == 0)
    rc = write_named(f, digest, packed, size, e);
  free(packed);
  if (rc == 0)
    f->taken += (int64_t)size;
  return rc;
}

int lw_inputs_write(lw_inputs_folder *f, const char *digest, const void *data,
                    size_t n, lw_err *e) {
  if (lw_inputs_touch(f, digest))
    return 0;
  if (mkdir(f->path, 0777) < 0 && errno != EEXIST)
    return refuse(e, "create", f->path);
  int rc = f->taken < 0 ? prune(f, e) : 0;
  if (rc == 0)
    rc = write_packed(f, digest, data, n, e);
  return rc == 0 && f->taken > f->most ? prune(f, e) : rc;
}

// ----------------------------------------------------------------- reading ---

// All of a file that is at most as large as n bytes packed can be.
static int read_packed(const char *path, size_t n, char **out, size_t *out_n,
                       lw_err *e) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return refuse(e, "read", path);
  size_t room = ZSTD_compressBound(n) + 1;
  *out = malloc(room);
  *out_n = *out ? fread(*out, 1, room, file) : 0;
  int is_bad = ferror(file);
  fclose(file);
  if (*out && !is_bad)
    return 0;
  int rc = *out ? refuse(e, "read", path)
                : lw_err_set(e, LW_E_NOMEM, "out of memory for %s", path);
  free(*out);
  return rc;
}

int lw_inputs_read(const char *folder, const char *digest, void *data, size_t n,
                   lw_err *e) {
  char path[PATH_MAX], now[LW_HASH_HEX_N], *packed = NULL;
  size_t packed_n = 0;
  path_of(path, folder, digest, ENDING);
  int rc = read_packed(path, n, &packed, &packed_n, e);
  if (rc < 0)
    return rc;
  size_t size = ZSTD_decompress(data, n, packed, packed_n);
  free(packed);
  if (ZSTD_isError(size) || size != n)
    return lw_err_set(e, LW_E_CORRUPT,
                      "%s is damaged: it should unpack to %zu bytes", path, n);
  if (strcmp(lw_hash_sha256_hex(data, n, now), digest) == 0)
    return 0;
  return lw_err_set(e, LW_E_CORRUPT,
                    "%s was changed: its digest should be its name, and is "
                    "%.12s...",
                    path, now);
}
