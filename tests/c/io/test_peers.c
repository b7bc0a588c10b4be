// The Modbus drivers against peers that share no code with them: pymodbus over
// TCP, and a serial line of two pseudo terminals with libmodbus and pymodbus at
// its end.
#include <fcntl.h> // O_RDWR

#include "lines.h"

#include <string.h>

#include "support/modbus_peer.h"

#define PATIENCE 200 // polls, 50 ms apart

static pid_t spawn(const char *const argv[]) {
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!freopen("/dev/null", "w", stderr))
      _exit(127);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
  }
  return pid;
}

static void end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

static int has_pymodbus(void) {
  return system("/usr/bin/python3 -c 'import pymodbus.server' 2>/dev/null") ==
         0;
}

// A serial line is made of two pseudo terminals, which a bare chroot lacks.
static int has_serial_line(void) {
  int fd = posix_openpt(O_RDWR | O_NOCTTY);
  if (fd < 0)
    print_message("skipped: no pseudo terminals here (is /dev/pts mounted?)\n");
  else
    close(fd);
  return fd >= 0 && system("command -v socat >/dev/null 2>&1") == 0;
}

// A serial line: two pseudo terminals joined by socat.
typedef struct serial {
  pid_t socat;
  char ours[48], theirs[48];
} serial;

static void serial_start(serial *s) {
  char a[96], b[96];
  snprintf(s->ours, sizeof s->ours, "/tmp/lw_tty_%d_a", (int)getpid());
  snprintf(s->theirs, sizeof s->theirs, "/tmp/lw_tty_%d_b", (int)getpid());
  snprintf(a, sizeof a, "pty,raw,echo=0,link=%s", s->ours);
  snprintf(b, sizeof b, "pty,raw,echo=0,link=%s", s->theirs);
  unlink(s->ours);
  unlink(s->theirs);
  s->socat = spawn((const char *[]){"socat", a, b, NULL});
  for (int i = 0; access(s->ours, F_OK) || access(s->theirs, F_OK); i++) {
    assert_true(i < PATIENCE);
    usleep(50 * 1000);
  }
}

static void serial_end(serial *s) {
  end(s->socat);
  unlink(s->ours);
  unlink(s->theirs);
}

// Poll until every tag is good; pauses are the virtual clock's, patience is
// real.
static void poll_until_good(bench_line *l) {
  for (int i = 0; i < PATIENCE; i++) {
    uint32_t good = 0;
    line_poll(l, 5 * LW_S);
    for (uint32_t t = 0; t < l->plan->tag_n; t++)
      good += read_tag(l, t).quality == LW_GOOD;
    if (good == l->plan->tag_n)
      return;
    usleep(50 * 1000);
  }
  lw_io_status s;
  lw_io_status_read(l->io, 0, &s);
  fail_msg("never good: %s", s.text);
}

typedef struct peer_tags {
  uint32_t ir, di, word, wide, real, coil;
} peer_tags;

static peer_tags add_tags(bench_line *l) {
  int rw = LW_READ | LW_WRITE;
  return (peer_tags){add_tag(l->plan, &(tag_spec){.name = "ir",
                                                  .address = "ir:100",
                                                  .driver = 1,
                                                  .type = LW_TYPE_u16}),
                     add_tag(l->plan, &(tag_spec){.name = "di",
                                                  .address = "10020",
                                                  .driver = 1,
                                                  .type = LW_TYPE_bool}),
                     add_tag(l->plan, &(tag_spec){.name = "word",
                                                  .address = "40011",
                                                  .driver = 1,
                                                  .type = LW_TYPE_s16,
                                                  .access = rw}),
                     add_tag(l->plan, &(tag_spec){.name = "wide",
                                                  .address = "hr:11",
                                                  .driver = 1,
                                                  .type = LW_TYPE_u32,
                                                  .word_order = LW_LITTLE_WORDS,
                                                  .access = rw}),
                     add_tag(l->plan, &(tag_spec){.name = "real",
                                                  .address = "hr:200",
                                                  .driver = 1,
                                                  .type = LW_TYPE_f64,
                                                  .access = rw}),
                     add_tag(l->plan, &(tag_spec){.name = "coil",
                                                  .address = "co:3",
                                                  .driver = 1,
                                                  .type = LW_TYPE_bool,
                                                  .access = rw})};
}

