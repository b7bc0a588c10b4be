#include "worker/realtime.h"

#include <fcntl.h>        // open
#include <sched.h>        // SCHED_FIFO
#include <signal.h>       // pthread_sigmask
#include <stdint.h>       // int32_t
#include <stdio.h>        // snprintf
#include <sys/mman.h>     // mlockall
#include <sys/resource.h> // getrlimit
#include <unistd.h>       // write, close, geteuid

// Locking under a small limit would make later allocations fail.
static int may_lock_all(void) {
  struct rlimit limit;
  return geteuid() == 0 || (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
                            limit.rlim_cur == RLIM_INFINITY);
}

static int open_dma_latency(void) {
  int fd = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
  int32_t latency_us = 0;
  if (fd >= 0 && write(fd, &latency_us, sizeof latency_us) < 0) {
    close(fd);
    return -1;
  }
  return fd; // the request lasts while the file is open
}

// All that is there now, code not yet run too; of what comes, what is touched:
// of a thread's 8 MiB of stack a few pages.
static int lock_all(void) {
  return may_lock_all() && mlockall(MCL_CURRENT) == 0 &&
         mlockall(MCL_FUTURE | MCL_ONFAULT) == 0;
}

void lw_realtime_init(lw_realtime *r) {
  r->is_fifo = 0;
  r->is_locked = lock_all();
  r->dma_fd = open_dma_latency();
}

void lw_realtime_fini(lw_realtime *r) {
  if (r->is_locked)
    munlockall();
  if (r->dma_fd >= 0)
    close(r->dma_fd);
  *r = (lw_realtime){.dma_fd = -1};
}

static int start_fifo(pthread_t *thread, int priority, void *(*run)(void *),
                      void *arg) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  struct sched_param param = {.sched_priority = priority};
  pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
  pthread_attr_setschedparam(&attr, &param);
  int rc = pthread_create(thread, &attr, run, arg);
  pthread_attr_destroy(&attr);
  return rc;
}

int lw_realtime_thread(lw_realtime *r, pthread_t *thread, int priority,
                       void *(*run)(void *), void *arg) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = start_fifo(thread, priority, run, arg);
  r->is_fifo = rc == 0;
  if (rc)
    rc = pthread_create(thread, NULL, run, arg);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc;
}

char *lw_realtime_text(const lw_realtime *r, char *buf, size_t n) {
  snprintf(buf, n, "%s, %s, %s",
           r->is_fifo ? "SCHED_FIFO" : "no SCHED_FIFO (not permitted)",
           r->is_locked ? "memory locked" : "memory not locked",
           r->dma_fd >= 0 ? "cpu_dma_latency 0" : "cpu_dma_latency not held");
  return buf;
}
