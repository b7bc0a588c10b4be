// A worker gone mad, a plant full of faults, thousands of scans from a seed:
// what must hold at every instant (RELIABILITY.md section 5: I1, I2, I3, I12).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "base/rng.h"
#include "c/scan/scan_rig.h"

enum { SEEDS = 200, SCANS = 600 };

// What the test saw before a scan, to compare with what is there after it.
typedef struct {
  double out[PLAN_TAG_N]; // [twin unit]
  uint64_t word;
  lw_trip trip;
  uint32_t ack;
  int is_journal_good;
} look;

static const uint32_t outputs[] = {PLAN_FLOW, PLAN_SPEED, PLAN_LIPS};
enum { OUTPUT_N = sizeof outputs / sizeof *outputs };

static look look_at(rig *g) {
  look l = {.word = g->port.desk->level,
            .trip = lw_trip_unpack(g->port.image->trip),
            .ack = g->port.desk->trip_ack,
            .is_journal_good = g->port.image->store_state == 0};
  for (int i = 0; i < OUTPUT_N; i++)
    l.out[outputs[i]] = rig_output(g, outputs[i]);
  return l;
}

static int64_t pick(lw_rng *r, int64_t lo, int64_t hi) {
  return lw_rng_integer(r, lo, hi);
}

static double odd_number(lw_rng *r) {
  static const double odd[] = {NAN,  INFINITY, -INFINITY, 1e308, -1, 1e-320,
                               3960, 3961,     30,        31,    0,  0.5};
  int64_t i = pick(r, 0, 23);
  return i < 12 ? odd[i] : (double)pick(r, -100, 4100) / 10;
}

// Anything a broken worker may leave on its desk.
static void scribble(rig *g, lw_rng *r) {
  lw_desk *d = g->port.desk;
  uint32_t tag = (uint32_t)pick(r, 0, PLAN_TAG_N - 1);
  uint64_t epoch = d->level >> 8;
  switch (pick(r, 0, 11)) {
  case 0:
    d->level = (epoch + (uint64_t)pick(r, 0, 2)) << 8 |
               (uint64_t)pick(r, 0, LW_LEVEL_N);
    break;
  case 1:
    lw_port_level(&g->port, (int)pick(r, 0, LW_LEVEL_abort));
    break;
  case 2:
    d->trip_ack = (uint32_t)pick(r, 0, 50);
    break;
  case 3:
  case 4:
    d->trip_ack = lw_trip_unpack(g->port.image->trip).seq;
    break;
  case 5:
    lw_desk_requests(d)[tag].seq ^= (uint32_t)pick(r, 0, 1);
    break;
  default:
    lw_request_write(&lw_desk_requests(d)[tag], odd_number(r),
                     (uint32_t)(epoch + (uint64_t)pick(r, -1, 1)));
  }
}

// The plant's and the host's own bad day.
static void upset(rig *g, lw_rng *r) {
  static const int faults[] = {LW_FAULT_none, LW_FAULT_none, LW_FAULT_bad,
                               LW_FAULT_uncertain, LW_FAULT_lost};
  switch (pick(r, 0, 15)) {
  case 0:
    rig_fault(g, (uint32_t)pick(r, PLAN_TEMP, PLAN_SPEED),
              faults[pick(r, 0, 4)]);
    break;
  case 1:
    rig_signal(g, PLAN_TEMP, (double)pick(r, 20, 170));
    break;
  case 2:
    lw_scan_trip(g->scan, (int)pick(r, LW_CAUSE_heartbeat, LW_CAUSE_driver),
                 (int)pick(r, LW_LEVEL_suspend, LW_LEVEL_abort));
    break;
  case 3:
    g->port.image->store_state = pick(r, 0, 3) == 0;
    break;
  default:
    break;
  }
}

static double process_value(const rig *g, uint32_t tag, double twin_value) {
  return tag == PLAN_FLOW ? twin_value * g->plan->tags[tag].gain : twin_value;
}

