#include "loop/loop.h"

#include <stdlib.h> // calloc, realloc, free

#include "loop/clock.h" // lw_clock_real
#include "loop/loop_private.h"
#include "loop/reserve.h" // lw_reserve_open

// ----------------------------------------------------------------- timers ---

static void on_alarm(uv_timer_t *alarm);

// libuv counts whole milliseconds: round up, or the alarm rings early and the
// loop would spin until the time has really come.
static void arm(lw_loop *l, uint64_t least_ms) {
  const lw_event *top = lw_heap_top(&l->heap);
  if (!top) {
    uv_timer_stop(&l->alarm);
    return;
  }
  int64_t wait_ns = top->due_ns - lw_now_ns(lw_clock_real());
  uint64_t wait_ms =
      wait_ns <= 0 ? 0 : (uint64_t)((wait_ns + LW_MS - 1) / LW_MS);
  if (wait_ms < least_ms)
    wait_ms = least_ms;
  uv_update_time(&l->uv);
  uv_timer_start(&l->alarm, on_alarm, wait_ms, 0);
}

static size_t place_of(uint64_t id) {
  return (size_t)(id & UINT32_MAX) - 1;
}

static void fire(lw_loop *l, uint64_t id) {
  lw_timer *t = &l->timers[place_of(id)];
  if (!t->fn || t->round != id >> 32)
    return; // dropped meanwhile
  void (*fn)(void *) = t->fn;
  t->fn = NULL;
  fn(t->arg);
}

static void on_alarm(uv_timer_t *alarm) {
  lw_loop *l = alarm->data;
  int64_t now_ns = lw_now_ns(lw_clock_real());
  const lw_event *top;
  lw_event event;
  while (!l->is_stopped && (top = lw_heap_top(&l->heap)) &&
         top->due_ns <= now_ns) {
    lw_heap_pop(&l->heap, &event);
    fire(l, event.id);
  }
  // Never at once: libuv would call us again before it looks at descriptors.
  if (!l->is_stopped)
    arm(l, 1);
}

static int64_t take_place(lw_loop *l) {
  for (size_t i = 0; i < l->timer_cap; i++)
    if (!l->timers[i].fn)
      return (int64_t)i;
  size_t cap = l->timer_cap ? 2 * l->timer_cap : 16;
  lw_timer *timers = realloc(l->timers, cap * sizeof *timers);
  if (!timers)
    return LW_E_NOMEM;
  for (size_t i = l->timer_cap; i < cap; i++)
    timers[i] = (lw_timer){.fn = NULL};
  int64_t place = (int64_t)l->timer_cap;
  l->timers = timers;
  l->timer_cap = cap;
  return place;
}

int64_t lw_loop_timer(lw_loop *l, int64_t due_ns, void (*fn)(void *arg),
                      void *arg) {
  int64_t place = take_place(l);
  if (place < 0)
    return place;
  lw_timer *t = &l->timers[place];
  // 31 bits, so that ids stay positive.
  uint32_t round = (t->round + 1) & INT32_MAX;
  uint64_t id = (uint64_t)round << 32 | (uint64_t)(place + 1);
  if (lw_heap_push(&l->heap, due_ns, id) < 0)
    return LW_E_NOMEM;
  *t = (lw_timer){.fn = fn, .arg = arg, .round = round};
  if (lw_heap_top(&l->heap)->id == id)
    arm(l, 0);
  return (int64_t)id;
}

void lw_loop_timer_drop(lw_loop *l, int64_t id) {
  if (id <= 0 || place_of((uint64_t)id) >= l->timer_cap)
    return;
  lw_timer *t = &l->timers[place_of((uint64_t)id)];
  if (t->round != (uint64_t)id >> 32)
    return;
  t->fn = NULL;
  lw_heap_drop(&l->heap, (uint64_t)id);
  arm(l, 0);
}

// ------------------------------------------------------------ descriptors ---

static void on_closed_free(uv_handle_t *handle) {
  free(handle);
}

// An error of poll itself shows when the owner reads, so it is told as well.
static void on_poll(uv_poll_t *poll, int status, int events) {
  (void)status;
  (void)events;
  lw_watch *w = (lw_watch *)poll;
  w->fn(w->arg);
}

