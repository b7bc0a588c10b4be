// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "loop/clock.h"
#include "loop/local.h"
#include "loop/loop.h"

// ----------------------------------------------------------------- timers ---

typedef struct trace {
  lw_loop *loop;
  char text[64];
  int64_t dropped;
} trace;

static void note(trace *t, char c) {
  size_t n = strlen(t->text);
  t->text[n] = c;
  t->text[n + 1] = 0;
}

static void fire_a(void *arg) {
  note(arg, 'a');
}

static void fire_b(void *arg) {
  trace *t = arg;
  note(t, 'b');
  lw_loop_timer_drop(t->loop, t->dropped);
  lw_loop_timer(t->loop, 0, fire_a, t); // the past: at once, in turn
}

static void fire_c(void *arg) {
  note(arg, 'c');
}

static void fire_stop(void *arg) {
  trace *t = arg;
  note(t, '.');
  lw_loop_stop(t->loop);
}

static void timers_fire_in_order_and_not_once_dropped(void **state) {
  (void)state;
  trace t = {.text = ""};
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  int64_t now = lw_now_ns(lw_clock_real());
  lw_loop_timer(t.loop, now + 20 * LW_MS, fire_stop, &t);
  lw_loop_timer(t.loop, now + 5 * LW_MS, fire_b, &t);
  t.dropped = lw_loop_timer(t.loop, now + 10 * LW_MS, fire_a, &t);
  lw_loop_timer(t.loop, now + 1 * LW_MS, fire_a, &t);
  lw_loop_run(t.loop);
  assert_string_equal(t.text, "aba.");
  assert_true(lw_now_ns(lw_clock_real()) >= now + 20 * LW_MS);
  lw_loop_free(t.loop);
}

static void fifty_timers_of_one_instant_keep_their_order(void **state) {
  (void)state;
  trace t = {.text = ""};
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  int64_t due = lw_now_ns(lw_clock_real()) + 3 * LW_MS;
  for (int i = 0; i < 50; i++)
    lw_loop_timer(t.loop, due, i % 2 ? fire_a : fire_c, &t);
  lw_loop_timer(t.loop, due + LW_MS, fire_stop, &t);
  lw_loop_run(t.loop);
  for (int i = 0; i < 50; i++)
    assert_int_equal(t.text[i], i % 2 ? 'a' : 'c');
  lw_loop_free(t.loop);
}

// A timer that is due already must not keep a stopped loop from returning.
static void a_stopped_loop_returns_and_goes_on_later(void **state) {
  (void)state;
  trace t = {.text = ""};
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  lw_loop_timer(t.loop, 0, fire_stop, &t);
  lw_loop_timer(t.loop, 0, fire_a, &t);
  lw_loop_timer(t.loop, 1, fire_stop, &t);
  lw_loop_run(t.loop);
  assert_string_equal(t.text, ".");
  lw_loop_run(t.loop);
  assert_string_equal(t.text, ".a.");
  lw_loop_free(t.loop);
}

static void what_it_holds_comes_and_goes(void **state) {
  (void)state;
  trace t = {.text = ""};
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  lw_loop_held base = lw_loop_look(t.loop);
  assert_int_equal(base.timers, 0);
  assert_int_equal(lw_loop_watch(t.loop, ends[0], fire_a, &t, NULL), 0);
  int64_t far = lw_now_ns(lw_clock_real()) + 3600 * LW_S;
  int64_t id = lw_loop_timer(t.loop, far, fire_a, &t);
  lw_loop_timer(t.loop, 0, fire_stop, &t);
  assert_int_equal(lw_loop_look(t.loop).timers, 2);
  assert_int_equal(lw_loop_look(t.loop).handles, base.handles + 1);
  lw_loop_unwatch(t.loop, ends[0]);
  lw_loop_timer_drop(t.loop, id);
  lw_loop_run(t.loop);
  assert_int_equal(lw_loop_look(t.loop).timers, 0);
  assert_int_equal(lw_loop_look(t.loop).handles, base.handles);
  lw_loop_free(t.loop);
  close(ends[0]);
  close(ends[1]);
}

