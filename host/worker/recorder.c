#include "worker/recorder.h"

#include <math.h>        // fabs
#include <pthread.h>     // pthread_create
#include <stdatomic.h>   // atomic_load
#include <stdlib.h>      // calloc
#include <string.h>      // memcmp
#include <sys/statvfs.h> // statvfs

#include "base/ring.h"       // lw_ring
#include "store/historian.h" // lw_historian

#define PERIOD_NS (100 * LW_MS)
#define COMMIT_NS LW_S
// Longest silence about a value that does not change.
#define SILENCE_NS (10 * LW_S)
// Whole days go, oldest first, when the folder takes more than this, unless the
// profile says what share of the disk it may have.
#define FOLDER_MAX (INT64_C(8) << 30)
#define PRUNE_NS (3600 * LW_S)
// Scans on their way to the disk: four seconds of 200 tags at 10 ms.
#define RING_N (1u << 20)
// A scan's message: wall time, then tag number, quality and value of each.
#define MESSAGE_HEAD_N 8
#define MESSAGE_VALUE_N 13
#define MESSAGE_VALUES_MAX                                                     \
  ((LW_RING_MESSAGE_MAX - MESSAGE_HEAD_N) / MESSAGE_VALUE_N)

// What was recorded last of a tag.
typedef struct track {
  uint32_t number; // in the historian
  int is_known;
  lw_reading last; // t_ns: when it was recorded
} track;

struct lw_recorder {
  lw_recorder_config c;
  lw_historian *historian;
  track *tracks;            // [tag_n]
  lw_history_value *values; // [tag_n], scratch of one sample
  int64_t due_ns, commit_ns, prune_ns;
  uint32_t *scan_tags; // [scan_tag_n], those recorded at each scan
  uint32_t scan_tag_n;
  // From the scan's thread to the recorder's.
  lw_ring ring;
  _Atomic uint64_t head, tail;
  uint8_t *ring_data;         // [RING_N]
  uint8_t *message, *arrived; // [LW_RING_MESSAGE_MAX], one of each side
  lw_history_value *scanned;  // [scan_tag_n], scratch of one scan
  _Atomic uint64_t days_dropped, days_unsent, days_waiting, scans_lost;
  lw_err error; // written once, before the flag
  _Atomic int has_failed, is_stopping;
  int has_thread;
  pthread_t thread;
};

// A change worth recording. NaN and NaN are no change, a sign of zero is.
static int has_moved(double a, double b, double deadband) {
  if (memcmp(&a, &b, sizeof a) == 0)
    return 0;
  return !(fabs(a - b) <= deadband);
}

static int is_news(const track *t, const lw_reading *now, double deadband,
                   int64_t now_ns) {
  return !t->is_known || t->last.quality != now->quality ||
         has_moved(t->last.value, now->value, deadband > 0 ? deadband : 0) ||
         now_ns - t->last.t_ns >= SILENCE_NS;
}

static lw_reading read_tag(const lw_recorder *r, uint32_t i, int64_t now_ns) {
  lw_reading now;
  lw_slot_read(&lw_image_slots(r->c.image)[i], &now);
  if (now_ns - now.t_ns > lw_plan_max_age_ns(r->c.plan, i))
    now.quality = LW_BAD; // as recipes see it
  return now;
}

// Values that are news; all of them at the end, for the newest sample of a tag
// says nothing of the time after it.
static size_t collect(lw_recorder *r, int64_t now_ns, int is_end) {
  const lw_plan *p = r->c.plan;
  size_t n = 0;
  for (uint32_t i = 0; i < p->tag_n; i++) {
    track *t = &r->tracks[i];
    if (p->tags[i].history != LW_TAG_ON_CHANGE ||
        p->tags[i].type == LW_TYPE_text) // the scan tells it to the journal
      continue;
    lw_reading now = read_tag(r, i, now_ns);
    int is_owed = is_end && t->is_known && t->last.t_ns < now_ns;
    if (!is_owed && !is_news(t, &now, p->tags[i].deadband, now_ns))
      continue;
    *t = (track){.number = t->number, .is_known = 1, .last = now};
    t->last.t_ns = now_ns;
    r->values[n++] =
        (lw_history_value){t->number, (uint8_t)now.quality, now.value};
  }
  return n;
}

static void fail(lw_recorder *r, const lw_err *e) {
  r->error = *e;
  atomic_store(&r->has_failed, 1);
}

// ------------------------------------------------------------------- scans --

// To the microsecond: finer digits are noise that costs as much as a value.
static int64_t wall_us(const lw_recorder *r) {
  int64_t t_ns = r->c.clock->wall_ns(r->c.clock);
  return t_ns - t_ns % 1000;
}

