#!/usr/bin/env python3
"""A server of the Open Inference Protocol v2 for tests, written from the
protocol's text and nothing of ours. Prints its port, then serves until its
standard input ends.

Models, all y = 2x + 1 over FP32 [-1, 4]:
  affine      answers with binary tensors
  numbers     answers with numbers in its JSON
  busy        503 on every first try
  slow        after 30 s
  down        500 always; counts how often it was asked (GET /count)
  broken      bytes that do not fit the shape;  garbage: no JSON at all
  lying       another shape than described
"""

import json
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COUNTS = {}
MODELS = ("affine", "numbers", "busy", "slow", "down", "broken", "garbage", "lying")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parts = self.path.strip("/").split("/")
        if parts == ["count"]:
            self.answer(200, json.dumps(COUNTS).encode())
        elif len(parts) == 3 and parts[:2] == ["v2", "models"] and parts[2] in MODELS:
            self.answer(200, json.dumps({
                "name": parts[2], "versions": ["1"], "platform": "python",
                "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
                "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 4]}],
            }).encode())
        else:
            self.answer(404, b'{"error":"no such model"}')

    def do_POST(self):
        name = self.path.split("/")[3]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        COUNTS[name] = COUNTS.get(name, 0) + 1
        if name == "down" or (name == "busy" and COUNTS[name] % 2 == 1):
            return self.answer(500 if name == "down" else 503, b'{"error":"not now"}')
        if name == "slow":
            time.sleep(30)
        cut = int(self.headers["Inference-Header-Content-Length"])
        asked = json.loads(body[:cut])
        tensor = asked["inputs"][0]
        assert tensor["datatype"] == "FP32" and tensor["name"] == "x"
        n = tensor["parameters"]["binary_data_size"] // 4
        assert n == tensor["shape"][0] * tensor["shape"][1] and len(body) == cut + 4 * n
        y = [2 * v + 1 for v in struct.unpack("<%df" % n, body[cut:])]
        return self.reply(name, tensor["shape"], y)

    def reply(self, name, shape, y):
        out = {"name": "y", "datatype": "FP32", "shape": shape}
        data = struct.pack("<%df" % len(y), *y)
        if name == "garbage":
            return self.answer(200, b"<html>")
        if name == "numbers":
            out["data"] = [y[i:i + 4] for i in range(0, len(y), 4)]
            return self.answer(200, json.dumps({"outputs": [out]}).encode())
        if name == "lying":
            out["shape"] = [1, 3]
        out["parameters"] = {"binary_data_size": len(data) + (name == "broken")}
        head = json.dumps({"model_name": name, "outputs": [out]}).encode()
        return self.answer(200, head + data, [("Inference-Header-Content-Length", str(len(head)))])


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
