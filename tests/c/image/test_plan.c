#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "c/image/plans.h"

static void a_new_plan_has_the_defaults(void **unused) {
  (void)unused;
  lw_plan *p = lw_plan_new();
  assert_int_equal(p->scan_ns, 10000000);
  assert_int_equal(p->tick_ns, 100000000);
  assert_int_equal(p->heartbeat_ns, 250000000);
  assert_int_equal(p->tick_cpu_ns, 50000000);
  assert_int_equal(p->memory_bytes, 64 << 20);
  assert_int_equal(lw_plan_check(p, NULL), 0);
  lw_plan_free(p);
  lw_plan_free(NULL);
}

static void equal_texts_are_kept_once(void **unused) {
  (void)unused;
  lw_plan *p = lw_plan_new();
  int a = lw_plan_add_text(p, "degC");
  assert_int_equal(lw_plan_add_text(p, ""), 0);
  for (int i = 0; i < 1000; i++) {
    char text[16];
    snprintf(text, sizeof text, "t%d", i);
    assert_string_equal(lw_plan_text(p, (uint32_t)lw_plan_add_text(p, text)),
                        text);
  }
  assert_int_equal(lw_plan_add_text(p, "degC"), a);
  assert_string_equal(lw_plan_text(p, UINT32_MAX), "");
  lw_plan_free(p);
}

static void tags_are_found_by_name(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  assert_int_equal(lw_plan_find(p, "web.speed"), PLAN_SPEED);
  assert_int_equal(lw_plan_find(p, "web"), LW_E_NOTFOUND);
  lw_plan_free(p);
}

static void misplaced_parts_are_refused(void **unused) {
  (void)unused;
  lw_plan *p = lw_plan_new();
  const double numbers[LW_FILTER_PARAMS + 1] = {1};
  assert_int_equal(lw_plan_add_option(p, "host", "x"), LW_E_STATE);
  assert_int_equal(lw_plan_add_filter(p, 0, "ewma", numbers, 1), LW_E_RANGE);
  lw_plan_add_tag(p, "a");
  lw_plan_add_tag(p, "b");
  assert_int_equal(
      lw_plan_add_filter(p, 0, "ewma", numbers, LW_FILTER_PARAMS + 1),
      LW_E_RANGE);
  assert_int_equal(lw_plan_add_filter(p, 0, "ewma", numbers, 1), 0);
  assert_int_equal(lw_plan_add_filter(p, 0, "ewma", numbers, 1), 1);
  assert_int_equal(lw_plan_add_filter(p, 1, "ewma", numbers, 1), 2);
  assert_int_equal(lw_plan_add_filter(p, 0, "ewma", numbers, 1), LW_E_STATE);
  lw_plan_free(p);
}

static void a_plan_survives_the_journey(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample(), *q;
  const double window[] = {5, 4};
  lw_plan_add_filter(p, PLAN_TEMP, "hampel", window, 2);
  uint8_t *bytes, *again;
  size_t n, m;
  assert_int_equal(lw_plan_encode(p, &bytes, &n), 0);
  assert_int_equal(lw_plan_decode(&q, bytes, n, NULL), 0);
  assert_int_equal(q->tag_n, PLAN_TAG_N);
  assert_int_equal(q->rule_n, 2);
  assert_string_equal(lw_plan_text(q, q->line), "line-T");
  assert_int_equal(lw_plan_find(q, "die.flow"), PLAN_FLOW);
  assert_true(q->tags[PLAN_FLOW].gain == 12);
  assert_true(isnan(q->tags[PLAN_SPEED].safe[LW_LEVEL_hold]));
  assert_string_equal(lw_plan_text(q, q->filters[0].kind), "hampel");
  assert_true(q->filters[0].param[1] == 4);
  assert_int_equal(lw_plan_encode(q, &again, &m), 0);
  assert_int_equal(m, n);
  assert_memory_equal(again, bytes, n);
  free(again);
  free(bytes);
  // A decoded plan can be added to like any other.
  for (int i = 0; i < 20; i++) {
    char name[16];
    snprintf(name, sizeof name, "more%d", i);
    assert_int_equal(lw_plan_add_tag(q, name), PLAN_TAG_N + i);
    lw_plan_add_text(q, name);
    lw_plan_add_rule(q, &q->rules[0]);
  }
  lw_plan_free(q);
  lw_plan_free(p);
}

