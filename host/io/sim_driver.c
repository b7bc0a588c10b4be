#include "io/sim_driver.h"

#include <math.h>   // isfinite, NAN
#include <stdlib.h> // calloc
#include <string.h> // strcmp

#include "io/word.h" // lw_word_round

// Past values of one signal, for the fault "delay". Thinned out so that any
// delay fits: a new value is kept once delay / HISTORY_N has passed.
enum { HISTORY_N = 512 };
typedef struct history {
  uint32_t turn;    // the injection it belongs to
  uint32_t n, next; // filled, where the next value goes
  int64_t t_ns[HISTORY_N];
  double value[HISTORY_N];
} history;

typedef struct sim_point {
  uint32_t signal;
  const lw_plan_tag *tag;
  history *past; // NULL until the first delay fault
} sim_point;

typedef struct sim_driver {
  lw_sim *sim;
  const lw_plan *plan;
  const uint32_t *tag_of;
  sim_point *points;
  size_t point_n;
} sim_driver;

void lw_sim_driver_bind(void *self, lw_sim *sim, const lw_plan *plan,
                        const uint32_t *tag_of) {
  *(sim_driver *)self =
      (sim_driver){.sim = sim, .plan = plan, .tag_of = tag_of};
}

double lw_sim_quantise(const lw_plan_tag *tag, double twin_value) {
  double in_tag_unit = twin_value * tag->signal_gain + tag->signal_bias;
  return lw_word_round(tag->type, (in_tag_unit - tag->offset) / tag->scale);
}

double lw_sim_restore(const lw_plan_tag *tag, double device_value) {
  double in_tag_unit = device_value * tag->scale + tag->offset;
  return (in_tag_unit - tag->signal_bias) / tag->signal_gain;
}

static uint32_t find_signal(const lw_plan *plan, const char *name) {
  for (uint32_t i = 0; i < plan->signal_n; i++)
    if (!strcmp(lw_plan_text(plan, plan->signals[i].name), name))
      return i;
  return LW_NONE;
}

static void sim_fini(void *self) {
  sim_driver *d = self;
  for (size_t i = 0; d->points && i < d->point_n; i++)
    free(d->points[i].past);
  free(d->points);
  d->points = NULL;
}

static int sim_init(void *self, const lw_option *options, size_t option_n,
                    const lw_point *points, size_t point_n, lw_err *e) {
  (void)options, (void)option_n; // the seed is used by whoever made the block
  sim_driver *d = self;
  if (!d->sim)
    return lw_err_set(e, LW_E_NOTFOUND,
                      "driver 'sim': this line has no twin to read from");
  d->points = calloc(point_n ? point_n : 1, sizeof *d->points);
  d->point_n = point_n;
  if (!d->points)
    return lw_err_set(e, LW_E_NOMEM, "driver 'sim': out of memory");
  for (size_t i = 0; i < point_n; i++) {
    const lw_plan_tag *tag = &d->plan->tags[d->tag_of[i]];
    uint32_t signal = find_signal(d->plan, points[i].address);
    signal = signal != LW_NONE ? signal : tag->signal;
    if (signal >= lw_sim_signal_n(d->sim))
      return lw_err_set(e, LW_E_NOTFOUND, "%s: the twin has no signal '%s'",
                        points[i].name, points[i].address);
    d->points[i] = (sim_point){.signal = signal, .tag = tag};
    // An output nobody has written yet stands at 0, like a register after
    // power-up, and that can be read back.
    if ((points[i].access & LW_WRITE) && isfinite(lw_sim_get(d->sim, signal)))
      lw_sim_set(d->sim, signal, lw_sim_get(d->sim, signal));
  }
  return 0;
}

// A crashed driver stays down until the fault is cleared.
static int find_crash(sim_driver *d, lw_err *e) {
  for (size_t i = 0; i < d->point_n; i++) {
    if (lw_sim_fault_of(d->sim, d->points[i].signal) == LW_FAULT_crash)
      return lw_err_set(
          e, LW_E_IO, "driver 'sim': simulated crash on signal '%s'",
          lw_plan_text(d->plan, d->plan->signals[d->points[i].signal].name));
  }
  return 0;
}

static int sim_open(void *self, lw_err *e) {
  return find_crash(self, e);
}

static void history_push(history *h, int64_t now_ns, int64_t step_ns,
                         double value) {
  uint32_t newest = (h->next + HISTORY_N - 1) % HISTORY_N;
  if (h->n && now_ns - h->t_ns[newest] < step_ns)
    return;
  h->t_ns[h->next] = now_ns;
  h->value[h->next] = value;
  h->next = (h->next + 1) % HISTORY_N;
  h->n += h->n < HISTORY_N;
}