// --------------------------------------------------------------- children ---

static int run_shell(const char *script, size_t limit, int64_t timeout_ns,
                     lw_child_end *end, lw_err *e) {
  const char *argv[] = {"sh", "-c", script, NULL};
  lw_child_config c = {.file = "sh", .argv = argv};
  return lw_child_run(&c, limit, timeout_ns, end, e);
}

static void a_child_hands_over_its_message_and_status(void **state) {
  (void)state;
  lw_child_end end;
  assert_int_equal(run_shell("printf 'a\\0b' >&3; exit 3", 1000, 0, &end, NULL),
                   0);
  assert_int_equal(end.n, 3);
  assert_memory_equal(end.message, "a\0b", 4); // the NUL added included
  assert_int_equal(end.status, 3);
  assert_int_equal(end.signo, 0);
  free(end.message);
}

static void a_long_message_arrives_whole(void **state) {
  (void)state;
  lw_child_end end;
  assert_int_equal(
      run_shell("head -c 300000 /dev/zero >&3", 1 << 20, 0, &end, NULL), 0);
  assert_int_equal(end.n, 300000);
  assert_int_equal(end.status, 0);
  free(end.message);
}

static void a_child_that_floods_is_killed(void **state) {
  (void)state;
  lw_child_end end;
  lw_err e;
  assert_int_equal(run_shell("exec cat /dev/zero >&3", 1 << 20, 0, &end, &e),
                   LW_E_FULL);
  assert_null(end.message);
}

static void a_child_that_hangs_is_killed(void **state) {
  (void)state;
  lw_child_end end;
  lw_err e;
  assert_int_equal(run_shell("exec sleep 60", 1000, 20 * LW_MS, &end, &e),
                   LW_E_TIMEOUT);
  assert_string_equal(e.text, "no end after 0.02 s");
}

static void a_crashed_child_tells_its_signal(void **state) {
  (void)state;
  lw_child_end end;
  assert_int_equal(run_shell("kill -SEGV $$", 0, 0, &end, NULL), 0);
  assert_int_equal(end.status, -1);
  assert_int_equal(end.signo, SIGSEGV);
}

static void a_missing_program_is_named(void **state) {
  (void)state;
  const char *argv[] = {"none", NULL};
  lw_child_config c = {.file = "/nonexistent/none", .argv = argv};
  lw_child_end end;
  lw_err e;
  assert_int_equal(lw_child_run(&c, 0, 0, &end, &e), LW_E_IO);
  assert_non_null(strstr(e.text, "/nonexistent/none"));
}

static void on_killed(void *arg, int status, int signo) {
  trace *t = arg;
  assert_int_equal(status, -1);
  assert_int_equal(signo, SIGKILL);
  note(t, 'k');
  lw_loop_stop(t->loop);
}

static void a_running_child_is_killed_and_reaped(void **state) {
  (void)state;
  trace t = {.text = ""};
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  const char *argv[] = {"sleep", "60", NULL};
  lw_child_config c = {
      .file = "sleep", .argv = argv, .on_exit = on_killed, .arg = &t};
  lw_child *child;
  assert_int_equal(lw_child_open(t.loop, &c, &child, NULL), 0);
  assert_true(lw_child_pid(child) > 1);
  lw_child_kill(child, SIGKILL);
  lw_loop_run(t.loop);
  assert_string_equal(t.text, "k");
  lw_loop_free(t.loop);
}

// ------------------------------------------------------------- local door ---

static void answer(void *arg, const char *request, char *out) {
  trace *t = arg;
  snprintf(out, LW_LOCAL_ANSWER_MAX, "heard %s", request);
  if (strcmp(request, "bye") == 0)
    lw_loop_stop(t->loop);
}

static void *loop_thread(void *arg) {
  lw_loop_run(((trace *)arg)->loop);
  return NULL;
}

