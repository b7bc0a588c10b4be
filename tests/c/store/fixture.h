// What the store's tests share: a file of their own, a run, a ring to put
// records in.
#ifndef LW_TEST_STORE_FIXTURE_H
#define LW_TEST_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/clock.h"
#include "store/store_private.h"
#include "store/verify.h"

#define RING_N (1u << 20)

typedef struct fixture {
  char dir[64], path[96], key_path[96];
  lw_clock *clock;
  lw_store *s;
  lw_run_info run;
  uint8_t *data;
  _Atomic uint64_t head, tail, committed;
  _Atomic uint32_t state;
  lw_store_source source;
  uint64_t seq;
  _Atomic int commits, stops, distrusts;
  lw_err stop;
} fixture;

static inline void on_commit(void *arg) {
  ((fixture *)arg)->commits++;
}

static inline void on_stop(void *arg, const lw_err *e) {
  fixture *f = arg;
  f->stop = *e;
  f->stops++;
}

static inline void on_distrust(void *arg, uint32_t source, const lw_err *e) {
  (void)source;
  (void)e;
  ((fixture *)arg)->distrusts++;
}

static inline lw_run_info a_run(void) {
  return (lw_run_info){.batch = "0417",
                       .recipe = "electrode-coating",
                       .version = "2.3.0",
                       .line = "line-B",
                       .bundle = "9f3c",
                       .policy = "engineering",
                       .state = "Stopped",
                       .settings = "{\"speed\":30}",
                       .seed = 0xfedcba9876543210u};
}

static inline void fixture_ring(fixture *f) {
  lw_ring_init(&f->source.ring, f->data, RING_N, &f->head, &f->tail);
  f->source.committed = &f->committed;
}

static inline void fixture_open(fixture *f) {
  lw_err e = {0};
  int rc = lw_store_open(&f->s, f->path, LW_STORE_WRITE, f->clock, &e);
  if (rc < 0)
    fail_msg("%s", e.text);
}

static inline void fixture_begin(fixture *f) {
  lw_err e = {0};
  f->run = a_run();
  if (lw_store_run_begin(f->s, &f->run, &e) < 0)
    fail_msg("%s", e.text);
}

static inline lw_store_config a_config(fixture *f, int thread) {
  return (lw_store_config){.run = f->run.id,
                           .sources = &f->source,
                           .source_n = 1,
                           .state = &f->state,
                           .on_commit = on_commit,
                           .on_stop = on_stop,
                           .on_distrust = on_distrust,
                           .arg = f,
                           .thread = thread};
}

static inline void fixture_attach(fixture *f, int thread) {
  lw_err e = {0};
  lw_store_config c = a_config(f, thread);
  if (lw_store_attach(f->s, &c, &e) < 0)
    fail_msg("%s", e.text);
}

static inline int fixture_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  snprintf(f->dir, sizeof f->dir, "/tmp/lw-store-XXXXXX");
  assert_non_null(mkdtemp(f->dir));
  snprintf(f->path, sizeof f->path, "%s/t.db", f->dir);
  // The host's key, made in a folder of its own.
  snprintf(f->key_path, sizeof f->key_path, "%s/state", f->dir);
  setenv("STATE_DIRECTORY", f->key_path, 1);
  strcat(f->key_path, "/sign.key");
  f->clock = lw_clock_real();
  f->data = malloc(RING_N);
  fixture_ring(f);
  *state = f;
  return 0;
}

static inline int fixture_down(void **state) {
  fixture *f = *state;
  char command[128];
  lw_store_close(f->s);
  snprintf(command, sizeof command, "rm -rf %s", f->dir);
  assert_int_equal(system(command), 0);
  free(f->data);
  free(f);
  return 0;
}

// Put a record as a worker would; returns its seq, or the ring's refusal.
static inline int64_t emit(fixture *f, int kind, const char *key,
                           const char *data, int durable) {
  uint8_t buffer[512];
  lw_record r = {.seq = f->seq + 1,
                 .t_ns = (int64_t)(f->seq + 1) * LW_MS,
                 .wall_ns = 1700000000 * LW_S + (int64_t)f->seq,
                 .kind = (uint8_t)kind,
                 .durable = (uint8_t)durable,
                 .synced = 1,
                 .key = key,
                 .key_n = strlen(key),
                 .data = data,
                 .data_n = strlen(data)};
  assert_true(lw_record_size(&r) <= sizeof buffer);
  int rc = lw_ring_put(&f->source.ring, buffer, lw_record_encode(&r, buffer));
  return rc < 0 ? rc : (int64_t)++f->seq;
}

// As a config's on_commit, between the commit and the copying of the log: that
// is due now.
static inline void grow_log(void *arg) {
  ((fixture *)arg)->s->db.wal_pages = 1 << 20;
}

// A record with n bytes of data and a key of one.
static inline void put_big(lw_ring *ring, char *text, size_t n) {
  static uint8_t buffer[LW_RING_MESSAGE_MAX];
  memset(text, 'x', n);
  const lw_record r = {.seq = 1,
                       .kind = LW_RECORD_data,
                       .key = "k",
                       .key_n = 1,
                       .data = text,
                       .data_n = n};
  assert_int_equal(lw_ring_put(ring, buffer, lw_record_encode(&r, buffer)), 0);
}

// Wait for a condition of another thread, at most some seconds.
#define WAIT_FOR(condition)                                                    \
  do {                                                                         \
    for (int i_ = 0; !(condition) && i_ < 20000; i_++)                         \
      usleep(500);                                                             \
    assert_true(condition);                                                    \
  } while (0)

#endif
