"""Many songs, each mastered exactly once: on this machine, or on every machine that Ray has.

>>> from acetate import catalogue
>>> run = catalogue.master("songs.csv", "masters", target="spotify")        # doctest: +SKIP
>>> run.totals["mastered"], [line["error"] for line in run.failed]           # doctest: +SKIP
>>> run.to_parquet("songs.parquet")                                          # doctest: +SKIP

A master is named for its song, its wishes and the version of the sound, and created where none of that name is: a run may be killed,
repeated, or run beside itself. What is known of each song is a line (``acetate.catalogue/1``) in the ledger of ``out``.
"""

from __future__ import annotations

import importlib.util
import json
import operator
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from . import _acetate
from ._documents import Document
from ._rows import Frame, rows_text
from ._wishes import wishes_json, wishes_named

__all__ = ["Manifest", "Results", "master", "plan", "results"]

Manifest: TypeAlias = "str | os.PathLike[str] | Iterable[str | os.PathLike[str] | Mapping[str, Any]] | Frame"
"""A manifest (JSON lines or CSV), a folder, one sound file, an address (a song, or what is below it where it ends in ``/``), rows, or a
``pandas.DataFrame`` with the columns of a CSV manifest.

Rows are paths, or mappings with ``song``, wishes, and what is carried along: ``tags``, or keys ``tags.NAME``. What is ``None``, NaN, NaT or empty
text in a row is left out.
"""

BEGINNING_BYTES = 4096
"""What is read of a file to tell whether it is a manifest."""

SONGS_A_BLOCK = 8
"""Songs that Ray hands out at once: what is handed over is text, and a block that is lost costs the hashes of what it had done."""


