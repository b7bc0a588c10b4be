#include "store/inputs.h"

#include <pthread.h> // pthread_create
#include <stdlib.h>  // calloc, free
#include <string.h>  // memcpy, strdup

#include "store/inputs_private.h"

#define FAILED_N 8

typedef struct entry {
  struct entry *next;
  char digest[65];
  int is_wanted; // a decision names it
  size_t n;
  unsigned char data[];
} entry;

typedef struct failure {
  char digest[65];
  lw_err why;
} failure;

struct lw_inputs {
  lw_inputs_folder folder; // the writer's
  entry *oldest, **newest; // newest: where the next one goes
  size_t held;             // bytes of all
  size_t waiting;          // wanted ones, with the one being written
  failure failed[FAILED_N];
  size_t failed_n;
  int has_thread, is_closing;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t wake;
};

// ------------------------------------------------------------------- queue ---

static entry **place_of(lw_inputs *k, const char *digest) {
  entry **at = &k->oldest;
  while (*at && strcmp((*at)->digest, digest) != 0)
    at = &(*at)->next;
  return at;
}

static void drop(lw_inputs *k, entry **at) {
  entry *x = *at;
  *at = x->next;
  if (!x->next)
    k->newest = at;
  k->held -= x->n;
  free(x);
}

// Those that no decision named make room, the oldest first.
static int make_room(lw_inputs *k, size_t n) {
  entry **at = &k->oldest;
  while (*at && k->held + n > LW_INPUTS_HELD) {
    if ((*at)->is_wanted)
      at = &(*at)->next;
    else
      drop(k, at);
  }
  return k->held + n <= LW_INPUTS_HELD;
}

void lw_inputs_hold(lw_inputs *k, const char *digest, const void *data,
                    size_t n) {
  pthread_mutex_lock(&k->lock);
  entry **at = place_of(k, digest), *x = NULL;
  int is_waiting = *at && (*at)->is_wanted;
  if (*at && !is_waiting)
    drop(k, at); // it is the newest now
  if (!is_waiting && make_room(k, n))
    x = calloc(1, sizeof *x + n);
  if (x) {
    strncpy(x->digest, digest, sizeof x->digest - 1);
    memcpy(x->data, data, x->n = n);
    *k->newest = x;
    k->newest = &x->next;
    k->held += n;
  }
  pthread_mutex_unlock(&k->lock);
}

// ------------------------------------------------------------------ writer ---

static entry *next_wanted(lw_inputs *k) {
  entry *x = k->oldest;
  while (x && !x->is_wanted)
    x = x->next;
  return x;
}

static void note_failure(lw_inputs *k, const char *digest, const lw_err *why) {
  if (k->failed_n == FAILED_N)
    return;
  failure *f = &k->failed[k->failed_n++];
  memcpy(f->digest, digest, sizeof f->digest);
  f->why = *why;
}

// The entry stays in its place meanwhile, for others to see; those around it
// may go.
static void write_one(lw_inputs *k, const entry *x) {
  lw_err e = {0};
  pthread_mutex_unlock(&k->lock);
  int rc = lw_inputs_write(&k->folder, x->digest, x->data, x->n, &e);
  pthread_mutex_lock(&k->lock);
  if (rc < 0)
    note_failure(k, x->digest, &e);
  drop(k, place_of(k, x->digest));
  k->waiting--;
}

static void *write_all_wanted(void *arg) {
  lw_inputs *k = arg;
  pthread_mutex_lock(&k->lock);
  for (;;) {
    const entry *x = next_wanted(k);
    if (x)
      write_one(k, x);
    else if (k->is_closing)
      break;
    else
      pthread_cond_wait(&k->wake, &k->lock);
  }
  pthread_mutex_unlock(&k->lock);
  return NULL;
}

// ----------------------------------------------------------------- keeping ---

static int missing(lw_err *e) {
  return lw_err_set(e, LW_E_NOTFOUND,
                    "it is not held any more: a restart, a slow disk or %d MiB "
                    "of newer inputs came in between",
                    LW_INPUTS_HELD >> 20);
}

// In virtual time nobody waits for the disk.
static int write_now(lw_inputs *k, entry **at, lw_err *e) {
  int rc = lw_inputs_write(&k->folder, (*at)->digest, (*at)->data, (*at)->n, e);
  if (rc == 0)
    drop(k, at);
  return rc;
}

int lw_inputs_keep(lw_inputs *k, const char *digest, lw_err *e) {
  pthread_mutex_lock(&k->lock);
  entry **at = place_of(k, digest);
  int rc = 0;
  if (!*at) {
    rc = lw_inputs_touch(&k->folder, digest) ? 0 : missing(e);
  } else if (!k->has_thread) {
    rc = write_now(k, at, e);
  } else if (!(*at)->is_wanted) {
    (*at)->is_wanted = 1;
    k->waiting++;
    pthread_cond_signal(&k->wake);
  }
  pthread_mutex_unlock(&k->lock);
  return rc;
}

size_t lw_inputs_waiting(lw_inputs *k) {
  pthread_mutex_lock(&k->lock);
  size_t n = k->waiting;
  pthread_mutex_unlock(&k->lock);
  return n;
}

int lw_inputs_failed(lw_inputs *k, char digest[65], lw_err *e) {
  pthread_mutex_lock(&k->lock);
  int has_one = k->failed_n > 0;
  if (has_one) {
    memcpy(digest, k->failed[0].digest, sizeof k->failed[0].digest);
    *e = k->failed[0].why;
    memmove(k->failed, k->failed + 1, --k->failed_n * sizeof *k->failed);
  }
  pthread_mutex_unlock(&k->lock);
  return has_one;
}

// -------------------------------------------------------------- life cycle ---

static int start(lw_inputs *k, lw_err *e) {
  k->newest = &k->oldest;
  pthread_mutex_init(&k->lock, NULL);
  pthread_cond_init(&k->wake, NULL);
  if (k->has_thread &&
      pthread_create(&k->thread, NULL, write_all_wanted, k) != 0) {
    k->has_thread = 0;
    return lw_err_set(e, LW_E_NOMEM, "no thread for inputs of models");
  }
  return 0;
}

int lw_inputs_open(lw_inputs **out, const lw_inputs_config *c, lw_err *e) {
  if (!c->folder || !*c->folder || strlen(c->folder) > 3000 || c->most < 1)
    return lw_err_set(e, LW_E_RANGE, "inputs: no folder, or no room in it");
  lw_inputs *k = calloc(1, sizeof *k);
  char *path = strdup(c->folder);
  if (!k || !path) {
    free(k);
    free(path);
    return lw_err_set(e, LW_E_NOMEM, "out of memory for inputs of models");
  }
  k->has_thread = c->has_thread;
  k->folder = (lw_inputs_folder){
      .path = path, .most = c->most, .taken = -1, .is_synced = c->has_thread};
  int rc = start(k, e);
  if (rc < 0)
    lw_inputs_close(k);
  else
    *out = k;
  return rc;
}

void lw_inputs_close(lw_inputs *k) {
  if (!k)
    return;
  pthread_mutex_lock(&k->lock);
  k->is_closing = 1;
  pthread_cond_signal(&k->wake);
  pthread_mutex_unlock(&k->lock);
  if (k->has_thread)
    pthread_join(k->thread, NULL);
  while (k->oldest)
    drop(k, &k->oldest);
  pthread_cond_destroy(&k->wake);
  pthread_mutex_destroy(&k->lock);
  free(k->folder.path);
  free(k);
}
