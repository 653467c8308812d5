"""Rows of a catalogue, from whatever people have them in, as JSON lines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ._acetate import UsageError
from ._wishes import plain

TAG = "tags."
"""How keys begin that are carried along, as columns of a CSV manifest do."""

LISTS = ("references", "reference", "match")
"""Columns of a table that hold lists, with ``;`` between, as those of a CSV manifest do."""

MISSING = ("NAType", "NaTType")
"""Types of pandas that stand for no value and cannot be asked whether they are."""


class Frame(Protocol):
    """What is asked of a ``pandas.DataFrame``."""

    @property
    def columns(self) -> Any:
        """Names of its columns."""

    @property
    def to_dict(self) -> Callable[..., Any]:
        """``to_dict("records")`` gives a mapping a row."""


def rows_text(rows: Any, place: Callable[[str], str]) -> str:
    """Paths, mappings or a ``pandas.DataFrame`` as JSON lines; ``place`` says where a song is, and its name stays as it was written.

    Raises ``UsageError`` where these are no rows. What is wrong with a row is for whoever reads it.
    """
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):
        rows = [_cells(row) for row in rows.to_dict("records")]
    if isinstance(rows, (bytes, Mapping)) or not hasattr(rows, "__iter__"):
        kind = type(rows).__name__
        raise UsageError(f"a manifest is a path, an address, a DataFrame or rows; {kind} is none")
    return "\n".join(json.dumps(_row(row, place), default=str) for row in rows)


def _cells(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of a table with what its cells stand for."""
    return {str(name): _cell(str(name), value) for name, value in row.items()}


def _cell(name: str, value: Any) -> Any:
    """Texts are those of a CSV manifest; whole numbers are whole: pandas makes floats of a column in which one is missing."""
    if name in LISTS and isinstance(value, str) and value.strip():
        return [part.strip() for part in value.split(";")]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _row(row: Any, place: Callable[[str], str]) -> dict[str, Any]:
    if isinstance(row, (str, os.PathLike)):
        return {"song": place(os.fspath(row)), "name": os.fspath(row)}
    if not isinstance(row, Mapping):
        raise UsageError(f"rows are paths, or mappings with song and wishes; {type(row).__name__} is neither")
    fields = _filled(row)
    given = fields.pop("tags", {})
    tags = {name.removeprefix(TAG): fields.pop(name) for name in list(fields) if name.startswith(TAG)}
    tags = {**_filled(given), **tags} if isinstance(given, Mapping) else {"tags": given, **tags}
    if tags:
        fields["tags"] = tags
    if isinstance(fields.get("song"), str):
        fields.setdefault("name", fields["song"])
        fields["song"] = place(fields["song"])
    return fields


def _filled(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """What is there of a mapping, as JSON has it."""
    there = {str(name): _plain(value) for name, value in fields.items()}
    return {name: value for name, value in there.items() if value is not None}


def _plain(value: Any) -> Any:
    """A value as JSON has it; ``None`` where it is empty: None, NaN, NaT, NA, text of blanks."""
    value = plain(value)
    is_blank = isinstance(value, str) and not value.strip()
    is_nan = isinstance(value, float) and value != value
    return None if is_blank or is_nan or type(value).__name__ in MISSING else value
