#include "cmd/repl_line.h"

#include <inttypes.h> // PRIu64
#include <signal.h>   // SIGKILL
#include <stdio.h>    // snprintf
#include <stdlib.h>   // strtod
#include <string.h>   // strsep

#include "cmd/cmd.h"        // lw_cmd_self
#include "cmd/json.h"       // lw_json
#include "cmd/repl_lease.h" // lw_lease
#include "loop/clock.h"     // lw_clock_real
#include "worker/bundle.h"  // lw_bundle
#include "worker/line.h"    // lw_line

#define LOOK_EVERY (50 * LW_MS)
#define UNDO_PATIENCE (10 * LW_S)
#define LEASE_MAX_S 3600.0
#define ANSWER_N 4096
#define FIELDS 3

struct lw_repl_line {
  lw_repl_line_config c;
  lw_loop *loop;
  lw_line *line; // NULL when none is up
  lw_child *twin;
  lw_store *store; // of the line that is up; NULL = nothing is recorded
  lw_run_info run;
  lw_port port;
  lw_lease lease;
  int is_sim, is_full, is_held; // held: the loop is run until all is undone
  char path[512], db[512], who[64];
  char *view; // message of the plan without outputs, for after a lease
  size_t view_n;
  int64_t timer;
  uint32_t trip_seq;
  int told_state[64]; // of the drivers
  char answer[ANSWER_N];
};

static int64_t now(void) {
  return lw_now_ns(lw_clock_real());
}

static void say(lw_repl_line *r, const char *format, const char *a,
                const char *b) {
  char text[512];
  snprintf(text, sizeof text, format, a, b);
  r->c.say(r->c.arg, text);
}

static void record(lw_repl_line *r, const char *key, double seconds) {
  char data[300];
  lw_json j;
  if (!r->store)
    return;
  lw_json_init(&j, data, sizeof data);
  lw_json_open(&j, NULL, '{');
  lw_json_text(&j, "who", r->who);
  if (seconds > 0)
    lw_json_number(&j, "for_s", seconds);
  lw_json_close(&j, '}');
  lw_line_record(r->line, LW_RECORD_cmd, key, data);
}

// ------------------------------------------------------------ up and down ---

static void on_twin_exit(void *arg, int status, int signo) {
  lw_repl_line *r = arg;
  (void)status;
  r->twin = NULL;
  say(r, "E-TWIN the twin ended%s%s: the line's readings stand still\n",
      signo ? " by signal " : "", signo ? strsignal(signo) : "");
}

static int spawn_twin(lw_repl_line *r, lw_err *e) {
  const char *argv[] = {
      "linewright", "--role", "twin",     "--line", r->path,
      "--seed",     "1",      "--sim-fd", "3",      r->is_sim ? "--sim" : NULL,
      NULL};
  int fd = lw_line_sim_fd(r->line);
  lw_child_config c = {.file = lw_cmd_self(),
                       .argv = argv,
                       .fds = &fd,
                       .fd_n = 1,
                       .on_exit = on_twin_exit,
                       .arg = r};
  return lw_child_open(r->loop, &c, &r->twin, e);
}

static int open_store(lw_repl_line *r, lw_bundle *b, lw_err *e) {
  const char *db = *r->db ? r->db : "linewright.db";
  int rc = lw_store_open(&r->store, db, LW_STORE_WRITE, lw_clock_real(), e);
  if (rc < 0)
    return rc;
  r->run = b->run;
  rc = lw_store_run_begin(r->store, &r->run, e);
  for (size_t i = 0; rc >= 0 && i < b->file_n; i++) {
    const lw_bundle_file *f = &b->files[i];
    rc = lw_store_bundle_put(r->store, b->run.bundle, f->role, f->path, f->sha,
                             f->text, f->n, e);
  }
  return rc;
}

static void take_down(lw_repl_line *r) {
  lw_err e;
  if (r->twin) {
    lw_child_kill(r->twin, SIGKILL);
    lw_child_disown(r->twin);
  }
  r->twin = NULL;
  if (r->line) {
    lw_line_stop(r->line);
    lw_lease_fini(&r->lease);
    lw_line_free(r->line);
  }
  r->line = NULL;
  if (r->store && r->run.id)
    lw_store_run_end(r->store, r->run.id, "Stopped", &e);
  lw_store_close(r->store);
  r->store = NULL;
  r->run = (lw_run_info){0};
}

