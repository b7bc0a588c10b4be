#include "store/scopes.h"

#include <stdlib.h> // free
#include <string.h> // memmem

#include "base/grow.h" // lw_grow

static int is_scope(const lw_record *r) {
  static const char mark[] = "\"scope\":\"";
  return r->kind == LW_RECORD_begin && r->data_n > sizeof mark &&
         memmem(r->data, r->data_n, mark, sizeof mark - 1) != NULL;
}

// "execute/coat#1" without the number.
static size_t path_length(const lw_record *r) {
  const char *mark = memrchr(r->key, '#', r->key_n);
  return mark ? (size_t)(mark - r->key) : r->key_n;
}

static int begin(lw_scopes *w, const lw_record *r) {
  if (lw_grow(&w->at, &w->room, w->n + 1, sizeof *w->at) < 0)
    return LW_E_NOMEM;
  char *path = strndup(r->key, path_length(r));
  if (!path)
    return LW_E_NOMEM;
  w->at[w->n++] = (lw_scope){path, r->wall_ns, INT64_MAX};
  return 0;
}

static void end(lw_scopes *w, const lw_record *r) {
  size_t n = path_length(r);
  for (size_t i = w->n; i-- > 0;) {
    lw_scope *s = &w->at[i];
    if (s->to_ns == INT64_MAX && strlen(s->path) == n &&
        memcmp(s->path, r->key, n) == 0) {
      s->to_ns = r->wall_ns;
      return;
    }
  }
}

static int take(void *arg, int64_t id, const lw_record *r) {
  (void)id;
  if (is_scope(r))
    return begin(arg, r);
  if (r->kind == LW_RECORD_end)
    end(arg, r);
  return 0;
}

int lw_scopes_read(lw_scopes *out, lw_store *s, int64_t run, lw_err *e) {
  *out = (lw_scopes){0};
  int rc = lw_store_read(s, run, take, out, e);
  if (rc == LW_E_NOMEM)
    lw_err_set(e, rc, "out of memory for the scopes of a run");
  return rc;
}

void lw_scopes_free(lw_scopes *s) {
  for (size_t i = 0; i < s->n; i++)
    free(s->at[i].path);
  free(s->at);
  *s = (lw_scopes){0};
}

const lw_scope *lw_scopes_find(const lw_scopes *s, int64_t t_ns,
                               int64_t *from_ns, int64_t *to_ns) {
  const lw_scope *best = NULL;
  *from_ns = INT64_MIN;
  *to_ns = INT64_MAX;
  for (size_t i = 0; i < s->n; i++) {
    const lw_scope *x = &s->at[i];
    const int64_t edges[] = {x->from_ns, x->to_ns};
    for (int k = 0; k < 2; k++) {
      if (edges[k] <= t_ns && edges[k] > *from_ns)
        *from_ns = edges[k];
      if (edges[k] > t_ns && edges[k] < *to_ns)
        *to_ns = edges[k];
    }
    // Of two that both hold t, the inner one has the longer path.
    if (x->from_ns <= t_ns && t_ns < x->to_ns &&
        (!best || strlen(x->path) >= strlen(best->path)))
      best = x;
  }
  return best;
}
