// The host against workers that finish, die, hang or refuse. The worker is this
// very program, started again in the role; what it does is named by --recipe.
//
// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench_line.h"
#include "loop/clock.h"
#include "worker/attach.h"
#include "worker/host.h"

#define SCAN (2 * LW_MS)
// Three ticks without a beat are a death, on a crowded machine, too.
#define TICK (30 * LW_MS)

// ------------------------------------------------------ the worker's side ---

typedef struct actor {
  lw_port *port;
  char recipe[32];
  int is_resumed;
  int state, ticks; // ticks in this state
} actor;

static void enter(actor *a, int state) {
  a->state = state;
  a->ticks = 0;
  lw_port_state(a->port, state);
}

static void obey(actor *a) {
  char text[256];
  if (lw_port_command(a->port, text, sizeof text) < 0)
    return;
  if (strncmp(text, "reset\t", 6) == 0)
    enter(a, LW_STATE_Idle);
  else if (strncmp(text, "start\t", 6) == 0 ||
           strncmp(text, "unhold\t", 7) == 0) {
    enter(a, text[0] == 'u' ? LW_STATE_Unholding : LW_STATE_Execute);
    lw_port_level(a->port, LW_LEVEL_none);
  } else if (strncmp(text, "stop\t", 5) == 0) {
    lw_port_level(a->port, LW_LEVEL_stop);
    enter(a, LW_STATE_Stopped);
    lw_port_flags(a->port, 0, 1);
  }
}

static int must_die(const actor *a, const char *how) {
  return strncmp(a->recipe, how, strlen(how)) == 0 && a->ticks == 5 &&
         (a->is_resumed ? strstr(a->recipe, "-always") != NULL
                        : a->state == LW_STATE_Execute);
}

static double pump_reading(const actor *a) {
  lw_reading r;
  lw_port_read(a->port, PUMP, &r);
  return r.value;
}

static int act(void *arg, int64_t now_ns) {
  actor *a = arg;
  (void)now_ns;
  lw_trip trip;
  if (lw_port_trip(a->port, &trip) && a->is_resumed)
    lw_port_trip_ack(a->port, trip.seq);
  obey(a);
  a->ticks++;
  if (a->state == LW_STATE_Unholding)
    enter(a, LW_STATE_Execute);
  if (must_die(a, "die"))
    raise(SIGKILL);
  while (must_die(a, "hang"))
    continue;
  if (a->state == LW_STATE_Execute && lw_port_applied(a->port))
    lw_port_request(a->port, PUMP, 42);
  // What it came for is done once the plant shows it, however late the scan.
  if (a->state == LW_STATE_Execute && a->ticks > 5 && pump_reading(a) == 42) {
    enter(a, LW_STATE_Complete);
    lw_port_flags(a->port, 0, 1);
  }
  return a->state == LW_STATE_Complete || a->state == LW_STATE_Stopped
             ? (int)(atomic_load(&a->port->desk->flags) & LW_FLAG_FINISHED)
             : 0;
}

static int hear(void *arg) {
  (void)arg;
  return 0;
}

static int play(int argc, char **argv) {
  actor a = {.recipe = ""};
  int is_standby = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--recipe") == 0)
      snprintf(a.recipe, sizeof a.recipe, "%s", argv[i + 1]);
    a.is_resumed |= strcmp(argv[i], "--resume") == 0;
    is_standby |= strcmp(argv[i], "--standby") == 0;
  }
  if (is_standby && lw_worker_await(5) <= 0)
    return 0;
  if (strcmp(a.recipe, "refuse") == 0)
    return 2;
  size_t n;
  uint8_t *plan = bench_plan(&n, SCAN, TICK);
  lw_worker *w;
  const lw_worker_config c = {3, 4, 5, plan, n};
  int rc = lw_worker_open(&w, &c, NULL);
  free(plan);
  if (rc < 0)
    return 3;
  a.port = lw_worker_port(w);
  lw_port_level(a.port, a.is_resumed ? LW_LEVEL_hold : LW_LEVEL_stop);
  enter(&a, a.is_resumed ? LW_STATE_Held : LW_STATE_Stopped);
  const lw_worker_calls calls = {act, hear, &a};
  rc = lw_worker_run(w, &calls);
  lw_worker_close(w);
  return rc < 0 ? 1 : 0;
}

// -------------------------------------------------------- the host's side ---

