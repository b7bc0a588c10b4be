// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/err.h"
#include "loop/heap.h"

static uint64_t next_random(uint64_t *s) {
  *s = *s * 6364136223846793005u + 1442695040888963407u;
  return *s >> 33;
}

static void is_empty_at_first(void **state) {
  (void)state;
  lw_heap h;
  lw_heap_init(&h);
  lw_event e;
  assert_null(lw_heap_top(&h));
  assert_int_equal(lw_heap_pop(&h, &e), LW_E_AGAIN);
  lw_heap_fini(&h);
}

static void events_of_one_instant_fire_in_the_order_asked(void **state) {
  (void)state;
  lw_heap h;
  lw_heap_init(&h);
  for (uint64_t id = 0; id < 1000; id++)
    assert_int_equal(lw_heap_push(&h, 5, id), 0);
  for (uint64_t id = 0; id < 1000; id++) {
    lw_event e;
    assert_int_equal(lw_heap_pop(&h, &e), 0);
    assert_int_equal(e.id, id);
  }
  lw_heap_fini(&h);
}

// Random pushes, pops and drops against a plain array searched in full.
enum { MODEL_MAX = 300 };
typedef struct model {
  lw_event events[MODEL_MAX];
  size_t n;
} model;

static lw_event model_pop(model *m) {
  size_t best = 0;
  for (size_t i = 1; i < m->n; i++) {
    const lw_event *a = &m->events[i], *b = &m->events[best];
    if (a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->seq < b->seq))
      best = i;
  }
  lw_event e = m->events[best];
  m->events[best] = m->events[--m->n];
  return e;
}

static size_t model_drop(model *m, uint64_t id) {
  size_t n = 0, kept = 0;
  for (size_t i = 0; i < m->n; i++)
    if (m->events[i].id == id)
      n++;
    else
      m->events[kept++] = m->events[i];
  m->n = kept;
  return n;
}

static void agrees_with_a_plain_search(void **state) {
  (void)state;
  uint64_t seed = 7, seq = 0;
  lw_heap h;
  lw_heap_init(&h);
  model m = {.n = 0};
  for (int round = 0; round < 200000; round++) {
    uint64_t what = next_random(&seed) % 100;
    if (what < 55 && m.n < MODEL_MAX) {
      int64_t due = (int64_t)(next_random(&seed) % 50) - 10;
      uint64_t id = next_random(&seed) % 40;
      assert_int_equal(lw_heap_push(&h, due, id), 0);
      m.events[m.n++] = (lw_event){due, seq++, id};
    } else if (what < 98 && m.n) {
      lw_event want = model_pop(&m), got;
      assert_int_equal(lw_heap_pop(&h, &got), 0);
      assert_int_equal(got.due_ns, want.due_ns);
      assert_int_equal(got.seq, want.seq);
      assert_int_equal(got.id, want.id);
    } else {
      uint64_t id = next_random(&seed) % 40;
      assert_int_equal(lw_heap_drop(&h, id), model_drop(&m, id));
    }
    assert_int_equal(h.n, m.n);
  }
  lw_heap_fini(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_empty_at_first),
      cmocka_unit_test(events_of_one_instant_fire_in_the_order_asked),
      cmocka_unit_test(agrees_with_a_plain_search),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
