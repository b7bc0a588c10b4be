// The public API's glue: everything here hands on to a room below.
#include "linewright.h"

#include <math.h>   // isfinite
#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc, free
#include <string.h> // strlen

#include "base/err.h"   // lw_err_set
#include "bind/embed.h" // lw_embed

struct lw_run {
  lw_embed *embed;
  lw_embed_answer answer; // of the newest call
};

const char *lw_version(void) {
  return LW_VERSION;
}

// ------------------------------------------------------------------ calls ---

static lw_embed_word text(const char *s) {
  return (lw_embed_word){.text = s ? s : ""};
}

static lw_embed_word number(double x) {
  return (lw_embed_word){.number = x};
}

static int ask(lw_run *r, const char *function, const lw_embed_word *words,
               size_t n, lw_err *e) {
  int rc = lw_embed_call(r->embed, function, words, n, &r->answer, e);
  return rc < 0 ? rc : 0;
}

static int ask0(lw_run *r, const char *function, lw_err *e) {
  return ask(r, function, NULL, 0, e);
}

static int ask1(lw_run *r, const char *function, lw_embed_word a, lw_err *e) {
  return ask(r, function, &a, 1, e);
}

static int ask2(lw_run *r, const char *function, lw_embed_word a,
                lw_embed_word b, lw_err *e) {
  const lw_embed_word words[] = {a, b};
  return ask(r, function, words, 2, e);
}

static const char *ask_text(lw_run *r, const char *function) {
  return ask0(r, function, NULL) < 0 ? "" : r->answer.text;
}

static int check_time(double seconds, lw_err *e) {
  return isfinite(seconds) && seconds >= 0
             ? 0
             : lw_err_set(e, LW_E_RANGE, "a time of %g s", seconds);
}

// ------------------------------------------------------------- life cycle ---

static int open_run(lw_run *r, const lw_run_options *o, lw_err *e) {
  lw_embed_word words[LW_EMBED_WORDS_MAX] = {
      text(o->recipe), text(o->line),           text(o->formula),
      text(o->db),     number((double)o->seed), number(o->uses_drivers ? 1 : 0),
  };
  size_t n = 6;
  for (const char *const *set = o->set; set && *set; set++) {
    if (n == LW_EMBED_WORDS_MAX)
      return lw_err_set(e, LW_E_RANGE, "more than %zu settings", n - 6);
    words[n++] = text(*set);
  }
  int rc = lw_embed_open(&r->embed, e);
  return rc < 0 ? rc : ask(r, "open", words, n, e);
}

int lw_run_open(lw_run **out, const lw_run_options *o, lw_err *e) {
  *out = NULL;
  lw_run *r = calloc(1, sizeof *r);
  if (!r)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a run");
  int rc = open_run(r, o, e);
  if (rc < 0)
    lw_run_close(r);
  else
    *out = r;
  return rc;
}

void lw_run_close(lw_run *r) {
  if (!r)
    return;
  if (r->embed)
    ask0(r, "close", NULL);
  lw_embed_close(r->embed);
  free(r);
}

int lw_run_start(lw_run *r, lw_err *e) {
  return ask0(r, "start", e);
}

int lw_run_advance(lw_run *r, double seconds, lw_err *e) {
  int rc = check_time(seconds, e);
  return rc < 0 ? rc : ask1(r, "advance", number(seconds), e);
}

int lw_run_until(lw_run *r, const char *state, double within_s, lw_err *e) {
  int rc = check_time(within_s, e);
  return rc < 0 ? rc : ask2(r, "reach", text(state), number(within_s), e);
}

int lw_run_reboot(lw_run *r, double outage_s, lw_err *e) {
  int rc = check_time(outage_s, e);
  return rc < 0 ? rc : ask1(r, "reboot", number(outage_s), e);
}

// ---------------------------------------------------------------- looking ---

double lw_run_now_s(lw_run *r) {
  return ask0(r, "now", NULL) < 0 ? NAN : r->answer.number;
}

const char *lw_run_state(lw_run *r) {
  return ask_text(r, "state");
}

const char *lw_run_reason(lw_run *r) {
  return ask_text(r, "reason");
}

const char *lw_run_question(lw_run *r) {
  return ask_text(r, "question");
}

int lw_run_read(lw_run *r, const char *channel, double *value, int *quality,
                lw_err *e) {
  int rc = ask1(r, "read", text(channel), e);
  if (rc < 0)
    return rc;
  // A value that is not there is NaN, so the quality may stand first.
  *value = r->answer.number;
  if (quality)
    *quality = (int)r->answer.second;
  return 0;
}

int lw_run_output(lw_run *r, const char *name, size_t i, double *value,
                  lw_err *e) {
  int rc = ask2(r, "output", text(name), number((double)i), e);
  if (rc == 0)
    *value = r->answer.number;
  return rc;
}

// ----------------------------------------------------------------- acting ---

int lw_run_answer(lw_run *r, const char *choice, lw_err *e) {
  return ask1(r, "answer", text(choice), e);
}

int lw_run_command(lw_run *r, const char *command, lw_err *e) {
  return ask1(r, "command", text(command), e);
}

int lw_run_fault(lw_run *r, const char *signal, const char *fault,
                 double argument, lw_err *e) {
  const lw_embed_word words[] = {text(signal), text(fault), number(argument)};
  return ask(r, "fault", words, 3, e);
}

int lw_check(const char *recipe, const char *line, const char *formula,
             char *out, size_t n) {
  lw_run r = {0};
  lw_err e;
  const lw_embed_word words[] = {text(recipe), text(line), text(formula)};
  int rc = lw_embed_open(&r.embed, &e);
  if (rc == 0)
    rc = ask(&r, "check", words, 3, &e);
  snprintf(out, n, "%s", rc < 0 ? e.text : r.answer.text);
  lw_embed_close(r.embed);
  if (rc < 0)
    return rc;
  return r.answer.number != 0 ? LW_E_SCRIPT : 0;
}
