#!/usr/bin/env python3
"""Which ideas tell mastering from content: damage recovery of the tone without renders, so that much can be tried.

    docs/scripts/fit_ideas.py FOLDER [DAMAGES]        FOLDER holds finished masters; needs numpy and soundfile

Each master is cut into pieces of 4 s; odd ones against even ones, and the first half against the second. A random curve (three
bells of 3 to 8 dB and a tilt) is added to one spectrum; printed is how much of it is left, rms over third octaves, after what each
idea finds in the difference of the two spectra is taken away.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile

CENTRES_HZ = 10 ** (np.arange(14, 43) / 10)
BANDS = len(CENTRES_HZ)
PER_NEPER_DB = 10 / np.log(10)
PIECE_S, ROW_S, MOMENT_S = 4.0, 0.4, 2.0


def third_octaves(x, rate):
    """Power of each third octave in rows of 0.4 s, loud rows only."""
    length = int(ROW_S * rate)
    rows = np.lib.stride_tricks.sliding_window_view(x, length)[::length]
    power = np.abs(np.fft.rfft(rows * np.hanning(length), axis=1)) ** 2
    hz = np.fft.rfftfreq(length, 1 / rate)
    step = hz[1]
    shares = [np.clip((np.minimum(hz + step / 2, c * 10**0.05) - np.maximum(hz - step / 2, c / 10**0.05)) / step, 0, 1)
              for c in CENTRES_HZ]
    bands = power @ np.array(shares).T + 1e-20
    loudness = bands.sum(1)
    return bands[loudness > loudness.mean() / 16]


def songs(folder):
    for path in sorted(Path(folder).iterdir()):
        if path.suffix not in (".flac", ".ogg", ".wav"):
            continue
        x, rate = soundfile.read(path, always_2d=True)
        x, piece = x.mean(1), int(PIECE_S * rate)
        pieces = [x[i * piece:(i + 1) * piece] for i in range(len(x) // piece)]
        half = len(pieces) // 2
        yield path.stem, {"pieces": (pieces[0::2], pieces[1::2]), "halves": (pieces[:half], pieces[half:])}, rate


def damage(random):
    curve = random.uniform(-4, 4) * np.tanh(1.2 * np.log10(CENTRES_HZ / 1000))
    for low, high in [(60, 400), (400, 2500), (2500, 10000)]:
        w = CENTRES_HZ / (low * (high / low) ** random.random())
        gain, q = random.uniform(3, 8) * random.choice([-1, 1]), random.uniform(0.5, 1.5)
        a = 10 ** (gain / 40)
        curve += 20 * np.log10(abs((1 - w**2 + 1j * w * a / q) / (1 - w**2 + 1j * w / (a * q))))
    return curve


def kernel(level=30.0, slope=0.4, shape=4.0, reach=2.5):
    x = np.arange(BANDS) - (BANDS - 1) / 2
    return level**2 + slope**2 * np.outer(x, x) + shape**2 * np.exp(-((x[:, None] - x) / reach) ** 2 / 2)


def statistics(rows, views):
    """Estimates of the views in dB, and what each moment moves them by."""
    moments = np.array_split(rows, max(int(len(rows) * ROW_S / MOMENT_S), 2))
    estimates, moves = [], []
    for view in views:
        if view == "power":
            mean = rows.mean(0)
            estimates.append(10 * np.log10(mean))
            moves.append([(m.mean(0) / mean - 1) * PER_NEPER_DB for m in moments])
        else:
            levels = 10 * np.log10(np.maximum(rows, rows.mean(0) * 1e-6))
            estimates.append(levels.mean(0))
            moves.append([10 * np.log10(np.maximum(m, rows.mean(0) * 1e-6)).mean(0) - levels.mean(0) for m in moments])
    return np.concatenate(estimates), np.hstack([np.array(m) for m in moves])


def covariance(moves, together, student):
    count = len(moves)
    full = moves.T @ moves / count
    diagonal = np.diag(np.diag(full))
    if together == "ledoit-wolf":
        chance = sum(((np.outer(m, m) - full) ** 2).sum() - ((m**2 - np.diag(full)) ** 2).sum() for m in moves) / count**2
        kept = max(0, 1 - chance / ((full - diagonal) ** 2).sum())
    elif together == "schaefer-strimmer":
        scaled = moves / np.sqrt(np.diag(full))
        r = scaled.T @ scaled / count
        off = r - np.diag(np.diag(r))
        chance = sum(((np.outer(m, m) - r) ** 2).sum() - ((m**2 - 1) ** 2).sum() for m in scaled) * count / (count - 1) ** 3
        kept = max(0, 1 - chance / (off**2).sum())
    else:
        kept = 0
    widened = min((count - 1) / max(count - 3, 0.5), 3) if student else 1
    return (kept * full + (1 - kept) * diagonal) * widened / (count - 1)


def found(one, other, known, views, together=None, student=False, own_shape=0.0):
    """What an idea believes of the difference of two sounds."""
    estimates, errors = [], 0
    for rows in (one, other):
        estimate, moves = statistics(rows, views)
        estimates.append(estimate)
        errors = errors + covariance(moves, together, student)
    prior, own = kernel(), kernel(30.0, 0.2 if own_shape else 0.0, own_shape, 4.0)
    both = np.block([[prior + (own if i == j and i > 0 else 0) for j in range(len(views))] for i in range(len(views))])
    index = np.concatenate([known + BANDS * view for view in range(len(views))])
    difference = (estimates[0] - estimates[1])[index]
    noisy = (both + errors + 0.09 * np.eye(len(errors)))[np.ix_(index, index)]
    return both[np.ix_(known, index)] @ np.linalg.solve(noisy, difference)


IDEAS = {
    "the difference itself": None,
    "prior; errors of moments of 2 s": {"views": ["power"]},
    "... with Student's t": {"views": ["power"], "student": True},
    "... errors correlated, Ledoit-Wolf": {"views": ["power"], "together": "ledoit-wolf"},
    "... errors correlated, Schaefer-Strimmer": {"views": ["power"], "together": "schaefer-strimmer"},
    "... Ledoit-Wolf and Student's t": {"views": ["power"], "together": "ledoit-wolf", "student": True},
    "means of levels alone, the same": {"views": ["level"], "together": "ledoit-wolf", "student": True},
    "both views": {"views": ["power", "level"], "together": "ledoit-wolf", "student": True},
    "both views, a smooth shape of their own": {
        "views": ["power", "level"], "together": "ledoit-wolf", "student": True, "own_shape": 2.0},
}


def main():
    folder, damages = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    left = {(idea, way): [] for idea in IDEAS for way in ("pieces", "halves")}
    for name, ways, rate in songs(folder):
        for way, pair in ways.items():
            one, other = (third_octaves(np.concatenate(pieces), rate) for pieces in pair)
            level = 10 * np.log10(one.mean(0))
            known = np.where((level > level.max() - 60) & (CENTRES_HZ > 39) & (CENTRES_HZ < min(16500, rate / 2.3)))[0]
            random = np.random.default_rng(7)
            for _ in range(damages):
                curve = damage(random)
                damaged = one * 10 ** (curve / 10)
                for idea, how in IDEAS.items():
                    if how is None:
                        believed = (10 * np.log10(damaged.mean(0) / other.mean(0)))[known]
                    else:
                        believed = found(damaged, other, known, **how)
                    rest = curve[known] - believed
                    left[idea, way].append(np.std(rest) / np.std(curve[known]))
    print("| idea | pieces of a song | halves of a song |\n|---|---|---|")
    for idea in IDEAS:
        print(f"| {idea} | {100 * np.mean(left[idea, 'pieces']):.1f} % | {100 * np.mean(left[idea, 'halves']):.1f} % |")


main()
