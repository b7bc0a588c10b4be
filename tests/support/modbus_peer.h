// A Modbus device for tests and benches: a libmodbus server in a child process,
// whose registers, habits and counters the parent sees in shared memory.
#ifndef TESTS_SUPPORT_MODBUS_PEER_H
#define TESTS_SUPPORT_MODBUS_PEER_H

#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEER_REGISTERS 65536
#define PEER_CLIENTS 16

typedef struct peer_memory {
  uint8_t bits[PEER_REGISTERS], input_bits[PEER_REGISTERS];
  uint16_t registers[PEER_REGISTERS], input_registers[PEER_REGISTERS];
  // Habits, changed by the test while the peer runs.
  volatile int unit_id;          // answers only to this one
  volatile int is_deaf;          // acknowledges writes and ignores them
  volatile int is_mute;          // takes requests, never answers
  volatile int exception;        // answers everything with this exception
  volatile int delay_ms;         // before each answer
  volatile int bad_first, bad_n; // holding registers that do not exist
  volatile int drip_ms;          // answers reads byte by byte, pauses between
  volatile int garbled;          // so many answers are spoilt on the wire
  volatile int max_write;        // refuses register values above, 0 = none
  volatile unsigned damage; // a seed: each answer is damaged somehow, 0 = none
  // What it saw.
  volatile unsigned requests, connections, calls[256], refused;
  volatile int widest; // most registers or bits asked for in one request
} peer_memory;

typedef struct peer {
  peer_memory *m;
  int port;
  pid_t pid;
} peer;

static inline int peer_is_write(int function) {
  return function == 5 || function == 6 || function == 15 || function == 16;
}

// The exception a request deserves, 0 = none. pdu points to the function code.
static inline int peer_judge(const peer_memory *m, const uint8_t *pdu) {
  int function = pdu[0], first = pdu[1] << 8 | pdu[2];
  int n = function == 5 || function == 6 ? 1 : pdu[3] << 8 | pdu[4];
  if (m->exception)
    return m->exception;
  int is_holding = function == 3 || function == 6 || function == 16;
  if (is_holding && m->bad_n && first < m->bad_first + m->bad_n &&
      m->bad_first < first + n)
    return MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
  if (m->max_write && function == 6 && (pdu[3] << 8 | pdu[4]) > m->max_write)
    return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
  for (int i = 0; m->max_write && function == 16 && i < n; i++)
    if ((pdu[6 + 2 * i] << 8 | pdu[7 + 2 * i]) > m->max_write)
      return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
  return 0;
}

static inline void peer_note(peer_memory *m, const uint8_t *pdu) {
  int n = pdu[3] << 8 | pdu[4];
  m->requests++;
  m->calls[pdu[0]]++;
  if (pdu[0] != 5 && pdu[0] != 6 && n > m->widest)
    m->widest = n;
}

// A sound answer over TCP to a read of holding registers, then a few bytes of
// it changed, cut off or added.
static inline void peer_damage(peer_memory *m, int fd, const uint8_t *query) {
  uint8_t a[300] = {query[0], query[1], 0, 0, 0, 0, query[6], query[7]};
  unsigned *seed = (unsigned *)&m->damage;
  size_t n = (size_t)(query[10] << 8 | query[11]) * 2;
  n = n > 250 ? 250 : n;
  a[5] = (uint8_t)(3 + n);
  a[8] = (uint8_t)n;
  n += 9;
  for (int i = rand_r(seed) % 4; i > 0; i--)
    a[(unsigned)rand_r(seed) % (rand_r(seed) % 2 ? 9 : n)] =
        (uint8_t)rand_r(seed);
  if (rand_r(seed) % 4 == 0)
    n = 1 + (unsigned)rand_r(seed) % (n + 30);
  m->damage |= 1; // never "none" by chance
  if (send(fd, a, n, MSG_NOSIGNAL) < 0)
    return;
}

// A sound answer over TCP to a read of zeros in holding registers, each byte
// after a pause.
static inline void peer_drip(const peer_memory *m, int fd,
                             const uint8_t *query) {
  uint8_t a[300] = {query[0], query[1], 0, 0, 0, 0, query[6], query[7]};
  a[8] = (uint8_t)(2 * query[11]);
  a[5] = (uint8_t)(3 + a[8]);
  for (int i = 0; i < 9 + a[8] && m->drip_ms; i++) {
    usleep((useconds_t)m->drip_ms * 1000);
    if (send(fd, a + i, 1, MSG_NOSIGNAL) < 0)
      return;
  }
}

