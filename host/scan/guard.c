#include "scan/guard.h"

#include <math.h> // fabs, isfinite, isnan

#include "base/err.h"      // LW_E_*
#include "image/convert.h" // lw_tag_to_device

// Rounding of a ramp's sum must not count as too fast.
#define RATE_SLACK 1e-9

static const char *const names[LW_VERDICT_N] = {
#define NAME(name, text) #name,
    LW_VERDICTS(NAME)
#undef NAME
};

static const char *const texts[LW_VERDICT_N] = {
#define TEXT(name, text) text,
    LW_VERDICTS(TEXT)
#undef TEXT
};

const char *lw_verdict_name(int verdict) {
  return verdict >= 0 && verdict < LW_VERDICT_N ? names[verdict] : NULL;
}

const char *lw_verdict_text(int verdict) {
  return verdict >= 0 && verdict < LW_VERDICT_N ? texts[verdict] : NULL;
}

int lw_verdict_is_void(int verdict) {
  return verdict == LW_VERDICT_stale || verdict == LW_VERDICT_tripped ||
         verdict == LW_VERDICT_journal;
}

static int is_within(const lw_plan_tag *t, double x) {
  return x >= t->lo && x <= t->hi;
}

// May anything be written to this tag at this instant?
static int check_authority(const lw_guard *g) {
  if (!(g->tag->access & LW_WRITE))
    return LW_VERDICT_reading;
  if (g->epoch == 0 || g->asked_epoch != g->epoch)
    return LW_VERDICT_stale;
  if (g->is_tripped)
    return LW_VERDICT_tripped;
  if (!g->is_journal_good)
    return LW_VERDICT_journal;
  return LW_VERDICT_accept;
}

// A device that cannot be asked is taken at its first word; one that can be
// asked has to answer before a change can be called small or slow.
static int check_step(const lw_guard *g) {
  if (isnan(g->tag->step_max))
    return LW_VERDICT_accept;
  if (isnan(g->from))
    return g->is_readable ? LW_VERDICT_unknown : LW_VERDICT_accept;
  if (!(fabs(g->goal - g->from) <= g->tag->step_max))
    return LW_VERDICT_step;
  return LW_VERDICT_accept;
}

static int check_rate(const lw_guard *g) {
  double rate_max = g->tag->rate_max;
  if (isnan(rate_max))
    return LW_VERDICT_accept;
  if (isnan(g->last))
    return g->is_readable ? LW_VERDICT_unknown : LW_VERDICT_accept;
  double most = rate_max * g->dt_s;
  double slack = RATE_SLACK * (most + fabs(g->value));
  if (!(fabs(g->value - g->last) <= most + slack))
    return LW_VERDICT_rate;
  return LW_VERDICT_accept;
}

int lw_guard_check(const lw_guard *g, double *raw) {
  int verdict = check_authority(g);
  if (verdict != LW_VERDICT_accept)
    return verdict;
  if (!isfinite(g->value) || !isfinite(g->goal))
    return LW_VERDICT_nonfinite;
  if (!is_within(g->tag, g->goal) || !is_within(g->tag, g->value))
    return LW_VERDICT_range;
  verdict = check_step(g);
  if (verdict != LW_VERDICT_accept)
    return verdict;
  verdict = check_rate(g);
  if (verdict != LW_VERDICT_accept)
    return verdict;
  if (!g->is_permitted)
    return LW_VERDICT_permit;
  if (lw_tag_to_device(g->tag, g->value, raw) < 0)
    return LW_VERDICT_word;
  return LW_VERDICT_accept;
}
