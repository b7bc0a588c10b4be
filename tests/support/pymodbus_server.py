#!/usr/bin/env python3
"""A Modbus device by pymodbus: an independent peer for the driver's tests.

usage: pymodbus_server.py tcp PORT | rtu DEVICE

Unit 1. Holding registers and coils start at 0 and can be written; each input
register is 0x1234, each discrete input is set. Works with pymodbus 3.0 to 3.8.
"""
import sys

from pymodbus.datastore import (
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.server import StartSerialServer, StartTcpServer

SIZE = 2000


def make_context():
    unit = ModbusSlaveContext(
        co=ModbusSequentialDataBlock(0, [0] * SIZE),
        di=ModbusSequentialDataBlock(0, [1] * SIZE),
        hr=ModbusSequentialDataBlock(0, [0] * SIZE),
        ir=ModbusSequentialDataBlock(0, [0x1234] * SIZE),
    )
    return ModbusServerContext(slaves={1: unit}, single=False)


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
            context=make_context(), framer=rtu_framer(), port=where, baudrate=19200
        )


main()