static void bytes_do_not_depend_on_the_kind_of_nan(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  uint8_t *a, *b;
  size_t n, m;
  p->tags[0].deadband = NAN;
  lw_plan_encode(p, &a, &n);
  p->tags[0].deadband = -NAN;
  lw_plan_encode(p, &b, &m);
  assert_int_equal(n, m);
  assert_memory_equal(a, b, n);
  free(a);
  free(b);
  lw_plan_free(p);
}

static void every_cut_is_corrupt(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample(), *q;
  uint8_t *bytes;
  size_t n;
  lw_plan_encode(p, &bytes, &n);
  for (size_t i = 0; i < n; i++) {
    // A copy of the exact length, so that a sanitizer sees any overrun.
    uint8_t *cut = malloc(i ? i : 1);
    memcpy(cut, bytes, i);
    lw_err e;
    assert_int_equal(lw_plan_decode(&q, cut, i, &e), LW_E_CORRUPT);
    assert_true(e.text[0] != 0);
    free(cut);
  }
  uint8_t *longer = calloc(1, n + 1);
  memcpy(longer, bytes, n);
  assert_int_equal(lw_plan_decode(&q, longer, n + 1, NULL), LW_E_CORRUPT);
  free(longer);
  free(bytes);
  lw_plan_free(p);
}