typedef struct scene {
  lw_loop *loop;
  lw_host *host;
  lw_store *store;
  lw_bundle bundle;
  uint8_t *plan;
  lw_host_ending ending;
  int is_ended;
  // What is waited for, and what to do about it.
  int (*until)(struct scene *s, const lw_host_view *v);
  lw_host_view seen;
  const char *args[3];
} scene;

static void on_end(void *arg, lw_host_ending ending, const lw_err *e) {
  scene *s = arg;
  s->ending = ending;
  s->is_ended = 1;
  if (e)
    print_message("the host ended: %s\n", e->text);
  lw_host_look(s->host, &s->seen);
  lw_loop_stop(s->loop);
}

static void on_patience_over(void *arg) {
  lw_loop_stop(((scene *)arg)->loop);
}

static void on_peek(void *arg) {
  scene *s = arg;
  lw_host_look(s->host, &s->seen);
  if (s->until && s->until(s, &s->seen))
    lw_loop_stop(s->loop);
  else
    lw_loop_timer(s->loop, lw_now_ns(lw_clock_real()) + LW_MS, on_peek, s);
}

// Run the loop until `until` says so or the run ended; 10 s are a failure.
static void wait_for(scene *s, int (*until)(scene *, const lw_host_view *)) {
  s->until = until;
  int64_t now_ns = lw_now_ns(lw_clock_real());
  int64_t patience =
      lw_loop_timer(s->loop, now_ns + 10 * LW_S, on_patience_over, s);
  if (until)
    lw_loop_timer(s->loop, now_ns, on_peek, s);
  lw_loop_run(s->loop);
  lw_loop_timer_drop(s->loop, patience);
}

static void open_scene(scene *s, const char *recipe, int is_resume) {
  memset(s, 0, sizeof *s);
  static char self[] = "/proc/self/exe";
  size_t n;
  lw_err e = {0};
  s->plan = bench_plan(&n, SCAN, TICK);
  s->bundle.plan = s->plan;
  s->bundle.plan_n = n;
  lw_run_info run = {.recipe = "r", .line = "l"};
  assert_int_equal(
      lw_store_open(&s->store, ":memory:", LW_STORE_WRITE, lw_clock_real(), &e),
      0);
  assert_int_equal(lw_store_run_begin(s->store, &run, &e), 0);
  assert_int_equal(lw_loop_new(&s->loop, &e), 0);
  s->args[0] = "--recipe";
  s->args[1] = recipe;
  const lw_host_config c = {.self = self,
                            .args = s->args,
                            .bundle = &s->bundle,
                            .store = s->store,
                            .db = ":memory:",
                            .run = run.id,
                            .is_resume = is_resume,
                            .on_end = on_end,
                            .arg = s};
  if (lw_host_open(&s->host, s->loop, &c, &e) < 0)
    fail_msg("host: %s", e.text);
}

static void close_scene(scene *s) {
  lw_host_close(s->host);
  lw_loop_free(s->loop);
  lw_store_close(s->store);
  free(s->plan);
}

static double pump(scene *s) {
  return lw_sim_get(lw_line_sim(lw_host_line(s->host)), PUMP);
}

// The scan has a thread of its own, so a new worker may be there before it.
static int is_held_anew(scene *s, const lw_host_view *v) {
  return s->is_ended || (v->deaths > 0 && v->state == LW_STATE_Held &&
                         v->trip.cause == LW_CAUSE_heartbeat && pump(s) == 7);
}

static int is_held(scene *s, const lw_host_view *v) {
  return s->is_ended || v->state == LW_STATE_Held;
}

static int is_given_up(scene *s, const lw_host_view *v) {
  return s->is_ended || v->deaths == LW_HOST_DEATHS_MAX;
}

static void resets_starts_and_sees_the_end(void **state) {
  (void)state;
  scene s;
  open_scene(&s, "finish", 0);
  wait_for(&s, NULL);
  assert_true(s.is_ended);
  assert_int_equal(s.ending, LW_HOST_FINISHED);
  assert_int_equal(s.seen.state, LW_STATE_Complete);
  assert_true(pump(&s) == 42);
  close_scene(&s);
}