static void write_and_read_back(bench_line *l, const peer_tags *t) {
  const uint32_t tags[] = {t->word, t->wide, t->real, t->coil};
  const double values[] = {-321, 305419896, -118.0625, 1};
  for (int i = 0; i < 4; i++) {
    assert_good(l, tags[i], 0);
    lw_io_write(l->io, tags[i], values[i]);
  }
  line_poll(l, 10 * LW_MS);
  assert_int_equal(lw_io_pending(l->io), 0);
  for (int i = 0; i < 4; i++)
    assert_good(l, tags[i], values[i]);
}

static void talks_to_pymodbus_over_tcp(void **state) {
  (void)state;
  if (!has_pymodbus())
    skip();
  int port = 0;
  close(peer_listen(&port)); // a port that is free just now
  char text[8];
  snprintf(text, sizeof text, "%d", port);
  pid_t pid = spawn((const char *[]){"/usr/bin/python3",
                                     "tests/support/pymodbus_server.py", "tcp",
                                     text, NULL});
  bench_line l;
  line_init(&l);
  lw_plan_add_driver(l.plan, "modbus_tcp", "pymodbus");
  // A name rather than a number, where the system can look names up.
  int has_names = access("/etc/hosts", R_OK) == 0;
  lw_plan_add_option(l.plan, "host", has_names ? "localhost" : "127.0.0.1");
  lw_plan_add_option(l.plan, "port", text);
  lw_plan_add_option(l.plan, "timeout", "5");
  peer_tags t = add_tags(&l);
  line_start(&l);
  poll_until_good(&l);
  assert_good(&l, t.ir, 0x1234);
  assert_good(&l, t.di, 1);
  write_and_read_back(&l, &t);
  line_fini(&l);
  end(pid);
}

static void add_serial(bench_line *l, const serial *s) {
  line_init(l);
  lw_plan_add_driver(l->plan, "modbus_rtu", "bus");
  lw_plan_add_option(l->plan, "device", s->ours);
  lw_plan_add_option(l->plan, "parity", "none");
  lw_plan_add_option(l->plan, "timeout", "2");
}

static void talks_to_libmodbus_over_a_serial_line(void **state) {
  (void)state;
  if (!has_serial_line())
    skip();
  serial s;
  peer device = {0};
  bench_line l;
  serial_start(&s);
  assert_int_equal(peer_start_rtu(&device, s.theirs), 0);
  device.m->input_registers[100] = 77;
  device.m->input_bits[19] = 1;
  add_serial(&l, &s);
  peer_tags t = add_tags(&l);
  line_start(&l);
  poll_until_good(&l);
  assert_good(&l, t.ir, 77);
  assert_good(&l, t.di, 1);
  write_and_read_back(&l, &t);
  assert_int_equal((int16_t)device.m->registers[10], -321);
  assert_int_equal(device.m->registers[11], 0x5678);
  line_fini(&l);
  peer_fini(&device);
  serial_end(&s);
}

static void asks_again_after_a_garbled_answer(void **state) {
  (void)state;
  if (!has_serial_line())
    skip();
  serial s;
  peer device = {0};
  bench_line l;
  serial_start(&s);
  assert_int_equal(peer_start_rtu(&device, s.theirs), 0);
  add_serial(&l, &s);
  uint32_t t = add_tag(l.plan, &(tag_spec){.name = "t",
                                           .address = "hr:0",
                                           .driver = 1,
                                           .type = LW_TYPE_u16});
  device.m->registers[0] = 9;
  line_start(&l);
  poll_until_good(&l);
  device.m->garbled = 1;
  device.m->requests = 0;
  device.m->registers[0] = 10;
  line_poll(&l, 10 * LW_MS);
  assert_good(&l, t, 10);
  assert_int_equal(device.m->requests, 2);
  device.m->garbled = 2; // twice is a fault of the line
  line_poll(&l, 10 * LW_MS);
  assert_int_equal(read_tag(&l, t).quality, LW_GOOD); // its age tells
  poll_until_good(&l);
  lw_io_status status;
  lw_io_status_read(l.io, 0, &status);
  assert_int_equal(status.state, LW_IO_GOOD);
  line_fini(&l);
  peer_fini(&device);
  serial_end(&s);
}

