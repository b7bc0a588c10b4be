// A Modbus TCP device for tests by hand and end to end, by libmodbus.
//
// usage: modbus_server [--port N] [--unit N] [--delay MS] [--mute]
//                      [--exception N] [--bad FIRST:COUNT]
//                      [--set TABLE:N=V ...] [--copy FROM:TO ...] [--log FILE]
//                      [--run TABLE:FIRST:COUNT ...]
//   --port       0 (default) takes a free one; it is printed
//   --set        a first value: hr:11=250, ir:100=713, co:16=1, di:0=1
//   --copy       twenty times a second, a register follows another, so that an
//                actuator seems to obey: --copy hr:10:ir:10
//   --run        registers that change twenty times a second, each at its own
//                pace: --run ir:0:94
//   --bad        holding registers that do not exist
//   --log        append "TABLE:N OLD NEW" whenever a client changes a value
#include <getopt.h>
#include <stdio.h>

#include "modbus_peer.h"

#define COPIES 64

typedef struct cell {
  char table[3];
  unsigned n;
} cell;

typedef struct copy {
  cell from, to;
} copy;

typedef struct span {
  cell first;
  unsigned n;
} span;

typedef struct server {
  peer peer;
  copy copies[COPIES];
  int copy_n;
  span runs[COPIES];
  int run_n;
  const char *log;
} server;

static int usage(const char *what) {
  fprintf(stderr, "modbus_server: cannot understand '%s'\n", what);
  return 2;
}

static int is_cell(const cell *c) {
  return strstr("hr ir co di", c->table) && c->n < PEER_REGISTERS;
}

static int get(const peer_memory *m, const cell *c) {
  if (c->table[0] == 'h')
    return m->registers[c->n];
  if (c->table[0] == 'i')
    return m->input_registers[c->n];
  return c->table[0] == 'c' ? m->bits[c->n] : m->input_bits[c->n];
}

static void put(peer_memory *m, const cell *c, int value) {
  if (c->table[0] == 'h')
    m->registers[c->n] = (uint16_t)value;
  else if (c->table[0] == 'i')
    m->input_registers[c->n] = (uint16_t)value;
  else if (c->table[0] == 'c')
    m->bits[c->n] = value != 0;
  else
    m->input_bits[c->n] = value != 0;
}

static int take_set(server *s, const char *text) {
  cell c;
  int value;
  if (sscanf(text, "%2[a-z]:%u=%d", c.table, &c.n, &value) != 3 || !is_cell(&c))
    return -1;
  put(s->peer.m, &c, value);
  return 0;
}

static int take_copy(server *s, const char *text) {
  copy *c = &s->copies[s->copy_n];
  if (s->copy_n == COPIES ||
      sscanf(text, "%2[a-z]:%u:%2[a-z]:%u", c->from.table, &c->from.n,
             c->to.table, &c->to.n) != 4 ||
      !is_cell(&c->from) || !is_cell(&c->to))
    return -1;
  s->copy_n++;
  return 0;
}

static int take_run(server *s, const char *text) {
  span *r = &s->runs[s->run_n];
  if (s->run_n == COPIES ||
      sscanf(text, "%2[a-z]:%u:%u", r->first.table, &r->first.n, &r->n) != 3 ||
      !is_cell(&r->first) || r->n > PEER_REGISTERS - r->first.n)
    return -1;
  s->run_n++;
  return 0;
}

enum { PORT, UNIT, DELAY, MUTE, EXCEPTION, BAD, SET, COPY, RUN, LOG };

static int take_option(server *s, int option, const char *text) {
  peer_memory *m = s->peer.m;
  int first, n;
  switch (option) {
  case PORT:
    s->peer.port = atoi(text);
    return 0;
  case UNIT:
    m->unit_id = atoi(text);
    return 0;
  case DELAY:
    m->delay_ms = atoi(text);
    return 0;
  case MUTE:
    m->is_mute = 1;
    return 0;
  case EXCEPTION:
    m->exception = atoi(text);
    return 0;
  case BAD:
    if (sscanf(text, "%d:%d", &first, &n) != 2)
      return -1;
    m->bad_first = first;
    m->bad_n = n;
    return 0;
  case SET:
    return take_set(s, text);
  case COPY:
    return take_copy(s, text);
  case RUN:
    return take_run(s, text);
  case LOG:
    s->log = text;
    return 0;
  }
  return -1;
}

static int take_options(server *s, int argc, char **argv) {
  static const struct option options[] = {
      {"port", 1, NULL, PORT},   {"unit", 1, NULL, UNIT},
      {"delay", 1, NULL, DELAY}, {"mute", 0, NULL, MUTE},
      {"bad", 1, NULL, BAD},     {"exception", 1, NULL, EXCEPTION},
      {"set", 1, NULL, SET},     {"copy", 1, NULL, COPY},
      {"log", 1, NULL, LOG},     {"run", 1, NULL, RUN},
      {NULL, 0, NULL, 0}};
  for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
    if (c == '?' || take_option(s, c, optarg) < 0)
      return usage(optarg ? optarg : argv[optind - 1]);
  return optind < argc ? usage(argv[optind]) : 0;
}

// Tell what changed since the last look, then remember it.
static void note_changes(const peer_memory *m, peer_memory *before, FILE *log) {
  for (int i = 0; i < PEER_REGISTERS; i++) {
    if (m->registers[i] != before->registers[i])
      fprintf(log, "hr:%d %d %d\n", i, before->registers[i], m->registers[i]);
    if (m->bits[i] != before->bits[i])
      fprintf(log, "co:%d %d %d\n", i, before->bits[i], m->bits[i]);
  }
  memcpy(before->registers, m->registers, sizeof before->registers);
  memcpy(before->bits, m->bits, sizeof before->bits);
  fflush(log);
}

// Up and down between 200 and 1000, none at the pace of its neighbour.
static void run_on(peer_memory *m, const span *r, unsigned pass) {
  for (unsigned i = 0; i < r->n; i++) {
    unsigned at = pass * (1 + i % 7) % 1600;
    const cell c = {{r->first.table[0], r->first.table[1]}, r->first.n + i};
    put(m, &c, (int)(200 + (at < 800 ? at : 1600 - at)));
  }
}

// The peer serves in a child; this process plays the machine behind it.
static int run(server *s) {
  peer_memory *before = calloc(1, sizeof *before);
  FILE *log = s->log ? fopen(s->log, "ae") : NULL;
  if (!before || (s->log && !log) || peer_start(&s->peer) < 0) {
    fprintf(stderr, "modbus_server: %s\n", strerror(errno));
    return 3;
  }
  memcpy(before, s->peer.m, sizeof *before);
  printf("modbus_server: Modbus TCP on 127.0.0.1:%d\n", s->peer.port);
  fflush(stdout);
  for (unsigned pass = 0; waitpid(s->peer.pid, NULL, WNOHANG) == 0; pass++) {
    for (int i = 0; i < s->run_n; i++)
      run_on(s->peer.m, &s->runs[i], pass);
    for (int i = 0; i < s->copy_n; i++)
      put(s->peer.m, &s->copies[i].to, get(s->peer.m, &s->copies[i].from));
    if (log)
      note_changes(s->peer.m, before, log);
    usleep(50 * 1000);
  }
  return 1;
}

int main(int argc, char **argv) {
  server s = {.copy_n = 0};
  s.peer.m = mmap(NULL, sizeof *s.peer.m, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (s.peer.m == MAP_FAILED)
    return 3;
  s.peer.m->unit_id = 1;
  int rc = take_options(&s, argc, argv);
  return rc ? rc : run(&s);
}
