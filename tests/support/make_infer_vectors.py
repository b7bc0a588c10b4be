#!/usr/bin/env python3
"""Make tests/data/infer/*.json and *.rows: small XGBoost models and what
XGBoost itself predicts, through its C library (Debian: libxgboost-dev).

  tests/support/make_infer_vectors.py tests/data/infer
"""

import ctypes
import math
import random
import struct
import sys

LIB = ctypes.CDLL("libxgboost.so.0" if len(sys.argv) < 3 else sys.argv[2])
FEATURES = 8


def check(code):
    if code:
        LIB.XGBGetLastError.restype = ctypes.c_char_p
        raise RuntimeError(LIB.XGBGetLastError().decode())


def matrix(rows):
    flat = [x for row in rows for x in row]
    data = (ctypes.c_float * len(flat))(*flat)
    handle = ctypes.c_void_p()
    check(LIB.XGDMatrixCreateFromMat(data, ctypes.c_uint64(len(rows)), ctypes.c_uint64(FEATURES),
                                     ctypes.c_float(math.nan), ctypes.byref(handle)))
    return handle


def booster(rows, labels, params, rounds):
    train = matrix(rows)
    data = (ctypes.c_float * len(labels))(*labels)
    check(LIB.XGDMatrixSetFloatInfo(train, b"label", data, ctypes.c_uint64(len(labels))))
    b = ctypes.c_void_p()
    check(LIB.XGBoosterCreate((ctypes.c_void_p * 1)(train), ctypes.c_uint64(1), ctypes.byref(b)))
    for key, value in params.items():
        check(LIB.XGBoosterSetParam(b, key.encode(), str(value).encode()))
    for i in range(rounds):
        check(LIB.XGBoosterUpdateOneIter(b, i, train))
    return b


def predict(b, rows):
    n = ctypes.c_uint64()
    out = ctypes.POINTER(ctypes.c_float)()
    check(LIB.XGBoosterPredict(b, matrix(rows), 0, 0, 0, ctypes.byref(n), ctypes.byref(out)))
    return [out[i] for i in range(n.value)]


def some_rows(chance, n):
    return [[math.nan if chance.random() < 0.03 else
             struct.unpack("f", struct.pack("f", chance.gauss(0, 1)))[0]
             for _ in range(FEATURES)] for _ in range(n)]


def target(row):
    x = [0 if math.isnan(v) else v for v in row]
    return x[0] + x[1] * x[2] + math.sin(3 * x[3]) + (x[4] > 0.5)


CASES = {
    "regression": ({"objective": "reg:squarederror"}, lambda y: y, 11),
    "logistic": ({"objective": "binary:logistic", "base_score": 0.3}, lambda y: y > 0.5, 9),
    "classes": ({"objective": "multi:softprob", "num_class": 3},
                lambda y: 0 if y < 0 else 1 if y < 1 else 2, 4),
    "deep": ({"objective": "reg:squarederror", "max_depth": 13}, lambda y: y, 2),
}


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    """A number, or the bytes of a text, message or raw data."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name, dims, numbers):
    return b"".join(field(1, d) for d in dims) + field(2, 1) + field(8, name) + field(
        9, struct.pack("<%df" % len(numbers), *numbers))


def node(op, inputs, output):
    return b"".join(field(1, i) for i in inputs) + field(2, output) + field(4, op)


def value(name, width):
    dims = field(1, field(2, "batch")) + field(1, field(1, width))
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))


def mlp(folder, name, sizes, map_of, map_name):
    """NAME.onnx, a multilayer perceptron, and rows of it computed in double."""
    chance = random.Random(name)

    def numbers(n, scale=1.0):
        return struct.unpack("%df" % n, struct.pack("%df" % n, *(scale * chance.gauss(0, 1)
                                                                  for _ in range(n))))

    layers, graph, at = [], b"", "x"
    for i, (k, n) in enumerate(zip(sizes, sizes[1:])):
        w, b = numbers(k * n, 1 / math.sqrt(k)), numbers(n)
        layers.append((k, n, w, b))
        last = i + 2 == len(sizes)
        graph += field(1, node("Gemm", [at, f"w{i}", f"b{i}"], "y" if last else f"h{i}"))
        graph += field(5, tensor(f"w{i}", [k, n], w)) + field(5, tensor(f"b{i}", [n], b))
        if not last:
            at = f"a{i}"
            graph += field(1, node(map_name, [f"h{i}"], at))
    graph += field(2, name) + field(11, value("x", sizes[0])) + field(12, value("y", sizes[-1]))
    with open(f"{folder}/{name}.onnx", "wb") as f:
        f.write(field(1, 8) + field(7, graph) + field(8, field(2, 13)))
    with open(f"{folder}/{name}.rows", "w", encoding="ascii") as f:
        for _ in range(10):
            x = values = numbers(sizes[0])
            for i, (k, n, w, b) in enumerate(layers):
                values = [b[j] + sum(values[i] * w[i * n + j] for i in range(k)) for j in range(n)]
                if i + 1 < len(layers):
                    values = [map_of(v) for v in values]
            f.write(" ".join(float.hex(v) for v in [*x, *values]) + "\n")


def main():
    folder = sys.argv[1]
    mlp(folder, "mlp", [4, 8, 1], math.tanh, "Tanh")
    mlp(folder, "mlp64", [32, 64, 64, 1], lambda v: max(v, 0.0), "Relu")
    for name, (params, label, rounds) in CASES.items():
        chance = random.Random(name)
        rows = some_rows(chance, 1500 if name == "deep" else 600)
        known = {"max_depth": 4, "nthread": 1, "verbosity": 0, "tree_method": "hist"}
        known.update(params)
        b = booster(rows, [float(label(target(r))) for r in rows], known, rounds)
        check(LIB.XGBoosterSaveModel(b, f"{folder}/{name}.json".encode()))
        rows = some_rows(chance, 40)
        got = predict(b, rows)
        per = len(got) // len(rows)
        with open(f"{folder}/{name}.rows", "w", encoding="ascii") as f:
            for i, row in enumerate(rows):
                cells = row + got[i * per:(i + 1) * per]
                f.write(" ".join("nan" if math.isnan(x) else float.hex(x) for x in cells) + "\n")


main()
