// A plan to and from bytes. One walk over the fields serves counting, writing
// and reading, so that the three cannot disagree.
#include <math.h>   // isnan, NAN
#include <stdlib.h> // malloc, calloc, free
#include <string.h> // memcmp

#include "image/plan.h"

static const char magic[8] = "LWPLAN1";

typedef struct {
  enum { COUNTING, WRITING, READING } mode;
  uint8_t *out;
  const uint8_t *in;
  size_t at, n; // n: bytes there are, when reading
  int failed;   // LW_E_CORRUPT or LW_E_NOMEM, first one kept
} cursor;

// Little-endian, whatever the machine is.
static void word(cursor *c, uint64_t *v, size_t bytes) {
  if (c->mode == READING) {
    *v = 0;
    if (c->failed || c->n - c->at < bytes) {
      c->failed = c->failed ? c->failed : LW_E_CORRUPT;
      return;
    }
    for (size_t i = 0; i < bytes; i++)
      *v |= (uint64_t)c->in[c->at + i] << 8 * i;
  } else if (c->mode == WRITING) {
    for (size_t i = 0; i < bytes; i++)
      c->out[c->at + i] = (uint8_t)(*v >> 8 * i);
  }
  c->at += bytes;
}

static void u32(cursor *c, uint32_t *v) {
  uint64_t w = *v;
  word(c, &w, 4);
  *v = (uint32_t)w;
}

static void i32(cursor *c, int32_t *v) {
  uint64_t w = (uint32_t)*v;
  word(c, &w, 4);
  *v = (int32_t)(uint32_t)w;
}

static void i64(cursor *c, int64_t *v) {
  uint64_t w = (uint64_t)*v;
  word(c, &w, 8);
  *v = (int64_t)w;
}

// One NaN for all: a digest must not depend on how an absent limit was made.
static void f64(cursor *c, double *v) {
  uint64_t w;
  if (isnan(*v))
    *v = NAN;
  memcpy(&w, v, sizeof w);
  word(c, &w, 8);
  memcpy(v, &w, sizeof w);
}

static void driver(cursor *c, void *item) {
  lw_plan_driver *d = item;
  u32(c, &d->kind);
  u32(c, &d->name);
  u32(c, &d->option_first);
  u32(c, &d->option_n);
}

static void option(cursor *c, void *item) {
  lw_plan_option *o = item;
  u32(c, &o->name);
  u32(c, &o->value);
}

static void signal(cursor *c, void *item) {
  lw_plan_signal *s = item;
  u32(c, &s->name);
  u32(c, &s->unit);
}

static void filter(cursor *c, void *item) {
  lw_plan_filter *f = item;
  u32(c, &f->kind);
  u32(c, &f->param_n);
  for (int i = 0; i < LW_FILTER_PARAMS; i++)
    f64(c, &f->param[i]);
}

static void tag(cursor *c, void *item) {
  lw_plan_tag *t = item;
  uint32_t *const words[] = {&t->name,     &t->driver,       &t->address,
                             &t->feedback, &t->unit,         &t->process_unit,
                             &t->signal,   &t->filter_first, &t->filter_n};
  double *const numbers[] = {&t->scale,    &t->offset,      &t->gain,
                             &t->bias,     &t->signal_gain, &t->signal_bias,
                             &t->lo,       &t->hi,          &t->step_max,
                             &t->rate_max, &t->deadband};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    u32(c, words[i]);
  i32(c, &t->type);
  i32(c, &t->word_order);
  i32(c, &t->access);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    f64(c, numbers[i]);
  for (int i = 0; i < LW_LEVEL_N; i++)
    f64(c, &t->safe[i]);
  i64(c, &t->max_age_ns);
  i64(c, &t->poll_ns);
  i32(c, &t->history);
}

static void rule(cursor *c, void *item) {
  lw_plan_rule *r = item;
  i32(c, &r->kind);
  u32(c, &r->tag);
  i32(c, &r->op);
  i32(c, &r->level);
  f64(c, &r->limit);
  i64(c, &r->lasting_ns);
  u32(c, &r->need_tag);
  i32(c, &r->need_op);
  f64(c, &r->need_limit);
  u32(c, &r->text);
}

