// Text readings: a batch number, an alarm text of a PLC. The image holds one
// slot for each tag of type text, beside its number's slot, which then is NaN,
// and one for each tag with a detector: why that fired last, and when.
#ifndef LW_IMAGE_TEXT_H
#define LW_IMAGE_TEXT_H

#include <stdatomic.h> // _Atomic
#include <stdint.h>    // uint32_t

#include "base/str.h"   // lw_str
#include "linewright.h" // LW_TEXT_SIZE

typedef struct lw_text_slot {
  _Atomic uint32_t seq; // sequence lock
  uint32_t tag;         // whose text it is; slots are in the order of tags
  uint32_t quality;     // LW_BAD, LW_UNCERTAIN, LW_GOOD
  uint32_t reserved;
  int64_t t_ns;            // when it was read
  char text[LW_TEXT_SIZE]; // the device's own bytes, closed by a NUL
} lw_text_slot;

// Every byte of a device's text escaped takes four characters.
#define LW_TEXT_CLEAN (4 * (LW_TEXT_SIZE - 1) + 1)

typedef struct lw_text {
  char text[LW_TEXT_SIZE];
  int64_t t_ns;
  int quality;
} lw_text;

void lw_text_write(lw_text_slot *s, const lw_text *t);
// Never blocks for long, as lw_slot_read; gives up with "" and LW_BAD.
void lw_text_read(const lw_text_slot *s, lw_text *out);

// What people and recipes may see of a device's bytes, appended to out: UTF-8
// as it is; other bytes and control characters, which would steer a terminal,
// as \xNN. LW_TEXT_CLEAN bytes hold any.
void lw_text_clean(lw_str *out, const char *text);

#endif
