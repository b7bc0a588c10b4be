#include "infer/infer.h"

#include <errno.h>    // errno
#include <fcntl.h>    // open
#include <stdio.h>    // snprintf
#include <stdlib.h>   // malloc, free
#include <string.h>   // strerror, strncmp
#include <sys/stat.h> // fstat
#include <unistd.h>   // read, close

#define HEAD_N 4096 // bytes that a probe sees

// ---------------------------------------------------------------- reading ---

static int read_whole(int fd, uint8_t *data, size_t n) {
  size_t got = 0;
  while (got < n) {
    ssize_t k = read(fd, data + got, n - got);
    if (k < 0 && errno == EINTR)
      continue;
    if (k <= 0) {
      errno = k == 0 ? EIO : errno; // cut while it was being read
      return LW_E_IO;
    }
    got += (size_t)k;
  }
  return 0;
}

static int read_open(int fd, const char *path, uint8_t **data, size_t *n,
                     lw_err *e) {
  struct stat st;
  if (fstat(fd, &st) < 0)
    return lw_err_set(e, LW_E_IO, "model %s: %s", path, strerror(errno));
  if (!S_ISREG(st.st_mode))
    return lw_err_set(e, LW_E_IO, "model %s is not a file", path);
  if (st.st_size <= 0 || (uint64_t)st.st_size > LW_INFER_FILE_MAX)
    return lw_err_set(e, LW_E_RANGE,
                      "model %s has %lld bytes; 1 to %zu are fine", path,
                      (long long)st.st_size, LW_INFER_FILE_MAX);
  *n = (size_t)st.st_size;
  *data = malloc(*n);
  if (!*data)
    return lw_err_set(e, LW_E_NOMEM, "model %s: no memory for %zu bytes", path,
                      *n);
  int rc = read_whole(fd, *data, *n);
  if (rc < 0) {
    lw_err_set(e, rc, "model %s: %s", path, strerror(errno));
    free(*data);
    *data = NULL;
  }
  return rc;
}

static int read_file(const char *path, uint8_t **data, size_t *n, lw_err *e) {
  // To open a named pipe that nobody writes to would wait for ever.
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return lw_err_set(e, errno == ENOENT ? LW_E_NOTFOUND : LW_E_IO,
                      "model %s: %s", path, strerror(errno));
  int rc = read_open(fd, path, data, n, e);
  close(fd);
  return rc;
}

// --------------------------------------------------------------- choosing ---

typedef struct rank {
  const lw_infer_backend *backend;
  int score;
} rank;

static int is_remote_path(const char *path) {
  return !strncmp(path, "http://", 7) || !strncmp(path, "https://", 8);
}

// Candidates, best first; those that cannot take the content are left out.
static size_t rank_backends(const lw_infer_open *o, const lw_infer_source *s,
                            rank *out, size_t max) {
  size_t n = 0;
  const lw_infer_backend *b;
  for (size_t i = 0; (b = lw_infer_kind(i)) && n < max; i++) {
    if (o->backend && strcmp(o->backend, b->name))
      continue;
    size_t head = s->n < HEAD_N ? s->n : HEAD_N;
    int score = o->backend ? 1 : b->probe(s->path, s->data, head);
    if (score <= 0)
      continue;
    size_t at = n++;
    for (; at > 0 && out[at - 1].score < score; at--)
      out[at] = out[at - 1];
    out[at] = (rank){b, score};
  }
  return n;
}

static int load_with(lw_infer_model *m, const lw_infer_backend *b,
                     const lw_infer_source *s, const lw_infer_options *o,
                     lw_err *e) {
  const char *version;
  int rc = b->available ? b->available(&version, e) : 0;
  if (rc == 0)
    rc = b->load(&m->model, s, o, e);
  if (rc == 0)
    m->backend = b;
  else
    m->model = NULL;
  return rc;
}

static int refuse_all(const lw_infer_open *o, lw_err *e) {
  if (o->backend)
    return lw_err_set(e, LW_E_NOTFOUND, "model %s: no backend '%s'", o->path,
                      o->backend);
  return lw_err_set(e, LW_E_UNSUPPORTED,
                    "model %s: no backend knows this content", o->path);
}

