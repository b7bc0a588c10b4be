#include "io/runner.h"

#include <math.h>  // fabs, isfinite, NAN
#include <stdio.h> // snprintf

#include "io/word.h" // lw_word_range

static int can_be_asked(const lw_runner *r, const lw_write_point *w) {
  return (r->points[w->point].access & LW_READ) != 0;
}

// Devices block, so that time has passed since now_ns; never earlier than it.
static int64_t later(const lw_runner *r, int64_t now_ns) {
  int64_t t_ns = lw_now_ns(r->clock);
  return t_ns > now_ns ? t_ns : now_ns;
}

// Connection lost, or never made. What it feeds grows old and is bad at its
// max_age: one lost packet must not abort a batch. What it was told may be lost
// with it.
static void fail(lw_runner *r, int64_t now_ns, int rc, const lw_err *e) {
  r->ops->close(r->self);
  if (r->is_proven) // 0 means "not lost", so that an instant of 0 becomes 1 ns
    atomic_store(&r->lost_ns, now_ns ? now_ns : 1);
  r->is_open = r->is_proven = 0;
  r->retry_ns = now_ns + r->pause_ns;
  r->pause_ns *= 2;
  if (r->pause_ns > LW_AWAY_MAX_NS)
    r->pause_ns = LW_AWAY_MAX_NS;
  for (uint32_t i = 0; i < r->write_n; i++)
    lw_echo_lose(&r->writes[i].echo);
  lw_note_write(&r->text, *e->text ? e->text : lw_err_text(rc));
  atomic_fetch_add(&r->failures, 1);
  atomic_store(&r->state, LW_IO_BROKEN);
}

// The device has answered: forget the pauses of the last failure. What it
// refused is told before the state is good, so that a start can stop for it.
static void prove(lw_runner *r, const char *refusal) {
  if (r->is_proven)
    return;
  r->is_proven = 1;
  r->pause_ns = LW_PAUSE_MIN_NS;
  lw_note_write(&r->text, refusal);
  atomic_store(&r->lost_ns, 0);
  atomic_store(&r->state, LW_IO_GOOD);
}

static int open_device(lw_runner *r, int64_t now_ns) {
  lw_err e = {0};
  if (atomic_load(&r->state) == LW_IO_CLOSED)
    atomic_store(&r->state, LW_IO_OPENING);
  int rc = r->ops->open(r->self, &e);
  if (rc < 0) {
    fail(r, later(r, now_ns), rc, &e);
    return rc;
  }
  r->is_open = 1;
  for (uint32_t g = 0; g < r->group_n; g++)
    r->groups[g].due_ns = now_ns;
  r->beat_due_ns = now_ns;
  if (!r->read_n)
    prove(r, ""); // nothing to poll: an open connection is all there is to see
  return 0;
}

// A value the device refused is tried again with growing pauses, so that a safe
// value is never given up; a newer value is tried at once.
static int is_waiting(const lw_write_point *w, uint32_t count, int64_t now_ns) {
  return w->refused == count && now_ns < w->retry_ns;
}

static void refuse(lw_runner *r, lw_write_point *w, uint32_t count,
                   int64_t now_ns, const lw_err *e) {
  char text[sizeof e->text + 64];
  w->pause_ns = w->pause_ns ? w->pause_ns * 2 : LW_PAUSE_MIN_NS;
  if (w->pause_ns > LW_PAUSE_MAX_NS)
    w->pause_ns = LW_PAUSE_MAX_NS;
  w->retry_ns = now_ns + w->pause_ns;
  w->refused = count;
  snprintf(text, sizeof text, "%s: %s", r->points[w->point].name, e->text);
  lw_note_write(&r->text, text);
  atomic_fetch_add(&r->failures, 1);
}

static void accept(lw_runner *r, lw_write_point *w, double value,
                   uint32_t count) {
  w->refused = 0;
  w->pause_ns = 0;
  w->is_step = lw_output_is_step(&r->board->out[w->tag], count);
  lw_echo_take(&w->echo, value);
  lw_output_done(&r->board->out[w->tag], count);
  atomic_fetch_add(&r->writes_done, 1);
}

// Is it still open whether the device has what it was told?
static int is_in_doubt(const lw_runner *r) {
  for (uint32_t i = 0; i < r->write_n; i++)
    if (r->writes[i].echo.is_lost && can_be_asked(r, &r->writes[i]))
      return 1;
  return 0;
}

