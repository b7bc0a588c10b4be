#include "store/lock.h"

#include <errno.h>    // errno
#include <fcntl.h>    // open
#include <signal.h>   // kill
#include <stdio.h>    // snprintf
#include <stdlib.h>   // strtol
#include <string.h>   // strerror
#include <sys/file.h> // flock
#include <unistd.h>   // getpid, pread, usleep

#define WAIT_US 10000
#define WAITS_MAX 200

// The process in the lock file, 0 when it names none.
static long holder_of(int fd) {
  char pid[24] = "";
  return pread(fd, pid, sizeof pid - 1, 0) > 0 ? strtol(pid, NULL, 10) : 0;
}

static int is_dead(long pid) {
  return pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static int take(int fd) {
  for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
    if (i == WAITS_MAX || !is_dead(holder_of(fd)))
      return LW_E_STATE;
    usleep(WAIT_US);
  }
  return 0;
}

// Of fixed width, so that nothing of a longer number before it remains. The
// number only serves the message and the wait above: a full disk is no reason
// to give up.
static void sign(int fd) {
  char pid[24];
  int n = snprintf(pid, sizeof pid, "%-20ld\n", (long)getpid());
  if (pwrite(fd, pid, (size_t)n, 0) < n)
    errno = 0;
}

int lw_lock_open(const char *path, const char *name, lw_err *e) {
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return lw_err_set(e, errno == EACCES ? LW_E_DENIED : LW_E_IO,
                      "%s: cannot make the lock file beside it: %s", name,
                      strerror(errno));
  if (take(fd) < 0) {
    long holder = holder_of(fd);
    close(fd);
    return lw_err_set(e, LW_E_STATE,
                      "%s is being written by process %ld; stop that one or "
                      "use another file",
                      name, holder);
  }
  sign(fd);
  return fd;
}
