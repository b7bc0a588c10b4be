// The historian beside bare SQLite with a row per sample, on the same disk in
// the same run. LW_BENCH_POINTS sets its size (100 million by default, a
// quarter of a minute); LW_BENCH_DATA the folder with the recordings tep and
// skab
// (../shared/data), which are left out when it is not there.
#include "bench/store_bench.h"

#include <dirent.h>

#include "store/day.h"
#include "store/historian.h"
#include "store/history.h"
#include "store/history_csv.h"

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
  static const char *const kinds[] = {"rounded to 0.01", "float32 noise (3.1)",
                                      "slow steps (1.3)", "counters"};
  lw_err e = {0};
  const int64_t n = 65536;
  for (int kind = 0; kind < 4; kind++) {
    char name[16];
    snprintf(name, sizeof name, "kind%d", kind);
    lw_history_value *scans = make_scans(n, kind);
    lw_historian *h = historian_open(name);
    for (int64_t i = 0; i < n; i++)
      must(lw_historian_put(h, T0 + i * S, scans + i * TAGS, TAGS, &e), &e);
    end_day(h);
    free(scans);
    printf("bytes a point, %-22s %.2f\n", kinds[kind],
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

// ------------------------------------------------------------- recordings --

static int64_t number_of(const char *path, const char *sql) {
  sqlite3 *db;
  sqlite3_stmt *q;
  int64_t x = 0;
  sqlite3_open(path, &db);
  if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK &&
      sqlite3_step(q) == SQLITE_ROW)
    x = sqlite3_column_int64(q, 0);
  sqlite3_finalize(q);
  sqlite3_close(db);
  return x;
}

// Of chunks and times in all days, and of the files: a recording is short, and
// a file of nearly nothing takes 100 KB.
static void tell_size(const char *what, const char *name, int64_t points) {
  char path[512];
  int64_t blobs = 0, bytes = 0;
  struct dirent *entry;
  struct stat info;
  DIR *dir = opendir(in_folder(name));
  while (dir && (entry = readdir(dir))) {
    snprintf(path, sizeof path, "%s/%s", in_folder(name), entry->d_name);
    if (!strstr(entry->d_name, ".db") || stat(path, &info) != 0)
      continue;
    bytes += info.st_size;
    blobs += number_of(path, "SELECT (SELECT sum(length(b)) FROM chunk) +"
                             " (SELECT sum(length(b)) FROM times)");
  }
  if (dir)
    closedir(dir);
  printf("bytes a point, %-22s %.2f (%lld points; %.2f with the short file's "
         "own pages)\n",
         what, (double)blobs / (double)points, (long long)points,
         (double)bytes / (double)points);
}

static const char *data_folder(void) {
  const char *wish = getenv("LW_BENCH_DATA");
  return wish ? wish : "../shared/data";
}

// A recording through the CSV reader; the shell makes one file of its parts.
static void bench_recording(const char *what, const char *command) {
  char shell[1024];
  lw_historian *h;
  lw_err e;
  int64_t points;
  snprintf(shell, sizeof shell, command, data_folder());
  FILE *in = popen(shell, "r");
  must(lw_historian_open(&h, in_folder(what), &e), &e);
  int rc = in ? lw_history_csv_read(in, what, h, &points, &e) : -1;
  if (in)
    pclose(in);
  lw_historian_close(h);
  if (rc < 0)
    printf("bytes a point, %-22s left out: no recordings in %s\n", what,
           data_folder());
  else
    tell_size(what, what, points);
}

// Rows as most historians in a database have them.
static void bench_bare(void) {
  const int64_t n = 1000000;
  sqlite3 *db;
  sqlite3_stmt *q;
  struct stat info;
  sqlite3_open(in_folder("bare.db"), &db);
  sqlite3_exec(db,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
               "CREATE TABLE s(tag INTEGER, t INTEGER, q INTEGER, v REAL,"
               " PRIMARY KEY(tag, t)) WITHOUT ROWID; BEGIN",
               NULL, NULL, NULL);
  sqlite3_prepare_v2(db, "INSERT INTO s VALUES(?,?,2,?)", -1, &q, NULL);
  double t0 = now_s(), committed = t0;
  for (int64_t i = 0; i < n; i++) {
    sqlite3_bind_int64(q, 1, i % TAGS);
    sqlite3_bind_int64(q, 2, T0 + i / TAGS * S);
    sqlite3_bind_double(q, 3, value_of((int)(i % TAGS), i / TAGS));
    sqlite3_step(q);
    sqlite3_reset(q);
    if (i % 8192 == 0 && now_s() - committed > 0.25) {
      sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL);
      committed = now_s();
    }
  }
  sqlite3_exec(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
  double t1 = now_s();
  sqlite3_finalize(q);
  sqlite3_close(db);
  stat(in_folder("bare.db"), &info);
  printf("bare SQLite, rows       %.2f M points/s at NORMAL, %.1f bytes a "
         "point\n",
         (double)n / (t1 - t0) * 1e-6, (double)info.st_size / (double)n);
}

int main(void) {
  const char *wish = getenv("LW_BENCH_POINTS");
  make_folder();
  bench_bare();
  bench_ingest(wish ? atoll(wish) : 100000000);
  bench_queries();
  bench_sizes();
  bench_recording("skab (2.5)",
                  "cat %s/skab/data/anomaly-free/anomaly-free.csv");
  bench_recording(
      "tep (2.5)",
      "cd %s/tep && zcat d00.dat.gz | awk '{ for (i = 1; i <= NF; i++) "
      "c[i, NR] = $i } END { printf \"time\"; for (r = 1; r <= NR; r++) "
      "printf \",x%%d\", r; print \"\"; for (i = 1; i <= NF; i++) { printf "
      "\"%%d\", 1700006400 + 180 * i; for (r = 1; r <= NR; r++) printf "
      "\",%%s\", c[i, r]; print \"\" } }'");
  return remove_folder();
}
