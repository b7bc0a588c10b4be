#include "io/modbus.h"

#include <errno.h>  // errno
#include <math.h>   // trunc
#include <netdb.h>  // getaddrinfo
#include <stdio.h>  // snprintf
#include <string.h> // strcmp

#include "io/io.h" // lw_io_library
#include "io/modbus_read.h"
#include "io/modbus_write.h"
#include "io/registry.h" // lw_option_text

typedef struct modbus_driver {
  modbus_t *bus; // NULL while closed
  const char *host, *device;
  char port[8];
  char where[80]; // for messages: "127.0.0.1:1502", "/dev/ttyS0"
  int is_serial;
  int unit_id, baud, data_bits, stop_bits;
  char parity;
  double timeout_s;
  int style; // LW_MODBUS_AUTO, ...
  lw_modbus_reader reader;
  int is_silent; // the last call failed, but the port is there
  int has_watchdog;
  lw_modbus_address watchdog;
  uint16_t beats;
} modbus_driver;

// An option that must be a whole number within lo..hi.
typedef struct whole {
  const char *name;
  int lo, hi, otherwise;
  int *out;
} whole;

static int take_whole(const lw_option *o, size_t n, const whole *w, lw_err *e) {
  double v = lw_option_number(o, n, w->name, w->otherwise);
  if (!(v >= w->lo && v <= w->hi) || v != trunc(v))
    return lw_err_set(e, LW_E_RANGE,
                      "option %s = %s should be a whole number, %d to %d",
                      w->name, lw_option_text(o, n, w->name), w->lo, w->hi);
  *w->out = (int)v;
  return 0;
}

