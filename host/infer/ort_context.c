// A context: one IoBinding, one set of run options, one thread at a time.
#include <stdatomic.h> // atomic_int
#include <stdlib.h>    // calloc, free
#include <string.h>    // memcpy

#include "infer/infer.h" // lw_infer_fits
#include "infer/ort_private.h"

typedef struct place {
  lw_tensor t; // as bound
  void *value; // ORT's view of it; NULL when it owns the memory itself
  int is_bound;
  const char **texts; // of a text output: pointers, then the bytes
} place;

typedef struct context {
  const lw_ort_model *m;
  const lw_ort_api *ort;
  void *binding, *options;
  place places[2][LW_INFER_TENSORS];
  void **values; // of the newest run, in the order of output_at
  size_t value_n;
  size_t output_at[LW_INFER_TENSORS]; // output i is the n-th bound one
  size_t bound_n;
  atomic_int is_cancelled;
} context;

static int check(context *c, lw_ort_status status, lw_err *e) {
  return lw_ort_check(c->ort, status, LW_E_UNSUPPORTED, "run", e);
}

int lw_ort_context_new(void **out, void *model, lw_err *e) {
  lw_ort_model *m = model;
  context *c = calloc(1, sizeof *c);
  if (!c)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a context");
  c->m = m, c->ort = m->ort;
  int rc = check(c, c->ort->binding_new(m->session, &c->binding), e);
  if (rc == 0)
    rc = check(c, c->ort->run_options_new(&c->options), e);
  if (rc < 0)
    lw_ort_context_free(c);
  else
    *out = c;
  return rc;
}

static void drop_values(context *c) {
  for (size_t i = 0; i < c->value_n; i++)
    c->ort->value_free(c->values[i]);
  if (c->values)
    lw_ort_check(c->ort, c->ort->allocator_free(c->ort->allocator, c->values),
                 0, "", NULL);
  c->values = NULL, c->value_n = 0;
}

static void drop_place(context *c, place *p) {
  if (p->value)
    c->ort->value_free(p->value);
  free(p->texts);
  *p = (place){0};
}

void lw_ort_context_free(void *arg) {
  context *c = arg;
  if (!c)
    return;
  drop_values(c);
  if (c->binding)
    c->ort->binding_free(c->binding);
  for (int d = 0; d < 2; d++)
    for (size_t i = 0; i < LW_INFER_TENSORS; i++)
      drop_place(c, &c->places[d][i]);
  if (c->options)
    c->ort->run_options_free(c->options);
  free(c);
}

// ---------------------------------------------------------------- binding ---

// Texts live in ORT's own memory and are copied at each run; all else is seen
// where the caller has it.
static int make_value(context *c, const lw_tensor *t, void **value, lw_err *e) {
  int type = lw_ort_type_out(t->type);
  size_t dim_n = (size_t)t->dim_n;
  lw_ort_status status =
      t->type == LW_INFER_text
          ? c->ort->value_own(c->ort->allocator, t->dims, dim_n, type, value)
          : c->ort->value_over(c->ort->memory, t->data, t->bytes, t->dims,
                               dim_n, type, value);
  return check(c, status, e);
}

static int bind_output(context *c, size_t i, const lw_tensor *t, lw_err *e) {
  place *p = &c->places[LW_INFER_OUT][i];
  const char *name = c->m->places.io[LW_INFER_OUT][i].name;
  int rc;
  if (t->data && t->type != LW_INFER_text) {
    rc = make_value(c, t, &p->value, e);
    if (rc == 0)
      rc = check(c, c->ort->bind_output(c->binding, name, p->value), e);
  } else {
    rc = check(c, c->ort->bind_output_memory(c->binding, name, c->ort->memory),
               e);
  }
  return rc;
}

static int bind_input(context *c, size_t i, const lw_tensor *t, lw_err *e) {
  place *p = &c->places[LW_INFER_IN][i];
  int rc = make_value(c, t, &p->value, e);
  if (rc < 0)
    return rc;
  return check(c,
               c->ort->bind_input(
                   c->binding, c->m->places.io[LW_INFER_IN][i].name, p->value),
               e);
}

int lw_ort_bind(void *arg, int direction, size_t i, const lw_tensor *t,
                lw_err *e) {
  context *c = arg;
  if (i >= c->m->places.n[direction])
    return lw_err_set(e, LW_E_NOTFOUND, "there is no such input or output");
  int rc = 0;
  if (t->data || direction == LW_INFER_IN)
    rc = lw_infer_fits(&c->m->places.io[direction][i], t, e);
  if (rc < 0)
    return rc;
  place *p = &c->places[direction][i];
  int was_bound = p->is_bound;
  drop_place(c, p);
  rc = direction == LW_INFER_IN ? bind_input(c, i, t, e)
                                : bind_output(c, i, t, e);
  if (rc < 0)
    return rc;
  p->t = *t;
  p->is_bound = 1;
  if (direction == LW_INFER_OUT && !was_bound)
    c->output_at[i] = c->bound_n++;
  return 0;
}

// ---------------------------------------------------------------- running ---

