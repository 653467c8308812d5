"""What people give: sound in every shape, sample rates, wishes; and what they are told where it cannot be."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import acetate
from acetate import matchering
from acetate._documents import ENDINGS

MIX = Path(__file__).parents[2] / "examples" / "mix.flac"
RATE = 48_000


@pytest.fixture(scope="module")
def sound() -> npt.NDArray[np.float64]:
    at = np.arange(RATE) / RATE
    return np.stack([0.2 * np.sin(2 * np.pi * hz * at) for hz in (220.0, 277.0)], axis=1)


@pytest.fixture(scope="module")
def made(sound: npt.NDArray[np.float64]) -> acetate.Master:
    return acetate.master(sound, RATE, format="wav")


def refused(work: Any, *said: str) -> None:
    """It is a UsageError on one line that says all of this."""
    with pytest.raises(acetate.UsageError) as told:
        work()
    assert all(word in str(told.value) for word in said), told.value
    assert "\n" not in str(told.value)


def test_open_files_and_views_are_read_as_their_bytes() -> None:
    first = acetate.loudness(MIX)
    data = MIX.read_bytes()
    assert acetate.loudness(io.BytesIO(data)) == acetate.loudness(memoryview(data)) == first
    with MIX.open("rb") as file:
        assert acetate.analyze(file)["loudness"]["integrated_lufs"] == pytest.approx(first, abs=0.006)


def test_what_reads_text_or_has_a_rate_is_no_open_file() -> None:
    refused(lambda: acetate.loudness(io.StringIO("sound")), "StringIO", "str", '"rb"')
    refused(lambda: acetate.loudness(io.BytesIO(MIX.read_bytes()), RATE), "sample_rate")


def test_views_of_samples_are_told_from_bytes(sound: npt.NDArray[np.float64]) -> None:
    for rate in (None, RATE):
        refused(lambda: acetate.analyze(memoryview(sound), rate), "memoryview", "bytes of a file", "numpy.asarray")


@pytest.mark.parametrize("rate", [44_100.5, "44100", float("nan"), float("inf"), -1, 2**40, [RATE]])
def test_rates_are_whole_numbers(sound: npt.NDArray[np.float64], rate: Any) -> None:
    refused(lambda: acetate.analyze(sound, rate), "sample_rate")
    refused(lambda: acetate.loudness(sound, rate), "sample_rate")


def test_rates_are_whole_numbers_of_any_type(sound: npt.NDArray[np.float64]) -> None:
    first = acetate.loudness(sound, RATE)
    for rate in (np.int64(RATE), np.uint16(RATE), float(RATE), np.float32(RATE), np.array(RATE)):
        assert acetate.loudness(sound, rate) == first  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"lufs": float("nan")}, ["lufs is nan", "finite"]),
        ({"lufs": "-14"}, ["lufs is '-14'", "a number"]),
        ({"seed": -1}, ["seed is -1", "whole number"]),
        ({"force": "yes"}, ["force is 'yes'", "True or False"]),
        ({"codec": "aac128"}, ["codec is 'aac128'", "a list"]),
        ({"bits": 20}, ["bits is 20", "help(acetate.master)"]),
        ({"rate": 44_100.5}, ["rate is 44100.5"]),
        ({"limiter": "slow"}, ["limiter", "masked"]),
        ({"style": object()}, ["style is", "object"]),
        ({"loufs": -9}, ["no wish loufs (is lufs meant?)", "ceiling_dbtp"]),
        ({"zzz": -9}, ["no wish zzz; there are target"]),
        ({"reference": np.zeros((RATE, 2))}, ["references are paths, profiles", "ndarray"]),
        ({"reference": (np.zeros((RATE, 2)), RATE)}, ["references are paths, profiles", "ndarray"]),
        ({"reference": ("a.wav", "b.wav")}, ["weight", "'b.wav'"]),
        ({"reference": [("a.wav", 1, 2)]}, ["3 parts"]),
        ({"reference_tone": MIX.read_bytes()}, ["references are paths, profiles", "bytes"]),
    ],
)
def test_a_wrong_wish_is_named_with_what_was_given(
    sound: npt.NDArray[np.float64], tmp_path: Path, wishes: dict[str, Any], said: list[str]
) -> None:
    refused(lambda: acetate.suggest(sound, RATE, **wishes), *said)
    refused(lambda: acetate.master(sound, RATE, **wishes), *said)
    refused(lambda: acetate.catalogue.master([], tmp_path / "out", engine="loop", **wishes), *said)


def test_numbers_of_numpy_are_numbers(sound: npt.NDArray[np.float64]) -> None:
    given = {"lufs": np.array(-20.0), "seed": np.int16(3), "amount_pct": np.float32(50)}
    plain = {"lufs": -20.0, "seed": 3, "amount_pct": 50}
    assert acetate.suggest(sound, RATE, **given).settings == acetate.suggest(sound, RATE, **plain).settings


def test_settings_that_are_none_are_refused(sound: npt.NDArray[np.float64], made: acetate.Master, tmp_path: Path) -> None:
    refused(lambda: acetate.apply(sound, RATE, made.settings), "apply(sound, settings, sample_rate)")  # type: ignore[arg-type]
    refused(lambda: acetate.apply(sound, made, RATE), "Master")  # type: ignore[arg-type]
    refused(lambda: acetate.apply(MIX, MIX), "mix.flac", "no text")
    refused(lambda: acetate.apply(sound, made.settings, RATE, lufs=float("nan")), "lufs is nan")
    with pytest.raises(acetate.Error, match="gone.json: cannot be read"):
        acetate.apply(sound, tmp_path / "gone.json", RATE)


def test_a_master_is_written_under_a_name_that_says_what_it_is(made: acetate.Master, tmp_path: Path) -> None:
    refused(lambda: made.write(tmp_path / "w.flac"), "this master is wav", "name it .wav", 'format="flac"')
    refused(lambda: made.write(tmp_path / "w.mp3"), "name it .wav", 'format="mp3"')
    refused(lambda: made.write(tmp_path / "w"), "name it .wav")
    assert list(tmp_path.iterdir()) == []
    made.write(tmp_path / "W.WAV")
    assert (tmp_path / "W.WAV").read_bytes() == made.data


def test_the_name_goes_by_what_was_rendered_not_by_edited_settings(sound: npt.NDArray[np.float64], tmp_path: Path) -> None:
    edited = acetate.master(sound, RATE, format="wav")
    edited.settings["settings"]["output"]["format"] = "flac"
    refused(lambda: edited.write(tmp_path / "w.flac"), "this master is wav")


def test_a_file_that_went_away_is_an_error_of_this_package(sound: npt.NDArray[np.float64], tmp_path: Path) -> None:
    written = acetate.master(sound, RATE, output=tmp_path / "out.wav")
    (tmp_path / "out.wav").unlink()
    with pytest.raises(acetate.Error, match="out.wav: cannot be read"):
        written.write(tmp_path / "again.wav")
    assert not (tmp_path / "again.wav").exists()


@pytest.mark.parametrize("is_format", ["wav", "flac", "aiff"])
def test_names_end_as_the_library_has_it(sound: npt.NDArray[np.float64], tmp_path: Path, is_format: str) -> None:
    for ending in ENDINGS[is_format]:
        written = acetate.master(sound, RATE, output=tmp_path / f"library.{ending}")
        written.write(tmp_path / f"again.{ending}")
        assert (tmp_path / f"again.{ending}").read_bytes() == (tmp_path / f"library.{ending}").read_bytes()


def test_what_cannot_be_written_is_an_error_of_this_package(made: acetate.Master, tmp_path: Path) -> None:
    (tmp_path / "there.wav").write_bytes(b"mine")
    for document in (made, made.settings):
        with pytest.raises(acetate.Error, match="out.wav: cannot be written"):
            document.write(tmp_path / "gone" / "out.wav")
        with pytest.raises(acetate.Refused, match="there.wav exists"):
            document.write(tmp_path / "there.wav")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"mine"]


def test_plans_and_masters_say_what_they_are(sound: npt.NDArray[np.float64], made: acetate.Master, tmp_path: Path) -> None:
    lufs = made.analysis["loudness"]["integrated_lufs"]
    assert repr(made) == f"<acetate.Master of sound (1.0 s): {lufs:.1f} LUFS, met>"
    written = acetate.master(sound, RATE, output=tmp_path / "out.wav", lufs=-30)
    assert repr(written) == f"<acetate.Master of sound (1.0 s) in {tmp_path / 'out.wav'}: -30.0 LUFS, met>"
    plan = acetate.suggest(MIX, lufs=-16)
    assert repr(plan) == "<acetate.Plan for mix.flac (22.9 s), -20.8 LUFS; -16.0 LUFS expected>"


def test_every_wish_is_in_the_help(sound: npt.NDArray[np.float64]) -> None:
    with pytest.raises(acetate.UsageError) as told:
        acetate.suggest(sound, RATE, zzz=1)
    wishes = str(told.value).partition("there are ")[2].split(", ")
    assert len(wishes) > 20
    assert [wish for wish in wishes if f"``{wish}``" not in (acetate.master.__doc__ or "")] == []


def test_a_config_of_matchering_is_told_what_to_use() -> None:
    with pytest.raises(AttributeError, match="acetate.master with wishes"):
        matchering.Config
    with pytest.raises(acetate.UsageError, match="acetate.master with wishes"):
        matchering.process("mix.wav", "record.wav", ["out.wav"], config=object())
    with pytest.raises(AttributeError, match="has no attribute 'load'"):
        matchering.load


def test_neither_the_mix_nor_a_record_is_ever_replaced(tmp_path: Path) -> None:
    mix, record = tmp_path / "mix.flac", tmp_path / "record.flac"
    mix.write_bytes(Path(MIX).read_bytes())
    record.write_bytes((Path(MIX).parent / "reference.flac").read_bytes())
    for own in (mix, record):
        before = own.read_bytes()
        with pytest.raises(acetate.Refused):
            acetate.master(mix, output=own, reference=record, replace=True)
        with pytest.raises(acetate.Refused):
            matchering.process(target=str(mix), reference=str(record), results=[str(own)])
        assert own.read_bytes() == before


def test_a_lone_channel_counts_as_in_the_program() -> None:
    array, rate = np.sin(np.arange(96_000) / 20) * 0.1, 48_000
    single, dual = (acetate.loudness(array, rate, mono=mono) for mono in ("single", "dual"))
    assert abs(dual - single - 3.01) < 0.01
    assert acetate.loudness(array, rate) == single
    assert abs(acetate.analyze(array, rate)["loudness"]["integrated_lufs"] - single) < 0.001
    with pytest.raises(acetate.UsageError, match="single"):
        acetate.loudness(array, rate, mono="both")


def test_an_array_is_checked_but_for_what_only_a_file_has(made: acetate.Master) -> None:
    assert made.audio is not None and made.sample_rate is not None
    checked = acetate.check(made.audio, made.sample_rate, target="streaming")
    outcomes = {rule["code"]: rule["outcome"] for rule in checked["targets"][0]["checks"]}
    assert outcomes["D103"] == "not_checked" and outcomes["D102"] == "pass"
    assert "fail" not in outcomes.values()
