#include "infer/runner.h"

#include <stdlib.h>      // calloc, free
#include <string.h>      // memcpy
#include <sys/eventfd.h> // eventfd
#include <time.h>        // struct timespec
#include <unistd.h>      // write, close

#include "infer/runner_private.h"

// ------------------------------------------------------------------- jobs ---

void lw_infer_job_free(lw_infer_job *job) {
  for (size_t i = 0; i < job->in_n; i++)
    free(job->in[i].data);
  for (size_t i = 0; i < job->out_n; i++)
    free(job->out[i].data);
  free(job->in);
  free(job->out);
  free(job);
}

void lw_infer_job_release(lw_infer_job *job) {
  job->is_busy = 0;
  if (!job->is_kept)
    lw_infer_job_free(job);
}

void lw_infer_job_end(lw_infer_job *job, int state, const lw_err *why) {
  if (job->state > LW_JOB_RUNNING)
    return; // it was late already
  lw_infer_runner *r = job->runner;
  job->took_ns = lw_now_ns(r->config.clock) - job->begun_ns;
  if (why)
    job->error = *why;
  job->state = state;
  r->stats.done += state == LW_JOB_DONE;
  r->stats.failed += state == LW_JOB_FAILED;
  r->stats.late += state == LW_JOB_LATE;
  r->stats.bins[lw_infer_bin(job->took_ns)]++;
  uint64_t one = 1;
  ssize_t n = write(r->fd, &one, sizeof one);
  (void)n; // a full counter is readable already
  pthread_cond_broadcast(&r->ended);
}

static int copy_input(lw_tensor *to, const lw_tensor *from) {
  *to = *from;
  to->data = aligned_alloc(64, (from->bytes + 127) / 64 * 64);
  if (!to->data)
    return LW_E_NOMEM;
  if (from->bytes)
    memcpy(to->data, from->data, from->bytes);
  return 0;
}

static int fill_job(lw_infer_job *job, lw_infer_runner *r, const lw_tensor *in,
                    lw_err *e) {
  const lw_infer_model *m = r->config.model;
  lw_infer_io io;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < r->in_n; i++) {
    m->backend->describe(m->model, LW_INFER_IN, i, &io);
    rc = lw_infer_fits(&io, &in[i], e);
    if (rc == 0 && in[i].type == LW_INFER_text)
      rc = lw_err_set(e, LW_E_UNSUPPORTED, "texts do not go off the thread");
    if (rc == 0 && (rc = copy_input(&job->in[i], &in[i])) < 0)
      lw_err_set(e, rc, "out of memory for an input");
  }
  job->rows = r->in_n > 0 && in[0].dim_n > 0 ? in[0].dims[0] : 1;
  return rc;
}

static lw_infer_job *new_job(lw_infer_runner *r, const lw_tensor *in,
                             int64_t deadline_ns, lw_err *e) {
  lw_infer_job *job = calloc(1, sizeof *job);
  if (!job) {
    lw_err_set(e, LW_E_NOMEM, "out of memory for a job");
    return NULL;
  }
  *job = (lw_infer_job){.runner = r,
                        .in = calloc(r->in_n, sizeof *job->in),
                        .out = calloc(r->out_n, sizeof *job->out),
                        .in_n = r->in_n,
                        .out_n = r->out_n,
                        .begun_ns = lw_now_ns(r->config.clock),
                        .deadline_ns = deadline_ns,
                        .is_kept = 1,
                        .is_busy = 1};
  int is_there = job->in && job->out;
  if (!is_there) {
    job->in_n = job->in ? job->in_n : 0, job->out_n = job->out ? job->out_n : 0;
    lw_err_set(e, LW_E_NOMEM, "out of memory for a job");
  }
  if (!is_there || fill_job(job, r, in, e) < 0) {
    lw_infer_job_free(job);
    return NULL;
  }
  return job;
}

static int enqueue(lw_infer_runner *r, lw_infer_job *job) {
  pthread_mutex_lock(&r->mutex);
  int is_full = r->stats.waiting >= r->config.queue;
  if (is_full) {
    r->stats.refused++;
  } else {
    *(r->last ? &r->last->next : &r->first) = job;
    r->last = job;
    r->stats.waiting++;
    r->refs++;
    if (r->stats.waiting > r->stats.deepest)
      r->stats.deepest = r->stats.waiting;
    pthread_cond_signal(&r->work);
    pthread_cond_signal(&r->watch);
  }
  pthread_mutex_unlock(&r->mutex);
  return is_full ? LW_E_FULL : 0;
}

