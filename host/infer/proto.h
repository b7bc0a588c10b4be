// The wire format of protocol buffers, read in place. Source: Protocol Buffers
// Documentation, "Encoding".
#ifndef LW_INFER_PROTO_H
#define LW_INFER_PROTO_H

#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

enum {
  LW_PROTO_VARINT = 0,
  LW_PROTO_64 = 1,
  LW_PROTO_BYTES = 2,
  LW_PROTO_32 = 5
};

// One field: `value` holds a number's bits, `data` [n] the bytes of a string, a
// message or packed numbers; both point into the message read.
typedef struct lw_proto_field {
  uint32_t number;
  int wire; // LW_PROTO_*
  uint64_t value;
  const uint8_t *data;
  size_t n;
} lw_proto_field;

typedef struct lw_proto {
  const uint8_t *at, *end;
  int is_broken; // 1: the bytes are no message
} lw_proto;

static inline lw_proto lw_proto_of(const uint8_t *data, size_t n) {
  return (lw_proto){data, n ? data + n : data, 0}; // NULL has no end
}

// The next field: 1, or 0 at the end or when broken.
int lw_proto_next(lw_proto *p, lw_proto_field *f);
// Numbers of a repeated field, packed or not, come one by one: hand over the
// field, then ask until 0. Wire is the kind of one number.
int lw_proto_number(lw_proto *packed, int wire, uint64_t *value);

static inline float lw_proto_float(uint64_t bits) {
  union {
    uint32_t u;
    float f;
  } x = {(uint32_t)bits};
  return x.f;
}

#endif
