// How often a device that is away is tried again, on the virtual clock.
#include "lines.h"

typedef struct away {
  int opens;
} away;

static away *seen; // the library keeps the state

static int away_init(void *self, const lw_option *o, size_t o_n,
                     const lw_point *p, size_t p_n, lw_err *e) {
  (void)o, (void)o_n, (void)p, (void)p_n, (void)e;
  seen = self;
  return 0;
}

static int away_open(void *self, lw_err *e) {
  away *a = self;
  a->opens++;
  return lw_err_set(e, LW_E_IO, "it is away");
}

static int away_read(void *self, int64_t now_ns, const uint32_t *due,
                     size_t due_n, lw_sample *out, lw_err *e) {
  (void)self, (void)now_ns, (void)due, (void)due_n, (void)out;
  return lw_err_set(e, LW_E_IO, "it is away");
}

static void away_close(void *self) {
  (void)self;
}

static void a_device_is_tried_each_second_however_long_it_was_away(void **s) {
  (void)s;
  static const lw_driver_ops ops = {.kind = "away",
                                    .help = "is never there",
                                    .state_size = sizeof(away),
                                    .init = away_init,
                                    .open = away_open,
                                    .read = away_read,
                                    .close = away_close};
  assert_int_equal(lw_driver_register(&ops), 0);
  bench_line l;
  line_init(&l);
  lw_plan_add_driver(l.plan, "away", "away");
  add_tag(l.plan, &(tag_spec){.name = "n", .driver = 1, .type = LW_TYPE_u16});
  line_start(&l);
  for (int i = 0; i < 600; i++)
    line_poll(&l, 100 * LW_MS);
  int after_a_minute = seen->opens;
  for (int i = 0; i < 100; i++)
    line_poll(&l, 100 * LW_MS);
  assert_int_equal(seen->opens - after_a_minute, 10);
  assert_true(after_a_minute < 70); // and no more than that
  line_fini(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_device_is_tried_each_second_however_long_it_was_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
