#!/usr/bin/env python3
"""Writes the tables of docs/comparison.md: acetate and others on examples/, and the limiters of benches/results.

    docs/scripts/comparison.py [PROGRAM]        needs ffmpeg; matchering is compared when Python can import it

What the files measure is said by ffmpeg's ebur128 filter, so that no program measures itself; the distance in tone is
acetate's third-octave one, at equal loudness.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/acetate").resolve()
NOTHING_DB = -99.0
PAGE = ROOT / "docs/comparison.md"
MIX, REFERENCE = ROOT / "examples/mix.flac", ROOT / "examples/reference.flac"


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options)


def measured(path):
    """Integrated loudness and true peak, by ffmpeg's ebur128."""
    said = run("ffmpeg", "-nostats", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-").stderr
    summary = said[said.rindex("Summary:"):]
    lufs = float(re.search(r"I:\s+(-?[\d.]+) LUFS", summary)[1])
    return lufs, float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)[1])


def tone_db(path):
    """Distance of the tone from the reference, dB rms."""
    return json.loads(run(PROGRAM, "compare", path, REFERENCE, "--json").stdout)["comparison"]["tone_rms_db"]


def loudnorm(folder, two_passes):
    out = folder / f"loudnorm{two_passes}.wav"
    rule = "loudnorm=I=-14:TP=-1:LRA=11"
    if two_passes:
        said = run("ffmpeg", "-i", MIX, "-af", rule + ":print_format=json", "-f", "null", "-").stderr
        first = json.loads(said[said.rindex("{"):])
        names = {"I": "input_i", "TP": "input_tp", "LRA": "input_lra", "thresh": "input_thresh"}
        rule += "".join(f":measured_{name}={first[key]}" for name, key in names.items())
        rule += f":offset={first['target_offset']}"
    run("ffmpeg", "-y", "-i", MIX, "-af", rule, "-ar", "44100", "-c:a", "pcm_s24le", out)
    return out


def acetate(folder, name, *options):
    out = folder / f"{name}.wav"
    run(PROGRAM, "master", MIX, "-o", out, *options)
    return out


def matchering(folder):
    import matchering as mg

    out = folder / "matchering.wav"
    mg.process(target=str(MIX), reference=str(REFERENCE), results=[mg.pcm24(str(out))])
    return out


def row(label, path, with_tone):
    lufs, peak = measured(path)
    cells = [label, f"{lufs:.1f}", f"{peak:.1f}"] + ([f"{tone_db(path):.1f}"] if with_tone else [])
    return "| " + " | ".join(cells) + " |"


def loudness_table(folder):
    return [
        "| -14 LUFS, -1 dBTP asked of `examples/mix.flac` | LUFS | dBTP |", "|---|---|---|",
        row("as it is", MIX, False),
        row("`acetate master -t streaming`", acetate(folder, "streaming"), False),
        row("ffmpeg `loudnorm=I=-14:TP=-1`", loudnorm(folder, False), False),
        row("the same in two passes", loudnorm(folder, True), False),
    ]


def reference_table(folder):
    rows = [
        "| `examples/mix.flac` to `examples/reference.flac` | LUFS | dBTP | tone, dB rms from the reference |", "|---|---|---|---|",
        row("the reference", REFERENCE, True),
        row("the mix as it is", MIX, True),
        row("`acetate master -r`", acetate(folder, "default", "-r", REFERENCE), True),
        row("`acetate master -r --max-eq 24 --detail fine`", acetate(folder, "fine", "-r", REFERENCE, "--max-eq", "24", "--detail", "fine"), True),
    ]
    try:
        from importlib.metadata import version

        rows.append(row(f"Matchering {version('matchering')}", matchering(folder), True))
    except ImportError:
        sys.exit("matchering is not there: its row would be lost")
    return rows


def limiter_table():
    results = json.loads((ROOT / "benches/results/limiters.json").read_text())
    measures = [
        ("noise to mask, dB", lambda q: q["noise_to_mask"]["mean_db"]),
        ("without gain changes, dB", lambda q: q["distortion"]["noise_to_mask_db"]),
        ("loss of attacks, dB", lambda q: q["transients"]["loss_median_db"]),
        ("pre-echo, dB", lambda q: q["transients"]["pre_echo_db"]),
    ]
    found = {}
    for entry in results["rows"]:
        found.setdefault(entry["file"], {})[entry["limiter"]] = entry
    names = [name for name in dict.fromkeys(entry["limiter"] for entry in results["rows"])]
    # Files that every limiter brings to the loudness; not those that need none for it, where a clip changes nothing.
    reached = [file for file, by in found.items() if all(by.get(name, {}).get("quality") for name in names)]
    files = [file for file in reached if measures[0][1](found[file]["hard clip"]["quality"]) > NOTHING_DB]

    def mean(name, of):
        values = [of(found[file][name]["quality"]) for file in files]
        return statistics.mean(value for value in values if value is not None)

    rows = ["| limiter | " + " | ".join(name for name, _ in measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for name in names:
        shown = f"**{name}** (acetate)" if name in ("masked", "transparent", "fast") else name
        rows.append("| " + " | ".join([shown] + [f"{mean(name, of) + 0.0:.1f}" for _, of in measures]) + " |")
    return rows + ["", f"Means of {len(files)} files, commit {results['commit']}."]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = {"loudness": loudness_table(folder), "reference": reference_table(folder), "limiters": limiter_table()}
    page = PAGE.read_text()
    for name, rows in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        head, rest = page.split(begin)
        page = head + begin + "\n".join(rows) + "\n" + rest[rest.index(end):]
    PAGE.write_text(page)


main()