// The first candidate that loads. Damage is damage to all of them. What one
// cannot compute goes on to the next; the last one's word is the sentence, with
// the one before it when the last is not installed.
static int load_any(lw_infer_model *m, const lw_infer_open *o,
                    const lw_infer_source *s, lw_err *e) {
  rank ranks[8];
  size_t n = rank_backends(o, s, ranks, sizeof ranks / sizeof ranks[0]);
  char before[sizeof e->text] = "";
  for (size_t i = 0; i < n; i++) {
    lw_err why = {0};
    const char *name = ranks[i].backend->name;
    int rc = load_with(m, ranks[i].backend, s, &o->options, &why);
    if (rc == 0)
      return 0;
    int is_over = i + 1 == n || (rc != LW_E_UNSUPPORTED && rc != LW_E_NOTFOUND);
    if (is_over)
      return lw_err_set(e, rc, "model %s: %s: %s%s", s->path, name, why.text,
                        rc == LW_E_NOTFOUND ? before : "");
    snprintf(before, sizeof before, " (%s: %.120s)", name, why.text);
  }
  return refuse_all(o, e);
}

static int check_allowed(const lw_infer_model *m, const lw_infer_open *o,
                         lw_err *e) {
  if (!o->allow || lw_infer_allow_has(o->allow, m->digest))
    return 0;
  return lw_err_set(e, LW_E_DENIED,
                    "model %s: its digest %s is not on the allow-list", o->path,
                    m->digest);
}

static int open_source(lw_infer_model *m, const lw_infer_open *o,
                       const lw_infer_source *s, lw_err *e) {
  const void *what = s->data ? (const void *)s->data : o->path;
  lw_hash_sha256_hex(what, s->data ? s->n : strlen(o->path), m->digest);
  m->bytes = s->n;
  int rc = check_allowed(m, o, e);
  return rc < 0 ? rc : load_any(m, o, s, e);
}

// ----------------------------------------------------------------- models ---

// A model with more places than contexts can hold is no model of ours.
static int check_io(const lw_infer_model *m, const char *path, lw_err *e) {
  lw_infer_io io;
  for (int dir = LW_INFER_IN; dir <= LW_INFER_OUT; dir++)
    if (m->backend->describe(m->model, dir, LW_INFER_TENSORS, &io) == 0)
      return lw_err_set(e, LW_E_UNSUPPORTED,
                        "model %s: more than %d inputs or outputs", path,
                        LW_INFER_TENSORS);
  if (m->backend->describe(m->model, LW_INFER_OUT, 0, &io) < 0)
    return lw_err_set(e, LW_E_UNSUPPORTED, "model %s has no output", path);
  return 0;
}

int lw_infer_model_open(lw_infer_model *m, const lw_infer_open *o, lw_err *e) {
  *m = (lw_infer_model){0};
  uint8_t *data = NULL;
  lw_infer_source s = {.path = o->path};
  int rc = 0;
  if (!is_remote_path(o->path))
    rc = read_file(o->path, &data, &s.n, e);
  s.data = data;
  if (rc == 0)
    rc = open_source(m, o, &s, e);
  free(data);
  if (rc == 0)
    rc = check_io(m, o->path, e);
  if (rc < 0)
    lw_infer_model_close(m);
  return rc;
}

void lw_infer_model_close(lw_infer_model *m) {
  if (m->model)
    m->backend->unload(m->model);
  m->model = NULL;
}

int lw_infer_describe(const void *model, int direction, size_t i,
                      lw_infer_io *io) {
  const lw_infer_places *p = model;
  if (i >= p->n[direction])
    return LW_E_NOTFOUND;
  *io = p->io[direction][i];
  return 0;
}

size_t lw_infer_io_n(const lw_infer_model *m, int direction) {
  lw_infer_io io;
  size_t n = 0;
  while (n < LW_INFER_TENSORS &&
         m->backend->describe(m->model, direction, n, &io) == 0)
    n++;
  return n;
}
