#include "lines.h"

#include <string.h>

#include "support/modbus_peer.h"

// A line with one Modbus device on a loopback port.
typedef struct plc_line {
  bench_line line;
  peer peer;
  const char *timeout; // NULL = ample, so that a loaded machine passes
} plc_line;

static void plc_init_timeout(plc_line *l, const char *timeout) {
  *l = (plc_line){.timeout = timeout};
  line_init(&l->line);
  assert_int_equal(peer_start(&l->peer), 0);
  char port[8];
  snprintf(port, sizeof port, "%d", l->peer.port);
  lw_plan_add_driver(l->line.plan, "modbus_tcp", "plc (test.lua:4)");
  lw_plan_add_option(l->line.plan, "host", "127.0.0.1");
  lw_plan_add_option(l->line.plan, "port", port);
  lw_plan_add_option(l->line.plan, "timeout", l->timeout ? l->timeout : "2");
}

static void plc_init(plc_line *l) {
  plc_init_timeout(l, NULL);
}

static void plc_fini(plc_line *l) {
  line_fini(&l->line);
  peer_fini(&l->peer);
}

static uint32_t plc_tag(plc_line *l, const char *address, int type,
                        int access) {
  return add_tag(l->line.plan, &(tag_spec){.name = address,
                                           .address = address,
                                           .driver = 1,
                                           .type = type,
                                           .access = access});
}

static lw_io_status plc_status(const plc_line *l) {
  lw_io_status s;
  lw_io_status_read(l->line.io, 0, &s);
  return s;
}

static void reads_all_four_tables_by_their_function_codes(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t hr = plc_tag(&l, "hr:11", LW_TYPE_u16, LW_READ);
  uint32_t ir = plc_tag(&l, "30101", LW_TYPE_s16, LW_READ);
  uint32_t co = plc_tag(&l, "00017", LW_TYPE_bool, LW_READ);
  uint32_t di = plc_tag(&l, "10003", LW_TYPE_bool, LW_READ);
  l.peer.m->registers[11] = 1180;
  l.peer.m->input_registers[100] = (uint16_t)-25;
  l.peer.m->bits[16] = 1;
  l.peer.m->input_bits[2] = 1;
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_good(&l.line, hr, 1180);
  assert_good(&l.line, ir, -25);
  assert_good(&l.line, co, 1);
  assert_good(&l.line, di, 1);
  for (int function = 1; function <= 4; function++)
    assert_int_equal(l.peer.m->calls[function], 1);
  assert_int_equal(plc_status(&l).state, LW_IO_GOOD);
  plc_fini(&l);
}

static void reads_every_type_in_both_word_orders(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  const int types[] = {LW_TYPE_u32, LW_TYPE_s32, LW_TYPE_f32,
                       LW_TYPE_u64, LW_TYPE_s64, LW_TYPE_f64};
  const uint16_t words[6][4] = {{0x1234, 0x5678},
                                {0xFFFF, 0xFFFE},
                                {0x3FC0, 0},
                                {0, 1, 0, 2},
                                {65535, 65535, 65535, 65533},
                                {0x3FF0}};
  const double values[] = {305419896, -2, 1.5, 4294967298.0, -3, 1};
  uint32_t tags[2][6];
  for (int order = 0; order < 2; order++)
    for (int i = 0; i < 6; i++) {
      char address[16];
      int first = order * 100 + i * 4, n = i < 3 ? 2 : 4;
      snprintf(address, sizeof address, "hr:%d", first);
      tags[order][i] = add_tag(l.line.plan, &(tag_spec){.name = "t",
                                                        .address = address,
                                                        .driver = 1,
                                                        .type = types[i],
                                                        .word_order = order});
      for (int k = 0; k < n; k++)
        l.peer.m->registers[first + k] = words[i][order ? n - 1 - k : k];
    }
  line_start(&l.line);
  line_poll(&l.line, 0);
  for (int order = 0; order < 2; order++)
    for (int i = 0; i < 6; i++)
      assert_good(&l.line, tags[order][i], values[i]);
  plc_fini(&l);
}

