// Memory that runs out: malloc and its like of the whole program - ours, Lua's,
// SQLite's, libuv's, PCRE2's, the C library's - refuse the k-th request, or all
// from the k-th on. Whatever the host does then ends with an answer, and every
// block is given back. What is tried is the product's work: records and
// questions, a line, devices, children, recipes that run and are changed.
//
// LuaJIT has memory of its own from the system and is never refused any (beyond
// its cap a script is stopped, bind/alloc.h): Lua's requests count in the build
// on PUC Lua. UDUNITS-2 crashes or exits when it gets none; only processes that
// read a profile use it, never the host, and here it gets what it asks for.
//
// LW_OOM sets how many points each trial has at most, LW_OOM_TRIAL names one.
// The last line says the number, the failures and the bound by the rule of
// three.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bind/regex.h"
#include "bind/vm.h"
#include "c/worker/bench_line.h"
#include "fault/scarce.h"
#include "image/plan.h"
#include "infer/infer.h"
#include "io/csv.h"
#include "io/modbus.h"
#include "loop/clock.h"
#include "loop/local.h"
#include "store/historian.h"
#include "store/history.h"
#include "store/sql.h"
#include "store/store.h"
#include "store/verify.h"
#include "support/modbus_peer.h"
#include "worker/host.h"

#if defined(__SANITIZE_ADDRESS__)
#define POINTS 100 // each takes ten times as long
int __lsan_do_recoverable_leak_check(void);
#else
#define POINTS 300
static int __lsan_do_recoverable_leak_check(void) {
  return 0;
}
#endif

static char folder[64], path[128];

