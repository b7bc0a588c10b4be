// A context: its connection, the request it sends, the answer it reads.
#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc, free
#include <string.h> // memcpy

#include "base/str.h"    // lw_str
#include "infer/infer.h" // lw_infer_fits
#include "infer/oip_private.h"

#define JSON_MAX 65536 // bytes of a request's JSON

typedef struct context {
  lw_oip_model *m;
  lw_http *http;
  lw_tensor in[LW_INFER_TENSORS], out[LW_INFER_TENSORS];
  int is_bound[2][LW_INFER_TENSORS];
  int is_own[LW_INFER_TENSORS]; // outputs that we allocate
  char url[LW_OIP_URL + 8], header[64];
  char *body; // JSON, then the inputs' bytes
  size_t body_cap;
} context;

int lw_oip_context_new(void **out, void *model, lw_err *e) {
  context *c = calloc(1, sizeof *c);
  if (!c)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a context");
  c->m = model;
  snprintf(c->url, sizeof c->url, "%s/infer", c->m->url);
  int rc = lw_http_new(&c->http, e);
  if (rc < 0)
    lw_oip_context_free(c);
  else
    *out = c;
  return rc;
}

void lw_oip_context_free(void *arg) {
  context *c = arg;
  if (!c)
    return;
  for (size_t i = 0; i < LW_INFER_TENSORS; i++)
    if (c->is_own[i])
      free(c->out[i].data);
  lw_http_free(c->http);
  free(c->body);
  free(c);
}

void lw_oip_cancel(void *arg) {
  context *c = arg;
  lw_http_cancel(c->http);
}

int lw_oip_bind(void *arg, int direction, size_t i, const lw_tensor *t,
                lw_err *e) {
  context *c = arg;
  if (i >= c->m->places.n[direction])
    return lw_err_set(e, LW_E_NOTFOUND, "there is no such input or output");
  int is_own = direction == LW_INFER_OUT && !t->data;
  int rc = is_own ? 0 : lw_infer_fits(&c->m->places.io[direction][i], t, e);
  if (rc < 0)
    return rc;
  if (direction == LW_INFER_OUT) {
    if (c->is_own[i])
      free(c->out[i].data);
    c->is_own[i] = is_own;
    c->out[i] = is_own ? (lw_tensor){0} : *t;
  } else {
    c->in[i] = *t;
  }
  c->is_bound[direction][i] = 1;
  return 0;
}

// ---------------------------------------------------------------- request ---

static void add_input(lw_str *s, const lw_infer_io *io, const lw_tensor *t) {
  lw_str_add(s, "{\"name\":");
  lw_str_json(s, io->name, strlen(io->name));
  lw_str_add(s, ",\"datatype\":\"%s\",\"shape\":[", lw_oip_type_name(t->type));
  for (int32_t d = 0; d < t->dim_n; d++)
    lw_str_add(s, "%s%lld", d ? "," : "", (long long)t->dims[d]);
  lw_str_add(s, "],\"parameters\":{\"binary_data_size\":%zu}}", t->bytes);
}

static void write_json(const context *c, lw_str *s) {
  lw_str_add(s, "{\"inputs\":[");
  for (size_t i = 0; i < c->m->places.n[LW_INFER_IN]; i++) {
    lw_str_add(s, i ? "," : "");
    add_input(s, &c->m->places.io[LW_INFER_IN][i], &c->in[i]);
  }
  lw_str_add(s, "],\"outputs\":[");
  for (size_t i = 0; i < c->m->places.n[LW_INFER_OUT]; i++) {
    const char *name = c->m->places.io[LW_INFER_OUT][i].name;
    lw_str_add(s, "%s{\"name\":", i ? "," : "");
    lw_str_json(s, name, strlen(name));
    lw_str_add(s, ",\"parameters\":{\"binary_data\":true}}");
  }
  lw_str_add(s, "]}");
}

static int write_body(context *c, size_t *n, lw_err *e) {
  size_t bytes = JSON_MAX;
  for (size_t i = 0; i < c->m->places.n[LW_INFER_IN]; i++)
    bytes += c->in[i].bytes;
  if (bytes > c->body_cap) {
    free(c->body);
    c->body = malloc(bytes);
    c->body_cap = c->body ? bytes : 0;
  }
  if (!c->body)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a request");
  lw_str s;
  lw_str_init(&s, c->body, JSON_MAX);
  write_json(c, &s);
  if (s.is_cut)
    return lw_err_set(e, LW_E_FULL, "the request's JSON is too long");
  snprintf(c->header, sizeof c->header, "Inference-Header-Content-Length: %zu",
           s.n);
  char *to = c->body + s.n;
  for (size_t i = 0; i < c->m->places.n[LW_INFER_IN]; i++) {
    if (c->in[i].bytes)
      memcpy(to, c->in[i].data, c->in[i].bytes);
    to += c->in[i].bytes;
  }
  *n = (size_t)(to - c->body);
  return 0;
}

static int check_bound(const context *c, lw_err *e) {
  for (int d = 0; d < 2; d++)
    for (size_t i = 0; i < c->m->places.n[d]; i++)
      if (!c->is_bound[d][i])
        return lw_err_set(e, LW_E_STATE, "'%s' must be bound first",
                          c->m->places.io[d][i].name);
  return 0;
}

static int ask(context *c, lw_http_answer *a, lw_err *e) {
  size_t n = 0;
  int rc = write_body(c, &n, e);
  if (rc < 0)
    return rc;
  lw_http_request r = {.url = c->url,
                       .header = c->header,
                       .body = c->body,
                       .body_n = n,
                       .timeout_ms = LW_OIP_TIMEOUT_MS,
                       .most = LW_OIP_ANSWER_MAX};
  return lw_oip_ask(c->http, &r, a, e);
}

int lw_oip_run(void *arg, lw_err *e) {
  context *c = arg;
  lw_http_answer a;
  int rc = check_bound(c, e);
  if (rc < 0)
    return rc;
  if (!lw_breaker_allows(&c->m->breaker))
    return lw_err_set(e, LW_E_AGAIN,
                      "%s did not answer %d times in a row and is left alone "
                      "for %u s",
                      c->m->url, LW_BREAKER_FAILURES, c->m->breaker.pause_s);
  rc = ask(c, &a, e);
  if (rc == 0)
    rc = lw_oip_read(c->m, &a, c->out, c->is_own, e);
  // A call that we ended ourselves, late or dropped, is a failure to answer.
  lw_breaker_tell(&c->m->breaker, rc == 0);
  return rc;
}

int lw_oip_result(void *arg, size_t i, lw_tensor *t) {
  context *c = arg;
  if (i >= c->m->places.n[LW_INFER_OUT])
    return LW_E_NOTFOUND;
  *t = c->out[i];
  return t->data ? 0 : LW_E_STATE;
}