int lw_loop_watch(lw_loop *l, int fd, void (*fn)(void *arg), void *arg,
                  lw_err *e) {
  lw_watch *w = calloc(1, sizeof *w);
  if (!w)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a watch");
  int rc = uv_poll_init(&l->uv, &w->poll, fd);
  if (rc < 0) {
    free(w);
    return lw_err_set(e, LW_E_IO, "descriptor %d cannot be watched: %s", fd,
                      uv_strerror(rc));
  }
  w->fd = fd;
  w->fn = fn;
  w->arg = arg;
  w->next = l->watches;
  l->watches = w;
  uv_poll_start(&w->poll, UV_READABLE | UV_DISCONNECT, on_poll);
  return 0;
}

void lw_loop_unwatch(lw_loop *l, int fd) {
  for (lw_watch **at = &l->watches; *at; at = &(*at)->next)
    if ((*at)->fd == fd) {
      lw_watch *w = *at;
      *at = w->next;
      uv_close((uv_handle_t *)&w->poll, on_closed_free);
      return;
    }
}

// ---------------------------------------------------------------- signals ---

static void on_signal(uv_signal_t *handle, int signo) {
  lw_sigwatch *s = (lw_sigwatch *)handle;
  s->fn(s->arg, signo);
}

int lw_loop_signal(lw_loop *l, int signo, void (*fn)(void *arg, int signo),
                   void *arg, lw_err *e) {
  lw_sigwatch *s = calloc(1, sizeof *s);
  if (!s)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a signal");
  s->fn = fn;
  s->arg = arg;
  uv_signal_init(&l->uv, &s->handle);
  int rc = uv_signal_start(&s->handle, on_signal, signo);
  if (rc < 0) {
    uv_close((uv_handle_t *)&s->handle, on_closed_free);
    return lw_err_set(e, LW_E_IO, "signal %d cannot be watched: %s", signo,
                      uv_strerror(rc));
  }
  return 0;
}

// ------------------------------------------------------------- life cycle ---

int lw_loop_new(lw_loop **out, lw_err *e) {
  lw_loop *l = calloc(1, sizeof *l);
  if (!l)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a loop");
  lw_reserve_open();
  int rc = uv_loop_init(&l->uv);
  if (rc < 0) {
    free(l);
    return lw_err_set(e, LW_E_IO, "no event loop: %s", uv_strerror(rc));
  }
  lw_heap_init(&l->heap);
  uv_timer_init(&l->uv, &l->alarm);
  l->alarm.data = l;
  *out = l;
  return 0;
}

static void count_one(uv_handle_t *handle, void *arg) {
  (void)handle;
  ++*(size_t *)arg;
}

lw_loop_held lw_loop_look(lw_loop *l) {
  lw_loop_held held = {.timers = l->heap.n};
  uv_walk(&l->uv, count_one, &held.handles);
  return held;
}

static void close_any(uv_handle_t *handle, void *arg) {
  lw_loop *l = arg;
  if (!uv_is_closing(handle))
    uv_close(handle,
             handle == (uv_handle_t *)&l->alarm ? NULL : on_closed_free);
}

void lw_loop_free(lw_loop *l) {
  if (!l)
    return;
  for (lw_child *c = l->children; c; c = c->next)
    if (c->is_running)
      uv_process_kill(&c->process, SIGKILL);
  uv_walk(&l->uv, close_any, l);
  // Runs the close callbacks; a stop still pending would cut the first short.
  while (uv_loop_close(&l->uv) == UV_EBUSY)
    uv_run(&l->uv, UV_RUN_DEFAULT);
  lw_heap_fini(&l->heap);
  free(l->timers);
  free(l);
}

void lw_loop_run(lw_loop *l) {
  l->is_stopped = 0;
  arm(l, 0);
  uv_run(&l->uv, UV_RUN_DEFAULT);
}

void lw_loop_stop(lw_loop *l) {
  l->is_stopped = 1;
  uv_stop(&l->uv);
}

const char *lw_loop_library(void) {
  return uv_version_string();
}
