// The historian at instants: one, or many at even distances.
#include <math.h>   // NAN
#include <stdlib.h> // free

#include "store/history_private.h"

// ----------------------------------------------------------------- instant --

static int keep_newest(void *arg, const lw_chunk *c) {
  lw_newest *w = arg;
  for (size_t i = 0; i < c->n; i++)
    if (!w->is_found || c->t_ns[i] >= w->at.t_ns) {
      w->at = (lw_instant){c->t_ns[i], c->value[i], c->quality[i]};
      w->is_found = 1;
    }
  return 0;
}

// A chunk that lies inside as a whole can only offer its last sample.
static int keep_last(void *arg, const lw_day_chunk *c) {
  lw_newest *w = arg;
  if (!w->is_found || c->t1_ns >= w->at.t_ns)
    w->at = (lw_instant){c->t1_ns, c->last, c->last_quality};
  w->is_found = 1;
  return 1;
}

// Newest sample with t < before_ns: day by day, backwards.
int lw_history_newest(lw_history *h, const char *tag, int64_t before_ns,
                      lw_newest *w, lw_err *e) {
  int64_t *days;
  *w = (lw_newest){0};
  if (before_ns == INT64_MIN)
    return 0;
  int n = lw_history_days(h, INT64_MIN, lw_day_of(before_ns - 1), &days, e);
  int rc = n < 0 ? n : 0;
  for (int i = n - 1; rc == 0 && !w->is_found && i >= 0; i--) {
    int64_t end_ns = (days[i] + 1) * LW_DAY_NS;
    lw_history_visit v = {.from_ns = days[i] * LW_DAY_NS,
                          .to_ns = before_ns < end_ns ? before_ns : end_ns,
                          .figures = keep_last,
                          .samples = keep_newest,
                          .arg = w};
    rc = lw_history_walk(h, tag, &v, e);
  }
  free(days);
  return rc;
}

static int keep_first(void *arg, const lw_chunk *c) {
  lw_newest *w = arg;
  w->at = (lw_instant){c->t_ns[0], c->value[0], c->quality[0]};
  w->is_found = 1;
  return 1;
}

int lw_history_first(lw_history *h, const char *tag, int64_t from_ns,
                     lw_newest *w, lw_err *e) {
  *w = (lw_newest){0};
  return lw_history_read(h, tag, from_ns, INT64_MAX, keep_first, w, e);
}

// On the line from a to b, both good enough, at a time between them.
static lw_instant between(const lw_instant *a, const lw_instant *b,
                          int64_t t_ns) {
  double share = (double)(t_ns - a->t_ns) / (double)(b->t_ns - a->t_ns);
  return (lw_instant){.t_ns = t_ns,
                      .value = a->value + share * (b->value - a->value),
                      .quality =
                          a->quality < b->quality ? a->quality : b->quality};
}

static int interpolate(lw_history *h, const char *tag, int64_t t_ns,
                       lw_instant *out, lw_err *e) {
  lw_newest after;
  int rc = lw_history_first(h, tag, t_ns + 1, &after, e);
  if (rc < 0)
    return rc;
  if (after.is_found && out->quality && after.at.quality)
    *out = between(out, &after.at, t_ns);
  return 0;
}

int lw_history_at(lw_history *h, const char *tag, int64_t t_ns, int how,
                  lw_instant *out, lw_err *e) {
  lw_newest w;
  if (t_ns == INT64_MAX) // the walk's end is exclusive
    t_ns--;
  int rc = lw_history_newest(h, tag, t_ns + 1, &w, e);
  if (rc < 0)
    return rc;
  if (!w.is_found)
    return lw_err_set(e, LW_E_NOTFOUND, "%s: nothing recorded of '%s' by then",
                      h->folder, tag);
  *out = w.at;
  if (how == LW_HISTORY_LINEAR && out->t_ns < t_ns)
    return interpolate(h, tag, t_ns, out, e);
  return 0;
}

// -------------------------------------------------------------------- grid --

typedef struct grid {
  int64_t from_ns, step_ns;
  size_t n, next; // the first instant that is not filled
  int how;
  lw_newest last;
  lw_instant *out;
} grid;

// The instants before t_ns, with what is known of them: the sample before, and
// the one that comes then.
static void fill(grid *g, int64_t t_ns, const lw_instant *then) {
  for (; g->next < g->n; g->next++) {
    int64_t at_ns = g->from_ns + (int64_t)g->next * g->step_ns;
    lw_instant *x = &g->out[g->next];
    if (at_ns >= t_ns)
      return;
    if (!g->last.is_found)
      *x = (lw_instant){.t_ns = at_ns, .value = NAN};
    else if (g->how == LW_HISTORY_LINEAR && then && g->last.at.quality &&
             then->quality && at_ns > g->last.at.t_ns)
      *x = between(&g->last.at, then, at_ns);
    else
      *x = g->last.at;
    x->t_ns = at_ns;
  }
}

static int take(void *arg, const lw_chunk *c) {
  grid *g = arg;
  for (size_t i = 0; i < c->n; i++) {
    lw_instant now = {c->t_ns[i], c->value[i], c->quality[i]};
    fill(g, now.t_ns, &now);
    g->last = (lw_newest){now, 1};
  }
  return 0;
}

int lw_history_grid(lw_history *h, const char *tag, int64_t from_ns,
                    int64_t step_ns, size_t n, int how, lw_instant *out,
                    lw_err *e) {
  grid g = {
      .from_ns = from_ns, .step_ns = step_ns, .n = n, .how = how, .out = out};
  lw_newest after = {0};
  if (step_ns <= 0 || n == 0 ||
      n > (uint64_t)(INT64_MAX - (from_ns > 0 ? from_ns : 0)) /
              (uint64_t)step_ns)
    return lw_err_set(e, LW_E_RANGE,
                      "%zu instants %lld ns apart, both must be"
                      " > 0",
                      n, (long long)step_ns);
  int64_t end_ns = from_ns + (int64_t)n * step_ns;
  int rc = lw_history_newest(h, tag, from_ns, &g.last, e);
  if (rc == 0)
    rc = lw_history_read(h, tag, from_ns, end_ns, take, &g, e);
  if (rc == 0 && how == LW_HISTORY_LINEAR)
    rc = lw_history_first(h, tag, end_ns, &after, e);
  if (rc < 0)
    return rc;
  fill(&g, end_ns, after.is_found ? &after.at : NULL);
  return 0;
}
