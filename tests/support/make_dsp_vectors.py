#!/usr/bin/python3
"""Write the reference vectors of the dsp room's tests to tests/data/dsp/.

Run from the repository's root with Debian's python3-scipy, python3-numpy and
python3-bottleneck; the tests read the committed results and need none of them.
Each line of a file is: name, length, numbers.
"""
import itertools
import math
import os
import sys
from fractions import Fraction

import bottleneck
import numpy
import scipy
import scipy.signal as signal
import scipy.special
import scipy.stats

OUT = "tests/data/dsp"
MASK = (1 << 64) - 1


def noise(n, seed):
    """The tests' own generator (signals.h), so that long inputs need no file."""
    out = numpy.empty(n)
    for i in range(n):
        seed = (seed * 6364136223846793005 + 1442695040888963407) & MASK
        out[i] = (seed - (1 << 64) if seed >> 63 else seed) / 2.0**63
    return out


class Writer:
    """One vector file; remembers nothing but the open file."""

    def __init__(self, name):
        self.file = open(os.path.join(OUT, name + ".txt"), "w", encoding="ascii")

    def put(self, name, values):
        values = numpy.atleast_1d(numpy.asarray(values, dtype=float)).ravel()
        text = " ".join("%.17g" % v for v in values)
        self.file.write("%s %d %s\n" % (name, len(values), text))


def interleave(roots):
    return numpy.column_stack([numpy.real(roots), numpy.imag(roots)]).ravel()


def designs():
    out = Writer("design")
    families = ["butter", "cheby1", "cheby2", "ellip", "bessel"]
    bands = ["lowpass", "highpass", "bandpass", "bandstop"]
    edges = [(0.1, 0.2), (0.001, 0.0023)]
    for f, b, n, (lo, hi) in itertools.product(range(5), range(4), [1, 2, 3, 4, 7, 12], edges):
        wn = 2 * lo if b < 2 else [2 * lo, 2 * hi]
        if families[f] == "bessel":
            z, p, k = signal.bessel(n, wn, bands[b], output="zpk", norm="mag")
        else:
            z, p, k = signal.iirfilter(n, wn, 0.5, 60, bands[b], ftype=families[f], output="zpk")
        head = [f, b, n, lo, hi, 0.5, 60, len(z), len(p), k]
        out.put("design", numpy.concatenate([head, interleave(z), interleave(p)]))
    b, a = signal.iirnotch(0.12, 5, fs=1)
    out.put("notch", numpy.concatenate([b, a]))


def linear():
    out = Writer("linear")
    x = noise(400, 1) + 3
    out.put("x", x)
    sos = signal.ellip(5, 0.5, 60, 0.15, output="sos")
    out.put("ellip", signal.sosfilt(sos, x))
    zi = signal.sosfilt_zi(sos) * x[0]
    out.put("ellip_settled", signal.sosfilt(sos, x, zi=zi)[0])
    out.put("ellip_zero_phase", signal.sosfiltfilt(sos, x))
    b, a = signal.butter(4, 0.05)
    w, delay = signal.group_delay((b, a), w=[0, 0.05, 0.2, 1.0])
    out.put("butter_delay", numpy.concatenate([w, delay]))
    long = noise(1000000, 2)
    for name, sos in (("long_butter", signal.butter(4, 0.02, output="sos")),
                      ("long_cheby", signal.cheby1(6, 0.5, [0.1, 0.3], "bandpass", output="sos"))):
        out.put(name, signal.sosfilt(sos, long)[999::1000])
    gain = -numpy.expm1(-0.01 / 2.5)
    start = [(1 - gain) * long[0]]
    y = signal.lfilter([gain], [1, gain - 1], long, zi=start)[0]
    out.put("long_ewma", y[999::1000])


def hampel(x, window, k, lag):
    """Straight from the definition; windows that are not yet full are skipped."""
    y = x.copy()
    limit = k / scipy.stats.norm.ppf(0.75)
    for i in range(window - 1, len(x)):
        w = x[i - window + 1:i + 1]
        median = numpy.median(w)
        mad = numpy.median(numpy.abs(w - median))
        centre = x[i - lag]
        y[i] = median if abs(centre - median) > limit * mad else centre
    return y


def robust():
    out = Writer("robust")
    x = noise(450, 3)
    x[::17] += 6
    x[::23] -= 9
    x[200:260] = x[200]
    out.put("x", x)
    for w in (1, 3, 4, 5, 7, 20, 101):
        out.put("median_%d" % w, bottleneck.move_median(x, w, min_count=1))
        out.put("max_%d" % w, bottleneck.move_max(x, w, min_count=1))
        out.put("min_%d" % w, bottleneck.move_min(x, w, min_count=1))
    for w, k, lag in ((3, 3, 0), (5, 2, 2), (7, 3, 0), (7, 3, 3), (20, 3, 10), (51, 3, 25)):
        out.put("hampel_%d_%g_%d" % (w, k, lag), hampel(x, w, k, lag))
    windows = numpy.lib.stride_tricks.sliding_window_view(x, 9)
    out.put("quantile_9", numpy.quantile(windows, 0.8, axis=1))


