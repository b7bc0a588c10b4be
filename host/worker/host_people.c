// What people ask of a host and what they are shown.
#include <stdio.h>  // snprintf
#include <string.h> // strcmp

#include "loop/clock.h" // lw_clock_real
#include "worker/host_private.h"

// --------------------------------------------------------------- commands ---

// Nobody is left to act on commands: the host ends the run by itself.
static int command_abandoned(lw_host *h, const char *command, lw_err *e) {
  int is_abort = strcmp(command, "abort") == 0;
  if (!is_abort && strcmp(command, "stop") != 0)
    return lw_err_set(e, LW_E_STATE,
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
  if (!h->worker && h->deaths >= LW_HOST_DEATHS_MAX)
    return command_abandoned(h, command, e);
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
  if (number == LW_COMMAND_unhold)
    h->deaths = 0; // a person has taken notice
  lw_host_ring(h);
  return 0;
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
      .state = h->abandoned_state ? h->abandoned_state
               : is_given_up      ? LW_STATE_Held
               : is_ready         ? (int)atomic_load(&d->state)
                                  : 0,
      .deaths = h->deaths,
      .is_paused = (atomic_load(&d->flags) & LW_FLAG_PAUSED) != 0,
      .worker_pid = h->worker ? lw_child_pid(h->worker->child) : 0,
      .now_ns = lw_now_ns(lw_clock_real()),
      .trip = lw_trip_unpack(atomic_load(&m->trip)),
      .scan_n = atomic_load(&m->scan_n),
      .scan_late_n = atomic_load(&m->scan_late_n)};
  if (is_given_up)
    snprintf(out->status.reason, sizeof out->status.reason,
             "the worker died %d times without an unhold between", h->deaths);
  else
    lw_status_read(d, &out->status);
  find_can(out, is_given_up);
  trip_words(h, out);
}
