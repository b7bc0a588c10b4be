#include "image/image.h"

#include <math.h>   // NAN
#include <sched.h>  // sched_yield
#include <string.h> // memcpy

#include "base/bits.h"     // lw_bits_of_double
#include "image/chain.h"   // lw_chain_is_watched
#include "image/seqlock.h" // lw_seq_enter

#define IMAGE_MAGIC 0x4c57494du // "LWIM"
#define DESK_MAGIC 0x4c574445u  // "LWDE"
#define LAYOUT 4u

#define RELAXED memory_order_relaxed

void lw_slot_write(lw_slot *s, const lw_reading *r) {
  uint32_t seq = lw_seq_enter(&s->seq);
  atomic_store_explicit(&s->value, lw_bits_of_double(r->value), RELAXED);
  atomic_store_explicit(&s->quality, (uint32_t)r->quality, RELAXED);
  atomic_store_explicit(&s->t_ns, r->t_ns, RELAXED);
  lw_seq_leave(&s->seq, seq);
}

void lw_slot_read(const lw_slot *s, lw_reading *r) {
  // A scan that was preempted inside its write comes back within its period;
  // yielding lets it. One that died never does.
  for (int tries = 0; tries < 10000; tries++) {
    uint32_t before = lw_seq_look(&s->seq);
    r->value = lw_double_of_bits(atomic_load_explicit(&s->value, RELAXED));
    r->quality = (int)atomic_load_explicit(&s->quality, RELAXED);
    r->t_ns = atomic_load_explicit(&s->t_ns, RELAXED);
    if (lw_seq_fits(&s->seq, before))
      return;
    if (tries > 100)
      sched_yield();
  }
  *r = (lw_reading){.value = NAN, .quality = LW_BAD};
}

void lw_request_write(lw_request *q, double value, uint32_t epoch) {
  uint32_t seq = lw_seq_enter(&q->seq);
  uint64_t count = atomic_load_explicit(&q->count, RELAXED);
  atomic_store_explicit(&q->value, lw_bits_of_double(value), RELAXED);
  atomic_store_explicit(&q->epoch, epoch, RELAXED);
  atomic_store_explicit(&q->count, count + 1, RELAXED);
  lw_seq_leave(&q->seq, seq);
}

int lw_request_read(const lw_request *q, lw_wish *out) {
  uint32_t before = lw_seq_look(&q->seq);
  out->value = lw_double_of_bits(atomic_load_explicit(&q->value, RELAXED));
  out->epoch = atomic_load_explicit(&q->epoch, RELAXED);
  out->count = atomic_load_explicit(&q->count, RELAXED);
  return lw_seq_fits(&q->seq, before) ? 0 : LW_E_AGAIN;
}

uint64_t lw_trip_pack(const lw_trip *t) {
  return (uint64_t)t->seq << 32 | (uint64_t)(t->index & 0xFFFF) << 16 |
         (uint64_t)(t->cause & 0xFF) << 8 | (uint64_t)(t->level & 0xFF);
}

lw_trip lw_trip_unpack(uint64_t word) {
  return (lw_trip){.seq = (uint32_t)(word >> 32),
                   .index = (uint32_t)(word >> 16 & 0xFFFF),
                   .cause = (int)(word >> 8 & 0xFF),
                   .level = (int)(word & 0xFF)};
}

// ---- layout: sizes come from the plan and from constants, never from the
// other side's memory.

static size_t image_size(size_t tag_n, size_t slot_n) {
  return sizeof(lw_image) + tag_n * sizeof(lw_slot) +
         slot_n * sizeof(lw_text_slot) + LW_COMMAND_RING;
}

static size_t desk_size(size_t tag_n) {
  return sizeof(lw_desk) + tag_n * sizeof(lw_request) + LW_RECORD_RING;
}

// Beside its number's slot: a text, or why its detector fired.
static int has_text(const lw_plan *p, uint32_t tag) {
  return p->tags[tag].type == LW_TYPE_text || lw_chain_is_watched(p, tag);
}

static uint32_t text_n(const lw_plan *p) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->tag_n; i++)
    n += (uint32_t)has_text(p, i);
  return n;
}

size_t lw_image_size(const lw_plan *p) {
  return image_size(p->tag_n, text_n(p));
}

size_t lw_desk_size(const lw_plan *p) {
  return desk_size(p->tag_n);
}