// Answer one request that came over ctx. `header` bytes precede the function.
static inline void peer_answer(peer_memory *m, modbus_t *ctx, uint8_t *query,
                               int length, int header) {
  modbus_mapping_t map = {.nb_bits = PEER_REGISTERS,
                          .nb_input_bits = PEER_REGISTERS,
                          .nb_input_registers = PEER_REGISTERS,
                          .nb_registers = PEER_REGISTERS,
                          .tab_bits = m->bits,
                          .tab_input_bits = m->input_bits,
                          .tab_input_registers = m->input_registers,
                          .tab_registers = m->registers};
  static uint16_t lost_registers[PEER_REGISTERS];
  static uint8_t lost_bits[PEER_REGISTERS];
  if (m->is_deaf && peer_is_write(query[header])) {
    map.tab_registers = lost_registers;
    map.tab_bits = lost_bits;
  }
  peer_note(m, query + header);
  if (m->is_mute || query[header - 1] != m->unit_id)
    return;
  if (m->delay_ms)
    usleep((useconds_t)m->delay_ms * 1000);
  if (m->garbled > 0) { // an answer of the right length with a wrong sum
    m->garbled--;
    if (write(modbus_get_socket(ctx), "\x01\x03\x02\xFF\xFF\x01\x01", 7) < 0)
      _exit(1);
    return;
  }
  if (m->drip_ms) {
    peer_drip(m, modbus_get_socket(ctx), query);
    return;
  }
  if (m->damage) {
    peer_damage(m, modbus_get_socket(ctx), query);
    return;
  }
  int exception = peer_judge(m, query + header);
  if (exception) {
    m->refused++;
    modbus_reply_exception(ctx, query, (unsigned)exception);
    return;
  }
  modbus_reply(ctx, query, length, &map);
}

static inline int peer_listen(int *port) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                          .sin_port = htons((uint16_t)*port)};
  socklen_t n = sizeof a;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, 8) < 0 ||
      getsockname(fd, (struct sockaddr *)&a, &n) < 0)
    return -1;
  *port = ntohs(a.sin_port);
  return fd;
}

// Serve until killed: one client's request after the other.
static inline void peer_serve(peer_memory *m, int listener) {
  modbus_t *ctx = modbus_new_tcp("127.0.0.1", 1502);
  struct pollfd fds[1 + PEER_CLIENTS] = {{.fd = listener, .events = POLLIN}};
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  int one = 1, n = 1;
  while (poll(fds, (nfds_t)n, -1) >= 0 || errno == EINTR) {
    if ((fds[0].revents & POLLIN) && n <= PEER_CLIENTS) {
      int fd = accept(listener, NULL, NULL);
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
      m->connections++;
    }
    for (int i = 1; i < n; i++) {
      if (!fds[i].revents)
        continue;
      modbus_set_socket(ctx, fds[i].fd);
      int length = modbus_receive(ctx, query);
      if (length > 0) {
        peer_answer(m, ctx, query, length, 7);
      } else if (length < 0) {
        close(fds[i].fd);
        fds[i--] = fds[--n];
      }
    }
  }
  _exit(0);
}

// Start a device on a port (0 = any free one); its memory survives a kill, so
// that it can be started again.
static inline int peer_start(peer *p) {
  if (!p->m) {
    p->m = mmap(NULL, sizeof *p->m, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p->m == MAP_FAILED)
      return -1;
    p->m->unit_id = 1;
  }
  int listener = peer_listen(&p->port);
  if (listener < 0)
    return -1;
  p->pid = fork();
  if (p->pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    peer_serve(p->m, listener);
  }
  close(listener);
  return p->pid > 0 ? 0 : -1;
}

// The same on a serial line, given the path of a port.
static inline int peer_start_rtu(peer *p, const char *device) {
  p->m = mmap(NULL, sizeof *p->m, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (p->m == MAP_FAILED)
    return -1;
  p->m->unit_id = 1;
  p->pid = fork();
  if (p->pid != 0)
    return p->pid > 0 ? 0 : -1;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
  modbus_t *ctx = modbus_new_rtu(device, 19200, 'N', 8, 1);
  modbus_set_slave(ctx, 1);
  if (modbus_connect(ctx) < 0)
    _exit(1);
  for (;;) {
    int length = modbus_receive(ctx, query);
    if (length > 0)
      peer_answer(p->m, ctx, query, length, 1);
    else if (length < 0)
      modbus_flush(ctx); // a garbled telegram
  }
}

static inline void peer_kill(peer *p) {
  if (p->pid > 0) {
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
  }
  p->pid = 0;
}

static inline void peer_fini(peer *p) {
  peer_kill(p);
  if (p->m)
    munmap(p->m, sizeof *p->m);
  p->m = NULL;
}

#endif
