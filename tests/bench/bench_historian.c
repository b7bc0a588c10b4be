// The historian beside bare SQLite with a row per sample, on the same disk in
// the same run. LW_BENCH_POINTS sets its size (100 million by default, a
// quarter of a minute); LW_BENCH_DATA the folder with the recordings tep and
// skab (../shared/data), which are left out when it is not there.
#include "bench/store_bench.h"

#include <dirent.h>

#include "store/day.h"
#include "store/historian.h"
#include "store/history.h"
#include "store/history_csv.h"

#define TAGS 100
#define COMMIT_S 0.25
#define PACED_S 4
#define T0 (20000 * LW_DAY_NS)

// What bare SQLite does in the same run.
typedef struct peers {
  double ingest_per_s;
  double read_s, bucket_s; // a sample
} peers;

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

static void bench_ingest(int64_t points, const peers *bare) {
  lw_err e = {0};
  lw_history_value *scans = make_scans(10000, -1);
  lw_historian *h = historian_open("hist");
  int64_t n = points / TAGS;
  double t0 = now_s(), committed = t0;
  for (int64_t i = 0; i < n; i++) {
    int64_t t_ns = T0 + i * S + (i * 7919 % 3) * 1000000; // ms of jitter
    must(lw_historian_put(h, t_ns, scans + i % 10000 * TAGS, TAGS, &e), &e);
    if (i % 64 == 0 && now_s() - committed > COMMIT_S) {
      must(lw_historian_commit(h, &e), &e);
      committed = now_s();
    }
  }
  must(lw_historian_commit(h, &e), &e);
  double t1 = now_s();
  end_day(h);
  free(scans);
  double per_s = (double)points / (t1 - t0);
  printf("historian, ingest       %.2f M points/s at FULL with a commit each "
         "250 ms (to reach: 1.5 at NORMAL), %.1f times bare\n",
         per_s * 1e-6, per_s / bare->ingest_per_s);
  double first_day = (double)(n < 86400 ? n : 86400) * TAGS;
  printf("historian, size         %.2f bytes a point in the file of a day that "
         "is over\n",
         (double)day_bytes("hist") / first_day);
}

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

// Of the files, which is what the goal is about, and of chunks and times in
// them.
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
  printf("bytes a point, %-22s %.2f in files, %.2f in chunks (%lld points)\n",
         what, (double)bytes / (double)points, (double)blobs / (double)points,
         (long long)points);
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
    tell_size(kinds[kind], name, n * TAGS + 1);
  }
}

static int count(void *arg, const lw_chunk *c) {
  *(int64_t *)arg += (int64_t)c->n;
  return 0;
}

static void bench_queries(const peers *bare) {
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
  double samples = (double)n / 200;
  printf("historian, one day      p50 %.2f ms, p99 %.2f ms for %.0f samples "
         "(to reach: 5), %.1f times bare a sample\n",
         day[100] * 1e3, day[198] * 1e3, samples,
         bare->read_s / (day[100] / samples));
  printf("historian, 1,000 sums   p50 %.2f ms, p99 %.2f ms of the day (to "
         "reach: 10), %.1f times bare a sample\n",
         sums[100] * 1e3, sums[198] * 1e3,
         bare->bucket_s / (sums[100] / samples));
}

// ------------------------------------------------------------- recordings --

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

// All recordings of the Tennessee Eastman process one behind the other, a row
// each three minutes. The first has a column per instant, the others a row.
#define TEP                                                                    \
  "cd %s/tep && for f in *.dat.gz; do zcat $f; echo; done | awk '"             \
  "function put(text) { printf \"%%d%%s\\n\", 1700006400 + 180 * n++, text }"  \
  "BEGIN { printf \"time\"; for (i = 1; i <= 52; i++) printf \",x%%d\", i;"    \
  "  print \"\" }"                                                             \
  "NF > 52 { for (i = 1; i <= NF; i++) wide[i] = wide[i] \",\" $i; m = NF }"   \
  "!NF { for (i = 1; i <= m; i++) put(wide[i]); m = 0 }"                       \
  "NF == 52 { row = \"\"; for (i = 1; i <= 52; i++) row = row \",\" $i;"       \
  "  put(row) }'"

// ------------------------------------------------------------- bare SQLite --

// Rows as most historians in a database have them.
typedef struct bare {
  sqlite3 *db;
  sqlite3_stmt *put;
} bare;

static bare bare_open(const char *name, const char *synchronous) {
  bare b;
  char sql[256];
  sqlite3_open(in_folder(name), &b.db);
  snprintf(sql, sizeof sql,
           "PRAGMA journal_mode=WAL; PRAGMA synchronous=%s;"
           "CREATE TABLE s(tag INTEGER, t INTEGER, q INTEGER, v REAL,"
           " PRIMARY KEY(tag, t)) WITHOUT ROWID; BEGIN",
           synchronous);
  sqlite3_exec(b.db, sql, NULL, NULL, NULL);
  sqlite3_prepare_v2(b.db, "INSERT INTO s VALUES(?,?,2,?)", -1, &b.put, NULL);
  return b;
}

static void bare_put(const bare *b, int64_t tag, int64_t t_ns, double value) {
  sqlite3_bind_int64(b->put, 1, tag);
  sqlite3_bind_int64(b->put, 2, t_ns);
  sqlite3_bind_double(b->put, 3, value);
  sqlite3_step(b->put);
  sqlite3_reset(b->put);
}

