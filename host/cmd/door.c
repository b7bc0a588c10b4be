#include "cmd/door.h"

#include <stdio.h>  // snprintf
#include <stdlib.h> // atoi, free, strtoul
#include <string.h> // strcmp, strsep
#include <unistd.h> // getpid

#include "base/packml.h" // lw_packml_state_name
#include "cmd/json.h"    // lw_json
#include "cmd/options.h" // lw_options_nearest
#include "loop/local.h"  // LW_LOCAL_ANSWER_MAX

#define REQUEST_WORDS 4

char *lw_door_path(const char *db, char *out, size_t n) {
  snprintf(out, n, "%s.sock", db);
  return out;
}

// --------------------------------------------------------------- commands ---

// What a run takes beside PackML's commands: `pause` and `resume` are flags,
// `answer` goes to the open question.
static const char *const words[] = {
    "reset",    "start", "stop",   "hold",    "unhold", "suspend", "unsuspend",
    "complete", "abort", "clear",  "answer",  "pause",  "resume",  "ack",
    "mode",     "set",   "reload", "approve", NULL};

// Is the answer one that the open question takes? The worker judges it again;
// this is for the person who gives it, who would not hear of a refusal there.
// The prompt's text ends with its choices, "[yes] [no]"; an answer that starts
// with the number of a question may be for another one.
static int check_answer(lw_host *h, const char *answer, lw_err *e) {
  lw_host_view v;
  lw_host_look(h, &v);
  const char *prompt = v.status.prompt;
  if (!*prompt)
    return lw_err_set(e, LW_E_STATE, "no question is open");
  size_t n = strlen(answer), length = strlen(prompt);
  int is_cut = length + 1 >= sizeof v.status.prompt;
  if (is_cut || length == 0 || prompt[length - 1] != ']' || *answer == '#' ||
      (*answer >= '0' && *answer <= '9'))
    return 0;
  for (const char *at = prompt; (at = strchr(at, '[')); at++)
    if (strncmp(at + 1, answer, n) == 0 && at[1 + n] == ']')
      return 0;
  return lw_err_set(e, LW_E_RANGE, "'%s' is no answer to: %s", answer, prompt);
}

int lw_door_command(lw_host *h, const char *name, const char *who,
                    const char *argument, lw_err *e) {
  if (strcmp(name, "answer") == 0 && check_answer(h, argument, e) < 0)
    return e->code;
  if (strcmp(name, "reload") == 0)
    return lw_host_reload(h, who, e);
  for (const char *const *word = words; *word; word++)
    if (strcmp(*word, name) == 0)
      return lw_host_command(h, name, who, argument, e);
  const char *nearest = lw_options_nearest(name, words);
  return lw_err_set(e, LW_E_NOTFOUND, "unknown command '%s'%s%s%s", name,
                    nearest ? ". Did you mean '" : "", nearest ? nearest : "",
                    nearest ? "'?" : "");
}

static void answer_command(lw_door *d, char *rest, char *out) {
  const char *part[3] = {"", "", ""}; // name, who, argument
  for (size_t i = 0; i < 2 && rest; i++)
    part[i] = strsep(&rest, "\t");
  if (rest)
    part[2] = rest;
  lw_err e;
  int rc = lw_door_command(d->host, part[0], part[1], part[2], &e);
  if (rc < 0)
    snprintf(out, LW_LOCAL_ANSWER_MAX, "%s %s\n", lw_err_name(e.code), e.text);
  else if (strcmp(part[0], "reload") == 0)
    snprintf(out, LW_LOCAL_ANSWER_MAX, "ok\nreload %d\n", rc);
  else
    snprintf(out, LW_LOCAL_ANSWER_MAX, "ok\n%u\n", lw_host_sent(d->host));
}

// The command has gone to the worker; here is what came of it.
static void answer_verdict(lw_door *d, const char *number, char *out) {
  lw_host_view v;
  lw_err e;
  lw_host_look(d->host, &v);
  int rc = lw_host_verdict(&v, (uint32_t)strtoul(number, NULL, 10), &e);
  if (rc == LW_E_AGAIN)
    snprintf(out, LW_LOCAL_ANSWER_MAX, "wait\n");
  else if (rc < 0)
    snprintf(out, LW_LOCAL_ANSWER_MAX, "%s %s\n", lw_err_name(e.code), e.text);
  else
    snprintf(out, LW_LOCAL_ANSWER_MAX, "ok\n");
}

// How reload N fared: "wait", "ok" and a text, or the text of the refusal.
static void answer_reload(lw_door *d, const char *number, char *out) {
  const char *text = "";
  int rc = lw_host_reload_look(d->host, atoi(number), &text);
  if (rc == LW_E_NOTFOUND && !*text)
    snprintf(out, LW_LOCAL_ANSWER_MAX, "E-STATE another reload came after\n");
  else if (rc == 0)
    snprintf(out, LW_LOCAL_ANSWER_MAX, "wait\n");
  else
    snprintf(out, LW_LOCAL_ANSWER_MAX, "%s%s\n", rc > 0 ? "ok\n" : "", text);
}