static void byte(cursor *c, void *item) {
  uint64_t w = *(uint8_t *)item;
  word(c, &w, 1);
  *(uint8_t *)item = (uint8_t)w;
}

// Zeroed room for n items, up to the next power of two: what plan.c's growing
// expects of every array.
static void *room(uint32_t n, size_t size) {
  size_t cap = 1;
  while (cap < n)
    cap *= 2;
  return calloc(cap, size);
}

// An array: its count, then its items; reading allocates. The count is held
// against the bytes that are left first, so that no message can ask for more
// memory than a small multiple of its own length.
static void array(cursor *c, void *items, uint32_t *n, size_t size,
                  void (*item)(cursor *, void *)) {
  void **at = items;
  u32(c, n);
  if (c->mode == READING && !c->failed) {
    if (*n > c->n - c->at)
      c->failed = LW_E_CORRUPT;
    else if (!(*at = room(*n, size)))
      c->failed = LW_E_NOMEM;
  }
  if (c->mode == READING && c->failed) {
    *n = 0;
    return;
  }
  for (uint32_t i = 0; i < *n && !c->failed; i++)
    item(c, (uint8_t *)*at + i * size);
}

static void plan(cursor *c, lw_plan *p) {
  char name[sizeof magic];
  memcpy(name, magic, sizeof name);
  for (size_t i = 0; i < sizeof name; i++)
    byte(c, &name[i]);
  if (memcmp(name, magic, sizeof name) != 0)
    c->failed = LW_E_CORRUPT;
  u32(c, &p->line);
  u32(c, &p->profile);
  i32(c, &p->revision);
  i32(c, &p->api);
  i64(c, &p->scan_ns);
  i64(c, &p->tick_ns);
  i64(c, &p->heartbeat_ns);
  i64(c, &p->tick_cpu_ns);
  i64(c, &p->memory_bytes);
  i64(c, &p->history_keep_ns);
  f64(c, &p->history_share);
  array(c, &p->drivers, &p->driver_n, sizeof *p->drivers, driver);
  array(c, &p->options, &p->option_n, sizeof *p->options, option);
  array(c, &p->signals, &p->signal_n, sizeof *p->signals, signal);
  array(c, &p->tags, &p->tag_n, sizeof *p->tags, tag);
  array(c, &p->filters, &p->filter_n, sizeof *p->filters, filter);
  array(c, &p->rules, &p->rule_n, sizeof *p->rules, rule);
  array(c, &p->text, &p->text_n, 1, byte);
}

int lw_plan_encode(const lw_plan *p, uint8_t **bytes, size_t *n) {
  // The walk takes a mutable plan because it also reads; writing leaves it be.
  lw_plan copy = *p;
  cursor c = {.mode = COUNTING};
  plan(&c, &copy);
  *n = c.at;
  *bytes = malloc(c.at);
  if (!*bytes)
    return LW_E_NOMEM;
  c = (cursor){.mode = WRITING, .out = *bytes};
  plan(&c, &copy);
  return 0;
}

int lw_plan_decode(lw_plan **p, const uint8_t *bytes, size_t n, lw_err *e) {
  lw_plan *fresh = calloc(1, sizeof *fresh);
  if (!fresh)
    return lw_err_set(e, LW_E_NOMEM, "plan: %s", lw_err_text(LW_E_NOMEM));
  cursor c = {.mode = READING, .in = bytes, .n = n};
  plan(&c, fresh);
  if (!c.failed && c.at != n)
    c.failed = LW_E_CORRUPT;
  int rc = c.failed;
  if (rc < 0)
    lw_err_set(e, rc, "plan: %s at byte %zu of %zu", lw_err_text(rc), c.at, n);
  else
    rc = lw_plan_check(fresh, e);
  if (rc < 0) {
    lw_plan_free(fresh);
    return rc;
  }
  *p = fresh;
  return 0;
}
