#!/usr/bin/python3
"""What SciPy and bottleneck need for the work of bench_dsp, in ns a sample.

Prints one line a piece of work, "name ns"; the best of several runs each.
"""
import os
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import bottleneck
import numpy
import scipy.signal as signal

N = 1000000


def best(work, samples=N, runs=5):
    least = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return least / samples * 1e9


def main():
    rng = numpy.random.default_rng(1)
    x = rng.standard_normal(N)
    many = rng.standard_normal((N // 4, 16))
    sos = signal.butter(4, 0.1, output="sos")
    fir = signal.firwin(64, 0.2)
    works = {
        "lowpass4": lambda: signal.sosfilt(sos, x),
        "ewma": lambda: signal.lfilter([0.1], [1, -0.9], x),
        "fir64": lambda: signal.lfilter(fir, 1, x),
        "fir64-oa": lambda: signal.oaconvolve(x, fir),
        "median7": lambda: bottleneck.move_median(x, 7),
        "median101": lambda: bottleneck.move_median(x, 101),
        "median1001": lambda: bottleneck.move_median(x, 1001),
        "mean101": lambda: bottleneck.move_mean(x, 101),
        "std101": lambda: bottleneck.move_std(x, 101),
        "savgol": lambda: signal.savgol_filter(x, 11, 3, mode="constant"),
        "welch1024": lambda: signal.welch(x, nperseg=1024),
    }
    for name, work in works.items():
        print(name, best(work), flush=True)
    print("lowpass4x16", best(lambda: signal.sosfilt(sos, many, axis=0), many.size, 3))


if __name__ == "__main__":
    main()
