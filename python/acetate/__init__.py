"""Automatic mastering that says what it does: measure, match, master and check music.

Sound is a path, the bytes of a file (``bytes``, a ``memoryview`` of them), a file that is open for reading bytes (``io.BytesIO``), or an array
with its sample rate, as two arguments: ``(frames, channels)`` as soundfile gives it, ``(channels, frames)`` as torch does, or one channel. What
comes in one layout goes back in it. A sample rate is a whole number (Hz) and goes with arrays alone.

``restore``, ``album``, ``stems`` and ``simulate`` are the program's alone.

>>> import acetate
>>> master = acetate.master("mix.wav", output="master.wav", reference="record.flac")   # doctest: +SKIP
>>> print(master.done)                                                                 # doctest: +SKIP
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from . import _acetate, _sound, catalogue, matchering
from ._acetate import Cancelled, Error, Refused, UsageError, __version__
from ._sound import Progress, Sound, opened
from ._documents import Document, Master, Plan
from ._wishes import finite, records_stay, wishes_json, wishes_named

__all__ = [
    "Cancelled",
    "Document",
    "Error",
    "Master",
    "Plan",
    "Progress",
    "Refused",
    "Sound",
    "UsageError",
    "__version__",
    "analyze",
    "apply",
    "catalogue",
    "check",
    "compare",
    "loudness",
    "master",
    "matchering",
    "profile",
    "suggest",
    "targets",
]


def analyze(
    sound: Sound,
    sample_rate: int | None = None,
    *,
    mono: str = "single",
    progress: Progress | None = None,
) -> Document:
    """What a sound measures (``acetate.analysis/1``): loudness, peaks, spectrum, dynamics, stereo, findings.

    Numbers are those of ``acetate analyze``. A lone channel counts as one loudspeaker (``mono="single"``, as in the text of BS.1770), or as
    two, 3.01 LU louder, as players have it (``"dual"``; most targets ask for that). ``progress(stage, share)`` hears how far the work is;
    ``False`` stops it.
    """
    return Document(json.loads(opened(sound, sample_rate, progress, mono).song.analysis()))


def loudness(
    sound: Sound,
    sample_rate: int | None = None,
    *,
    mono: str = "single",
    progress: Progress | None = None,
) -> float:
    """Integrated loudness alone (ITU-R BS.1770-5), LUFS: that of :func:`analyze`, in a small part of the time.

    ``-inf`` for what never rises above -70 LUFS or is shorter than 400 ms. An array of ``float32`` or ``float64`` is not copied, but read
    while it is measured: it should not change meanwhile.
    """
    measured = _sound.loudness(sound, sample_rate, progress, mono)
    return float("-inf") if measured is None else measured


def profile(sound: Sound, sample_rate: int | None = None, *, progress: Progress | None = None) -> Document:
    """What a record is remembered by (``acetate.profile/1``), to be given as ``reference`` later: some 30 kB without sound."""
    return Document(json.loads(opened(sound, sample_rate, progress).song.profile()))


def suggest(
    sound: Sound,
    sample_rate: int | None = None,
    *,
    progress: Progress | None = None,
    **wishes: Any,
) -> Plan:
    """Settings and the reason for each of them; nothing is rendered. Takes the wishes of :func:`master`."""
    asked = wishes_json(wishes)
    song = opened(sound, sample_rate, progress)
    with wishes_named(wishes):
        return Plan(song, song.song.suggest(asked, None, progress))


def master(
    sound: Sound,
    sample_rate: int | None = None,
    output: str | os.PathLike[str] | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    **wishes: Any,
) -> Master:
    """Measures, fits, renders and verifies: into ``output``, with its settings beside it, or in memory (``master.audio``).

    Wishes, all optional: ``target`` (id, file or document), ``reference`` (path, profile, or a list of these or of
    ``(record, weight)``), ``reference_tone``, ``reference_dynamics``, ``reference_width``, ``style``,
    ``match`` (list of tone, dynamics, width, loudness), ``lufs``, ``ceiling_dbtp``, ``amount_pct``, ``tone_pct``,
    ``dynamics_pct``, ``width_pct``, ``reverb_pct``, ``saturation_pct``, ``max_eq_db``, ``max_damage_db``, ``force``,
    ``one_shot`` (careful, normal, bold), ``detail`` (broad, medium, fine), ``limiter`` (masked, transparent, fast, off), ``thorough``, ``seed``, ``mono``,
    ``format`` (wav, flac, aiff, mp3, ogg, opus, m4a), ``bits`` (16, 24, "32f", "keep"), ``rate`` (Hz or "keep"), ``bitrate_kbps``,
    ``dither`` (none, tpdf, shaped_light, shaped), ``codec`` (list of lossy codecs after which nothing is to pass full scale: ``["aac128"]``),
    ``for_systems`` (list of systems for which it may be changed where that pays: ``["phone", "mono"]``). ``None`` is no wish.

    A wish that there is none of, or a value that it does not take, is a ``UsageError`` that names it. A target that was missed is in
    ``master.verdict``, no exception. An output that exists is refused unless ``replace``; the mix and its records are never replaced.
    """
    asked = wishes_json(wishes)
    song = opened(sound, sample_rate, progress)
    path = None if output is None else os.fspath(output)
    records_stay(path, wishes)
    with wishes_named(wishes):
        plan = song.song.suggest(asked, path, progress)
    return Master(song, song.song.master(plan, path, replace, progress))


def apply(
    sound: Sound,
    settings: Mapping[str, Any] | str | os.PathLike[str],
    sample_rate: int | None = None,
    output: str | os.PathLike[str] | None = None,
    *,
    lufs: float | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Master:
    """Renders settings, edited or not: a document (``acetate.settings/1``), or the path of one; ``lufs`` in place of their loudness.

    ``UsageError`` where that is no settings document, ``Error`` where it cannot be read.
    """
    text = _settings_text(settings)
    finite("lufs", lufs)
    song = opened(sound, sample_rate, progress)
    path = None if output is None else os.fspath(output)
    return Master(song, song.song.apply(text, path, replace, lufs, progress))


def _settings_text(settings: Any) -> str:
    if isinstance(settings, Mapping):
        return json.dumps(dict(settings))
    if not isinstance(settings, (str, os.PathLike)):
        kind = type(settings).__name__
        raise UsageError(f"settings are a document or the path of one, {kind} is neither: apply(sound, settings, sample_rate)")
    try:
        with open(settings, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        raise UsageError(f"{os.fspath(settings)} is no settings document: it is no text") from None
    except OSError as error:
        raise Error(f"{os.fspath(settings)}: cannot be read: {error.strerror or error}") from error


def check(
    sound: Sound,
    sample_rate: int | None = None,
    *,
    target: str | Sequence[str] = "streaming",
    codecs: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Document:
    """Pass or fail against delivery rules, as ``acetate check --json`` has it for one file."""
    names = [target] if isinstance(target, str) else list(target)
    song = opened(sound, sample_rate, progress)
    return Document(json.loads(song.song.check(names, None if codecs is None else list(codecs), progress)))


def compare(
    first: Sound,
    second: Sound,
    sample_rate: int | None = None,
    *,
    null: bool = False,
) -> Document:
    """What differs between two sounds; of versions of one sound also how they lie against each other."""
    one, other = opened(first, sample_rate, None), opened(second, sample_rate, None)
    return Document(json.loads(one.song.compare(other.song, null)))


def targets() -> list[Document]:
    """The built-in delivery rules."""
    return [Document(target) for target in json.loads(_acetate.targets())]
