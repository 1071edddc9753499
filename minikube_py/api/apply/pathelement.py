"""Path elements: one step from a value to one of its parts, as managedFields spell it.

"f:replicas"               a field of a struct, or a key of a map
'k:{"name":"web"}'         the item of a list of type map that has these keys
'v:"example.com/guard"'    the item of a list of type set that is this value
"i:0"                      the item of an atomic list at this index

The strings are canonical (keys sorted, no spaces, JSON as Go writes it), so that equal elements are equal strings.
Upstream: sigs.k8s.io/structured-merge-diff fieldpath/element.go, serialize-pe.go.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from minikube_py.machinery.gotext import float_text, json_text, quote

MEMBER = "."
"""In a node of a field set: the node itself belongs to the set, not only what is below it."""


class InvalidPathElement(ValueError):
    """A key of a fieldsV1 that is no path element."""


def key_element(keys: list[tuple[str, Any]]) -> str:
    """The element of a list item; `keys` sorted by name."""
    return "k:{" + ",".join(f"{json_text(name)}:{json_text(value)}" for name, value in keys) + "}"


def value_element(value: Any) -> str:
    return "v:" + json_text(value)


def canonical(element: str) -> str | None:
    """The element as this module spells it; None for a kind of element nobody knows, which is dropped.

    Raises InvalidPathElement.
    """
    if len(element) < 2:
        raise InvalidPathElement("key must be 2 characters long:")
    if element[1] != ":":
        raise InvalidPathElement(f"missing colon: {element}")
    kind, rest = element[0], element[2:]
    if kind == "f":
        return element
    try:
        if kind == "v":
            return value_element(json.loads(rest))
        if kind == "k":
            return key_element(sorted(dict(json.loads(rest)).items()))
        if kind == "i":
            return f"i:{int(rest)}"
    except (ValueError, TypeError) as error:
        raise InvalidPathElement(str(error)) from None
    return None


def text(element: str) -> str:
    """The element in messages: ".replicas", '[name="web"]', '[="x"]', "[0]"."""
    kind, rest = element[0], element[2:]
    if kind == "f":
        return "." + rest
    if kind == "k":
        return "[" + ",".join(f"{name}={value_text(value)}" for name, value in json.loads(rest).items()) + "]"
    if kind == "v":
        return f"[={value_text(json.loads(rest))}]"
    return f"[{rest}]"


def value_text(value: Any) -> str:
    """A value in messages (value.ToString of structured-merge-diff)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, (int, float)):
        return float_text(float(value))
    if isinstance(value, list):
        return "[" + ",".join(value_text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "".join(f"{key}={value_text(value[key])}" for key in sorted(value))
    return str(value)


@lru_cache(maxsize=16384)
def order(element: str) -> tuple[Any, ...]:
    """A sort key: fields, then keyed items, then values, then indexes."""
    kind, rest = element[0], element[2:]
    if kind == "f":
        return 0, rest
    if kind == "k":
        return 1, [(name, _value_order(value)) for name, value in json.loads(rest).items()]
    if kind == "v":
        return 2, _value_order(json.loads(rest))
    return (3, int(rest)) if kind == "i" else (-1, rest)


def _value_order(value: Any) -> tuple[int, Any]:
    """Numbers, strings, booleans, then the rest, each by its own order."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, (int, float)):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return 3, json_text(value)
