// A lane: takes jobs from the queue, joins them where it may, runs them.
#include <stdlib.h> // aligned_alloc, free
#include <string.h> // memcpy, memcmp

#include "infer/runner_private.h"

// Memory of one run: joined inputs, outputs of known size.
typedef struct buffers {
  lw_tensor in[LW_INFER_TENSORS], out[LW_INFER_TENSORS];
} buffers;

static void *room(size_t bytes) {
  return aligned_alloc(64, (bytes + 127) / 64 * 64);
}

// ----------------------------------------------------------------- taking ---

static int joins(const lw_infer_job *a, const lw_infer_job *b) {
  for (size_t i = 0; i < a->in_n; i++)
    if (a->in[i].dim_n != b->in[i].dim_n ||
        memcmp(a->in[i].dims + 1, b->in[i].dims + 1,
               sizeof a->in[i].dims - sizeof a->in[i].dims[0]) ||
        b->in[i].dims[0] != b->rows)
      return 0;
  return 1;
}

static lw_infer_job *pop(lw_infer_runner *r) {
  lw_infer_job *job = r->first;
  r->first = job->next;
  r->last = r->first ? r->last : NULL;
  job->next = NULL;
  r->stats.waiting--;
  return job;
}

// Jobs nobody waits for any more fall out here.
static lw_infer_job *take_live(lw_infer_runner *r) {
  while (r->first) {
    lw_infer_job *job = pop(r);
    if (job->state == LW_JOB_WAITING && job->is_kept) {
      job->state = LW_JOB_RUNNING;
      return job;
    }
    lw_infer_job_release(job);
  }
  return NULL;
}

// One job, and those behind it that may share its run.
static void take_batch(lane *l) {
  lw_infer_runner *r = l->runner;
  lw_infer_job *head = l->batch = take_live(r), *tail = head;
  if (!head || !r->is_batchable || r->config.batch == 1)
    return;
  int64_t rows = head->rows;
  while (r->first && rows + r->first->rows <= r->config.batch &&
         joins(head, r->first)) {
    lw_infer_job *job = take_live(r);
    if (!job)
      return;
    rows += job->rows;
    tail = tail->next = job;
  }
}

// ---------------------------------------------------------------- running ---

static int64_t rows_of(const lw_infer_job *batch) {
  int64_t rows = 0;
  for (const lw_infer_job *j = batch; j; j = j->next)
    rows += j->rows;
  return rows;
}

static int join_input(const lw_infer_job *batch, size_t i, lw_tensor *t) {
  *t = batch->in[i];
  if (!batch->next) {
    t->data = NULL; // bound where it lies
    return 0;
  }
  t->dims[0] = rows_of(batch);
  t->bytes = 0;
  for (const lw_infer_job *j = batch; j; j = j->next)
    t->bytes += j->in[i].bytes;
  char *to = t->data = room(t->bytes);
  if (!to)
    return LW_E_NOMEM;
  for (const lw_infer_job *j = batch; j; j = j->next) {
    memcpy(to, j->in[i].data, j->in[i].bytes);
    to += j->in[i].bytes;
  }
  return 0;
}

// Outputs whose size is known lie in our memory, the others in the backend's.
static int make_output(lane *l, size_t i, lw_tensor *t, int64_t rows) {
  const lw_infer_model *m = l->runner->config.model;
  lw_infer_io io;
  size_t count;
  m->backend->describe(m->model, LW_INFER_OUT, i, &io);
  *t = (lw_tensor){.type = io.type, .dim_n = io.dim_n};
  memcpy(t->dims, io.dims, sizeof t->dims);
  if (io.dim_n > 0 && t->dims[0] < 0 && (m->backend->traits & LW_INFER_INLINE))
    t->dims[0] = rows;
  if (io.type == LW_INFER_text ||
      lw_infer_count(t->dims, t->dim_n, lw_infer_type_bytes(t->type), &count) <
          0) {
    *t = (lw_tensor){0};
    return 0;
  }
  t->bytes = count * lw_infer_type_bytes(t->type);
  t->data = room(t->bytes);
  return t->data ? 0 : LW_E_NOMEM;
}