static void the_door_answers_and_is_private(void **state) {
  (void)state;
  trace t = {.text = ""};
  char path[64], out[128];
  snprintf(path, sizeof path, "/tmp/lw-test-%d.sock", (int)getpid());
  assert_int_equal(lw_local_ask(path, "x", 1000, out, sizeof out, NULL),
                   LW_E_NOTFOUND);
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  lw_local *s, *second;
  assert_int_equal(lw_local_open(&s, t.loop, path, answer, &t, NULL), 0);
  assert_int_equal(lw_local_open(&second, t.loop, path, answer, &t, NULL),
                   LW_E_EXISTS);
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  pthread_t thread;
  pthread_create(&thread, NULL, loop_thread, &t);
  assert_int_equal(lw_local_ask(path, "hold", 5000, out, sizeof out, NULL), 0);
  assert_string_equal(out, "heard hold");
  assert_int_equal(lw_local_ask(path, "bye", 5000, out, sizeof out, NULL), 0);
  pthread_join(thread, NULL);
  lw_local_close(s);
  lw_loop_free(t.loop);
  assert_int_equal(stat(path, &st), -1);
}

static int knock(const char *path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int rc = connect(fd, (struct sockaddr *)&a, sizeof a);
  if (rc == 0)
    return fd;
  close(fd);
  return -1;
}

static void callers_that_say_nothing_keep_nobody_out(void **state) {
  (void)state;
  trace t = {.text = ""};
  char path[64], out[128];
  snprintf(path, sizeof path, "/tmp/lw-test-%d.sock", (int)getpid());
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  lw_local *s;
  assert_int_equal(lw_local_open(&s, t.loop, path, answer, &t, NULL), 0);
  int silent[40];
  for (size_t i = 0; i < 10; i++)
    assert_true((silent[i] = knock(path)) >= 0);
  pthread_t thread;
  pthread_create(&thread, NULL, loop_thread, &t);
  for (size_t i = 10; i < 40; i++)
    while ((silent[i] = knock(path)) < 0)
      sched_yield();
  assert_int_equal(lw_local_ask(path, "hold", 5000, out, sizeof out, NULL), 0);
  assert_string_equal(out, "heard hold");
  assert_int_equal(lw_local_ask(path, "bye", 5000, out, sizeof out, NULL), 0);
  pthread_join(thread, NULL);
  for (size_t i = 0; i < 40; i++)
    close(silent[i]);
  lw_local_close(s);
  lw_loop_free(t.loop);
}

static void a_host_that_stands_still_is_not_waited_for(void **state) {
  (void)state;
  trace t = {.text = ""};
  char path[64], out[128];
  snprintf(path, sizeof path, "/tmp/lw-test-%d.sock", (int)getpid());
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  lw_local *s, *second;
  assert_int_equal(lw_local_open(&s, t.loop, path, answer, &t, NULL), 0);
  int waiting[64];
  size_t n = 0; // until no further one finds a place
  while (n < 64 && (waiting[n] = knock(path)) >= 0)
    n++;
  assert_true(n > 0 && n < 64);
  lw_err e;
  assert_int_equal(lw_local_ask(path, "hold", 50, out, sizeof out, &e),
                   LW_E_TIMEOUT);
  assert_string_equal(e.text, "the host did not answer in 50 ms");
  assert_int_equal(lw_local_open(&second, t.loop, path, answer, &t, NULL),
                   LW_E_EXISTS);
  while (n > 0)
    close(waiting[--n]);
  lw_local_close(s);
  lw_loop_free(t.loop);
}

typedef struct giver {
  lw_loop *loop;
  lw_local *local;
  int fd; // what is handed over
} giver;

static void give(void *arg, const char *request, char *out) {
  giver *g = arg;
  int fds[] = {g->fd, g->fd};
  snprintf(out, LW_LOCAL_ANSWER_MAX, "ok");
  if (strcmp(request, "two") == 0)
    lw_local_hand(g->local, fds, 2);
  if (strcmp(request, "bye") == 0)
    lw_loop_stop(g->loop);
}

