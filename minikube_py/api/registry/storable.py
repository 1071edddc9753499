"""Whether an object can be stored: what is stored must be encodable, or every list that holds it would fail."""

from __future__ import annotations

from typing import Any

import orjson

from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object

MAX_DEPTH = 250
"""Maps and lists within each other; upstream takes 10,000, our encoder 254."""


def storable(obj: Object) -> Object:
    """The object; integers of more than 64 bits become floats, as Go reads them where no type says otherwise.

    Raises StatusError 400 for what is nested too deeply.
    """
    try:
        orjson.dumps(obj)
        return obj
    except TypeError:
        narrow: Object = _narrowed(obj, 0)
        return narrow


def _narrowed(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise errors.bad_request(f"exceeded max depth of {MAX_DEPTH}")
    if isinstance(value, dict):
        return {key: _narrowed(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_narrowed(item, depth + 1) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return _as_float(value)
    return value


def _as_float(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None  # as infinity is written