static void talks_to_pymodbus_over_a_serial_line(void **state) {
  (void)state;
  if (!has_serial_line() || !has_pymodbus())
    skip();
  serial s;
  bench_line l;
  serial_start(&s);
  pid_t pid = spawn((const char *[]){"/usr/bin/python3",
                                     "tests/support/pymodbus_server.py", "rtu",
                                     s.theirs, NULL});
  add_serial(&l, &s);
  peer_tags t = add_tags(&l);
  line_start(&l);
  poll_until_good(&l);
  assert_good(&l, t.ir, 0x1234);
  write_and_read_back(&l, &t);
  line_fini(&l);
  end(pid);
  serial_end(&s);
}

static uint32_t add_unit(bench_line *l, const serial *s, const char *unit) {
  int driver = lw_plan_add_driver(l->plan, "modbus_rtu", unit);
  lw_plan_add_option(l->plan, "device", s->ours);
  lw_plan_add_option(l->plan, "parity", "none");
  lw_plan_add_option(l->plan, "timeout", "0.5");
  lw_plan_add_option(l->plan, "unit_id", unit);
  return add_tag(l->plan, &(tag_spec){.name = unit,
                                      .address = "ir:0",
                                      .driver = driver + 1,
                                      .type = LW_TYPE_u16});
}

static uint64_t reads_of(const lw_io *io, uint32_t driver) {
  lw_io_status s;
  lw_io_status_read(io, driver, &s);
  return s.reads;
}

static void wait_for_reads(const lw_io *io, uint64_t n) {
  for (int i = 0; reads_of(io, 0) < n || reads_of(io, 1) < n; i++) {
    assert_true(i < 10 * PATIENCE);
    usleep(50 * 1000);
  }
}

static uint64_t failures_of(const lw_io *io) {
  lw_io_status a, b;
  lw_io_status_read(io, 0, &a);
  lw_io_status_read(io, 1, &b);
  return a.failures + b.failures;
}

// Three drivers, three threads, one bus; the third unit does not exist.
static void units_share_a_serial_line(void **state) {
  (void)state;
  if (!has_serial_line() || !has_pymodbus())
    skip();
  serial s;
  bench_line l;
  lw_err e = {0};
  serial_start(&s);
  pid_t pid = spawn((const char *[]){"/usr/bin/python3",
                                     "tests/support/pymodbus_server.py", "rtu",
                                     s.theirs, NULL});
  line_init(&l);
  uint32_t one = add_unit(&l, &s, "1"), two = add_unit(&l, &s, "2");
  uint32_t ghost = add_unit(&l, &s, "3");
  assert_int_equal(lw_io_new(&l.io, l.plan, lw_clock_real(), NULL, 1, &e), 0);
  assert_int_equal(lw_io_start(l.io, &e), 0);
  wait_for_reads(l.io, 1);
  uint64_t failures = failures_of(l.io); // from before the server was up
  wait_for_reads(l.io, 150);
  assert_int_equal(failures_of(l.io), failures);
  // None was given another's answer.
  assert_good(&l, one, 0x1234);
  assert_good(&l, two, 0x2234);
  assert_int_equal(reads_of(l.io, 2), 0);
  assert_int_equal(read_tag(&l, ghost).quality, LW_BAD);
  line_fini(&l);
  end(pid);
  serial_end(&s);
}

static void says_which_serial_port_is_missing(void **state) {
  (void)state;
  serial s = {.ours = "/dev/lw-no-such-port"};
  bench_line l;
  add_serial(&l, &s);
  add_tag(l.plan, &(tag_spec){.name = "t",
                              .address = "hr:0",
                              .driver = 1,
                              .type = LW_TYPE_u16});
  line_start(&l);
  line_poll(&l, 0);
  lw_io_status status;
  lw_io_status_read(l.io, 0, &status);
  assert_int_equal(status.state, LW_IO_BROKEN);
  assert_string_equal(status.text, "no connection to /dev/lw-no-such-port: No "
                                   "such file or directory");
  line_fini(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(talks_to_pymodbus_over_tcp),
      cmocka_unit_test(talks_to_libmodbus_over_a_serial_line),
      cmocka_unit_test(asks_again_after_a_garbled_answer),
      cmocka_unit_test(talks_to_pymodbus_over_a_serial_line),
      cmocka_unit_test(units_share_a_serial_line),
      cmocka_unit_test(says_which_serial_port_is_missing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
