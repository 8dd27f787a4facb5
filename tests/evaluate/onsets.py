# SPDX-License-Identifier: GPL-2.0-or-later
"""Published onset detectors, for comparison, as their papers put them.

Hodges and Bui 1996 (Electroencephalogr Clin Neurophysiol 101:511): rectified,
low-pass 50 Hz, mean of 25 ms above mean + 3 SD of rest.
Bonato, D'Alessio and Knaflitz 1998 (IEEE Trans Biomed Eng 45:287): whitened,
squares of pairs of samples, r0 of m above a threshold for a given probability
of false alarm, states shorter than 30 ms dropped.
Solnik et al. 2010 (Eur J Appl Physiol 110:489): Teager-Kaiser energy, rectified
and low-pass 50 Hz, above mean + 7 SD of rest for 25 ms.

They know nothing of faces. To be compared at all they get what they lack:
mains taken out at known frequencies, a rest that they are told,
and one rule, tuned on the development scenes: a stretch of activity of one
side in which this side has RATIO times the other's power, in its strongest
channel, is a burst of a spasm; bursts below GAP apart are one. A spasm is told
when its first burst is over.
"""
import functools
import math

import numpy as np

REST = 1.5  # s at the start of each scene in which nothing happens
SETTLED = 0.3  # s: the filters' own transient, no part of the rest
BAND = (20.0, 400.0)  # Hz
NOTCH_Q = 25.0
GAP = 1.0  # s
RATIO = 6.0  # of power
BURST_GAP = 0.020  # s: stretches of the channels of a side this close are one


def section(hz, kind, corner, rate, q=math.sqrt(0.5)):
    """Response at @hz of a causal second-order section: "high", "low" or "notch"."""
    w = 2.0 * math.pi * corner / rate
    alpha, c = math.sin(w) / (2.0 * q), math.cos(w)
    b = {
        "high": (0.5 * (1 + c), -(1 + c), 0.5 * (1 + c)),
        "low": (0.5 * (1 - c), 1 - c, 0.5 * (1 - c)),
        "notch": (1.0, -2.0 * c, 1.0),
    }[kind]
    z = np.exp(-2j * math.pi * hz / rate)
    return (b[0] + b[1] * z + b[2] * z * z) / (1 + alpha - 2 * c * z + (1 - alpha) * z * z)