static void put_scan(lw_recorder *r, int64_t now_ns) {
  lw_err e;
  for (uint32_t i = 0; i < r->scan_tag_n; i++) {
    uint32_t tag = r->scan_tags[i];
    lw_reading x = read_tag(r, tag, now_ns);
    r->scanned[i] =
        (lw_history_value){r->tracks[tag].number, (uint8_t)x.quality, x.value};
  }
  if (lw_historian_put(r->historian, wall_us(r), r->scanned, r->scan_tag_n,
                       &e) < 0)
    fail(r, &e);
}

// One message for the tags from..to of this scan.
static int hand_over(lw_recorder *r, int64_t t_ns, int64_t now_ns,
                     uint32_t from, uint32_t to) {
  uint8_t *at = r->message;
  memcpy(at, &t_ns, MESSAGE_HEAD_N);
  at += MESSAGE_HEAD_N;
  for (uint32_t i = from; i < to; i++, at += MESSAGE_VALUE_N) {
    lw_reading x = read_tag(r, r->scan_tags[i], now_ns);
    memcpy(at, &r->tracks[r->scan_tags[i]].number, 4);
    at[4] = (uint8_t)x.quality;
    memcpy(at + 5, &x.value, 8);
  }
  return lw_ring_put(&r->ring, r->message, (size_t)(at - r->message));
}

void lw_recorder_scan(lw_recorder *r) {
  if (r->scan_tag_n == 0 || atomic_load(&r->has_failed))
    return;
  int64_t now_ns = lw_now_ns(r->c.clock);
  if (!r->c.thread) {
    put_scan(r, now_ns);
    return;
  }
  int64_t t_ns = wall_us(r);
  for (uint32_t i = 0; i < r->scan_tag_n; i += MESSAGE_VALUES_MAX) {
    uint32_t left = r->scan_tag_n - i;
    uint32_t n = left < MESSAGE_VALUES_MAX ? left : MESSAGE_VALUES_MAX;
    if (hand_over(r, t_ns, now_ns, i, i + n) < 0) {
      atomic_fetch_add(&r->scans_lost, 1);
      return;
    }
  }
}

static int take_scans(lw_recorder *r, lw_err *e) {
  int rc = 0, n;
  while (rc == 0 &&
         (n = lw_ring_get(&r->ring, r->arrived, LW_RING_MESSAGE_MAX)) > 0) {
    size_t count = ((size_t)n - MESSAGE_HEAD_N) / MESSAGE_VALUE_N;
    const uint8_t *at = r->arrived + MESSAGE_HEAD_N;
    int64_t t_ns;
    memcpy(&t_ns, r->arrived, MESSAGE_HEAD_N);
    for (size_t i = 0; i < count; i++, at += MESSAGE_VALUE_N) {
      lw_history_value *v = &r->scanned[i];
      memcpy(&v->tag, at, 4);
      v->quality = at[4];
      memcpy(&v->value, at + 5, 8);
    }
    rc = lw_historian_put(r->historian, t_ns, r->scanned, count, e);
  }
  return rc;
}

// --------------------------------------------------------------- retention --

static int64_t folder_max(const lw_recorder *r) {
  struct statvfs disk;
  double share = r->c.plan->history_share;
  if (!(share > 0) || statvfs(r->c.folder, &disk) < 0)
    return FOLDER_MAX;
  return (int64_t)(share * (double)disk.f_blocks * (double)disk.f_frsize);
}

// What cannot be dropped now is tried again; it ends nothing.
static void prune(lw_recorder *r, int64_t now_ns) {
  int64_t keep_ns = r->c.plan->history_keep_ns;
  int64_t before_ns =
      keep_ns > 0 ? r->c.clock->wall_ns(r->c.clock) - keep_ns : INT64_MIN;
  lw_historian_pruned n;
  lw_historian_prune(r->c.folder, before_ns, folder_max(r), &n, NULL);
  atomic_fetch_add(&r->days_dropped, (uint64_t)n.dropped);
  atomic_fetch_add(&r->days_unsent, (uint64_t)n.unsent);
  atomic_store(&r->days_waiting, (uint64_t)n.waiting);
  r->prune_ns = now_ns + PRUNE_NS;
}

void lw_recorder_counts_read(lw_recorder *r, lw_recorder_counts *out) {
  *out = (lw_recorder_counts){.days_dropped = 0};
  if (!r)
    return;
  *out = (lw_recorder_counts){.days_dropped = atomic_load(&r->days_dropped),
                              .days_unsent = atomic_load(&r->days_unsent),
                              .days_waiting = atomic_load(&r->days_waiting),
                              .scans_lost = atomic_load(&r->scans_lost)};
}

// -------------------------------------------------------------------- steps --

