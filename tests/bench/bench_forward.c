// The forwarder against a PostgreSQL server of its own on this machine.
// LW_BENCH_POINTS sets how many points (5 million by default).
#include "bench/store_bench.h"

#include "store/forward.h"
#include "store/historian.h"
#include "store/store.h"

#define TAGS 100
#define T0 (INT64_C(1793491200) * S)

static void fill(int64_t points) {
  lw_historian *h;
  lw_store *s;
  lw_err e;
  lw_history_value v[TAGS];
  must(
      lw_store_open(&s, in_folder("a.db"), LW_STORE_WRITE, lw_clock_real(), &e),
      &e);
  lw_store_close(s);
  must(lw_historian_open(&h, in_folder("a.db.history"), &e), &e);
  for (int i = 0; i < TAGS; i++) {
    char tag[32];
    snprintf(tag, sizeof tag, "line.tag[%d]", i);
    must(lw_historian_tag(h, tag, "1", &e), &e);
  }
  for (int64_t i = 0; i < points / TAGS; i++) {
    for (int tag = 0; tag < TAGS; tag++)
      v[tag] = (lw_history_value){(uint32_t)tag, 2,
                                  round(100 * sin((double)(i + tag) / 99)) / 9};
    must(lw_historian_put(h, T0 + i * S, v, TAGS, &e), &e);
  }
  must(lw_historian_end(h, &e), &e);
  lw_historian_close(h);
}

// How to connect, or 0 and why there is no server.
static int start_server(char *out, size_t n) {
  char command[160];
  snprintf(command, sizeof command, "tests/support/postgres.sh start %s",
           folder);
  FILE *answer = popen(command, "r");
  if (!answer || !fgets(out, (int)n, answer))
    *out = 0;
  out[strcspn(out, "\n")] = 0;
  return answer && pclose(answer) == 0;
}

// What a script would do: a row per sample from a CSV file, by psql's \copy.
// Points a second, 0 when there is no psql.
static double copy_rows(const char *conninfo) {
  const int64_t n = 500000;
  char command[512];
  FILE *out = fopen(in_folder("rows.csv"), "w");
  for (int64_t i = 0; out && i < n; i++)
    fprintf(out, "%d,%lld,%.17g\n", (int)(i % TAGS),
            (long long)(T0 + i / TAGS * S),
            round(100 * sin((double)i / 99)) / 9);
  if (out)
    fclose(out);
  snprintf(command, sizeof command,
           "psql -q '%s' -c 'CREATE TABLE bare(tag int, t bigint, v float8,"
           " PRIMARY KEY(tag, t))' -c '\\copy bare FROM %s CSV'",
           conninfo, in_folder("rows.csv"));
  double t0 = now_s();
  return system(command) == 0 ? (double)n / (now_s() - t0) : 0;
}

static void forward(const char *conninfo) {
  lw_forward *f;
  lw_forward_stats sent;
  lw_err e;
  const lw_forward_config c = {
      .db = in_folder("a.db"), .conninfo = conninfo, .clock = lw_clock_real()};
  must(lw_forward_open(&f, &c, &e), &e);
  double t0 = now_s(), c0 = cpu_s();
  must(lw_forward_step(f, &sent, &e), &e);
  double took = now_s() - t0, cpu = cpu_s() - c0;
  double per_s = (double)sent.points / took, bare_per_s = copy_rows(conninfo);
  printf(
      "forward                 %.2f M points/s (to reach: 1), %lld points in "
      "%.2f s, %.2f s of our CPU; psql's copy of rows %.2f M/s, %.1f times\n",
      per_s * 1e-6, (long long)sent.points, took, cpu, bare_per_s * 1e-6,
      per_s / bare_per_s);
  lw_forward_close(f);
}

int main(void) {
  const char *wish = getenv("LW_BENCH_POINTS");
  char conninfo[256], command[160];
  make_folder();
  if (start_server(conninfo, sizeof conninfo)) {
    fill(wish ? atoll(wish) : 5000000);
    forward(conninfo);
    snprintf(command, sizeof command, "tests/support/postgres.sh stop %s",
             folder);
    if (system(command) != 0)
      fprintf(stderr, "bench: the server did not stop\n");
  } else
    printf("forward                 left out: %s\n", conninfo);
  return remove_folder();
}
