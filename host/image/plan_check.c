// The rules that a plan must keep before a host acts on it.
#include <math.h>   // isfinite, isnan
#include <stdlib.h> // malloc, qsort, free
#include <string.h> // strcmp

#include "base/clock.h"    // LW_S
#include "image/chain.h"   // lw_chain_init
#include "image/convert.h" // lw_tag_to_device
#include "image/plan.h"

static const char *tag_name(const lw_plan *p, const lw_plan_tag *t) {
  return lw_plan_text(p, t->name);
}

static int is_text(const lw_plan *p, uint32_t offset) {
  return offset < p->text_n;
}

// A text that must say something.
static int is_word(const lw_plan *p, uint32_t offset) {
  return is_text(p, offset) && p->text[offset] != 0;
}

static int is_range(uint32_t first, uint32_t n, uint32_t total) {
  return first <= total && n <= total - first;
}

static int is_absent_or_positive(double x) {
  return isnan(x) || (isfinite(x) && x > 0);
}

static int check_head(const lw_plan *p, lw_err *e) {
  if (!p->text_n || p->text[0] || p->text[p->text_n - 1])
    return lw_err_set(e, LW_E_CORRUPT, "plan: its text is not closed");
  if (!is_text(p, p->line) || !is_text(p, p->profile))
    return lw_err_set(e, LW_E_CORRUPT, "plan: line or profile has no text");
  if (p->tag_n > LW_PLAN_ITEM_MAX || p->rule_n > LW_PLAN_ITEM_MAX)
    return lw_err_set(e, LW_E_RANGE, "plan: more than %u tags or rules",
                      LW_PLAN_ITEM_MAX);
  if (p->revision < 0 || p->api < 1)
    return lw_err_set(e, LW_E_RANGE, "plan: revision %d or api %d", p->revision,
                      p->api);
  return 0;
}

static int check_time(lw_err *e, const char *name, int64_t ns, int64_t lo_ns,
                      int64_t hi_ns) {
  if (ns >= lo_ns && ns <= hi_ns)
    return 0;
  return lw_err_set(e, LW_E_RANGE, "%s = %g s is outside %g..%g s", name,
                    (double)ns / LW_S, (double)lo_ns / LW_S,
                    (double)hi_ns / LW_S);
}

static int check_times(const lw_plan *p, lw_err *e) {
  int rc = check_time(e, "scan", p->scan_ns, LW_MS / 10, 10 * LW_S);
  if (rc == 0)
    rc = check_time(e, "tick", p->tick_ns, LW_MS, 60 * LW_S);
  if (rc == 0)
    rc = check_time(e, "tick budget", p->tick_cpu_ns, LW_MS, 600 * LW_S);
  if (rc == 0)
    rc = check_time(e, "heartbeat", p->heartbeat_ns, LW_MS, 600 * LW_S);
  if (rc < 0)
    return rc;
  if (p->heartbeat_ns <= p->tick_ns)
    return lw_err_set(
        e, LW_E_RANGE, "heartbeat = %g s must be longer than tick = %g s",
        (double)p->heartbeat_ns / LW_S, (double)p->tick_ns / LW_S);
  if (p->memory_bytes < INT64_C(1) << 20 || p->memory_bytes > INT64_C(1) << 40)
    return lw_err_set(e, LW_E_RANGE,
                      "memory of %lld bytes is outside 1 MiB..1 "
                      "TiB",
                      (long long)p->memory_bytes);
  if (p->history_keep_ns < 0 ||
      !(p->history_share >= 0 && p->history_share <= 1))
    return lw_err_set(e, LW_E_RANGE,
                      "history: keep %g s must not be negative, share %g must "
                      "be 0 to 1",
                      (double)p->history_keep_ns / LW_S, p->history_share);
  return 0;
}

static int check_driver(const lw_plan *p, const lw_plan_driver *d, lw_err *e) {
  if (!is_word(p, d->kind) || !is_word(p, d->name))
    return lw_err_set(e, LW_E_CORRUPT, "plan: a driver without kind or name");
  if (!is_range(d->option_first, d->option_n, p->option_n))
    return lw_err_set(e, LW_E_CORRUPT, "%s: options out of bounds",
                      lw_plan_text(p, d->name));
  for (uint32_t i = 0; i < d->option_n; i++) {
    const lw_plan_option *o = &p->options[d->option_first + i];
    if (!is_word(p, o->name) || !is_text(p, o->value))
      return lw_err_set(e, LW_E_CORRUPT, "%s: an option without name or value",
                        lw_plan_text(p, d->name));
  }
  return 0;
}

