#!/usr/bin/env python3
"""Draws the residual of limiters against the masking threshold of their input, both as long-term means in ERB bands.

usage: limiter_residual.py PICTURE.svg TITLE INPUT.wav NAME=OUTPUT.wav ..

Outputs are aligned with the input. The input is brought to each output's level by least squares first. The threshold is that of docs/limiter.md (spreading 22 and
10 dB an ERB, 6 dB below noise), from 2048-sample frames; it is not the engine's code. Needs numpy, soundfile, matplotlib.
"""
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
import soundfile as sf

FRAME = 2048


def bands(signal, rate):
    """Mean power over frames and channels in ERB bands, and the frequencies of the bands; also the masking threshold."""
    window = np.hanning(FRAME)
    hz = np.arange(FRAME // 2 + 1) * rate / FRAME
    erb = (21.4 * np.log10(1 + 0.00437 * hz)).astype(int)
    count = erb.max() + 1
    group = np.zeros((count, len(hz)))
    group[erb, np.arange(len(hz))] = 1
    distance = np.subtract.outer(np.arange(count), np.arange(count))
    spreading = 10 ** (np.where(distance < 0, 22 * distance, -10 * distance) / 10)
    powers = []
    for channel in signal.T:
        frames = np.lib.stride_tricks.sliding_window_view(channel, FRAME)[:: FRAME // 2] * window
        powers.append((np.abs(np.fft.rfft(frames, axis=1)) ** 2) @ group.T / (FRAME / 4) ** 2)
    powers = np.concatenate(powers)
    threshold = powers @ spreading.T * 10**-0.6
    centres = np.array([hz[erb == band].mean() for band in range(count)])
    return centres, powers.mean(0), threshold.mean(0)


def main():
    picture, title, source, *outputs = sys.argv[1:]
    x, rate = sf.read(source, always_2d=True)
    decibels = lambda power: 10 * np.log10(power + 1e-12)
    hz, music, threshold = bands(x, rate)
    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "acetate", "font.size": 9})
    figure, axes = plt.subplots(figsize=(7, 4))
    axes.semilogx(hz, decibels(music), color="#999999", label="input")
    axes.semilogx(hz, decibels(threshold), color="black", linewidth=2, label="masking threshold")
    styles = [("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#CC79A7", ":"), ("#E69F00", "--")]
    for (color, style), output in zip(styles, outputs):
        name, path = output.split("=", 1)
        y, _ = sf.read(path, always_2d=True)
        matched = x * (x * y).sum() / (x * x).sum()
        axes.semilogx(hz, decibels(bands(y - matched, rate)[1]), style, color=color, label=name)
    axes.set(title=title, xlabel="Hz", ylabel="dB FS in an ERB", xlim=(50, 20000), ylim=(-110, -5))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})


main()
