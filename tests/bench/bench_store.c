// The journal beside bare SQLite on the same disk in the same run.
#include "bench/store_bench.h"

#include "store/store.h"
#include "store/verify.h"

#define RING_N (1u << 20)

// ------------------------------------------------------------------- steps --

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
                 .t_ns = lw_now_ns(lw_clock_real()),
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
  must(lw_store_open(&j->s, in_folder("j.db"), LW_STORE_WRITE, lw_clock_real(),
                     &e),
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

// All rows of a table read and forgotten; seconds.
static double read_bare(const char *path, const char *sql) {
  sqlite3 *db;
  sqlite3_stmt *q;
  double t0 = now_s();
  sqlite3_open(path, &db);
  sqlite3_prepare_v2(db, sql, -1, &q, NULL);
  while (sqlite3_step(q) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count(q); i++)
      sqlite3_column_bytes(q, i);
  sqlite3_finalize(q);
  sqlite3_close(db);
  return now_s() - t0;
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
  double bare_s = read_bare(lw_store_path(j.s), "SELECT * FROM record");
  printf("verify                  %lld records in %.2f s, %.2f s of CPU (to "
         "reach: 1 M in 3 s); bare reading %.2f s, ratio %.1f\n",
         (long long)result.records, t2 - t1, c2 - c1, bare_s,
         (t2 - t1) / bare_s);
  lw_store_close(j.s);
  free(j.data);
}

// A commit for each of n rows; seconds.
static double bare_commits(int n) {
  sqlite3 *db = bare_open();
  double t0 = now_s();
  for (int i = 0; i < n; i++)
    sqlite3_exec(db,
                 "INSERT INTO r(key,data) VALUES("
                 "'execute/coat/web and slurry on#1','{\"value\":12.5}')",
                 NULL, NULL, NULL);
  double took_s = now_s() - t0;
  sqlite3_close(db);
  return took_s;
}

// Steps that end in one tick wait for one commit together.
static void bench_shared_commit(void) {
  journal j = {0};
  lw_store_stats before, after;
  journal_open(&j, 0);
  lw_store_stats_read(j.s, &before);
  double t0 = now_s();
  for (int i = 0; i < 100; i++)
    emit(&j);
  lw_store_pump(j.s);
  double t1 = now_s();
  lw_store_stats_read(j.s, &after);
  double bare_s = bare_commits(100);
  printf("100 steps in one tick   %llu commit (to reach: 1), %.2f ms; 100 bare "
         "commits %.2f ms, ratio %.3f\n",
         (unsigned long long)(after.commits - before.commits), (t1 - t0) * 1e3,
         bare_s * 1e3, (t1 - t0) / bare_s);
  lw_store_close(j.s);
  free(j.data);
}

int main(void) {
  make_folder();
  bench_steps();
  bench_shared_commit();
  bench_records();
  return remove_folder();
}