int lw_infer_runner_add(lw_infer_runner *r, const lw_tensor *in, size_t in_n,
                        int64_t deadline_ns, lw_infer_job **job, lw_err *e) {
  if (in_n != r->in_n)
    return lw_err_set(e, LW_E_SHAPE, "the model has %zu inputs, given are %zu",
                      r->in_n, in_n);
  lw_infer_job *j = new_job(r, in, deadline_ns, e);
  if (!j)
    return e->code;
  if (enqueue(r, j) < 0) {
    lw_infer_job_free(j);
    return lw_err_set(e, LW_E_FULL, "%u calls wait already", r->config.queue);
  }
  *job = j;
  return 0;
}

int lw_infer_job_state(lw_infer_job *job) {
  lw_infer_runner *r = job->runner;
  pthread_mutex_lock(&r->mutex);
  int state = job->state;
  pthread_mutex_unlock(&r->mutex);
  return state;
}

int lw_infer_job_wait(lw_infer_job *job) {
  lw_infer_runner *r = job->runner;
  pthread_mutex_lock(&r->mutex);
  while (job->state <= LW_JOB_RUNNING)
    pthread_cond_wait(&r->ended, &r->mutex);
  int state = job->state;
  pthread_mutex_unlock(&r->mutex);
  return state;
}

int lw_infer_job_result(lw_infer_job *job, size_t i, lw_tensor *t) {
  if (lw_infer_job_state(job) != LW_JOB_DONE)
    return LW_E_STATE;
  if (i >= job->out_n)
    return LW_E_NOTFOUND;
  *t = job->out[i];
  return 0;
}

const lw_err *lw_infer_job_error(const lw_infer_job *job) {
  return &job->error;
}

int64_t lw_infer_job_took_ns(const lw_infer_job *job) {
  return job->took_ns;
}

static void cancel_lane(lw_infer_runner *r, lane *l) {
  if (l->is_cancelled || !r->config.model->backend->cancel)
    return;
  l->is_cancelled = 1;
  r->config.model->backend->cancel(l->context);
}

// Does anybody still wait for a result of this lane's run?
static int is_wanted(const lane *l) {
  for (const lw_infer_job *j = l->batch; j; j = j->next)
    if (j->state == LW_JOB_RUNNING && j->is_kept)
      return 1;
  return 0;
}

static void cancel_unwanted(lw_infer_runner *r) {
  for (uint32_t i = 0; i < r->config.contexts; i++)
    if (r->lanes[i].batch && !is_wanted(&r->lanes[i]))
      cancel_lane(r, &r->lanes[i]);
}

// The owner and each job that a caller keeps hold the runner's memory.
static void unref(lw_infer_runner *r) {
  pthread_mutex_lock(&r->mutex);
  uint32_t refs = --r->refs;
  pthread_mutex_unlock(&r->mutex);
  if (refs)
    return;
  pthread_cond_destroy(&r->work);
  pthread_cond_destroy(&r->ended);
  pthread_cond_destroy(&r->watch);
  pthread_mutex_destroy(&r->mutex);
  close(r->fd);
  free(r);
}

void lw_infer_job_drop(lw_infer_job *job) {
  if (!job)
    return;
  lw_infer_runner *r = job->runner;
  pthread_mutex_lock(&r->mutex);
  job->is_kept = 0;
  if (!job->is_busy)
    lw_infer_job_free(job);
  else
    cancel_unwanted(r);
  pthread_mutex_unlock(&r->mutex);
  unref(r);
}

// --------------------------------------------------------------- watching ---

// End what is past its time; returns the next deadline, INT64_MAX if none.
static int64_t sweep(lw_infer_job *list, int64_t now_ns) {
  static const lw_err late = {LW_E_TIMEOUT, "the deadline passed"};
  int64_t next = INT64_MAX;
  for (lw_infer_job *j = list; j; j = j->next) {
    if (j->state > LW_JOB_RUNNING)
      continue;
    if (j->deadline_ns <= now_ns)
      lw_infer_job_end(j, LW_JOB_LATE, &late);
    else if (j->deadline_ns < next)
      next = j->deadline_ns;
  }
  return next;
}

static int64_t sweep_all(lw_infer_runner *r) {
  int64_t now_ns = lw_now_ns(r->config.clock);
  int64_t next = sweep(r->first, now_ns);
  for (uint32_t i = 0; i < r->config.contexts; i++) {
    int64_t at = sweep(r->lanes[i].batch, now_ns);
    next = at < next ? at : next;
  }
  cancel_unwanted(r);
  return next;
}

static void *watch(void *arg) {
  lw_infer_runner *r = arg;
  pthread_mutex_lock(&r->mutex);
  while (!r->is_ending) {
    int64_t next = sweep_all(r);
    if (next == INT64_MAX) {
      pthread_cond_wait(&r->watch, &r->mutex);
      continue;
    }
    struct timespec at = {.tv_sec = next / LW_S, .tv_nsec = next % LW_S};
    pthread_cond_timedwait(&r->watch, &r->mutex, &at);
  }
  pthread_mutex_unlock(&r->mutex);
  return NULL;
}