static int bind_all(lane *l, buffers *b, lw_err *e) {
  lw_infer_runner *r = l->runner;
  const lw_infer_backend *backend = r->config.model->backend;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < r->in_n; i++) {
    rc = join_input(l->batch, i, &b->in[i]);
    lw_tensor t = b->in[i];
    t.data = t.data ? t.data : l->batch->in[i].data;
    rc = rc < 0 ? rc : backend->bind(l->context, LW_INFER_IN, i, &t, e);
  }
  for (size_t i = 0; rc == 0 && i < r->out_n; i++) {
    rc = make_output(l, i, &b->out[i], rows_of(l->batch));
    rc =
        rc < 0 ? rc : backend->bind(l->context, LW_INFER_OUT, i, &b->out[i], e);
  }
  if (rc == LW_E_NOMEM)
    lw_err_set(e, rc, "out of memory for a run");
  return rc;
}

// A job's own rows of an output; the whole of it when it ran alone.
static int cut(lw_infer_job *job, size_t i, const lw_tensor *whole,
               int64_t first, int64_t rows) {
  lw_tensor *to = &job->out[i];
  *to = *whole;
  const char *from = whole->data;
  if (job->rows != rows) {
    if (whole->dim_n < 1 || whole->dims[0] != rows)
      return LW_E_SHAPE;
    size_t per = whole->bytes / (size_t)rows;
    to->dims[0] = job->rows;
    to->bytes = per * (size_t)job->rows;
    from += per * (size_t)first;
  }
  to->data = room(to->bytes);
  if (!to->data)
    return LW_E_NOMEM;
  memcpy(to->data, from, to->bytes);
  return 0;
}

static int share_out(lane *l, lw_err *e) {
  lw_infer_runner *r = l->runner;
  const lw_infer_backend *backend = r->config.model->backend;
  int64_t rows = rows_of(l->batch);
  for (size_t i = 0; i < r->out_n; i++) {
    lw_tensor whole;
    int rc = backend->result(l->context, i, &whole);
    if (rc == 0 && whole.type == LW_INFER_text)
      rc = LW_E_UNSUPPORTED;
    int64_t first = 0;
    for (lw_infer_job *j = l->batch; rc == 0 && j; j = j->next) {
      rc = cut(j, i, &whole, first, rows);
      first += j->rows;
    }
    if (rc < 0)
      return lw_err_set(e, rc, "output %zu: %s", i + 1, lw_err_text(rc));
  }
  return 0;
}

static int run_batch(lane *l, lw_err *e) {
  buffers b = {0};
  int rc = bind_all(l, &b, e);
  if (rc == 0)
    rc = l->runner->config.model->backend->run(l->context, e);
  if (rc == 0)
    rc = share_out(l, e);
  for (size_t i = 0; i < l->runner->in_n; i++)
    free(b.in[i].data);
  for (size_t i = 0; i < l->runner->out_n; i++)
    free(b.out[i].data);
  return rc;
}

static void end_batch(lane *l, int rc, const lw_err *e) {
  l->runner->stats.runs++;
  while (l->batch) {
    lw_infer_job *job = l->batch;
    l->batch = job->next;
    lw_infer_job_end(job, rc < 0 ? LW_JOB_FAILED : LW_JOB_DONE,
                     rc < 0 ? e : NULL);
    lw_infer_job_release(job);
  }
}

// A cancel that came after the run's end would end the next one: such a context
// is replaced.
static void renew(lane *l) {
  const lw_infer_model *m = l->runner->config.model;
  void *fresh = NULL;
  lw_err e = {0};
  if (m->backend->context_new(&fresh, m->model, &e) == 0) {
    m->backend->context_free(l->context);
    l->context = fresh;
  }
}

void *lw_infer_lane_main(void *arg) {
  lane *l = arg;
  lw_infer_runner *r = l->runner;
  pthread_mutex_lock(&r->mutex);
  while (!r->is_ending) {
    take_batch(l);
    if (!l->batch) {
      pthread_cond_wait(&r->work, &r->mutex);
      continue;
    }
    pthread_cond_signal(&r->watch);
    pthread_mutex_unlock(&r->mutex);
    lw_err e = {0};
    int rc = run_batch(l, &e);
    pthread_mutex_lock(&r->mutex);
    end_batch(l, rc, &e);
    if (l->is_cancelled && rc != LW_E_CLOSED)
      renew(l);
    l->is_cancelled = 0;
  }
  pthread_mutex_unlock(&r->mutex);
  return NULL;
}