static int check_tag_links(const lw_plan *p, const lw_plan_tag *t, lw_err *e) {
  if (!is_word(p, t->name))
    return lw_err_set(e, LW_E_CORRUPT, "plan: a tag without a name");
  const char *name = tag_name(p, t);
  if (t->driver != LW_NONE && t->driver >= p->driver_n)
    return lw_err_set(e, LW_E_CORRUPT, "%s: driver %u of %u", name, t->driver,
                      p->driver_n);
  if (t->signal != LW_NONE && t->signal >= p->signal_n)
    return lw_err_set(e, LW_E_CORRUPT, "%s: signal %u of %u", name, t->signal,
                      p->signal_n);
  if (!is_text(p, t->address) || !is_text(p, t->feedback) ||
      !is_text(p, t->unit) || !is_text(p, t->process_unit))
    return lw_err_set(e, LW_E_CORRUPT, "%s: a text out of bounds", name);
  if (!is_range(t->filter_first, t->filter_n, p->filter_n))
    return lw_err_set(e, LW_E_CORRUPT, "%s: filters out of bounds", name);
  return 0;
}

static int check_tag_kind(const lw_plan *p, const lw_plan_tag *t, lw_err *e) {
  const char *name = tag_name(p, t);
  if (t->type < 0 || t->type >= LW_TYPE_N)
    return lw_err_set(e, LW_E_TYPE, "%s: word type %d is unknown", name,
                      t->type);
  if (t->word_order != LW_BIG_WORDS && t->word_order != LW_LITTLE_WORDS)
    return lw_err_set(e, LW_E_TYPE, "%s: word order %d is unknown", name,
                      t->word_order);
  if (t->access < LW_READ || t->access > (LW_READ | LW_WRITE))
    return lw_err_set(e, LW_E_TYPE, "%s: access %d is unknown", name,
                      t->access);
  if (t->type == LW_TYPE_text &&
      (t->access & LW_WRITE || t->filter_n || t->history == LW_TAG_EACH_SCAN))
    return lw_err_set(e, LW_E_TYPE,
                      "%s is text: it can be read, not written, filtered or "
                      "recorded at each scan",
                      name);
  if (t->feedback && !(t->access & LW_WRITE))
    return lw_err_set(e, LW_E_TYPE,
                      "%s is a reading: only a writable channel "
                      "has feedback",
                      name);
  return 0;
}

static int check_tag_numbers(const lw_plan *p, const lw_plan_tag *t,
                             lw_err *e) {
  const char *name = tag_name(p, t);
  const double factors[] = {t->scale, t->gain, t->signal_gain};
  const double shifts[] = {t->offset, t->bias, t->signal_bias};
  for (int i = 0; i < 3; i++)
    if (!isfinite(factors[i]) || factors[i] == 0 || !isfinite(shifts[i]))
      return lw_err_set(e, LW_E_RANGE,
                        "%s: scale %g and offset %g must be finite and the "
                        "scale not 0",
                        name, factors[i], shifts[i]);
  if (!is_absent_or_positive(t->step_max) ||
      !is_absent_or_positive(t->rate_max))
    return lw_err_set(e, LW_E_RANGE,
                      "%s: step_max %g and rate_max %g must be above 0", name,
                      t->step_max, t->rate_max);
  if (!(isnan(t->deadband) || (isfinite(t->deadband) && t->deadband >= 0)))
    return lw_err_set(e, LW_E_RANGE, "%s: deadband %g must not be negative",
                      name, t->deadband);
  if (t->history < LW_TAG_ON_CHANGE || t->history > LW_TAG_UNRECORDED)
    return lw_err_set(e, LW_E_RANGE, "%s: no way to record is number %d", name,
                      t->history);
  if (t->max_age_ns < 0 || t->poll_ns < 0)
    return lw_err_set(e, LW_E_RANGE, "%s: max_age or poll is negative", name);
  return 0;
}

static int check_output(const lw_plan *p, const lw_plan_tag *t, lw_err *e) {
  const char *name = tag_name(p, t);
  const char *unit =
      is_word(p, t->process_unit) ? lw_plan_text(p, t->process_unit) : "";
  if (!isfinite(t->lo) || !isfinite(t->hi) || t->lo > t->hi)
    return lw_err_set(e, LW_E_RANGE,
                      "%s can be set, so it needs a range {low, high}", name);
  for (int level = LW_LEVEL_suspend; level < LW_LEVEL_N; level++) {
    double raw, safe = t->safe[level];
    if (isnan(safe)) // keep
      continue;
    if (!(safe >= t->lo && safe <= t->hi))
      return lw_err_set(e, LW_E_RANGE,
                        "%s: safe %s value %g %s is outside %g..%g %s", name,
                        lw_level_name(level), safe, unit, t->lo, t->hi, unit);
    if (lw_tag_to_device(t, safe, &raw) < 0)
      return lw_err_set(e, LW_E_RANGE,
                        "%s: safe %s value %g %s does not fit the device's "
                        "word",
                        name, lw_level_name(level), safe, unit);
  }
  return 0;
}