// A line to look at may have nothing that writes: no outputs, no interlocks,
// no watchdog of a PLC.
static int check_view(const lw_plan *p, lw_err *e) {
  for (uint32_t i = 0; i < p->tag_n; i++)
    if (p->tags[i].access & LW_WRITE && p->tags[i].driver != LW_NONE)
      return lw_err_set(e, LW_E_DENIED, "%s can be written",
                        lw_plan_text(p, p->tags[i].name));
  for (uint32_t i = 0; i < p->option_n; i++)
    if (strncmp(lw_plan_text(p, p->options[i].name), "watchdog", 8) == 0)
      return lw_err_set(e, LW_E_DENIED, "a driver has a watchdog");
  return p->rule_n == 0 ? 0
                        : lw_err_set(e, LW_E_DENIED, "the plan has interlocks");
}

static int start_line(lw_repl_line *r, const lw_bundle *b, lw_err *e) {
  lw_line_config config = {.plan = b->plan,
                           .plan_n = b->plan_n,
                           .store = r->store,
                           .run = r->run.id,
                           .seed = 1};
  int rc = lw_line_new(&r->line, &config, e);
  if (rc == 0 && !r->is_full)
    rc = check_view(lw_line_plan(r->line), e);
  if (rc == 0)
    rc = lw_line_start(r->line, e);
  if (rc == 0 && b->has_twin)
    rc = spawn_twin(r, e);
  if (rc < 0)
    return rc;
  r->port = (lw_port){.plan = lw_line_plan(r->line),
                      .image = lw_line_image(r->line),
                      .desk = lw_line_desk(r->line),
                      .clock = lw_clock_real()};
  r->trip_seq = 0;
  memset(r->told_state, 0, sizeof r->told_state);
  rc = lw_lease_init(&r->lease, &r->port);
  return rc < 0 ? lw_err_set(e, rc, "out of memory for a lease") : 0;
}

// Bring up what a message describes; the message is changed.
static int bring_up(lw_repl_line *r, char *message, size_t n, int is_full,
                    lw_err *e) {
  lw_bundle b;
  take_down(r);
  r->is_full = is_full;
  int rc = lw_bundle_parse(&b, message, n, e);
  if (rc == 0 && is_full && (!r->is_sim || *r->db))
    rc = open_store(r, &b, e);
  if (rc >= 0)
    rc = start_line(r, &b, e);
  if (rc < 0)
    take_down(r);
  else
    r->c.hand(r->c.arg, is_full ? "full" : "view", lw_line_image_fd(r->line));
  return rc;
}

static void look_only(lw_repl_line *r) {
  lw_err e;
  char *copy = malloc(r->view_n + 1);
  if (copy)
    memcpy(copy, r->view, r->view_n + 1);
  if (!copy || bring_up(r, copy, r->view_n, /* is_full */ 0, &e) < 0)
    say(r, "E-IO the line is down: %s%s\n", copy ? e.text : "out of memory",
        "");
  free(copy);
}

// ------------------------------------------------------------------ watch ---

static void watch_trip(lw_repl_line *r) {
  lw_trip trip = lw_trip_unpack(atomic_load(&lw_line_image(r->line)->trip));
  if (trip.seq == r->trip_seq)
    return;
  r->trip_seq = trip.seq;
  const lw_plan *p = lw_line_plan(r->line);
  const char *what = "";
  if (trip.cause == LW_CAUSE_interlock || trip.cause == LW_CAUSE_permit)
    what = trip.index < p->rule_n ? lw_plan_text(p, p->rules[trip.index].text)
                                  : "";
  else if (trip.index < p->tag_n)
    what = lw_plan_text(p, p->tags[trip.index].name);
  char cause[200];
  snprintf(cause, sizeof cause, "%s", *what ? what : "a driver was lost");
  say(r, "TRIP %s: the outputs are at their safe values%s\n", cause,
      r->is_sim ? "; the next set() acknowledges it" : " and no longer armed");
  record(r, "trip", 0);
  lw_lease_drop(&r->lease);
  if (r->is_sim)
    return;
  // One more scan has them out before the line goes.
  look_only(r);
}

static void watch_drivers(lw_repl_line *r) {
  lw_io *io = lw_line_io(r->line);
  uint32_t most = sizeof r->told_state / sizeof *r->told_state;
  for (uint32_t i = 0; i < lw_io_driver_n(io) && i < most; i++) {
    lw_io_status s;
    lw_io_status_read(io, i, &s);
    int is_bad = s.state == LW_IO_BROKEN;
    if (is_bad != r->told_state[i])
      say(r, is_bad ? "E-IO %s: %s\n" : "%s answers%s\n", s.name,
          is_bad ? (*s.text ? s.text : "no answer") : "");
    r->told_state[i] = is_bad;
  }
}