static void numbers_that_no_double_can_hold_are_bad(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t big = plc_tag(&l, "hr:0", LW_TYPE_u64, LW_READ);
  uint32_t nan = plc_tag(&l, "hr:4", LW_TYPE_f32, LW_READ);
  l.peer.m->registers[0] = 0x0020; // 2^53
  l.peer.m->registers[3] = 2;      // 2^53 + 2
  l.peer.m->registers[4] = 0x7FC0; // NaN
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_int_equal(read_tag(&l.line, big).quality, LW_BAD);
  assert_int_equal(read_tag(&l.line, nan).quality, LW_BAD);
  l.peer.m->registers[3] = 0;
  line_poll(&l.line, 10 * LW_MS);
  assert_good(&l.line, big, 9007199254740992.0);
  plc_fini(&l);
}

static void reads_a_text(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t lot = plc_tag(&l, "hr:40:3", LW_TYPE_text, LW_READ);
  l.peer.m->registers[40] = 0x4C37;
  line_start(&l.line);
  line_poll(&l.line, 0);
  char text[LW_TEXT_SIZE];
  lw_io_text(l.line.io, lot, text);
  assert_string_equal(text, "L7");
  assert_int_equal(read_tag(&l.line, lot).quality, LW_GOOD);
  plc_fini(&l);
}

static void joins_near_registers_into_one_request(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  plc_tag(&l, "hr:9", LW_TYPE_u16, LW_READ);  // 8 in between: joined
  plc_tag(&l, "hr:19", LW_TYPE_u16, LW_READ); // 9 in between: not
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_int_equal(l.peer.m->calls[3], 2);
  assert_int_equal(l.peer.m->widest, 10);
  plc_fini(&l);
}

static void keeps_requests_within_the_protocols_limits(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  char address[16];
  for (int i = 0; i < 300; i++) {
    snprintf(address, sizeof address, "hr:%d", i);
    plc_tag(&l, address, LW_TYPE_u16, LW_READ);
    l.peer.m->registers[i] = (uint16_t)(i * 7);
  }
  for (int i = 0; i < 2100; i++) {
    snprintf(address, sizeof address, "di:%d", i);
    plc_tag(&l, address, LW_TYPE_bool, LW_READ);
    l.peer.m->input_bits[i] = i % 3 == 0;
  }
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_int_equal(l.peer.m->calls[3], 3);
  assert_int_equal(l.peer.m->calls[2], 2);
  for (uint32_t i = 0; i < 300; i++)
    assert_good(&l.line, i, i * 7);
  for (uint32_t i = 0; i < 2100; i++)
    assert_good(&l.line, 300 + i, i % 3 == 0);
  plc_fini(&l);
}

static void a_bad_register_costs_only_itself(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  char address[16];
  for (int i = 0; i < 100; i++) {
    snprintf(address, sizeof address, "hr:%d", i);
    plc_tag(&l, address, LW_TYPE_u16, LW_READ);
    l.peer.m->registers[i] = (uint16_t)i;
  }
  l.peer.m->bad_first = 37;
  l.peer.m->bad_n = 1;
  line_start(&l.line);
  for (int poll = 0; poll < 2; poll++) {
    l.peer.m->requests = 0;
    line_poll(&l.line, 10 * LW_MS);
    for (uint32_t i = 0; i < 100; i++)
      if (i == 37)
        assert_int_equal(read_tag(&l.line, i).quality, LW_BAD);
      else
        assert_good(&l.line, i, i);
  }
  // Once it is known, the others need two requests: left and right of it.
  assert_int_equal(l.peer.m->requests, 2);
  assert_non_null(strstr(plc_status(&l).text, "hr:37: register hr:37: "));
  l.peer.m->bad_n = 0;
  line_poll(&l.line, 2 * LW_S); // asked again after its pause
  assert_good(&l.line, 37, 37);
  l.peer.m->requests = 0;
  line_poll(&l.line, 10 * LW_MS);
  assert_int_equal(l.peer.m->requests, 1);
  plc_fini(&l);
}

