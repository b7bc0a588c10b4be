// The worker process's side: map what the host shares, then tick in real time.
#ifndef LW_WORKER_ATTACH_H
#define LW_WORKER_ATTACH_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

#include "image/port.h" // lw_port
#include "io/sim.h"     // lw_sim

typedef struct lw_worker lw_worker;

typedef struct lw_worker_config {
  int image_fd, desk_fd, bell_fd; // inherited; taken by lw_worker_open
  const uint8_t *plan;            // encoded by this process, borrowed
  size_t plan_n;
} lw_worker_config;

// A standby has read its recipe and waits for the worker before it to die:
// block until the host sends a byte through the bell. Returns 1, or 0 when the
// host has closed it.
int lw_worker_await(int bell_fd);

// Map both regions and check them against this process's own plan: host and
// worker must have built the very same one. LW_E_CORRUPT otherwise.
int lw_worker_open(lw_worker **w, const lw_worker_config *c, lw_err *e);
void lw_worker_close(lw_worker *w);
lw_port *lw_worker_port(lw_worker *w);

// Also ring when fd can be read: another thread of this process has something
// for the script. An eventfd; stays the caller's. LW_E_FULL.
int lw_worker_watch(lw_worker *w, int fd);

// What the worker does; a non-zero return ends lw_worker_run with that value.
typedef struct lw_worker_calls {
  int (*tick)(void *arg, int64_t now_ns); // once per plan.tick_ns
  int (*bell)(void *arg); // records were committed or a command came in
  void *arg;
} lw_worker_calls;

// Tick on a fixed grid; a late tick skips, never bursts. The heartbeat is given
// after each tick that came back, so a hanging script is a silent one. Rings
// the host's bell whenever records were emitted.
// Returns what a call returned, or LW_E_CLOSED when the host is gone.
int lw_worker_run(lw_worker *w, const lw_worker_calls *calls);

// A twin in a process of its own: map the terminal strip ...
int lw_twin_open(lw_sim **sim, int fd, lw_err *e);
// ... and call step on a fixed grid of the real clock until it returns
// non-zero, which is returned; dt_s is the time since the call before.
int lw_twin_run(int64_t period_ns, int (*step)(void *arg, double dt_s),
                void *arg);

#endif
