#include "io/runner.h"

#include <math.h>   // NAN
#include <stdlib.h> // calloc

#include "io/registry.h" // lw_option_check

int lw_runner_alloc(lw_runner *r, uint32_t option_max, uint32_t point_max) {
  size_t n = point_max ? point_max : 1;
  r->self = calloc(1, r->ops->state_size ? r->ops->state_size : 1);
  r->options = calloc(option_max ? option_max : 1, sizeof *r->options);
  r->points = calloc(n, sizeof *r->points);
  r->tag_of = calloc(n, sizeof *r->tag_of);
  r->reads = calloc(n, sizeof *r->reads);
  r->groups = calloc(n, sizeof *r->groups);
  r->writes = calloc(n, sizeof *r->writes);
  r->write_of = calloc(n, sizeof *r->write_of);
  r->due = calloc(n, sizeof *r->due);
  r->samples = calloc(n, sizeof *r->samples);
  r->texts = calloc(n, sizeof *r->texts);
  r->values = calloc(n, sizeof *r->values);
  r->counts = calloc(n, sizeof *r->counts);
  r->chosen = calloc(n, sizeof *r->chosen);
  if (!r->self || !r->options || !r->points || !r->tag_of || !r->reads ||
      !r->groups || !r->writes || !r->write_of || !r->due || !r->samples ||
      !r->texts || !r->values || !r->counts || !r->chosen)
    return LW_E_NOMEM;
  return 0;
}

void lw_runner_free(lw_runner *r) {
  if (r->is_init && r->ops->fini)
    r->ops->fini(r->self);
  free(r->chosen);
  free(r->counts);
  free(r->values);
  free(r->texts);
  free(r->samples);
  free(r->due);
  free(r->write_of);
  free(r->writes);
  free(r->groups);
  free(r->reads);
  free(r->tag_of);
  free(r->points);
  free(r->options);
  free(r->self);
}

static int check_addresses(const lw_runner *r, lw_err *e) {
  for (uint32_t i = 0; r->ops->check_address && i < r->point_n; i++) {
    const lw_point *p = &r->points[i];
    lw_err why = {0};
    int rc = r->ops->check_address(p->address, p->type, p->access, &why);
    if (rc < 0)
      return lw_err_set(e, rc, "%s: %s", p->name, why.text);
  }
  return 0;
}

static lw_poll_group *group_for(lw_runner *r, int64_t interval_ns) {
  for (uint32_t g = 0; g < r->group_n; g++)
    if (r->groups[g].interval_ns == interval_ns)
      return &r->groups[g];
  r->groups[r->group_n].interval_ns = interval_ns;
  return &r->groups[r->group_n++];
}

// Counting sort of the readable points by their interval.
static void group_reads(lw_runner *r, int64_t scan_ns) {
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < r->point_n; i++) {
      const lw_point *p = &r->points[i];
      if (!(p->access & LW_READ))
        continue;
      lw_poll_group *g = group_for(r, p->poll_ns > 0 ? p->poll_ns : scan_ns);
      if (pass == 1)
        r->reads[g->first + g->n] = i;
      g->n++;
    }
    if (pass == 1)
      return;
    for (uint32_t k = 0; k < r->group_n; k++) {
      r->groups[k].first = r->read_n;
      r->read_n += r->groups[k].n;
      r->groups[k].n = 0;
    }
  }
}

static int is_polled(const lw_runner *r, uint32_t tag) {
  for (uint32_t i = 0; i < r->read_n; i++)
    if (r->tag_of[r->reads[i]] == tag)
      return 1;
  return 0;
}

static void collect_writes(lw_runner *r) {
  for (uint32_t i = 0; i < r->point_n; i++) {
    if (!(r->points[i].access & LW_WRITE))
      continue;
    // A readable point spares the search, which is quadratic.
    int is_blind =
        !(r->points[i].access & LW_READ) && !is_polled(r, r->tag_of[i]);
    r->write_of[i] = r->write_n;
    r->writes[r->write_n++] =
        (lw_write_point){.point = i, .tag = r->tag_of[i], .is_blind = is_blind};
    lw_echo_init(&r->writes[r->write_n - 1].echo);
  }
}

int lw_runner_init(lw_runner *r, int64_t scan_ns, lw_err *e) {
  int rc = lw_option_check(r->ops, r->name, r->options, r->option_n, e);
  if (rc < 0 || (rc = check_addresses(r, e)) < 0)
    return rc;
  group_reads(r, scan_ns);
  collect_writes(r);
  if (r->write_n && !r->ops->write)
    return lw_err_set(e, LW_E_UNSUPPORTED, "%s: driver '%s' cannot write",
                      r->points[r->writes[0].point].name, r->ops->kind);
  lw_err why = {0};
  rc = r->ops->init(r->self, r->options, r->option_n, r->points, r->point_n,
                    &why);
  if (rc < 0) {
    if (r->ops->fini)
      r->ops->fini(r->self); // init may have stopped half-way
    return lw_err_set(e, rc, "%s: %s", r->name,
                      *why.text ? why.text : lw_err_text(rc));
  }
  r->is_init = 1;
  r->pause_ns = LW_PAUSE_MIN_NS;
  double every_s =
      lw_option_number(r->options, r->option_n, "watchdog.every", 0.25);
  r->beat_ns = r->ops->beat && every_s > 0 ? (int64_t)(every_s * 1e9) : 0;
  return 0;
}
