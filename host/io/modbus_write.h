// Writing of points of a Modbus device: neighbours share a request.
#ifndef LW_IO_MODBUS_WRITE_H
#define LW_IO_MODBUS_WRITE_H

#include <modbus.h> // modbus_t

#include "io/modbus_read.h" // lw_modbus_point

// Which function codes a device likes to be written with.
enum {
  LW_MODBUS_AUTO,     // 5 and 6 for one value, 15 and 16 for several
  LW_MODBUS_SINGLE,   // 5 and 6 only (one-word values)
  LW_MODBUS_MULTIPLE, // 15 and 16 only
};

// Limits of one request. Source: Modbus Application Protocol 1.1b3, 6.11, 6.12.
#define LW_MODBUS_WRITE_REGISTERS_MAX 123
#define LW_MODBUS_WRITE_BITS_MAX 1968

typedef struct lw_modbus_writer {
  modbus_t *bus;
  const lw_modbus_point *points;
  int style;     // LW_MODBUS_AUTO, ...
  int is_serial; // see lw_modbus_take
} lw_modbus_writer;

// Write raw[i] to points[which[i]], as lw_driver_ops.write.
int lw_modbus_write(const lw_modbus_writer *w, const uint32_t *which,
                    const double *raw, size_t n, lw_err *e);

#endif