// Kinds are known and their numbers fit; what the scan will do is tried here.
static int check_filters(const lw_plan *p, const lw_plan_tag *t, lw_err *e) {
  for (uint32_t i = 0; i < t->filter_n; i++) {
    const lw_plan_filter *f = &p->filters[t->filter_first + i];
    if (!is_word(p, f->kind) || f->param_n > LW_FILTER_PARAMS)
      return lw_err_set(e, LW_E_CORRUPT,
                        "%s: filter %u needs a kind and at most %d numbers",
                        tag_name(p, t), i + 1, LW_FILTER_PARAMS);
  }
  lw_chain chain;
  int rc = lw_chain_init(&chain, p, (uint32_t)(t - p->tags), e);
  if (rc == 0)
    lw_chain_fini(&chain);
  return rc;
}

static int check_tag(const lw_plan *p, const lw_plan_tag *t, lw_err *e) {
  int rc = check_tag_links(p, t, e);
  if (rc == 0)
    rc = check_tag_kind(p, t, e);
  if (rc == 0)
    rc = check_tag_numbers(p, t, e);
  if (rc == 0 && t->access & LW_WRITE)
    rc = check_output(p, t, e);
  if (rc == 0)
    rc = check_filters(p, t, e);
  return rc;
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_names(const lw_plan *p, lw_err *e) {
  const char **names = malloc((p->tag_n + 1) * sizeof *names);
  if (!names)
    return lw_err_set(e, LW_E_NOMEM, "plan: %s", lw_err_text(LW_E_NOMEM));
  for (uint32_t i = 0; i < p->tag_n; i++)
    names[i] = tag_name(p, &p->tags[i]);
  qsort(names, p->tag_n, sizeof *names, by_text);
  int rc = 0;
  for (uint32_t i = 1; rc == 0 && i < p->tag_n; i++)
    if (strcmp(names[i - 1], names[i]) == 0)
      rc = lw_err_set(e, LW_E_EXISTS, "two tags are called %s", names[i]);
  free(names);
  return rc;
}

static int is_number_tag(const lw_plan *p, uint32_t tag) {
  return tag < p->tag_n && p->tags[tag].type != LW_TYPE_text;
}

static int check_permit(const lw_plan *p, const lw_plan_rule *r, lw_err *e) {
  const char *name = tag_name(p, &p->tags[r->tag]);
  if (!(p->tags[r->tag].access & LW_WRITE))
    return lw_err_set(e, LW_E_TYPE,
                      "permit on %s: only a channel that can be set needs one",
                      name);
  if (!is_number_tag(p, r->need_tag) || r->need_op < LW_OP_ABOVE ||
      r->need_op > LW_OP_IS_NOT || !isfinite(r->need_limit))
    return lw_err_set(e, LW_E_RANGE, "permit on %s: what it needs is unclear",
                      name);
  if (r->level != LW_LEVEL_hold)
    return lw_err_set(e, LW_E_RANGE, "permit on %s: its level is always hold",
                      name);
  return 0;
}

static int check_rule(const lw_plan *p, const lw_plan_rule *r, lw_err *e) {
  if (!is_number_tag(p, r->tag) || !is_text(p, r->text))
    return lw_err_set(e, LW_E_CORRUPT, "plan: a rule without a tag or text");
  const char *name = tag_name(p, &p->tags[r->tag]);
  if (r->op < LW_OP_ABOVE || r->op > LW_OP_IS_NOT || !isfinite(r->limit))
    return lw_err_set(e, LW_E_RANGE, "rule on %s: limit %g must be finite",
                      name, r->limit);
  if (r->lasting_ns < 0)
    return lw_err_set(e, LW_E_RANGE, "rule on %s: lasting is negative", name);
  if (r->kind == LW_RULE_PERMIT)
    return check_permit(p, r, e);
  if (r->kind != LW_RULE_INTERLOCK)
    return lw_err_set(e, LW_E_CORRUPT, "rule on %s: kind %d is unknown", name,
                      r->kind);
  if (r->level <= LW_LEVEL_none || r->level >= LW_LEVEL_N)
    return lw_err_set(e, LW_E_RANGE, "interlock on %s: level %d is unknown",
                      name, r->level);
  return 0;
}

int lw_plan_check(const lw_plan *p, lw_err *e) {
  int rc = check_head(p, e);
  if (rc == 0)
    rc = check_times(p, e);
  for (uint32_t i = 0; rc == 0 && i < p->driver_n; i++)
    rc = check_driver(p, &p->drivers[i], e);
  for (uint32_t i = 0; rc == 0 && i < p->signal_n; i++)
    if (!is_word(p, p->signals[i].name) || !is_text(p, p->signals[i].unit))
      rc = lw_err_set(e, LW_E_CORRUPT, "plan: a signal without a name");
  for (uint32_t i = 0; rc == 0 && i < p->tag_n; i++)
    rc = check_tag(p, &p->tags[i], e);
  if (rc == 0)
    rc = check_names(p, e);
  for (uint32_t i = 0; rc == 0 && i < p->rule_n; i++)
    rc = check_rule(p, &p->rules[i], e);
  return rc;
}
