// Texts: from the drivers into the image, and into the journal when they
// change; and why a detector among the filters of a tag fired. A line without
// either comes through here for nothing.
#include <stdlib.h> // calloc
#include <string.h> // strcmp, memcpy

#include "base/str.h" // lw_str
#include "scan/scan_private.h"

static int is_text(const lw_scan *s, uint32_t tag) {
  return s->c.plan->tags[tag].type == LW_TYPE_text;
}

int lw_scan_text_init(lw_scan *s) {
  const lw_plan *p = s->c.plan;
  s->texts = calloc(p->tag_n + 1, sizeof *s->texts);
  if (!s->texts)
    return LW_E_NOMEM;
  for (uint32_t i = 0; i < p->tag_n; i++)
    if (is_text(s, i) || lw_chain_is_watched(p, i))
      s->texts[s->text_n++] =
          (lw_scan_text){.tag = i,
                         .is_recorded = p->tags[i].history != LW_TAG_UNRECORDED,
                         .told_ns = -1};
  return 0;
}

static int is_too_soon(const lw_scan *s, const lw_scan_text *t) {
  return t->told_ns >= 0 && s->now_ns - t->told_ns < LW_SCAN_TEXT_EVERY_NS;
}

// A text that flickers must not fill the journal: what it was in between is
// left out, what it is in the end is not.
static void tell(lw_scan *s, lw_scan_text *t, const char *now) {
  int is_known = t->told_ns >= 0;
  if (!t->is_recorded || (is_known && !strcmp(t->told, now)) ||
      is_too_soon(s, t))
    return;
  lw_scan_tell_text(s, t, now);
  t->told_ns = s->now_ns;
  memcpy(t->told, now, sizeof t->told);
}

static void pass_text(lw_scan *s, lw_scan_text *t) {
  const lw_reading *now = &s->inputs[t->tag].now;
  lw_text text = {.t_ns = now->t_ns, .quality = now->quality};
  lw_io_text(s->c.io, t->tag, text.text);
  lw_text_write(lw_image_text(s->c.image, t->tag), &text);
  if (text.quality != LW_BAD)
    tell(s, t, text.text);
}

// An alarm is published with each sample that is one, and told when it begins.
static void pass_alarm(lw_scan *s, lw_scan_text *t) {
  const lw_input *in = &s->inputs[t->tag];
  int is_new = !t->is_firing;
  t->is_firing = in->chain.fired != NULL;
  if (!t->is_firing)
    return;
  lw_text text = {.t_ns = in->fed_ns, .quality = LW_GOOD};
  lw_str why;
  lw_str_init(&why, text.text, sizeof text.text);
  lw_str_add(&why, "%s: %s", in->chain.fired->name, in->chain.why);
  lw_text_write(lw_image_text(s->c.image, t->tag), &text);
  if (!is_new || !t->is_recorded || is_too_soon(s, t))
    return;
  lw_scan_tell_fired(s, t->tag, text.text);
  t->told_ns = s->now_ns;
}

void lw_scan_texts(lw_scan *s) {
  for (uint32_t k = 0; k < s->text_n; k++)
    if (is_text(s, s->texts[k].tag))
      pass_text(s, &s->texts[k]);
    else
      pass_alarm(s, &s->texts[k]);
}