def savgol(n, order, derivative, lag):
    """Least squares in rational numbers: SciPy's own solution has 11 digits."""
    at = [Fraction(lag - i) for i in range(n)]  # newest first, 0 where asked
    rows = [[t**k for k in range(order + 1)] for t in at]
    size = order + 1
    normal = [[sum(r[a] * r[b] for r in rows) for b in range(size)] + [Fraction(a == derivative)]
              for a in range(size)]
    for a in range(size):
        normal[a] = [v / normal[a][a] for v in normal[a]]
        for b in range(size):
            if b != a:
                normal[b] = [v - normal[b][a] * w for v, w in zip(normal[b], normal[a])]
    solution = [row[-1] for row in normal]
    return [float(math.factorial(derivative) * sum(s * v for s, v in zip(solution, r)))
            for r in rows]


def finite():
    out = Writer("finite")
    x = noise(600, 4) + 2
    out.put("x", x)
    for taps in (5, 24, 64, 199):
        out.put("fir_%d" % taps, signal.lfilter(signal.firwin(taps, 0.3), 1, x))
    out.put("kaiser", signal.firwin(41, [0.2, 0.6], window=("kaiser", 6), pass_zero=False))
    out.put("highpass", signal.firwin(33, 0.7, window="blackman", pass_zero=False))
    for n, order, derivative, lag in ((11, 3, 0, 5), (11, 3, 1, 0), (31, 6, 2, 15), (8, 4, 2, 2),
                                      (9, 0, 0, 0)):
        taps = savgol(n, order, derivative, lag)
        theirs = signal.savgol_coeffs(n, order, deriv=derivative, pos=n - 1 - lag)
        assert numpy.allclose(taps, theirs, rtol=1e-9), "SciPy and the rational solution differ"
        out.put("savgol_%d_%d_%d_%d" % (n, order, derivative, lag), taps)
    out.put("mean_25", bottleneck.move_mean(x, 25, min_count=1))
    out.put("std_25", bottleneck.move_std(x, 25, min_count=1))


def spectra():
    out = Writer("spectra")
    x = noise(1500, 5) + numpy.sin(numpy.arange(1500) * 0.3)
    out.put("x", x)
    out.put("welch_256", signal.welch(x, fs=50, nperseg=256)[1])
    out.put("welch_8", signal.welch(x, fs=50, nperseg=8)[1])
    part = x[:1024]
    spectrum = numpy.fft.rfft(part)
    out.put("rfft", interleave(spectrum))
    at = numpy.arange(len(spectrum)) / 1024
    spectrum[(at < 0.03) | (at > 0.2)] = 0
    out.put("envelope", numpy.abs(signal.hilbert(numpy.fft.irfft(spectrum))))
    out.put("kurtosis", [scipy.stats.kurtosis(x, fisher=False), scipy.stats.skew(x),
                         numpy.mean(x), numpy.var(x), numpy.sqrt(numpy.mean(x * x))])


def compare():
    out = Writer("compare")
    a, b = noise(150, 6), 0.8 * noise(90, 7) + 0.2
    out.put("a", a)
    out.put("b", b)
    result = scipy.stats.ks_2samp(a, b, mode="asymp")
    z = result.statistic * numpy.sqrt(150 * 90 / 240.0)  # SciPy corrects for small n
    out.put("ks", [result.statistic, scipy.special.kolmogorov(z)])
    rows = numpy.column_stack([noise(80, 8), 3 * noise(80, 9) + 5, noise(80, 10) * 0.01])
    rows[:, 2] += 0.02 * rows[:, 1]
    out.put("rows", rows)
    inverse = numpy.linalg.inv(numpy.cov(rows.T))
    centred = rows - rows.mean(axis=0)
    out.put("distance", numpy.einsum("ij,jk,ik->i", centred, inverse, centred)[:10])


def main():
    os.makedirs(OUT, exist_ok=True)
    made = [designs, linear, robust, finite, spectra, compare]
    wanted = sys.argv[1:]
    for make in made:
        if not wanted or make.__name__ in wanted:
            make()
    with open(os.path.join(OUT, "VERSIONS.txt"), "w", encoding="ascii") as f:
        f.write("made by tests/support/make_dsp_vectors.py with\n")
        for lib in (scipy, numpy, bottleneck):
            f.write("%s %s\n" % (lib.__name__, lib.__version__))


if __name__ == "__main__":
    main()
