// A PLC of coating line B to try recipes on: Modbus TCP by its vendor's list,
// physics of its own, a dead-man timer of its own. A program apart from
// Linewright, with which it shares nothing but the cable.
#include <errno.h>        // errno
#include <getopt.h>       // getopt_long
#include <signal.h>       // sigprocmask
#include <stdio.h>        // printf
#include <stdlib.h>       // strtod
#include <string.h>       // strerror
#include <sys/signalfd.h> // signalfd
#include <time.h>         // clock_gettime
#include <unistd.h>       // close

#include "plc.h"
#include "server.h"

#define CYCLE_MS 20

typedef struct settings {
  const char *host, *ledger;
  double port, seed, lapse, lost_after_s, lost_for_s;
} settings;

static const char help[] =
    "usage: plc_line_b [options]\n"
    "Simulates the PLC of coating line B over Modbus TCP.\n"
    "  --host ADDRESS      listen there, default 127.0.0.1\n"
    "  --port N            default 1502; 0 = any free port\n"
    "  --thermal-lapse X   the dryer heats X times faster, default 1\n"
    "  --seed N            of the instruments' noise, default 1\n"
    "  --ledger FILE       append what happens: writes, drops, clients\n"
    "  --lost-after S      fall silent after S seconds, as if unplugged\n"
    "  --lost-for S        and come back after S more, default never\n"
    "  --list              print the register list and stop\n"
    "example: plc_line_b --port 1502 --thermal-lapse 30 --ledger plc.log\n";

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int take_number(const char *name, const char *text, double lo, double hi,
                       double *out) {
  char *end;
  double v = strtod(text, &end);
  if (end == text || *end || !(v >= lo && v <= hi)) {
    fprintf(stderr, "plc_line_b: --%s %s should be a number, %g to %g\n", name,
            text, lo, hi);
    return -1;
  }
  *out = v;
  return 0;
}

enum { OPT_HOST, OPT_LEDGER, OPT_LIST, OPT_HELP, OPT_NUMBER };

// Returns -1 to go on, else the exit code.
static int take_settings(settings *s, int argc, char **argv) {
  struct {
    const char *name;
    double lo, hi, *out;
  } numbers[] = {{"port", 0, 65535, &s->port},
                 {"seed", 0, 9e15, &s->seed},
                 {"thermal-lapse", 0.001, 1000, &s->lapse},
                 {"lost-after", 0, 1e9, &s->lost_after_s},
                 {"lost-for", 0, 1e9, &s->lost_for_s}};
  const struct option options[] = {{"host", 1, NULL, OPT_HOST},
                                   {"ledger", 1, NULL, OPT_LEDGER},
                                   {"list", 0, NULL, OPT_LIST},
                                   {"help", 0, NULL, OPT_HELP},
                                   {"port", 1, NULL, OPT_NUMBER},
                                   {"seed", 1, NULL, OPT_NUMBER + 1},
                                   {"thermal-lapse", 1, NULL, OPT_NUMBER + 2},
                                   {"lost-after", 1, NULL, OPT_NUMBER + 3},
                                   {"lost-for", 1, NULL, OPT_NUMBER + 4},
                                   {NULL, 0, NULL, 0}};
  for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    int k = c - OPT_NUMBER;
    if (c == OPT_HELP)
      return fputs(help, stdout), 0;
    if (c == OPT_LIST)
      return registers_print(stdout), 0;
    if (c == OPT_HOST)
      s->host = optarg;
    else if (c == OPT_LEDGER)
      s->ledger = optarg;
    else if (c == '?' || take_number(numbers[k].name, optarg, numbers[k].lo,
                                     numbers[k].hi, numbers[k].out) < 0)
      return 2;
  }
  if (optind < argc)
    fprintf(stderr, "plc_line_b: what is '%s'? see --help\n", argv[optind]);
  return optind < argc ? 2 : -1;
}

// Signals come as a descriptor, so that the loop ends at a safe place.
static int open_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, NULL);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

static int is_lost(const settings *s, const plc *p, int64_t t_ns) {
  double age_s = (double)(t_ns - p->start_ns) * 1e-9 - s->lost_after_s;
  return age_s >= 0 && age_s < s->lost_for_s;
}

static void run(const settings *s, server *door, plc *p, int signals) {
  int was_lost = 0;
  for (;;) {
    struct pollfd stop = {.fd = signals, .events = POLLIN};
    int lost = is_lost(s, p, now_ns());
    if (lost != was_lost)
      plc_note(p, now_ns(), lost ? "silent" : "back");
    was_lost = lost;
    // Between cycles, serve; a silent PLC only waits.
    int64_t next_ns = p->cycle_ns + CYCLE_MS * INT64_C(1000000);
    int64_t left_ms = (next_ns - now_ns()) / 1000000;
    if (poll(door->fds, lost ? 0 : (nfds_t)(1 + door->n),
             left_ms > 0 ? (int)left_ms + 1 : 0) > 0)
      server_handle(door, p, now_ns());
    if (now_ns() >= next_ns)
      plc_cycle(p, now_ns());
    if (poll(&stop, 1, 0) > 0)
      return;
  }
}

int main(int argc, char **argv) {
  settings s = {.host = "127.0.0.1",
                .port = 1502,
                .seed = 1,
                .lapse = 1,
                .lost_after_s = 1e12,
                .lost_for_s = 1e12};
  int code = take_settings(&s, argc, argv);
  if (code >= 0)
    return code;
  int signals = open_signals();
  server door;
  if (server_open(&door, s.host, (int)s.port) < 0) {
    fprintf(stderr, "plc_line_b: cannot listen on %s:%g: %s\n", s.host, s.port,
            strerror(errno));
    return 3;
  }
  plc p;
  plc_init(&p, s.lapse, (uint64_t)s.seed, now_ns());
  if (s.ledger && !(p.ledger = fopen(s.ledger, "ae"))) {
    fprintf(stderr, "plc_line_b: cannot write %s: %s\n", s.ledger,
            strerror(errno));
    return 3;
  }
  printf("plc_line_b: Modbus TCP on %s:%d\n", s.host, door.port);
  fflush(stdout);
  plc_note(&p, now_ns(), "start port %d", door.port);
  run(&s, &door, &p, signals);
  plc_note(&p, now_ns(), "end");
  server_close(&door);
  close(signals);
  return p.ledger && fclose(p.ledger) ? 3 : 0;
}
