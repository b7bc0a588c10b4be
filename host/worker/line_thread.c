// Process mode: the scan in a thread of its own, on the real clock.
#include <stdio.h>  // snprintf
#include <string.h> // memset, strerror

#include "base/str.h" // lw_str
#include "worker/line_private.h"

#define SCAN_PRIORITY 50

// The first point of the grid after now: what was missed is skipped, never
// made up for in a burst.
static int64_t next_on_grid(int64_t due_ns, int64_t now_ns, int64_t period_ns) {
  due_ns += period_ns;
  if (due_ns <= now_ns)
    due_ns += (now_ns - due_ns) / period_ns * period_ns + period_ns;
  return due_ns;
}

static void *scan_run(void *arg) {
  lw_line *l = arg;
  int64_t due_ns = lw_now_ns(l->clock);
  int is_last = 0;
  while (!is_last) {
    // One whole scan after the word to stop: a trip set just before it must
    // still reach the outputs.
    is_last = atomic_load(&l->is_stopping);
    l->clock->wait_until(l->clock, due_ns);
    int64_t now_ns = lw_now_ns(l->clock);
    lw_latency_step(&l->latency, now_ns - due_ns, l->plan->scan_ns);
    pthread_mutex_lock(&l->scan_lock);
    lw_scan_step(l->scan, now_ns);
    if (l->recorder)
      lw_recorder_scan(l->recorder);
    pthread_mutex_unlock(&l->scan_lock);
    due_ns = next_on_grid(due_ns, lw_now_ns(l->clock), l->plan->scan_ns);
  }
  return NULL;
}

int lw_line_start(lw_line *l, lw_err *e) {
  if (l->is_inline || l->has_thread)
    return lw_err_set(e, LW_E_STATE, "the line runs already");
  lw_realtime_init(&l->realtime);
  int rc = lw_line_attach(l, e);
  if (rc < 0 || (rc = lw_io_start(l->io, e)) < 0)
    return rc;
  lw_line_record_history(l); // before the thread that feeds it
  int reason =
      lw_realtime_thread(&l->realtime, &l->thread, SCAN_PRIORITY, scan_run, l);
  if (reason)
    return lw_err_set(e, LW_E_IO, "the scan thread does not start: %s",
                      strerror(reason));
  l->has_thread = 1;
  lw_realtime_text(&l->realtime, l->realtime_text, sizeof l->realtime_text);
  return 0;
}

// Whoever reads that the run is over must not believe that its outputs are off.
static void tell_undone(lw_line *l) {
  char names[180], data[512];
  lw_str s;
  if (!lw_io_undone(l->io, names, sizeof names))
    return;
  snprintf(l->undone, sizeof l->undone,
           "outputs did not reach their device, see to it by hand: %s", names);
  lw_str_init(&s, data, sizeof data);
  lw_str_add(&s, "{\"text\":");
  lw_str_json(&s, l->undone, strlen(l->undone));
  lw_str_add(&s, "}");
  lw_line_record(l, LW_RECORD_alarm, "host/outputs", data);
}

const char *lw_line_undone(const lw_line *l) {
  return l->undone;
}

// Outputs first: the drivers flush what the last scan handed over, then the
// records of all that go to disk.
void lw_line_stop(lw_line *l) {
  if (l->has_thread) {
    atomic_store(&l->is_stopping, 1);
    pthread_join(l->thread, NULL);
    l->has_thread = 0;
  }
  if (l->io) {
    lw_io_stop(l->io);
    if (!*l->undone && !l->is_inline)
      tell_undone(l);
  }
  lw_line_end_history(l);
  lw_line_detach(l);
  lw_realtime_fini(&l->realtime);
}

// What the scan holds against what it saw before stays: the level word, the
// counts of requests, the acknowledged trip. A dead worker may have left a
// sequence lock odd, and its header in any state.
static void clean_requests(lw_line *l) {
  lw_request *requests = lw_desk_requests(l->desk.at);
  for (uint32_t i = 0; i < l->plan->tag_n; i++) {
    atomic_store(&requests[i].epoch, 0);
    atomic_store(&requests[i].seq, 0);
  }
}

static void clean_desk(lw_line *l) {
  lw_desk *d = l->desk.at;
  lw_image *m = l->image.at;
  // Without ready the silence of the old worker is no news.
  atomic_store(&d->ready, 0);
  atomic_store(&d->beat, 0);
  atomic_store(&d->beat_at_ns, lw_now_ns(l->clock));
  atomic_store(&d->turn, 0);
  atomic_store(&d->flags, 0);
  atomic_store(&d->state, 0);
  atomic_store(&d->status_seq, 0);
  memset(&d->status, 0, sizeof d->status);
  // Both rings go on where the host stands: empty.
  atomic_store(&d->record_head, atomic_load(&m->record_tail));
  atomic_store(&d->command_tail, atomic_load(&m->command_head));
  atomic_store(&m->committed, 0);
  clean_requests(l);
  lw_desk_init(d, l->plan);
}

int lw_line_renew_desk(lw_line *l, lw_err *e) {
  lw_line_detach(l); // the dead worker's last records go to disk here
  pthread_mutex_lock(&l->scan_lock);
  clean_desk(l);
  pthread_mutex_unlock(&l->scan_lock);
  return lw_line_attach(l, e);
}

int lw_line_reopen_store(lw_line *l, lw_err *e) {
  lw_image *m = l->image.at;
  lw_line_detach(l);
  int rc = lw_store_reopen(l->store, e);
  if (rc < 0)
    return rc;
  l->store_error = (lw_err){0};
  atomic_store(&l->is_store_stopped, 0);
  atomic_store(&m->store_state, 0);
  return lw_line_renew_desk(l, e);
}