static void kill_and_go_on(const char *recipe) {
  scene s;
  open_scene(&s, recipe, 0);
  wait_for(&s, is_held_anew);
  assert_false(s.is_ended);
  assert_int_equal(s.seen.deaths, 1);
  assert_int_equal(s.seen.trip.cause, LW_CAUSE_heartbeat);
  assert_true(pump(&s) == 7);
  lw_err e;
  assert_int_equal(lw_host_command(s.host, "reset", "test", "", &e),
                   LW_E_STATE);
  assert_string_equal(e.text, "command 'reset' is not allowed in state Held");
  assert_int_equal(lw_host_command(s.host, "unhold", "test", "", &e), 0);
  wait_for(&s, NULL);
  assert_int_equal(s.ending, LW_HOST_FINISHED);
  assert_int_equal(s.seen.state, LW_STATE_Complete);
  assert_int_equal(s.seen.deaths, 0); // a person has unheld
  assert_true(pump(&s) == 42);
  close_scene(&s);
}

static void a_killed_worker_comes_back_held(void **state) {
  (void)state;
  kill_and_go_on("die");
}

static void a_hanging_worker_is_killed_and_comes_back_held(void **state) {
  (void)state;
  kill_and_go_on("hang");
}

static void after_three_deaths_only_stop_and_abort_are_left(void **state) {
  (void)state;
  scene s;
  open_scene(&s, "die-always", 0);
  wait_for(&s, is_given_up);
  assert_false(s.is_ended);
  assert_int_equal(s.seen.deaths, 3);
  assert_int_equal(s.seen.state, LW_STATE_Held);
  assert_true(pump(&s) == 7);
  lw_err e;
  assert_int_equal(lw_host_command(s.host, "unhold", "test", "", &e),
                   LW_E_STATE);
  assert_non_null(strstr(e.text, "only stop and abort are left"));
  assert_int_equal(lw_host_command(s.host, "stop", "test", "", &e), 0);
  assert_true(s.is_ended);
  assert_int_equal(s.ending, LW_HOST_ABANDONED);
  assert_int_equal(s.seen.state, LW_STATE_Stopped);
  close_scene(&s);
}

static void a_refusing_worker_ends_the_run_at_once(void **state) {
  (void)state;
  scene s;
  open_scene(&s, "refuse", 0);
  wait_for(&s, NULL);
  assert_int_equal(s.ending, LW_HOST_REFUSED);
  close_scene(&s);
}

static void a_resumed_run_is_not_started_by_the_host(void **state) {
  (void)state;
  scene s;
  open_scene(&s, "die", 1); // a resumed one does not die
  lw_err e;
  assert_int_equal(lw_host_command(s.host, "stop", "test", "", &e), LW_E_AGAIN);
  wait_for(&s, is_held);
  assert_false(s.is_ended);
  assert_int_equal(s.seen.state, LW_STATE_Held);
  assert_int_equal(lw_host_command(s.host, "stop", "test", "", &e), 0);
  wait_for(&s, NULL);
  assert_int_equal(s.ending, LW_HOST_FINISHED);
  assert_int_equal(s.seen.state, LW_STATE_Stopped);
  close_scene(&s);
}

static int is_executing(scene *s, const lw_host_view *v) {
  return s->is_ended || (v->state == LW_STATE_Execute && pump(s) == 42);
}

// Closing frees the plant's memory: a second mapping looks at what is left.
static void closing_in_the_middle_leaves_stop_values(void **state) {
  (void)state;
  scene s;
  open_scene(&s, "finish", 0);
  wait_for(&s, is_executing);
  assert_false(s.is_ended);
  lw_sim *plant;
  assert_int_equal(
      lw_twin_open(&plant, dup(lw_line_sim_fd(lw_host_line(s.host))), NULL), 0);
  close_scene(&s);
  assert_true(lw_sim_get(plant, PUMP) == 0);
}

int main(int argc, char **argv) {
  if (argc > 2 && strcmp(argv[1], "--role") == 0)
    return play(argc, argv);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(resets_starts_and_sees_the_end),
      cmocka_unit_test(a_killed_worker_comes_back_held),
      cmocka_unit_test(a_hanging_worker_is_killed_and_comes_back_held),
      cmocka_unit_test(after_three_deaths_only_stop_and_abort_are_left),
      cmocka_unit_test(a_refusing_worker_ends_the_run_at_once),
      cmocka_unit_test(a_resumed_run_is_not_started_by_the_host),
      cmocka_unit_test(closing_in_the_middle_leaves_stop_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
