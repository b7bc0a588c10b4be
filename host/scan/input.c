#include "scan/input.h"

#include <math.h> // isfinite, NAN

#include "image/convert.h" // lw_tag_from_device, lw_tag_to_process

int lw_input_init(lw_input *in, const lw_plan *p, uint32_t i, lw_err *e) {
  *in = (lw_input){.tag = &p->tags[i],
                   .max_age_ns = lw_plan_max_age_ns(p, i),
                   .fed_ns = -1,
                   .now = {.value = NAN, .quality = LW_BAD},
                   .plain = {.value = NAN, .quality = LW_BAD}};
  return lw_chain_init(&in->chain, p, i, e);
}

void lw_input_fini(lw_input *in) {
  lw_chain_fini(&in->chain);
}

static int is_usable(const lw_input *in, const lw_reading *raw,
                     int64_t now_ns) {
  int type = in->tag->type;
  if (raw->quality == LW_BAD || !isfinite(raw->value))
    return 0;
  if (now_ns - raw->t_ns > in->max_age_ns)
    return 0;
  return (type != LW_TYPE_u64 && type != LW_TYPE_s64) ||
         lw_is_exact(raw->value);
}

void lw_input_step(lw_input *in, const lw_reading *raw, int64_t now_ns) {
  if (!is_usable(in, raw, now_ns)) {
    in->now.quality = in->plain.quality = LW_BAD;
    return;
  }
  double value = lw_tag_from_device(in->tag, raw->value);
  in->plain = (lw_rule_input){.value = lw_tag_to_process(in->tag, value),
                              .quality = raw->quality};
  in->was_good = 1;
  if (in->tag->type == LW_TYPE_text)
    in->plain.value = NAN;
  if (in->chain.n == 0) {
    in->now = (lw_reading){in->plain.value, raw->t_ns, raw->quality};
    return;
  }
  if (raw->t_ns != in->fed_ns) {
    in->fed_ns = raw->t_ns;
    value = lw_chain_step(&in->chain, value);
    // A severity has no unit that could be converted.
    in->now.value =
        in->chain.is_severity ? value : lw_tag_to_process(in->tag, value);
    in->now.t_ns = raw->t_ns;
  }
  in->now.quality = in->chain.is_primed ? raw->quality : LW_BAD;
}

lw_rule_input lw_input_for_rules(const lw_input *in) {
  if (in->now.quality != LW_BAD)
    return (lw_rule_input){in->now.value, in->now.quality};
  return in->plain;
}
