#!/usr/bin/env python3
"""Writes THIRD-PARTY.md: whose code and data the program holds, and the notices that their licences ask for.

    docs/scripts/third_party.py [--check]       --check: exit 1 when THIRD-PARTY.md is not what would be written

What is linked on Linux, macOS or Windows counts; what only builds, tests or measures does not. Where there is a choice, it is
Apache-2.0, then MIT.
"""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "THIRD-PARTY.md"
TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"]
CHOICE = ["Apache-2.0", "MIT", "BSD-3-Clause", "MPL-2.0"]


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def linked():
    """The packages that are linked, by name and version."""
    targets = [word for target in TARGETS for word in ("--target", target)]
    tree = cargo("tree", "-p", "acetate", "-e", "normal,no-proc-macro", *targets, "--prefix", "none", "-f", "{p}")
    known = {(p["name"], p["version"]): p for p in json.loads(cargo("metadata", "--format-version", "1"))["packages"]}
    names = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    packages = [known[name, version.removeprefix("v")] for name, version in sorted(names)]
    return [p for p in packages if p["source"]]


def licences(package):
    """The licences that are taken: one of several, but all that are joined by AND."""
    terms = re.split(r" OR |/", package["license"].replace("(", "").replace(")", ""))
    known = [term.split(" AND ") for term in terms if set(term.split(" AND ")) <= set(CHOICE)]
    if not known or (len(terms) > 1 and " AND " in package["license"]):
        sys.exit(f"{package['name']}: no notice is known for {package['license']}")
    return min(known, key=lambda term: CHOICE.index(term[0]))


def texts(package):
    folder = Path(package["manifest_path"]).parent
    names = sorted(os.listdir(folder))
    mine = [name for name in names if re.match(r"(?i)(licen[cs]e|copying)", name) and "apache" not in name.lower()]
    return [(folder / name).read_text() for name in mine]


def notices(package):
    if any(re.match(r"(?i)notice", name) for name in os.listdir(Path(package["manifest_path"]).parent)):
        sys.exit(f"{package['name']} has a NOTICE: it must be given")


def holders(package):
    """The lines of copyright in a package's licence; its authors where it has none."""
    lines = [line.strip(" *") for text in texts(package) for line in text.splitlines()]
    found = [line for line in lines if re.match(r"(?i)copyright( \(c\)| ©| \d)", line)]
    return list(dict.fromkeys(found)) or [f"the authors of {package['repository'] or package['name']}"]


def listed(packages):
    return textwrap.fill(", ".join(f"{p['name']} {p['version']}" for p in packages) + ".", 120, break_on_hyphens=False)


def permission():
    """MIT's text without its copyright: what all of them share."""
    text = (ROOT / "LICENSE-MIT").read_text()
    return text[text.index("Permission is hereby granted") :].strip()


def page():
    packages = linked()
    by_licence = {licence: [p for p in packages if licence in licences(p)] for licence in CHOICE}
    for package in packages:
        notices(package)
    words = lambda text: re.sub(r"\W+", " ", text).lower().strip()
    for package in by_licence["MIT"]:
        given = words(" ".join(texts(package)))
        if given and words(permission()) not in given:
            sys.exit(f"{package['name']}: not the usual text of MIT")
    lines = [
        "# Third parties",
        "",
        "Written by `docs/scripts/third_party.py`. The program holds the code and data below; this page, `LICENSE-APACHE` and",
        "`LICENSE-MIT` go with every copy of it.",
        "",
        "## Apache-2.0",
        "",
        "The text is `LICENSE-APACHE`. Also under this licence: the Rust standard library.",
        "",
        listed(by_licence["Apache-2.0"]),
        "",
        "## MPL-2.0",
        "",
        "Unchanged; the source code of these is at the addresses given, the licence at <https://mozilla.org/MPL/2.0/>.",
        "",
    ]
    by_source = {}
    for package in by_licence["MPL-2.0"]:
        by_source.setdefault(package["repository"], []).append(package)
    for source, group in sorted(by_source.items()):
        lines += [f"<{source}>:", listed(group), ""]
    lines += ["## BSD-3-Clause", ""]
    for package in by_licence["BSD-3-Clause"]:
        text = next(text for text in texts(package) if "Redistribution" in text)
        lines += [f"{package['name']} {package['version']}:", "", "```text", *text.strip().splitlines(), "```", ""]
    lines += ["## MIT", ""]
    for package in by_licence["MIT"]:
        lines.append(f"- {package['name']} {package['version']}: {'; '.join(holders(package))}")
    lines += [
        "- the statistics that the style models were fitted to (`docs/styles.md`): Copyright (c) 2020 Shin Fukuse",
        "",
        "```text",
        *permission().splitlines(),
        "```",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    now = page()
    if "--check" in sys.argv:
        sys.exit(None if PAGE.exists() and PAGE.read_text() == now else f"{PAGE.name} is out of date: run {__file__}")
    PAGE.write_text(now)