static void end_lease(lw_repl_line *r, const char *why) {
  if (!r->lease.due_ns || r->lease.is_undoing)
    return;
  record(r, "disarm", 0);
  lw_lease_end(&r->lease);
  say(r, "%s: outputs that were set go back to what they were%s\n", why, "");
}

static void watch_lease(lw_repl_line *r) {
  if (r->is_sim)
    return;
  if (r->lease.due_ns && now() >= r->lease.due_ns)
    end_lease(r, "the lease is over");
  if (!r->lease.is_undoing || lw_lease_step(&r->lease) > 0)
    return;
  if (r->is_held)
    lw_loop_stop(r->loop);
  else
    look_only(r);
}

static void on_look(void *arg) {
  lw_repl_line *r = arg;
  if (r->line)
    watch_drivers(r);
  if (r->line)
    watch_lease(r);
  if (r->line && r->is_full)
    watch_trip(r);
  r->timer = lw_loop_timer(r->loop, now() + LOOK_EVERY, on_look, r);
}

// --------------------------------------------------------------- requests ---

// The rest of a request: its fields, then what follows the first newline.
typedef struct request {
  char *field[FIELDS];
  char *message;
  size_t message_n;
} request;

static int answer_open(lw_repl_line *r, const request *q, lw_err *e) {
  if (r->line && r->lease.is_undoing)
    return lw_err_set(e, LW_E_AGAIN, "outputs are still on their way back");
  snprintf(r->path, sizeof r->path, "%s", q->field[1]);
  snprintf(r->db, sizeof r->db, "%s", q->field[2]);
  r->is_sim = strcmp(q->field[0], "1") == 0;
  free(r->view);
  r->view = malloc(q->message_n + 1);
  if (!r->view)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for the line");
  memcpy(r->view, q->message, q->message_n + 1);
  r->view_n = q->message_n;
  return bring_up(r, q->message, q->message_n, r->is_sim, e);
}

static int answer_arm(lw_repl_line *r, const request *q, lw_err *e) {
  double seconds = strtod(q->field[0], NULL);
  if (!r->line)
    return lw_err_set(e, LW_E_STATE, "there is no line to arm");
  if (r->is_sim)
    return lw_err_set(e, LW_E_STATE,
                      "a twin needs no arming: its outputs are free");
  const lw_plan *p = lw_line_plan(r->line);
  if (strcmp(q->field[2], lw_plan_text(p, p->line)) != 0)
    return lw_err_set(e, LW_E_RANGE, "the line is called '%s', not '%s'",
                      lw_plan_text(p, p->line), q->field[2]);
  if (!(seconds > 0 && seconds <= LEASE_MAX_S))
    return lw_err_set(e, LW_E_RANGE, "a lease lasts up to 1 h");
  snprintf(r->who, sizeof r->who, "%s", q->field[1]);
  int rc = r->is_full ? 0 : bring_up(r, q->message, q->message_n, 1, e);
  if (rc < 0) {
    look_only(r);
    return rc;
  }
  record(r, "arm", seconds);
  lw_lease_begin(&r->lease, (int64_t)(seconds * 1e9));
  return 0;
}

static int answer_set(lw_repl_line *r, const request *q, lw_err *e) {
  if (!r->line)
    return lw_err_set(e, LW_E_STATE, "there is no line");
  if (!r->is_full)
    return lw_err_set(e, LW_E_STATE,
                      "the outputs are not armed: arm(\"%s\", \"10 min\")",
                      lw_plan_text(r->port.plan, r->port.plan->line));
  if (r->is_sim && !r->lease.due_ns)
    lw_lease_begin(&r->lease, INT64_C(1) << 60);
  uint32_t tag = (uint32_t)strtoul(q->field[0], NULL, 10);
  return lw_lease_set(&r->lease, tag, strtod(q->field[1], NULL), e);
}

static int answer_disarm(lw_repl_line *r, const request *q, lw_err *e) {
  (void)q;
  if (!r->line || r->is_sim || !r->lease.due_ns)
    return lw_err_set(e, LW_E_STATE, "nothing is armed");
  end_lease(r, "disarmed");
  return 0;
}