// Whatever a broken loader sends: refused, or a plan that passes its check.
static void flipped_bits_never_harm(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample(), *q;
  uint8_t *bytes;
  size_t n;
  int refused = 0;
  lw_plan_encode(p, &bytes, &n);
  for (size_t bit = 0; bit < 8 * n; bit++) {
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (lw_plan_decode(&q, bytes, n, NULL) == 0) {
      assert_int_equal(lw_plan_check(q, NULL), 0);
      lw_plan_free(q);
    } else {
      refused++;
    }
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  assert_true(refused > 1000);
  free(bytes);
  lw_plan_free(p);
}

static void scrambled_bytes_never_harm(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample(), *q;
  const double window[] = {5, 4};
  lw_plan_add_filter(p, PLAN_TEMP, "hampel", window, 2);
  uint8_t *bytes, *damaged;
  size_t n;
  lw_rng r;
  lw_rng_init(&r, 7, 0);
  lw_plan_encode(p, &bytes, &n);
  damaged = malloc(n);
  for (int i = 0; i < 20000; i++) {
    memcpy(damaged, bytes, n);
    for (int64_t k = lw_rng_integer(&r, 1, 6); k > 0; k--)
      damaged[lw_rng_integer(&r, 0, (int64_t)n - 1)] = (uint8_t)lw_rng_next(&r);
    if (lw_plan_decode(&q, damaged, n, NULL) < 0)
      continue;
    assert_int_equal(lw_plan_check(q, NULL), 0);
    lw_plan_free(q);
  }
  free(damaged);
  free(bytes);
  lw_plan_free(p);
}

static void a_giant_count_asks_for_no_memory(void **unused) {
  (void)unused;
  lw_plan *p = lw_plan_new(), *q;
  uint8_t *bytes;
  size_t n;
  lw_plan_encode(p, &bytes, &n);
  memset(bytes + 80, 0xff, 4); // driver_n: 8 + 4 * 4 + 7 * 8 bytes before it
  assert_int_equal(lw_plan_decode(&q, bytes, n, NULL), LW_E_CORRUPT);
  free(bytes);
  lw_plan_free(p);
}

// One damage to a good plan, and what the message has to name.
typedef struct {
  void (*damage)(lw_plan *p);
  int code;
  const char *says;
} fault;

#define DAMAGE(name, act)                                                      \
  static void name(lw_plan *p) {                                               \
    act;                                                                       \
  }
DAMAGE(scan_zero, p->scan_ns = 0)
DAMAGE(tick_long, p->tick_ns = 61 * INT64_C(1000000000))
DAMAGE(cpu_zero, p->tick_cpu_ns = 0)
DAMAGE(beat_long, p->heartbeat_ns = 601 * INT64_C(1000000000))
DAMAGE(beat_short, p->heartbeat_ns = p->tick_ns)
DAMAGE(memory_small, p->memory_bytes = 1000)
DAMAGE(memory_huge, p->memory_bytes = INT64_MAX)
DAMAGE(api_zero, p->api = 0)
DAMAGE(text_open, p->text[p->text_n - 1] = 'x')
DAMAGE(text_first, p->text[0] = 'x')
DAMAGE(line_out, p->line = p->text_n)
DAMAGE(driver_anonymous, p->drivers[0].name = 0)
DAMAGE(driver_options, p->drivers[0].option_n = 9)
DAMAGE(option_anonymous, p->options[0].name = 0)
DAMAGE(signal_anonymous, p->signals[0].name = 0)
DAMAGE(tag_anonymous, p->tags[0].name = 0)
DAMAGE(tag_driver, p->tags[0].driver = 1)
DAMAGE(tag_signal, p->tags[0].signal = 1)
DAMAGE(tag_address, p->tags[0].address = UINT32_MAX - 1)
DAMAGE(tag_filters, p->tags[0].filter_n = 1)
DAMAGE(tag_type, p->tags[0].type = LW_TYPE_N)
DAMAGE(tag_type_negative, p->tags[0].type = -1)
DAMAGE(tag_order, p->tags[0].word_order = 2)
DAMAGE(tag_access, p->tags[0].access = 0)
DAMAGE(tag_access_high, p->tags[0].access = 4)
DAMAGE(text_written, p->tags[PLAN_LABEL].access = LW_WRITE)
DAMAGE(read_feedback, p->tags[0].feedback = p->tags[0].name)
DAMAGE(scale_zero, p->tags[0].scale = 0)
DAMAGE(gain_nan, p->tags[0].gain = NAN)
DAMAGE(bias_infinite, p->tags[0].bias = INFINITY)
DAMAGE(step_zero, p->tags[0].step_max = 0)
DAMAGE(rate_negative, p->tags[0].rate_max = -1)
DAMAGE(rate_infinite, p->tags[0].rate_max = INFINITY)
DAMAGE(deadband_negative, p->tags[0].deadband = -1)
DAMAGE(age_negative, p->tags[0].max_age_ns = -1)
DAMAGE(poll_negative, p->tags[0].poll_ns = -1)
DAMAGE(no_range, p->tags[PLAN_FLOW].hi = NAN)
DAMAGE(range_backwards, p->tags[PLAN_FLOW].lo = 5000)
DAMAGE(safe_outside, p->tags[PLAN_SPEED].safe[LW_LEVEL_hold] = 31)
DAMAGE(safe_infinite, p->tags[PLAN_SPEED].safe[LW_LEVEL_stop] = INFINITY)
DAMAGE(safe_unfit, p->tags[PLAN_FLOW].offset = 100)
DAMAGE(same_name, p->tags[1].name = p->tags[0].name)
DAMAGE(rule_tag, p->rules[0].tag = PLAN_TAG_N)
DAMAGE(rule_text_tag, p->rules[0].tag = PLAN_LABEL)
DAMAGE(rule_op, p->rules[0].op = 4)
DAMAGE(rule_limit, p->rules[0].limit = NAN)
DAMAGE(rule_lasting, p->rules[0].lasting_ns = -1)
DAMAGE(rule_kind, p->rules[0].kind = 2)
DAMAGE(rule_level, p->rules[0].level = LW_LEVEL_none)
DAMAGE(rule_level_high, p->rules[0].level = LW_LEVEL_N)
DAMAGE(rule_words, p->rules[0].text = p->text_n)
DAMAGE(permit_reading, p->rules[1].tag = PLAN_TEMP)
DAMAGE(permit_need, p->rules[1].need_tag = LW_NONE)
DAMAGE(permit_need_op, p->rules[1].need_op = -1)
DAMAGE(permit_need_limit, p->rules[1].need_limit = INFINITY)
DAMAGE(permit_level, p->rules[1].level = LW_LEVEL_stop)

static const fault faults[] = {
    {scan_zero, LW_E_RANGE, "scan = 0 s"},
    {tick_long, LW_E_RANGE, "tick = 61 s is outside 0.001..60 s"},
    {cpu_zero, LW_E_RANGE, "tick budget"},
    {beat_long, LW_E_RANGE, "heartbeat = 601 s"},
    {beat_short, LW_E_RANGE, "must be longer than tick = 0.1 s"},
    {memory_small, LW_E_RANGE, "1000 bytes"},
    {memory_huge, LW_E_RANGE, "memory"},
    {api_zero, LW_E_RANGE, "api 0"},
    {text_open, LW_E_CORRUPT, "text"},
    {text_first, LW_E_CORRUPT, "text"},
    {line_out, LW_E_CORRUPT, "line"},
    {driver_anonymous, LW_E_CORRUPT, "driver"},
    {driver_options, LW_E_CORRUPT, "sim (line_t.lua:3): options"},
    {option_anonymous, LW_E_CORRUPT, "sim (line_t.lua:3): an option"},
    {signal_anonymous, LW_E_CORRUPT, "signal"},
    {tag_anonymous, LW_E_CORRUPT, "tag without a name"},
    {tag_driver, LW_E_CORRUPT, "oven.temp: driver 1 of 1"},
    {tag_signal, LW_E_CORRUPT, "oven.temp: signal 1 of 1"},
    {tag_address, LW_E_CORRUPT, "oven.temp: a text"},
    {tag_filters, LW_E_CORRUPT, "oven.temp: filters"},
    {tag_type, LW_E_TYPE, "oven.temp: word type"},
    {tag_type_negative, LW_E_TYPE, "oven.temp: word type -1"},
    {tag_order, LW_E_TYPE, "oven.temp: word order"},
    {tag_access, LW_E_TYPE, "oven.temp: access 0"},
    {tag_access_high, LW_E_TYPE, "oven.temp: access 4"},
    {text_written, LW_E_TYPE, "label.text is text"},
    {read_feedback, LW_E_TYPE, "oven.temp is a reading"},
    {scale_zero, LW_E_RANGE, "oven.temp: scale 0"},
    {gain_nan, LW_E_RANGE, "oven.temp: scale nan"},
    {bias_infinite, LW_E_RANGE, "offset inf"},
    {step_zero, LW_E_RANGE, "step_max 0"},
    {rate_negative, LW_E_RANGE, "rate_max -1"},
    {rate_infinite, LW_E_RANGE, "rate_max inf"},
    {deadband_negative, LW_E_RANGE, "deadband -1"},
    {age_negative, LW_E_RANGE, "max_age"},
    {poll_negative, LW_E_RANGE, "poll"},
    {no_range, LW_E_RANGE, "die.flow can be set, so it needs a range"},
    {range_backwards, LW_E_RANGE, "die.flow can be set"},
    {safe_outside, LW_E_RANGE,
     "web.speed: safe hold value 31 m/min is outside 0..30 m/min"},
    {safe_infinite, LW_E_RANGE, "web.speed: safe stop value inf"},
    {safe_unfit, LW_E_RANGE, "die.flow: safe hold value 0 mL/min does not fit"},
    {same_name, LW_E_EXISTS, "two tags are called oven.temp"},
    {rule_tag, LW_E_CORRUPT, "rule without a tag"},
    {rule_text_tag, LW_E_CORRUPT, "rule without a tag"},
    {rule_op, LW_E_RANGE, "rule on oven.temp"},
    {rule_limit, LW_E_RANGE, "rule on oven.temp: limit nan"},
    {rule_lasting, LW_E_RANGE, "lasting"},
    {rule_kind, LW_E_CORRUPT, "rule on oven.temp: kind 2"},
    {rule_level, LW_E_RANGE, "interlock on oven.temp: level 0"},
    {rule_level_high, LW_E_RANGE, "interlock on oven.temp: level"},
    {rule_words, LW_E_CORRUPT, "rule"},
    {permit_reading, LW_E_TYPE, "permit on oven.temp"},
    {permit_need, LW_E_RANGE, "permit on die.flow: what it needs"},
    {permit_need_op, LW_E_RANGE, "permit on die.flow: what it needs"},
    {permit_need_limit, LW_E_RANGE, "permit on die.flow: what it needs"},
    {permit_level, LW_E_RANGE, "permit on die.flow: its level"},
};

static void every_fault_is_named(void **unused) {
  (void)unused;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    lw_plan *p = plan_sample();
    assert_int_equal(lw_plan_check(p, NULL), 0);
    faults[i].damage(p);
    lw_err e = {0};
    int rc = lw_plan_check(p, &e);
    if (rc != faults[i].code || !strstr(e.text, faults[i].says))
      fail_msg("wanted %d '%s', got %d '%s'", faults[i].code, faults[i].says,
               rc, e.text);
    lw_plan_free(p);
  }
}