def apply(x, response_of):
    """Filters through a response; padded, so that the end does not reach the start."""
    size = 1 << (x.shape[-1] + 4096 - 1).bit_length()
    spectrum = np.fft.rfft(x - x[..., :1], size)
    return np.fft.irfft(spectrum * response_of(np.arange(size // 2 + 1) / size), size)[
        ..., : x.shape[-1]]


@functools.lru_cache(maxsize=8)
def band_response(points, rate, mains):
    hz = np.linspace(0.0, 0.5 * rate, points)
    gain = section(hz, "high", BAND[0], rate)
    if BAND[1] < 0.45 * rate:
        gain = gain * section(hz, "low", BAND[1], rate)
    for base in mains:
        for k in range(1, int(0.49 * rate / base) + 1):
            gain = gain * section(hz, "notch", k * base, rate, NOTCH_Q * k)
    return gain


def banded(x, rate, mains):
    """The band of facial EMG, causal; the mains and its harmonics in notches."""
    return apply(x, lambda turns: band_response(len(turns), rate, tuple(mains)))


def smoothed(x, rate):
    """Low-pass 50 Hz forth and back, as the papers have it."""
    corner = min(50.0, 0.4 * rate)
    return apply(x, lambda turns: np.abs(section(turns * rate, "low", corner, rate)) ** 2)


def rest_of(rate):
    return slice(int(SETTLED * rate), int(REST * rate))


def segments(active):
    """[(start, end)] of the stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    return [tuple(pair) for pair in edges.reshape(-1, 2)]


def above_for(level, threshold, least):
    """Stretches above the threshold that last for at least @least samples."""
    return [s for s in segments(level > threshold) if s[1] - s[0] >= least]


def hodges_bui(x, rate):
    envelope = smoothed(np.abs(x), rate)
    window = max(1, round(0.025 * rate))
    mean = np.convolve(envelope, np.ones(window) / window)[window - 1 :][: len(x)]
    rest = envelope[rest_of(rate)]
    return above_for(mean, rest.mean() + 3.0 * rest.std(), 1)


def solnik(x, rate):
    energy = np.zeros_like(x)
    energy[1:-1] = x[1:-1] ** 2 - x[:-2] * x[2:]
    level = smoothed(np.abs(energy), rate)
    rest = level[rest_of(rate)]
    return above_for(level, rest.mean() + 7.0 * rest.std(), max(1, round(0.025 * rate)))


def whitened(x, rate, order=6):
    """Through the prediction error filter of the rest."""
    rest = x[rest_of(rate)]
    lags = np.array([np.dot(rest[: len(rest) - k], rest[k:]) for k in range(order + 1)])
    lags[0] *= 1.001
    matrix = lags[np.abs(np.subtract.outer(np.arange(order), np.arange(order)))]
    coefficients = np.linalg.solve(matrix, lags[1:])
    return np.convolve(x, np.concatenate(([1.0], -coefficients)))[: len(x)]


def single_probability(m, r0, alarm):
    """Of one sample above the first threshold, so that r0 of m have @alarm."""
    low, high = 0.0, 1.0
    for _ in range(60):
        p = 0.5 * (low + high)
        total = sum(math.comb(m, k) * p**k * (1 - p) ** (m - k) for k in range(r0, m + 1))
        low, high = (p, high) if total < alarm else (low, p)
    return low


def bonato(x, rate, m=5, r0=2, alarm=0.01):
    white = whitened(x, rate)
    variance = white[rest_of(rate)].var()
    pairs = len(white) // 2 * 2
    z = white[0:pairs:2] ** 2 + white[1:pairs:2] ** 2
    threshold = -2.0 * variance * math.log(single_probability(m, r0, alarm))
    count = np.convolve(z > threshold, np.ones(m))[m - 1 :][: len(z)]
    active = count >= r0
    least = max(1, round(0.030 * rate / 2))
    for start, end in segments(~active):
        if end - start < least:
            active[start:end] = True
    return [(2 * a, 2 * b) for a, b in segments(active) if b - a >= least]


DETECTORS = {"Hodges-Bui": hodges_bui, "Bonato": bonato, "TKEO (Solnik)": solnik}


def join(stretches, gap):
    """Closes gaps: [(start, end)]."""
    joined = []
    for start, end in sorted(stretches):
        if joined and start - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def bursts_of(x, rate, detector, mine, theirs):
    """Stretches of one side that the other does not share, its rest taken off."""
    rest = np.mean(x[:, rest_of(rate)] ** 2, axis=1)

    def power(channels, start, end):
        above = np.mean(x[channels, start:end] ** 2, axis=1) - rest[channels]
        return max(float(above.max(initial=0.0)), float(rest[channels].max(initial=0.0)))

    stretches = [s for c in mine for s in detector(x[c], rate)]
    return [
        (start, end) for start, end in join(stretches, BURST_GAP * rate)
        if power(mine, start, end) > RATIO * power(theirs, start, end)
    ]


def spasms(recording, detector, mains):
    """What a script on this detector would report, in the words of `analyze`."""
    rate = recording.rate
    x = banded(recording.samples, rate, mains)
    sides = {
        side: [i for i, label in enumerate(recording.labels) if f"{side[0].upper()}-" in label]
        for side in ("left", "right")
    }
    found = []
    for side, other in (("left", "right"), ("right", "left")):
        bursts = bursts_of(x, rate, detector, sides[side], sides[other])
        for start, end in join(bursts, GAP * rate):
            told = next(b for a, b in bursts if a == start)
            found.append(dict(event="spasm", start=start / rate, end=end / rate,
                              detected=told / rate, side=side))
    return sorted(found, key=lambda e: e["start"])