static void registers_missing_in_a_gap_do_no_harm(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t a = plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  uint32_t b = plc_tag(&l, "hr:6", LW_TYPE_u16, LW_READ);
  l.peer.m->registers[0] = 5;
  l.peer.m->registers[6] = 6;
  l.peer.m->bad_first = 3;
  l.peer.m->bad_n = 1;
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_good(&l.line, a, 5);
  assert_good(&l.line, b, 6);
  l.peer.m->requests = l.peer.m->refused = 0;
  line_poll(&l.line, 10 * LW_MS);
  assert_int_equal(l.peer.m->requests, 2);
  assert_int_equal(l.peer.m->refused, 0);
  plc_fini(&l);
}

static void a_busy_device_leaves_readings_to_age(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t t = plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  l.peer.m->registers[0] = 3;
  line_start(&l.line);
  line_poll(&l.line, 0);
  int64_t t_ns = read_tag(&l.line, t).t_ns;
  l.peer.m->exception = MODBUS_EXCEPTION_SLAVE_OR_SERVER_BUSY;
  line_poll(&l.line, LW_S);
  assert_good(&l.line, t, 3);
  assert_int_equal(read_tag(&l.line, t).t_ns, t_ns);
  l.peer.m->exception = MODBUS_EXCEPTION_ILLEGAL_FUNCTION;
  line_poll(&l.line, LW_S);
  assert_int_equal(read_tag(&l.line, t).quality, LW_BAD);
  assert_int_equal(plc_status(&l).state, LW_IO_GOOD); // it does answer
  plc_fini(&l);
}

static void writes_by_the_function_that_fits(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  int rw = LW_READ | LW_WRITE;
  uint32_t one = plc_tag(&l, "hr:100", LW_TYPE_u16, rw);
  uint32_t coil = plc_tag(&l, "co:7", LW_TYPE_bool, rw);
  uint32_t a = plc_tag(&l, "hr:200", LW_TYPE_s16, rw);
  uint32_t b = plc_tag(&l, "hr:201", LW_TYPE_f32, rw);
  uint32_t c8 = plc_tag(&l, "co:8", LW_TYPE_bool, rw);
  uint32_t c9 = plc_tag(&l, "co:9", LW_TYPE_bool, rw);
  line_start(&l.line);
  lw_io_write(l.line.io, one, 77);
  line_poll(&l.line, 0);
  lw_io_write(l.line.io, coil, 1);
  line_poll(&l.line, 10 * LW_MS);
  lw_io_write(l.line.io, a, -5);
  lw_io_write(l.line.io, b, 1.5);
  line_poll(&l.line, 10 * LW_MS);
  lw_io_write(l.line.io, c8, 1);
  lw_io_write(l.line.io, c9, 1);
  line_poll(&l.line, 10 * LW_MS);
  const peer_memory *m = l.peer.m;
  assert_int_equal(m->calls[6], 1);
  assert_int_equal(m->calls[5], 1);
  assert_int_equal(m->calls[16], 1);
  assert_int_equal(m->calls[15], 1);
  assert_int_equal(m->registers[100], 77);
  assert_int_equal(m->bits[7] && m->bits[8] && m->bits[9], 1);
  assert_int_equal((int16_t)m->registers[200], -5);
  assert_int_equal(m->registers[201], 0x3FC0);
  assert_good(&l.line, b, 1.5); // read back from the same registers
  assert_int_equal(plc_status(&l).writes, 6);
  assert_int_equal(lw_io_pending(l.line.io), 0);
  plc_fini(&l);
}

static void keeps_to_the_functions_a_device_likes(void **state) {
  (void)state;
  const char *styles[] = {"single", "multiple"};
  const unsigned six[] = {2, 0}, sixteen[] = {0, 1};
  for (int i = 0; i < 2; i++) {
    plc_line l;
    plc_init(&l);
    lw_plan_add_option(l.line.plan, "write", styles[i]);
    uint32_t a = plc_tag(&l, "hr:1", LW_TYPE_u16, LW_READ | LW_WRITE);
    uint32_t b = plc_tag(&l, "hr:2", LW_TYPE_u16, LW_READ | LW_WRITE);
    line_start(&l.line);
    lw_io_write(l.line.io, a, 1);
    lw_io_write(l.line.io, b, 2);
    line_poll(&l.line, 0);
    assert_int_equal(l.peer.m->calls[6], six[i]);
    assert_int_equal(l.peer.m->calls[16], sixteen[i]);
    assert_int_equal(l.peer.m->registers[2], 2);
    plc_fini(&l);
  }
}

