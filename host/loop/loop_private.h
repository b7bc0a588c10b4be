// Inside of the loop, shared by the files of this room only.
#ifndef LW_LOOP_LOOP_PRIVATE_H
#define LW_LOOP_LOOP_PRIVATE_H

#include <uv.h>

#include "loop/heap.h" // lw_heap
#include "loop/loop.h"

typedef struct lw_timer {
  void (*fn)(void *arg); // NULL = free place
  void *arg;
  uint32_t round; // tells a new timer from the one that had its place before
} lw_timer;

typedef struct lw_watch {
  uv_poll_t poll; // first: a handle is its watch
  int fd;
  void (*fn)(void *arg);
  void *arg;
  struct lw_watch *next;
} lw_watch;

typedef struct lw_sigwatch {
  uv_signal_t handle; // first
  void (*fn)(void *arg, int signo);
  void *arg;
} lw_sigwatch;

struct lw_child {
  uv_process_t process; // first
  lw_loop *loop;
  void (*on_exit)(void *arg, int status, int signo);
  void *arg;
  int is_running;
  lw_child *next;
};

struct lw_loop {
  uv_loop_t uv;
  uv_timer_t alarm; // armed for the top of the heap
  lw_heap heap;
  lw_timer *timers; // [timer_cap]
  size_t timer_cap;
  lw_watch *watches;
  lw_child *children;
  int is_stopped;
};

#endif
