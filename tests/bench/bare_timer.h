// The peer of the scan's thread: a timerfd loop of the same policy and
// priority that does nothing. What it misses, the machine has missed.
#ifndef LW_BENCH_BARE_TIMER_H
#define LW_BENCH_BARE_TIMER_H

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "loop/clock.h"
#include "worker/latency.h"
#include "worker/realtime.h"

#define BARE_PRIORITY 50 // as the scan's

typedef struct bare_timer {
  int64_t period_ns; // below 1 s
  lw_latency *latency;
  lw_realtime realtime;
  pthread_t thread;
  atomic_int is_over;
} bare_timer;

static void *bare_timer_run(void *arg) {
  bare_timer *b = arg;
  lw_clock *clock = lw_clock_real();
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  int64_t due_ns = lw_now_ns(clock) + b->period_ns;
  struct itimerspec spec = {
      .it_interval = {0, b->period_ns},
      .it_value = {due_ns / LW_S, due_ns % LW_S},
  };
  timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL);
  while (!atomic_load(&b->is_over)) {
    uint64_t expired;
    if (read(fd, &expired, sizeof expired) != sizeof expired)
      abort();
    lw_latency_step(b->latency, lw_now_ns(clock) - due_ns, b->period_ns);
    due_ns += (int64_t)expired * b->period_ns;
  }
  close(fd);
  return NULL;
}

static inline void bare_timer_start(bare_timer *b, int64_t period_ns,
                                    lw_latency *latency) {
  *b = (bare_timer){.period_ns = period_ns, .latency = latency};
  lw_realtime_init(&b->realtime);
  if (lw_realtime_thread(&b->realtime, &b->thread, BARE_PRIORITY,
                         bare_timer_run, b))
    abort();
}

static inline void bare_timer_stop(bare_timer *b) {
  atomic_store(&b->is_over, 1);
  pthread_join(b->thread, NULL);
  lw_realtime_fini(&b->realtime);
}

#endif
