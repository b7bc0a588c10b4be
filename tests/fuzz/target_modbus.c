// Replies of a Modbus device: the driver reads over a real socket whose other
// end sends the input and closes. Good samples, bad ones or a lost connection.
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/modbus.h"

#define POINTS 4

static int listen_on(int *port) {
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof at;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) < 0 || listen(fd, 8) < 0 ||
      getsockname(fd, (struct sockaddr *)&at, &n) < 0)
    abort();
  *port = ntohs(at.sin_port);
  return fd;
}

static void exchange(void *self, int listener, const uint8_t *data, size_t n) {
  const lw_driver_ops *ops = &lw_modbus_tcp_ops;
  const uint32_t due[POINTS] = {0, 1, 2, 3};
  lw_sample out[POINTS] = {{0}};
  lw_err e;
  if (ops->open(self, &e) < 0)
    return;
  int fd = accept(listener, NULL, NULL);
  if (fd >= 0 && n > 0 && send(fd, data, n, MSG_NOSIGNAL) < 0)
    n = 0;
  if (fd >= 0)
    shutdown(fd, SHUT_WR);
  ops->read(self, 1, due, POINTS, out, &e);
  ops->close(self);
  if (fd >= 0)
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static int listener = -1, port;
  const lw_driver_ops *ops = &lw_modbus_tcp_ops;
  char text[8];
  if (listener < 0)
    listener = listen_on(&port);
  snprintf(text, sizeof text, "%d", port);
  const lw_option options[] = {{"host", "127.0.0.1"},
                               {"port", text},
                               {"unit_id", "1"},
                               {"timeout", "0.05"}};
  const lw_point points[POINTS] = {
      {.name = "a", .address = "40001", .type = LW_TYPE_u16, .access = LW_READ},
      {.name = "b", .address = "40002", .type = LW_TYPE_f32, .access = LW_READ},
      {.name = "c", .address = "30010", .type = LW_TYPE_s16, .access = LW_READ},
      {.name = "d",
       .address = "00017",
       .type = LW_TYPE_bool,
       .access = LW_READ}};
  void *self = calloc(1, ops->state_size);
  lw_err e;
  if (self && ops->init(self, options, 4, points, POINTS, &e) == 0) {
    exchange(self, listener, data, n);
    ops->fini(self);
  }
  free(self);
  return 0;
}
