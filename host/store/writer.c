// The writer: takes records from rings, many to a commit, and tells their
// producers once they are on disk.
#include <stdlib.h> // calloc
#include <string.h> // memcpy
#include <time.h>   // timespec

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
  pthread_mutex_t wake;   // guards the two flags, so that a kick never waits
  pthread_cond_t changed; // for the disk
  int is_kicked, is_ending;
};

// One transaction in the making.
typedef struct batch {
  lw_chain chain;
  uint64_t records, durable;
  size_t bytes;
} batch;

static int is_full(const batch *b) {
  return b->records >= COMMIT_RECORDS || b->bytes >= COMMIT_BYTES;
}

static int append(lw_store *s, batch *b, uint32_t source, const lw_record *r,
                  lw_err *e) {
  lw_writer *w = s->writer;
  int rc = lw_journal_append(s, &b->chain, w->c.run, w->run, source, r, e);
  if (rc < 0)
    return rc;
  b->records++;
  b->durable += r->durable;
  b->bytes += r->key_n + r->data_n;
  if (r->seq)
    w->seen[source] = r->seq;
  return 0;
}

// The journal says itself that it stopped listening to a source.
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
  rc = rc < 0 ? distrust(s, b, source, rc, e) : append(s, b, source, &r, e);
  return rc < 0 ? rc : 1;
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

static int has_records(const lw_store *s) {
  const lw_writer *w = s->writer;
  for (uint32_t i = 0; i < w->c.source_n; i++) {
    const lw_ring *r = &w->c.sources[i].ring;
    if (!w->distrust[i].code && atomic_load(r->head) != atomic_load(r->tail))
      return 1;
  }
  return 0;
}

static void publish(lw_store *s, const batch *b) {
  lw_writer *w = s->writer;
  s->record_n += b->records;
  s->barrier_n += b->durable > 0;
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
  lw_err why = {0};
  pthread_mutex_lock(&s->mutex);
  if (!s->stop.code && lw_db_checkpoint(&s->db, &why) < 0)
    lw_store_stop(s, &why);
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

static int drain(lw_store *s) {
  int rc = 0;
  while (rc == 0 && has_records(s))
    rc = commit_once(s);
  report(s);
  return rc < 0 ? rc : lw_store_check(s, NULL);
}

// ------------------------------------------------------------------ thread --

// A ring that fills up cannot wait for the batch's time.
static int is_filling(const lw_store *s) {
  const lw_writer *w = s->writer;
  for (uint32_t i = 0; i < w->c.source_n; i++) {
    const lw_ring *r = &w->c.sources[i].ring;
    if (!w->distrust[i].code &&
        atomic_load(r->head) - atomic_load(r->tail) > r->size / 4)
      return 1;
  }
  return 0;
}

// Sleep until kicked, told to end, or the slice is over.
static void doze(lw_writer *w, int64_t until_ns) {
  struct timespec until = {.tv_sec = (time_t)(until_ns / LW_S),
                           .tv_nsec = (long)(until_ns % LW_S)};
  pthread_mutex_lock(&w->wake);
  if (!w->is_kicked && !w->is_ending)
    pthread_cond_timedwait(&w->changed, &w->wake, &until);
  pthread_mutex_unlock(&w->wake);
}

static void *write_records(void *arg) {
  lw_store *s = arg;
  lw_writer *w = s->writer;
  int64_t due_ns = lw_now_ns(s->clock) + w->c.delay_ns;
  for (int is_ending = 0; !is_ending;) {
    doze(w, lw_now_ns(s->clock) + w->c.delay_ns / 8);
    pthread_mutex_lock(&w->wake);
    int is_due = w->is_kicked || w->is_ending;
    is_ending = w->is_ending;
    w->is_kicked = 0;
    pthread_mutex_unlock(&w->wake);
    if (!is_due && lw_now_ns(s->clock) < due_ns && !is_filling(s))
      continue;
    drain(s);
    due_ns = lw_now_ns(s->clock) + w->c.delay_ns;
  }
  return NULL;
}

static void writer_init(lw_writer *w, const lw_store_config *c) {
  pthread_condattr_t monotonic;
  w->c = *c;
  if (w->c.delay_ns <= 0)
    w->c.delay_ns = 250 * LW_MS;
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
  writer_init(w, c);
  s->writer = w;
  if (c->thread && pthread_create(&w->thread, NULL, write_records, s) != 0) {
    s->writer = NULL;
    writer_free(w);
    return lw_err_set(e, LW_E_NOMEM, "cannot start the writer thread");
  }
  return 0;
}

void lw_store_kick(lw_store *s) {
  lw_writer *w = s->writer;
  if (!w)
    return;
  pthread_mutex_lock(&w->wake);
  w->is_kicked = 1;
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->wake);
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
    pthread_mutex_lock(&w->wake);
    w->is_ending = 1;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->wake);
    pthread_join(w->thread, NULL);
  } else {
    drain(s);
  }
  s->writer = NULL;
  writer_free(w);
}