@dataclass(frozen=True)
class Results(Sequence[Document]):
    """Lines of a ledger, one a song."""

    lines: list[Document]
    done_before: int = 0
    """Songs that a plan found done, of which there is no line here."""

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: Any) -> Any:
        return self.lines[index]

    def __iter__(self) -> Iterator[Document]:
        return iter(self.lines)

    @cached_property
    def totals(self) -> Document:
        """Counts of ``songs``, and of these ``mastered``, ``there`` already, ``failed``; ``off_target`` of those with a master; seconds
        of music (``music_s``) and of work (``work_s``). Songs that are not here (``done_before``) are not counted.
        """
        totals = Document(json.loads(_acetate.totals([json.dumps(line) for line in self.lines])))
        there = sum(line["state"] == "there" for line in self.lines)
        totals["mastered"] -= there
        return Document({**totals, "there": there})

    @property
    def failed(self) -> list[Document]:
        """The lines of songs without a master, each with its ``error``."""
        return [line for line in self.lines if line["state"] not in ("done", "there")]

    def rows(self) -> list[dict[str, Any]]:
        """Flat rows for tables: numbers as ``before_integrated_lufs``, ``after_true_peak_dbtp``; tags as ``tag_NAME``; the verdict as JSON."""
        return [_flat(line) for line in self.lines]

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Writes the rows as Parquet, for pandas, DuckDB and Spark; needs ``pyarrow``."""
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise _acetate.UsageError("Parquet needs pyarrow: pip install pyarrow") from None
        rows = self.rows()
        names = list(dict.fromkeys(name for row in [_flat({}), *rows] for name in row))
        columns = {name: [row.get(name) for row in rows] for name in names}
        arrays = {name: pyarrow.array(values, type=_type(pyarrow, name)) for name, values in columns.items()}
        pyarrow.parquet.write_table(pyarrow.table(arrays), os.fspath(path))


@dataclass(frozen=True)
class _Options:
    """What opens the same catalogue in another process."""

    place: str
    wishes: Mapping[str, Any]
    shard: str | None = None
    attempts: int = 3
    longest_s: float | None = None
    memory_mb: int | None = None

    def opened(self) -> _acetate.Catalogue:
        """A catalogue with a ledger of its own. It is for one run: its folder may be gone at the next."""
        with wishes_named(self.wishes):
            return _acetate.Catalogue(*self._given())

    def key(self) -> str:
        """The same in text, for workers."""
        return json.dumps(self._given())

    def _given(self) -> tuple[Any, ...]:
        return (self.place, wishes_json(self.wishes), self.shard, self.attempts, self.longest_s, self.memory_mb)


@lru_cache(maxsize=4)
def _worker(key: str, run: str) -> _acetate.Catalogue:
    """One a process of Ray and run: each has a ledger of its own, and looks up records once."""
    return _acetate.Catalogue(*json.loads(key))


def plan(
    manifest: Manifest,
    out: str | os.PathLike[str],
    *,
    shard: str | None = None,
    attempts: int = 3,
    **wishes: Any,
) -> list[Document]:
    """The rows that are still to be done, without reading a song."""
    due, _, _, _ = _Options(_place(out), wishes, shard, attempts).opened().plan(*_source(manifest))
    return [Document(json.loads(row)) for row in due]


def results(out: str | os.PathLike[str], *, shard: str | None = None) -> Results:
    """What the ledger of a catalogue knows: the last line of every song."""
    lines = _acetate.Catalogue(_place(out), "{}", shard).lines()
    return Results([Document(json.loads(line)) for line in lines])


def master(
    manifest: Manifest,
    out: str | os.PathLike[str],
    *,
    engine: str = "auto",
    workers: int | None = None,
    shard: str | None = None,
    attempts: int = 3,
    longest_s: float | None = None,
    memory_mb: int | None = None,
    report: str | os.PathLike[str] | None = None,
    on_line: Callable[[Document], Any] | None = None,
    **wishes: Any,
) -> Results:
    """Masters what is due of a manifest into ``out``: a folder, or an address (``s3://bucket/masters``).

    ``engine`` is ``"ray"`` (Ray Data, on the cluster that is connected, or on this machine), ``"loop"`` (threads of this process) or
    ``"auto"``: Ray where it is installed. ``workers`` (1 and more) songs are worked on at once; with the loop as many as there are processors, with
    Ray as many as the cluster has room for.

    A song that fails has its ``error`` in its line and stops nothing; after ``attempts`` failures it is left out until it changes.
    ``longest_s`` bounds the time of one song, ``memory_mb`` the sound of one that is held. ``on_line(line)`` hears of every song when
    it is done. ``report`` is a page about everything that the ledger knows. Wishes are those of :func:`acetate.master`; rows of the
    manifest may have their own. With Ray, paths must mean the same on every machine.
    """
    if engine not in ("auto", "ray", "loop"):
        raise _acetate.UsageError(f"engine is auto, ray or loop; {engine} is none")
    at_once = _at_once(workers)
    options = _Options(_place(out), wishes, shard, attempts, longest_s, memory_mb)
    catalogue = options.opened()
    due, done_before, left_out, wrong = catalogue.plan(*_source(manifest))
    lines: list[Document] = []

    def take(line: str) -> None:
        lines.append(Document(json.loads(line)))
        if on_line is not None:
            on_line(lines[-1])

    for line in (*wrong, *left_out):
        take(line)
    with_ray = engine == "ray" or (engine == "auto" and importlib.util.find_spec("ray") is not None)
    if due and with_ray:
        _with_ray(due, options.key(), at_once, take)
    elif due:
        _with_threads(due, catalogue, at_once or _processors(), take)
    if report is not None:
        Path(report).write_text(catalogue.page(_place(out)), encoding="utf-8")
    return Results(lines, done_before)


def _at_once(workers: Any) -> int | None:
    """Songs at once, where that is said; raises ``UsageError`` where it is no whole number from 1 on."""
    if workers is None:
        return None
    try:
        count = operator.index(workers)
    except TypeError:
        count = 0
    if count < 1:
        raise _acetate.UsageError(f"workers is {workers!r}, and a whole number from 1 on is wanted")
    return count


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _with_threads(due: list[str], catalogue: _acetate.Catalogue, workers: int, take: Callable[[str], None]) -> None:
    stopped = threading.Event()

    def heeds(_stage: str, _share: float) -> bool:
        return not stopped.is_set()

    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            for done in as_completed([pool.submit(catalogue.master, row, heeds) for row in due]):
                take(done.result())
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _with_ray(due: list[str], key: str, workers: int | None, take: Callable[[str], None]) -> None:
    try:
        import ray
        import ray.data
    except ImportError:
        raise _acetate.UsageError('Ray is not installed: pip install "ray[data]", or engine="loop"') from None
    if not ray.is_initialized():
        # Workers that give way to everything else are slow beside a compiler or a browser.
        os.environ.setdefault("RAY_worker_niceness", "0")
        ray.init(log_to_driver=False)
    slots = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    blocks = max(min(len(due), 4 * slots), -(-len(due) // SONGS_A_BLOCK))
    run = uuid.uuid4().hex

    def one(row: dict[str, Any]) -> dict[str, Any]:
        return {"line": _worker(key, run).master(row["row"])}

    songs = ray.data.from_items([{"row": row} for row in due], override_num_blocks=blocks)
    # Ray does again what a lost worker had, as often as it takes.
    done = songs.map(one, num_cpus=1, concurrency=workers)
    for row in done.iter_rows():
        take(row["line"])


def _place(out: str | os.PathLike[str]) -> str:
    """Absolute, because a worker's folder is another; addresses are that already."""
    place = os.fspath(out)
    return place if "://" in place else os.path.abspath(place)


def _source(manifest: Manifest) -> tuple[str, str | None]:
    """What the compiled part reads: a name, and the text of rows where they are given or there is one song."""
    if not isinstance(manifest, (str, os.PathLike)):
        return "rows", rows_text(manifest, _place)
    name = os.fspath(manifest)
    if _is_song(name):
        return "rows", rows_text([name], _place)
    return _place(name) + ("/" if name.endswith("/") and "://" not in name else ""), None


def _is_song(name: str) -> bool:
    """Is it one song, as it is to the program, and no list of songs? Of text no manifest has a NUL in it, and hardly a sound has none."""
    if "://" in name:
        return not name.endswith("/")
    # What a pipe has can be read but once.
    if not os.path.isfile(name):
        return False
    with open(name, "rb") as file:
        beginning = file.read(BEGINNING_BYTES)
    return b"\0" in beginning and not beginning.startswith((b"\xff\xfe", b"\xfe\xff"))


_NUMBERS = ("integrated_lufs", "true_peak_dbtp", "loudness_range_lu", "plr_db")
_TEXTS = ("song", "state", "error", "output", "target", "done", "sound", "order", "input_sha256", "output_sha256", "pcm_md5")


def _flat(line: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {name: line.get(name) for name in _TEXTS}
    row["met"] = line.get("met")
    row["duration_s"] = line.get("duration_s")
    row["seconds"] = line.get("seconds")
    for when in ("before", "after"):
        levels = line.get(when) or {}
        row.update({f"{when}_{name}": levels.get(name) for name in _NUMBERS})
    row["findings"] = list(line.get("findings", []))
    verdict = line.get("verdict")
    row["verdict"] = None if verdict is None else json.dumps(verdict)
    for name, value in line.get("tags", {}).items():
        row[f"tag_{name}"] = value if isinstance(value, str) else json.dumps(value)
    return row


def _type(pyarrow: Any, name: str) -> Any:
    """The type of a column, also where all of it is empty."""
    if name == "met":
        return pyarrow.bool_()
    if name == "findings":
        return pyarrow.list_(pyarrow.string())
    if name in ("duration_s", "seconds") or name.startswith(("before_", "after_")):
        return pyarrow.float64()
    return pyarrow.string()
