// Reading of many points of a Modbus device by few requests.
#ifndef LW_IO_MODBUS_READ_H
#define LW_IO_MODBUS_READ_H

#include <modbus.h> // modbus_t

#include "io/modbus_address.h"
#include "linewright.h" // lw_point, lw_sample

// Limits of one request. Source: Modbus Application Protocol 1.1b3, 6.1-6.4.
#define LW_MODBUS_REGISTERS_MAX 125
#define LW_MODBUS_BITS_MAX 2000

// A point that was refused alone is asked again after 1 s, doubling to 30 s.
#define LW_MODBUS_RETRY_MIN_NS INT64_C(1000000000)
#define LW_MODBUS_RETRY_MAX_NS INT64_C(30000000000)

typedef struct lw_modbus_point {
  lw_modbus_address at;
  int type, word_order;
  const char *name, *text; // channel, address as written: for messages
  int is_cut;              // a request must not reach across the gap before it
  int64_t retry_ns;        // refused alone: not asked before this
  int64_t pause_ns;        // 0 = not refused
  uint32_t out; // where its sample goes in this read, UINT32_MAX = not due
} lw_modbus_point;

typedef struct lw_modbus_reader {
  lw_modbus_point *points; // in the driver's order
  uint32_t *order;         // points by table and address
  uint32_t *list;          // scratch: those that are due, in that order
  uint32_t point_n;
  int gap;       // registers a request may read in vain to reach the next point
  int max_block; // registers per request
  int is_serial; // a garbled answer is asked for once more
  uint64_t request_n;                      // requests sent so far
  uint16_t words[LW_MODBUS_REGISTERS_MAX]; // scratch: one answer
  uint8_t bits[LW_MODBUS_BITS_MAX];
} lw_modbus_reader;

// Parse the points' addresses and order them. LW_E_SYNTAX, LW_E_NOMEM.
int lw_modbus_reader_init(lw_modbus_reader *r, const lw_point *points, size_t n,
                          lw_err *e);
void lw_modbus_reader_fini(lw_modbus_reader *r);
// A new connection: forget what the old device refused.
void lw_modbus_reader_reset(lw_modbus_reader *r);

// Read due points, as lw_driver_ops.read. e->text tells of a refused point even
// when the result is 0.
int lw_modbus_reader_run(lw_modbus_reader *r, modbus_t *bus, int64_t now_ns,
                         const uint32_t *due, size_t due_n, lw_sample *out,
                         lw_err *e);

// A serial port may serve several drivers, one per unit on the bus, even of
// several processes: whoever sends a request holds the port until its answer is
// there. Nothing to do over TCP.
void lw_modbus_take(modbus_t *bus, int is_serial);
void lw_modbus_give(modbus_t *bus, int is_serial);

// 1 when errno of libmodbus is the device's own refusal (an exception): the
// connection is sound.
int lw_modbus_is_exception(int code);
// errno of libmodbus as LW_E_*: PROTO an exception, TIMEOUT silence, CORRUPT an
// answer that makes no sense, IO a connection that is gone.
int lw_modbus_code(int code);

#endif