static void reads_the_feedback_of_an_output_where_it_has_one(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t t = add_tag(l.line.plan, &(tag_spec){.name = "web.speed",
                                                .address = "40011",
                                                .feedback = "30011",
                                                .driver = 1,
                                                .type = LW_TYPE_u16,
                                                .access = LW_READ | LW_WRITE});
  l.peer.m->input_registers[10] = 295;
  line_start(&l.line);
  lw_io_write(l.line.io, t, 300);
  line_poll(&l.line, 0);
  assert_int_equal(l.peer.m->registers[10], 300);
  assert_good(&l.line, t, 295);
  assert_int_equal(l.peer.m->calls[3], 0);
  plc_fini(&l);
}

static void shows_what_a_blind_output_has_taken(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t t = plc_tag(&l, "hr:5", LW_TYPE_u16, LW_WRITE);
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_int_equal(read_tag(&l.line, t).quality, LW_BAD);
  lw_io_write(l.line.io, t, 9);
  line_poll(&l.line, 10 * LW_MS);
  assert_good(&l.line, t, 9);
  assert_int_equal(l.peer.m->calls[3], 0);
  plc_fini(&l);
}

static void a_refused_value_harms_no_other_and_is_tried_again(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  int rw = LW_READ | LW_WRITE;
  uint32_t a = plc_tag(&l, "hr:0", LW_TYPE_u16, rw);
  uint32_t b = plc_tag(&l, "hr:1", LW_TYPE_u16, rw);
  l.peer.m->max_write = 1000;
  line_start(&l.line);
  lw_io_write(l.line.io, a, 5000);
  lw_io_write(l.line.io, b, 50);
  line_poll(&l.line, 0);
  assert_int_equal(l.peer.m->registers[1], 50);
  assert_int_equal(lw_io_pending(l.line.io), 1);
  assert_non_null(strstr(plc_status(&l).text, "hr:0: writing hr:0: Illegal"));
  assert_int_equal(plc_status(&l).state, LW_IO_GOOD);
  unsigned before = l.peer.m->calls[6];
  line_poll(&l.line, 10 * LW_MS); // within the pause: not asked again
  assert_int_equal(l.peer.m->calls[6], before);
  l.peer.m->max_write = 0;
  line_poll(&l.line, 200 * LW_MS);
  assert_int_equal(l.peer.m->registers[0], 5000);
  assert_int_equal(lw_io_pending(l.line.io), 0);
  plc_fini(&l);
}

static void a_write_that_gets_no_answer_is_a_lost_connection(void **state) {
  (void)state;
  plc_line l;
  plc_init_timeout(&l, "0.3");
  uint32_t out = plc_tag(&l, "hr:1", LW_TYPE_u16, LW_WRITE);
  line_start(&l.line);
  line_poll(&l.line, 0);
  l.peer.m->is_mute = 1;
  lw_io_write(l.line.io, out, 3);
  line_poll(&l.line, 10 * LW_MS);
  assert_int_equal(plc_status(&l).state, LW_IO_BROKEN);
  assert_non_null(strstr(plc_status(&l).text, "writing hr:1: "));
  assert_int_equal(lw_io_pending(l.line.io), 1);
  l.peer.m->is_mute = 0;
  for (int i = 0; i < 5 && lw_io_pending(l.line.io); i++)
    line_poll(&l.line, 5 * LW_S);
  assert_int_equal(l.peer.m->registers[1], 3);
  plc_fini(&l);
}

static void a_value_that_no_word_holds_never_leaves(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t a = plc_tag(&l, "hr:1", LW_TYPE_u16, LW_WRITE);
  uint32_t b = plc_tag(&l, "hr:2", LW_TYPE_u16, LW_WRITE);
  line_start(&l.line);
  lw_io_write(l.line.io, a, 65536);
  lw_io_write(l.line.io, b, 6);
  line_poll(&l.line, 0);
  assert_int_equal(l.peer.m->registers[1], 0);
  assert_int_equal(l.peer.m->registers[2], 6);
  assert_non_null(strstr(plc_status(&l).text, "65536 does not fit a u16"));
  plc_fini(&l);
}

