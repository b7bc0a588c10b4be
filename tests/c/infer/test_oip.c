// Models on a server: against an independent peer in Python, with its faults.
#include "models.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "infer/breaker.h"
#include "infer/runner.h"
#include "loop/clock.h"

static int port, to_server;
static pid_t server;

static int start_server(void **state) {
  (void)state;
  int in[2], out[2];
  char line[16] = "";
  // Started without a standard input, a pipe would take its place.
  while (fcntl(0, F_GETFD) < 0)
    if (open("/dev/null", O_RDWR) < 0)
      return -1;
  if (pipe(in) < 0 || pipe(out) < 0)
    return -1;
  server = fork();
  if (server == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    close(in[1]);
    close(out[0]);
    execlp("python3", "python3", "tests/support/oip_server.py", (char *)NULL);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_server = in[1];
  // Python writes the number and the end of its line apart.
  for (size_t n = 0; n < sizeof line - 1 && !strchr(line, '\n'); n++)
    if (read(out[0], line + n, 1) != 1)
      return -1;
  port = atoi(line);
  close(out[0]);
  return port > 0 ? 0 : -1;
}

static int stop_server(void **state) {
  (void)state;
  close(to_server);
  return waitpid(server, NULL, 0) == server ? 0 : -1;
}

static int open_remote(lw_infer_model *m, const char *name, lw_err *e) {
  char url[128];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v2/models/%s", port, name);
  return open_model(m, url, NULL, NULL, e);
}

static int has_curl(void) {
  const char *version;
  lw_err e = {0};
  int has = lw_infer_find("oip")->available(&version, &e) == 0;
  if (!has)
    print_message("skipped: %s\n", e.text);
  return has;
}

// One call of a fresh context; the outputs are the backend's.
static int call(lw_infer_model *m, const float *x, int64_t rows, float *y,
                lw_err *e) {
  const lw_infer_backend *b = m->backend;
  void *c;
  lw_tensor in = floats(x, rows, 4), none = {0}, out;
  int rc = b->context_new(&c, m->model, e);
  rc = rc < 0 ? rc : b->bind(c, LW_INFER_IN, 0, &in, e);
  rc = rc < 0 ? rc : b->bind(c, LW_INFER_OUT, 0, &none, e);
  rc = rc < 0 ? rc : b->run(c, e);
  if (rc == 0 && b->result(c, 0, &out) == 0)
    memcpy(y, out.data, out.bytes);
  b->context_free(c);
  return rc;
}

static void test_tensors_cross_as_bytes_and_as_numbers(void **state) {
  (void)state;
  const char *names[] = {"affine", "numbers", "busy"}; // busy: the second try
  if (!has_curl())
    skip();
  for (size_t i = 0; i < 3; i++) {
    lw_infer_model m;
    lw_err e = {0};
    lw_infer_used used;
    float x[8] = {1, 2, 3, 4, 5, 6, 7, 8.5f}, y[8] = {0};
    if (open_remote(&m, names[i], &e) < 0)
      fail_msg("%s", e.text);
    assert_string_equal("oip", m.backend->name);
    m.backend->used(m.model, &used);
    assert_non_null(strstr(used.provider, names[i]));
    assert_int_equal(0, call(&m, x, 2, y, &e));
    assert_true(y[0] == 3 && y[7] == 18);
    lw_infer_model_close(&m);
  }
}

static void test_unsound_answers_are_refused(void **state) {
  (void)state;
  const char *cases[][2] = {
      {"broken", "does not have the bytes of its shape"},
      {"garbage", "JSON, byte 0"},
      {"lying", "has another shape than described"},
  };
  if (!has_curl())
    skip();
  for (size_t i = 0; i < 3; i++) {
    lw_infer_model m;
    lw_err e = {0};
    float x[4] = {0}, y[8];
    assert_int_equal(0, open_remote(&m, cases[i][0], &e));
    assert_true(call(&m, x, 1, y, &e) < 0);
    if (!strstr(e.text, cases[i][1]))
      fail_msg("'%s' lacks '%s'", e.text, cases[i][1]);
    lw_infer_model_close(&m);
  }
}

static void test_a_server_that_is_not_there_is_one_sentence(void **state) {
  (void)state;
  lw_infer_model m;
  lw_err e = {0};
  if (!has_curl())
    skip();
  assert_int_equal(LW_E_PROTO, open_remote(&m, "nosuch", &e));
  assert_non_null(strstr(e.text, "the server answered 404"));
  assert_int_equal(LW_E_IO, open_model(&m, "http://127.0.0.1:1/v2/models/x",
                                       NULL, NULL, &e));
  assert_non_null(strstr(e.text, "127.0.0.1"));
}

static void test_a_dead_server_is_left_alone(void **state) {
  (void)state;
  lw_infer_model m;
  lw_err e = {0};
  float x[4] = {0}, y[4];
  if (!has_curl())
    skip();
  assert_int_equal(0, open_remote(&m, "down", &e));
  for (int i = 0; i < LW_BREAKER_FAILURES; i++)
    assert_int_equal(LW_E_PROTO, call(&m, x, 1, y, &e));
  assert_int_equal(LW_E_AGAIN, call(&m, x, 1, y, &e));
  assert_non_null(strstr(e.text, "is left alone for 1 s"));
  lw_infer_model_close(&m);
}

static void test_the_circuit_lets_one_through_after_its_pause(void **state) {
  (void)state;
  lw_breaker b;
  assert_int_equal(0, lw_breaker_init(&b));
  for (int i = 0; i < LW_BREAKER_FAILURES; i++) {
    assert_true(lw_breaker_allows(&b));
    lw_breaker_tell(&b, 0);
  }
  assert_false(lw_breaker_allows(&b));
  usleep(1100000);
  assert_true(lw_breaker_allows(&b));
  assert_false(lw_breaker_allows(&b)); // one is enough to see
  lw_breaker_tell(&b, 0);
  assert_int_equal(2, b.pause_s);
  assert_false(lw_breaker_allows(&b));
  lw_breaker_tell(&b, 1);
  assert_true(lw_breaker_allows(&b));
  lw_breaker_fini(&b);
}

static void test_a_slow_server_ends_at_the_deadline(void **state) {
  (void)state;
  lw_infer_model m;
  lw_err e = {0};
  float x[4] = {0};
  if (!has_curl())
    skip();
  assert_int_equal(0, open_remote(&m, "slow", &e));
  lw_infer_runner_config c = {&m, lw_clock_real(), 1, 4, 1};
  lw_infer_runner *r;
  lw_infer_job *job;
  lw_tensor in = floats(x, 1, 4);
  assert_int_equal(0, lw_infer_runner_new(&r, &c, &e));
  int64_t due_ns = lw_now_ns(c.clock) + 100 * LW_MS;
  assert_int_equal(0, lw_infer_runner_add(r, &in, 1, due_ns, &job, &e));
  assert_int_equal(LW_JOB_LATE, lw_infer_job_wait(job));
  lw_infer_job_drop(job);
  lw_infer_runner_free(r); // waits for the thread: the request was given up
  lw_infer_model_close(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tensors_cross_as_bytes_and_as_numbers),
      cmocka_unit_test(test_unsound_answers_are_refused),
      cmocka_unit_test(test_a_server_that_is_not_there_is_one_sentence),
      cmocka_unit_test(test_a_dead_server_is_left_alone),
      cmocka_unit_test(test_the_circuit_lets_one_through_after_its_pause),
      cmocka_unit_test(test_a_slow_server_ends_at_the_deadline),
  };
  return cmocka_run_group_tests(tests, start_server, stop_server);
}
