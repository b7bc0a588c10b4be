// Modbus over loopback: 8,000 values in blocks of 125 registers at 10 Hz, alone
// and beside a device that takes requests and never answers. Prints polls, late
// polls and what the driver's thread spent.
//
// usage: bench_modbus [--seconds S]   default 5 s each
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/io.h"
#include "loop/clock.h"
#include "support/modbus_peer.h"

#define VALUES 8000
#define PERIOD_NS (100 * LW_MS)

static uint32_t add_device(lw_plan *p, int port) {
  char text[8];
  snprintf(text, sizeof text, "%d", port);
  int driver = lw_plan_add_driver(p, "modbus_tcp", text);
  lw_plan_add_option(p, "host", "127.0.0.1");
  lw_plan_add_option(p, "port", text);
  lw_plan_add_option(p, "timeout", "0.5");
  return (uint32_t)driver;
}

static void add_values(lw_plan *p, uint32_t driver, int n) {
  for (int i = 0; i < n; i++) {
    char address[16];
    snprintf(address, sizeof address, "hr:%d", i);
    int tag = lw_plan_add_tag(p, address);
    p->tags[tag].driver = driver;
    p->tags[tag].address = (uint32_t)lw_plan_add_text(p, address);
    p->tags[tag].type = LW_TYPE_u16;
    p->tags[tag].poll_ns = PERIOD_NS;
  }
}

static double cpu_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Values that are good and what the device holds now.
static int count_right(const lw_io *io, const peer_memory *m) {
  int n = 0;
  for (uint32_t i = 0; i < VALUES; i++) {
    lw_reading r;
    lw_io_read(io, i, &r);
    n += r.quality == LW_GOOD && r.value == m->registers[i];
  }
  return n;
}

static int measure(const char *title, double seconds, int with_dead) {
  peer live = {0}, dead = {0};
  lw_plan *p = lw_plan_new();
  lw_clock *clock = lw_clock_real();
  lw_io *io;
  lw_err e = {0};
  if (!p || peer_start(&live) < 0 || peer_start(&dead) < 0)
    return 3;
  for (int i = 0; i < VALUES; i++)
    live.m->registers[i] = (uint16_t)(i * 7 + 1);
  dead.m->is_mute = 1;
  add_values(p, add_device(p, live.port), VALUES);
  if (with_dead)
    add_values(p, add_device(p, dead.port), 100);
  if (lw_io_new(&io, p, clock, NULL, 1, &e) < 0 || lw_io_start(io, &e) < 0) {
    fprintf(stderr, "bench_modbus: %s\n", e.text);
    return 3;
  }
  double cpu0_s = cpu_s();
  clock->wait_until(clock, lw_now_ns(clock) + (int64_t)(seconds * 1e9));
  double spent_s = cpu_s() - cpu0_s;
  lw_io_status s;
  lw_io_status_read(io, 0, &s);
  int right = count_right(io, live.m);
  printf("%-22s %6.0f s  %6llu polls  %4llu late  %5d of %d values right  "
         "%6u requests  %5.1f %% of one core\n",
         title, seconds, (unsigned long long)s.reads,
         (unsigned long long)s.late_polls, right, VALUES, live.m->requests,
         100 * spent_s / seconds);
  lw_io_free(io);
  lw_plan_free(p);
  peer_fini(&live);
  peer_fini(&dead);
  return s.late_polls || right != VALUES;
}

int main(int argc, char **argv) {
  double seconds = 5;
  if (argc == 3 && !strcmp(argv[1], "--seconds"))
    seconds = atof(argv[2]);
  else if (argc != 1)
    return fputs("usage: bench_modbus [--seconds S]\n", stderr), 2;
  printf("Modbus TCP, %d values in blocks of 125 registers, 10 Hz\n", VALUES);
  int rc = measure("alone", seconds, 0);
  return rc | measure("beside a dead device", seconds, 1);
}