// ----------------------------------------------------------------- status ---

static const char *state_name(const lw_host_view *v) {
  const char *name = lw_packml_state_name(v->state);
  return name ? name : "loading";
}

static const char *io_state_name(int state) {
  static const char *const names[] = {"closed", "opening", "good", "broken"};
  return state >= 0 && state < 4 ? names[state] : "unknown";
}

static double until_s(const lw_host_view *v) {
  int64_t left_ns = v->status.until_ns - v->now_ns;
  return v->status.until_ns ? (double)left_ns / (double)LW_S : 0;
}

static void json_run(lw_json *j, const lw_door *d) {
  lw_json_number(j, "run", (double)d->run->id);
  lw_json_text(j, "batch", d->run->batch);
  lw_json_text(j, "recipe", d->run->recipe);
  lw_json_text(j, "version", d->run->version);
  lw_json_text(j, "line", d->run->line);
  lw_json_text(j, "db", d->db);
}

static void json_status(lw_json *j, const lw_host_view *v) {
  const lw_status *s = &v->status;
  lw_json_text(j, "state", state_name(v));
  lw_json_bool(j, "paused", v->is_paused);
  lw_json_text(j, "operation", s->operation);
  lw_json_text(j, "step", s->step);
  lw_json_text(j, "waits", s->waits);
  lw_json_number(j, "waits_left_s", until_s(v));
  lw_json_text(j, "reason", s->reason);
  lw_json_text(j, "where", s->where);
  lw_json_text(j, "readings", s->readings);
  lw_json_text(j, "prompt", s->prompt);
  lw_json_text(j, "doubt", s->doubt);
  lw_json_text(j, "budgets", s->budgets);
  lw_json_text(j, "can", v->can);
}

static void json_machine(lw_json *j, const lw_door *d, const lw_host_view *v) {
  lw_json_number(j, "host_pid", (double)getpid());
  lw_json_number(j, "worker_pid", (double)v->worker_pid);
  lw_json_number(j, "worker_deaths", v->deaths);
  lw_json_number(j, "scans", (double)v->scan_n);
  lw_json_number(j, "late_scans", (double)v->scan_late_n);
  const lw_latency *late = lw_line_latency(lw_host_line(d->host));
  lw_json_number(j, "wake_p999_us",
                 (double)lw_latency_share_ns(late, 0.999) / 1000);
  lw_json_number(j, "wake_max_us", (double)atomic_load(&late->max_ns) / 1000);
  lw_json_text(j, "realtime", lw_line_realtime(lw_host_line(d->host)));
  lw_json_number(j, "timers", (double)v->held.timers);
  lw_json_number(j, "handles", (double)v->held.handles);
  lw_json_number(j, "trips", v->trip.seq);
  lw_json_text(j, "trip", v->trip_text);
}

static void json_drivers(lw_json *j, lw_io *io) {
  lw_json_open(j, "drivers", '[');
  for (uint32_t i = 0; i < lw_io_driver_n(io); i++) {
    lw_io_status s;
    lw_io_status_read(io, i, &s);
    lw_json_open(j, NULL, '{');
    lw_json_text(j, "name", s.name);
    lw_json_text(j, "state", io_state_name(s.state));
    lw_json_number(j, "reads", (double)s.reads);
    lw_json_number(j, "writes", (double)s.writes);
    lw_json_number(j, "failures", (double)s.failures);
    lw_json_number(j, "late_polls", (double)s.late_polls);
    lw_json_text(j, "error", s.text);
    lw_json_close(j, '}');
  }
  lw_json_close(j, ']');
}

static void answer_json(lw_door *d, char *out) {
  lw_host_view v;
  lw_json j;
  lw_host_look(d->host, &v);
  memcpy(out, "ok\n", 4);
  lw_json_init(&j, out + 3, LW_LOCAL_ANSWER_MAX - 4);
  lw_json_open(&j, NULL, '{');
  json_run(&j, d);
  json_status(&j, &v);
  json_machine(&j, d, &v);
  json_drivers(&j, lw_line_io(lw_host_line(d->host)));
  lw_json_close(&j, '}');
  if (j.is_cut)
    snprintf(out, LW_LOCAL_ANSWER_MAX, "E-FULL the status is over %d bytes\n",
             LW_LOCAL_ANSWER_MAX);
  else
    strcpy(j.text + j.n, "\n");
}

typedef struct pen {
  char *at;
  size_t left;
} pen;

static void write_row(pen *p, const char *word, const char *text) {
  if (!*text)
    return;
  int n = snprintf(p->at, p->left, "%-9s %s\n", word, text);
  if (n > 0 && (size_t)n < p->left) {
    p->at += n;
    p->left -= (size_t)n;
  }
}

