// What people ask of a host and what they are shown.
#include <signal.h> // SIGKILL
#include <stdio.h>  // snprintf
#include <string.h> // strcmp, sigabbrev_np

#include "loop/clock.h"    // lw_clock_real
#include "worker/bundle.h" // LW_WORKER_NO_MEMORY
#include "worker/host_private.h"

// --------------------------------------------------------------- commands ---

// A name as it may stand in a JSON string.
static const char *plain(const char *who, char *out, size_t n) {
  size_t at = 0;
  for (; *who && at + 1 < n; who++)
    if ((unsigned char)*who >= ' ' && *who != '"' && *who != '\\')
      out[at++] = *who;
  out[at] = 0;
  return out;
}

static int reopen_journal(lw_host *h, const char *who, lw_err *e) {
  char text[512], name[64];
  lw_err why;
  lw_line_store_error(h->line, &why);
  int rc = lw_line_reopen_store(h->line, e);
  if (rc < 0)
    return rc;
  h->has_no_journal = 0;
  h->deaths = 0;
  snprintf(text, sizeof text,
           "{\"text\":\"the journal had stopped (%s); opened again by %s\"}",
           lw_err_name(why.code), plain(who, name, sizeof name));
  lw_line_record(h->line, LW_RECORD_alarm, "host/store", text);
  lw_host_spawn(h, /* is_resume */ 1);
  return 0;
}

// Nobody is left to act on commands: the host does by itself.
static int command_abandoned(lw_host *h, const char *command, const char *who,
                             lw_err *e) {
  int is_abort = strcmp(command, "abort") == 0;
  if (h->has_no_journal && strcmp(command, "unhold") == 0)
    return reopen_journal(h, who, e);
  if (!is_abort && strcmp(command, "stop") != 0)
    return h->has_no_journal
               ? lw_err_set(e, LW_E_STATE,
                            "the journal stopped: unhold opens it again, stop "
                            "and abort end the run")
               : lw_err_set(
                     e, LW_E_STATE,
                     "the worker died %d times: only stop and abort are left",
                     h->deaths);
  lw_scan_trip(lw_line_scan(h->line), LW_CAUSE_heartbeat,
               is_abort ? LW_LEVEL_abort : LW_LEVEL_stop);
  h->is_over = 1;
  h->abandoned_state = is_abort ? LW_STATE_Aborted : LW_STATE_Stopped;
  lw_host_end(h, LW_HOST_ABANDONED, NULL);
  return 0;
}

int lw_host_command(lw_host *h, const char *command, const char *who,
                    const char *argument, lw_err *e) {
  if (h->has_no_journal || (!h->worker && h->deaths >= LW_HOST_DEATHS_MAX))
    return command_abandoned(h, command, who, e);
  lw_desk *d = lw_line_desk(h->line);
  int state = (int)atomic_load(&d->state);
  int number = lw_packml_command_find(command);
  if (!h->worker || !atomic_load(&d->ready))
    return lw_err_set(e, LW_E_AGAIN, "the worker is still loading");
  if (number > 0 && lw_packml_command(state, number) < 0)
    return lw_err_set(e, LW_E_STATE, "command '%s' is not allowed in state %s",
                      command, lw_packml_state_name(state));
  int rc = lw_line_command(h->line, command, who, argument);
  if (rc < 0)
    return lw_err_set(e, rc, "command '%s': %s", command, lw_err_text(rc));
  h->sent_n++;
  if (number == LW_COMMAND_unhold)
    h->deaths = 0; // a person has taken notice
  lw_host_ring(h);
  return 0;
}

uint32_t lw_host_sent(const lw_host *h) {
  return h->sent_n;
}

int lw_host_verdict(const lw_host_view *v, uint32_t number, lw_err *e) {
  if (v->status.verdict_n < number)
    return LW_E_AGAIN;
  uint32_t behind_n = v->status.verdict_n - number;
  if (behind_n >= LW_VERDICT_BITS)
    return lw_err_set(e, LW_E_STATE,
                      "many were given behind this command: "
                      "the records say what came of it");
  if (!(v->status.refused >> behind_n & 1))
    return 0;
  // Of those given at the same time only the newest keeps its reason.
  return lw_err_set(e, LW_E_STATE, "%s",
                    behind_n == 0 ? v->status.verdict
                                  : "refused: the records say why, another "
                                    "command was given right behind it");
}

// ----------------------------------------------------------------- deaths ---