static void a_refused_watchdog_is_told(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  lw_plan_add_option(l.line.plan, "watchdog.register", "hr:899");
  uint32_t t = plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  l.peer.m->bad_first = 899;
  l.peer.m->bad_n = 1;
  line_start(&l.line);
  line_poll(&l.line, 0);
  lw_io_alive(l.line.io);
  line_poll(&l.line, 250 * LW_MS);
  assert_string_equal(plc_status(&l).text,
                      "writing the watchdog: Illegal data address");
  assert_int_equal(plc_status(&l).state, LW_IO_GOOD);
  assert_good(&l.line, t, 0);
  plc_fini(&l);
}

static void speaks_to_the_unit_it_was_told(void **state) {
  (void)state;
  plc_line l;
  plc_init_timeout(&l, "0.5");
  lw_plan_add_option(l.line.plan, "unit_id", "17");
  uint32_t t = plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  l.peer.m->unit_id = 17;
  l.peer.m->registers[0] = 4;
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_good(&l.line, t, 4);
  l.peer.m->unit_id = 18; // no answer: a time-out
  line_poll(&l.line, 10 * LW_MS);
  assert_int_equal(read_tag(&l.line, t).quality, LW_GOOD); // its age tells
  assert_int_equal(plc_status(&l).state, LW_IO_BROKEN);
  plc_fini(&l);
}

static void comes_back_after_the_device_was_restarted(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  uint32_t in = plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  uint32_t out = plc_tag(&l, "hr:1", LW_TYPE_u16, LW_READ | LW_WRITE);
  uint32_t still = plc_tag(&l, "hr:2", LW_TYPE_u16, LW_READ | LW_WRITE);
  plc_tag(&l, "hr:3", LW_TYPE_u16, LW_READ | LW_WRITE); // never written by us
  l.peer.m->registers[0] = 4;
  line_start(&l.line);
  lw_io_write(l.line.io, still, 7);
  line_poll(&l.line, 0);
  assert_good(&l.line, in, 4);
  assert_int_equal(l.peer.m->registers[2], 7);
  peer_kill(&l.peer);
  // A device that starts again has its own power-up values.
  l.peer.m->registers[2] = 0;
  l.peer.m->registers[3] = 99;
  line_poll(&l.line, 10 * LW_MS);
  lw_reading r = read_tag(&l.line, in);
  // It stays in sight, and grows old: the scan makes it bad at its max_age.
  assert_int_equal(r.quality, LW_GOOD);
  assert_true(r.value == 4);
  lw_io_write(l.line.io, out, 10);
  line_poll(&l.line, 200 * LW_MS);
  assert_non_null(strstr(plc_status(&l).text, "no connection to 127.0.0.1:"));
  lw_io_write(l.line.io, out, 20); // the newest wins
  assert_int_equal(peer_start(&l.peer), 0);
  line_poll(&l.line, 2 * LW_S);
  assert_good(&l.line, in, 4);
  assert_int_equal(l.peer.m->registers[1], 20); // new while it was away
  // What it forgot is the scan's to judge: once for a loss.
  assert_int_equal(l.peer.m->registers[2], 0);
  assert_int_equal(lw_io_forgotten(l.line.io), still);
  assert_int_equal(lw_io_forgotten(l.line.io), LW_NONE);
  assert_int_equal(l.peer.m->registers[3], 99); // not ours
  assert_int_equal(plc_status(&l).state, LW_IO_GOOD);
  assert_string_equal(plc_status(&l).text, "");
  plc_fini(&l);
}

// Told 7 and 8 and gone; with what is in its registers when it is back.
static plc_line *back_with(int hr1, int hr2) {
  static plc_line l;
  plc_init(&l);
  uint32_t asked = plc_tag(&l, "hr:1", LW_TYPE_u16, LW_READ | LW_WRITE);
  uint32_t blind = plc_tag(&l, "hr:2", LW_TYPE_u16, LW_WRITE);
  line_start(&l.line);
  lw_io_write(l.line.io, asked, 7);
  lw_io_write(l.line.io, blind, 8);
  line_poll(&l.line, 0);
  line_poll(&l.line, 10 * LW_MS);
  peer_kill(&l.peer);
  line_poll(&l.line, 20 * LW_MS);
  l.peer.m->registers[1] = (uint16_t)hr1;
  l.peer.m->registers[2] = (uint16_t)hr2;
  assert_int_equal(peer_start(&l.peer), 0);
  line_poll(&l.line, 2 * LW_S);
  line_poll(&l.line, 2 * LW_S + 10 * LW_MS);
  return &l;
}

