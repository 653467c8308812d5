"""What comes back: documents that are dictionaries, plans, masters."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _acetate
from ._sound import Opened

ENDINGS = {
    "wav": ("wav", "wave", "bwf", "rf64"),
    "flac": ("flac",),
    "aiff": ("aiff", "aif", "aifc"),
    "mp3": ("mp3",),
    "ogg": ("ogg", "oga"),
    "opus": ("opus",),
    "m4a": ("m4a", "mp4"),
}
"""How names of files end in each format, the usual ending first: what the library makes of the name of an output."""


class Document(dict[str, Any]):
    """A document of acetate: a dictionary, and JSON when it is wanted."""

    def json(self, indent: int | None = 2) -> str:
        """Its text."""
        return json.dumps(self, indent=indent, ensure_ascii=False)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes it as a new file. Raises ``Refused`` where there is one, ``Error`` where none can be."""
        _write(Path(path), (self.json() + "\n").encode(), replace=False, advice="")


class Plan:
    """What is to be done, and why. ``settings`` may be edited and given to :func:`acetate.apply`."""

    def __init__(self, song: Opened, plan: _acetate.Plan) -> None:
        self._song, self._plan = song, plan

    @cached_property
    def settings(self) -> Document:
        """``acetate.settings/1``: what is rendered, its moves with their reasons, the numbers before and expected."""
        return Document(json.loads(self._plan.settings()))

    @property
    def summary(self) -> str:
        """The whole in one sentence."""
        return str(self.settings.get("summary", ""))

    def __repr__(self) -> str:
        numbers = self.settings.get("numbers") or {}
        levels = [_lufs(numbers.get(when)) for when in ("before", "predicted")]
        return f"<acetate.Plan for {_source(self.settings)}, {levels[0]}; {levels[1]} expected>"


class Master:
    """A finished, verified master."""

    def __init__(self, song: Opened, master: _acetate.Master) -> None:
        self._song, self._master = song, master

    @property
    def path(self) -> Path | None:
        """The file, where one was written."""
        path = self._master.path
        return None if path is None else Path(path)

    @cached_property
    def settings(self) -> Document:
        """``acetate.settings/1`` as it was rendered."""
        return Document(json.loads(self._master.settings()))

    @cached_property
    def analysis(self) -> Document:
        """What the written file measures (``acetate.analysis/1``)."""
        return Document(json.loads(self._master.analysis()))

    @cached_property
    def verdict(self) -> Document:
        """Whether it is what was asked for, and what the target takes."""
        return Document(json.loads(self._master.verdict()))

    @property
    def met(self) -> bool:
        """Is everything met that was asked for?"""
        return self._master.met

    @property
    def done(self) -> str:
        """What was done, in one sentence."""
        return self._master.done

    @property
    def data(self) -> bytes:
        """The bytes of the file. Raises ``Error`` where it was written and cannot be read any more."""
        data = self._master.data()
        if data is not None:
            return data
        assert self.path is not None, "a master that is not in memory is a file"
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise _acetate.Error(f"{self.path}: cannot be read: {error.strerror or error}") from error

    @cached_property
    def _decoded(self) -> tuple[npt.NDArray[np.float32], int]:
        data = self._master.data()
        return _acetate.read(data, None) if data is not None else _acetate.read(None, self._master.path)

    @property
    def audio(self) -> npt.NDArray[np.float32]:
        """Its samples, in the layout that the mix came in; of a file ``(frames, channels)``."""
        return self._song.laid_out(self._decoded[0])

    @property
    def sample_rate(self) -> int:
        """Frames a second."""
        return self._decoded[1]

    def write(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes the file, with its settings beside it (``NAME.settings.json``).

        The name ends as the format does that the master has (``format=...`` of :func:`acetate.master`), else ``UsageError``. Raises ``Refused``
        where a file is and is not to be replaced, ``Error`` where none can be written.
        """
        target = Path(path)
        self._is_named(target)
        _write(target, self.data, replace, "; replace=True replaces it")
        beside = target.with_name(target.name + ".settings.json")
        _write(beside, (self.settings.json() + "\n").encode(), replace=True, advice="")

    def _is_named(self, path: Path) -> None:
        """Raises ``UsageError`` where the name says another format than the bytes have."""
        # As it was rendered: the settings of this object may have been edited since.
        is_format = json.loads(self._master.settings())["settings"]["output"]["format"]
        endings = ENDINGS[is_format]
        ending = path.suffix.lower().removeprefix(".")
        if ending in endings:
            return
        asked = next((name for name, others in ENDINGS.items() if ending in others), None)
        other = f', or make it with master(..., format="{asked}")' if asked else ""
        raise _acetate.UsageError(f"{path}: this master is {is_format}; name it .{endings[0]}{other}")

    def __repr__(self) -> str:
        met = "met" if self.met else "missed"
        place = "" if self.path is None else f" in {self.path}"
        return f"<acetate.Master of {_source(self.settings)}{place}: {_lufs(self.analysis)}, {met}>"


def _source(settings: Mapping[str, Any]) -> str:
    """What a song is called, and its length."""
    source = settings.get("source") or {}
    return f"{source.get('name', 'sound')} ({source.get('duration_s') or 0.0:.1f} s)"


def _lufs(analysis: Mapping[str, Any] | None) -> str:
    """Integrated loudness in words; silence has none."""
    lufs = ((analysis or {}).get("loudness") or {}).get("integrated_lufs")
    return "no loudness" if lufs is None else f"{lufs:.1f} LUFS"


def _write(path: Path, data: bytes, replace: bool, advice: str) -> None:
    """Writes a file; what goes wrong is an exception of this package."""
    try:
        with open(path, "wb" if replace else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise _acetate.Refused(f"{path} exists{advice}") from None
    except OSError as error:
        raise _acetate.Error(f"{path}: cannot be written: {error.strerror or error}") from error
