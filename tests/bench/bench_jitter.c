// How late a 1 kHz scan of 256 tags wakes, while a recipe loops for ever and
// another allocates as fast as it can, against a bare timerfd loop with the
// same policy and priority, in turns. Goal: at the 99.9th percentile at
// most 1.5 times as late, and at most 1.5 times as many missed periods plus
// one.
//   bench_jitter [--seconds N]   of each kind, default 10
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bare_timer.h"
#include "bind/vm.h"
#include "worker/line.h"

#define PERIOD LW_MS
#define TAGS 256
#define SLICE_S 2.5

// ------------------------------------------------------------ the bad scripts

static pid_t run_script(const char *script) {
  pid_t pid = fork();
  if (pid != 0)
    return pid;
  lw_vm *vm;
  const lw_vm_options o = {.kind = LW_VM_TRUSTED};
  if (lw_vm_new(&vm, &o, NULL) == 0)
    (void)luaL_dostring(lw_vm_lua(vm), script);
  _exit(1);
}

// ----------------------------------------------------------- the bare loop --

static void slice_bare(lw_latency *latency) {
  lw_clock *clock = lw_clock_real();
  bare_timer b;
  bare_timer_start(&b, PERIOD, latency);
  clock->wait_until(clock, lw_now_ns(clock) + (int64_t)(SLICE_S * 1e9));
  bare_timer_stop(&b);
}

// ------------------------------------------------------------------ the scan

static uint8_t *encode_plan(size_t *n) {
  lw_plan *p = lw_plan_new();
  uint8_t *bytes = NULL;
  char name[32];
  p->scan_ns = PERIOD;
  p->tick_ns = 100 * LW_MS;
  p->heartbeat_ns = 250 * LW_MS;
  p->revision = p->api = 1;
  p->line = p->profile = (uint32_t)lw_plan_add_text(p, "jitter");
  lw_plan_add_driver(p, "sim", "sim");
  for (int i = 0; i < TAGS; i++) {
    snprintf(name, sizeof name, "s%d", i);
    int signal = lw_plan_add_signal(p, name, "1");
    int tag = lw_plan_add_tag(p, name);
    lw_plan_tag *t = &p->tags[tag];
    t->driver = 0;
    t->signal = (uint32_t)signal;
    t->address = (uint32_t)lw_plan_add_text(p, name);
    t->unit = t->process_unit = (uint32_t)lw_plan_add_text(p, "1");
    t->access = LW_READ;
  }
  lw_plan_encode(p, &bytes, n);
  lw_plan_free(p);
  return bytes;
}

static void slice_scan(lw_latency *sum, char *realtime) {
  size_t n;
  lw_err e = {0};
  lw_line *l;
  uint8_t *plan = encode_plan(&n);
  const lw_line_config c = {.plan = plan, .plan_n = n, .seed = 1};
  if (lw_line_new(&l, &c, &e) < 0 || lw_line_start(l, &e) < 0) {
    fprintf(stderr, "bench_jitter: %s\n", e.text);
    exit(1);
  }
  snprintf(realtime, 120, "%s", lw_line_realtime(l));
  lw_clock *clock = lw_clock_real();
  clock->wait_until(clock, lw_now_ns(clock) + (int64_t)(SLICE_S * 1e9));
  const lw_latency *late = lw_line_latency(l);
  for (int i = 0; i < LW_LATENCY_BUCKETS; i++)
    atomic_fetch_add(&sum->bucket[i], atomic_load(&late->bucket[i]));
  atomic_fetch_add(&sum->n, atomic_load(&late->n));
  atomic_fetch_add(&sum->missed_n, atomic_load(&late->missed_n));
  if (atomic_load(&late->max_ns) > atomic_load(&sum->max_ns))
    atomic_store(&sum->max_ns, atomic_load(&late->max_ns));
  lw_line_free(l);
  free(plan);
}

// -------------------------------------------------------------------- report

static double us(int64_t ns) {
  return (double)ns / 1000;
}

static void print(const char *name, const lw_latency *l) {
  printf("%-14s p50 %7.1f us  p99 %7.1f us  p99.9 %7.1f us  max %8.1f us  "
         "missed %llu of %llu\n",
         name, us(lw_latency_share_ns(l, 0.5)),
         us(lw_latency_share_ns(l, 0.99)), us(lw_latency_share_ns(l, 0.999)),
         us(atomic_load(&l->max_ns)),
         (unsigned long long)atomic_load(&l->missed_n),
         (unsigned long long)atomic_load(&l->n));
}

int main(int argc, char **argv) {
  double seconds =
      argc > 2 && strcmp(argv[1], "--seconds") == 0 ? atof(argv[2]) : 10;
  static lw_latency plain, scan;
  char realtime[120] = "";
  pid_t bad[2] = {
      run_script("while true do end"),
      run_script("while true do local t = {} for i = 1, 1000 do t[i] = {i} end "
                 "end")};
  for (double done = 0; done < seconds; done += SLICE_S) {
    slice_bare(&plain);
    slice_scan(&scan, realtime);
  }
  for (int i = 0; i < 2; i++) {
    kill(bad[i], SIGKILL);
    waitpid(bad[i], NULL, 0);
  }
  print("bare timerfd", &plain);
  print("scan, 256 tags", &scan);
  printf("%s; p99.9 ratio %.2f (goal 1.5); missed %llu, allowed %.0f\n",
         realtime,
         us(lw_latency_share_ns(&scan, 0.999)) /
             us(lw_latency_share_ns(&plain, 0.999)),
         (unsigned long long)atomic_load(&scan.missed_n),
         1.5 * (double)atomic_load(&plain.missed_n) + 1);
  return 0;
}
