// Inside of a runner; for runner*.c and stats.c only.
#ifndef LW_INFER_RUNNER_PRIVATE_H
#define LW_INFER_RUNNER_PRIVATE_H

#include <pthread.h> // pthread_t

#include "infer/runner.h"

struct lw_infer_job {
  lw_infer_runner *runner;
  lw_infer_job *next;  // in the queue, or in a lane's batch
  lw_tensor *in, *out; // [in_n], [out_n]; data owned
  size_t in_n, out_n;
  int64_t rows; // dims[0] of the first input, for batches
  int64_t begun_ns, deadline_ns, took_ns;
  int state;   // LW_JOB_*
  int is_kept; // by the caller
  int is_busy; // a lane or the queue still holds it
  lw_err error;
};

// One context with its thread.
typedef struct lane {
  lw_infer_runner *runner;
  void *context;
  pthread_t thread;
  int has_thread;
  lw_infer_job *batch; // what it runs now
  int is_cancelled;    // was told to end this run
} lane;

#define LANES_MAX 16

struct lw_infer_runner {
  lw_infer_runner_config config;
  size_t in_n, out_n;
  int is_batchable; // every input and output has rows of any number
  int fd;
  pthread_mutex_t mutex;
  pthread_cond_t work, watch, ended; // a job came; deadlines changed; one ended
  pthread_t watcher;
  int has_watcher, is_ending;
  uint32_t refs;              // the owner, and jobs that callers keep
  lw_infer_job *first, *last; // the queue
  lane lanes[LANES_MAX];
  lw_infer_stats stats;
};

uint32_t lw_infer_bin(int64_t took_ns);

void *lw_infer_lane_main(void *lane);

// With the mutex held: a job comes to its end, the caller is told.
void lw_infer_job_end(lw_infer_job *job, int state, const lw_err *why);
// With the mutex held: neither lane nor queue holds it any more; frees it when
// the caller does not either.
void lw_infer_job_release(lw_infer_job *job);
void lw_infer_job_free(lw_infer_job *job);

#endif
