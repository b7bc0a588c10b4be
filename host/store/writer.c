// The writer: takes records from rings, many to a commit, and tells their
// producers once they are on disk.
#include <stdlib.h> // calloc
#include <string.h> // memcpy
#include <time.h>   // timespec

#include "store/pace.h" // lw_pace
#include "store/store_private.h"

#define SOURCE_MAX 16
// What one transaction takes at most: bounds the wait of a barrier behind a
// flood of batched records, and of other users of the connection.
#define COMMIT_RECORDS 4096
#define COMMIT_BYTES (4u << 20)

struct lw_writer {
  lw_store_config c;
  uint8_t run[LW_HASH_N];      // digest of the run's header
  uint64_t seen[SOURCE_MAX];   // newest seq taken, on disk after the commit
  lw_err distrust[SOURCE_MAX]; // why a source is not read any more
  uint32_t reported;           // bit mask: on_distrust was called
  int has_stopped;             // on_stop was called
  uint8_t buffer[LW_RING_MESSAGE_MAX];
  pthread_t thread;
  pthread_mutex_t wake;   // guards the pace, so that a kick never waits for
  pthread_cond_t changed; // the disk
  lw_pace pace;
};

// One transaction in the making.
typedef struct batch {
  lw_chain chain;
  uint64_t records;
  size_t bytes;
  int is_durable; // one of them is
} batch;

static int is_full(const batch *b) {
  return b->records >= COMMIT_RECORDS || b->bytes >= COMMIT_BYTES;
}

// Enter one record: 1, or the store's error.
static int append(lw_store *s, batch *b, uint32_t source, const lw_record *r,
                  lw_err *e) {
  lw_writer *w = s->writer;
  int rc = lw_journal_append(s, &b->chain, w->c.run, w->run, source, r, e);
  if (rc < 0)
    return rc;
  b->records++;
  b->is_durable |= r->durable;
  b->bytes += r->key_n + r->data_n;
  if (r->seq)
    w->seen[source] = r->seq;
  return 1;
}

// The journal says itself that it stopped listening to a source; as append.
static int distrust(lw_store *s, batch *b, uint32_t source, int code,
                    lw_err *e) {
  static const char data[] =
      "{\"text\":\"damaged data from this source, it is not read any more\"}";
  lw_record note = {.t_ns = lw_now_ns(s->clock),
                    .wall_ns = s->clock->wall_ns(s->clock),
                    .synced = (uint8_t)s->clock->is_synced(s->clock),
                    .kind = LW_RECORD_note,
                    .durable = 1,
                    .key = "store",
                    .key_n = 5,
                    .data = data,
                    .data_n = sizeof data - 1};
  lw_err_set(&s->writer->distrust[source], code,
             "record source %u sent damaged data and is not read any more",
             source);
  return append(s, b, source, &note, e);
}

// Take one record of a source: 1, 0 when there is none, or the store's error.
static int take(lw_store *s, batch *b, uint32_t source, lw_err *e) {
  lw_writer *w = s->writer;
  lw_record r;
  if (w->distrust[source].code)
    return 0;
  int n = lw_ring_get(&w->c.sources[source].ring, w->buffer, sizeof w->buffer);
  if (n == LW_E_AGAIN)
    return 0;
  int rc = n < 0 ? n : lw_record_decode(&r, w->buffer, (size_t)n);
  return rc < 0 ? distrust(s, b, source, rc, e) : append(s, b, source, &r, e);
}

// Sources in turn, one record each, so that a flood in one does not starve the
// others.
static int collect(lw_store *s, batch *b, lw_err *e) {
  for (int taken = 1; taken && !is_full(b);) {
    taken = 0;
    for (uint32_t i = 0; i < s->writer->c.source_n; i++) {
      int rc = take(s, b, i, e);
      if (rc < 0)
        return rc;
      taken |= rc;
    }
  }
  return lw_journal_head(s, &b->chain, e);
}

// Is there a source, still read, whose ring this is true of?
static int some_ring(const lw_store *s, int (*is_so)(const lw_ring *ring)) {
  const lw_writer *w = s->writer;
  for (uint32_t i = 0; i < w->c.source_n; i++)
    if (!w->distrust[i].code && is_so(&w->c.sources[i].ring))
      return 1;
  return 0;
}

static int has_records(const lw_ring *ring) {
  return atomic_load(ring->head) != atomic_load(ring->tail);
}

static void publish(lw_store *s, const batch *b) {
  lw_writer *w = s->writer;
  s->record_n += b->records;
  s->barrier_n += b->is_durable;
  for (uint32_t i = 0; i < w->c.source_n; i++)
    if (w->c.sources[i].committed && w->seen[i])
      atomic_store(w->c.sources[i].committed, w->seen[i]);
  if (w->c.on_commit)
    w->c.on_commit(w->c.arg);
}

static void report(lw_store *s) {
  lw_writer *w = s->writer;
  for (uint32_t i = 0; i < w->c.source_n; i++) {
    if (!w->distrust[i].code || w->reported & (1u << i))
      continue;
    w->reported |= 1u << i;
    if (w->c.on_distrust)
      w->c.on_distrust(w->c.arg, i, &w->distrust[i]);
  }
  lw_err why;
  if (w->has_stopped || lw_store_check(s, &why) == 0)
    return;
  w->has_stopped = 1;
  if (w->c.state)
    atomic_store(w->c.state, (uint32_t)why.code);
  if (w->c.on_stop)
    w->c.on_stop(w->c.arg, &why);
}

