// Inside of a host, shared by host*.c only.
#ifndef LW_WORKER_HOST_PRIVATE_H
#define LW_WORKER_HOST_PRIVATE_H

#include "worker/host.h"

// A process that runs the recipe, or stands by to go on with it.
typedef struct lw_post {
  lw_host *host;
  lw_child *child; // NULL = nobody
  int bell_fd;     // our end of its bell, -1
} lw_post;

// A profile being read anew, and how the last such reading ended.
typedef struct lw_reload {
  lw_child *child; // the loader, NULL = none
  int fd;          // our end of its pipe, -1
  int64_t timer;   // its patience
  char *message;   // [n] what it has said so far
  size_t n, cap;
  int number;      // of the newest reload, 0 = never
  int result;      // as lw_host_reload_look says
  char text[8192]; // for people
  char who[64];
  lw_bundle bundle; // taken up by a reload; points into kept
  char *kept;
} lw_reload;

struct lw_host {
  lw_host_config config;
  lw_loop *loop;
  lw_line *line;
  lw_post posts[2];
  lw_post *worker;  // the one that runs the recipe, NULL = none
  lw_post *standby; // the other one, its recipe loaded, NULL = none
  int standby_deaths;
  lw_child *twin;
  lw_reload reload;
  int commit_fd; // eventfd that the writer thread rings
  int64_t opened_ns, spawned_ns;
  int is_started; // drivers were good, the first worker was started
  int has_reset, has_start;
  uint32_t sent_n; // commands sent to this worker
  int deaths;
  int64_t
      silent_ns; // how long the worker that was killed for it had been still
  char death[LW_DEATH_TEXT]; // how the last worker ended
  int64_t look_timer;
  int is_ended;           // on_end was called
  int is_stopped;         // lw_host_stop was
  int abandoned_state;    // how a person ended the run without a worker, or 0
  int64_t wall_offset_ns; // wall time less the run's clock, as last seen
  int has_wall_offset;
  int has_no_journal; // the store stopped: Held without a worker
  int is_over;        // the run itself came to its end: its outputs are its own
};

// Tell the owner, once, that it is over.
void lw_host_end(lw_host *h, lw_host_ending ending, const lw_err *e);
// The same for a fault of our own; the outputs go to stop.
void lw_host_broken(lw_host *h, const lw_err *e);
// Put into h->death how the worker ended, in words.
void lw_host_say_death(lw_host *h, int status, int signo);
// Wake the worker: records were committed or a command was sent.
void lw_host_ring(lw_host *h);

// Put the texts of a bundle into the store. Returns 0 or its error.
int lw_host_keep(lw_host *h, const lw_bundle *b, lw_err *e);

// Record when somebody set the wall clock. Control never sees it.
void lw_host_watch_clock(lw_host *h);

// Build a line and start its threads. previous gives its simulated plant, when
// not NULL; *line is to be freed also on failure, when it is not NULL.
int lw_host_open_line(lw_host *h, const lw_bundle *b, lw_line *previous,
                      lw_line **line, lw_err *e);

// host_reload.c
void lw_host_reload_fini(lw_host *h);

// host_spawn.c: the processes. A worker that dies is told to host.c, which has
// none by then; what fails in spawning is told by lw_host_broken.
void lw_host_spawn_init(lw_host *h);
// Start the worker; to resume, the standby takes over when there is one.
void lw_host_spawn(lw_host *h, int is_resume);
void lw_host_standby(lw_host *h); // start one, unless there is one
void lw_host_let_go(lw_host *h);  // kill worker and standby, hear no more
int lw_host_spawn_twin(lw_host *h, lw_err *e);
void lw_host_let_go_twin(lw_host *h);
void lw_host_worker_exit(lw_host *h, int status, int signo); // in host.c

#endif
