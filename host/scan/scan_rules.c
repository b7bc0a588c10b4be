// Interlocks and permits on each scan, whatever Lua does.

#include "scan/scan_private.h"

// An input that has never been read is no news in the first moments: drivers
// are still connecting. After that it is bad like any other.
static int is_in_grace(const lw_scan *s, uint32_t tag) {
  return !s->inputs[tag].was_good && s->now_ns - s->began_ns < LW_SCAN_GRACE_NS;
}

static int look_at_interlock(const lw_scan *s, const lw_plan_rule *r,
                             double *value) {
  lw_rule_input in = lw_input_for_rules(&s->inputs[r->tag]);
  *value = in.value;
  return is_in_grace(s, r->tag) ? LW_RULE_CLEAR : lw_interlock_look(r, &in);
}

static int allows(const lw_scan *s, const lw_plan_rule *r, double goal,
                  double value) {
  lw_rule_input need = lw_input_for_rules(&s->inputs[r->need_tag]);
  return lw_permit_allows(r, goal, &need) && lw_permit_allows(r, value, &need);
}

static int look_at_permit(const lw_scan *s, const lw_plan_rule *r,
                          double *value) {
  const lw_setpoint *sp = &s->setpoints[r->tag];
  *value = lw_input_for_rules(&s->inputs[r->need_tag]).value;
  if (is_in_grace(s, r->need_tag) || allows(s, r, sp->goal, sp->last))
    return LW_RULE_CLEAR;
  return LW_RULE_HELD;
}

int lw_scan_permits(const lw_scan *s, uint32_t tag, double goal, double value) {
  if (!s->has_permit[tag]) // most tags: do not walk all rules for each output
    return 1;
  for (uint32_t i = 0; i < s->c.plan->rule_n; i++) {
    const lw_plan_rule *r = &s->c.plan->rules[i];
    if (r->kind == LW_RULE_PERMIT && r->tag == tag &&
        !allows(s, r, goal, value))
      return 0;
  }
  return 1;
}

void lw_scan_judge(lw_scan *s) {
  for (uint32_t i = 0; i < s->c.plan->rule_n; i++) {
    const lw_plan_rule *r = &s->c.plan->rules[i];
    int is_permit = r->kind == LW_RULE_PERMIT;
    double value;
    int look = is_permit ? look_at_permit(s, r, &value)
                         : look_at_interlock(s, r, &value);
    if (!lw_rule_step(&s->rules[i], look, r->lasting_ns, s->now_ns))
      continue;
    const lw_scan_reason why = {.cause = is_permit ? LW_CAUSE_permit
                                                   : LW_CAUSE_interlock,
                                .level = r->level,
                                .index = i,
                                .value = value};
    lw_scan_do_trip(s, &why);
  }
}