// Which outputs: steps of ramps, all others, and those too that wait after a
// refusal.
enum { PLAIN = 1, STEPS = 2, REFUSED = 4 };

// Collect outputs of these kinds that are not done. Fills due, values, counts,
// chosen; returns how many.
static uint32_t choose_writes(lw_runner *r, int64_t now_ns, int kinds) {
  uint32_t n = 0;
  int may_tell_again = !is_in_doubt(r);
  for (uint32_t i = 0; i < r->write_n; i++) {
    lw_write_point *w = &r->writes[i];
    int is_new =
        lw_output_get(&r->board->out[w->tag], &r->values[n], &r->counts[n]);
    if (!is_new && !(w->echo.is_lost && may_tell_again))
      continue;
    int is_step = lw_output_is_step(&r->board->out[w->tag], r->counts[n]);
    if (!(kinds & (is_step ? STEPS : PLAIN)))
      continue;
    if (!(kinds & REFUSED) && is_waiting(w, r->counts[n], now_ns))
      continue;
    r->due[n] = w->point;
    r->chosen[n++] = i;
  }
  return n;
}

// Write chosen[first..first+n) in one call and book the result. Returns 0, or
// LW_E_PROTO when the device refused some of them, or the loss.
static int write_some(lw_runner *r, uint32_t first, uint32_t n,
                      int64_t now_ns) {
  lw_err e = {0};
  int rc = r->ops->write(r->self, r->due + first, r->values + first, n, &e);
  if (rc == 0 || rc == LW_E_PROTO)
    prove(r, "");
  for (uint32_t i = first; rc == 0 && i < first + n; i++)
    accept(r, &r->writes[r->chosen[i]], r->values[i], r->counts[i]);
  if (rc == LW_E_PROTO && n == 1)
    refuse(r, &r->writes[r->chosen[first]], r->counts[first], now_ns, &e);
  if (rc < 0 && rc != LW_E_PROTO)
    fail(r, later(r, now_ns), rc, &e);
  return rc;
}

static int write_due(lw_runner *r, int64_t now_ns, int kinds) {
  uint32_t n = choose_writes(r, now_ns, kinds);
  if (!n)
    return 0;
  int rc = write_some(r, 0, n, now_ns);
  // One of many was refused: find out which, by writing them one by one.
  for (uint32_t i = 0; rc == LW_E_PROTO && n > 1 && i < n; i++) {
    int one = write_some(r, i, 1, now_ns);
    if (one < 0 && one != LW_E_PROTO)
      return one;
  }
  return rc == LW_E_PROTO ? 0 : rc;
}

// What an output's own address shows. After a loss of connection a device that
// shows neither what it showed before nor what it was told since has started
// anew: set-points told to it now, all at once and out of order, could set a
// machine going that nobody is looking at. The scan is to hold the line.
// Returns LW_ECHO_*.
static int look_back(lw_runner *r, uint32_t point, double value,
                     int64_t now_ns) {
  lw_write_point *w = &r->writes[r->write_of[point]];
  int found =
      lw_echo_look(&w->echo, r->points[point].type, value, w->is_step, now_ns);
  if (found == LW_ECHO_CHANGED)
    atomic_store(&w->is_changed, 1);
  if (found != LW_ECHO_FORGOTTEN)
    return found;
  for (uint32_t i = 0; i < r->write_n; i++)
    r->writes[i].echo.is_lost = 0;
  atomic_store(&r->forgotten, w->tag + 1);
  return found;
}

static uint32_t choose_reads(lw_runner *r, int64_t now_ns) {
  uint32_t n = 0;
  for (uint32_t k = 0; k < r->group_n; k++) {
    lw_poll_group *g = &r->groups[k];
    if (now_ns < g->due_ns)
      continue;
    int64_t missed = (now_ns - g->due_ns) / g->interval_ns;
    if (missed > 0)
      atomic_fetch_add(&r->late_polls, 1);
    g->due_ns += (missed + 1) * g->interval_ns; // skip, never burst
    for (uint32_t i = 0; i < g->n; i++)
      r->due[n++] = r->reads[g->first + i];
  }
  return n;
}

static int is_sound(int type, double value) {
  double lo, hi;
  lw_word_range(type, &lo, &hi);
  return value >= lo && value <= hi; // NaN fails
}

