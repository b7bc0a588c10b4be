// 300 inspection points on one part a second, by the product's own way: a host
// with its scan, a worker with the recipe (tests/bench/points), pictures of 5
// megapixels from a driver, an eight-bit MobileNetV2 of random weights off the
// loop in two contexts, then light, drift and a conformal limit for each point.
// Goals: p99 from the picture to its gate inside 1 s, no scan and no loop late;
// what the machine did to a bare thread beside it is told, too.
//   bench_points [PARTS]   parts that are timed, default 30
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bare_timer.h"
#include "store/store.h"
#include "support/vision_write.h"

#define FOLDER "build/bench"
#define DB FOLDER "/points.db"
#define PARTS_MAX 1000

#define SCAN (10 * LW_MS) // points/line.lua

enum { WIDTH = 2560, HEIGHT = 1920, SIDE = 128, PICTURES = 4, LEARN = 30 };

// Grey, brushed, noise that differs from picture to picture.
static int write_picture(int i) {
  char path[64];
  uint32_t seed = 17 + (uint32_t)i;
  snprintf(path, sizeof path, FOLDER "/points/part-%d.pgm", i);
  FILE *f = fopen(path, "wb");
  if (!f)
    return 0;
  fprintf(f, "P5 %d %d 255\n", WIDTH, HEIGHT);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      putc(110 + x / 9 % 20 + (int)(6 * onnx_noise(&seed)), f);
  return fclose(f) == 0;
}

static int prepare(void) {
  mkdir(FOLDER, 0777);
  mkdir(FOLDER "/points", 0777);
  for (int i = 0; i < PICTURES; i++)
    if (!write_picture(i))
      return 0;
  pb model = mobilenet_v2(SIDE, 1, 2);
  return onnx_save(&model, FOLDER "/points.onnx");
}

// The program beside this one, in real time on the twin's outputs.
static int run(const char *self, int parts) {
  char command[1024];
  const char *end = strrchr(self, '/');
  snprintf(command, sizeof command,
           "rm -rf " DB "* && '%.*s/linewright' run "
           "tests/bench/points/recipe.lua --line tests/bench/points/line.lua "
           "--sim --set parts=%d --db " DB " >" FOLDER "/points.log 2>&1",
           (int)(end ? end - self : 1), end ? self : ".", parts);
  return system(command) == 0;
}

typedef struct figures {
  double latency_s[PARTS_MAX], missed;
  int n, late_scans, late_loops;
} figures;

static int has_word(const lw_record *r, const char *word) {
  return memmem(r->key, r->key_n, word, strlen(word)) != NULL;
}

static int take(void *arg, int64_t id, const lw_record *r) {
  figures *f = arg;
  char text[256], *at;
  (void)id;
  if (r->kind == LW_RECORD_late && has_word(r, "scan"))
    f->late_scans++;
  else if (r->kind == LW_RECORD_late)
    f->late_loops++;
  if (r->kind != LW_RECORD_data)
    return 0;
  snprintf(text, sizeof text, "%.*s", (int)r->data_n, (const char *)r->data);
  double x = (at = strstr(text, "\"v\":")) ? strtod(at + 4, NULL) : 0;
  if (has_word(r, "missed"))
    f->missed += x;
  if (has_word(r, "latency") && f->n < PARTS_MAX)
    f->latency_s[f->n++] = x;
  return 0;
}

static int read_back(figures *f) {
  lw_store *s;
  lw_err e = {0};
  lw_run_info info;
  int rc = lw_store_open(&s, DB, LW_STORE_READ, lw_clock_real(), &e);
  if (rc < 0)
    return rc;
  rc = lw_store_run_find(s, NULL, &info, &e);
  if (rc == 0)
    rc = lw_store_read(s, info.id, take, f, &e);
  lw_store_close(s);
  return rc;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void told(const char *what, double x, const char *unit, double most) {
  printf("%-48s %9.3f %-3s (at most %g)  %s\n", what, x, unit, most,
         x <= most ? "ok" : "SHORT");
}

int main(int argc, char **argv) {
  int parts = argc > 1 ? atoi(argv[1]) : 30;
  static figures f;
  static lw_latency bare;
  bare_timer beside;
  puts("300 points of 128 x 128, a part a second, MobileNetV2 in eight bits");
  if (!prepare() || parts < 1 || parts > PARTS_MAX)
    return 1;
  bare_timer_start(&beside, SCAN, &bare);
  int is_run = run(argv[0], parts);
  bare_timer_stop(&beside);
  if (!is_run || read_back(&f) < 0 || f.n == 0) {
    puts("  the run did not end: see " FOLDER "/points.log");
    return system("cat " FOLDER "/points.log") != 0;
  }
  qsort(f.latency_s, (size_t)f.n, sizeof f.latency_s[0], by_size);
  printf("  picture to gate: least %.3f s, p50 %.3f s, of %d parts\n",
         f.latency_s[0], f.latency_s[f.n / 2], f.n);
  // What other programs on the machine do not change.
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  printf("  processor time of the whole run, a part: %.3f s\n",
         (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) / (f.n + LEARN));
  printf("  a bare thread beside, same period and priority: %llu of %llu "
         "periods missed\n",
         (unsigned long long)atomic_load(&bare.missed_n),
         (unsigned long long)atomic_load(&bare.n));
  told("picture to gate, p99", f.latency_s[(f.n * 99 - 1) / 100], "s", 1);
  told("parts that came and were not looked at", f.missed, "", 0);
  told("scans late, records", f.late_scans, "", 0);
  told("loops late, records", f.late_loops, "", 0);
  return 0;
}