static void write_drivers(pen *p, lw_io *io) {
  for (uint32_t i = 0; i < lw_io_driver_n(io); i++) {
    lw_io_status s;
    char text[400];
    lw_io_status_read(io, i, &s);
    snprintf(text, sizeof text, "%s: %s, %llu reads, %llu writes%s%s", s.name,
             io_state_name(s.state), (unsigned long long)s.reads,
             (unsigned long long)s.writes, *s.text ? ", last error: " : "",
             s.text);
    write_row(p, "driver", text);
  }
}

static void write_waits(pen *p, const lw_host_view *v) {
  char text[sizeof v->status.waits + 40];
  double left_s = until_s(v);
  if (!*v->status.waits || left_s <= 0) {
    write_row(p, "waits", v->status.waits);
    return;
  }
  snprintf(text, sizeof text, "%s (%.0f s left)", v->status.waits, left_s);
  write_row(p, "waits", text);
}

static void answer_text(lw_door *d, char *out) {
  lw_host_view v;
  lw_host_look(d->host, &v);
  char run[400], scans[120];
  snprintf(run, sizeof run, "%s %s / %s / batch %s", d->run->recipe,
           d->run->version, d->run->line, d->run->batch);
  const lw_latency *late = lw_line_latency(lw_host_line(d->host));
  snprintf(scans, sizeof scans,
           "%llu done, %llu late, 99.9 %% awake within %lld us",
           (unsigned long long)v.scan_n, (unsigned long long)v.scan_late_n,
           (long long)lw_latency_share_ns(late, 0.999) / 1000);
  pen p = {out, LW_LOCAL_ANSWER_MAX};
  int n = snprintf(p.at, p.left, "ok\n");
  p.at += n;
  p.left -= (size_t)n;
  write_row(&p, "run", run);
  write_row(&p, "state", state_name(&v));
  write_row(&p, "doing", v.status.operation);
  write_row(&p, "step", v.status.step);
  write_waits(&p, &v);
  write_row(&p, "why", v.status.reason);
  write_row(&p, "where", v.status.where);
  // While Held it is what the failed condition said.
  write_row(&p, v.state == LW_STATE_Held ? "now" : "reads", v.status.readings);
  write_row(&p, "asks", v.status.prompt);
  write_row(&p, "trip", v.trip_text);
  write_row(&p, "doubt", v.status.doubt);
  write_row(&p, "can", v.can);
  write_row(&p, "budgets", v.status.budgets);
  write_row(&p, "scan", scans);
  write_row(&p, "realtime", lw_line_realtime(lw_host_line(d->host)));
  write_drivers(&p, lw_line_io(lw_host_line(d->host)));
}

// ----------------------------------------------------------------- attach ---

static int show_plan(lw_door *d, lw_err *e) {
  uint8_t *bytes;
  size_t n;
  lw_region_close(&d->plan);
  int rc = lw_plan_encode(lw_line_plan(lw_host_line(d->host)), &bytes, &n);
  if (rc < 0)
    return lw_err_set(e, rc, "out of memory for the plan");
  rc = lw_region_open(&d->plan, "linewright-plan", n, /* is_read_only */ 1, e);
  if (rc == 0)
    memcpy(d->plan.at, bytes, n);
  free(bytes);
  return rc;
}

static void answer_attach(lw_door *d, char *out) {
  lw_err e;
  if (show_plan(d, &e) < 0) {
    snprintf(out, LW_LOCAL_ANSWER_MAX, "%s %s\n", lw_err_name(e.code), e.text);
    return;
  }
  int fds[] = {lw_line_image_fd(lw_host_line(d->host)), d->plan.fd};
  lw_local_hand(d->local, fds, 2);
  snprintf(out, LW_LOCAL_ANSWER_MAX, "ok\n");
}

void lw_door_answer(void *door, const char *request, char *out) {
  lw_door *d = door;
  char copy[LW_LOCAL_REQUEST_MAX];
  snprintf(copy, sizeof copy, "%s", request);
  char *rest = copy;
  const char *word = strsep(&rest, "\t");
  if (strcmp(word, "status") == 0)
    answer_text(d, out);
  else if (strcmp(word, "status json") == 0)
    answer_json(d, out);
  else if (strcmp(word, "attach") == 0)
    answer_attach(d, out);
  else if (strcmp(word, "command") == 0 && rest)
    answer_command(d, rest, out);
  else if (strcmp(word, "verdict") == 0 && rest)
    answer_verdict(d, rest, out);
  else if (strcmp(word, "reload") == 0 && rest)
    answer_reload(d, rest, out);
  else
    snprintf(out, LW_LOCAL_ANSWER_MAX, "E-SYNTAX unknown request '%s'\n", word);
}