// The log is copied between commits, after producers were told.
static void tidy(lw_store *s) {
  pthread_mutex_lock(&s->mutex);
  if (!s->stop.code) // and what fails here stops it
    lw_db_checkpoint(&s->db, &s->stop);
  pthread_mutex_unlock(&s->mutex);
}

// One commit of what the rings hold; 0 or the error that stopped the store.
static int commit_once(lw_store *s) {
  lw_err e = {0};
  int rc = lw_store_begin(s, &e);
  if (rc < 0)
    return rc;
  batch b = {.chain = s->chain};
  rc = collect(s, &b, &e);
  rc = lw_store_commit(s, rc, &b.chain, &e);
  if (rc < 0)
    return rc;
  publish(s, &b);
  tidy(s);
  return 0;
}

// Commit until the rings are empty; 0 or the error that stopped the store.
static int drain(lw_store *s) {
  int rc = 0;
  while (rc == 0 && some_ring(s, has_records))
    rc = commit_once(s);
  report(s);
  return lw_store_check(s, NULL);
}

// ------------------------------------------------------------------ thread --

// Sleep until kicked, told to end, or it is time to look at the rings.
static void doze(lw_writer *w, int64_t now_ns) {
  pthread_mutex_lock(&w->wake);
  int64_t until_ns = lw_pace_wake_ns(&w->pace, now_ns);
  struct timespec until = {.tv_sec = (time_t)(until_ns / LW_S),
                           .tv_nsec = (long)(until_ns % LW_S)};
  pthread_cond_timedwait(&w->changed, &w->wake, &until);
  pthread_mutex_unlock(&w->wake);
}

static int decide(lw_store *s) {
  lw_writer *w = s->writer;
  int is_filling = some_ring(s, lw_pace_is_filling);
  pthread_mutex_lock(&w->wake);
  int todo = lw_pace_next(&w->pace, lw_now_ns(s->clock), is_filling);
  pthread_mutex_unlock(&w->wake);
  return todo;
}

static void *write_records(void *arg) {
  lw_store *s = arg;
  lw_writer *w = s->writer;
  int todo = LW_PACE_wait;
  while (todo != LW_PACE_end) {
    doze(w, lw_now_ns(s->clock));
    todo = decide(s);
    if (todo == LW_PACE_wait)
      continue;
    drain(s);
    lw_pace_restart(&w->pace, lw_now_ns(s->clock));
  }
  return NULL;
}

// Say something to the thread: set a flag of its pace, and wake it.
static void tell(lw_writer *w, int *flag) {
  pthread_mutex_lock(&w->wake);
  *flag = 1;
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->wake);
}

static void writer_init(lw_writer *w, const lw_store_config *c,
                        int64_t now_ns) {
  pthread_condattr_t monotonic;
  w->c = *c;
  lw_pace_init(&w->pace, c->delay_ns, now_ns);
  pthread_mutex_init(&w->wake, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&w->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

static void writer_free(lw_writer *w) {
  pthread_cond_destroy(&w->changed);
  pthread_mutex_destroy(&w->wake);
  free(w);
}

static int check_attach(lw_store *s, const lw_store_config *c, lw_err *e) {
  if (s->mode != LW_STORE_WRITE)
    return lw_err_set(e, LW_E_STATE, "%s is open to read only", s->path);
  if (s->writer)
    return lw_err_set(e, LW_E_STATE, "%s takes records of run %lld already",
                      s->path, (long long)s->writer->c.run);
  if (c->source_n < 1 || c->source_n > SOURCE_MAX)
    return lw_err_set(e, LW_E_RANGE, "%u record sources, must be 1 to %d",
                      c->source_n, SOURCE_MAX);
  return lw_store_check(s, e);
}

int lw_store_attach(lw_store *s, const lw_store_config *c, lw_err *e) {
  int rc = check_attach(s, c, e);
  if (rc < 0)
    return rc;
  lw_writer *w = calloc(1, sizeof *w);
  if (!w)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the writer");
  lw_err why = {0};
  rc = lw_run_digest(s, c->run, w->run, &why);
  if (rc < 0) {
    free(w);
    if (rc != LW_E_NOTFOUND) // a disk that cannot be read is not written to
      lw_store_stop(s, &why);
    if (e)
      *e = why;
    return rc;
  }
  writer_init(w, c, lw_now_ns(s->clock));
  s->writer = w;
  if (c->thread && pthread_create(&w->thread, NULL, write_records, s) != 0) {
    s->writer = NULL;
    writer_free(w);
    return lw_err_set(e, LW_E_NOMEM, "cannot start the writer thread");
  }
  return 0;
}

void lw_store_kick(lw_store *s) {
  if (s->writer)
    tell(s->writer, &s->writer->pace.is_kicked);
}

int lw_store_pump(lw_store *s) {
  if (!s->writer || s->writer->c.thread)
    return lw_store_check(s, NULL);
  return drain(s);
}

void lw_store_detach(lw_store *s) {
  lw_writer *w = s->writer;
  if (!w)
    return;
  if (w->c.thread) {
    tell(w, &w->pace.is_ending);
    pthread_join(w->thread, NULL);
  } else {
    drain(s);
  }
  s->writer = NULL;
  writer_free(w);
}
