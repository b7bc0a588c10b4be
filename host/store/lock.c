#include "store/lock.h"

#include <errno.h>    // errno
#include <fcntl.h>    // open
#include <stdio.h>    // snprintf
#include <stdlib.h>   // strtol
#include <string.h>   // strerror
#include <sys/file.h> // flock
#include <unistd.h>   // getpid, pread

int lw_lock_open(const char *path, const char *name, lw_err *e) {
  char pid[24] = "";
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return lw_err_set(e, errno == EACCES ? LW_E_DENIED : LW_E_IO,
                      "%s: cannot make the lock file beside it: %s", name,
                      strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
    ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
    close(fd);
    return lw_err_set(e, LW_E_STATE,
                      "%s is being written by process %ld; stop that one or "
                      "use another file",
                      name, n > 0 ? strtol(pid, NULL, 10) : 0);
  }
  // Of fixed width, so that nothing of a longer number before it remains. The
  // number only serves the message above: a full disk is no reason to give up.
  int n = snprintf(pid, sizeof pid, "%-20ld\n", (long)getpid());
  if (pwrite(fd, pid, (size_t)n, 0) < n)
    errno = 0;
  return fd;
}
