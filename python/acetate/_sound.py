"""Sound in every shape that people have it in."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _acetate


class Readable(Protocol):
    """A file that is open for reading bytes, or what reads like one (``io.BytesIO``, a response, a member of an archive)."""

    def read(self) -> bytes:
        """All that is left of it."""


Sound: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | npt.NDArray[Any]"
"""A path, the bytes of a file, an open file (read from where it stands to its end), or an array of floats (full scale 1.0)."""

Progress: TypeAlias = Callable[[str, float], Any]
"""Called with a stage (``"measuring"``, ``"fitting"``, ``"rendering"``, ...) and its share, 0 to 1; ``False`` stops the work."""

CHANNELS_MAX = 8
SAMPLE_RATE_MAX = 2**32 - 1
"""What the compiled part can be told at all, Hz; what it takes it says itself."""

BYTE_FORMATS = ("B", "b", "c")
"""Formats of views whose items are bytes."""


@dataclass(frozen=True)
class Opened:
    """A sound that was measured, and the layout that it came in."""

    song: _acetate.Song
    frames_first: bool = True
    dimensions: int = 2

    def laid_out(self, planes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Rows of channels in the layout that the sound came in."""
        if self.dimensions == 1 and len(planes) == 1:
            return np.asarray(planes[0], dtype=np.float32)
        return planes.T if self.frames_first else planes


def opened(sound: Sound, sample_rate: int | None, progress: Progress | None, mono: str = "dual") -> Opened:
    """Reads and measures."""
    opening, frames_first, dimensions = _opening(sound, sample_rate)
    return Opened(opening.measure(progress, mono), frames_first, dimensions)


def loudness(sound: Sound, sample_rate: int | None, progress: Progress | None, mono: str) -> float | None:
    """Reads, and measures the loudness alone; an array is not copied."""
    file = _file(sound, sample_rate)
    if file is not None:
        return file.loudness(progress, mono)
    planes = _planes(sound, sample_rate)[0]
    return _acetate.loudness(_in_place(planes), _rate(sample_rate), progress, mono)


def _in_place(planes: npt.NDArray[Any]) -> npt.NDArray[np.float32] | npt.NDArray[np.float64]:
    """The array itself where it can be read in place: floats of this machine, each where floats may lie."""
    in_place = planes.dtype in (np.float32, np.float64) and planes.dtype.isnative and planes.flags.aligned
    if in_place and all(stride % planes.itemsize == 0 for stride in planes.strides):
        return planes
    return np.ascontiguousarray(planes, dtype=np.float32)


def _opening(sound: Sound, sample_rate: int | None) -> tuple[_acetate.Opening, bool, int]:
    """What is about to be read, whether an array has its frames first, and its dimensions."""
    file = _file(sound, sample_rate)
    if file is not None:
        return file, True, 2
    planes, frames_first, dimensions = _planes(sound, sample_rate)
    copy = np.ascontiguousarray(planes, dtype=np.float32)
    return _acetate.Opening.samples("sound", _rate(sample_rate), copy), frames_first, dimensions


def _file(sound: Any, sample_rate: int | None) -> _acetate.Opening | None:
    """A file that is about to be read: by its path, of its bytes, or where it is open. ``None`` of everything else."""
    if isinstance(sound, (str, os.PathLike)):
        _no_rate(sample_rate)
        return _acetate.Opening.file(os.fspath(sound))
    if isinstance(sound, (bytes, bytearray, memoryview)):
        if isinstance(sound, memoryview):
            _is_bytes(sound, sample_rate)
        _no_rate(sample_rate)
        return _acetate.Opening.bytes("sound", bytes(sound))
    if not hasattr(sound, "__array__") and callable(getattr(sound, "read", None)):
        _no_rate(sample_rate)
        return _acetate.Opening.bytes("sound", _read(sound))
    return None


def _is_bytes(view: memoryview, sample_rate: int | None) -> None:
    if view.format not in BYTE_FORMATS or sample_rate is not None:
        raise _acetate.UsageError("a memoryview is the bytes of a file, without a sample_rate; numpy.asarray(view) is an array of samples")


def _read(file: Readable) -> bytes:
    data: object = file.read()
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    kind = type(data).__name__
    raise _acetate.UsageError(f'a file that is sound gives bytes when it is read, this {type(file).__name__} gives {kind}: open it with "rb"')


def _planes(sound: Any, sample_rate: int | None) -> tuple[npt.NDArray[Any], bool, int]:
    """An array with a row a channel, whether its frames came first, and its dimensions."""
    if not hasattr(sound, "__array__"):
        raise _acetate.UsageError(f"a path, bytes, an open file or an array is sound; {type(sound).__name__} is not")
    array = np.asarray(sound)
    _rate(sample_rate)
    if not np.issubdtype(array.dtype, np.floating):
        raise _acetate.UsageError(
            f"samples are floats with full scale 1.0; these are {array.dtype}: divide by the full scale of the integers"
        )
    if array.ndim == 1:
        planes, frames_first = array[np.newaxis, :], True
    elif array.ndim == 2:
        # Whichever side is shorter is the channels: no sound has fewer frames than channels.
        frames_first = array.shape[1] <= array.shape[0]
        planes = array.T if frames_first else array
    else:
        raise _acetate.UsageError(f"an array of {array.ndim} dimensions is no sound: (frames, channels) or (channels, frames) is")
    if planes.size == 0 or planes.shape[0] > CHANNELS_MAX:
        raise _acetate.UsageError(
            f"an array of shape {array.shape} is no sound: (frames, channels) or (channels, frames) with 1 to {CHANNELS_MAX} channels is"
        )
    return planes, frames_first, array.ndim


def _rate(sample_rate: Any) -> int:
    """Frames a second as the compiled part takes them: whole numbers of any type, also of numpy, and 48000.0."""
    if sample_rate is None:
        raise _acetate.UsageError("an array needs its sample_rate")
    whole = isinstance(sample_rate, Real) and sample_rate % 1 == 0
    try:
        rate = int(sample_rate) if whole else operator.index(sample_rate)
    except TypeError:
        raise _acetate.UsageError(f"sample_rate is {sample_rate!r}, and a whole number (Hz) is wanted") from None
    if not 0 <= rate <= SAMPLE_RATE_MAX:
        raise _acetate.UsageError(f"a sample_rate of {rate} Hz is none")
    return rate


def _no_rate(sample_rate: int | None) -> None:
    if sample_rate is not None:
        raise _acetate.UsageError("a file knows its sample_rate; it goes with arrays alone")
