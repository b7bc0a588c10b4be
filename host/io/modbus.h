// Drivers for Modbus devices over TCP and over a serial line (RTU).
//
// Readings are gathered into few requests; a register that the device refuses
// costs only itself. Addresses: io/modbus_address.h.
// Source: Modbus Application Protocol 1.1b3 (limits per request, exceptions);
// Modbus Messaging on TCP/IP 1.0b (unit id).
#ifndef LW_IO_MODBUS_H
#define LW_IO_MODBUS_H

#include "linewright.h" // lw_driver_ops

extern const lw_driver_ops lw_modbus_tcp_ops;
extern const lw_driver_ops lw_modbus_rtu_ops;

#endif