static void a_device_that_kept_all_is_told_only_what_it_cannot_show(void **s) {
  (void)s;
  plc_line *l = back_with(7, 0);
  assert_int_equal(lw_io_forgotten(l->line.io), LW_NONE);
  assert_int_equal(l->peer.m->registers[1], 7);
  assert_int_equal(l->peer.m->registers[2], 8); // nobody can tell: once more
  plc_fini(l);
}

static void a_device_that_forgot_is_told_nothing(void **s) {
  (void)s;
  plc_line *l = back_with(0, 0);
  assert_int_equal(lw_io_forgotten(l->line.io), 0);
  assert_int_equal(l->peer.m->registers[1], 0);
  assert_int_equal(l->peer.m->registers[2], 0);
  plc_fini(l);
}

static void
an_answer_that_comes_too_late_is_not_taken_for_the_next(void **state) {
  (void)state;
  plc_line l;
  plc_init_timeout(&l, "0.3");
  uint32_t t = plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  l.peer.m->registers[0] = 1;
  line_start(&l.line);
  l.peer.m->delay_ms = 450; // time-out is 300
  line_poll(&l.line, 0);
  assert_int_equal(read_tag(&l.line, t).quality, LW_BAD);
  l.peer.m->delay_ms = 0;
  usleep(150 * 1000); // the late answer is on its way now
  l.peer.m->registers[0] = 2;
  for (int i = 0; i < 5 && read_tag(&l.line, t).quality != LW_GOOD; i++)
    line_poll(&l.line, 5 * LW_S);
  assert_good(&l.line, t, 2);
  plc_fini(&l);
}

// Each byte comes within the time-out, the whole of them does not: outputs must
// not wait behind it.
static void an_answer_must_be_whole_within_the_time_out(void **state) {
  (void)state;
  plc_line l;
  plc_init_timeout(&l, "0.1");
  uint32_t t = plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  plc_tag(&l, "hr:7", LW_TYPE_u16, LW_READ);
  l.peer.m->drip_ms = 20; // 25 bytes
  line_start(&l.line);
  line_poll(&l.line, 0);
  assert_int_equal(read_tag(&l.line, t).quality, LW_BAD);
  assert_int_equal(plc_status(&l).state, LW_IO_BROKEN);
  l.peer.m->drip_ms = 0;
  l.peer.m->registers[0] = 3;
  for (int i = 0; i < 50 && read_tag(&l.line, t).quality != LW_GOOD; i++)
    line_poll(&l.line, 60 * LW_S);
  assert_good(&l.line, t, 3);
  plc_fini(&l);
}

static void survives_damaged_answers(void **state) {
  (void)state;
  plc_line l;
  plc_init_timeout(&l, "0.02");
  char address[16];
  for (int i = 0; i < 40; i++) {
    snprintf(address, sizeof address, "hr:%d", i);
    plc_tag(&l, address, LW_TYPE_u16, LW_READ);
  }
  line_start(&l.line);
  l.peer.m->damage = 20261122;
  for (int i = 0; i < 300; i++)
    line_poll(&l.line, 5 * LW_S);
  assert_true(plc_status(&l).failures > 30);
  l.peer.m->damage = 0;
  l.peer.m->registers[39] = 4;
  for (int i = 0; i < 50 && read_tag(&l.line, 39).value != 4; i++)
    line_poll(&l.line, 60 * LW_S);
  assert_good(&l.line, 39, 4);
  plc_fini(&l);
}