static void assert_says(const lw_plan *p, int code, const char *text) {
  lw_err e = {0};
  assert_int_equal(lw_plan_check(p, &e), code);
  if (!strstr(e.text, text))
    fail_msg("wanted '%s', got '%s'", text, e.text);
}

static void bad_filters_are_named(void **unused) {
  (void)unused;
  lw_plan *p = plan_sample();
  const double numbers[] = {5, INFINITY};
  lw_plan_add_filter(p, PLAN_TEMP, "hampel", numbers, 1);
  assert_int_equal(lw_plan_check(p, NULL), 0);
  lw_plan_add_filter(p, PLAN_TEMP, "hampel", numbers, 2);
  assert_says(p, LW_E_RANGE, "oven.temp: filter 'hampel': k = inf");
  p->filters[1].param_n = LW_FILTER_PARAMS + 1;
  assert_says(p, LW_E_CORRUPT, "oven.temp: filter 2");
  p->filters[1].param_n = 1;
  p->filters[1].kind = (uint32_t)lw_plan_add_text(p, "hampl");
  assert_says(p, LW_E_NOTFOUND, "oven.temp: there is no filter 'hampl' (");
  p->filters[1].kind = 0;
  assert_says(p, LW_E_CORRUPT, "oven.temp: filter 2");
  lw_plan_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_plan_has_the_defaults),
      cmocka_unit_test(equal_texts_are_kept_once),
      cmocka_unit_test(tags_are_found_by_name),
      cmocka_unit_test(misplaced_parts_are_refused),
      cmocka_unit_test(a_plan_survives_the_journey),
      cmocka_unit_test(bytes_do_not_depend_on_the_kind_of_nan),
      cmocka_unit_test(every_cut_is_corrupt),
      cmocka_unit_test(flipped_bits_never_harm),
      cmocka_unit_test(scrambled_bytes_never_harm),
      cmocka_unit_test(a_giant_count_asks_for_no_memory),
      cmocka_unit_test(every_fault_is_named),
      cmocka_unit_test(bad_filters_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
