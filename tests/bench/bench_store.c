// The journal beside bare SQLite on the same disk in the same run.
#include "bench/store_bench.h"

#include <semaphore.h>

#include "store/store.h"
#include "store/verify.h"

#define RING_N (1u << 20)

// ------------------------------------------------------------------- steps --

// Enough that the worst hundredth is not a handful: it is what is judged.
#define STEPS 4000

typedef struct journal {
  lw_store *s;
  uint8_t *data;
  _Atomic uint64_t head, tail, committed;
  sem_t told; // committed has moved
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

static void on_commit(void *arg) {
  journal *j = arg;
  sem_post(&j->told);
}

static void journal_open(journal *j, int thread) {
  lw_err e;
  lw_run_info run = {.batch = "bench", .recipe = "bench"};
  must(lw_store_open(&j->s, in_folder("j.db"), LW_STORE_WRITE, lw_clock_real(),
                     &e),
       &e);
  must(lw_store_run_begin(j->s, &run, &e), &e);
  j->data = malloc(RING_N);
  sem_init(&j->told, 0, 0);
  lw_ring_init(&j->source.ring, j->data, RING_N, &j->head, &j->tail);
  j->source.committed = &j->committed;
  lw_store_config c = {.run = run.id,
                       .sources = &j->source,
                       .source_n = 1,
                       .on_commit = on_commit,
                       .arg = j,
                       .thread = thread};
  must(lw_store_attach(j->s, &c, &e), &e);
}

static void journal_close(journal *j) {
  lw_store_close(j->s);
  sem_destroy(&j->told);
  free(j->data);
}

// A durable record to the writer thread and back: what a recipe waits for at
// the end of a step. Seconds.
static double journaled_step(journal *j) {
  double from_s = now_s();
  emit(j);
  lw_store_kick(j->s);
  while (atomic_load(&j->committed) < j->seq)
    sem_wait(&j->told);
  return now_s() - from_s;
}

typedef struct bare {
  sqlite3 *db;
  sqlite3_stmt *insert;
} bare;

static void bare_open(bare *b) {
  sqlite3_open(in_folder("bare.db"), &b->db);
  sqlite3_exec(b->db,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "CREATE TABLE r(id INTEGER PRIMARY KEY, key TEXT, data TEXT)",
               NULL, NULL, NULL);
  sqlite3_prepare_v2(b->db,
                     "INSERT INTO r(key,data) VALUES("
                     "'execute/coat/web and slurry on#1','{\"value\":12.5}')",
                     -1, &b->insert, NULL);
}

static void bare_close(bare *b) {
  sqlite3_finalize(b->insert);
  sqlite3_close(b->db);
}

// Seconds of a row of its own.
static double bare_commit(bare *b) {
  double from_s = now_s();
  if (sqlite3_step(b->insert) != SQLITE_DONE)
    exit(1);
  sqlite3_reset(b->insert);
  return now_s() - from_s;
}

static double percentile(const double *sorted, int n, int percent) {
  return sorted[n * percent / 100] * 1e3;
}

// One durable step and one bare commit in turn, each first every other time,
// so that the disk's moods and what a commit leaves behind hit both.
static void bench_steps(void) {
  static double ours[STEPS], theirs[STEPS];
  journal j = {0};
  bare b;
  bare_open(&b);
  journal_open(&j, 1);
  for (int i = 0; i < STEPS; i++) {
    if (i % 2)
      theirs[i] = bare_commit(&b);
    ours[i] = journaled_step(&j);
    if (i % 2 == 0)
      theirs[i] = bare_commit(&b);
  }
  bare_close(&b);
  journal_close(&j);
  qsort(ours, STEPS, sizeof *ours, by_size);
  qsort(theirs, STEPS, sizeof *theirs, by_size);
  double p99 = percentile(ours, STEPS, 99);
  double bare_p99 = percentile(theirs, STEPS, 99);
  printf("step, FULL barrier      p50 %.2f ms (bare %.2f)  p99 of %d %.2f ms "
         "(bare %.2f)  ratio p99 %.2f (to reach: at most 1.5)\n",
         percentile(ours, STEPS, 50), percentile(theirs, STEPS, 50), STEPS, p99,
         bare_p99, p99 / bare_p99);
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
  journal_close(&j);
}

// A commit for each of n rows; seconds.
static double bare_commits(int n) {
  double took_s = 0;
  bare b;
  bare_open(&b);
  for (int i = 0; i < n; i++)
    took_s += bare_commit(&b);
  bare_close(&b);
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
  journal_close(&j);
}

int main(void) {
  make_folder();
  bench_steps();
  bench_shared_commit();
  bench_records();
  return remove_folder();
}
