"""What the package costs beside the program and pyloudnorm: ``python bench/figures.py PROGRAM [WHEEL] [--out FILE]``.

Measured where it runs, with ratios of medians of pairs: load from elsewhere moves both. pyloudnorm may be missing; its rows say so then.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import acetate

EXAMPLES = Path(__file__).parents[2] / "examples"
RATE = 48_000


def music(seconds: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Noise with a slope and a beat, (frames, 2)."""
    random = np.random.default_rng(1)
    frames = int(RATE * seconds)
    beat = 0.3 + 0.2 * np.abs(np.sin(np.pi * 2 * np.arange(frames) / RATE))
    tilted = np.cumsum(random.standard_normal((frames, 2)), axis=0)
    tilted -= np.linspace(0, 1, frames)[:, None] * tilted[-1]
    sound = random.standard_normal((frames, 2)) * 0.2 + np.sin(np.arange(frames) / 40)[:, None]
    return (sound * beat[:, None] * 0.3).astype(np.float64)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def growth(count: int) -> dict[str, Any]:
    sound = music(1.0)
    for _ in range(count // 10):
        acetate.analyze(sound, RATE)
    begun = resident_mb()
    for _ in range(count - count // 10):
        acetate.analyze(sound, RATE)
    return {"analyses": count, "resident_mb_after_a_tenth": round(begun, 1), "resident_mb_after_all": round(resident_mb(), 1)}


def children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def processor_time(program: str, pairs: int, folder: Path) -> dict[str, Any]:
    mix, record = str(EXAMPLES / "mix.flac"), str(EXAMPLES / "reference.flac")
    here: list[float] = []
    there: list[float] = []
    acetate.master(mix, output=folder / "warm.wav", reference=record)
    for pair in range(pairs):
        begun = time.process_time()
        acetate.master(mix, output=folder / f"p{pair}.wav", reference=record)
        here.append(time.process_time() - begun)
        begun = children_s()
        subprocess.run([program, "-q", "master", mix, "-r", record, "-o", folder / f"c{pair}.wav"], check=True)
        there.append(children_s() - begun)
        assert (folder / f"p{pair}.wav").read_bytes() == (folder / f"c{pair}.wav").read_bytes()
    ratio = statistics.median(a / b for a, b in zip(here, there))
    return {"pairs": pairs, "python_s": statistics.median(here), "program_s": statistics.median(there), "ratio": round(ratio, 3)}


def beside_pyloudnorm(pairs: int) -> dict[str, Any]:
    try:
        import pyloudnorm
    except ImportError:
        return {"skipped": "pyloudnorm is not installed"}
    sounds = {"60 s of noise": (music(60.0), RATE)}
    for name in ("mix.flac", "reference.flac"):
        planes, rate = acetate._acetate.read(None, str(EXAMPLES / name))
        sounds[name] = (np.asarray(planes.T, dtype=np.float64), rate)
    rows = {}
    for name, (sound, rate) in sounds.items():
        meter = pyloudnorm.Meter(rate)
        times: list[tuple[float, float]] = []
        for _ in range(pairs):
            begun = time.process_time()
            ours = acetate.loudness(sound, rate)
            between = time.process_time()
            theirs = meter.integrated_loudness(sound)
            times.append((between - begun, time.process_time() - between))
        faster = statistics.median(b / a for a, b in times)
        rows[name] = {"difference_lu": round(abs(ours - theirs), 4), "times_as_fast_in_processor_time": round(faster, 2)}
    return rows


INTERRUPTED = """
import sys, time, threading, os, signal
import acetate
sent = []
def send():
    time.sleep(float(sys.argv[2])); sent.append(time.perf_counter()); os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=send, daemon=True).start()
try:
    acetate.master(sys.argv[1], output=sys.argv[1] + ".master.wav")
    print("not interrupted")
except KeyboardInterrupt:
    print((time.perf_counter() - sent[0]) * 1000)
"""


def interrupt(folder: Path) -> dict[str, Any]:
    import wave

    path = folder / "long.wav"
    sound = np.tile((music(30.0) * 32_000).astype("<i2"), (10, 1))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2), file.setsampwidth(2), file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    waits: list[float] = []
    for delay in (0.3, 0.6, 1.0, 1.5, 2.0, 2.5):
        # Not here: a package beside the bench would be imported in place of the one that is installed.
        run = [sys.executable, "-c", INTERRUPTED, str(path), str(delay)]
        said = subprocess.run(run, capture_output=True, text=True, check=True, cwd=folder).stdout
        if said.strip() not in ("", "not interrupted"):
            waits.append(float(said))
    left = [name for name in os.listdir(folder) if name.startswith("long.wav.master")]
    return {"interrupted": len(waits), "longest_ms": round(max(waits), 1), "left_over": left}


def wheel(path: Path) -> dict[str, Any]:
    """The wheel in a fresh environment, with nothing of Rust on the path."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        clean = {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": folder}
        subprocess.run([f"{folder}/bin/pip", "install", "-q", str(path)], check=True, env=clean)
        code = f"import acetate; print(acetate.analyze({str(EXAMPLES / 'mix.flac')!r})['loudness']['integrated_lufs'])"
        run = [f"{folder}/bin/python", "-c", code]
        said = subprocess.run(run, check=True, env=clean, capture_output=True, text=True, cwd=folder)
    return {"mb": round(path.stat().st_size / 1e6, 2), "analyzes_in_a_fresh_environment": float(said.stdout) < 0}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program")
    arguments.add_argument("wheel", nargs="?", type=Path)
    arguments.add_argument("--analyses", type=int, default=10_000)
    arguments.add_argument("--pairs", type=int, default=15)
    arguments.add_argument("--out", type=Path)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures: dict[str, Any] = {
            "made_by": "python/bench/figures.py",
            "version": acetate.__version__,
            "python": platform.python_version(),
            "processors": os.cpu_count(),
            "load_before": os.getloadavg()[0],
            "processor_time": processor_time(asked.program, asked.pairs, folder),
            "beside_pyloudnorm": beside_pyloudnorm(asked.pairs),
            "interrupt": interrupt(folder),
            "growth": growth(asked.analyses),
        }
    if asked.wheel:
        figures["wheel"] = wheel(asked.wheel)
    text = json.dumps(figures, indent=2)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
