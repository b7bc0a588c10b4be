// A historian's folder with data of many kinds, for tests and benches:
//   fill_history FOLDER TAGS SAMPLES
// TAGS tags, SAMPLES samples of each at 1 Hz from 2026-11-01 on, every
// hundredth of them bad. Everything is in closed chunks.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/historian.h"

#define S INT64_C(1000000000)
#define T0 (INT64_C(1793491200) * S)

static int complain(const lw_err *e) {
  fprintf(stderr, "fill_history: %s\n", e->text);
  return 1;
}

static double value_of(int tag, int64_t i) {
  switch (tag % 4) {
  case 0:
    return round(100 * (80 + 5 * sin((double)i / 300 + tag))) / 100;
  case 1:
    return (double)(float)(50 + sin((double)i));
  case 2:
    return (double)(i / 500 + tag);
  }
  return (double)(i + tag * 1000);
}

int main(int argc, char **argv) {
  lw_historian *h;
  lw_err e;
  if (argc != 4)
    return 2;
  int tags = atoi(argv[2]);
  int64_t samples = atoll(argv[3]);
  lw_history_value *v = calloc((size_t)tags, sizeof *v);
  if (!v || lw_historian_open(&h, argv[1], &e) < 0)
    return complain(&e);
  for (int i = 0; i < tags; i++) {
    char name[32];
    snprintf(name, sizeof name, "line.tag[%d]", i + 1);
    if (lw_historian_tag(h, name, "degC", &e) < 0)
      return complain(&e);
  }
  for (int64_t i = 0; i < samples; i++) {
    for (int tag = 0; tag < tags; tag++)
      v[tag] = (lw_history_value){(uint32_t)tag, (i + tag) % 100 ? 2 : 0,
                                  value_of(tag, i)};
    if (lw_historian_put(h, T0 + i * S, v, (size_t)tags, &e) < 0)
      return complain(&e);
  }
  int rc = lw_historian_end(h, &e);
  lw_historian_close(h);
  free(v);
  return rc < 0 ? complain(&e) : 0;
}
