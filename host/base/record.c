#include "base/record.h"

#include <string.h> // memcpy, strcmp

#include "base/err.h" // LW_E_*

// Fixed part of an encoded record. Both ends run on one machine and from one
// build, so this is the host's own byte order; the padding is spelled out so
// that no stray byte travels.
typedef struct {
  uint64_t seq;
  int64_t t_ns, wall_ns;
  uint32_t key_n, data_n;
  uint8_t kind, durable, synced, pad[5];
} head;

_Static_assert(sizeof(head) == 40, "an encoded record has no hidden padding");

static const char *const names[LW_RECORD_N] = {
#define NAME(name, durable) #name,
    LW_RECORD_KINDS(NAME)
#undef NAME
};

static const uint8_t durables[LW_RECORD_N] = {
#define DURABLE(name, durable) durable,
    LW_RECORD_KINDS(DURABLE)
#undef DURABLE
};

const char *lw_record_kind_name(int kind) {
  return kind >= 0 && kind < LW_RECORD_N ? names[kind] : NULL;
}

int lw_record_kind_find(const char *name) {
  for (int i = 0; i < LW_RECORD_N; i++)
    if (strcmp(names[i], name) == 0)
      return i;
  return LW_E_NOTFOUND;
}

int lw_record_kind_durable(int kind) {
  return kind >= 0 && kind < LW_RECORD_N ? durables[kind] : 0;
}

size_t lw_record_size(const lw_record *r) {
  return sizeof(head) + r->key_n + r->data_n;
}

size_t lw_record_encode(const lw_record *r, void *buf) {
  head h = {.seq = r->seq,
            .t_ns = r->t_ns,
            .wall_ns = r->wall_ns,
            .key_n = (uint32_t)r->key_n,
            .data_n = (uint32_t)r->data_n,
            .kind = r->kind,
            .durable = r->durable,
            .synced = r->synced};
  uint8_t *out = buf;
  memcpy(out, &h, sizeof h);
  if (r->key_n)
    memcpy(out + sizeof h, r->key, r->key_n);
  if (r->data_n)
    memcpy(out + sizeof h + r->key_n, r->data, r->data_n);
  return lw_record_size(r);
}

int lw_record_decode(lw_record *r, const void *buf, size_t n) {
  head h;
  if (n < sizeof h)
    return LW_E_CORRUPT;
  memcpy(&h, buf, sizeof h);
  // 64-bit sum: two 32-bit lengths cannot wrap it.
  if ((uint64_t)h.key_n + h.data_n != n - sizeof h)
    return LW_E_CORRUPT;
  if (h.kind >= LW_RECORD_N || h.durable > 1 || h.synced > 1)
    return LW_E_CORRUPT;
  const char *text = (const char *)buf + sizeof h;
  *r = (lw_record){.seq = h.seq,
                   .t_ns = h.t_ns,
                   .wall_ns = h.wall_ns,
                   .kind = h.kind,
                   .durable = h.durable,
                   .synced = h.synced,
                   .key = text,
                   .key_n = h.key_n,
                   .data = text + h.key_n,
                   .data_n = h.data_n};
  return 0;
}
