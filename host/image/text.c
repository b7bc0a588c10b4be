#include "image/text.h"

#include <sched.h>  // sched_yield
#include <string.h> // strnlen

#include "image/seqlock.h"

void lw_text_write(lw_text_slot *s, const lw_text *t) {
  uint32_t quality = (uint32_t)t->quality;
  uint32_t seq = lw_seq_enter(&s->seq);
  lw_seq_copy(&s->quality, &quality, sizeof quality);
  lw_seq_copy(&s->t_ns, &t->t_ns, sizeof t->t_ns);
  lw_seq_copy(s->text, t->text, sizeof s->text);
  lw_seq_leave(&s->seq, seq);
}

void lw_text_read(const lw_text_slot *s, lw_text *out) {
  for (int tries = 0; tries < 10000; tries++) {
    uint32_t before = lw_seq_look(&s->seq), quality;
    lw_seq_copy(&quality, &s->quality, sizeof quality);
    lw_seq_copy(&out->t_ns, &s->t_ns, sizeof out->t_ns);
    lw_seq_copy(out->text, s->text, sizeof out->text);
    if (lw_seq_fits(&s->seq, before) && quality <= LW_GOOD) {
      out->quality = (int)quality;
      out->text[sizeof out->text - 1] = 0;
      return;
    }
    if (tries > 100)
      sched_yield();
  }
  *out = (lw_text){.quality = LW_BAD};
}

// U+0080 to U+009F: control characters that take two bytes.
static int is_control(const unsigned char *c, size_t n) {
  return c[0] < 0x20 || c[0] == 0x7F || (n == 2 && c[0] == 0xC2 && c[1] < 0xA0);
}

void lw_text_clean(lw_str *out, const char *text) {
  size_t left = strnlen(text, LW_TEXT_SIZE - 1);
  while (left > 0) {
    const unsigned char *c = (const unsigned char *)text;
    size_t n = lw_utf8_n(text, left);
    int is_shown = n > 0 && !is_control(c, n);
    n = n ? n : 1;
    if (is_shown)
      lw_str_add(out, "%.*s", (int)n, text);
    for (size_t i = 0; !is_shown && i < n; i++)
      lw_str_add(out, "\\x%02X", c[i]);
    text += n;
    left -= n;
  }
}
