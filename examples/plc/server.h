// The PLC's Modbus TCP door: several clients, strict about its register list.
#ifndef PLC_SERVER_H
#define PLC_SERVER_H

#include <modbus.h> // modbus_t
#include <poll.h>   // struct pollfd

#include "plc.h"

#define CLIENTS 16
#define UNIT_ID 1

typedef struct server {
  modbus_t *bus;
  int port;
  int n;                          // clients
  struct pollfd fds[1 + CLIENTS]; // the door, then the clients
} server;

// Listen on host:port (port 0: any free one, then in s->port). Returns 0, or -1
// with errno.
int server_open(server *s, const char *host, int port);
void server_close(server *s);

// Take part in a poll: fill fds, then handle what happened.
void server_handle(server *s, plc *p, int64_t now_ns);

#endif
