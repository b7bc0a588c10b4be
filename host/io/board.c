#include "io/board.h"

#include <math.h>   // NAN
#include <stdlib.h> // calloc
#include <string.h> // memcpy

// The half to fill next. The fence keeps its stores behind the publication of
// the other half: a reader that was sent here before sees that turn and
// retries.
static uint32_t begin_turn(_Atomic uint32_t *turn) {
  uint32_t next = atomic_load_explicit(turn, memory_order_relaxed) + 1;
  atomic_thread_fence(memory_order_release);
  return next;
}

static void end_turn(_Atomic uint32_t *turn, uint32_t next) {
  atomic_store_explicit(turn, next, memory_order_release);
}

// 1 when nothing was published since turn was read, so that its half was not
// touched either.
static int is_same_turn(const _Atomic uint32_t *turn, uint32_t before) {
  atomic_thread_fence(memory_order_acquire);
  return atomic_load_explicit(turn, memory_order_relaxed) == before;
}

void lw_cell_write(lw_cell *c, const lw_reading *r) {
  uint64_t bits;
  memcpy(&bits, &r->value, sizeof bits);
  uint32_t turn = begin_turn(&c->turn), h = turn & 1;
  atomic_store_explicit(&c->half[h].value, bits, memory_order_relaxed);
  atomic_store_explicit(&c->half[h].t_ns, r->t_ns, memory_order_relaxed);
  atomic_store_explicit(&c->half[h].quality, (uint32_t)r->quality,
                        memory_order_relaxed);
  end_turn(&c->turn, turn);
}

void lw_cell_read(const lw_cell *c, lw_reading *r) {
  uint64_t bits;
  uint32_t turn;
  do {
    turn = atomic_load_explicit(&c->turn, memory_order_acquire);
    uint32_t h = turn & 1;
    bits = atomic_load_explicit(&c->half[h].value, memory_order_relaxed);
    r->t_ns = atomic_load_explicit(&c->half[h].t_ns, memory_order_relaxed);
    r->quality =
        (int)atomic_load_explicit(&c->half[h].quality, memory_order_relaxed);
  } while (!is_same_turn(&c->turn, turn));
  memcpy(&r->value, &bits, sizeof bits);
}

void lw_note_write(lw_note *n, const char *text) {
  uint64_t words[LW_NOTE_WORDS] = {0};
  memcpy(words, text, strnlen(text, sizeof words - 1));
  uint32_t turn = begin_turn(&n->turn);
  for (int i = 0; i < LW_NOTE_WORDS; i++)
    atomic_store_explicit(&n->half[turn & 1][i], words[i],
                          memory_order_relaxed);
  end_turn(&n->turn, turn);
}

void lw_note_read(const lw_note *n, char *buf, size_t size) {
  uint64_t words[LW_NOTE_WORDS];
  uint32_t turn;
  do {
    turn = atomic_load_explicit(&n->turn, memory_order_acquire);
    for (int i = 0; i < LW_NOTE_WORDS; i++)
      words[i] =
          atomic_load_explicit(&n->half[turn & 1][i], memory_order_relaxed);
  } while (!is_same_turn(&n->turn, turn));
  size_t len = strnlen((const char *)words, sizeof words);
  len = len < size ? len : size - 1;
  memcpy(buf, words, len);
  buf[len] = '\0';
}

void lw_output_put(lw_output *o, double value, int is_step) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  // Before the value: a safe value is never taken for a step, only the other
  // way round.
  atomic_store(&o->step, is_step ? atomic_load(&o->wanted) + 1 : 0);
  atomic_store(&o->value, bits);
  atomic_fetch_add(&o->wanted, 1);
}

int lw_output_get(const lw_output *o, double *value, uint32_t *count) {
  // The count is read before the value: a value newer than its count is only
  // written twice, never lost.
  *count = atomic_load(&o->wanted);
  uint64_t bits = atomic_load(&o->value);
  memcpy(value, &bits, sizeof bits);
  return *count != atomic_load(&o->done);
}

void lw_output_done(lw_output *o, uint32_t count) {
  atomic_store(&o->done, count);
}

void lw_output_owe(lw_output *o) {
  atomic_store(&o->done, atomic_load(&o->wanted) - 1);
}

int lw_output_is_step(const lw_output *o, uint32_t count) {
  return count && atomic_load(&o->step) == count;
}

int lw_board_init(lw_board *b, const lw_plan *plan) {
  uint32_t n = plan->tag_n ? plan->tag_n : 1;
  *b = (lw_board){.tag_n = plan->tag_n,
                  .raw = calloc(n, sizeof *b->raw),
                  .out = calloc(n, sizeof *b->out),
                  .texts = calloc(n, sizeof *b->texts)};
  int failed = !b->raw || !b->out || !b->texts;
  for (uint32_t i = 0; !failed && i < plan->tag_n; i++) {
    lw_cell_write(&b->raw[i], &(lw_reading){.value = NAN, .quality = LW_BAD});
    if (plan->tags[i].type == LW_TYPE_text)
      failed = !(b->texts[i] = calloc(1, sizeof *b->texts[i]));
  }
  if (failed)
    lw_board_fini(b);
  return failed ? LW_E_NOMEM : 0;
}

void lw_board_fini(lw_board *b) {
  for (uint32_t i = 0; b->texts && i < b->tag_n; i++)
    free(b->texts[i]);
  free(b->texts);
  free(b->out);
  free(b->raw);
  *b = (lw_board){0};
}

void lw_board_spoil(lw_board *b, uint32_t tag) {
  lw_reading r;
  lw_cell_read(&b->raw[tag], &r);
  r.quality = LW_BAD;
  lw_cell_write(&b->raw[tag], &r);
}