void lw_image_init(lw_image *m, const lw_plan *p, const uint8_t digest[32]) {
  m->magic = IMAGE_MAGIC;
  m->version = LAYOUT;
  m->size = lw_image_size(p);
  m->tag_n = p->tag_n;
  m->text_n = text_n(p);
  m->command_size = LW_COMMAND_RING;
  memcpy(m->digest, digest, sizeof m->digest);
  atomic_store(&m->mode, 1);
  lw_slot *slots = lw_image_slots(m);
  lw_text_slot *texts = lw_image_texts(m);
  for (uint32_t i = 0, k = 0; i < p->tag_n; i++) {
    lw_slot_write(&slots[i], &(lw_reading){.value = NAN, .quality = LW_BAD});
    if (has_text(p, i))
      texts[k++].tag = i;
  }
}

void lw_desk_init(lw_desk *d, const lw_plan *p) {
  d->magic = DESK_MAGIC;
  d->version = LAYOUT;
  d->size = lw_desk_size(p);
  d->record_size = LW_RECORD_RING;
}

int lw_image_check(const lw_image *m, size_t mapped, lw_err *e) {
  if (mapped < sizeof *m || m->magic != IMAGE_MAGIC)
    return lw_err_set(e, LW_E_CORRUPT, "this is not a process image");
  if (m->version != LAYOUT)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "process image of version %u, this program has %u",
                      m->version, LAYOUT);
  if (m->tag_n > LW_PLAN_ITEM_MAX || m->text_n > m->tag_n ||
      m->size != image_size(m->tag_n, m->text_n) || m->size > mapped ||
      m->command_size != LW_COMMAND_RING)
    return lw_err_set(e, LW_E_CORRUPT, "process image: its sizes do not fit");
  return 0;
}

int lw_desk_check(const lw_desk *d, size_t mapped, const lw_plan *p,
                  lw_err *e) {
  if (mapped < sizeof *d || d->magic != DESK_MAGIC)
    return lw_err_set(e, LW_E_CORRUPT, "this is not a worker's desk");
  if (d->version != LAYOUT)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "worker's desk of version %u, this program has %u",
                      d->version, LAYOUT);
  if (d->size != lw_desk_size(p) || d->size > mapped ||
      d->record_size != LW_RECORD_RING)
    return lw_err_set(e, LW_E_CORRUPT, "worker's desk: its sizes do not fit");
  return 0;
}

lw_slot *lw_image_slots(lw_image *m) {
  return (lw_slot *)(m + 1);
}

lw_text_slot *lw_image_texts(lw_image *m) {
  return (lw_text_slot *)(lw_image_slots(m) + m->tag_n);
}

lw_text_slot *lw_image_text(lw_image *m, uint32_t tag) {
  lw_text_slot *texts = lw_image_texts(m);
  uint32_t from = 0, to = m->text_n;
  while (from < to) {
    uint32_t mid = from + (to - from) / 2;
    if (texts[mid].tag == tag)
      return &texts[mid];
    if (texts[mid].tag < tag)
      from = mid + 1;
    else
      to = mid;
  }
  return NULL;
}

lw_request *lw_desk_requests(lw_desk *d) {
  return (lw_request *)(d + 1);
}

lw_ring lw_image_commands(lw_image *m, lw_desk *d) {
  lw_ring r;
  lw_ring_init(&r, lw_image_texts(m) + m->text_n, LW_COMMAND_RING,
               &m->command_head, &d->command_tail);
  return r;
}

lw_ring lw_image_records(lw_image *m, lw_desk *d) {
  lw_ring r;
  lw_ring_init(&r, lw_desk_requests(d) + m->tag_n, LW_RECORD_RING,
               &d->record_head, &m->record_tail);
  return r;
}

void lw_status_write(lw_desk *d, const lw_status *s) {
  uint32_t seq = lw_seq_enter(&d->status_seq);
  lw_seq_copy(&d->status, s, sizeof *s);
  lw_seq_leave(&d->status_seq, seq);
}

// Each ends, on one line, and steers no terminal.
static void close_text(char *text) {
  text[LW_STATUS_TEXT - 1] = 0;
  for (unsigned char *c = (unsigned char *)text; *c; c++)
    if (*c < 0x20 || *c == 0x7f)
      *c = *c == '\n' || *c == '\r' || *c == '\t' ? ' ' : '?';
    else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) // U+0080 to U+009F
      *c = c[1] = '?';
}

// The worker may have written anything.
static void close_texts(lw_status *s) {
  char *const texts[] = {s->operation, s->step,   s->waits,   s->reason,
                         s->readings,  s->prompt, s->where,   s->can,
                         s->proves,    s->doubt,  s->verdict, s->budgets};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    close_text(texts[i]);
}

int lw_status_read(const lw_desk *d, lw_status *s) {
  for (int tries = 0; tries < 100; tries++) {
    uint32_t before = lw_seq_look(&d->status_seq);
    lw_seq_copy(s, &d->status, sizeof *s);
    if (lw_seq_fits(&d->status_seq, before)) {
      close_texts(s);
      return 0;
    }
    sched_yield();
  }
  return LW_E_AGAIN;
}