static const char *in_folder(const char *name) {
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

// A trial answers whether all of its work was done.

static int try_regex(void) {
  lw_regex *x;
  lw_regex_found found;
  lw_err e;
  if (lw_regex_new(&x, "(?<a>a+)(b|c)*d", 15, NULL, &e) < 0)
    return 0;
  int is_found = lw_regex_search(x, "xxaaabcbcbcd", 12, 0, &found) == 1;
  lw_regex_free(x);
  return is_found;
}

// --------------------------------------------------------- files and rows ---

static int look(void *arg, int64_t id, const lw_record *r) {
  (void)arg, (void)id, (void)r;
  return 0;
}

static int hear(void *arg, int64_t record, const char *text) {
  (void)arg, (void)record, (void)text;
  return 0;
}

static int ask(lw_store *s) {
  lw_sql *q;
  lw_err e;
  int rc;
  if (lw_sql_open(&q, s,
                  "SELECT state, count(*), stdev(id) FROM run "
                  "GROUP BY state ORDER BY 2 DESC",
                  &e) < 0)
    return 0;
  while ((rc = lw_sql_step(q, &e)) > 0)
    lw_sql_column(q, 0);
  lw_sql_close(q);
  return rc == 0;
}

static int keep_bundle(lw_store *s) {
  static const char sha[] = // of its text
      "486d9affb60dbb0063b03d8e23a6ccf6364ce203dc3a9f56f20e750eb41ecade";
  char *text;
  size_t n;
  lw_err e;
  if (lw_store_bundle_put(s, "h", "recipe", "x.lua", sha, "return 1", 8, &e) <
          0 ||
      lw_store_bundle_get(s, "h", "recipe", "x.lua", &text, &n, &e) < 0)
    return 0;
  free(text);
  return 1;
}

static int try_store(void) {
  lw_store *s;
  lw_err e;
  lw_run_info run = {.seed = 1};
  lw_verify_result found;
  if (lw_store_open(&s, in_folder("a.db"), LW_STORE_WRITE, lw_clock_real(),
                    &e) < 0)
    return 0;
  int is_done = lw_store_run_begin(s, &run, &e) == 0 &&
                lw_store_read(s, run.id, look, NULL, &e) == 0;
  is_done &= keep_bundle(s);
  is_done &= ask(s);
  is_done &= lw_store_run_end(s, run.id, "Complete", &e) == 0;
  is_done &= lw_store_verify(s, hear, NULL, &found, &e) == 0;
  is_done &= lw_store_check(s, &e) == 0;
  lw_store_close(s);
  return is_done;
}

static int try_historian(void) {
  lw_historian *h;
  lw_err e;
  if (lw_historian_open(&h, in_folder("history"), &e) < 0)
    return 0;
  int tag = lw_historian_tag(h, "a.b", "degC", &e);
  int is_done = tag >= 0;
  for (int i = 0; tag >= 0 && i < 3; i++) {
    lw_history_value v = {(uint32_t)tag, 2, i};
    is_done &= lw_historian_put(h, (i + 1) * LW_S, &v, 1, &e) == 0;
    is_done &= lw_historian_commit(h, &e) == 0;
  }
  is_done &= lw_historian_end(h, &e) == 0;
  lw_historian_close(h);
  return is_done;
}

static int try_history(void) {
  lw_history *h;
  lw_bucket buckets[4];
  lw_err e;
  if (lw_history_open(&h, in_folder("history"), &e) < 0)
    return 0;
  int rc = lw_history_buckets(h, "a.b", 0, 5 * LW_S, 4, buckets, &e);
  lw_history_close(h);
  return rc == 0;
}

static int try_table(void) {
  lw_csv c;
  lw_err e;
  double x;
  int rows = 0;
  if (lw_csv_open(&c, in_folder("t.csv"), 0, &e) < 0)
    return 0;
  while (lw_csv_next(&c, &e) > 0)
    rows += lw_csv_number(&c, 1, &x, &e) == 0;
  lw_csv_close(&c);
  return rows == 3;
}

static int try_model(void) {
  const lw_infer_open o = {.path = "tests/data/infer/mlp.onnx",
                           .backend = "tiny",
                           .options = {.size = sizeof o.options}};
  lw_infer_model m;
  lw_err e;
  if (lw_infer_model_open(&m, &o, &e) < 0)
    return 0;
  lw_infer_model_close(&m);
  return 1;
}

// -------------------------------------------------------------- the plant ---

static peer device;

static int exchange(const lw_driver_ops *ops, void *self) {
  const uint32_t due[] = {0, 1};
  const double raw[] = {7};
  lw_sample out[2] = {{0}};
  lw_err e;
  int is_done = ops->open(self, &e) == 0 &&
                ops->read(self, 1, due, 2, out, &e) == 0 &&
                ops->write(self, due, raw, 1, &e) == 0;
  ops->close(self);
  return is_done;
}

static int try_modbus(void) {
  const lw_driver_ops *ops = &lw_modbus_tcp_ops;
  char port[8];
  snprintf(port, sizeof port, "%d", device.port);
  const lw_option options[] = {
      {"host", "127.0.0.1"}, {"port", port}, {"timeout", "2"}};
  const lw_point points[] = {{.name = "a",
                              .address = "40001",
                              .type = LW_TYPE_u16,
                              .access = LW_READ | LW_WRITE},
                             {.name = "b",
                              .address = "30010",
                              .type = LW_TYPE_f32,
                              .access = LW_READ}};
  lw_err e;
  int is_done = 0;
  void *self = calloc(1, ops->state_size);
  if (self) {
    if (ops->init(self, options, 3, points, 2, &e) == 0)
      is_done = exchange(ops, self);
    ops->fini(self); // as the host does after an init that stopped half-way
  }
  free(self);
  return is_done;
}

static uint8_t *plan;
static size_t plan_n;

static lw_store *open_store(int64_t *run_id) {
  lw_store *s;
  lw_err e;
  lw_run_info run = {.recipe = "r", .line = "l"};
  if (lw_store_open(&s, ":memory:", LW_STORE_WRITE, lw_clock_real(), &e) < 0)
    return NULL;
  if (lw_store_run_begin(s, &run, &e) == 0) {
    *run_id = run.id;
    return s;
  }
  lw_store_close(s);
  return NULL;
}

static int work(lw_line *l) {
  lw_port *port = lw_line_port(l);
  uint64_t id;
  lw_record r = {.kind = LW_RECORD_note,
                 .key = "k",
                 .key_n = 1,
                 .data = "{}",
                 .data_n = 2};
  lw_port_level(port, LW_LEVEL_none);
  lw_port_emit(port, &r);
  int is_done = lw_line_timer(l, 20 * LW_MS, 1) == 0;
  while (lw_line_step(l, 100 * LW_MS, &id) != LW_STEP_LIMIT)
    lw_port_request(port, PUMP, 42);
  return is_done && lw_line_pump(l) == 0;
}

static int try_line(void) {
  lw_line *l;
  lw_err e;
  lw_line_config c = {
      .plan = plan, .plan_n = plan_n, .inline_mode = 1, .seed = 1};
  int is_done = 0;
  lw_store *s = c.store = open_store(&c.run);
  if (s && lw_line_new(&l, &c, &e) == 0) {
    is_done = work(l);
    lw_line_free(l);
  }
  lw_store_close(s);
  return is_done;
}

// --------------------------------------------------- the loop and its like ---

static void on_time(void *arg) {
  lw_loop_stop(arg);
}

static void on_signal(void *arg, int signo) {
  (void)arg, (void)signo;
}

static void answer(void *arg, const char *request, char *out) {
  (void)arg, (void)request;
  *out = 0;
}

static int try_loop(void) {
  lw_local *door = NULL;
  lw_loop *l;
  lw_err e;
  if (lw_loop_new(&l, &e) < 0)
    return 0;
  int is_done = lw_loop_signal(l, SIGUSR2, on_signal, NULL, &e) == 0;
  is_done &= lw_local_open(&door, l, in_folder("door"), answer, NULL, &e) == 0;
  if (lw_loop_timer(l, 0, on_time, l) > 0)
    lw_loop_run(l);
  else
    is_done = 0;
  if (door)
    lw_local_close(door);
  lw_loop_free(l);
  return is_done;
}

static int try_child(void) {
  const char *const argv[] = {"true", NULL};
  const lw_child_config c = {.file = "true", .argv = argv};
  lw_child_end end = {0};
  lw_err e;
  if (lw_child_run(&c, 0, 0, &end, &e) < 0)
    return 0;
  free(end.message);
  return end.status == 0;
}

static void on_end(void *arg, lw_host_ending ending, const lw_err *e) {
  (void)ending, (void)e;
  lw_loop_stop(arg);
}

// Its worker ends at once, which ends the run.
static int run_host(lw_loop *l, lw_store *s, int64_t run) {
  const char *const args[] = {NULL};
  const lw_bundle b = {.plan = plan, .plan_n = plan_n};
  const lw_host_config c = {.self = "/bin/false",
                            .args = args,
                            .bundle = &b,
                            .store = s,
                            .db = ":memory:",
                            .run = run,
                            .on_end = on_end,
                            .arg = l};
  lw_host *h;
  lw_err e;
  if (lw_host_open(&h, l, &c, &e) < 0)
    return 0;
  lw_loop_run(l);
  lw_host_close(h);
  return 1;
}

static int try_host(void) {
  lw_loop *l;
  lw_err e;
  int64_t run;
  if (lw_loop_new(&l, &e) < 0)
    return 0;
  lw_store *s = open_store(&run);
  int is_done = s && run_host(l, s, run);
  lw_store_close(s);
  lw_loop_free(l);
  return is_done;
}

// ------------------------------------------------------------ the product ---

static int run_script(lua_State *L) {
  if (luaL_loadfile(L, "tests/fault/scarce.lua") != 0)
    lua_error(L);
  lua_pushstring(L, folder);
  lua_call(L, 1, 0);
  return 0;
}

static int try_product(void) {
  lw_vm *vm;
  const lw_vm_options o = {.kind = LW_VM_TRUSTED};
  lw_err e;
  remove(in_folder("run.db"));
  if (lw_vm_new(&vm, &o, &e) < 0)
    return 0;
  lua_State *L = lw_vm_lua(vm);
  int is_done = lw_compat_cpcall(L, run_script, NULL) == 0;
  lw_vm_free(vm);
  return is_done;
}

// ----------------------------------------------------------------- points ---

typedef struct trial {
  const char *name;
  int (*run)(void);
  int has_units; // slow: a tenth of the points
} trial;

static const trial trials[] = {
    {"regex", try_regex, 0},         {"store", try_store, 0},
    {"historian", try_historian, 0}, {"history", try_history, 0},
    {"table", try_table, 0},         {"model", try_model, 0},
    {"modbus", try_modbus, 0},       {"line", try_line, 0},
    {"loop", try_loop, 0},           {"child", try_child, 0},
    {"host", try_host, 0},           {"product", try_product, 1}};

typedef struct tally {
  size_t points, failed, refused[SCARCE_OWNERS];
} tally;

// Requests of one run; *left: blocks not given back.
static size_t run_once(const trial *t, size_t at, int is_for_ever, tally *sum,
                       long *left) {
  long before = scarce_live();
  scarce_arm(at, is_for_ever, t->has_units ? SCARCE_OTHER : SCARCE_OWNERS);
  int is_done = t->run();
  size_t asked = scarce_disarm();
  *left = scarce_live() - before;
  if (!at && !is_done)
    fail_msg("%s does not do its work", t->name);
  for (int i = 0; i < SCARCE_OWNERS; i++)
    sum->refused[i] += scarce_refused(i) > 0;
  return asked;
}

// Refuse once, and from there on, at one request in each stride.
static void refuse(const trial *t, size_t asked, size_t stride, tally *sum) {
  long left;
  for (size_t at = 1; at <= asked; at += stride)
    for (int is_for_ever = 0; is_for_ever < 2; is_for_ever++) {
      run_once(t, at, is_for_ever, sum, &left);
      sum->points++;
      if (left <= 0)
        continue;
      sum->failed++;
      print_message("%s: %ld blocks left behind, refused at %zu%s\n", t->name,
                    left, at, is_for_ever ? " and on" : "");
    }
}

static void try_points(const trial *t, size_t most, tally *sum) {
  long left;
  // Twice: what a library keeps for good is there after the first.
  run_once(t, 0, 0, sum, &left);
  size_t asked = run_once(t, 0, 0, sum, &left);
  size_t wanted = (t->has_units ? most / 10 : most) / 2 + 1;
  size_t stride = (asked + wanted - 1) / wanted;
  assert_true(asked > 0);
  assert_int_equal(left, 0);
  print_message("%s: %zu requests, one in %zu refused\n", t->name, asked,
                stride);
  refuse(t, asked, stride, sum);
  if (__lsan_do_recoverable_leak_check()) {
    print_message("%s leaks\n", t->name);
    sum->failed++;
  }
}

static void say(const tally *sum) {
  print_message("goal 6: memory refused at %zu points, %zu failures (at most "
                "%.2g %% by the rule of three); refused to",
                sum->points, sum->failed, 300.0 / (double)sum->points);
  for (int i = 0; i < SCARCE_OWNERS; i++)
    print_message(" %s %zu,", scarce_names[i], sum->refused[i]);
  print_message(" with %s\n", lw_vm_engine());
}

static void leaves_nothing_behind(void **state) {
  (void)state;
  const char *wanted = getenv("LW_OOM"), *only = getenv("LW_OOM_TRIAL");
  size_t most = wanted ? (size_t)atol(wanted) : POINTS;
  tally sum = {0};
  for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
    if (!only || strcmp(only, trials[i].name) == 0)
      try_points(&trials[i], most, &sum);
  say(&sum);
  assert_int_equal(sum.failed, 0);
}

// ------------------------------------------------------------- its world ---

static void write_table(void) {
  FILE *file = fopen(in_folder("t.csv"), "w");
  assert_non_null(file);
  fputs("time,a\n0,1\n1,2\n2,\"3\"\n", file);
  fclose(file);
}

static int set_up(void **state) {
  (void)state;
  scarce_init();
  // In memory: nothing here is about the disk.
  strcpy(folder, access("/dev/shm", W_OK) == 0
                     ? "/dev/shm/linewright-oom-XXXXXX"
                     : "/tmp/linewright-oom-XXXXXX");
  assert_non_null(mkdtemp(folder));
  write_table();
  plan = bench_plan(&plan_n, 10 * LW_MS, 50 * LW_MS);
  assert_non_null(plan);
  return peer_start(&device);
}

static int tear_down(void **state) {
  (void)state;
  peer_fini(&device);
  free(plan);
  snprintf(path, sizeof path, "rm -rf '%s'", folder);
  return system(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(leaves_nothing_behind)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