// A script's process that cannot have more memory gets SIGABRT or SIGSEGV from
// its own libraries, or SIGKILL from the kernel; only the latter is certain not
// to be ours.
static void say_signal(char *out, size_t n, int signo) {
  const char *name = sigabbrev_np(signo);
  const char *hint = signo == SIGKILL ? " (not by the host: out of memory, or "
                                        "by hand)"
                                      : "";
  if (name)
    snprintf(out, n, "worker killed by SIG%s%s", name, hint);
  else
    snprintf(out, n, "worker killed by signal %d", signo);
}

void lw_host_say_death(lw_host *h, int status, int signo) {
  lw_desk *d = lw_line_desk(h->line);
  const char *state = lw_packml_state_name((int)atomic_load(&d->state));
  char what[100];
  if (signo == SIGKILL && h->silent_ns)
    snprintf(what, sizeof what, "worker silent for %lld ms, killed",
             (long long)(h->silent_ns / LW_MS));
  else if (signo)
    say_signal(what, sizeof what, signo);
  else if (status == LW_WORKER_NO_MEMORY)
    snprintf(what, sizeof what, "worker out of memory");
  else
    snprintf(what, sizeof what, "worker ended with status %d", status);
  if (state && atomic_load(&d->ready))
    snprintf(h->death, sizeof h->death, "%s in %s", what, state);
  else
    snprintf(h->death, sizeof h->death, "%s while it was loading", what);
  // The next worker is not there yet, or waits to be called: nobody reads.
  memcpy(lw_line_image(h->line)->death, h->death, sizeof h->death);
}

// ---------------------------------------------------------------- looking ---

static void trip_words(lw_host *h, lw_host_view *v) {
  const lw_plan *plan = lw_line_plan(h->line);
  const char *what = "";
  if (v->trip.cause == LW_CAUSE_interlock || v->trip.cause == LW_CAUSE_permit) {
    if (v->trip.index < plan->rule_n)
      what = lw_plan_text(plan, plan->rules[v->trip.index].text);
  } else if (v->trip.index < plan->tag_n)
    what = lw_plan_text(plan, plan->tags[v->trip.index].name);
  snprintf(v->trip_text, sizeof v->trip_text, "%s", v->trip.seq ? what : "");
}

// The worker knows more than the table: no unhold while a once-step is in
// doubt. What it said in another state is of no use.
static void find_can(lw_host_view *v, int is_given_up) {
  if (is_given_up)
    snprintf(v->can, sizeof v->can, "stop, abort");
  else if (v->status.state == v->state && *v->status.can)
    snprintf(v->can, sizeof v->can, "%.*s", (int)sizeof v->can - 1,
             v->status.can);
  else
    lw_packml_legal(v->state, v->can, sizeof v->can);
}

void lw_host_look(lw_host *h, lw_host_view *out) {
  lw_desk *d = lw_line_desk(h->line);
  lw_image *m = lw_line_image(h->line);
  int is_ready = atomic_load(&d->ready) != 0;
  int is_given_up = !h->worker && h->deaths >= LW_HOST_DEATHS_MAX;
  *out = (lw_host_view){
      .state = h->abandoned_state                 ? h->abandoned_state
               : is_given_up || h->has_no_journal ? LW_STATE_Held
               : is_ready                         ? (int)atomic_load(&d->state)
                                                  : 0,
      .deaths = h->deaths,
      .has_no_journal = h->has_no_journal,
      .is_paused = (atomic_load(&d->flags) & LW_FLAG_PAUSED) != 0,
      .worker_pid = h->worker ? lw_child_pid(h->worker->child) : 0,
      .now_ns = lw_now_ns(lw_clock_real()),
      .held = lw_loop_look(h->loop),
      .trip = lw_trip_unpack(atomic_load(&m->trip)),
      .scan_n = atomic_load(&m->scan_n),
      .scan_late_n = atomic_load(&m->scan_late_n)};
  lw_err why;
  if (h->has_no_journal && lw_line_store_error(h->line, &why) < 0)
    snprintf(out->status.reason, sizeof out->status.reason,
             "journal stopped: %s", why.text);
  else if (is_given_up)
    snprintf(out->status.reason, sizeof out->status.reason,
             "the worker died %d times without an unhold between", h->deaths);
  else
    lw_status_read(d, &out->status);
  find_can(out, is_given_up);
  trip_words(h, out);
}
