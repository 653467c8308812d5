"""Catalogues from Python: the program's masters, nothing twice, tables. Ray and pyarrow are asked for where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import acetate
from acetate import catalogue

PROGRAM = os.environ.get("ACETATE_PROGRAM") or shutil.which("acetate")


def song(path: Path, number: int, seconds: float = 1.0) -> Path:
    chance = np.random.default_rng(number)
    at = np.arange(int(44_100 * seconds)) / 44_100
    sound = chance.uniform(0.1, 0.4) * (np.sin(2 * np.pi * chance.uniform(90, 900) * at) + chance.uniform(-0.2, 0.2, len(at)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes((20_000 * sound).astype("<i2").tobytes())
    return path


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for number in range(4):
        song(tmp_path / "music" / f"{number}.wav", number)
    return tmp_path / "music"


def masters(out: Path) -> set[str]:
    return {path.name for path in out.rglob("*.wav")}


def test_each_song_is_mastered_once_and_a_second_run_does_nothing(music: Path, tmp_path: Path) -> None:
    heard: list[Any] = []
    first = catalogue.master(music, tmp_path / "out", engine="loop", on_line=heard.append)
    assert (first.totals["mastered"], first.totals["failed"], len(heard)) == (4, 0, 4)
    assert {line["song"] for line in first} == {"0.wav", "1.wav", "2.wav", "3.wav"}
    again = catalogue.master(music, tmp_path / "out", engine="loop")
    assert (len(again), again.done_before) == (0, 4)
    assert catalogue.plan(music, tmp_path / "out") == []
    assert len(catalogue.results(tmp_path / "out")) == len(masters(tmp_path / "out")) == 4


@pytest.mark.skipif(PROGRAM is None, reason="ACETATE_PROGRAM is not set and no acetate is on the PATH")
def test_the_program_finds_everything_done(music: Path, tmp_path: Path) -> None:
    catalogue.master(music, tmp_path / "out", engine="loop", target="spotify")
    words = [str(PROGRAM), "catalogue", str(music), "-d", str(tmp_path / "out"), "-t", "spotify", "-q", "--jsonl"]
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    # Its options spell out what is usual: it looks at the songs again, and finds their masters.
    assert {json.loads(line)["state"] for line in lines} <= {"there"}
    assert len(masters(tmp_path / "out")) == 4


def test_rows_have_wishes_and_tags_of_their_own(music: Path, tmp_path: Path) -> None:
    rows = [{"song": music / "0.wav", "lufs": -20, "tags": {"isrc": "A"}}, str(music / "1.wav"), {"song": str(music / "gone.wav")}, {"sonk": 1}]
    run = catalogue.master(rows, tmp_path / "out", engine="loop")  # type: ignore[arg-type]
    lines = {Path(line["song"]).name: line for line in run}
    assert lines["0.wav"]["after"]["integrated_lufs"] == pytest.approx(-20, abs=0.1)
    assert lines["0.wav"]["tags"] == {"isrc": "A"}
    assert "no such file" in lines["gone.wav"]["error"] and "has no song" in lines["rows:4"]["error"]
    assert len(run.failed) == 2 and run.totals["mastered"] == 2
    for _ in range(3):
        last = catalogue.master(rows[2:3], tmp_path / "out", engine="loop")  # type: ignore[arg-type]
    assert [line["state"] for line in last] == ["quarantined"]


def test_a_folder_that_went_away_is_begun_anew(music: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    catalogue.master(music, out, engine="loop")
    shutil.rmtree(out)
    again = catalogue.master(music, out, engine="loop")
    assert (again.totals["mastered"], again.done_before) == (4, 0)
    assert catalogue.results(out).totals["mastered"] == len(masters(out)) == 4


def test_what_was_there_is_not_counted_as_mastered(music: Path, tmp_path: Path) -> None:
    twin = shutil.copy(music / "0.wav", music / "twin.wav")
    run = catalogue.master([music / "0.wav", twin, music / "gone.wav"], tmp_path / "out", engine="loop", workers=1)
    totals = run.totals
    assert [totals[name] for name in ("songs", "mastered", "there", "failed")] == [3, 1, 1, 1]


def test_one_file_is_a_catalogue_of_one_song(music: Path, tmp_path: Path) -> None:
    for number, manifest in enumerate((music / "0.wav", str(music / "0.wav"))):
        run = catalogue.master(manifest, tmp_path / f"{number}", engine="loop")
        assert [(line["song"], line["state"]) for line in run] == [(str(music / "0.wav"), "done")]
    listed = tmp_path / "list.csv"
    listed.write_text(f"song,lufs\n{music / '1.wav'},-20\n", encoding="utf-8")
    assert len(catalogue.plan(listed, tmp_path / "0")) == 1


def test_what_is_empty_in_a_row_is_left_out(music: Path, tmp_path: Path) -> None:
    empty = {"lufs": float("nan"), "target": None, "style": " ", "seed": np.float64("nan"), "rate": np.datetime64("NaT")}
    row = {"song": music / "0.wav", **empty, "tags": {"year": float("nan"), "isrc": "A"}, "tags.upc": "B", "tags.none": ""}
    [due] = catalogue.plan([row], tmp_path / "out")
    assert due == {"song": str(music / "0.wav"), "tags": {"isrc": "A", "upc": "B"}}
    [due] = catalogue.plan([{"song": str(music / "0.wav"), "lufs": np.int64(-20)}], tmp_path / "out")
    assert due["lufs"] == -20


def test_what_is_like_a_frame_is_asked_for_its_rows(tmp_path: Path) -> None:
    class Frame:
        columns = ("song", "bits", "lufs", "tags.isrc")

        def to_dict(self, orient: str) -> list[dict[str, Any]]:
            assert orient == "records"
            return [dict(zip(self.columns, cells)) for cells in (("a.wav", 16.0, -9.5, "A"), ("b.wav", float("nan"), None, ""))]

    due = catalogue.plan(Frame(), tmp_path / "out")
    assert [Path(row.pop("song")).name for row in due] == ["a.wav", "b.wav"]
    assert due == [{"name": "a.wav", "bits": 16, "lufs": -9.5, "tags": {"isrc": "A"}}, {"name": "b.wav"}]
    assert isinstance(due[0]["bits"], int)


def test_a_frame_of_pandas_is_a_manifest(music: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    rows = [
        {"song": str(music / "0.wav"), "lufs": -20.5, "bits": 16, "match": "tone; width", "tags.isrc": "A", "tags.day": pandas.Timestamp(2026, 1, 2)},
        {"song": str(music / "1.wav"), "lufs": None, "bits": None, "match": "", "tags.isrc": None, "tags.day": pandas.NaT},
    ]
    frame = pandas.DataFrame(rows)
    first, second = catalogue.plan(frame, tmp_path / "out")
    wishes = {"lufs": -20.5, "bits": 16, "match": ["tone", "width"]}
    assert first == {"song": rows[0]["song"], **wishes, "tags": {"isrc": "A", "day": "2026-01-02 00:00:00"}}
    assert second == {"song": rows[1]["song"]}
    assert catalogue.plan(frame.convert_dtypes(), tmp_path / "out") == [first, second]
    run = catalogue.master(frame, tmp_path / "out", engine="loop")
    assert (run.totals["mastered"], run.totals["failed"]) == (2, 0)


def test_a_page_and_a_table_have_every_song(music: Path, tmp_path: Path) -> None:
    run = catalogue.master(music, tmp_path / "out", engine="loop", report=tmp_path / "page.html")
    assert "of 4 songs" in (tmp_path / "page.html").read_text(encoding="utf-8")
    rows = run.rows()
    assert len(rows) == 4 and all(-14.2 < row["after_integrated_lufs"] < -13.8 for row in rows)
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    run.to_parquet(tmp_path / "songs.parquet")
    table = parquet.read_table(tmp_path / "songs.parquet").to_pylist()
    assert [row["song"] for row in table] == [row["song"] for row in rows]
    assert table[0]["after_true_peak_dbtp"] == rows[0]["after_true_peak_dbtp"]
    catalogue.Results([]).to_parquet(tmp_path / "none.parquet")
    assert parquet.read_table(tmp_path / "none.parquet").num_rows == 0


def test_ray_gives_the_same_masters(music: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray.data", reason="Ray is not installed")
    here = catalogue.master(music, tmp_path / "here", engine="loop")
    there = catalogue.master(music, tmp_path / "there", engine="ray", workers=2)
    assert masters(tmp_path / "here") == masters(tmp_path / "there")
    assert {line["output_sha256"] for line in here} == {line["output_sha256"] for line in there}
    # Workers outlive the run: what they hold of a folder that went away is not for the next one.
    shutil.rmtree(tmp_path / "there")
    assert catalogue.master(music, tmp_path / "there", engine="ray", workers=2).totals["mastered"] == 4
    assert catalogue.results(tmp_path / "there").totals["mastered"] == 4


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    with pytest.raises(acetate.UsageError, match="engine"):
        catalogue.master([], tmp_path, engine="spark")
    with pytest.raises(acetate.UsageError, match="count from 0"):
        catalogue.master([], tmp_path, shard="4/4")
    with pytest.raises(acetate.UsageError, match="luf"):
        catalogue.master([], tmp_path, luf=-9)
    for workers in (0, -1, 1.5, "two"):
        with pytest.raises(acetate.UsageError, match="workers"):
            catalogue.master([], tmp_path, engine="loop", workers=workers)  # type: ignore[arg-type]
    for manifest in (None, 3, b"songs.csv", {"song": "a.wav"}, [3], [("a.wav", "cd")]):
        with pytest.raises(acetate.UsageError, match="manifest is|rows are"):
            catalogue.master(manifest, tmp_path, engine="loop")
    with pytest.raises(acetate.Error, match="songs.csv"):
        catalogue.master(tmp_path / "songs.csv", tmp_path / "out")


def test_ctrl_c_ends_a_run_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    for number in range(3):
        song(tmp_path / "music" / f"{number}.wav", number, seconds=60)

    def interrupt() -> None:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        catalogue.master(tmp_path / "music", tmp_path / "out", engine="loop", workers=1)
    assert time.monotonic() - begun < 20
    if sys.platform != "win32":
        assert not [path for path in (tmp_path / "out").rglob(".acetate-*")]
    assert catalogue.master(tmp_path / "music", tmp_path / "out", engine="loop").totals["failed"] == 0
