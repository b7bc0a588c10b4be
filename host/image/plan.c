#include "image/plan.h"

#include <math.h>   // NAN
#include <stdlib.h> // calloc, realloc, free
#include <string.h> // strcmp

#include "base/clock.h" // LW_MS

lw_plan *lw_plan_new(void) {
  lw_plan *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  *p = (lw_plan){.api = 1,
                 .scan_ns = 10 * LW_MS,
                 .tick_ns = 100 * LW_MS,
                 .heartbeat_ns = 250 * LW_MS,
                 .tick_cpu_ns = 50 * LW_MS,
                 .memory_bytes = INT64_C(64) << 20,
                 .text = calloc(1, 1),
                 .text_n = 1};
  if (!p->text) {
    free(p);
    return NULL;
  }
  return p;
}

void lw_plan_free(lw_plan *p) {
  if (!p)
    return;
  free(p->drivers);
  free(p->options);
  free(p->signals);
  free(p->tags);
  free(p->filters);
  free(p->rules);
  free(p->text);
  free(p->index);
  free(p);
}

// Room for one more item. An array's capacity is the power of two at or above
// its count, so that the struct needs no second number per array.
static int grow(void *array, uint32_t n, size_t size) {
  void **items = array;
  if (n & (n - 1)) // not a power of two: the last growth left room
    return 0;
  void *more = realloc(*items, (n ? (size_t)n * 2 : 1) * size);
  if (!more)
    return LW_E_NOMEM;
  *items = more;
  return 0;
}

// Intern two texts; returns 0 or LW_E_NOMEM.
static int add_pair(lw_plan *p, const char *a, const char *b, uint32_t *at_a,
                    uint32_t *at_b) {
  int first = lw_plan_add_text(p, a);
  int second = first < 0 ? first : lw_plan_add_text(p, b);
  if (second < 0)
    return second;
  *at_a = (uint32_t)first;
  *at_b = (uint32_t)second;
  return 0;
}

int lw_plan_add_driver(lw_plan *p, const char *kind, const char *name) {
  lw_plan_driver d = {.option_first = p->option_n};
  if (add_pair(p, kind, name, &d.kind, &d.name) < 0 ||
      grow(&p->drivers, p->driver_n, sizeof d) < 0)
    return LW_E_NOMEM;
  p->drivers[p->driver_n] = d;
  return (int)p->driver_n++;
}

int lw_plan_add_option(lw_plan *p, const char *name, const char *value) {
  lw_plan_option o;
  if (p->driver_n == 0)
    return LW_E_STATE;
  if (add_pair(p, name, value, &o.name, &o.value) < 0 ||
      grow(&p->options, p->option_n, sizeof o) < 0)
    return LW_E_NOMEM;
  p->options[p->option_n] = o;
  p->drivers[p->driver_n - 1].option_n++;
  return (int)p->option_n++;
}

int lw_plan_add_signal(lw_plan *p, const char *name, const char *unit) {
  lw_plan_signal s;
  if (add_pair(p, name, unit, &s.name, &s.unit) < 0 ||
      grow(&p->signals, p->signal_n, sizeof s) < 0)
    return LW_E_NOMEM;
  p->signals[p->signal_n] = s;
  return (int)p->signal_n++;
}

int lw_plan_add_tag(lw_plan *p, const char *name) {
  int text = lw_plan_add_text(p, name);
  if (text < 0 || grow(&p->tags, p->tag_n, sizeof *p->tags) < 0)
    return LW_E_NOMEM;
  lw_plan_tag *t = &p->tags[p->tag_n];
  *t = (lw_plan_tag){.name = (uint32_t)text,
                     .driver = LW_NONE,
                     .signal = LW_NONE,
                     .type = LW_TYPE_f64,
                     .access = LW_READ,
                     .scale = 1,
                     .gain = 1,
                     .signal_gain = 1,
                     .lo = NAN,
                     .hi = NAN,
                     .step_max = NAN,
                     .rate_max = NAN,
                     .deadband = NAN};
  for (int level = 0; level < LW_LEVEL_N; level++)
    t->safe[level] = NAN;
  return (int)p->tag_n++;
}

int lw_plan_add_filter(lw_plan *p, uint32_t tag, const char *kind,
                       const double *param, size_t param_n) {
  if (tag >= p->tag_n || param_n > LW_FILTER_PARAMS)
    return LW_E_RANGE;
  lw_plan_tag *t = &p->tags[tag];
  // A chain is one range of filters[]: it must be added in one go.
  if (t->filter_n && t->filter_first + t->filter_n != p->filter_n)
    return LW_E_STATE;
  int text = lw_plan_add_text(p, kind);
  if (text < 0 || grow(&p->filters, p->filter_n, sizeof *p->filters) < 0)
    return LW_E_NOMEM;
  lw_plan_filter *f = &p->filters[p->filter_n];
  *f = (lw_plan_filter){.kind = (uint32_t)text, .param_n = (uint32_t)param_n};
  for (size_t i = 0; i < param_n; i++)
    f->param[i] = param[i];
  if (t->filter_n++ == 0)
    t->filter_first = p->filter_n;
  return (int)p->filter_n++;
}

int lw_plan_add_rule(lw_plan *p, const lw_plan_rule *rule) {
  const lw_plan_rule copy = *rule; // it may be one of rules[]
  if (grow(&p->rules, p->rule_n, sizeof copy) < 0)
    return LW_E_NOMEM;
  p->rules[p->rule_n] = copy;
  return (int)p->rule_n++;
}

int lw_plan_find(const lw_plan *p, const char *name) {
  for (uint32_t i = 0; i < p->tag_n; i++)
    if (strcmp(lw_plan_text(p, p->tags[i].name), name) == 0)
      return (int)i;
  return LW_E_NOTFOUND;
}

int64_t lw_plan_max_age_ns(const lw_plan *p, uint32_t tag) {
  const lw_plan_tag *t = &p->tags[tag];
  if (t->max_age_ns > 0)
    return t->max_age_ns;
  return 5 * (t->poll_ns > p->scan_ns ? t->poll_ns : p->scan_ns);
}
