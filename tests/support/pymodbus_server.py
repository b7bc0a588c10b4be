#!/usr/bin/env python3
"""A Modbus device by pymodbus: an independent peer for the driver's tests.

usage: pymodbus_server.py tcp PORT | rtu DEVICE

Units 1 and 2; to others it is silent. Holding registers and coils start at 0 and
can be written; each discrete input is set, each input register of unit 1 is
0x1234, of unit 2 0x2234. Works with pymodbus 3.0 to 3.8.
"""
import sys

from pymodbus.datastore import (
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.server import StartSerialServer, StartTcpServer

SIZE = 2000


def make_unit(word):
    return ModbusSlaveContext(
        co=ModbusSequentialDataBlock(0, [0] * SIZE),
        di=ModbusSequentialDataBlock(0, [1] * SIZE),
        hr=ModbusSequentialDataBlock(0, [0] * SIZE),
        ir=ModbusSequentialDataBlock(0, [word] * SIZE),
    )


def make_context():
    units = {1: make_unit(0x1234), 2: make_unit(0x2234)}
    return ModbusServerContext(slaves=units, single=False)


def rtu_framer():
    try:
        from pymodbus.framer import FramerType

        return FramerType.RTU
    except ImportError:
        from pymodbus.framer.rtu_framer import ModbusRtuFramer

        return ModbusRtuFramer


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("tcp", "rtu"):
        sys.exit(__doc__)
    kind, where = sys.argv[1:]
    if kind == "tcp":
        StartTcpServer(context=make_context(), address=("127.0.0.1", int(where)))
    else:
        StartSerialServer(
            context=make_context(),
            framer=rtu_framer(),
            port=where,
            baudrate=19200,
            ignore_missing_slaves=True,
        )


main()