// Newest value that is at least as old as t_ns; before that, the oldest.
static double history_at(const history *h, int64_t t_ns) {
  double value = h->value[(h->next + HISTORY_N - h->n) % HISTORY_N];
  for (uint32_t i = h->n; i > 0; i--) {
    uint32_t k = (h->next + HISTORY_N - i) % HISTORY_N;
    if (h->t_ns[k] > t_ns)
      break;
    value = h->value[k];
  }
  return value;
}

static double delayed(sim_point *p, const lw_sim_view *v, int64_t now_ns) {
  if (!p->past)
    p->past = calloc(1, sizeof *p->past);
  if (!p->past)
    return NAN;
  if (p->past->turn != v->turn) {
    p->past->turn = v->turn;
    p->past->n = p->past->next = 0;
  }
  int64_t delay_ns = (int64_t)(fmin(fmax(v->argument, 0), 1e9) * 1e9);
  // Two slots of slack: the value wanted must not have been dropped already.
  history_push(p->past, now_ns, delay_ns / (HISTORY_N - 2), v->value);
  return history_at(p->past, now_ns - delay_ns);
}

// The value as the fault shows it, in the twin's unit.
static double faulty_value(sim_driver *d, sim_point *p, const lw_sim_view *v,
                           int64_t now_ns) {
  switch (v->fault) {
  case LW_FAULT_force:
    return v->argument;
  case LW_FAULT_nan:
    return NAN;
  case LW_FAULT_stuck:
    return v->held;
  case LW_FAULT_drift:
    return v->value + v->argument * (double)(now_ns - v->since_ns) * 1e-9;
  case LW_FAULT_spike:
    return v->value +
           (lw_sim_uniform(d->sim, p->signal, now_ns) < 0.05 ? v->argument : 0);
  case LW_FAULT_delay:
    return delayed(p, v, now_ns);
  case LW_FAULT_noise:
    return v->value + v->argument * lw_sim_normal(d->sim, p->signal, now_ns);
  default:
    return v->value;
  }
}

static int quality_of(const lw_sim_view *v, double value) {
  if (v->fault == LW_FAULT_lost)
    return LW_OLD;
  if (v->fault == LW_FAULT_bad || !isfinite(value))
    return LW_BAD;
  if (!v->is_set && v->fault != LW_FAULT_force)
    return LW_BAD;
  return v->fault == LW_FAULT_uncertain ? LW_UNCERTAIN : LW_GOOD;
}

// Of the faults that bend a number a text knows only `force`.
static void read_text(sim_driver *d, const sim_point *p, const lw_sim_view *v,
                      lw_sample *out) {
  int rc = v->fault == LW_FAULT_force
               ? lw_sim_forced_text(d->sim, p->signal, out->text)
               : lw_sim_get_text(d->sim, p->signal, out->text);
  out->value = 0;
  out->quality = rc == 0 ? quality_of(v, 0) : LW_OLD;
}

static void read_point(sim_driver *d, sim_point *p, int64_t now_ns,
                       lw_sample *out) {
  lw_sim_view v;
  lw_sim_look(d->sim, p->signal, now_ns, &v);
  if (out->text) {
    read_text(d, p, &v, out);
    return;
  }
  double value = faulty_value(d, p, &v, now_ns);
  out->quality = quality_of(&v, value);
  value = lw_sim_quantise(p->tag, value);
  out->value = out->quality > LW_BAD ? value : NAN;
}

static int sim_read(void *self, int64_t now_ns, const uint32_t *due,
                    size_t due_n, lw_sample *out, lw_err *e) {
  sim_driver *d = self;
  int rc = find_crash(d, e);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < due_n; i++)
    read_point(d, &d->points[due[i]], now_ns, &out[i]);
  return 0;
}

static int sim_write(void *self, const uint32_t *which, const double *raw,
                     size_t n, lw_err *e) {
  sim_driver *d = self;
  int rc = find_crash(d, e);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < n; i++) {
    const sim_point *p = &d->points[which[i]];
    lw_sim_set(d->sim, p->signal, lw_sim_restore(p->tag, raw[i]));
  }
  return 0;
}

static void sim_close(void *self) {
  (void)self;
}

static const lw_option_spec sim_options[] = {
    {"seed", 'n', 0, "seed of the plant's noise, default 1"},
    {NULL, 0, 0, NULL}};

const lw_driver_ops lw_sim_ops = {.kind = "sim",
                                  .help = "the line's twin",
                                  .state_size = sizeof(sim_driver),
                                  .options = sim_options,
                                  .init = sim_init,
                                  .open = sim_open,
                                  .read = sim_read,
                                  .write = sim_write,
                                  .close = sim_close,
                                  .fini = sim_fini};
