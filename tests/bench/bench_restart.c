// From SIGKILL of the recipe's worker to safe outputs and to the next worker
// being Held, with a waiting recipe on pilot line A and its twin.
// Goals: first safe write within two scans, Held after at most 50 ms.
//   bench_restart [--kills N]   default 20
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/clock.h"
#include "worker/host.h"

#define RECIPE "tests/data/restart/recipe.lua"
#define LINE "examples/lines/pilot_a.lua"
#define KILLS_MAX 1000

typedef struct bench {
  char self[512];
  lw_loop *loop;
  lw_host *host;
  lw_bundle bundle;
  lw_store *store;
  int kills, kills_wanted;
  pid_t victim; // being watched, 0 = none
  double safe_ms[KILLS_MAX], held_ms[KILLS_MAX];
} bench;

static int64_t now_ns(void) {
  return lw_now_ns(lw_clock_real());
}

static void die(const char *what, const lw_err *e) {
  fprintf(stderr, "bench_restart: %s: %s\n", what, e->text);
  exit(1);
}

// --------------------------------------------------------------- the watcher

// Kills, then looks as fast as it can at what the host's loop does about it.
static void *watch(void *arg) {
  bench *b = arg;
  lw_line *l = lw_host_line(b->host);
  lw_image *m = lw_line_image(l);
  lw_desk *d = lw_line_desk(l);
  uint32_t trip = lw_trip_unpack(atomic_load(&m->trip)).seq;
  int64_t begin_ns = now_ns(), safe_ns = 0;
  kill(b->victim, SIGKILL);
  // The trip is published in the scan that writes the safe values.
  while (now_ns() - begin_ns < 5 * LW_S) {
    if (!safe_ns && lw_trip_unpack(atomic_load(&m->trip)).seq != trip)
      safe_ns = now_ns();
    if (safe_ns && atomic_load(&d->ready) &&
        atomic_load(&d->state) == LW_STATE_Held)
      break;
    usleep(50);
  }
  b->safe_ms[b->kills] = (double)(safe_ns - begin_ns) / 1e6;
  b->held_ms[b->kills] = (double)(now_ns() - begin_ns) / 1e6;
  b->kills++;
  b->victim = 0;
  return NULL;
}

static void start_watch(bench *b, pid_t victim) {
  pthread_t thread;
  b->victim = victim;
  if (pthread_create(&thread, NULL, watch, b))
    abort();
  pthread_detach(thread);
}

// -------------------------------------------------------------------- the run

static void on_step(void *arg) {
  bench *b = arg;
  lw_host_view v;
  lw_host_look(b->host, &v);
  if (b->kills == b->kills_wanted && !b->victim) {
    lw_loop_stop(b->loop);
    return;
  }
  if (!b->victim && v.state == LW_STATE_Held)
    lw_host_command(b->host, "unhold", "bench", "", NULL);
  else if (!b->victim && v.state == LW_STATE_Execute &&
           strstr(v.status.waits, "the end"))
    start_watch(b, v.worker_pid);
  lw_loop_timer(b->loop, now_ns() + 250 * LW_MS, on_step, b);
}

static void on_end(void *arg, lw_host_ending ending, const lw_err *e) {
  (void)arg;
  fprintf(stderr, "bench_restart: the run ended (%d): %s\n", ending,
          e ? e->text : "");
  exit(1);
}

static char *load(bench *b, const char *const *args) {
  const char *argv[] = {b->self,    "--role", "loader", args[0],
                        args[1],    args[2],  args[3],  args[4],
                        "--out-fd", "3",      NULL};
  lw_child_config c = {.file = b->self, .argv = argv};
  lw_child_end end;
  lw_err e;
  if (lw_child_run(&c, 1 << 26, 30 * LW_S, &end, &e) < 0 ||
      lw_bundle_parse(&b->bundle, end.message, end.n, &e) < 0)
    die("loader", &e);
  return end.message;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print(const char *name, double *ms, int n, double goal_ms) {
  qsort(ms, (size_t)n, sizeof *ms, compare);
  printf("%-28s median %6.2f ms  max %6.2f ms  (goal %g ms)\n", name, ms[n / 2],
         ms[n - 1], goal_ms);
}

int main(int argc, char **argv) {
  static bench b;
  lw_err e;
  b.kills_wanted =
      argc > 2 && strcmp(argv[1], "--kills") == 0 ? atoi(argv[2]) : 20;
  ssize_t n = readlink("/proc/self/exe", b.self, sizeof b.self - 12);
  b.self[n > 0 ? n : 0] = 0;
  char *slash = strrchr(b.self, '/');
  if (slash)
    strcpy(slash, "/linewright");
  const char *const args[] = {"--recipe", RECIPE,  "--line",
                              LINE,       "--sim", NULL};
  char *message = load(&b, args);
  char db[] = "/tmp/lw-restart-XXXXXX";
  close(mkstemp(db));
  if (lw_store_open(&b.store, db, LW_STORE_WRITE, lw_clock_real(), &e) < 0 ||
      lw_store_run_begin(b.store, &b.bundle.run, &e) < 0 ||
      lw_loop_new(&b.loop, &e) < 0)
    die("store", &e);
  const lw_host_config c = {.self = b.self,
                            .args = args,
                            .bundle = &b.bundle,
                            .store = b.store,
                            .db = db,
                            .run = b.bundle.run.id,
                            .seed = 1,
                            .on_end = on_end,
                            .arg = &b};
  if (lw_host_open(&b.host, b.loop, &c, &e) < 0)
    die("host", &e);
  lw_loop_timer(b.loop, now_ns(), on_step, &b);
  lw_loop_run(b.loop);
  double scan_ms =
      (double)lw_line_plan(lw_host_line(b.host))->scan_ns / (double)LW_MS;
  print("kill to safe outputs", b.safe_ms, b.kills, 2 * scan_ms);
  print("kill to Held again", b.held_ms, b.kills, 50);
  lw_host_close(b.host);
  lw_loop_free(b.loop);
  lw_store_close(b.store);
  free(message);
  unlink(db);
  return 0;
}