static int answer_look(lw_repl_line *r, const request *q, lw_err *e) {
  (void)q;
  if (!r->line)
    return lw_err_set(e, LW_E_STATE, "there is no line");
  const lw_image *m = lw_line_image(r->line);
  double left_s = r->lease.due_ns && !r->is_sim
                      ? (double)(r->lease.due_ns - now()) / 1e9
                      : 0;
  int n = snprintf(r->answer, sizeof r->answer,
                   "ok\n%.1f\t%" PRIu64 "\t%" PRIu64 "\t%.1f\t%s", left_s,
                   atomic_load(&m->scan_n), atomic_load(&m->scan_late_n),
                   (double)atomic_load(&lw_line_latency(r->line)->max_ns) / 1e6,
                   r->is_sim    ? "twin"
                   : r->is_full ? "armed"
                                : "looked at");
  lw_io *io = lw_line_io(r->line);
  for (uint32_t i = 0; i < lw_io_driver_n(io) && n < ANSWER_N - 400; i++) {
    lw_io_status s;
    lw_io_status_read(io, i, &s);
    n += snprintf(r->answer + n, (size_t)(ANSWER_N - n), "\n%s\t%s\t%s", s.name,
                  s.state == LW_IO_GOOD ? "good" : "not good", s.text);
  }
  return 1;
}

static void split(request *q, char *text, size_t n) {
  char *end = memchr(text, '\n', n);
  *q = (request){.message = text + n};
  if (end) {
    *end = 0;
    q->message = end + 1;
    q->message_n = n - (size_t)(end + 1 - text);
  }
  for (int i = 0; i < FIELDS; i++) {
    char *field = text ? strsep(&text, "\t") : NULL;
    q->field[i] = field ? field : q->message + q->message_n;
  }
}

static const struct {
  const char *word;
  int (*answer)(lw_repl_line *r, const request *q, lw_err *e);
} words[] = {{"open", answer_open},
             {"arm", answer_arm},
             {"disarm", answer_disarm},
             {"set", answer_set},
             {"look", answer_look}};

static int dispatch(lw_repl_line *r, char *text, size_t n, lw_err *e) {
  size_t word_n = strcspn(text, "\t\n");
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strlen(words[i].word) != word_n ||
        strncmp(words[i].word, text, word_n) != 0)
      continue;
    request q;
    size_t skip = word_n < n ? word_n + 1 : n;
    split(&q, text + skip, n - skip);
    return words[i].answer(r, &q, e);
  }
  return lw_err_set(e, LW_E_SYNTAX, "unknown request");
}

const char *lw_repl_line_answer(lw_repl_line *r, const lw_frame *f) {
  lw_err e = {0};
  char *copy = malloc(f->n + 1);
  int rc = copy ? 0 : lw_err_set(&e, LW_E_NOMEM, "out of memory");
  if (copy) {
    memcpy(copy, f->data, f->n + 1);
    rc = dispatch(r, copy, f->n, &e);
  }
  free(copy);
  if (rc < 0)
    snprintf(r->answer, sizeof r->answer, "%s %s", lw_err_name(e.code), e.text);
  else if (rc == 0)
    snprintf(r->answer, sizeof r->answer, "ok");
  return r->answer;
}

void lw_repl_line_orphan(lw_repl_line *r) {
  if (r->line && !r->is_sim)
    end_lease(r, "the evaluator is gone");
}

// -------------------------------------------------------------- life cycle --

int lw_repl_line_new(lw_repl_line **out, lw_loop *l,
                     const lw_repl_line_config *c, lw_err *e) {
  lw_repl_line *r = calloc(1, sizeof *r);
  if (!r)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a line");
  r->c = *c;
  r->loop = l;
  r->timer = lw_loop_timer(l, now() + LOOK_EVERY, on_look, r);
  *out = r;
  return 0;
}

static void on_undo_late(void *arg) {
  lw_repl_line *r = arg;
  lw_loop_stop(r->loop);
}

void lw_repl_line_free(lw_repl_line *r) {
  if (!r)
    return;
  if (r->line && !r->is_sim && r->lease.due_ns) {
    end_lease(r, "leaving");
    r->is_held = 1;
    int64_t late =
        lw_loop_timer(r->loop, now() + UNDO_PATIENCE, on_undo_late, r);
    int64_t due_ns = now() + UNDO_PATIENCE;
    while (r->line && r->lease.is_undoing && now() < due_ns)
      lw_loop_run(r->loop);
    lw_loop_timer_drop(r->loop, late);
  }
  lw_loop_timer_drop(r->loop, r->timer);
  take_down(r);
  free(r->view);
  free(r);
}
