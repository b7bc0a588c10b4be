// The store and the historian beside bare SQLite on the same disk in the same
// run. LW_BENCH_POINTS sets the historian's size (10 million by default).
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/clock.h"
#include "store/day.h"
#include "store/historian.h"
#include "store/history.h"
#include "store/store.h"
#include "store/verify.h"

#define S INT64_C(1000000000)
#define RING_N (1u << 20)

static char folder[64] = "/tmp/lw-bench-XXXXXX";
static lw_clock *the_clock;

static double now_s(void) {
  return (double)lw_now_ns(the_clock) * 1e-9;
}

static double cpu_s(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
         (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

static void must(int rc, const lw_err *e) {
  if (rc >= 0)
    return;
  fprintf(stderr, "bench_store: %s\n", e->text);
  exit(1);
}

static const char *in_folder(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// --------------------------------------------------------------- step commit
// --

#define STEPS 400

typedef struct journal {
  lw_store *s;
  uint8_t *data;
  _Atomic uint64_t head, tail, committed;
  lw_store_source source;
  uint64_t seq;
} journal;

static void emit(journal *j) {
  uint8_t buffer[256];
  lw_record r = {.seq = ++j->seq,
                 .t_ns = lw_now_ns(the_clock),
                 .kind = LW_RECORD_end,
                 .durable = 1,
                 .key = "execute/coat/web and slurry on#1",
                 .key_n = 32,
                 .data = "{\"value\":12.5}",
                 .data_n = 14};
  while (lw_ring_put(&j->source.ring, buffer, lw_record_encode(&r, buffer)) < 0)
    usleep(50);
}

static void journal_open(journal *j, int thread) {
  lw_err e;
  lw_run_info run = {.batch = "bench", .recipe = "bench"};
  must(lw_store_open(&j->s, in_folder("j.db"), LW_STORE_WRITE, the_clock, &e),
       &e);
  must(lw_store_run_begin(j->s, &run, &e), &e);
  j->data = malloc(RING_N);
  lw_ring_init(&j->source.ring, j->data, RING_N, &j->head, &j->tail);
  j->source.committed = &j->committed;
  lw_store_config c = {
      .run = run.id, .sources = &j->source, .source_n = 1, .thread = thread};
  must(lw_store_attach(j->s, &c, &e), &e);
}

static sqlite3 *bare_open(void) {
  sqlite3 *db;
  sqlite3_open(in_folder("bare.db"), &db);
  sqlite3_exec(db,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "CREATE TABLE r(id INTEGER PRIMARY KEY, key TEXT, data TEXT)",
               NULL, NULL, NULL);
  return db;
}

// One durable step and one bare commit in turn, so that the disk's moods hit
// both.
static void bench_steps(void) {
  journal j = {0};
  static double ours[STEPS], bare[STEPS];
  sqlite3 *db = bare_open();
  sqlite3_stmt *q;
  journal_open(&j, 0);
  sqlite3_prepare_v2(db,
                     "INSERT INTO r(key,data) VALUES("
                     "'execute/coat/web and slurry on#1','{\"value\":12.5}')",
                     -1, &q, NULL);
  for (int i = 0; i < STEPS; i++) {
    double t0 = now_s();
    sqlite3_step(q);
    sqlite3_reset(q);
    double t1 = now_s();
    emit(&j);
    lw_store_pump(j.s);
    ours[i] = now_s() - t1;
    bare[i] = t1 - t0;
  }
  sqlite3_finalize(q);
  sqlite3_close(db);
  lw_store_close(j.s);
  free(j.data);
  qsort(ours, STEPS, sizeof *ours, by_size);
  qsort(bare, STEPS, sizeof *bare, by_size);
  int p99 = STEPS * 99 / 100;
  printf("step, FULL barrier      p50 %.2f ms (bare %.2f)  p99 %.2f ms "
         "(bare %.2f)  ratio p99 %.2f (to reach: at most 1.5)\n",
         ours[STEPS / 2] * 1e3, bare[STEPS / 2] * 1e3, ours[p99] * 1e3,
         bare[p99] * 1e3, ours[p99] / bare[p99]);
}

static int ignore(void *arg, int64_t record, const char *text) {
  (void)arg;
  printf("record %lld: %s\n", (long long)record, text);
  return 0;
}

static void bench_records(void) {
  journal j = {0};
  lw_err e;
  lw_verify_result result;
  const int n = 1000000;
  journal_open(&j, 1);
  double t0 = now_s();
  for (int i = 0; i < n; i++)
    emit(&j);
  lw_store_detach(j.s);
  double t1 = now_s(), c1 = cpu_s();
  must(lw_store_verify(j.s, ignore, NULL, &result, &e), &e);
  double t2 = now_s(), c2 = cpu_s();
  printf("records, group commit   %.0f /s, chained and durable\n",
         n / (t1 - t0));
  printf("verify                  %lld records in %.2f s, %.2f s of CPU (to "
         "reach: 1 M in 3 s)\n",
         (long long)result.records, t2 - t1, c2 - c1);
  lw_store_close(j.s);
  free(j.data);
}

// ------------------------------------------------------------------ historian
// --

#define TAGS 100
#define T0 (20000 * LW_DAY_NS)

static uint64_t random_state = 1;

static double uniform(void) {
  random_state =
      random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
  return (double)(random_state >> 11) * 0x1p-53;
}

// A quarter each: rounded to 0.01, float32 noise, steps, counters.
static double value_of(int tag, int64_t i) {
  switch (tag % 4) {
  case 0:
    return round(100 * (80 + 5 * sin((double)i / 300 + tag) + uniform())) / 100;
  case 1:
    return (double)(float)(50 + uniform());
  case 2:
    return (double)(i / 500 + tag);
  }
  return (double)(i + tag * 1000);
}

// Bytes of the first day's file, which must be over.
static int64_t day_bytes(const char *name) {
  char path[160];
  struct stat info;
  snprintf(path, sizeof path, "%s/2024-10-04.db", in_folder(name));
  return stat(path, &info) == 0 ? info.st_size : 0;
}

// A sample of a later day ends the first.
static void end_day(lw_historian *h) {
  lw_err e;
  lw_history_value v = {0, 2, 0};
  must(lw_historian_put(h, T0 + 2 * LW_DAY_NS, &v, 1, &e), &e);
  lw_historian_close(h);
}

static lw_historian *historian_open(const char *name) {
  lw_historian *h;
  lw_err e;
  must(lw_historian_open(&h, in_folder(name), &e), &e);
  for (int i = 0; i < TAGS; i++) {
    char tag[32];
    snprintf(tag, sizeof tag, "line.tag[%d]", i);
    must(lw_historian_tag(h, tag, "1", &e), &e);
  }
  return h;
}

// Scans of all tags made beforehand, so that only the historian is measured.
static lw_history_value *make_scans(int64_t n, int kind) {
  lw_history_value *v = malloc((size_t)n * TAGS * sizeof *v);
  for (int64_t i = 0; i < n; i++)
    for (int tag = 0; tag < TAGS; tag++)
      v[i * TAGS + tag] = (lw_history_value){
          (uint32_t)tag, 2, value_of(kind < 0 ? tag : 4 * tag + kind, i)};
  return v;
}

static void bench_ingest(int64_t points) {
  lw_err e = {0};
  lw_history_value *scans = make_scans(10000, -1);
  lw_historian *h = historian_open("hist");
  int64_t n = points / TAGS;
  double c0 = cpu_s(), t0 = now_s(), committed = t0;
  for (int64_t i = 0; i < n; i++) {
    int64_t t_ns = T0 + i * S + (i * 7919 % 3) * 1000000; // ms of jitter
    must(lw_historian_put(h, t_ns, scans + i % 10000 * TAGS, TAGS, &e), &e);
    if (i % 64 == 0 && now_s() - committed > 0.25) {
      must(lw_historian_commit(h, &e), &e);
      committed = now_s();
    }
  }
  must(lw_historian_commit(h, &e), &e);
  double t1 = now_s(), c1 = cpu_s();
  end_day(h);
  free(scans);
  printf("historian, ingest       %.2f M points/s at FULL with a commit each "
         "250 ms (to reach: 1.5 at NORMAL); %.2f %% of a core for 100,000/s "
         "(at most 10)\n",
         (double)points / (t1 - t0) * 1e-6,
         100 * (c1 - c0) / (double)points * 1e5);
  double first_day = (double)(n < 86400 ? n : 86400) * TAGS;
  printf("historian, size         %.2f bytes a point in the file of a day that "
         "is over\n",
         (double)day_bytes("hist") / first_day);
}

static void bench_sizes(void) {
  static const char *const kinds[] = {"rounded to 0.01", "float32 noise",
                                      "steps", "counters"};
  lw_err e = {0};
  const int64_t n = 8192;
  for (int kind = 0; kind < 4; kind++) {
    char name[16];
    snprintf(name, sizeof name, "kind%d", kind);
    lw_history_value *scans = make_scans(n, kind);
    lw_historian *h = historian_open(name);
    for (int64_t i = 0; i < n; i++)
      must(lw_historian_put(h, T0 + i * S, scans + i * TAGS, TAGS, &e), &e);
    end_day(h);
    free(scans);
    printf("historian, %-12s %.2f bytes a point\n", kinds[kind],
           (double)day_bytes(name) / (double)(n * TAGS));
  }
}

static int count(void *arg, const lw_chunk *c) {
  *(int64_t *)arg += (int64_t)c->n;
  return 0;
}

static void bench_queries(void) {
  lw_history *r;
  lw_err e;
  static lw_bucket buckets[1000];
  static double day[200], sums[200];
  must(lw_history_open(&r, in_folder("hist"), &e), &e);
  int64_t n = 0;
  for (int i = 0; i < 200; i++) {
    char tag[32];
    snprintf(tag, sizeof tag, "line.tag[%d]", i % TAGS);
    double t0 = now_s();
    must(lw_history_read(r, tag, T0, T0 + LW_DAY_NS, count, &n, &e), &e);
    double t1 = now_s();
    must(lw_history_buckets(r, tag, T0, T0 + LW_DAY_NS, 1000, buckets, &e), &e);
    sums[i] = now_s() - t1;
    day[i] = t1 - t0;
  }
  lw_history_close(r);
  qsort(day, 200, sizeof *day, by_size);
  qsort(sums, 200, sizeof *sums, by_size);
  printf("historian, one day      p50 %.2f ms, p99 %.2f ms for %lld samples "
         "(to reach: 5); 1,000 buckets p50 %.2f ms, p99 %.2f ms (10)\n",
         day[100] * 1e3, day[198] * 1e3, (long long)(n / 200), sums[100] * 1e3,
         sums[198] * 1e3);
}

int main(void) {
  const char *wish = getenv("LW_BENCH_POINTS");
  char command[128];
  the_clock = lw_clock_real();
  if (!mkdtemp(folder))
    return 1;
  bench_steps();
  bench_records();
  bench_ingest(wish ? atoll(wish) : 10000000);
  bench_queries();
  bench_sizes();
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) == 0 ? 0 : 1;
}
