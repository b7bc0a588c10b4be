#include "server.h"

#include <arpa/inet.h>   // inet_pton
#include <errno.h>       // errno
#include <netinet/tcp.h> // TCP_NODELAY
#include <string.h>      // memmove
#include <sys/socket.h>  // socket
#include <unistd.h>      // close

#define HEADER 7 // bytes before the function code, over TCP

int server_open(server *s, const char *host, int port) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_port = htons((uint16_t)port)};
  socklen_t n = sizeof a;
  int one = 1, fd;
  if (inet_pton(AF_INET, host, &a.sin_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, 8) < 0 ||
      getsockname(fd, (struct sockaddr *)&a, &n) < 0) {
    int code = errno;
    close(fd);
    errno = code;
    return -1;
  }
  *s = (server){.bus = modbus_new_tcp("127.0.0.1", 1502),
                .port = ntohs(a.sin_port)};
  s->fds[0] = (struct pollfd){.fd = fd, .events = POLLIN};
  // A client that stops in the middle of a telegram must not stop the cycle.
  modbus_set_byte_timeout(s->bus, 0, 20000);
  modbus_set_indication_timeout(s->bus, 0, 20000);
  return 0;
}

void server_close(server *s) {
  for (int i = 0; i <= s->n; i++)
    close(s->fds[i].fd);
  modbus_free(s->bus);
}

static char table_of(int function) {
  switch (function) {
  case MODBUS_FC_READ_COILS:
  case MODBUS_FC_WRITE_SINGLE_COIL:
  case MODBUS_FC_WRITE_MULTIPLE_COILS:
    return '0';
  case MODBUS_FC_READ_DISCRETE_INPUTS:
    return '1';
  case MODBUS_FC_READ_INPUT_REGISTERS:
    return '3';
  case MODBUS_FC_READ_HOLDING_REGISTERS:
  case MODBUS_FC_WRITE_SINGLE_REGISTER:
  case MODBUS_FC_WRITE_MULTIPLE_REGISTERS:
    return '4';
  }
  return 0;
}

// A request taken apart. `pdu` starts at the function code.
typedef struct request {
  const uint8_t *pdu;
  int function, first, n;
  char table;
} request;

static int word_at(const uint8_t *at) {
  return at[0] << 8 | at[1];
}

// The count that the request writes to its i-th register.
static int written(const request *r, int i) {
  switch (r->function) {
  case MODBUS_FC_WRITE_SINGLE_COIL:
    return word_at(r->pdu + 3) == 0xFF00;
  case MODBUS_FC_WRITE_SINGLE_REGISTER:
    return word_at(r->pdu + 3);
  case MODBUS_FC_WRITE_MULTIPLE_COILS:
    return r->pdu[6 + i / 8] >> (i % 8) & 1;
  default:
    return word_at(r->pdu + 6 + 2 * i);
  }
}

static int is_write(const request *r) {
  return r->function == MODBUS_FC_WRITE_SINGLE_COIL ||
         r->function == MODBUS_FC_WRITE_SINGLE_REGISTER ||
         r->function == MODBUS_FC_WRITE_MULTIPLE_COILS ||
         r->function == MODBUS_FC_WRITE_MULTIPLE_REGISTERS;
}

// Unlike many test servers, a PLC refuses what its list does not name.
static int judge(const request *r, int unit) {
  if (unit != UNIT_ID)
    return MODBUS_EXCEPTION_GATEWAY_TARGET;
  if (!r->table)
    return MODBUS_EXCEPTION_ILLEGAL_FUNCTION;
  for (int i = 0; i < r->n; i++) {
    int reg = registers_find(r->table, r->first + i);
    if (reg < 0)
      return MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
    if (is_write(r) && !registers_takes(reg, written(r, i)))
      return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
  }
  return 0;
}

static void answer(server *s, plc *p, const uint8_t *query, int length,
                   int64_t now_ns) {
  request r = {.pdu = query + HEADER, .function = query[HEADER]};
  r.table = table_of(r.function);
  r.first = word_at(r.pdu + 1);
  int is_single = r.function == MODBUS_FC_WRITE_SINGLE_COIL ||
                  r.function == MODBUS_FC_WRITE_SINGLE_REGISTER;
  r.n = is_single ? 1 : word_at(r.pdu + 3);
  int exception = judge(&r, query[HEADER - 1]);
  if (exception) {
    plc_note(p, now_ns, "refuse function %d address %d count %d exception %d",
             r.function, r.first, r.n, exception);
    modbus_reply_exception(s->bus, query, (unsigned)exception);
    return;
  }
  for (int i = 0; is_write(&r) && i < r.n; i++)
    plc_write(p, registers_find(r.table, r.first + i), written(&r, i), now_ns);
  registers *m = &p->memory;
  modbus_mapping_t map = {.nb_bits = TABLE_SIZE,
                          .nb_input_bits = TABLE_SIZE,
                          .nb_input_registers = TABLE_SIZE,
                          .nb_registers = TABLE_SIZE,
                          .tab_bits = m->coils,
                          .tab_input_bits = m->inputs,
                          .tab_input_registers = m->input_registers,
                          .tab_registers = m->holding};
  modbus_reply(s->bus, query, length, &map);
}

static void take_client(server *s, plc *p, int64_t now_ns) {
  int one = 1, fd = accept4(s->fds[0].fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0)
    return;
  if (s->n == CLIENTS) {
    close(fd);
    plc_note(p, now_ns, "refuse client: %d are connected", CLIENTS);
    return;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  s->fds[++s->n] = (struct pollfd){.fd = fd, .events = POLLIN};
  plc_note(p, now_ns, "client on (%d)", s->n);
}

static void drop_client(server *s, plc *p, int i, int64_t now_ns) {
  close(s->fds[i].fd);
  s->fds[i] = s->fds[s->n--];
  plc_note(p, now_ns, "client off (%d)", s->n);
}

void server_handle(server *s, plc *p, int64_t now_ns) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  for (int i = s->n; i >= 1; i--) {
    if (!s->fds[i].revents)
      continue;
    modbus_set_socket(s->bus, s->fds[i].fd);
    int length = modbus_receive(s->bus, query);
    if (length > 0)
      answer(s, p, query, length, now_ns);
    else if (length < 0)
      drop_client(s, p, i, now_ns);
  }
  if (s->fds[0].revents)
    take_client(s, p, now_ns);
}