// ------------------------------------------------------------- life cycle ---

// Rows may be joined when they are the first dimension of everything.
static int is_batchable(const lw_infer_runner *r) {
  const lw_infer_model *m = r->config.model;
  lw_infer_io io;
  if (!(m->backend->traits & LW_INFER_BATCH))
    return 0;
  for (int d = LW_INFER_IN; d <= LW_INFER_OUT; d++)
    for (size_t i = 0; m->backend->describe(m->model, d, i, &io) == 0; i++)
      if (io.dim_n < 1 || io.dims[0] >= 0)
        return 0;
  return 1;
}

static int make_locks(lw_infer_runner *r) {
  pthread_condattr_t a;
  r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (r->fd < 0)
    return LW_E_IO;
  // lw_clock's real time is this clock.
  int bad = pthread_condattr_init(&a);
  bad = bad || pthread_condattr_setclock(&a, CLOCK_MONOTONIC) ||
        pthread_mutex_init(&r->mutex, NULL) ||
        pthread_cond_init(&r->work, NULL) ||
        pthread_cond_init(&r->ended, NULL) || pthread_cond_init(&r->watch, &a);
  pthread_condattr_destroy(&a);
  return bad ? LW_E_NOMEM : 0;
}

static int start(lw_infer_runner *r, lw_err *e) {
  const lw_infer_model *m = r->config.model;
  for (uint32_t i = 0; i < r->config.contexts; i++) {
    lane *l = &r->lanes[i];
    l->runner = r;
    int rc = m->backend->context_new(&l->context, m->model, e);
    if (rc < 0)
      return rc;
    l->has_thread =
        pthread_create(&l->thread, NULL, lw_infer_lane_main, l) == 0;
    if (!l->has_thread)
      return lw_err_set(e, LW_E_NOMEM, "no thread to be had for a model");
  }
  r->has_watcher = pthread_create(&r->watcher, NULL, watch, r) == 0;
  return r->has_watcher
             ? 0
             : lw_err_set(e, LW_E_NOMEM, "no thread to be had for a model");
}

int lw_infer_runner_new(lw_infer_runner **out, const lw_infer_runner_config *c,
                        lw_err *e) {
  if (c->contexts < 1 || c->contexts > LANES_MAX || c->queue < 1 ||
      c->queue > 4096 || c->batch < 1 || c->batch > 65536)
    return lw_err_set(e, LW_E_RANGE,
                      "1 to %d contexts, a queue of 1 to 4096 and batches of 1 "
                      "to 65536 rows are fine",
                      LANES_MAX);
  lw_infer_runner *r = calloc(1, sizeof *r);
  if (!r || (r->config = *c, r->refs = 1, make_locks(r) < 0)) {
    free(r);
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a runner");
  }
  r->in_n = lw_infer_io_n(c->model, LW_INFER_IN);
  r->out_n = lw_infer_io_n(c->model, LW_INFER_OUT);
  r->is_batchable = is_batchable(r);
  int rc = start(r, e);
  if (rc < 0)
    lw_infer_runner_free(r);
  else
    *out = r;
  return rc;
}

// Everything that still waits has lost its runner.
static void orphan(lw_infer_runner *r) {
  static const lw_err gone = {LW_E_CLOSED, "the model was closed"};
  while (r->first) {
    lw_infer_job *job = r->first;
    r->first = job->next;
    lw_infer_job_end(job, LW_JOB_FAILED, &gone);
    lw_infer_job_release(job);
  }
}

void lw_infer_runner_free(lw_infer_runner *r) {
  if (!r)
    return;
  pthread_mutex_lock(&r->mutex);
  r->is_ending = 1;
  orphan(r);
  for (uint32_t i = 0; i < r->config.contexts; i++)
    if (r->lanes[i].batch)
      cancel_lane(r, &r->lanes[i]);
  pthread_cond_broadcast(&r->work);
  pthread_cond_broadcast(&r->watch);
  pthread_mutex_unlock(&r->mutex);
  for (uint32_t i = 0; i < r->config.contexts; i++) {
    if (r->lanes[i].has_thread)
      pthread_join(r->lanes[i].thread, NULL);
    r->config.model->backend->context_free(r->lanes[i].context);
    r->lanes[i].context = NULL;
  }
  if (r->has_watcher)
    pthread_join(r->watcher, NULL);
  unref(r);
}

int lw_infer_runner_fd(const lw_infer_runner *r) {
  return r->fd;
}

void lw_infer_runner_stats(lw_infer_runner *r, lw_infer_stats *s) {
  pthread_mutex_lock(&r->mutex);
  *s = r->stats;
  pthread_mutex_unlock(&r->mutex);
}
