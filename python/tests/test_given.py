"""What people give: sound in every shape, sample rates, wishes; and what they are told where it cannot be."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import acetate

MIX = Path(__file__).parents[2] / "examples" / "mix.flac"
RATE = 48_000


@pytest.fixture(scope="module")
def sound() -> npt.NDArray[np.float64]:
    at = np.arange(RATE) / RATE
    return np.stack([0.2 * np.sin(2 * np.pi * hz * at) for hz in (220.0, 277.0)], axis=1)


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
