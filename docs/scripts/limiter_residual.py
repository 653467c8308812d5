#!/usr/bin/env python3
"""Draws the residual of each limiter against the masking threshold of its input, both as long-term means in ERB bands; the first one's
residual stands dashed in every picture.

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
    residuals = {}
    for output in outputs:
        name, path = output.split("=", 1)
        y, _ = sf.read(path, always_2d=True)
        matched = x * (x * y).sum() / (x * x).sum()
        residuals[name] = decibels(bands(y - matched, rate)[1])
    first = next(iter(residuals))
    columns = 3
    rows = -(-len(residuals) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(10, 2.4 * rows + 0.4), sharex=True, sharey=True, squeeze=False)
    for axis in axes.flat[len(residuals):]:
        axis.axis("off")
    for axis, (name, residual) in zip(axes.flat, residuals.items()):
        axis.semilogx(hz, decibels(music), color="#999999", label="input")
        axis.semilogx(hz, decibels(threshold), color="black", linewidth=1.5, label="masking threshold")
        axis.semilogx(hz, residual, color="#D55E00", label="residual")
        if name != first:
            axis.semilogx(hz, residuals[first], "--", color="#0072B2", linewidth=1, label=f"residual of {first}")
        axis.set(title=name, xlim=(50, 20000), ylim=(-110, -5))
        axis.grid(alpha=0.3)
    for axis in axes[-1]:
        axis.set_xlabel("Hz")
    for axis in axes[:, 0]:
        axis.set_ylabel("dB FS in an ERB")
    handles, labels = axes.flat[1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=4, fontsize=8, bbox_to_anchor=(0.5, 0.965))
    figure.suptitle(title, fontsize=10)
    figure.tight_layout(rect=(0, 0, 1, 0.97))
    figure.savefig(picture, metadata={"Date": None})


main()