static void beats_only_after_good_scans(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  lw_plan_add_option(l.line.plan, "watchdog.register", "40900");
  lw_plan_add_option(l.line.plan, "watchdog.every", "0.25");
  plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ);
  line_start(&l.line);
  line_poll(&l.line, 0);
  line_poll(&l.line, LW_S);
  assert_int_equal(l.peer.m->registers[899], 0); // nobody said it is alive
  for (int i = 1; i <= 4; i++) {
    lw_io_alive(l.line.io);
    line_poll(&l.line, 250 * LW_MS);
    assert_int_equal(l.peer.m->registers[899], i);
    lw_io_alive(l.line.io);
    line_poll(&l.line, 10 * LW_MS); // not more often than asked for
    assert_int_equal(l.peer.m->registers[899], i);
  }
  plc_fini(&l);
}

static void toggles_a_watchdog_coil(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  lw_plan_add_option(l.line.plan, "watchdog.register", "co:3");
  line_start(&l.line);
  for (int i = 1; i <= 4; i++) {
    lw_io_alive(l.line.io);
    line_poll(&l.line, 250 * LW_MS);
    assert_int_equal(l.peer.m->bits[3], i % 2);
  }
  plc_fini(&l);
}

static void polls_each_group_at_its_own_interval(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  plc_tag(&l, "hr:0", LW_TYPE_u16, LW_READ); // each scan: 10 ms
  uint32_t slow = add_tag(l.line.plan, &(tag_spec){.name = "slow",
                                                   .address = "ir:0",
                                                   .driver = 1,
                                                   .type = LW_TYPE_u16,
                                                   .poll_ns = 100 * LW_MS});
  line_start(&l.line);
  for (int i = 0; i < 100; i++)
    line_poll(&l.line, 10 * LW_MS);
  assert_int_equal(l.peer.m->calls[3], 100);
  assert_int_equal(l.peer.m->calls[4], 10);
  assert_int_equal(plc_status(&l).late_polls, 0);
  assert_int_equal(read_tag(&l.line, slow).t_ns, LW_S + 910 * LW_MS);
  line_poll(&l.line, LW_S); // late, but it does not burst
  assert_int_equal(plc_status(&l).late_polls, 2);
  assert_int_equal(l.peer.m->calls[3], 101);
  plc_fini(&l);
}

static int open_with(const char *option, const char *value, lw_err *e) {
  bench_line l;
  line_init(&l);
  int is_serial = !strcmp(option, "parity") || !strcmp(option, "baud");
  const char *needed = is_serial ? "device" : "host";
  lw_plan_add_driver(l.plan, is_serial ? "modbus_rtu" : "modbus_tcp",
                     "plc (b.lua:4)");
  lw_plan_add_option(l.plan, option, value);
  if (strcmp(option, needed))
    lw_plan_add_option(l.plan, needed, "127.0.0.1");
  int rc = line_open(&l, e);
  line_fini(&l);
  return rc;
}

