// Inside of a host, shared by host*.c only.
#ifndef LW_WORKER_HOST_PRIVATE_H
#define LW_WORKER_HOST_PRIVATE_H

#include "worker/host.h"

struct lw_host {
  lw_host_config config;
  lw_loop *loop;
  lw_line *line;
  lw_child *worker, *twin; // NULL = none is running
  int bell_fd;             // our end of the worker's bell, -1
  int commit_fd;           // eventfd that the writer thread rings
  int64_t opened_ns, spawned_ns;
  int is_started; // drivers were good, the first worker was started
  int has_reset, has_start;
  int deaths;
  int64_t look_timer;
  int is_ended;        // on_end was called
  int abandoned_state; // how a person ended the run without a worker, or 0
  int is_over; // the run itself came to its end: its outputs are its own
};

// Tell the owner, once, that it is over.
void lw_host_end(lw_host *h, lw_host_ending ending, const lw_err *e);
// Wake the worker: records were committed or a command was sent.
void lw_host_ring(lw_host *h);

#endif
