"""Existing Matchering scripts, with acetate behind them.

>>> from acetate import matchering as mg
>>> mg.process(target="mix.wav", reference="record.wav", results=[mg.pcm16("master.wav")])   # doctest: +SKIP

There, *target* is the mix and *reference* the record. Files that exist are replaced, as there. There is no ``Config``: what it sets are
wishes of :func:`acetate.master`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Result", "log", "pcm16", "pcm24", "process"]

_NO_CONFIG = (
    "there is no Config of Matchering here: leave config out, or call acetate.master with wishes instead "
    '(max_eq_db=6, rate=44100, limiter="off"; help(acetate.master) lists them)'
)

_log: Callable[[str], Any] | None = None


@dataclass(frozen=True)
class Result:
    """A file to write: its name, and libsndfile's name of its sample format."""

    file: str
    subtype: str = "PCM_16"
    use_limiter: bool = True
    normalize: bool = True


def pcm16(file: str | os.PathLike[str]) -> Result:
    """16-bit integers."""
    return Result(os.fspath(file), "PCM_16")


def pcm24(file: str | os.PathLike[str]) -> Result:
    """24-bit integers."""
    return Result(os.fspath(file), "PCM_24")


def log(
    default_handler: Callable[[str], Any] | None = None,
    *,
    warning_handler: Callable[[str], Any] | None = None,
    info_handler: Callable[[str], Any] | None = None,
    debug_handler: Callable[[str], Any] | None = None,
    show_codes: bool = False,
) -> None:
    """Who hears what is done; ``log(print)`` prints it."""
    global _log
    _log = info_handler or default_handler or warning_handler


def process(
    target: str,
    reference: str,
    results: Sequence[Result | str],
    config: Any = None,
    preview_target: Any = None,
    preview_result: Any = None,
) -> None:
    """Masters ``target`` after ``reference`` into every file of ``results``."""
    from . import UsageError, master

    if not results:
        raise UsageError("results is empty: name at least one file")
    if preview_target is not None or preview_result is not None:
        raise UsageError("previews are not written; acetate report makes a page to listen to")
    if config is not None:
        raise UsageError(_NO_CONFIG)
    bits = {"PCM_16": 16, "PCM_24": 24, "FLOAT": "32f"}
    wanted = [result if isinstance(result, Result) else Result(os.fspath(result)) for result in results]
    for result in wanted:
        if result.subtype not in bits:
            raise UsageError(f"{result.file}: {result.subtype} is not written here; PCM_16, PCM_24 and FLOAT are")
    for result in wanted:
        made = master(
            target,
            output=result.file,
            replace=True,
            reference=reference,
            bits=bits[result.subtype],
            limiter=None if result.use_limiter else "off",
        )
        if _log is not None:
            _log(f"{result.file}: {made.done}")


def __getattr__(name: str) -> Any:
    """Says what to use in place of what Matchering has and this module has not."""
    if name == "Config":
        raise AttributeError(_NO_CONFIG)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
