// What the operating system can do for a thread that must not be late.
#ifndef LW_WORKER_REALTIME_H
#define LW_WORKER_REALTIME_H

#include <pthread.h> // pthread_t
#include <stddef.h>  // size_t

typedef struct lw_realtime {
  int is_fifo;   // the last thread started runs SCHED_FIFO
  int is_locked; // memory is locked
  int dma_fd;    // /dev/cpu_dma_latency held open at 0, or -1
} lw_realtime;

// Lock memory and hold the processor's wake-up latency down, as far as this
// user may; what was refused is only noted.
void lw_realtime_init(lw_realtime *r);
void lw_realtime_fini(lw_realtime *r);

// Start a thread with all signals blocked, SCHED_FIFO at `priority` (1..99)
// when permitted, else as any other. Returns 0 or an errno value.
int lw_realtime_thread(lw_realtime *r, pthread_t *thread, int priority,
                       void *(*run)(void *), void *arg);

// "SCHED_FIFO, memory locked, cpu_dma_latency 0" or what is missing, into
// buf [n]; returns buf.
char *lw_realtime_text(const lw_realtime *r, char *buf, size_t n);

#endif
