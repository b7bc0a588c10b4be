// Interlocks and permits: pure decisions about one rule, without clock or I/O.
#ifndef LW_SCAN_RULE_H
#define LW_SCAN_RULE_H

#include <stdint.h> // int64_t

#include "image/plan.h" // lw_plan_rule

// A value as rules see it.
typedef struct lw_rule_input {
  double value; // [process unit]
  int quality;  // LW_BAD, LW_UNCERTAIN, LW_GOOD
} lw_rule_input;

// 1 when `value op limit` is certainly true; NaN is never certain.
int lw_rule_holds(int op, double value, double limit);
// 1 when `value op limit` is certainly false; NaN is never certain.
int lw_rule_is_clear(int op, double value, double limit);

enum { LW_RULE_CLEAR, LW_RULE_HELD, LW_RULE_BAD };

// What an interlock says about its input: LW_RULE_BAD (trips at once) when the
// input is bad, LW_RULE_HELD (trips when lasting) when the condition holds or
// cannot be denied, else LW_RULE_CLEAR.
int lw_interlock_look(const lw_plan_rule *r, const lw_rule_input *in);

// 1 when a permit allows the set-point: it needs no permit, or what it needs
// holds with good quality. An unknown set-point (NaN) needs none.
int lw_permit_allows(const lw_plan_rule *r, double setpoint,
                     const lw_rule_input *need);

// How long a rule has been violated, and whether it has said so.
typedef struct lw_rule_state {
  int64_t since_ns; // when the condition began to hold
  uint8_t is_held;
  uint8_t is_active; // held long enough, or bad
  uint8_t is_fired;  // tripped already in this activation and epoch
} lw_rule_state;

// Take one look (LW_RULE_*) at now_ns. Returns 1 when the rule trips now: once
// per activation.
int lw_rule_step(lw_rule_state *s, int look, int64_t lasting_ns,
                 int64_t now_ns);

// A new epoch of `level` has begun: a rule that is still active and more severe
// may trip again, or the line could be driven on past it.
void lw_rule_rearm(lw_rule_state *s, int rule_level, int level);

#endif
