#include "infer/breaker.h"

#include <sys/timerfd.h> // timerfd_create
#include <unistd.h>      // read, close

#include "base/err.h" // LW_E_IO

int lw_breaker_init(lw_breaker *b) {
  *b = (lw_breaker){
      .timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
  if (b->timer_fd < 0)
    return LW_E_IO;
  pthread_mutex_init(&b->mutex, NULL);
  return 0;
}

void lw_breaker_fini(lw_breaker *b) {
  if (b->timer_fd < 0)
    return;
  close(b->timer_fd);
  pthread_mutex_destroy(&b->mutex);
  b->timer_fd = -1;
}

int lw_breaker_allows(lw_breaker *b) {
  uint64_t rings;
  pthread_mutex_lock(&b->mutex);
  int may = !b->is_open;
  // The timer is asked, not the clock: it has rung or it has not.
  if (b->is_open && !b->is_probing &&
      read(b->timer_fd, &rings, sizeof rings) == sizeof rings)
    may = b->is_probing = 1;
  pthread_mutex_unlock(&b->mutex);
  return may;
}

static void open_again(lw_breaker *b) {
  uint32_t pause_s = b->pause_s ? b->pause_s * 2 : 1;
  b->pause_s =
      pause_s < LW_BREAKER_PAUSE_MAX_S ? pause_s : LW_BREAKER_PAUSE_MAX_S;
  b->is_open = 1;
  struct itimerspec at = {.it_value = {.tv_sec = b->pause_s}};
  timerfd_settime(b->timer_fd, 0, &at, NULL);
}

void lw_breaker_tell(lw_breaker *b, int is_success) {
  pthread_mutex_lock(&b->mutex);
  if (is_success) {
    b->failures = b->pause_s = 0;
    b->is_open = 0;
  } else if (++b->failures >= LW_BREAKER_FAILURES &&
             (!b->is_open || b->is_probing)) {
    open_again(b);
  }
  b->is_probing = 0;
  pthread_mutex_unlock(&b->mutex);
}
