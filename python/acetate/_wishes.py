"""Wishes as keywords, and what is wrong with them in the words of who wrote them."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from reprlib import repr as short
from typing import Any

import numpy as np

from ._acetate import Refused, UsageError

REFERENCES = ("reference", "reference_tone", "reference_dynamics", "reference_width")
"""Wishes that name records."""

WANTED = {
    "f64": "a number",
    "u32": "a whole number from 0 on",
    "u64": "a whole number from 0 on",
    "a boolean": "True or False",
    "a sequence": "a list",
    "string or map": "a name",
}
"""What the library calls types, in words of Python."""


def wishes_json(wishes: Mapping[str, Any]) -> str:
    """Wishes as the library reads them.

    Raises ``UsageError`` where a reference is no record, a number is not finite, or a value is nothing that JSON has.
    """
    asked = {name: plain(value) for name, value in wishes.items() if value is not None}
    reference = asked.get("reference")
    if reference is not None:
        records = reference if isinstance(reference, list) else [reference]
        asked["reference"] = [_weighted(record) for record in records]
    for name in REFERENCES[1:]:
        if name in asked:
            asked[name] = _record(asked[name])
    match = asked.get("match")
    if isinstance(match, str):
        asked["match"] = match.split(",")
    for name, value in asked.items():
        _check(name, value)
    return json.dumps(asked)


@contextmanager
def wishes_named(wishes: Mapping[str, Any]) -> Iterator[None]:
    """What the library says of wishes, said with what was given, and of an unknown wish with the nearest that there is."""
    try:
        yield
    except UsageError as error:
        told = _told(str(error), wishes)
        if told is None:
            raise
        raise UsageError(told) from None


def records_stay(output: str | None, wishes: Mapping[str, Any]) -> None:
    """Raises ``Refused`` where the output is the file of one of the records."""
    if output is None or not os.path.exists(output):
        return
    for name in REFERENCES:
        named = wishes.get(name)
        for record in named if isinstance(named, list) else [named]:
            path = record[0] if isinstance(record, tuple) else record
            if isinstance(path, (str, os.PathLike)) and os.path.exists(path) and os.path.samefile(path, output):
                raise Refused(f"{output} is the record {os.fspath(path)}, which is never replaced")


def finite(name: str, value: float | None) -> float | None:
    """The number, where it is one; raises ``UsageError`` with its name where it is not."""
    _check(name, plain(value))
    return value


def _told(said: str, wishes: Mapping[str, Any]) -> str | None:
    """The sentence in place of the library's; ``None`` where that is as good."""
    unknown = re.fullmatch(r"(\w+): unknown field `\1`, expected one of (.*)", said)
    if unknown:
        return _unknown(unknown[1], re.findall(r"`(\w+)`", unknown[2]))
    wrong = re.fullmatch(r"(\w+)[^:]*: (?:invalid (?:type|value): .*, expected (.*)|data did not match .*|neither .*)", said)
    if not wrong or wrong[1] not in wishes:
        return None
    value, wanted = short(plain(wishes[wrong[1]])), wrong[2]
    if wanted is None:
        return f"{wrong[1]} is {value}, which it does not take; help(acetate.master) says what it takes"
    return f"{wrong[1]} is {value}, and {WANTED.get(wanted, wanted)} is wanted"


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    meant = f" (is {near[0]} meant?)" if near else ""
    return f"there is no wish {name}{meant}; there are {', '.join(known)}"


def _check(name: str, value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise UsageError(f"{name} is {short(value)}, and numbers have to be finite") from None
    except TypeError:
        raise UsageError(f"{name} is {short(value)}: numbers, text, True, False, lists and documents are wishes") from None


def _weighted(record: Any) -> dict[str, Any]:
    if not isinstance(record, (list, tuple)):
        return {"record": _record(record)}
    if len(record) != 2:
        raise UsageError(f"a record with its weight is (record, weight); this has {len(record)} parts")
    named, weight = _record(record[0]), plain(record[1])
    if not isinstance(weight, (int, float)):
        raise UsageError(f"the weight of a record is a number; {short(weight)} is none")
    return {"record": named, "weight": float(weight)}


def _record(record: Any) -> Any:
    if isinstance(record, (str, os.PathLike, Mapping)):
        return plain(record)
    raise UsageError(
        "references are paths, profiles (acetate.profile makes one of any sound), or a list of these or of (record, weight); "
        f"{type(record).__name__} is none"
    )


def plain(value: Any) -> Any:
    """As JSON has it: paths are text, numbers of numpy are numbers."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    return value
