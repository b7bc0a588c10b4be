#include "image/chain.h"

#include <stdlib.h> // aligned_alloc, calloc, free

#include "base/clock.h" // LW_S
#include "base/str.h"   // lw_str

static double sample_rate_hz(const lw_plan *p, const lw_plan_tag *t) {
  int64_t poll_ns = t->poll_ns > p->scan_ns ? t->poll_ns : p->scan_ns;
  return (double)LW_S / (double)poll_ns;
}

static int unknown_kind(const char *tag, const char *name, lw_err *e) {
  char text[120];
  lw_str known;
  lw_str_init(&known, text, sizeof text);
  for (size_t i = 0; lw_filter_at(i); i++)
    lw_str_add(&known, "%s%s", i ? ", " : "", lw_filter_at(i)->name);
  return lw_err_set(e, LW_E_NOTFOUND, "%s: there is no filter '%s' (%s)", tag,
                    name, text);
}

static int link_init(lw_link *link, const lw_plan *p, const lw_plan_tag *t,
                     const lw_plan_filter *f, lw_err *e) {
  const char *tag = lw_plan_text(p, t->name);
  const char *name = lw_plan_text(p, f->kind);
  double params[LW_FILTER_PARAM_MAX], rate_hz = sample_rate_hz(p, t);
  lw_err why = {0};
  link->kind = lw_filter_find(name);
  if (!link->kind)
    return unknown_kind(tag, name, e);
  int rc = lw_filter_resolve(link->kind, f->param, f->param_n, rate_hz, params,
                             &why);
  if (rc < 0)
    return lw_err_set(e, rc, "%s: %s", tag, why.text);
  link->filter = aligned_alloc(16, lw_filter_size(link->kind, params, rate_hz));
  if (!link->filter)
    return lw_err_set(e, LW_E_NOMEM, "%s: %s", tag, lw_err_text(LW_E_NOMEM));
  rc = lw_filter_init(link->kind, link->filter, params, rate_hz, &why);
  return rc < 0 ? lw_err_set(e, rc, "%s: %s", tag, why.text) : 0;
}

int lw_chain_is_watched(const lw_plan *p, uint32_t tag) {
  const lw_plan_tag *t = &p->tags[tag];
  for (uint32_t i = 0; i < t->filter_n; i++) {
    const lw_plan_filter *f = &p->filters[t->filter_first + i];
    const lw_filter_kind *kind = lw_filter_find(lw_plan_text(p, f->kind));
    if (kind && kind->why)
      return 1;
  }
  return 0;
}

int lw_chain_init(lw_chain *c, const lw_plan *p, uint32_t tag, lw_err *e) {
  const lw_plan_tag *t = &p->tags[tag];
  *c = (lw_chain){.is_primed = t->filter_n == 0};
  if (t->filter_n == 0)
    return 0;
  c->links = calloc(t->filter_n, sizeof *c->links);
  if (!c->links)
    return lw_err_set(e, LW_E_NOMEM, "%s", lw_err_text(LW_E_NOMEM));
  c->n = t->filter_n;
  for (uint32_t i = 0; i < c->n; i++) {
    int rc = link_init(&c->links[i], p, t, &p->filters[t->filter_first + i], e);
    if (rc < 0) {
      lw_chain_fini(c);
      return rc;
    }
    c->is_severity |= c->links[i].kind->why != NULL;
  }
  return 0;
}

void lw_chain_fini(lw_chain *c) {
  for (uint32_t i = 0; i < c->n; i++)
    free(c->links[i].filter);
  free(c->links);
  *c = (lw_chain){0};
}

double lw_chain_step(lw_chain *c, double x) {
  int is_primed = 1;
  c->fired = NULL;
  for (uint32_t i = 0; i < c->n; i++) {
    const lw_link *link = &c->links[i];
    link->kind->run(link->filter, &x, 1, &x);
    is_primed &= link->kind->primed(link->filter);
    if (link->kind->why && x >= 1) {
      c->fired = link->kind;
      c->why = link->kind->why(link->filter);
      c->severity = x;
    }
  }
  c->is_primed = is_primed;
  return x;
}
