#include "worker/region.h"

#include <errno.h>    // errno
#include <fcntl.h>    // open, F_ADD_SEALS
#include <stdio.h>    // snprintf
#include <stdlib.h>   // aligned_alloc
#include <string.h>   // memset, strerror
#include <sys/mman.h> // memfd_create, mmap
#include <sys/stat.h> // fstat
#include <unistd.h>   // ftruncate, close

#define ALIGN 64u

static int fail(lw_region *r, const char *what, const char *name, lw_err *e) {
  int reason = errno;
  lw_region_close(r);
  return lw_err_set(e, LW_E_IO, "%s of shared memory '%s': %s", what, name,
                    strerror(reason));
}

static int open_inline(lw_region *r, lw_err *e) {
  size_t room = (r->n + ALIGN - 1) / ALIGN * ALIGN;
  r->at = aligned_alloc(ALIGN, room);
  if (!r->at)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for %zu bytes", room);
  memset(r->at, 0, room);
  return 0;
}

// A second descriptor of the same file, read-only; the first is closed.
static int reopen_read_only(lw_region *r) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", r->fd);
  // 0400: whoever inherits the descriptor may not open it anew for writing.
  if (fchmod(r->fd, 0400) < 0)
    return -1;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  close(r->fd);
  r->fd = fd;
  return 0;
}

int lw_region_open(lw_region *r, const char *name, size_t n, int is_read_only,
                   lw_err *e) {
  *r = (lw_region){.n = n, .fd = -1};
  if (!name)
    return open_inline(r, e);
  r->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (r->fd < 0 || ftruncate(r->fd, (off_t)n) < 0)
    return fail(r, "creation", name, e);
  // A worker that shrank the file would crash the host with SIGBUS.
  if (fcntl(r->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
    return fail(r, "sealing", name, e);
  void *at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
  if (at == MAP_FAILED)
    return fail(r, "mapping", name, e);
  r->at = at;
  if (is_read_only && reopen_read_only(r) < 0)
    return fail(r, "reopening", name, e);
  return 0;
}

int lw_region_map(lw_region *r, int fd, int is_read_only, lw_err *e) {
  *r = LW_REGION_NONE;
  struct stat s;
  if (fstat(fd, &s) < 0 || s.st_size <= 0)
    return lw_err_set(e, LW_E_CORRUPT, "descriptor %d is no shared memory", fd);
  int prot = is_read_only ? PROT_READ : PROT_READ | PROT_WRITE;
  void *at = mmap(NULL, (size_t)s.st_size, prot, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED)
    return lw_err_set(e, LW_E_IO, "mapping of descriptor %d: %s", fd,
                      strerror(errno));
  *r = (lw_region){.at = at, .n = (size_t)s.st_size, .fd = fd};
  return 0;
}

void lw_region_close(lw_region *r) {
  if (r->fd < 0)
    free(r->at);
  else {
    if (r->at)
      munmap(r->at, r->n);
    close(r->fd);
  }
  *r = LW_REGION_NONE;
}