static int is_safe_value(const rig *g, uint32_t tag, double value) {
  for (int level = LW_LEVEL_suspend; level < LW_LEVEL_N; level++)
    if (value == g->plan->tags[tag].safe[level])
      return 1;
  return 0;
}

// I1: within its range always, within its rate unless it went to a safe value.
static void check_limits(const rig *g, const look *before, const look *after) {
  for (int i = 0; i < OUTPUT_N; i++) {
    uint32_t tag = outputs[i];
    const lw_plan_tag *t = &g->plan->tags[tag];
    double was = process_value(g, tag, before->out[tag]);
    double is = process_value(g, tag, after->out[tag]);
    assert_true(is >= t->lo - 1e-9 && is <= t->hi + 1e-9);
    if (!isnan(t->rate_max) && !is_safe_value(g, tag, is))
      assert_true(fabs(is - was) <= t->rate_max * 0.01 + 1e-6);
  }
}

// I12: an interlock whose input is bad is tripped, below its own level.
static int is_interlocked(rig *g, const look *l) {
  lw_reading temp;
  lw_slot_read(&lw_image_slots(g->port.image)[PLAN_TEMP], &temp);
  return temp.quality == LW_BAD && (l->word & 0xFF) < LW_LEVEL_abort;
}

// I2, I3: while a trip waits, before any epoch, or with the journal stopped, no
// output changes to anything but a safe value.
static void check_authority(rig *g, const look *before, const look *after) {
  // Outputs that come before a refused one in the scan may still have moved.
  int is_tripped = after->trip.seq != before->trip.seq &&
                   after->trip.cause != LW_CAUSE_refused;
  int is_open = before->trip.seq == before->ack && !is_tripped &&
                before->word >> 8 != 0 && before->is_journal_good &&
                !is_interlocked(g, before);
  for (int i = 0; i < OUTPUT_N && !is_open; i++) {
    uint32_t tag = outputs[i];
    double is = process_value(g, tag, after->out[tag]);
    assert_true(after->out[tag] == before->out[tag] ||
                is_safe_value(g, tag, is));
  }
}

// A trip is a step up in seq, its values are on the outputs in the same scan.
static void check_trip(const rig *g, const look *before, const look *after) {
  assert_true(after->trip.seq - before->trip.seq <= 3);
  if (after->trip.seq == before->trip.seq)
    return;
  assert_true(after->trip.level > LW_LEVEL_none);
  for (int i = 0; i < OUTPUT_N; i++) {
    const lw_plan_tag *t = &g->plan->tags[outputs[i]];
    double is = process_value(g, outputs[i], after->out[outputs[i]]);
    if (after->trip.level >= LW_LEVEL_hold &&
        !isnan(t->safe[after->trip.level]))
      assert_true(is_safe_value(g, outputs[i], is));
  }
}

static void run_seed(uint64_t seed) {
  rig *g = malloc(sizeof *g);
  lw_rng r;
  lw_rng_init(&r, seed, 1);
  rig_init(g, rig_plan(), 0);
  rig_scan(g, 1);
  for (int scan = 0; scan < SCANS; scan++) {
    for (int64_t n = pick(&r, 0, 3); n > 0; n--)
      scribble(g, &r);
    upset(g, &r);
    look before = look_at(g);
    rig_scan(g, 1);
    look after = look_at(g);
    check_limits(g, &before, &after);
    check_authority(g, &before, &after);
    check_trip(g, &before, &after);
    if (before.word >> 8)
      assert_int_equal(g->port.image->applied, before.word);
    rig_forget(g);
  }
  rig_fini(g);
  free(g);
}

static void outputs_stay_within_their_promises(void **unused) {
  (void)unused;
  for (uint64_t seed = 1; seed <= SEEDS; seed++)
    run_seed(seed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_stay_within_their_promises),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
