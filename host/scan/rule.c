#include "scan/rule.h"

#include <math.h> // isnan

#include "base/err.h" // LW_BAD

int lw_rule_holds(int op, double value, double limit) {
  switch (op) {
  case LW_OP_ABOVE:
    return value > limit;
  case LW_OP_BELOW:
    return value < limit;
  case LW_OP_IS:
    return value == limit;
  default: // LW_OP_IS_NOT, spelled so that NaN fails
    return value < limit || value > limit;
  }
}

int lw_rule_is_clear(int op, double value, double limit) {
  switch (op) {
  case LW_OP_ABOVE:
    return value <= limit;
  case LW_OP_BELOW:
    return value >= limit;
  case LW_OP_IS:
    return value < limit || value > limit;
  default:
    return value == limit;
  }
}

int lw_interlock_look(const lw_plan_rule *r, const lw_rule_input *in) {
  if (in->quality == LW_BAD)
    return LW_RULE_BAD;
  return lw_rule_is_clear(r->op, in->value, r->limit) ? LW_RULE_CLEAR
                                                      : LW_RULE_HELD;
}

int lw_permit_allows(const lw_plan_rule *r, double setpoint,
                     const lw_rule_input *need) {
  if (isnan(setpoint) || !lw_rule_holds(r->op, setpoint, r->limit))
    return 1;
  return need->quality == LW_GOOD &&
         lw_rule_holds(r->need_op, need->value, r->need_limit);
}

int lw_rule_step(lw_rule_state *s, int look, int64_t lasting_ns,
                 int64_t now_ns) {
  if (look == LW_RULE_CLEAR) {
    *s = (lw_rule_state){0};
    return 0;
  }
  if (!s->is_held)
    s->since_ns = now_ns;
  s->is_held = 1;
  // Once active it stays so until it clears: an input that comes back from bad
  // to a violation must not buy a new `lasting`.
  if (look == LW_RULE_BAD || now_ns - s->since_ns >= lasting_ns)
    s->is_active = 1;
  if (!s->is_active || s->is_fired)
    return 0;
  s->is_fired = 1;
  return 1;
}

void lw_rule_rearm(lw_rule_state *s, int rule_level, int level) {
  if (rule_level > level)
    s->is_fired = 0;
}
