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
import scipy.linalg
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
    out.put("fir_zero_phase", signal.filtfilt(signal.firwin(21, 0.2), 1, x))
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


def kalman(a, h, q, r, x, p, rows):
    """Textbook form with plain inverses; a row's NaN are left out."""
    states, surprises = [], []
    for z in rows:
        x, p = a @ x, a @ p @ a.T + q
        keep = numpy.isfinite(z)
        surprise = numpy.nan
        if keep.any():
            hk, miss = h[keep], z[keep] - h[keep] @ x
            s = hk @ p @ hk.T + r[numpy.ix_(keep, keep)]
            gain = p @ hk.T @ numpy.linalg.inv(s)
            x, p = x + gain @ miss, p - gain @ hk @ p
            surprise = miss @ numpy.linalg.inv(s) @ miss
        states.append(x)
        surprises.append(surprise)
    return numpy.array(states), numpy.array(surprises), p


def adwin(x, delta, span, row=5, clock=32, least=5):
    """Buckets that hold their samples, so that no moment is ever merged."""
    levels, severities, widths, last = [[] for _ in range(40)], [], [], numpy.nan
    for i, value in enumerate(x):
        last = 0.0 if last >= 1 else last
        levels[0].insert(0, [value])
        for k in range(39):
            if len(levels[k]) > row:
                old, new = levels[k].pop(), levels[k].pop()
                levels[k + 1].insert(0, old + new)
        if (i + 1) % clock == 0:
            first = None
            while True:
                buckets = [b for k in reversed(levels) for b in reversed(k)]
                window = numpy.concatenate(buckets)
                variance, odds = window.var() / span**2, math.log(2 * math.log(len(window)) / delta)
                most, at = 0.0, 0
                for b in buckets:
                    at += len(b)
                    if at < least or len(window) - at < least:
                        continue
                    share = 1 / (at - least + 1) + 1 / (len(window) - at - least + 1)
                    bound = math.sqrt(2 * share * variance * odds) + 2 / 3 * share * odds
                    most = max(most, abs(window[at:].mean() - window[:at].mean()) / (bound * span))
                first = most if first is None else first
                if most < 1:
                    break
                next(k for k in reversed(levels) if k).pop()
            last = first
        severities.append(last)
        widths.append(sum(len(b) for k in levels for b in k))
    return severities, widths


def models():
    out = Writer("models")
    a = numpy.eye(3) + numpy.diag([0.1, 0.1], 1)
    h = numpy.array([[1.0, 0, 0], [0.5, 0, 2]])
    q = 1e-3 * numpy.array([[1, 0.5, 0], [0.5, 2, 0.3], [0, 0.3, 1]])
    r = numpy.array([[0.2, 0.05], [0.05, 0.4]])
    x, p = numpy.array([0.1, -0.2, 0.3]), numpy.diag([1.0, 2, 3])
    rows = noise(400, 11).reshape(200, 2)
    rows[20:25, 0] = rows[23:30, 1] = numpy.nan
    states, surprises, last = kalman(a, h, q, r, x, p, rows)
    for name, m in (("a", a), ("h", h), ("q", q), ("r", r), ("x", x), ("p", p), ("rows", rows),
                    ("states", states), ("surprises", surprises), ("last", last)):
        out.put("kalman_" + name, m)
    steady = scipy.linalg.solve_discrete_are(a.T, h.T, q, r)
    out.put("kalman_steady", steady - steady @ h.T @ numpy.linalg.inv(h @ steady @ h.T + r)
            @ h @ steady)
    many = numpy.linalg.qr(noise(64, 12).reshape(8, 8))[0] * 0.98
    rows = noise(3 * 120, 13).reshape(120, 3)
    states, _, _ = kalman(many, numpy.eye(8)[:3], 0.01 * numpy.eye(8), 0.1 * numpy.eye(3),
                          numpy.zeros(8), numpy.eye(8), rows)
    out.put("eight_a", many)
    out.put("eight_rows", rows)
    out.put("eight_states", states)
    z = numpy.cumsum(noise(300, 14)) + 10
    out.put("walk", z)
    for n in (1, 2, 3):
        a = numpy.array([[1, 1, 0.5], [0, 1, 1], [0, 0, 1]])[:n, :n]
        jolt = numpy.array([[1.0], [0.5, 1], [0.5, 1, 1]][n - 1])
        start = numpy.zeros(n)
        start[0] = z[0]
        p = numpy.diag([0.25, 0.5, 1.0][:n])
        states, _, _ = kalman(a, numpy.eye(n)[:1], 0.09 * numpy.outer(jolt, jolt),
                              numpy.array([[0.25]]), start, p, z[1:, None])
        out.put("tracker_%d" % n, numpy.concatenate([z[:1], states[:, 0]]))
    rate = noise(300, 15)
    out.put("rate", rate)
    gain = -numpy.expm1(-0.02 / 0.7)
    both = gain * z + (1 - gain) * 0.02 * rate
    out.put("complementary", signal.lfilter([1], [1, gain - 1], both[1:], zi=[(1 - gain) * z[0]])[0])
    lag = signal.lfilter([gain], [1, gain - 1], z, zi=[(1 - gain) * z[0]])[0]
    out.put("derivative", numpy.diff(lag, prepend=z[0]) / 0.02)
    window = numpy.lib.stride_tricks.sliding_window_view(z, 12)
    out.put("mad_12", scipy.stats.median_abs_deviation(window, axis=1))
    jumps = noise(1500, 16) + 3.0 * (numpy.arange(1500) > 700) - 2.0 * (numpy.arange(1500) > 1200)
    severities, widths = adwin(jumps, 0.002, 2.0)
    out.put("jumps", jumps)
    out.put("adwin", severities)
    out.put("adwin_width", widths)
    theta = numpy.cumsum(0.1 + 0.02 * noise(100, 17))
    phases = [(2 + i) * numpy.cos(theta - 0.3 - i * 2 * math.pi / 3) + 0.1 for i in range(3)]
    # Park's matrix as the books print it, applied in one product.
    d = 2 / 3 * sum(p * numpy.cos(theta - i * 2 * math.pi / 3) for i, p in enumerate(phases))
    q = -2 / 3 * sum(p * numpy.sin(theta - i * 2 * math.pi / 3) for i, p in enumerate(phases))
    for name, v in (("theta", theta), ("phases", numpy.concatenate(phases)), ("d", d), ("q", q),
                    ("zero", sum(phases) / 3)):
        out.put("dq_" + name, v)


def main():
    os.makedirs(OUT, exist_ok=True)
    made = [designs, linear, robust, finite, spectra, compare, models]
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