static void says_what_is_wrong_with_an_option(void **state) {
  (void)state;
  const struct {
    const char *option, *value, *text;
  } bad[] = {
      {"prot", "1502",
       "plc (b.lua:4): driver 'modbus_tcp' has no option "
       "'prot'"},
      {"port", "http",
       "plc (b.lua:4): option port = 'http' should be a "
       "number"},
      {"port", "70000",
       "plc (b.lua:4): option port = 70000 should be a whole "
       "number, 1 to 65535"},
      {"unit_id", "1.5",
       "plc (b.lua:4): option unit_id = 1.5 should be a "
       "whole number, 0 to 255"},
      {"host", "", "plc (b.lua:4): option host = '' should be a text"},
      {"timeout", "0",
       "plc (b.lua:4): option timeout = 0 s should be 1 ms to "
       "60 s; a bare number is seconds, write \"300 ms\""},
      {"parity", "mark",
       "plc (b.lua:4): option parity = 'mark' should be "
       "none, even or odd"},
      {"baud", "1",
       "plc (b.lua:4): option baud = 1 should be a whole number, "
       "300 to 4000000"},
      {"timeout", "-1",
       "plc (b.lua:4): option timeout = '-1' should be a "
       "duration, e.g. \"300 ms\""},
      {"write", "both",
       "plc (b.lua:4): option write = 'both' should be auto, "
       "single or multiple"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    lw_err e = {0};
    assert_true(open_with(bad[i].option, bad[i].value, &e) < 0);
    assert_string_equal(e.text, bad[i].text);
  }
  bench_line l;
  lw_err e = {0};
  line_init(&l);
  lw_plan_add_driver(l.plan, "modbus_tcp", "plc (b.lua:4)");
  assert_int_equal(line_open(&l, &e), LW_E_SYNTAX);
  assert_string_equal(e.text, "plc (b.lua:4): driver 'modbus_tcp' needs option "
                              "'host' (name or address of the device)");
  line_fini(&l);
  assert_true(open_with("watchdog.register", "30900", &e) < 0);
  assert_non_null(strstr(e.text, "is an input register, which cannot"));
}

// A label of more than 63 characters: no server of names is asked.
static void says_that_a_name_is_not_known(void **state) {
  (void)state;
  bench_line line;
  line_init(&line);
  lw_plan_add_driver(line.plan, "modbus_tcp", "plc (test.lua:4)");
  char name[72];
  memset(name, 'x', 70);
  name[70] = '\0';
  lw_plan_add_option(line.plan, "host", name);
  lw_plan_add_option(line.plan, "port", "1502");
  add_tag(line.plan, &(tag_spec){.name = "t", .address = "hr:0", .driver = 1});
  line_start(&line);
  line_poll(&line, 0);
  lw_io_status s;
  lw_io_status_read(line.io, 0, &s);
  assert_non_null(strstr(s.text, "no connection to xxx"));
  assert_null(strstr(s.text, "refused"));
  line_fini(&line);
}

static void says_which_tag_has_a_wrong_address(void **state) {
  (void)state;
  plc_line l;
  plc_init(&l);
  add_tag(l.line.plan, &(tag_spec){.name = "oven.zones[3].temp",
                                   .address = "3013",
                                   .driver = 1,
                                   .type = LW_TYPE_s16});
  lw_err e = {0};
  assert_int_equal(line_open(&l.line, &e), LW_E_SYNTAX);
  assert_non_null(strstr(e.text, "oven.zones[3].temp: '3013' is no Modbus"));
  plc_fini(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_all_four_tables_by_their_function_codes),
      cmocka_unit_test(reads_every_type_in_both_word_orders),
      cmocka_unit_test(numbers_that_no_double_can_hold_are_bad),
      cmocka_unit_test(reads_a_text),
      cmocka_unit_test(joins_near_registers_into_one_request),
      cmocka_unit_test(keeps_requests_within_the_protocols_limits),
      cmocka_unit_test(a_bad_register_costs_only_itself),
      cmocka_unit_test(registers_missing_in_a_gap_do_no_harm),
      cmocka_unit_test(a_busy_device_leaves_readings_to_age),
      cmocka_unit_test(writes_by_the_function_that_fits),
      cmocka_unit_test(keeps_to_the_functions_a_device_likes),
      cmocka_unit_test(reads_the_feedback_of_an_output_where_it_has_one),
      cmocka_unit_test(shows_what_a_blind_output_has_taken),
      cmocka_unit_test(a_refused_value_harms_no_other_and_is_tried_again),
      cmocka_unit_test(a_write_that_gets_no_answer_is_a_lost_connection),
      cmocka_unit_test(a_value_that_no_word_holds_never_leaves),
      cmocka_unit_test(a_refused_watchdog_is_told),
      cmocka_unit_test(speaks_to_the_unit_it_was_told),
      cmocka_unit_test(comes_back_after_the_device_was_restarted),
      cmocka_unit_test(a_device_that_kept_all_is_told_only_what_it_cannot_show),
      cmocka_unit_test(a_device_that_forgot_is_told_nothing),
      cmocka_unit_test(an_answer_that_comes_too_late_is_not_taken_for_the_next),
      cmocka_unit_test(an_answer_must_be_whole_within_the_time_out),
      cmocka_unit_test(survives_damaged_answers),
      cmocka_unit_test(beats_only_after_good_scans),
      cmocka_unit_test(toggles_a_watchdog_coil),
      cmocka_unit_test(polls_each_group_at_its_own_interval),
      cmocka_unit_test(says_what_is_wrong_with_an_option),
      cmocka_unit_test(says_that_a_name_is_not_known),
      cmocka_unit_test(says_which_tag_has_a_wrong_address),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