static void publish(lw_runner *r, uint32_t point, const lw_sample *s,
                    int64_t t_ns) {
  uint32_t tag = r->tag_of[point];
  lw_reading reading = {.value = s->value, .t_ns = t_ns, .quality = s->quality};
  if (s->quality == LW_OLD)
    return;
  if (s->quality == LW_BAD ||
      !is_sound(r->points[point].type, s->text ? 0 : s->value)) {
    lw_board_spoil(r->board, tag);
    return;
  }
  if (s->text) {
    lw_note_write(r->board->texts[tag], s->text);
    reading.value = 0; // a text has no number, but a quality and an age
  }
  if (r->points[point].access & LW_WRITE)
    look_back(r, point, s->value, t_ns);
  lw_cell_write(&r->board->raw[tag], &reading);
}

// Read due[0..n) into samples. Stamped with the time before the call: an age
// may be overstated, never understated.
static int ask(lw_runner *r, uint32_t n, int64_t now_ns, lw_err *e) {
  for (uint32_t i = 0; i < n; i++) {
    int is_text = r->points[r->due[i]].type == LW_TYPE_text;
    r->texts[i][0] = '\0';
    r->samples[i] = (lw_sample){NAN, LW_BAD, is_text ? r->texts[i] : NULL};
  }
  e->text[0] = '\0'; // not all of it: this is the hottest path of a dry run
  int rc = r->ops->read(r->self, now_ns, r->due, n, r->samples, e);
  if (rc < 0)
    fail(r, later(r, now_ns), rc, e);
  return rc;
}

// Collect the steps of ramps before which a look can tell something. Fills due,
// counts, chosen; returns how many.
static uint32_t choose_steps(lw_runner *r) {
  uint32_t n = 0;
  double value;
  for (uint32_t i = 0; i < r->write_n; i++) {
    const lw_write_point *w = &r->writes[i];
    const lw_output *out = &r->board->out[w->tag];
    if (!lw_output_get(out, &value, &r->counts[n]) ||
        !lw_output_is_step(out, r->counts[n]) || !can_be_asked(r, w) ||
        !lw_echo_is_telling(&w->echo))
      continue;
    r->due[n] = w->point;
    r->chosen[n++] = i;
  }
  return n;
}

// A ramp goes on from where the device is. One that is elsewhere is not told
// the next step, which would be a jump: the scan is to hold the line.
static int write_steps(lw_runner *r, int64_t now_ns) {
  uint32_t n = choose_steps(r);
  if (n) {
    lw_err e;
    int rc = ask(r, n, now_ns, &e);
    if (rc < 0)
      return rc;
  }
  for (uint32_t i = 0; i < n; i++) {
    const lw_write_point *w = &r->writes[r->chosen[i]];
    const lw_sample *s = &r->samples[i];
    if (s->quality > LW_BAD &&
        look_back(r, w->point, s->value, now_ns) == LW_ECHO_CHANGED)
      lw_output_done(&r->board->out[w->tag], r->counts[i]);
  }
  return write_due(r, now_ns, STEPS);
}

static int read_due(lw_runner *r, int64_t now_ns) {
  uint32_t n = choose_reads(r, now_ns);
  if (!n)
    return 0;
  lw_err e;
  int rc = ask(r, n, now_ns, &e);
  if (rc < 0)
    return rc;
  prove(r, e.text);
  atomic_fetch_add(&r->reads_done, 1);
  if (*e.text) { // some points were refused, the connection is sound
    lw_note_write(&r->text, e.text);
    atomic_fetch_add(&r->failures, 1);
  }
  for (uint32_t i = 0; i < n; i++)
    publish(r, r->due[i], &r->samples[i], now_ns);
  return 0;
}

static void mirror_blind(lw_runner *r, int64_t now_ns) {
  for (uint32_t i = 0; i < r->write_n; i++)
    if (r->writes[i].is_blind && !isnan(r->writes[i].echo.taken))
      lw_cell_write(&r->board->raw[r->writes[i].tag],
                    &(lw_reading){r->writes[i].echo.taken, now_ns, LW_GOOD});
}

