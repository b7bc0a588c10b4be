// A small plan with one of everything, for the tests of image and scan.
#ifndef LW_TESTS_IMAGE_PLANS_H
#define LW_TESTS_IMAGE_PLANS_H

#include "image/plan.h"
#include "linewright.h"

// Tags of the sample plan.
enum { PLAN_TEMP, PLAN_FLOW, PLAN_SPEED, PLAN_LIPS, PLAN_LABEL, PLAN_TAG_N };

// oven.temp   s16 0.1 degC, read, hampel filter, interlock above 150 for 20 ms
// die.flow    u16 0.1 rpm, 12 mL/min per rpm, range 0..3960 mL/min, permit
// web.speed   f64 m/min, range 0..30, ramp 10 m/min/s, step at most 20, keep
// die.lips    bool
// label.text  text
static inline lw_plan *plan_sample(void) {
  lw_plan *p = lw_plan_new();
  p->line = (uint32_t)lw_plan_add_text(p, "line-T");
  p->profile = (uint32_t)lw_plan_add_text(p, "examples/lines/line_t.lua");
  lw_plan_add_driver(p, "sim", "sim (line_t.lua:3)");
  lw_plan_add_option(p, "seed", "7");
  lw_plan_add_signal(p, "oven.t", "degC");
  const char *names[] = {"oven.temp", "die.flow", "web.speed", "die.lips",
                         "label.text"};
  for (int i = 0; i < PLAN_TAG_N; i++) {
    lw_plan_add_tag(p, names[i]);
    p->tags[i].driver = 0;
    p->tags[i].address = (uint32_t)lw_plan_add_text(p, names[i]);
  }
  lw_plan_tag *temp = &p->tags[PLAN_TEMP], *flow = &p->tags[PLAN_FLOW],
              *speed = &p->tags[PLAN_SPEED], *lips = &p->tags[PLAN_LIPS];
  temp->type = LW_TYPE_s16;
  temp->scale = 0.1;
  temp->signal = 0;
  temp->process_unit = (uint32_t)lw_plan_add_text(p, "degC");
  flow->type = LW_TYPE_u16;
  flow->scale = 0.1;
  flow->gain = 12;
  flow->lo = 0;
  flow->hi = 3960;
  flow->process_unit = (uint32_t)lw_plan_add_text(p, "mL/min");
  flow->safe[LW_LEVEL_hold] = flow->safe[LW_LEVEL_stop] =
      flow->safe[LW_LEVEL_abort] = 0;
  speed->lo = 0;
  speed->hi = 30;
  speed->rate_max = 10;
  speed->step_max = 20;
  speed->process_unit = (uint32_t)lw_plan_add_text(p, "m/min");
  speed->safe[LW_LEVEL_stop] = speed->safe[LW_LEVEL_abort] = 0;
  lips->type = LW_TYPE_bool;
  lips->lo = 0;
  lips->hi = 1;
  lips->safe[LW_LEVEL_hold] = lips->safe[LW_LEVEL_stop] =
      lips->safe[LW_LEVEL_abort] = 0;
  flow->access = speed->access = lips->access = LW_READ | LW_WRITE;
  p->tags[PLAN_LABEL].type = LW_TYPE_text;
  const lw_plan_rule interlock = {
      .kind = LW_RULE_INTERLOCK,
      .tag = PLAN_TEMP,
      .op = LW_OP_ABOVE,
      .level = LW_LEVEL_abort,
      .limit = 150,
      .lasting_ns = 20000000,
      .need_tag = LW_NONE,
      .text = (uint32_t)lw_plan_add_text(p, "over-temperature")};
  const lw_plan_rule permit = {
      .kind = LW_RULE_PERMIT,
      .tag = PLAN_FLOW,
      .op = LW_OP_ABOVE,
      .level = LW_LEVEL_hold,
      .limit = 50,
      .need_tag = PLAN_SPEED,
      .need_op = LW_OP_ABOVE,
      .need_limit = 0.3,
      .text = (uint32_t)lw_plan_add_text(p, "no flow onto a standing web")};
  lw_plan_add_rule(p, &interlock);
  lw_plan_add_rule(p, &permit);
  return p;
}

#endif
