#!/usr/bin/env python3
"""Writes the tables of docs/fit.md from the results of the benches in benches/results."""

import json
import re
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/fit.md"


def results(name):
    return json.loads((ROOT / f"benches/results/{name}.json").read_text())


def made(of):
    return f"\nCommit {of['commit']}, {of['cpu']}, {of['rustc']}.\n"


def mean(values):
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def text(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def people(rows):
    return dict.fromkeys(row["who"] for row in rows)


def surrogate():
    found = results("surrogate")
    rows = [("loudness, LU", "loudness_lu", "0.1"), ("true peak minus loudness, dB", "plr_db", "0.3"),
            ("loudness range, LU", "range_lu", ""), ("third octaves, rms, dB", "third_octave_db", "0.3"),
            ("side minus mid, rms, dB", "side_minus_mid_db", "1"), ("spread of levels, rms, dB", "level_std_db", ""),
            ("width, dB", "width_db", "")]
    lines = [f"{len(found['misses'])} renders, limiter `{found['limiter']}`:\n", "| predicted minus measured | median | 95th percentile | asked |", "|---|---|---|---|"]
    for name, key, asked in rows:
        sizes = sorted(abs(miss[key]) for miss in found["misses"])
        lines.append(f"| {name} | {text(statistics.median(sizes))} | {text(sizes[int(0.95 * (len(sizes) - 1))])} | {asked} |")
    return "\n".join(lines) + "\n" + made(found["made"])


def quality():
    found = results("quality")
    names = {"untouched": "the mix as it is", "acetate": "default", "max_eq_15": "`--max-eq 15`", "fine": "`--max-eq 24 --detail fine`",
             "matchering": "Matchering", "libsonare": "libsonare"}
    lines = ["| mean of the pairs | third octaves, dB rms | worst | side minus mid, dB | crest, dB | loudness off, LU | noise to mask, dB |", "|---|---|---|---|---|---|---|"]
    for who in people(found["rows"]):
        rows = [row for row in found["rows"] if row["who"] == who and row["distance"]]
        if not rows:
            continue
        of = lambda key: mean(row["distance"][key] for row in rows)
        off = mean(abs(row["distance"]["loudness_lu"]) for row in rows)
        noise = None if who == "untouched" else mean(row["noise_to_mask_db"] for row in rows)
        worst = max(row["distance"]["tone_rms_db"] for row in rows)
        lines.append(f"| {names.get(who, who)} | {text(of('tone_rms_db'))} | {text(worst)} | {text(of('side_minus_mid_db'))} | {text(of('crest_db'))} | {text(off)} | {text(noise, 1)} |")
    pairs = {}
    for row in found["rows"]:
        pairs.setdefault((row["mix"], row["reference"]), {})[row["who"]] = row
    tone = lambda row: row["distance"]["tone_rms_db"]
    noise = lambda row: row["noise_to_mask_db"]
    both = [pair for pair in pairs.values() if None not in (noise(pair["acetate"]), noise(pair["matchering"]))]
    quieter = sum(noise(pair["acetate"]) <= noise(pair["matchering"]) for pair in both)
    better = lambda value, who: sum(value(pair[who]) < value(pair["matchering"]) for pair in pairs.values())
    renders = sorted(pair["acetate"]["renders"] for pair in pairs.values())
    lines.append(
        f"\nThe default is nearer than Matchering on {better(tone, 'acetate')} of {len(pairs)} pairs, with `--max-eq 15` on {better(tone, 'max_eq_15')}, `fine` on {better(tone, 'fine')}; its noise to mask "
        f"is not above Matchering's on {quieter} of the {len(both)} that have both, where Matchering is {text(mean(abs(pair['matchering']['distance']['loudness_lu']) for pair in pairs.values()))} LU "
        f"off the loudness. It takes {text(mean(renders), 1)} renders, at most {renders[-1]}.\n")
    return "\n".join(lines) + made(found["made"])


def album():
    found = results("quality_album")
    pairs = {}
    for row in found["rows"]:
        if row["distance"]:
            pairs.setdefault((row["mix"], row["reference"]), {})[row["who"]] = row["distance"]
    lines = ["| mix after record | untouched | default | Matchering | width: default | Matchering |", "|---|---|---|---|---|---|"]
    for (mix, reference), who in pairs.items():
        tones = [text(who[one]["tone_rms_db"]) for one in ("untouched", "acetate", "matchering")]
        widths = [text(who[one]["width_octaves_db"]) for one in ("acetate", "matchering")]
        lines.append(f"| {mix} after {reference} | {' | '.join(tones + widths)} |")
    both = list(pairs.values())
    summary = []
    for key, name in (("tone_rms_db", "tone"), ("width_octaves_db", "width")):
        ours, theirs = ([one[who][key] for one in both if one[who][key] is not None] for who in ("acetate", "matchering"))
        nearer = sum(a < b for a, b in zip(ours, theirs))
        summary.append(f"in {name} nearer on {nearer} of {len(ours)} (mean {text(mean(ours))} and {text(mean(theirs))} dB, worst {text(max(ours))} and {text(max(theirs))})")
    return "\n".join(lines) + "\n\nThe default is " + ", ".join(summary) + ".\n" + made(found["made"])


def recovery():
    lines = ["| | tone | width | dynamics | worse than before |", "|---|---|---|---|---|"]
    ways = {"recovery": "pieces", "recovery_profile": "pieces, a stored profile as the reference", "recovery_fine": "pieces, `--detail fine`",
            "recovery_small": "pieces, six damages a master", "recovery_halves": "halves"}
    for name, way in ways.items():
        found = results(name)
        for who in people(found["rows"]):
            rows = [row for row in found["rows"] if row["who"] == who]
            shares = [text(mean(row[key] for row in rows), 1) + " %" for key in ("tone_left_pct", "width_left_pct", "dynamics_left_pct")]
            worse = sum(row["tone_left_pct"] > 100 for row in rows)
            lines.append(f"| {way}, {who} | {' | '.join(shares)} | {worse} of {len(rows)} |")
        content = mean(row["content"]["tone_rms_db"] for row in found["rows"])
        lines.append(f"| *{way}: undamaged, they differ by* | *{text(content)} dB* | | | |")
    return "\n".join(lines) + "\n" + made(results("recovery")["made"])


def behaviour():
    found = results("behaviour")
    restraint, monotonic, loudness = found["restraint"], found["monotonic"], found["loudness"]
    none = sum(row["bands"] == 0 for row in restraint)
    lines = [
        f"- Finished masters, style found, loudness kept: {none} of {len(restraint)} get no band; the equaliser changes "
        f"{text(max(row['equalizer_rms_db'] for row in restraint))} dB rms at most, a second pass "
        f"{text(max(row['again_equalizer_rms_db'] for row in restraint))} dB rms and "
        f"{text(max(abs(row['again_loudness_lu']) for row in restraint), 3)} LU.",
        f"- Loudness at -16, -14, -11 and -9 LUFS: {sum(row['holds'] for row in loudness)} of {len(loudness)} within 0.05 LU, "
        f"{sum(row['cannot'] is not None for row in loudness)} as a truthful \"cannot\".",
        f"- Nearer to a reference with every amount (25, 50, 100 %): {sum(row['holds'] for row in monotonic)} of {len(monotonic)} mixes. "
        "Third octaves, dB rms, untouched and at 25, 50, 100, 150 %:\n",
        "| mix | reference | untouched | 25 % | 50 % | 100 % | 150 % |", "|---|---|---|---|---|---|---|"]
    for row in monotonic:
        lines.append(f"| {row['file']} | {row['reference']} | {text(row['untouched'])} | " + " | ".join(map(text, row["at_amounts"])) + " |")
    return "\n".join(lines) + "\n" + made(found["made"])


def speed():
    found = results("fit_speed")
    lines = ["| | median, ms | asked |", "|---|---|---|"]
    asked = {"one prediction": "2", "the search, after a record": "300", "suggest, style found": "800", "suggest, after a record": "800"}
    for row in found["rows"]:
        lines.append(f"| {row['what']} | {text(row['median_ms'], 1)} | {asked.get(row['what'], '')} |")
    return "\n".join(lines) + "\n" + made(found["made"])


def main():
    page = PAGE.read_text()
    for table in (surrogate, quality, album, recovery, behaviour, speed):
        name = table.__name__
        pattern = re.compile(f"<!-- {name} -->.*<!-- end of {name} -->", re.DOTALL)
        page = pattern.sub(lambda _: f"<!-- {name} -->\n{table()}<!-- end of {name} -->", page)
    PAGE.write_text(page)


main()