static void *giver_thread(void *arg) {
  lw_loop_run(((giver *)arg)->loop);
  return NULL;
}

static void descriptors_go_with_the_answer_they_were_given_for(void **unused) {
  (void)unused;
  giver g = {.fd = open("/dev/null", O_RDONLY)};
  char path[] = "/tmp/lw_test_give_XXXXXX", out[64];
  int fds[LW_LOCAL_FDS_MAX];
  size_t n;
  close(mkstemp(path));
  unlink(path);
  assert_int_equal(lw_loop_new(&g.loop, NULL), 0);
  assert_int_equal(lw_local_open(&g.local, g.loop, path, give, &g, NULL), 0);
  pthread_t thread;
  pthread_create(&thread, NULL, giver_thread, &g);
  assert_int_equal(
      lw_local_ask_fds(path, "two", 5000, out, sizeof out, fds, &n, NULL), 0);
  assert_int_equal(n, 2);
  assert_string_equal(out, "ok");
  for (size_t i = 0; i < n; i++) {
    struct stat st;
    assert_true(fds[i] > 2 && fds[i] != g.fd);
    assert_int_equal(fstat(fds[i], &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    close(fds[i]);
  }
  assert_int_equal(
      lw_local_ask_fds(path, "one", 5000, out, sizeof out, fds, &n, NULL), 0);
  assert_int_equal(n, 0);
  // Who does not want them gets none, and leaks none.
  int least = dup(g.fd);
  close(least);
  assert_int_equal(lw_local_ask(path, "two", 5000, out, sizeof out, NULL), 0);
  lw_local_ask(path, "one", 5000, out, sizeof out, NULL); // the first is over
  int again = dup(g.fd);
  assert_int_equal(again, least);
  close(again);
  lw_local_ask(path, "bye", 5000, out, sizeof out, NULL);
  pthread_join(thread, NULL);
  lw_local_close(g.local);
  lw_loop_free(g.loop);
  close(g.fd);
}

static void a_file_in_the_way_of_the_door_is_spared(void **state) {
  (void)state;
  trace t = {.text = ""};
  char path[64];
  snprintf(path, sizeof path, "/tmp/lw-test-%d.txt", (int)getpid());
  fclose(fopen(path, "w"));
  assert_int_equal(lw_loop_new(&t.loop, NULL), 0);
  lw_local *s;
  lw_err e;
  assert_int_equal(lw_local_open(&s, t.loop, path, answer, &t, &e),
                   LW_E_EXISTS);
  assert_non_null(strstr(e.text, path));
  assert_int_equal(unlink(path), 0);
  lw_loop_free(t.loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(descriptors_go_with_the_answer_they_were_given_for),
      cmocka_unit_test(timers_fire_in_order_and_not_once_dropped),
      cmocka_unit_test(fifty_timers_of_one_instant_keep_their_order),
      cmocka_unit_test(a_stopped_loop_returns_and_goes_on_later),
      cmocka_unit_test(what_it_holds_comes_and_goes),
      cmocka_unit_test(a_child_hands_over_its_message_and_status),
      cmocka_unit_test(a_long_message_arrives_whole),
      cmocka_unit_test(a_child_that_floods_is_killed),
      cmocka_unit_test(a_child_that_hangs_is_killed),
      cmocka_unit_test(a_crashed_child_tells_its_signal),
      cmocka_unit_test(a_missing_program_is_named),
      cmocka_unit_test(a_running_child_is_killed_and_reaped),
      cmocka_unit_test(the_door_answers_and_is_private),
      cmocka_unit_test(callers_that_say_nothing_keep_nobody_out),
      cmocka_unit_test(a_host_that_stands_still_is_not_waited_for),
      cmocka_unit_test(a_file_in_the_way_of_the_door_is_spared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
