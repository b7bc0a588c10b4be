#include "loop/clock.h"

#include <errno.h>     // EINTR
#include <sys/timex.h> // ntp_adjtime, STA_UNSYNC
#include <time.h>      // clock_gettime, clock_nanosleep

static int64_t read_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * LW_S + t.tv_nsec;
}

static int64_t real_now_ns(lw_clock *c) {
  (void)c;
  return read_ns(CLOCK_MONOTONIC);
}

static int64_t real_wall_ns(lw_clock *c) {
  (void)c;
  return read_ns(CLOCK_REALTIME);
}

static int real_is_synced(lw_clock *c) {
  (void)c;
  struct timex t = {.modes = 0};
  return ntp_adjtime(&t) >= 0 && !(t.status & STA_UNSYNC);
}

static void real_wait_until(lw_clock *c, int64_t t_ns) {
  (void)c;
  if (t_ns < 0)
    return;
  struct timespec t = {.tv_sec = t_ns / LW_S, .tv_nsec = t_ns % LW_S};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
    continue;
}

lw_clock *lw_clock_real(void) {
  // Never written: it holds functions only, so sharing it is safe.
  static lw_clock real = {real_now_ns, real_wall_ns, real_is_synced,
                          real_wait_until};
  return &real;
}

static int64_t virtual_now_ns(lw_clock *c) {
  return ((lw_clock_virtual *)c)->now_ns;
}

static int64_t virtual_wall_ns(lw_clock *c) {
  lw_clock_virtual *v = (lw_clock_virtual *)c;
  return v->wall0_ns + v->now_ns;
}

static int virtual_is_synced(lw_clock *c) {
  (void)c;
  return 1;
}

static void virtual_wait_until(lw_clock *c, int64_t t_ns) {
  lw_clock_virtual *v = (lw_clock_virtual *)c;
  if (t_ns > v->now_ns)
    v->now_ns = t_ns;
}

void lw_clock_virtual_init(lw_clock_virtual *v, int64_t wall0_ns) {
  *v = (lw_clock_virtual){.clock = {virtual_now_ns, virtual_wall_ns,
                                    virtual_is_synced, virtual_wait_until},
                          .now_ns = 0,
                          .wall0_ns = wall0_ns};
}

int64_t lw_clock_read(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * LW_S + t.tv_nsec;
}
