"""The package against the program and against itself. ACETATE_PROGRAM names the program."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import acetate
from acetate import matchering

EXAMPLES = Path(__file__).parents[2] / "examples"
MIX, RECORD = EXAMPLES / "mix.flac", EXAMPLES / "reference.flac"
PROGRAM = os.environ.get("ACETATE_PROGRAM") or shutil.which("acetate")
RATE = 48_000

with_program = pytest.mark.skipif(PROGRAM is None, reason="ACETATE_PROGRAM is not set and no acetate is on the PATH")


def tones(seconds: float = 3.0) -> npt.NDArray[np.float64]:
    """Two tones that swell, (frames, channels)."""
    at = np.arange(int(RATE * seconds)) / RATE
    swell = 0.2 + 0.1 * np.sin(2 * np.pi * 0.7 * at)
    return np.stack([swell * np.sin(2 * np.pi * hz * at) for hz in (220.0, 277.0)], axis=1)


def program(*arguments: str | Path) -> str:
    """What the program prints."""
    assert PROGRAM is not None
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


@with_program
def test_numbers_are_the_programs_to_the_last_digit() -> None:
    document = json.loads(program("analyze", MIX, "--json"))
    assert acetate.analyze(MIX) == document["files"][0]["analysis"]


@with_program
@pytest.mark.parametrize("wishes", [{"target": "spotify"}, {"reference": str(RECORD)}, {"target": "loud", "bits": 16}])
def test_bytes_are_the_programs(tmp_path: Path, wishes: dict[str, Any]) -> None:
    arguments: list[str] = []
    for name, option in (("target", "-t"), ("reference", "-r"), ("bits", "--bits")):
        arguments += [option, str(wishes[name])] if name in wishes else []
    program("-q", "master", MIX, *arguments, "-o", tmp_path / "program.wav")
    made = acetate.master(MIX, output=tmp_path / "python.wav", **wishes)
    assert (tmp_path / "python.wav").read_bytes() == (tmp_path / "program.wav").read_bytes()
    assert made.path == tmp_path / "python.wav"
    assert json.loads((tmp_path / "python.wav.settings.json").read_text())["settings"] == made.settings["settings"]


def test_layouts_and_types_say_the_same() -> None:
    sound = tones()
    first = acetate.analyze(sound, RATE)
    for other in (
        sound.T,
        np.asfortranarray(sound),
        np.ascontiguousarray(sound.T),
        np.repeat(sound, 2, axis=0)[::2],
        sound[::-1][::-1],
    ):
        assert acetate.analyze(other, RATE) == first
    single = acetate.analyze(sound.astype(np.float32), RATE)
    assert acetate.analyze(sound.T.astype(np.float32), RATE) == single
    assert single["loudness"]["integrated_lufs"] == pytest.approx(first["loudness"]["integrated_lufs"], abs=1e-6)


def test_loudness_alone_is_that_of_the_analysis() -> None:
    sound = tones()
    for given in ((sound, RATE), (sound.T, RATE), (MIX, None), (MIX.read_bytes(), None)):
        whole = acetate.analyze(*given)["loudness"]["integrated_lufs"]
        assert acetate.loudness(*given) == pytest.approx(whole, abs=0.006)
    assert acetate.loudness(np.zeros((RATE, 2)), RATE) == float("-inf")
    with pytest.raises(acetate.UsageError):
        acetate.loudness(sound)


def test_loudness_is_one_number_whatever_the_array_is_made_of() -> None:
    sound = tones().astype(np.float32)
    first = acetate.loudness(np.ascontiguousarray(sound), RATE)
    packed = np.zeros(len(sound), dtype=[("left", "<f4"), ("gap", "i1"), ("right", "<f4")])
    packed["right"] = sound[:, 1]
    three = np.concatenate([sound, sound[:, :1]], axis=1)
    for other in (
        sound.astype(np.float64),
        np.asfortranarray(sound),
        np.ascontiguousarray(sound.T),
        np.repeat(sound, 2, axis=0)[::2],
        sound[::-1].copy()[::-1],
        sound.astype(">f4"),
        sound.astype(np.longdouble),
        three[:, :2],
        three[:, 1:][:, ::-1],
    ):
        assert acetate.loudness(other, RATE) == first
    # Fields that lie askew in their records.
    assert acetate.loudness(packed["right"], RATE) == acetate.loudness(sound[:, 1].copy(), RATE)
    assert acetate.loudness(*acetate._acetate.read(None, str(MIX))) == acetate.loudness(MIX)


def test_loudness_of_an_array_that_is_no_sound_says_where_it_is_not() -> None:
    sound = tones()
    sound[40_000, 1] = np.nan
    with pytest.raises(acetate.UsageError, match="channel 2, frame 40000"):
        acetate.loudness(sound, RATE)
    with pytest.raises(acetate.UsageError, match="rate"):
        acetate.loudness(tones(), 1)
    with pytest.raises(acetate.Cancelled):
        acetate.loudness(tones(), RATE, progress=lambda stage, share: False)


def test_loudness_lets_go_of_the_array() -> None:
    sound = tones()
    before = sys.getrefcount(sound)
    acetate.loudness(sound, RATE)
    assert sys.getrefcount(sound) == before


def test_sound_goes_back_in_the_layout_it_came_in() -> None:
    sound = tones()
    rows = acetate.master(sound, RATE, target="streaming")
    assert rows.audio.shape == sound.shape and rows.audio.dtype == np.float32
    columns = acetate.master(sound.T, RATE, target="streaming")
    assert columns.audio.shape == sound.T.shape
    np.testing.assert_array_equal(columns.audio.T, rows.audio)
    mono = acetate.master(sound[:, 0], RATE)
    assert mono.audio.shape == sound[:, 0].shape
    assert rows.sample_rate == RATE


def test_applying_the_settings_of_a_master_gives_its_sound() -> None:
    sound = tones()
    made = acetate.master(sound, RATE, target="loud")
    again = acetate.apply(sound, made.settings, RATE)
    np.testing.assert_array_equal(again.audio, made.audio)
    assert made.data == again.data


def test_an_array_may_change_once_the_call_began() -> None:
    sound = tones(20.0)
    before = acetate.analyze(sound.copy(), RATE)

    def disturb(stage: str, share: float) -> None:
        sound[:] = 0.0

    assert acetate.analyze(sound, RATE, progress=disturb) == before


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((100, 2), np.int16), "floats"),
        (np.zeros((0, 2)), "shape"),
        (np.zeros((3, 100, 2)), "dimensions"),
        (np.zeros((100, 100)), "shape"),
        (np.full((48_000, 2), np.nan), "finite"),
        (np.full((48_000, 2), np.inf), "finite"),
        (np.zeros((48_000, 2), np.complex64), "floats"),
    ],
)
def test_what_is_no_sound_is_refused_in_one_line(array: npt.NDArray[Any], why: str) -> None:
    with pytest.raises(acetate.UsageError, match=why) as told:
        acetate.analyze(array, RATE)
    assert "\n" not in str(told.value)


def test_rates_go_with_arrays_alone() -> None:
    with pytest.raises(acetate.UsageError, match="sample_rate"):
        acetate.analyze(tones())
    with pytest.raises(acetate.UsageError, match="sample_rate"):
        acetate.analyze(MIX, RATE)


def test_errors_say_whose_turn_it_is(tmp_path: Path) -> None:
    with pytest.raises(acetate.Error, match="missing.wav"):
        acetate.analyze(tmp_path / "missing.wav")
    with pytest.raises(acetate.UsageError, match="spotify"):
        acetate.master(MIX, target="spotfy")
    with pytest.raises(acetate.UsageError, match="loudness"):
        acetate.suggest(MIX, loudness=-9)
    with pytest.raises(acetate.UsageError, match="0 to 150"):
        acetate.suggest(MIX, amount_pct=200)
    with pytest.raises(acetate.Refused):
        acetate.master(np.zeros((RATE, 2)), RATE)
    there = tmp_path / "there.wav"
    there.write_bytes(b"mine")
    with pytest.raises(acetate.Refused, match="exists"):
        acetate.master(tones(), RATE, output=there)
    assert there.read_bytes() == b"mine"


def test_bytes_of_a_file_are_that_file() -> None:
    from_bytes, from_path = acetate.analyze(MIX.read_bytes()), acetate.analyze(MIX)
    assert from_bytes["loudness"] == from_path["loudness"]


def test_a_profile_stands_for_its_record() -> None:
    by_profile = acetate.suggest(MIX, reference=acetate.profile(RECORD)).settings
    by_file = acetate.suggest(MIX, reference=RECORD).settings
    assert by_profile["aim"]["references"] == by_file["aim"]["references"]
    # A profile keeps 64 spectra, rounded: near to the file, not the same.
    assert by_profile["settings"]["drive_db"] == pytest.approx(by_file["settings"]["drive_db"], abs=0.5)
    blend = acetate.suggest(MIX, reference=[(RECORD, 2.0), (acetate.profile(RECORD), 1.0)])
    assert len(blend.settings["aim"]["references"]) >= 1


def test_progress_never_runs_backwards_and_false_stops() -> None:
    heard: list[tuple[str, float]] = []
    acetate.master(tones(), RATE, progress=lambda stage, share: heard.append((stage, share)))
    assert {stage for stage, _ in heard} >= {"measuring", "fitting", "rendering", "verifying"}
    for stage in {stage for stage, _ in heard}:
        shares = [share for name, share in heard if name == stage]
        assert shares == sorted(shares)
    with pytest.raises(acetate.Cancelled):
        acetate.master(tones(20.0), RATE, progress=lambda stage, share: stage != "rendering")


def test_what_a_callback_raises_comes_out(tmp_path: Path) -> None:
    def fail(stage: str, share: float) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        acetate.master(MIX, output=tmp_path / "never.wav", progress=fail)
    assert list(tmp_path.iterdir()) == []


def test_other_threads_go_on_meanwhile() -> None:
    ticks, done = 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    acetate.master(tones(10.0), RATE)
    done.set()
    thread.join()
    assert ticks > 20


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    script = (
        "import sys, time, numpy as np, acetate\n"
        "sound = np.random.default_rng(1).normal(0, 0.1, (48000 * 240, 2))\n"
        "def told(stage, share):\n"
        "    if share == 0 or stage == 'measuring': print('begun', flush=True)\n"
        "try:\n"
        "    acetate.master(sound, 48000, output=sys.argv[1], progress=told)\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped', time.time(), flush=True)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "out.wav")], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline().strip() == "begun"
    asked = time.time()
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=60)
    stopped = [float(line.split()[1]) for line in rest.splitlines() if line.startswith("stopped")]
    assert stopped and stopped[0] - asked < 0.5
    assert list(tmp_path.iterdir()) == []


def test_matchering_scripts_run(tmp_path: Path) -> None:
    heard: list[str] = []
    matchering.log(heard.append)
    results = [matchering.pcm16(tmp_path / "16.wav"), matchering.pcm24(tmp_path / "24.wav")]
    matchering.process(target=str(MIX), reference=str(RECORD), results=results)
    assert len(heard) == 2
    assert acetate.analyze(tmp_path / "16.wav")["format"]["bits"] == 16
    assert acetate.analyze(tmp_path / "24.wav")["format"]["bits"] == 24


def test_check_and_compare_answer() -> None:
    checked = acetate.check(MIX, target=["spotify", "apple-music"], codecs=[])
    assert [target["target"] for target in checked["targets"]] == ["spotify", "apple-music"]
    same = acetate.compare(MIX, MIX, null=True)
    assert same["versions"]["delay_s"] == 0
    assert any(target["id"] == "spotify" for target in acetate.targets())


def test_documents_are_dictionaries_and_text(tmp_path: Path) -> None:
    measured = acetate.analyze(tones(), RATE)
    assert json.loads(measured.json()) == measured
    measured.write(tmp_path / "measured.json")
    with pytest.raises(acetate.Refused):
        measured.write(tmp_path / "measured.json")


def test_a_master_in_memory_can_be_written(tmp_path: Path) -> None:
    made = acetate.master(tones(), RATE)
    made.write(tmp_path / "out.wav")
    assert acetate.analyze(tmp_path / "out.wav")["loudness"]["integrated_lufs"] == pytest.approx(
        made.analysis["loudness"]["integrated_lufs"]
    )
    with pytest.raises(acetate.Refused):
        made.write(tmp_path / "out.wav")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="there is no /proc")
def test_many_analyses_take_no_more_memory_than_few() -> None:
    count = int(os.environ.get("ACETATE_ANALYSES", "300"))
    sound = tones(0.5).astype(np.float32)

    def pages() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1])

    for _ in range(50):
        acetate.analyze(sound, RATE)
    before = pages()
    for _ in range(count):
        acetate.analyze(sound, RATE)
    assert (pages() - before) * 4096 < 24e6
