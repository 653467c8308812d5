"""A catalogue in an object store: everything sent twice, workers and driver killed. Wants a program with the feature ``cloud``, moto and boto3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = os.environ.get("ACETATE_PROGRAM")
BENCH = Path(__file__).parents[1] / "bench" / "catalogue.py"


def test_nothing_is_lost_doubled_or_partial_in_a_store(tmp_path: Path) -> None:
    if PROGRAM is None:
        pytest.skip("ACETATE_PROGRAM is not set")
    without = subprocess.run([PROGRAM, "catalogue", "s3://bucket/a.wav", "-d", tmp_path], capture_output=True, text=True)
    if "not part of this build" in without.stderr:
        pytest.skip("the program was built without the feature cloud")
    words = [sys.executable, BENCH, "store", PROGRAM, "--songs", "60", "--mastered", "30", "--kills", "3"]
    figures = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    if "skipped" in figures:
        pytest.skip(figures["skipped"])
    assert (figures["lost"], figures["doubled"], figures["partial_objects"], figures["unfinished_uploads"]) == (0, 0, 0, 0)
    assert figures["masters"] == 30 and figures["left_for_a_last_run"] == 0
