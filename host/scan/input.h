// One tag on its way in: device number -> tag unit -> filter chain -> process
// unit, with the quality that it deserves.
#ifndef LW_SCAN_INPUT_H
#define LW_SCAN_INPUT_H

#include "image/chain.h" // lw_chain
#include "image/image.h" // lw_reading
#include "scan/rule.h"   // lw_rule_input

typedef struct lw_input {
  const lw_plan_tag *tag; // borrowed
  int64_t max_age_ns;
  lw_chain chain;      // owned
  int64_t fed_ns;      // stamp of the newest sample that went in, -1 = none
  lw_reading now;      // as published [process unit]
  lw_rule_input plain; // without filters [process unit]
  int was_good;        // it could be used at least once
} lw_input;

// Set up for tag i. Returns 0, or a code with lw_chain_init's message; nothing
// has to be freed then.
int lw_input_init(lw_input *in, const lw_plan *p, uint32_t i, lw_err *e);
void lw_input_fini(lw_input *in);

// Take the device's newest number at now_ns and update in->now.
//   - bad, too old, not finite, or an integer beyond 2^53: bad, the number is
//     the last one known, filters stand still
//   - a sample enters the filters once, by its time stamp
//   - the output of a detector is a severity and stays as it is
//   - a chain that is not primed makes the reading bad
//   - a text (its device number is 0) gets quality and age; its value is NaN
void lw_input_step(lw_input *in, const lw_reading *raw, int64_t now_ns);

// The value that rules judge: filtered, or plain while the filters fill up, so
// that no filter blinds an interlock.
lw_rule_input lw_input_for_rules(const lw_input *in);

#endif
