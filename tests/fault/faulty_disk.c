// A disk that fails and a wall clock that is set, for a program that knows
// nothing of it: loaded before its libraries (LD_PRELOAD).
//
// FAULTY_DISK names a control file. While it holds "KIND AT LASTING", the
// AT-th operation from then on of the kind on a database or its log (a name
// that ends in .db or .db-wal, but not those of the historian) fails; with
// LASTING 1 all later ones as well. KIND: EIO (any), ENOSPC, SHORT, EROFS
// (writes), FSYNC (syncs; what was not on disk is then on it or not, as on a
// real one). FAULTY_CLOCK names a file with the seconds by which the wall
// clock is wrong.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { READS = 1, WRITES = 2, SYNCS = 4 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char armed[64]; // what the control file said when counting began
static long left;      // operations until the fault
static int is_spent;   // a fault that comes once has come

static void *next(const char *name) {
  return dlsym(RTLD_NEXT, name);
}

static int is_database(int fd) {
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 3)
    return 0;
  path[n] = 0;
  char *end = strstr(path, " (deleted)");
  if (end)
    *end = 0;
  n = (ssize_t)strlen(path);
  if (strstr(path, ".history/"))
    return 0;
  return strcmp(path + n - 3, ".db") == 0 ||
         (n > 7 && strcmp(path + n - 7, ".db-wal") == 0);
}

static void read_file(const char *variable, char *out, size_t n) {
  const char *path = getenv(variable);
  FILE *file = path ? fopen(path, "r") : NULL;
  size_t got = file ? fread(out, 1, n - 1, file) : 0;
  out[got] = 0;
  if (file)
    fclose(file);
}

static int concerns(const char *kind, int what) {
  if (strcmp(kind, "EIO") == 0)
    return 1;
  if (strcmp(kind, "FSYNC") == 0)
    return what == SYNCS;
  return what == WRITES;
}

// The kind of fault for this operation into kind [8], or 0.
static int fault(int fd, int what, char *kind) {
  char now[64];
  long at = 0;
  int is_lasting = 0;
  int saved = errno;
  if (!getenv("FAULTY_DISK") || !is_database(fd))
    return 0;
  read_file("FAULTY_DISK", now, sizeof now);
  errno = saved;
  if (sscanf(now, "%7s %ld %d", kind, &at, &is_lasting) != 3)
    return 0;
  pthread_mutex_lock(&mutex);
  if (strcmp(now, armed) != 0) {
    memcpy(armed, now, sizeof armed);
    left = at;
    is_spent = 0;
  }
  int is_hit = 0;
  if (concerns(kind, what) && (!is_spent || is_lasting) && --left <= 0) {
    is_hit = 1;
    is_spent = 1;
  }
  pthread_mutex_unlock(&mutex);
  return is_hit;
}

static int refuse(const char *kind) {
  errno = strcmp(kind, "EROFS") == 0                    ? EROFS
          : strcmp(kind, "ENOSPC") == 0 || *kind == 'S' ? ENOSPC
                                                        : EIO;
  return -1;
}

// ------------------------------------------------------------------ faces --

#define READ(name, offset_type)                                                \
  ssize_t name(int fd, void *to, size_t n, offset_type at);                    \
  ssize_t name(int fd, void *to, size_t n, offset_type at) {                   \
    ssize_t (*real)(int, void *, size_t, offset_type) = next(#name);           \
    char kind[8];                                                              \
    return fault(fd, READS, kind) ? refuse(kind) : real(fd, to, n, at);        \
  }
READ(pread, off_t)
READ(pread64, off64_t)

// A short write does half of it; what is left of it then finds no room.
#define WRITE(name, offset_type)                                               \
  ssize_t name(int fd, const void *from, size_t n, offset_type at);            \
  ssize_t name(int fd, const void *from, size_t n, offset_type at) {           \
    ssize_t (*real)(int, const void *, size_t, offset_type) = next(#name);     \
    char kind[8];                                                              \
    if (!fault(fd, WRITES, kind))                                              \
      return real(fd, from, n, at);                                            \
    if (strcmp(kind, "SHORT") == 0)                                            \
      real(fd, from, n / 2, at);                                               \
    return refuse(kind);                                                       \
  }
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)

#define SYNC(name)                                                             \
  int name(int fd);                                                            \
  int name(int fd) {                                                           \
    int (*real)(int) = next(#name);                                            \
    char kind[8];                                                              \
    return fault(fd, SYNCS, kind) ? refuse(kind) : real(fd);                   \
  }
SYNC(fsync)
SYNC(fdatasync)

#define CUT(name, offset_type)                                                 \
  int name(int fd, offset_type n);                                             \
  int name(int fd, offset_type n) {                                            \
    int (*real)(int, offset_type) = next(#name);                               \
    char kind[8];                                                              \
    return fault(fd, WRITES, kind) ? refuse(kind) : real(fd, n);               \
  }
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

int clock_gettime(clockid_t id, struct timespec *out) {
  int (*real)(clockid_t, struct timespec *) = next("clock_gettime");
  int rc = real(id, out);
  if (rc == 0 && id == CLOCK_REALTIME && getenv("FAULTY_CLOCK")) {
    char text[64];
    int saved = errno;
    read_file("FAULTY_CLOCK", text, sizeof text);
    errno = saved;
    out->tv_sec += (time_t)atoll(text);
  }
  return rc;
}