static int prepare(context *c, lw_err *e) {
  for (int d = 0; d < 2; d++)
    for (size_t i = 0; i < c->m->places.n[d]; i++)
      if (!c->places[d][i].is_bound)
        return lw_err_set(e, LW_E_STATE, "'%s' must be bound first",
                          c->m->places.io[d][i].name);
  for (size_t i = 0; i < c->m->places.n[LW_INFER_IN]; i++) {
    const place *p = &c->places[LW_INFER_IN][i];
    if (p->t.type != LW_INFER_text)
      continue;
    int rc = check(
        c, c->ort->fill_text(p->value, p->t.data, p->t.bytes / sizeof(char *)),
        e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

int lw_ort_run(void *arg, lw_err *e) {
  context *c = arg;
  int rc = prepare(c, e);
  if (rc < 0)
    return rc;
  if (c->values)
    drop_values(c);
  rc = check(c, c->ort->run(c->m->session, c->options, c->binding), e);
  if (rc == 0)
    return 0;
  if (!atomic_exchange(&c->is_cancelled, 0))
    return rc;
  lw_ort_check(c->ort, c->ort->unterminate(c->options), 0, "", NULL);
  return lw_err_set(e, LW_E_CLOSED, "the run was cancelled");
}

void lw_ort_cancel(void *arg) {
  context *c = arg;
  atomic_store(&c->is_cancelled, 1);
  lw_ort_check(c->ort, c->ort->terminate(c->options), 0, "", NULL);
}

// ---------------------------------------------------------------- results ---

static int read_shape(context *c, void *value, lw_tensor *t) {
  void *tensor = NULL;
  size_t dim_n = 0;
  int type = 0;
  lw_err e;
  int rc = check(c, c->ort->tensor_of_value(value, &tensor), &e);
  if (rc < 0)
    return rc;
  rc = check(c, c->ort->element_type(tensor, &type), &e);
  if (rc == 0)
    rc = check(c, c->ort->dim_count(tensor, &dim_n), &e);
  if (rc == 0 && (dim_n > LW_INFER_DIMS || lw_ort_type_in(type) < 0))
    rc = LW_E_SHAPE;
  if (rc == 0)
    rc = check(c, c->ort->dims(tensor, t->dims, dim_n), &e);
  c->ort->tensor_free(tensor);
  t->type = lw_ort_type_in(type);
  t->dim_n = (int32_t)dim_n;
  return rc;
}

// All texts in one block: the pointers first, then the bytes with their NULs.
static int read_texts(context *c, void *value, size_t n, const char ***out) {
  size_t bytes = 0;
  lw_err e;
  int rc = check(c, c->ort->text_bytes(value, &bytes), &e);
  if (rc < 0)
    return rc;
  char *flat = malloc(bytes + 1);
  size_t *places = calloc(n + 1, sizeof *places);
  const char **texts = malloc(n * sizeof *texts + bytes + n + 1);
  rc = flat && places && texts
           ? check(c, c->ort->text_content(value, flat, bytes, places, n), &e)
           : LW_E_NOMEM;
  char *to = texts ? (char *)(texts + n) : NULL;
  for (size_t i = 0; rc == 0 && i < n; i++) {
    size_t end = i + 1 < n ? places[i + 1] : bytes;
    texts[i] = to;
    memcpy(to, flat + places[i], end - places[i]);
    to += end - places[i];
    *to++ = '\0';
  }
  free(flat);
  free(places);
  if (rc < 0)
    free(texts);
  else
    *out = texts;
  return rc;
}

static int own_result(context *c, size_t i, lw_tensor *t) {
  lw_err e;
  if (!c->values)
    check(c,
          c->ort->bound_outputs(c->binding, c->ort->allocator, &c->values,
                                &c->value_n),
          &e);
  if (c->output_at[i] >= c->value_n)
    return LW_E_STATE;
  void *value = c->values[c->output_at[i]];
  size_t count;
  int is_tensor = 0;
  *t = (lw_tensor){0};
  int rc = check(c, c->ort->is_tensor(value, &is_tensor), &e);
  rc = rc < 0 ? rc : is_tensor ? read_shape(c, value, t) : LW_E_TYPE;
  if (rc == 0)
    rc =
        lw_infer_count(t->dims, t->dim_n, lw_infer_type_bytes(t->type), &count);
  if (rc < 0)
    return rc;
  t->bytes = count * lw_infer_type_bytes(t->type);
  if (t->type != LW_INFER_text)
    return check(c, c->ort->value_data(value, &t->data), &e);
  place *p = &c->places[LW_INFER_OUT][i];
  free(p->texts);
  p->texts = NULL;
  rc = read_texts(c, value, count, &p->texts);
  t->data = p->texts;
  return rc;
}

int lw_ort_result(void *arg, size_t i, lw_tensor *t) {
  context *c = arg;
  if (i >= c->m->places.n[LW_INFER_OUT])
    return LW_E_NOTFOUND;
  const place *p = &c->places[LW_INFER_OUT][i];
  if (!p->value)
    return own_result(c, i, t);
  *t = p->t;
  return 0;
}
