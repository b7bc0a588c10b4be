#include "worker/recorder.h"

#include <math.h>      // fabs
#include <pthread.h>   // pthread_create
#include <stdatomic.h> // atomic_load
#include <stdlib.h>    // calloc
#include <string.h>    // memcmp

#include "store/historian.h" // lw_historian

#define PERIOD_NS (100 * LW_MS)
#define COMMIT_NS LW_S
// Longest silence about a value that does not change.
#define SILENCE_NS (10 * LW_S)
// Whole days go, oldest first, when the folder takes more than this.
#define FOLDER_MAX (INT64_C(8) << 30)

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
  int64_t due_ns, commit_ns;
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

static size_t collect(lw_recorder *r, int64_t now_ns) {
  const lw_slot *slots = lw_image_slots(r->c.image);
  const lw_plan *p = r->c.plan;
  size_t n = 0;
  for (uint32_t i = 0; i < p->tag_n; i++) {
    track *t = &r->tracks[i];
    lw_reading now;
    lw_slot_read(&slots[i], &now);
    if (now_ns - now.t_ns > lw_plan_max_age_ns(p, i))
      now.quality = LW_BAD; // as recipes see it
    if (!is_news(t, &now, p->tags[i].deadband, now_ns))
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

static void sample(lw_recorder *r, int64_t now_ns) {
  lw_err e;
  size_t n = collect(r, now_ns);
  int rc = n ? lw_historian_put(r->historian, r->c.clock->wall_ns(r->c.clock),
                                r->values, n, &e)
             : 0;
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
  sample(r, now_ns);
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
  lw_historian_prune(r->c.folder, INT64_MIN, FOLDER_MAX, NULL);
  for (uint32_t i = 0; i < p->tag_n; i++) {
    const lw_plan_tag *tag = &p->tags[i];
    rc = lw_historian_tag(r->historian, lw_plan_text(p, tag->name),
                          lw_plan_text(p, tag->process_unit), e);
    if (rc < 0)
      return rc;
    r->tracks[i].number = (uint32_t)rc;
  }
  return 0;
}

static int start(lw_recorder *r, const lw_recorder_config *c, lw_err *e) {
  size_t n = c->plan->tag_n ? c->plan->tag_n : 1;
  r->c = *c;
  if (r->c.period_ns <= 0)
    r->c.period_ns = PERIOD_NS;
  if (r->c.period_ns < c->plan->scan_ns)
    r->c.period_ns = c->plan->scan_ns;
  r->tracks = calloc(n, sizeof *r->tracks);
  r->values = calloc(n, sizeof *r->values);
  if (!r->tracks || !r->values)
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
  if (r->historian)
    lw_historian_end(r->historian, NULL);
  lw_historian_close(r->historian);
  free(r->tracks);
  free(r->values);
  free(r);
}

int lw_recorder_check(lw_recorder *r, lw_err *e) {
  if (!r || !atomic_load(&r->has_failed))
    return 0;
  if (e)
    *e = r->error;
  return r->error.code;
}
