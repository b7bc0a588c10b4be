// A circuit breaker: after some failures in a row nothing is tried for a while.
#ifndef LW_INFER_BREAKER_H
#define LW_INFER_BREAKER_H

#include <pthread.h> // pthread_mutex_t
#include <stdint.h>  // uint32_t

typedef struct lw_breaker {
  pthread_mutex_t mutex;
  int timer_fd;      // rings when the pause is over
  uint32_t failures; // in a row
  uint32_t pause_s;  // of the newest opening; 0 = closed
  int is_open, is_probing;
} lw_breaker;

#define LW_BREAKER_FAILURES 5
#define LW_BREAKER_PAUSE_MAX_S 60

// LW_E_IO when the system has no timer left.
int lw_breaker_init(lw_breaker *b);
void lw_breaker_fini(lw_breaker *b);
// May a call be tried now? While open only one, once the pause is over.
int lw_breaker_allows(lw_breaker *b);
// How the call that was allowed ended.
void lw_breaker_tell(lw_breaker *b, int is_success);

#endif
