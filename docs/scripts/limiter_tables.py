#!/usr/bin/env python3
"""Writes the tables of docs/limiter.md from the results of the bench `limiters`.

    python docs/scripts/limiter_tables.py

Between `<!-- NAME -->` and `<!-- /NAME -->` stands what this program writes, nothing else.
"""

import json
import re
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/limiter.md"
RESULTS = ROOT / "benches/results"
OURS = "masked"
# Below this a limiter changed nothing that counts, dB.
NOTHING_DB = -99.0

MEASURES = [
    ("NMR", lambda q: q["noise_to_mask"]["mean_db"]),
    ("D-NMR", lambda q: q["distortion"]["noise_to_mask_db"]),
    ("gain modulation", lambda q: q["distortion"]["gain_modulation_db"]),
    ("loss of attack peaks", lambda q: q["transients"]["loss_median_db"]),
    ("loss of attack power", lambda q: q["transients"]["power_loss_median_db"]),
    ("pre-echo", lambda q: q["transients"]["pre_echo_db"]),
]
NMR = MEASURES[0][1]


def rows_of(name):
    return json.loads((RESULTS / name).read_text())


def by_file(rows):
    found = {}
    for row in rows:
        found.setdefault(row["file"], {})[row["limiter"]] = row
    return found


def limiters(rows):
    return list(dict.fromkeys(row["limiter"] for row in rows))


def line(cells):
    return "| " + " | ".join(cells) + " |"


def shown(value, digits=1):
    return "–" if value is None else f"{value + 0.0:.{digits}f}"


def source(results):
    return (
        f"Excerpts of {results['excerpt_s']:g} s, {results['ceiling_dbtp']:g} dBTP; commit `{results['commit']}`, {results['cpu']}, {results['rustc']}."
    )


def margin(by):
    """Of the masked limiter over the best other, dB; above 0 it is better."""
    others = [NMR(row["quality"]) for name, row in by.items() if name != OURS]
    return min(others) - NMR(by[OURS]["quality"]) if OURS in by and others else None


def nmr_table(results):
    rows = results["rows"]
    names = limiters(rows)
    table = [line(["file", *names]), "|---" * (len(names) + 1) + "|"]
    for file, by in by_file(rows).items():
        cells = [by[name]["quality"] if name in by else None for name in names]
        table.append(line([file, *[shown(NMR(q) if q else None) for q in cells]]))
    return table


def means(results):
    """Over the files that every limiter brings to the loudness."""
    rows = results["rows"]
    names = limiters(rows)
    complete = {file: by for file, by in by_file(rows).items() if len(by) == len(names)}
    table = [line([f"mean of {len(complete)}", *names]), "|---" * (len(names) + 1) + "|"]
    for title, of in MEASURES:
        cells = []
        for name in names:
            values = [of(by[name]["quality"]) for by in complete.values()]
            values = [value for value in values if value is not None]
            cells.append(shown(statistics.mean(values) if values else None, 2 if "loss" in title or "gain" in title else 1))
        table.append(line([title, *cells]))
    if all("render_s" in row for row in rows):
        cells = [statistics.mean(by[name]["render_s"] for by in complete.values()) for name in names]
        table.append(line(["ms on one thread a second of sound", *[f"{1000 * cell / results['excerpt_s']:.1f}" for cell in cells]]))
    return table


def summary(results):
    margins = {file: margin(by) for file, by in by_file(results["rows"]).items()}
    alone = [file for file, by in by_file(results["rows"]).items() if list(by) == [OURS]]
    missed = [file for file, by in by_file(results["rows"]).items() if OURS not in by]
    margins = {file: value for file, value in margins.items() if value is not None}
    worse = {file: value for file, value in margins.items() if value < 0}
    text = (
        f"`{OURS}` has the lowest NMR on {len(margins) - len(worse)} of {len(margins)} files, by {statistics.mean(margins.values()):.1f} dB on average over "
        f"the best other of each file; least {min(margins.values()):.1f} dB ({min(margins, key=margins.get)})."
    )
    if worse:
        text += " Not the lowest: " + ", ".join(f"{file} ({-value:.1f} dB)" for file, value in worse.items()) + "."
    if alone:
        text += " Reached by it alone: " + ", ".join(alone) + "."
    if missed:
        text += " No result for it (nothing to limit, or out of reach): " + ", ".join(missed) + "."
    return text


def level(name):
    results = rows_of(name)
    return [source(results), "", summary(results), "", *nmr_table(results), "", *means(results)]


def goal(row):
    goal = row["goal"]
    if "peak_over_ceiling" in goal:
        return f"peaks {goal['peak_over_ceiling']:g} dB over the ceiling"
    return f"{goal['louder_than_at_ceiling']:g} LU louder than with peaks at the ceiling"


def adversaries():
    results = rows_of("limiters_adversaries.json")
    rows = results["rows"]
    names = limiters(rows)
    table = [source(results), "", line(["signal", "driven to", *names]), "|---" * (len(names) + 2) + "|"]
    for file, by in by_file(rows).items():
        first = next(iter(by.values()))
        loudness = "peak_over_ceiling" in first["goal"]

        def cell(name):
            if name not in by:
                return "–"
            text = shown(NMR(by[name]["quality"]))
            return f"{text} ({by[name]['lufs']:.1f} LUFS)" if loudness else text

        table.append(line([file.strip("()"), goal(first), *map(cell, names)]))
    return table


def main():
    parts = {f"loudness {lufs}": level(f"limiters{suffix}.json") for lufs, suffix in [(-9, ""), (-11, "_11"), (-8, "_8"), (-7, "_7")] if (RESULTS / f"limiters{suffix}.json").exists()}
    parts["adversaries"] = adversaries()
    curve = RESULTS / "limiters_rounds.json"
    if curve.exists():
        parts["rounds"] = [source(rows_of(curve.name)), "", *means(rows_of(curve.name))]
    text = PAGE.read_text()
    for name, lines in parts.items():
        block = f"<!-- {name} -->\n" + "\n".join(lines) + f"\n<!-- /{name} -->"
        text, count = re.subn(rf"<!-- {re.escape(name)} -->.*?<!-- /{re.escape(name)} -->", lambda _: block, text, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"docs/limiter.md has no place for {name}")
    PAGE.write_text(text)


main()
