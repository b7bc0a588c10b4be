// Jobs off the thread: results, joined runs, deadlines, full queues, and what
// happens to jobs when their runner goes. The backend is the test's own, so
// that it can be as slow as a case needs.
#include "models.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "infer/runner.h"
#include "loop/clock.h"

// Doubles its rows; waits at a gate that the test opens.
static struct { atomic_int is_open, runs, cancels, widest; } gate;

typedef struct slow {
  lw_tensor in, out;
  float own[64];
  atomic_int is_cancelled;
} slow;

static int probe(const char *path, const uint8_t *head, size_t n) {
  (void)path, (void)head, (void)n;
  return 0;
}

static int load(void **model, const lw_infer_source *s,
                const lw_infer_options *o, lw_err *e) {
  (void)s, (void)o, (void)e;
  *model = &gate;
  return 0;
}

static int describe(const void *m, int direction, size_t i, lw_infer_io *io) {
  (void)m;
  *io = (lw_infer_io){.name = direction ? "y" : "x",
                      .type = LW_INFER_f32,
                      .dim_n = 2,
                      .dims = {-1, 2}};
  return i ? LW_E_NOTFOUND : 0;
}

static void used(const void *m, lw_infer_used *u) {
  (void)m;
  *u = (lw_infer_used){.provider = "test", .level = ""};
}

static int context_new(void **c, void *m, lw_err *e) {
  (void)m, (void)e;
  *c = calloc(1, sizeof(slow));
  return 0;
}

static int bind(void *arg, int direction, size_t i, const lw_tensor *t,
                lw_err *e) {
  (void)i, (void)e;
  slow *c = arg;
  *(direction ? &c->out : &c->in) = *t;
  return 0;
}

static int run(void *arg, lw_err *e) {
  slow *c = arg;
  atomic_fetch_add(&gate.runs, 1);
  int rows = (int)c->in.dims[0];
  if (rows > atomic_load(&gate.widest))
    atomic_store(&gate.widest, rows);
  while (!atomic_load(&gate.is_open)) {
    if (atomic_exchange(&c->is_cancelled, 0))
      return lw_err_set(e, LW_E_CLOSED, "cancelled");
    usleep(200);
  }
  const float *x = c->in.data;
  if (x[0] < 0)
    return lw_err_set(e, LW_E_UNSUPPORTED, "no negative numbers");
  for (int i = 0; i < 2 * rows; i++)
    c->own[i] = 2 * x[i];
  return 0;
}

static int result(void *arg, size_t i, lw_tensor *t) {
  (void)i;
  slow *c = arg;
  *t = c->in;
  t->data = c->own;
  return 0;
}

static void cancel(void *arg) {
  atomic_fetch_add(&gate.cancels, 1);
  atomic_store(&((slow *)arg)->is_cancelled, 1);
}

static void unload(void *m) {
  (void)m;
}

static const lw_infer_backend slow_backend = {LW_INFER_ABI,
                                              sizeof slow_backend,
                                              "slow",
                                              "a test's",
                                              LW_INFER_BATCH | LW_INFER_CANCEL,
                                              NULL,
                                              probe,
                                              load,
                                              describe,
                                              used,
                                              context_new,
                                              bind,
                                              run,
                                              result,
                                              cancel,
                                              free,
                                              unload};

static lw_infer_model model = {.backend = &slow_backend, .model = &gate};

static lw_infer_runner *runner(uint32_t contexts, uint32_t queue,
                               uint32_t batch) {
  lw_infer_runner_config c = {&model, lw_clock_real(), contexts, queue, batch};
  lw_infer_runner *r;
  lw_err e = {0};
  assert_int_equal(0, lw_infer_runner_new(&r, &c, &e));
  return r;
}

static int reset(void **state) {
  (void)state;
  atomic_store(&gate.is_open, 0);
  atomic_store(&gate.runs, 0);
  atomic_store(&gate.cancels, 0);
  atomic_store(&gate.widest, 0);
  return 0;
}

static int add(lw_infer_runner *r, float x, int64_t within_ms,
               lw_infer_job **job) {
  float row[2] = {x, x + 1};
  lw_tensor t = floats(row, 1, 2);
  lw_err e = {0};
  int64_t due = lw_now_ns(lw_clock_real()) + within_ms * LW_MS;
  return lw_infer_runner_add(r, &t, 1, due, job, &e);
}

// At most five seconds, then the test fails where it looks at the state.
static int ended(lw_infer_job *job) {
  int state;
  for (int i = 0; i < 25000; i++, usleep(200))
    if ((state = lw_infer_job_state(job)) > LW_JOB_RUNNING)
      return state;
  return state;
}

static void expect(lw_infer_job *job, float x) {
  lw_tensor t;
  assert_int_equal(LW_JOB_DONE, ended(job));
  assert_int_equal(0, lw_infer_job_result(job, 0, &t));
  assert_int_equal(1, t.dims[0]);
  assert_true(((float *)t.data)[0] == 2 * x);
  assert_true(((float *)t.data)[1] == 2 * x + 2);
}

