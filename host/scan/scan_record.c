// What the scan tells the journal. Built on the stack: a scan allocates
// nothing.
#include <math.h>   // isnan
#include <string.h> // strlen

#include "base/str.h" // lw_str
#include "scan/scan_private.h"

static const char *const cause_texts[LW_CAUSE_N] = {
#define TEXT(name, text) text,
    LW_CAUSES(TEXT)
#undef TEXT
};

static const char *const ops[] = {"above", "below", "is", "is not"};

static int is_synced(lw_scan *s) {
  if (s->now_ns >= s->synced_due_ns) {
    s->is_synced = s->c.clock->is_synced(s->c.clock) != 0;
    s->synced_due_ns = s->now_ns + LW_S;
  }
  return s->is_synced;
}

static void send(lw_scan *s, int kind, const char *key, const lw_str *data) {
  lw_clock *clock = s->c.clock;
  if (!s->c.record)
    return;
  const lw_record r = {.t_ns = s->now_ns,
                       .wall_ns = clock->wall_ns(clock),
                       .kind = (uint8_t)kind,
                       .durable = (uint8_t)lw_record_kind_durable(kind),
                       .synced = (uint8_t)is_synced(s),
                       .key = key,
                       .key_n = strlen(key),
                       .data = data->text,
                       .data_n = data->n};
  s->c.record(s->c.record_arg, &r);
}

static void add_text(lw_str *d, const char *field, const char *text) {
  lw_str_add(d, "%s\"%s\":", d->n > 1 ? "," : "", field);
  lw_str_json(d, text, strlen(text));
}

static void add_number(lw_str *d, const char *field, double x) {
  lw_str_add(d, "%s\"%s\":", d->n > 1 ? "," : "", field);
  lw_str_number(d, x);
}

static const char *tag_name(const lw_scan *s, uint32_t tag) {
  return lw_plan_text(s->c.plan, s->c.plan->tags[tag].name);
}

void lw_scan_tell_out(lw_scan *s, uint32_t tag, const char *why) {
  const lw_setpoint *sp = &s->setpoints[tag];
  char text[LW_SCAN_RECORD_N];
  lw_str d;
  lw_str_init(&d, text, sizeof text);
  lw_str_add(&d, "{");
  add_number(&d, "v", sp->last);
  add_number(&d, "raw", sp->raw);
  if (sp->is_ramping)
    add_number(&d, "to", sp->goal);
  if (why)
    add_text(&d, "safe", why);
  lw_str_add(&d, "}");
  send(s, LW_RECORD_out, tag_name(s, tag), &d);
}

void lw_scan_tell_text(lw_scan *s, const lw_scan_text *t, const char *now) {
  char text[LW_SCAN_RECORD_N], shown[LW_TEXT_CLEAN];
  lw_str d, clean;
  lw_str_init(&d, text, sizeof text);
  lw_str_init(&clean, shown, sizeof shown);
  lw_text_clean(&clean, now);
  lw_str_add(&d, "{");
  add_text(&d, "reads", shown);
  lw_str_add(&d, "}");
  send(s, LW_RECORD_note, tag_name(s, t->tag), &d);
}

static void add_tag(const lw_scan *s, lw_str *d, uint32_t tag, double value) {
  const lw_plan_tag *t = &s->c.plan->tags[tag];
  add_text(d, "tag", tag_name(s, tag));
  add_number(d, "value", value);
  add_text(d, "unit", lw_plan_text(s->c.plan, t->process_unit));
}

static void add_rule(const lw_scan *s, lw_str *d, const lw_scan_reason *why) {
  const lw_plan_rule *r = &s->c.plan->rules[why->index];
  int is_permit = r->kind == LW_RULE_PERMIT;
  uint32_t tag = is_permit ? r->need_tag : r->tag;
  add_tag(s, d, tag, why->value);
  add_text(d, "op", ops[is_permit ? r->need_op : r->op]);
  add_number(d, "limit", is_permit ? r->need_limit : r->limit);
  if (s->inputs[tag].now.quality == LW_BAD)
    add_text(d, "quality", "bad");
  if (is_permit)
    add_text(d, "for", tag_name(s, r->tag));
  add_text(d, "text", lw_plan_text(s->c.plan, r->text));
}

void lw_scan_tell_fired(lw_scan *s, uint32_t tag, const char *why) {
  const lw_input *in = &s->inputs[tag];
  char text[LW_SCAN_RECORD_N], said[LW_SCAN_RECORD_N / 4];
  lw_str d, alarm;
  lw_str_init(&d, text, sizeof text);
  lw_str_init(&alarm, said, sizeof said);
  lw_str_add(&alarm, "%s: %s", tag_name(s, tag), why);
  lw_str_add(&d, "{");
  add_text(&d, "priority", "medium");
  add_text(&d, "text", said);
  add_number(&d, "severity", in->chain.severity);
  add_tag(s, &d, tag, in->plain.value);
  lw_str_add(&d, "}");
  send(s, LW_RECORD_alarm, tag_name(s, tag), &d);
}

// A refused set-point, with the limit that refused it.
static void add_refusal(const lw_scan *s, lw_str *d,
                        const lw_scan_reason *why) {
  const lw_plan_tag *t = &s->c.plan->tags[why->index];
  add_text(d, "why", lw_verdict_name(why->verdict));
  add_tag(s, d, why->index, why->value);
  if (why->verdict == LW_VERDICT_range) {
    add_number(d, "lo", t->lo);
    add_number(d, "hi", t->hi);
  } else if (why->verdict == LW_VERDICT_step) {
    add_number(d, "from", why->from);
    add_number(d, "limit", t->step_max);
  } else if (why->verdict == LW_VERDICT_rate) {
    add_number(d, "limit", t->rate_max);
  }
  lw_str_add(d, ",\"text\":\"set-point %s\"", lw_verdict_text(why->verdict));
}

void lw_scan_tell_trip(lw_scan *s, const lw_scan_reason *why) {
  char text[LW_SCAN_RECORD_N];
  const char *key = "scan";
  lw_str d;
  lw_str_init(&d, text, sizeof text);
  lw_str_add(&d, "{");
  add_text(&d, "cause", cause_texts[why->cause]);
  add_text(&d, "level", lw_level_name(why->level));
  if (why->cause == LW_CAUSE_interlock || why->cause == LW_CAUSE_permit) {
    key = tag_name(s, s->c.plan->rules[why->index].tag);
    add_rule(s, &d, why);
  } else if (why->cause == LW_CAUSE_refused) {
    key = tag_name(s, why->index);
    add_refusal(s, &d, why);
  } else if (why->cause == LW_CAUSE_driver && why->index < s->c.plan->tag_n) {
    key = tag_name(s, why->index);
  }
  lw_str_add(&d, "}");
  send(s, LW_RECORD_trip, key, &d);
}

void lw_scan_tell_late(lw_scan *s, uint64_t missed_n) {
  char text[64];
  lw_str d;
  lw_str_init(&d, text, sizeof text);
  lw_str_add(&d, "{\"missed\":%llu}", (unsigned long long)missed_n);
  send(s, LW_RECORD_late, "scan", &d);
}