static int take_wholes(const lw_option *o, size_t n, const whole *w,
                       size_t whole_n, lw_err *e) {
  for (size_t i = 0; i < whole_n; i++) {
    int rc = take_whole(o, n, &w[i], e);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int take_style(modbus_driver *d, const char *text, lw_err *e) {
  d->style = LW_MODBUS_AUTO;
  if (!text || !strcmp(text, "auto"))
    return 0;
  d->style = !strcmp(text, "single") ? LW_MODBUS_SINGLE : LW_MODBUS_MULTIPLE;
  if (d->style == LW_MODBUS_SINGLE || !strcmp(text, "multiple"))
    return 0;
  return lw_err_set(e, LW_E_SYNTAX,
                    "option write = '%s' should be auto, single or multiple",
                    text);
}

static int take_watchdog(modbus_driver *d, const lw_option *o, size_t n,
                         lw_err *e) {
  const char *text = lw_option_text(o, n, "watchdog.register");
  if (!text && lw_option_text(o, n, "watchdog.every"))
    return lw_err_set(e, LW_E_SYNTAX,
                      "option watchdog.register is missing: which register or "
                      "coil is told that the host lives?");
  if (!text)
    return 0;
  d->has_watchdog = 1;
  const double every_s = lw_option_number(o, n, "watchdog.every", 0.25);
  if (!(every_s >= 0.001 && every_s <= 60))
    return lw_err_set(e, LW_E_RANGE,
                      "option watchdog.every = %s s should be 1 ms to 60 s",
                      lw_option_text(o, n, "watchdog.every"));
  // A coil is a bool, a register a counter: whichever the address fits.
  if (lw_modbus_address_parse(text, LW_TYPE_bool, LW_WRITE, &d->watchdog, e) <
      0)
    return LW_E_SYNTAX;
  return 0;
}

static int init_common(modbus_driver *d, const lw_option *o, size_t n,
                       const lw_point *points, size_t point_n, lw_err *e) {
  const whole wholes[] = {{"unit_id", 0, 255, 1, &d->unit_id},
                          {"gap", 0, 124, 8, &d->reader.gap},
                          {"max_block", 4, LW_MODBUS_REGISTERS_MAX,
                           LW_MODBUS_REGISTERS_MAX, &d->reader.max_block}};
  int rc = take_wholes(o, n, wholes, sizeof wholes / sizeof wholes[0], e);
  if (rc == 0)
    rc = take_style(d, lw_option_text(o, n, "write"), e);
  if (rc == 0)
    rc = take_watchdog(d, o, n, e);
  d->timeout_s = lw_option_number(o, n, "timeout", 0.5);
  if (rc == 0 && !(d->timeout_s >= 0.001 && d->timeout_s <= 60))
    rc = lw_err_set(e, LW_E_RANGE,
                    "option timeout = %s s should be 1 ms to 60 s; a bare "
                    "number is seconds, write \"300 ms\"",
                    lw_option_text(o, n, "timeout"));
  return rc < 0 ? rc : lw_modbus_reader_init(&d->reader, points, point_n, e);
}

static int tcp_init(void *self, const lw_option *o, size_t n,
                    const lw_point *points, size_t point_n, lw_err *e) {
  modbus_driver *d = self;
  int port;
  const whole wholes[] = {{"port", 1, 65535, 502, &port}};
  int rc = take_wholes(o, n, wholes, 1, e);
  if (rc < 0)
    return rc;
  d->host = lw_option_text(o, n, "host");
  snprintf(d->port, sizeof d->port, "%d", port);
  snprintf(d->where, sizeof d->where, "%.60s:%s", d->host, d->port);
  return init_common(d, o, n, points, point_n, e);
}

static int rtu_init(void *self, const lw_option *o, size_t n,
                    const lw_point *points, size_t point_n, lw_err *e) {
  modbus_driver *d = self;
  const whole wholes[] = {{"baud", 300, 4000000, 19200, &d->baud},
                          {"data_bits", 5, 8, 8, &d->data_bits},
                          {"stop_bits", 1, 2, 1, &d->stop_bits}};
  int rc = take_wholes(o, n, wholes, 3, e);
  if (rc < 0)
    return rc;
  const char *parity = lw_option_text(o, n, "parity");
  parity = parity ? parity : "even"; // the standard's default
  if (strcmp(parity, "none") && strcmp(parity, "even") && strcmp(parity, "odd"))
    return lw_err_set(e, LW_E_SYNTAX,
                      "option parity = '%s' should be none, even or odd",
                      parity);
  d->parity = parity[0] == 'n' ? 'N' : parity[0] == 'e' ? 'E' : 'O';
  d->device = lw_option_text(o, n, "device");
  d->is_serial = d->reader.is_serial = 1;
  snprintf(d->where, sizeof d->where, "%.70s", d->device);
  return init_common(d, o, n, points, point_n, e);
}

static void drop_bus(modbus_driver *d) {
  if (!d->bus)
    return;
  modbus_close(d->bus);
  modbus_free(d->bus);
  d->bus = NULL;
}

// Closing a serial port gives it back its old speed, under the hands of other
// units' drivers: one whose unit is merely silent stays open.
static void close_bus(void *self) {
  modbus_driver *d = self;
  if (!d->is_serial || !d->is_silent)
    drop_bus(d);
}

// Remember how the last call ended, for close_bus.
static int kept(modbus_driver *d, int rc) {
  d->is_silent = rc == LW_E_TIMEOUT || rc == LW_E_CORRUPT;
  return rc;
}

static void fini_bus(void *self) {
  modbus_driver *d = self;
  drop_bus(d);
  lw_modbus_reader_fini(&d->reader);
}

static int check_tcp(const lw_option *o, size_t n, lw_err *e) {
  modbus_driver d = {0};
  int rc = tcp_init(&d, o, n, NULL, 0, e);
  fini_bus(&d);
  return rc;
}

static int check_rtu(const lw_option *o, size_t n, lw_err *e) {
  modbus_driver d = {0};
  int rc = rtu_init(&d, o, n, NULL, 0, e);
  fini_bus(&d);
  return rc;
}

// libmodbus takes a name that nobody knows for a connection that is refused.
static const char *why_not_reached(const modbus_driver *d, int code) {
  struct addrinfo hint = {.ai_socktype = SOCK_STREAM}, *found = NULL;
  int rc = d->is_serial ? 0 : getaddrinfo(d->host, d->port, &hint, &found);
  if (found)
    freeaddrinfo(found);
  return rc && rc != EAI_SYSTEM ? gai_strerror(rc) : modbus_strerror(code);
}

static int open_bus(void *self, lw_err *e) {
  modbus_driver *d = self;
  if (d->bus) { // a serial port that was kept
    lw_modbus_reader_reset(&d->reader);
    return 0;
  }
  // The protocol-independent back end also takes host names and IPv6.
  d->bus = d->is_serial ? modbus_new_rtu(d->device, d->baud, d->parity,
                                         d->data_bits, d->stop_bits)
                        : modbus_new_tcp_pi(d->host, d->port);
  if (!d->bus)
    return lw_err_set(e, LW_E_IO, "%s: %s", d->where, modbus_strerror(errno));
  uint32_t s = (uint32_t)d->timeout_s;
  uint32_t us = (uint32_t)((d->timeout_s - s) * 1e6);
  modbus_set_response_timeout(d->bus, s, us);
  // Over TCP an answer must be whole by then; a serial line may be so slow that
  // only its bytes can be waited for.
  modbus_set_byte_timeout(d->bus, d->is_serial ? s : 0, d->is_serial ? us : 0);
  // libmodbus would say 0xFF over TCP, which strict servers do not answer.
  if (modbus_set_slave(d->bus, d->unit_id) < 0 || modbus_connect(d->bus) < 0) {
    int code = lw_modbus_code(errno);
    lw_err_set(e, code, "no connection to %s: %s", d->where,
               why_not_reached(d, errno));
    drop_bus(d);
    return code;
  }
  // After a garbled answer on a serial line, wait until the line is quiet.
  if (d->is_serial)
    modbus_set_error_recovery(d->bus, MODBUS_ERROR_RECOVERY_PROTOCOL);
  modbus_flush(d->bus);
  lw_modbus_reader_reset(&d->reader);
  return 0;
}

static int read_points(void *self, int64_t now_ns, const uint32_t *due,
                       size_t due_n, lw_sample *out, lw_err *e) {
  modbus_driver *d = self;
  return kept(
      d, lw_modbus_reader_run(&d->reader, d->bus, now_ns, due, due_n, out, e));
}

static int write_points(void *self, const uint32_t *which, const double *raw,
                        size_t n, lw_err *e) {
  modbus_driver *d = self;
  lw_modbus_writer w = {d->bus, d->reader.points, d->style, d->is_serial};
  return kept(d, lw_modbus_write(&w, which, raw, n, e));
}

// A register counts, a coil toggles: either way it changes at each beat.
static int beat_bus(void *self, lw_err *e) {
  modbus_driver *d = self;
  if (!d->has_watchdog)
    return 0;
  lw_modbus_point p = {
      .at = d->watchdog, .type = LW_TYPE_u16, .text = "the watchdog"};
  d->beats++;
  double value = lw_modbus_is_bits(p.at.table) ? d->beats & 1 : d->beats;
  uint32_t which = 0;
  lw_modbus_writer w = {d->bus, &p, d->style, d->is_serial};
  return kept(d, lw_modbus_write(&w, &which, &value, 1, e));
}

static int check_address(const char *address, int type, int access, lw_err *e) {
  lw_modbus_address unused;
  return lw_modbus_address_parse(address, type, access, &unused, e);
}

#define COMMON_OPTIONS                                                         \
  {"unit_id", 'n', 0, "unit id of the device, 0 to 255, default 1"},           \
      {"timeout", 'd', 0, "longest wait for an answer, default 500 ms"},       \
      {"gap", 'n', 0, "registers read in vain to join requests, default 8"},   \
      {"max_block", 'n', 0, "registers per request, 4 to 125, default 125"},   \
      {"write", 's', 0,                                                        \
       "function codes: auto (default), single (5, 6), multiple (15, 16)"},    \
      {"watchdog.register", 's', 0,                                            \
       "register that counts, or coil that toggles, while the host is well"},  \
  {                                                                            \
    "watchdog.every", 'd', 0, "interval of the watchdog, default 250 ms"       \
  }

static const lw_option_spec tcp_options[] = {
    {"host", 's', 1, "name or address of the device"},
    {"port", 'n', 0, "TCP port, default 502"},
    COMMON_OPTIONS,
    {NULL, 0, 0, NULL}};

static const lw_option_spec rtu_options[] = {
    {"device", 's', 1, "serial port, e.g. /dev/ttyUSB0"},
    {"baud", 'n', 0, "bits per second, default 19200"},
    {"parity", 's', 0, "none, even (default) or odd"},
    {"data_bits", 'n', 0, "5 to 8, default 8"},
    {"stop_bits", 'n', 0, "1 (default) or 2"},
    COMMON_OPTIONS,
    {NULL, 0, 0, NULL}};

// What the two ways to the device share.
#define MODBUS_BUS                                                             \
  .state_size = sizeof(modbus_driver), .check_address = check_address,         \
  .open = open_bus, .read = read_points, .write = write_points,                \
  .beat = beat_bus, .close = close_bus, .fini = fini_bus

const lw_driver_ops lw_modbus_tcp_ops = {.kind = "modbus_tcp",
                                         .help = "Modbus over TCP",
                                         .options = tcp_options,
                                         .check_options = check_tcp,
                                         .init = tcp_init,
                                         MODBUS_BUS};

const lw_driver_ops lw_modbus_rtu_ops = {.kind = "modbus_rtu",
                                         .help = "Modbus over a serial line",
                                         .options = rtu_options,
                                         .check_options = check_rtu,
                                         .init = rtu_init,
                                         MODBUS_BUS};

char *lw_io_library(char *buf, size_t n) {
  snprintf(buf, n, "%u.%u.%u", libmodbus_version_major, libmodbus_version_minor,
           libmodbus_version_micro);
  return buf;
}
