"""What comes back: documents that are dictionaries, plans, masters."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _acetate
from ._sound import Opened


class Document(dict[str, Any]):
    """A document of acetate: a dictionary, and JSON when it is wanted."""

    def json(self, indent: int | None = 2) -> str:
        """Its text."""
        return json.dumps(self, indent=indent, ensure_ascii=False)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes it as a new file."""
        with open(path, "x", encoding="utf-8") as file:
            file.write(self.json() + "\n")


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
        """The file."""
        data = self._master.data()
        if data is not None:
            return data
        assert self.path is not None, "a master that is not in memory is a file"
        return self.path.read_bytes()

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
        """Writes the file, with its settings beside it. The name must end as the format does (``format=...``)."""
        target = Path(path)
        mode = "wb" if replace else "xb"
        try:
            with open(target, mode) as file:
                file.write(self.data)
        except FileExistsError:
            raise _acetate.Refused(f"{target} exists; replace=True replaces it") from None
        beside = target.with_name(target.name + ".settings.json")
        beside.write_text(self.settings.json() + "\n", encoding="utf-8")
