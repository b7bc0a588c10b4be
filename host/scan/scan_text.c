// Texts: from the drivers into the image, and into the journal when they
// change. A line without text tags comes through here for nothing.
#include <stdlib.h> // calloc
#include <string.h> // strcmp, memcpy

#include "scan/scan_private.h"

int lw_scan_text_init(lw_scan *s) {
  const lw_plan *p = s->c.plan;
  s->texts = calloc(lw_plan_text_n(p) + 1, sizeof *s->texts);
  if (!s->texts)
    return LW_E_NOMEM;
  for (uint32_t i = 0; i < p->tag_n; i++)
    if (p->tags[i].type == LW_TYPE_text)
      s->texts[s->text_n++] =
          (lw_scan_text){.tag = i,
                         .is_recorded = p->tags[i].history != LW_TAG_UNRECORDED,
                         .told_ns = -1};
  return 0;
}

// A text that flickers must not fill the journal: what it was in between is
// left out, what it is in the end is not.
static void tell(lw_scan *s, lw_scan_text *t, const char *now) {
  int is_known = t->told_ns >= 0;
  if (!t->is_recorded || (is_known && !strcmp(t->told, now)) ||
      (is_known && s->now_ns - t->told_ns < LW_SCAN_TEXT_EVERY_NS))
    return;
  lw_scan_tell_text(s, t, now);
  t->told_ns = s->now_ns;
  memcpy(t->told, now, sizeof t->told);
}

void lw_scan_texts(lw_scan *s) {
  lw_text_slot *slots = lw_image_texts(s->c.image);
  for (uint32_t k = 0; k < s->text_n; k++) {
    lw_scan_text *t = &s->texts[k];
    const lw_reading *now = &s->inputs[t->tag].now;
    lw_text text = {.t_ns = now->t_ns, .quality = now->quality};
    lw_io_text(s->c.io, t->tag, text.text);
    lw_text_write(&slots[k], &text);
    if (text.quality != LW_BAD)
      tell(s, t, text.text);
  }
}