static void sample(lw_recorder *r, int64_t now_ns, int is_end) {
  lw_err e;
  size_t n = collect(r, now_ns, is_end);
  int rc = take_scans(r, &e);
  if (rc == 0 && n)
    rc = lw_historian_put(r->historian, r->c.clock->wall_ns(r->c.clock),
                          r->values, n, &e);
  if (now_ns >= r->prune_ns)
    prune(r, now_ns);
  if (rc == 0 && r->c.thread && now_ns >= r->commit_ns) {
    rc = lw_historian_commit(r->historian, &e);
    r->commit_ns = now_ns + COMMIT_NS;
  }
  if (rc < 0)
    fail(r, &e);
}

void lw_recorder_step(lw_recorder *r, int64_t now_ns) {
  if (now_ns < r->due_ns || atomic_load(&r->has_failed))
    return;
  r->due_ns = now_ns + r->c.period_ns;
  sample(r, now_ns, 0);
}

static void *record(void *arg) {
  lw_recorder *r = arg;
  lw_clock *clock = r->c.clock;
  while (!atomic_load(&r->is_stopping)) {
    lw_recorder_step(r, lw_now_ns(clock));
    clock->wait_until(clock, lw_now_ns(clock) + r->c.period_ns);
  }
  return NULL;
}

static int open_historian(lw_recorder *r, lw_err *e) {
  const lw_plan *p = r->c.plan;
  int rc = lw_historian_open(&r->historian, r->c.folder, e);
  if (rc < 0)
    return rc;
  prune(r, lw_now_ns(r->c.clock));
  for (uint32_t i = 0; i < p->tag_n; i++) {
    const lw_plan_tag *tag = &p->tags[i];
    if (tag->type == LW_TYPE_text)
      continue;
    rc = lw_historian_tag(r->historian, lw_plan_text(p, tag->name),
                          lw_plan_text(p, tag->process_unit), e);
    if (rc < 0)
      return rc;
    r->tracks[i].number = (uint32_t)rc;
  }
  return 0;
}

// n tags at most.
static int make_room(lw_recorder *r, size_t n) {
  r->tracks = calloc(n, sizeof *r->tracks);
  r->values = calloc(n, sizeof *r->values);
  r->scanned = calloc(n, sizeof *r->scanned);
  r->scan_tags = calloc(n, sizeof *r->scan_tags);
  r->ring_data = malloc(RING_N);
  r->message = malloc(LW_RING_MESSAGE_MAX);
  r->arrived = malloc(LW_RING_MESSAGE_MAX);
  if (!r->tracks || !r->values || !r->scanned || !r->scan_tags ||
      !r->ring_data || !r->message || !r->arrived)
    return LW_E_NOMEM;
  lw_ring_init(&r->ring, r->ring_data, RING_N, &r->head, &r->tail);
  for (uint32_t i = 0; i < r->c.plan->tag_n; i++)
    if (r->c.plan->tags[i].history == LW_TAG_EACH_SCAN)
      r->scan_tags[r->scan_tag_n++] = i;
  return 0;
}

static int start(lw_recorder *r, const lw_recorder_config *c, lw_err *e) {
  size_t n = c->plan->tag_n ? c->plan->tag_n : 1;
  r->c = *c;
  if (r->c.period_ns <= 0)
    r->c.period_ns = PERIOD_NS;
  if (r->c.period_ns < c->plan->scan_ns)
    r->c.period_ns = c->plan->scan_ns;
  if (make_room(r, n) < 0)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the recorder");
  int rc = open_historian(r, e);
  if (rc < 0 || !c->thread)
    return rc;
  if (pthread_create(&r->thread, NULL, record, r) != 0)
    return lw_err_set(e, LW_E_NOMEM, "cannot start the recorder's thread");
  r->has_thread = 1;
  return 0;
}

int lw_recorder_new(lw_recorder **out, const lw_recorder_config *c, lw_err *e) {
  *out = NULL;
  lw_recorder *r = calloc(1, sizeof *r);
  if (!r)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the recorder");
  int rc = start(r, c, e);
  if (rc < 0)
    lw_recorder_free(r);
  else
    *out = r;
  return rc;
}

void lw_recorder_free(lw_recorder *r) {
  if (!r)
    return;
  if (r->has_thread) {
    atomic_store(&r->is_stopping, 1);
    pthread_join(r->thread, NULL);
  }
  if (r->historian && !atomic_load(&r->has_failed))
    sample(r, lw_now_ns(r->c.clock), /* is_end */ 1);
  if (r->historian)
    lw_historian_end(r->historian, NULL);
  lw_historian_close(r->historian);
  free(r->tracks);
  free(r->values);
  free(r->scanned);
  free(r->scan_tags);
  free(r->ring_data);
  free(r->message);
  free(r->arrived);
  free(r);
}

int lw_recorder_check(lw_recorder *r, lw_err *e) {
  if (!r || !atomic_load(&r->has_failed))
    return 0;
  if (e)
    *e = r->error;
  return r->error.code;
}
