// Runs a model off the caller's thread: a queue, some contexts with a thread
// each, a deadline for every job.
//
// A caller adds a job and goes on; when it has ended the descriptor of
// lw_infer_runner_fd becomes readable. A job past its deadline ends as late at
// once and its run is cancelled; a full queue refuses. Jobs that wait together
// share a run when the model takes batches.
#ifndef LW_INFER_RUNNER_H
#define LW_INFER_RUNNER_H

#include "base/clock.h"  // lw_clock
#include "infer/infer.h" // lw_infer_model

typedef struct lw_infer_runner lw_infer_runner;
typedef struct lw_infer_job lw_infer_job;

typedef struct lw_infer_runner_config {
  const lw_infer_model *model; // borrowed until free
  lw_clock *clock;             // a real one: deadlines are its now_ns
  uint32_t contexts;           // threads, 1 to 16
  uint32_t queue;              // jobs that may wait, 1 to 4096
  uint32_t batch;              // rows of one run at most, 1 = no batching
} lw_infer_runner_config;

// LW_E_RANGE, LW_E_NOMEM, or what the backend said to a new context.
int lw_infer_runner_new(lw_infer_runner **r, const lw_infer_runner_config *c,
                        lw_err *e);
// Cancels what runs and waits for the threads; jobs that were not dropped stay
// readable. NULL is fine.
void lw_infer_runner_free(lw_infer_runner *r);
// An eventfd; read 8 bytes to quieten it.
int lw_infer_runner_fd(const lw_infer_runner *r);

enum {
  LW_JOB_WAITING,
  LW_JOB_RUNNING,
  LW_JOB_DONE,
  LW_JOB_FAILED, // lw_infer_job_error says why
  LW_JOB_LATE    // the deadline passed
};

// Queue a run over copies of inputs in [in_n], one for each input of the
// model. LW_E_FULL, LW_E_SHAPE, LW_E_TYPE, LW_E_NOMEM.
int lw_infer_runner_add(lw_infer_runner *r, const lw_tensor *in, size_t in_n,
                        int64_t deadline_ns, lw_infer_job **job, lw_err *e);
int lw_infer_job_state(lw_infer_job *job);
// Sleep until the job has ended; returns its state.
int lw_infer_job_wait(lw_infer_job *job);
// Output i of a job that is done, valid until the drop.
int lw_infer_job_result(lw_infer_job *job, size_t i, lw_tensor *t);
const lw_err *lw_infer_job_error(const lw_infer_job *job);
// From being added to its end [ns]; 0 while it goes on.
int64_t lw_infer_job_took_ns(const lw_infer_job *job);
// The caller needs it no more; one that goes on is cancelled. NULL is fine.
void lw_infer_job_drop(lw_infer_job *job);

// Latencies from being added to the end, one count for each third of an octave
// from 1 us on.
#define LW_INFER_BINS 72
typedef struct lw_infer_stats {
  uint64_t done, failed, late, refused;
  uint32_t waiting, deepest; // jobs in the queue now, and at most ever
  uint64_t runs;             // of the model: fewer than jobs when batched
  uint64_t bins[LW_INFER_BINS];
} lw_infer_stats;
void lw_infer_runner_stats(lw_infer_runner *r, lw_infer_stats *s);
// Upper end of the bin in which the share q of the jobs lies [ns]; 0: no jobs.
int64_t lw_infer_stats_quantile(const lw_infer_stats *s, double q);

#endif