static int beat(lw_runner *r, int64_t now_ns) {
  uint64_t alive = atomic_load(&r->alive);
  if (!r->beat_ns || now_ns < r->beat_due_ns || alive == r->beaten)
    return 0;
  lw_err e = {0};
  r->beaten = alive;
  r->beat_due_ns = now_ns + r->beat_ns;
  int rc = r->ops->beat(r->self, &e);
  if (rc == LW_E_PROTO) { // refused, but the connection stays
    lw_note_write(&r->text, e.text);
    atomic_fetch_add(&r->failures, 1);
    return 0;
  }
  if (rc < 0)
    fail(r, later(r, now_ns), rc, &e);
  return rc;
}

static int64_t earlier(int64_t a_ns, int64_t b_ns) {
  return a_ns < b_ns ? a_ns : b_ns;
}

// When there will be something to do, unless an output comes first.
static int64_t next_due(const lw_runner *r, int64_t now_ns) {
  int64_t due_ns = now_ns + LW_S;
  for (uint32_t k = 0; k < r->group_n; k++)
    due_ns = earlier(due_ns, r->groups[k].due_ns);
  for (uint32_t i = 0; i < r->write_n; i++)
    if (r->writes[i].refused)
      due_ns = earlier(due_ns, r->writes[i].retry_ns);
  if (r->beat_ns) // due but no good scan yet: look again soon
    due_ns = earlier(due_ns, r->beat_due_ns > now_ns ? r->beat_due_ns
                                                     : now_ns + 10 * LW_MS);
  return due_ns;
}

int64_t lw_runner_step(lw_runner *r, int64_t now_ns) {
  if (!r->is_open) {
    if (now_ns < r->retry_ns)
      return r->retry_ns;
    if (open_device(r, now_ns) < 0)
      return r->retry_ns;
  }
  // Outputs before inputs: a safe value never waits for a slow poll.
  if (write_due(r, later(r, now_ns), PLAIN) < 0 ||
      write_steps(r, later(r, now_ns)) < 0 || beat(r, later(r, now_ns)) < 0 ||
      read_due(r, later(r, now_ns)) < 0)
    return r->retry_ns;
  now_ns = later(r, now_ns);
  mirror_blind(r, now_ns);
  return next_due(r, now_ns);
}

void lw_runner_flush(lw_runner *r, int64_t now_ns) {
  if (!r->is_open && lw_runner_pending(r))
    open_device(r, now_ns);
  if (r->is_open)
    write_due(r, now_ns, PLAIN | STEPS | REFUSED);
}

static int is_owed(const lw_runner *r, const lw_write_point *w) {
  return can_be_asked(r, w) &&
         lw_echo_is_owed(&w->echo, r->points[w->point].type);
}

int lw_runner_check(lw_runner *r, int64_t now_ns) {
  uint32_t n = 0;
  lw_err e;
  for (uint32_t i = 0; i < r->write_n; i++)
    if (is_owed(r, &r->writes[i]))
      r->due[n++] = r->writes[i].point;
  if (!n || !r->is_open || ask(r, n, now_ns, &e) < 0)
    return 0;
  for (uint32_t i = 0; i < n; i++)
    publish(r, r->due[i], &r->samples[i], now_ns);
  return 1;
}

// An output that its device did not heed is not done.
void lw_runner_close(lw_runner *r) {
  for (uint32_t i = 0; r->is_open && i < r->write_n; i++) {
    if (!is_owed(r, &r->writes[i]))
      continue;
    lw_note_write(&r->text, "taken, but what it showed before is there still");
    lw_output_owe(&r->board->out[r->writes[i].tag]);
  }
  lw_runner_drop(r);
}

void lw_runner_drop(lw_runner *r) {
  r->ops->close(r->self);
  r->is_open = r->is_proven = 0;
  atomic_store(&r->state, LW_IO_CLOSED);
}

uint32_t lw_runner_pending(const lw_runner *r) {
  uint32_t n = 0, count;
  double value;
  for (uint32_t i = 0; i < r->write_n; i++)
    n += lw_output_get(&r->board->out[r->writes[i].tag], &value, &count) != 0;
  return n;
}

void lw_runner_status(const lw_runner *r, lw_io_status *out) {
  *out = (lw_io_status){.name = r->name,
                        .state = atomic_load(&r->state),
                        .reads = atomic_load(&r->reads_done),
                        .writes = atomic_load(&r->writes_done),
                        .failures = atomic_load(&r->failures),
                        .late_polls = atomic_load(&r->late_polls)};
  lw_note_read(&r->text, out->text, sizeof out->text);
}
