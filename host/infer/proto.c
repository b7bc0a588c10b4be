#include "infer/proto.h"

// 1 and *value, or 0 when the bytes end or run on beyond 64 bits.
static int varint(lw_proto *p, uint64_t *value) {
  uint64_t x = 0;
  for (int shift = 0; shift < 64 && p->at < p->end; shift += 7) {
    uint8_t byte = *p->at++;
    x |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) {
      *value = x;
      return 1;
    }
  }
  p->is_broken = 1;
  return 0;
}

// Little-endian bytes, on any machine.
static int fixed(lw_proto *p, size_t n, uint64_t *value) {
  if ((size_t)(p->end - p->at) < n) {
    p->is_broken = 1;
    return 0;
  }
  *value = 0;
  for (size_t i = 0; i < n; i++)
    *value |= (uint64_t)p->at[i] << (8 * i);
  p->at += n;
  return 1;
}

static int bytes(lw_proto *p, lw_proto_field *f) {
  uint64_t n;
  if (!varint(p, &n))
    return 0;
  if (n > (uint64_t)(p->end - p->at)) {
    p->is_broken = 1;
    return 0;
  }
  f->data = p->at;
  f->n = (size_t)n;
  p->at += n;
  return 1;
}

int lw_proto_number(lw_proto *p, int wire, uint64_t *value) {
  if (p->at >= p->end || p->is_broken)
    return 0;
  if (wire == LW_PROTO_VARINT)
    return varint(p, value);
  return fixed(p, wire == LW_PROTO_64 ? 8 : 4, value);
}

int lw_proto_next(lw_proto *p, lw_proto_field *f) {
  uint64_t tag;
  if (p->at >= p->end || p->is_broken || !varint(p, &tag))
    return 0;
  *f = (lw_proto_field){.number = (uint32_t)(tag >> 3), .wire = (int)(tag & 7)};
  if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff) {
    p->is_broken = 1;
    return 0;
  }
  switch (f->wire) {
  case LW_PROTO_VARINT:
    return varint(p, &f->value);
  case LW_PROTO_64:
    return fixed(p, 8, &f->value);
  case LW_PROTO_BYTES:
    return bytes(p, f);
  case LW_PROTO_32:
    return fixed(p, 4, &f->value);
  }
  p->is_broken = 1; // groups are not used by any file of today
  return 0;
}