static void bare_commit(const bare *b) {
  sqlite3_exec(b->db, "COMMIT; BEGIN", NULL, NULL, NULL);
}

static void bare_close(bare *b) {
  sqlite3_exec(b->db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL,
               NULL);
  sqlite3_finalize(b->put);
  sqlite3_close(b->db);
}

static void bench_bare_ingest(peers *p) {
  const int64_t n = 1000000;
  struct stat info;
  bare b = bare_open("bare.db", "NORMAL");
  double t0 = now_s(), committed = t0;
  for (int64_t i = 0; i < n; i++) {
    bare_put(&b, i % TAGS, T0 + i / TAGS * S,
             value_of((int)(i % TAGS), i / TAGS));
    if (i % 8192 == 0 && now_s() - committed > COMMIT_S) {
      bare_commit(&b);
      committed = now_s();
    }
  }
  bare_close(&b);
  double t1 = now_s();
  stat(in_folder("bare.db"), &info);
  p->ingest_per_s = (double)n / (t1 - t0);
  printf("bare SQLite, rows       %.2f M points/s at NORMAL, %.1f bytes a "
         "point\n",
         p->ingest_per_s * 1e-6, (double)info.st_size / (double)n);
}

// The 10,000 rows of one tag, and sums over 1,000 buckets of them.
static void bench_bare_queries(peers *p) {
  static const char *const sql[] = {
      "SELECT t, q, v FROM s WHERE tag=?",
      "SELECT t/10000000000, min(v), max(v), avg(v) FROM s WHERE tag=?"
      " GROUP BY 1"};
  double *per_sample_s[] = {&p->read_s, &p->bucket_s};
  sqlite3 *db;
  sqlite3_stmt *q;
  sqlite3_open(in_folder("bare.db"), &db);
  for (int k = 0; k < 2; k++) {
    double best = INFINITY;
    sqlite3_prepare_v2(db, sql[k], -1, &q, NULL);
    for (int tag = 0; tag < 20; tag++) {
      double t0 = now_s();
      sqlite3_bind_int(q, 1, tag);
      while (sqlite3_step(q) == SQLITE_ROW)
        continue;
      sqlite3_reset(q);
      best = fmin(best, now_s() - t0);
    }
    sqlite3_finalize(q);
    *per_sample_s[k] = best / 10000;
  }
  sqlite3_close(db);
}

// ------------------------------------------------------------------- paced --

// A second's worth of 100,000 points, a millisecond a scan, for PACED_S
// seconds; returns the share of a core.
static double paced(void *arg, void (*put)(void *arg, int64_t scan),
                    void (*commit)(void *arg)) {
  double t0 = now_s(), c0 = cpu_s(), committed = t0;
  for (int64_t scan = 0; scan < PACED_S * 1000; scan += 10) {
    for (int64_t i = scan; i < scan + 10; i++)
      put(arg, i);
    if (now_s() - committed >= COMMIT_S) {
      commit(arg);
      committed = now_s();
    }
    double early_s = t0 + (double)(scan + 10) * 1e-3 - now_s();
    if (early_s > 0)
      usleep((useconds_t)(early_s * 1e6));
  }
  commit(arg);
  return (cpu_s() - c0) / (now_s() - t0);
}

typedef struct paced_historian {
  lw_historian *h;
  const lw_history_value *scans;
} paced_historian;

static void put_scan(void *arg, int64_t i) {
  paced_historian *p = arg;
  lw_err e;
  must(lw_historian_put(p->h, T0 + i * 1000000, p->scans + i * TAGS, TAGS, &e),
       &e);
}

static void commit_scans(void *arg) {
  lw_err e;
  must(lw_historian_commit(((paced_historian *)arg)->h, &e), &e);
}

typedef struct paced_bare {
  bare b;
  const lw_history_value *scans;
} paced_bare;

static void put_rows(void *arg, int64_t i) {
  paced_bare *p = arg;
  for (int tag = 0; tag < TAGS; tag++)
    bare_put(&p->b, tag, T0 + i * 1000000, p->scans[i * TAGS + tag].value);
}

static void commit_rows(void *arg) {
  bare_commit(&((paced_bare *)arg)->b);
}

static void bench_paced(void) {
  lw_history_value *scans = make_scans(PACED_S * 1000, -1);
  paced_historian ours = {historian_open("paced"), scans};
  paced_bare theirs = {bare_open("paced.db", "FULL"), scans};
  double share = paced(&ours, put_scan, commit_scans);
  double bare_share = paced(&theirs, put_rows, commit_rows);
  lw_historian_close(ours.h);
  bare_close(&theirs.b);
  free(scans);
  printf("historian, 100,000/s    %.1f %% of a core at FULL with a commit each "
         "250 ms, paced for %d s (to reach: 10); bare %.1f %%, ratio %.2f\n",
         100 * share, PACED_S, 100 * bare_share, share / bare_share);
}

int main(void) {
  const char *wish = getenv("LW_BENCH_POINTS");
  peers bare_sqlite = {0};
  make_folder();
  bench_bare_ingest(&bare_sqlite);
  bench_bare_queries(&bare_sqlite);
  bench_ingest(wish ? atoll(wish) : 100000000, &bare_sqlite);
  bench_paced();
  bench_queries(&bare_sqlite);
  bench_sizes();
  bench_recording("skab (2.5)",
                  "cat %s/skab/data/anomaly-free/anomaly-free.csv");
  bench_recording("tep (2.5)", TEP);
  return remove_folder();
}
