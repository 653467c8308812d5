"""Wishes as keywords."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np


def wishes_json(wishes: dict[str, Any]) -> str:
    """Wishes as the library reads them."""
    asked = {name: _plain(value) for name, value in wishes.items() if value is not None}
    reference = asked.get("reference")
    if reference is not None:
        records = reference if isinstance(reference, list) else [reference]
        asked["reference"] = [_weighted(record) for record in records]
    match = asked.get("match")
    if isinstance(match, str):
        asked["match"] = match.split(",")
    return json.dumps(asked)


def _weighted(record: Any) -> dict[str, Any]:
    if isinstance(record, (list, tuple)):
        name, weight = record
        return {"record": _plain(name), "weight": float(weight)}
    return {"record": _plain(record)}


def _plain(value: Any) -> Any:
    """As JSON has it: paths are text, numbers of numpy are numbers."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, np.generic):
        return value.item()
    return value