static void test_a_job_gives_its_result_and_rings(void **state) {
  (void)state;
  lw_infer_runner *r = runner(2, 4, 1);
  lw_infer_job *job;
  uint64_t rings = 0;
  atomic_store(&gate.is_open, 1);
  assert_int_equal(0, add(r, 5, 5000, &job));
  expect(job, 5);
  assert_int_equal(8, read(lw_infer_runner_fd(r), &rings, 8));
  assert_true(lw_infer_job_took_ns(job) > 0);
  lw_infer_job_drop(job);
  assert_int_equal(0, add(r, -1, 5000, &job));
  assert_int_equal(LW_JOB_FAILED, ended(job));
  assert_string_equal("no negative numbers", lw_infer_job_error(job)->text);
  lw_infer_job_drop(job);
  lw_infer_stats s;
  lw_infer_runner_stats(r, &s);
  assert_int_equal(1, s.done);
  assert_int_equal(1, s.failed);
  assert_true(lw_infer_stats_quantile(&s, 0.5) > 0);
  lw_infer_runner_free(r);
}

static void test_waiting_jobs_share_a_run(void **state) {
  (void)state;
  lw_infer_runner *r = runner(1, 16, 4);
  lw_infer_job *jobs[9];
  for (int i = 0; i < 9; i++)
    assert_int_equal(0, add(r, (float)i, 5000, &jobs[i]));
  atomic_store(&gate.is_open, 1);
  for (int i = 0; i < 9; i++) {
    expect(jobs[i], (float)i);
    lw_infer_job_drop(jobs[i]);
  }
  assert_int_equal(4, atomic_load(&gate.widest));
  assert_in_range(atomic_load(&gate.runs), 3, 4);
  lw_infer_runner_free(r);
}

static void test_a_late_job_ends_at_once_and_its_run_is_cancelled(void **s) {
  (void)s;
  lw_infer_runner *r = runner(1, 4, 1);
  lw_infer_job *job, *waits;
  assert_int_equal(0, add(r, 1, 20, &job));
  assert_int_equal(0, add(r, 2, 5000, &waits));
  assert_int_equal(LW_JOB_LATE, ended(job));
  assert_string_equal("the deadline passed", lw_infer_job_error(job)->text);
  atomic_store(&gate.is_open, 1);
  expect(waits, 2);
  assert_int_equal(1, atomic_load(&gate.cancels));
  lw_infer_job_drop(job);
  lw_infer_job_drop(waits);
  lw_infer_runner_free(r);
}

static void test_a_full_queue_refuses(void **state) {
  (void)state;
  lw_infer_runner *r = runner(1, 2, 1);
  lw_infer_job *jobs[4];
  assert_int_equal(0, add(r, 1, 5000, &jobs[0]));
  while (lw_infer_job_state(jobs[0]) == LW_JOB_WAITING)
    usleep(100);
  assert_int_equal(0, add(r, 2, 5000, &jobs[1]));
  assert_int_equal(0, add(r, 3, 5000, &jobs[2]));
  assert_int_equal(LW_E_FULL, add(r, 4, 5000, &jobs[3]));
  atomic_store(&gate.is_open, 1);
  for (int i = 0; i < 3; i++) {
    expect(jobs[i], (float)(i + 1));
    lw_infer_job_drop(jobs[i]);
  }
  lw_infer_stats stats;
  lw_infer_runner_stats(r, &stats);
  assert_int_equal(1, stats.refused);
  assert_int_equal(2, stats.deepest);
  lw_infer_runner_free(r);
}

static void test_a_dropped_job_cancels_its_run(void **state) {
  (void)state;
  lw_infer_runner *r = runner(1, 2, 1);
  lw_infer_job *job;
  assert_int_equal(0, add(r, 1, 5000, &job));
  while (lw_infer_job_state(job) == LW_JOB_WAITING)
    usleep(100);
  lw_infer_job_drop(job);
  assert_int_equal(1, atomic_load(&gate.cancels));
  lw_infer_runner_free(r);
}

static void test_jobs_outlive_their_runner(void **state) {
  (void)state;
  lw_infer_runner *r = runner(1, 2, 1);
  lw_infer_job *running, *waiting;
  assert_int_equal(0, add(r, 1, 5000, &running));
  while (lw_infer_job_state(running) == LW_JOB_WAITING)
    usleep(100);
  assert_int_equal(0, add(r, 2, 5000, &waiting));
  lw_infer_runner_free(r);
  assert_int_equal(LW_JOB_FAILED, lw_infer_job_state(running));
  assert_int_equal(LW_JOB_FAILED, lw_infer_job_state(waiting));
  lw_infer_job_drop(running);
  lw_infer_job_drop(waiting);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_a_job_gives_its_result_and_rings, reset),
      cmocka_unit_test_setup(test_waiting_jobs_share_a_run, reset),
      cmocka_unit_test_setup(
          test_a_late_job_ends_at_once_and_its_run_is_cancelled, reset),
      cmocka_unit_test_setup(test_a_full_queue_refuses, reset),
      cmocka_unit_test_setup(test_a_dropped_job_cancels_its_run, reset),
      cmocka_unit_test_setup(test_jobs_outlive_their_runner, reset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
